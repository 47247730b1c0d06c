// The ways to an HTTP/1.1 server, which are those of every connection: TLS, Unix sockets, proxies, the connect timeout; and
// what is said where something else answers.

import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { Channel } from '../../../lib/channel/channel.ts';
import type { ChannelOptions } from '../../../lib/channel/channel-options.ts';
import { TlsCredentials } from '../../../lib/channel/socket/tls-credentials.ts';
import { parseTarget } from '../../../lib/channel/target/target.ts';
import { checkProxy, proxyFor } from '../../../lib/client/proxy-options.ts';
import { checkTls, type TlsOptions } from '../../../lib/client/tls-options.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import {
  echoBody,
  type HeardRequest,
  http1Channel,
  httpServer,
  listening,
  opened,
  post,
} from '../../support/peers/http1.ts';
import { runModule } from '../../support/program.ts';
import { httpProxy, socksProxy } from '../socket/proxy-servers.ts';
import { pair, pem } from '../socket/tls/secure-servers.ts';

const COMPLETE = { kind: 'complete' };
const ROOT = pem('root');
/** A record with a fatal alert, unexpected_message. */
const TLS_ALERT = Buffer.from('1503030002020a', 'hex');

function credentials(options: TlsOptions): TlsCredentials {
  return new TlsCredentials(checkTls(options, undefined, {}).settings);
}

describe('HTTP/1.1: ways to a server', () => {
  const close = closing();

  async function call(channel: Channel): Promise<HeardRequest> {
    const request = opened(close(channel as Channel & { close(): void }), post('hello'));
    await request.over();
    return request;
  }

  const secureServer = async (options: https.ServerOptions) =>
    close(await listening(https.createServer({ ...pair('server'), ...options }, echoBody)));

  for (const [name, alpn, chosen] of [
    ['that chooses http/1.1', ['h2', 'http/1.1'], 'http/1.1'],
    ['that knows nothing of ALPN', [], undefined],
  ] as const) {
    it(`are TLS, to one ${name}`, async () => {
      const server = await secureServer({ ALPNProtocols: [...alpn] });
      const channel = http1Channel(`https://localhost:${server.port}`, { tls: credentials({ ca: ROOT }) });
      const request = await call(channel);
      expect(request.end).to.deep.equal(COMPLETE);
      expect(request.peer?.certificate?.subject['CN']).to.be.a('string');
      const [info] = channel.connectionInfo();
      expect(info.tls?.protocol).to.equal('TLSv1.3');
      // Bun's server chooses nothing.
      if (process.versions['bun'] === undefined) expect(info.tls?.alpnProtocol).to.equal(chosen);
      expect(info.sentOctets).to.be.within(100, 400);
      expect(info.receivedOctets).to.be.within(100, 400);
    });
  }

  it('are used again over TLS, where calls lost none of what was sent', async () => {
    const server = await secureServer({});
    const channel = http1Channel(`https://localhost:${server.port}`, { tls: credentials({ ca: ROOT }) });
    close(channel);
    for (let i = 0; i < 5; i++) expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
    expect(server.connections).to.have.lengthOf(1);
    server.connections[0].destroy();
    const request = opened(channel, post('x'));
    expect(await request.over()).to.include({ kind: 'lost', isUnsent: true, processed: false });
    expect(await opened(channel, post('x')).over()).to.deep.equal(COMPLETE);
  });

  it('are TLS with a certificate of the client', async () => {
    const server = await secureServer({ requestCert: true, rejectUnauthorized: true, ca: ROOT });
    const { end } = await call(
      http1Channel(`https://localhost:${server.port}`, {
        tls: credentials({ ca: ROOT, cert: pair('client').cert, key: pair('client').key }),
      }),
    );
    expect(end).to.deep.equal(COMPLETE);
  });

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`say that a server over ${maxVersion} demands a certificate of the client`, async () => {
      const server = await secureServer({
        requestCert: true,
        rejectUnauthorized: true,
        ca: ROOT,
        maxVersion,
      });
      const channel = http1Channel(`https://localhost:${server.port}`, { tls: credentials({ ca: ROOT }) });
      const { end } = await call(channel);
      expect(end).to.include({ kind: 'unopened' });
      expect(end)
        .to.have.property('reason')
        .that.matches(/^cannot connect to localhost:\d+: .*tls\.cert/);
      // As with every dial that fails, the next one waits.
      await until(() => channel.state === 'transient_failure');
    });
  }

  it('are Unix sockets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http1-'));
    close({ close: () => rmSync(folder, { recursive: true }) });
    const path = join(folder, 'socket');
    const server = close(await listening(http.createServer(echoBody), path));
    const request = await call(http1Channel(`unix:${path}`));
    expect(request.end).to.deep.equal(COMPLETE);
    expect(request.peer?.address).to.equal(`unix:${path}`);
    expect(server.connections).to.have.lengthOf(1);
  });

  for (const kind of ['http', 'https', 'socks5'] as const) {
    for (const isSecure of [false, true]) {
      it(`lead through a proxy of ${kind}${isSecure ? ', with TLS behind it' : ''}`, async () => {
        const server = isSecure ? await secureServer({}) : close(await httpServer(echoBody));
        const proxy = close(
          kind === 'socks5' ? await socksProxy() : await httpProxy({ isSecure: kind === 'https' }),
        );
        const spelled = `http${isSecure ? 's' : ''}://localhost:${server.port}`;
        const target = parseTarget(spelled, false);
        const channel = http1Channel(spelled, {
          ...(isSecure ? { tls: credentials({ ca: ROOT }) } : {}),
          proxy: proxyFor(
            target,
            checkProxy(
              {
                url: `${kind}://localhost:${proxy.port}`,
                ...(kind === 'https' ? { tls: { ca: ROOT } } : {}),
              },
              {},
            ),
          ),
        });
        const request = await call(channel);
        expect(request.end).to.deep.equal(COMPLETE);
        expect(request.body.toString()).to.equal('hello');
        expect(proxy.asked).to.have.lengthOf(1);
        expect(await opened(channel, post('again')).over()).to.deep.equal(COMPLETE);
        expect(proxy.asked).to.have.lengthOf(1);
      });
    }
  }

  it('end at the connect timeout', async () => {
    const server = close(await listening(net.createServer(() => {})));
    const { end } = await call(
      http1Channel(`https://localhost:${server.port}`, {
        tls: credentials({ ca: ROOT }),
        connectTimeoutMs: 50,
      }),
    );
    expect(end).to.include({ kind: 'unopened' });
    expect(end)
      .to.have.property('reason')
      .that.includes(
        'did not answer within connectTimeoutMs 50: it accepted the connection but did not finish',
      );
  });

  it('say that nothing listens', async () => {
    const server = await listening(net.createServer());
    server.close();
    const { end } = await call(http1Channel(server.port));
    expect(end)
      .to.include({ kind: 'unopened' })
      .and.have.property('reason')
      .that.includes('nothing listens on');
  });
});

