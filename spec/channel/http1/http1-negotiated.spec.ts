// Connections over TLS whose server chooses between HTTP/2 and HTTP/1.1 (`httpVersion: 'auto'`).

import type http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';
import tls from 'node:tls';
import { expect } from 'chai';
import type { Channel } from '../../../lib/channel/channel.ts';
import type { ChannelOptions } from '../../../lib/channel/channel-options.ts';
import { TlsCredentials } from '../../../lib/channel/socket/tls-credentials.ts';
import { checkTls, type TlsOptions } from '../../../lib/client/tls-options.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import { echoBody, http1Channel, listening, opened, post } from '../../support/peers/http1.ts';
import { pair, pem } from '../socket/tls/secure-servers.ts';

const COMPLETE = { kind: 'complete' };

describe('HTTP: a connection over TLS, of the version that the server chooses', () => {
  const close = closing();

  /** A server, and how many wait until all are there. */
  function answer(wanted: number): http.RequestListener {
    const waiting: (() => void)[] = [];
    return (request, response) => {
      waiting.push(() => echoBody(request, response));
      if (waiting.length >= wanted) for (const go of waiting.splice(0)) go();
    };
  }

  function to(
    port: number,
    options: Partial<ChannelOptions> = {},
    tlsOptions: TlsOptions = { ca: pem('root') },
  ) {
    const credentials = new TlsCredentials(checkTls(tlsOptions, undefined, {}).settings);
    return close(
      http1Channel(`https://localhost:${port}`, {
        httpVersion: 'auto',
        tls: credentials,
        maxConnections: undefined,
        ...options,
      }),
    );
  }

  async function callAll(channel: Channel, count: number): Promise<void> {
    const requests = Array.from({ length: count }, () => opened(channel, post('hello')));
    for (const request of requests) {
      expect(await request.over()).to.deep.equal(COMPLETE);
      expect([request.status, request.body.toString()]).to.deep.equal(['200', 'hello']);
      expect(request.peer?.certificate).to.not.equal(undefined);
      expect(request.peer?.connect?.tlsMs).to.be.above(0);
    }
  }

  const servers: readonly (readonly [
    name: string,
    make: (listener: http.RequestListener) => net.Server,
    version: '1.1' | '2',
  ])[] = [
    [
      'both versions',
      (listener) => http2.createSecureServer({ ...pair('server'), allowHTTP1: true }, listener as () => void),
      '2',
    ],
    ['HTTP/2', (listener) => http2.createSecureServer(pair('server'), listener as () => void), '2'],
    [
      'HTTP/1.1',
      (listener) => https.createServer({ ...pair('server'), ALPNProtocols: ['http/1.1'] }, listener),
      '1.1',
    ],
    [
      'HTTP/1.1 and nothing of ALPN',
      (listener) => https.createServer({ ...pair('server'), ALPNProtocols: [] }, listener),
      '1.1',
    ],
  ];
  for (const [name, make, version] of servers) {
    it(`is one of HTTP/${version} where the server speaks ${name}`, async () => {
      const server = close(await listening(make(answer(10))));
      const channel = to(server.port);
      await callAll(channel, 10);
      expect(channel.connectionInfo().map(({ httpVersion }) => httpVersion)).to.deep.equal(
        Array.from({ length: version === '2' ? 1 : 10 }, () => version),
      );
      await callAll(channel, 10);
      expect(server.connections).to.have.lengthOf(version === '2' ? 1 : 10);
    });
  }

  it('is one of HTTP/2 over plaintext', async () => {
    const server = close(await listening(http2.createServer(echoBody as unknown as () => void)));
    const channel = close(http1Channel(server.port, { httpVersion: 'auto' }));
    const request = opened(channel, post('hello'));
    expect(await request.over()).to.deep.equal(COMPLETE);
    expect(channel.connectionInfo()[0].httpVersion).to.equal('2');
  });

  const failures: readonly (readonly [
    name: string,
    make: () => net.Server,
    reason: RegExp,
    options?: Partial<ChannelOptions>,
    tlsOptions?: TlsOptions,
  ])[] = [
    [
      'that is not trusted',
      () => https.createServer(pair('server')),
      /^cannot connect to localhost:\d+: .*tls\.ca/,
      {},
      {},
    ],
    [
      'that is silent',
      () => net.createServer(),
      /did not answer within connectTimeoutMs 50: it accepted the connection but did not finish the TLS handshake/,
      { connectTimeoutMs: 50 },
    ],
    [
      'that chooses HTTP/2 and is silent then',
      () => tls.createServer({ ...pair('server'), ALPNProtocols: ['h2'] }, (socket) => socket.resume()),
      /did not answer within connectTimeoutMs 300: it finished the TLS handshake but sent no HTTP\/2 SETTINGS/,
      { connectTimeoutMs: 300 },
    ],
    [
      'that speaks another protocol',
      () => tls.createServer({ ...pair('server'), ALPNProtocols: ['imap'] }),
      /^cannot connect to localhost:\d+: .*(?:h2,http\/1\.1 .*check the port$|TLS handshake)/,
    ],
    ['that is not there', () => net.createServer(), /nothing listens on/],
  ];
  for (const [name, make, reason, options, tlsOptions] of failures) {
    it(`is none to one ${name}, and says so`, async () => {
      const made = make();
      made.on('tlsClientError', () => {});
      const server = close(await listening(made));
      if (name === 'that is not there') server.close();
      const channel = to(server.port, options, tlsOptions);
      const states: string[] = [];
      channel.onStateChange(({ state }) => states.push(state));
      const { [0]: request } = Array.from({ length: 3 }, () => opened(channel, post('x')));
      const end = await request.over();
      expect(end).to.include({ kind: 'unopened' });
      expect(end).to.have.property('reason').that.matches(reason);
      // On a busy machine its back-off may be over by now.
      expect(states.slice(0, 2)).to.deep.equal(['connecting', 'transient_failure']);
    });
  }

  it('is closed with its channel while it is being made', async () => {
    const server = close(await listening(net.createServer((socket) => socket.resume())));
    const channel = to(server.port);
    const request = opened(channel, post('x'));
    await until(() => server.connections.length === 1);
    expect(channel.connectionInfo()[0]).to.include({ httpVersion: undefined, state: 'connecting' });
    channel.close();
    expect(await request.over()).to.include({ kind: 'unopened', code: 1 });
    await until(() => server.connections[0].destroyed || server.connections[0].readableEnded);
  });

  it('says nothing of the server where calls over HTTP/1.1 are given up', async () => {
    let begun = 0;
    const server = close(await listening(https.createServer(pair('server'), () => begun++)));
    const channel = to(server.port);
    for (let i = 1; i <= 5; i++) {
      const request = opened(channel, post('x'));
      await until(() => begun === i);
      request.stream?.reset(8);
      await until(() => channel.connections === 0);
      expect(channel.state).to.equal('idle');
    }
    expect(server.connections).to.have.lengthOf(5);
  });
});