describe('HTTP/1.1: another server', () => {
  const close = closing();

  const others: readonly (readonly [
    name: string,
    server: () => net.Server,
    options: Partial<ChannelOptions>,
    reason: RegExp,
  ])[] = [
    [
      'HTTP/2',
      () => http2.createServer(),
      {},
      /^cannot talk to 127\.0\.0\.1:\d+: an HTTP\/2 server answered, which does not speak HTTP\/1\.1; leave out httpVersion: '1\.1'$/,
    ],
    [
      'HTTP/2 over TLS',
      () => http2.createSecureServer(pair('server')),
      { tls: credentials({ ca: ROOT, serverName: 'localhost' }) },
      /^cannot connect to 127\.0\.0\.1:\d+: the server took none of the ALPN protocols offered, http\/1\.1 .*, or leave out httpVersion: '1\.1'|^cannot connect/,
    ],
    [
      'TLS',
      () => net.createServer((socket) => socket.on('data', () => socket.write(TLS_ALERT))),
      {},
      /a TLS server answered, but this client connected in plaintext; use an https:\/\/ target/,
    ],
    [
      'SSH',
      () => net.createServer((socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n')),
      {},
      /^cannot talk to .*: an SSH server answered \("SSH-2\.0-OpenSSH_9\.9"\); check the port$/,
    ],
    [
      'Redis',
      () => net.createServer((socket) => socket.on('data', () => socket.write('-ERR unknown command\r\n'))),
      {},
      /^cannot talk to .*: something that is not HTTP\/1\.1 answered \("-ERR unknown command.*"\); check the port$/,
    ],
  ];
  for (const [name, make, options, reason] of others) {
    it(`is named: ${name}`, async () => {
      const server = make();
      server.on('tlsClientError', () => {});
      const listener = close(await listening(server));
      const channel = close(http1Channel(listener.port, options));
      const requests = Array.from({ length: 20 }, () => opened(channel, post('x')));
      for (const request of requests) {
        const end = await request.over();
        expect(end).to.include({ kind: 'unopened' });
        expect(end).to.have.property('reason').that.matches(reason);
      }
      expect(listener.connections.length).to.be.at.most(20);
      // Unless this took so long that the next dial is due.
      expect(channel.state).to.be.oneOf(['transient_failure', 'idle']);
    });
  }
});

describe('HTTP/1.1: a process', () => {
  const close = closing();
  const lib = (path: string): string => pathToFileURL(`.build/${path}`).href;

  const run = (port: number, program: string) =>
    runModule(`
      const { http1Channel, opened, post } = await import(${JSON.stringify(lib('spec/support/peers/http1.js'))});
      const channel = http1Channel(${port});
      ${program}
    `);

  it('ends though its connections are open, and not while a call runs', async () => {
    const server = close(
      await httpServer((request, response) => {
        setTimeout(() => echoBody(request, response), 200);
      }),
    );
    const { stdout, stderr } = await run(
      server.port,
      "opened(channel, post('x')).over().then(({ kind }) => console.log(kind));",
    );
    expect([stdout, stderr]).to.deep.equal(['complete\n', '']);
  });

  it('that speaks HTTP/2 alone never loads node:http', async () => {
    const { stdout, stderr } = await runModule(`
      const { Client } = await import('stubless');
      const client = new Client('127.0.0.1:1');
      await client.raw('/s/m', { cardinality: 'unary_unary' })().catch(({ codeName }) => console.log(codeName));
      console.log(process.moduleLoadList.filter((name) => /\\b_?http\\b|_http_/.test(name)).join());
    `);
    expect([stdout, stderr]).to.deep.equal(['UNAVAILABLE\n\n', '']);
  });
});
