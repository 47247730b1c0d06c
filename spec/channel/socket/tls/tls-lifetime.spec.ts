// What lasts longer than a connection: files of certificates that change, sessions that are resumed, the key log, the
// system's roots. And what must not: a process whose calls have ended.

import {
  copyFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { TlsCredentials } from '../../../../lib/channel/socket/tls-credentials.ts';
import { systemRoots } from '../../../../lib/channel/socket/tls-roots.ts';
import { checkTls } from '../../../../lib/client/tls-options.ts';
import { Client, type TlsOptions } from '../../../../lib/index.ts';
import { closing, rejection } from '../../../support/closing.ts';
import { runModule, runShortLived } from '../../../support/program.ts';
import { certificatePath, grpcServer, pair, pem, seeingServer } from './secure-servers.ts';

const ROOT = { file: certificatePath('root.pem') };

describe('TLS of a channel', () => {
  const close = closing();
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'stubless-tls-'));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Writes files with a time of their own: file systems' clocks may be coarse. */
  let seconds = 1_000_000_000;
  function place(source: string, name: string): { readonly file: string } {
    const file = join(directory, name);
    copyFileSync(certificatePath(source), file);
    utimesSync(file, seconds, seconds++);
    return { file };
  }

  function call(client: Client): PromiseLike<unknown> {
    return client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
  }

  /** Until the client has noticed the end of its connection. */
  async function lost(client: Client): Promise<void> {
    while (client.channel.state === 'ready') await turn();
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`resumes its session at the next connection, ${maxVersion}`, async () => {
      const server = close(await seeingServer({ ...pair('server'), maxVersion }));
      const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT } }));
      for (let i = 0; i < 3; i++) {
        await call(client);
        server.hangUp();
        await lost(client);
      }
      expect(server.seen.map(({ isResumed }) => isResumed)).to.deep.equal([false, true, true]);
      expect(server.seen[2].version).to.equal(maxVersion);
    });
  }

  it('tells the certificate on a resumed connection too', async () => {
    const server = close(await seeingServer(pair('server')));
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT } }));
    await call(client);
    server.hangUp();
    await lost(client);
    const second = client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
    await second;
    expect(server.seen[1].isResumed).to.equal(true);
    expect(second.peer?.certificate?.subject).to.deep.equal({ CN: 'localhost' });
  });

  it('reads a root that was replaced, and verifies again', async () => {
    const server = close(await seeingServer(pair('server')));
    const ca = place('root.pem', 'ca.pem');
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca } }));
    await call(client);
    place('other-root.pem', 'ca.pem');
    server.hangUp();
    await lost(client);
    const error = await rejection(call(client));
    expect(error.message).to.match(/not trusted/);
  });

  it('reads a certificate of its own that was replaced', async () => {
    const server = close(
      await seeingServer({ ...pair('server'), ca: pem('root'), requestCert: true, maxVersion: 'TLSv1.2' }),
    );
    const tls: TlsOptions = {
      ca: ROOT,
      cert: place('other-client.pem', 'c.pem'),
      key: place('other-client.key', 'c.key'),
    };
    const refused = close(new Client(`localhost:${server.port}`, { tls }));
    const error = await rejection(call(refused));
    expect(error).to.include({ codeName: 'UNAVAILABLE' });
    place('client.pem', 'c.pem');
    place('client.key', 'c.key');
    await call(close(new Client(`localhost:${server.port}`, { tls })));
    await refused.waitForReady({ timeoutMs: 5000 });
    await call(refused);
    expect(server.seen).to.have.length(2);
  });

  it('goes on with the last good files while what is there does not fit together', () => {
    const cert = place('client.pem', 'c.pem');
    const key = place('client.key', 'c.key');
    const { settings } = checkTls({ ca: ROOT, cert, key }, undefined, {});
    const credentials = new TlsCredentials(settings);
    const first = credentials.context();
    expect(credentials.context()).to.equal(first);

    place('other-client.pem', 'c.pem');
    expect(credentials.context()).to.equal(first);
    expect(credentials.reloadFailure).to.match(/tls\.key does not belong to tls\.cert/);
    rmSync(key.file);
    expect(credentials.context()).to.equal(first);
    expect(credentials.reloadFailure).to.match(/tls\.key: .*ENOENT/);

    place('other-client.key', 'c.key');
    expect(credentials.context()).to.not.equal(first);
    expect(credentials.reloadFailure).to.equal('');
  });

  it('logs keys where it is asked to, for nobody else to read', async () => {
    const { port } = close(await seeingServer(pair('server')));
    const keyLogFile = join(directory, 'keys.log');
    await call(close(new Client(`localhost:${port}`, { tls: { ca: ROOT, keyLogFile } })));
    expect(readFileSync(keyLogFile, 'latin1')).to.match(/^(?:CLIENT|SERVER)_\w+ [0-9a-f]{64} [0-9a-f]+\n/);
    expect(statSync(keyLogFile).mode & 0o777).to.equal(0o600);
  });

  it('heeds SSLKEYLOGFILE when asked for, and only then', () => {
    const logs = (tls: unknown, environment: object): string | undefined =>
      checkTls(tls, undefined, environment as Record<string, string>).settings.keyLogFile;
    const environment = { SSLKEYLOGFILE: '/tmp/keys' };
    expect(logs(true, environment)).to.equal(undefined);
    expect(logs({}, environment)).to.equal(undefined);
    expect(logs({ keyLogFile: true }, environment)).to.equal('/tmp/keys');
    expect(logs({ keyLogFile: true }, {})).to.equal(undefined);
    expect(logs({ keyLogFile: '/tmp/mine' }, environment)).to.equal('/tmp/mine');
  });

  it('fails calls, and nothing else, when the key log cannot be written', async () => {
    const { port } = close(await seeingServer(pair('server')));
    const keyLogFile = join(directory, 'missing', 'keys.log');
    const error = await rejection(
      call(close(new Client(`localhost:${port}`, { tls: { ca: ROOT, keyLogFile } }))),
    );
    expect(error.message).to.match(/tls\.keyLogFile cannot be written: ENOENT/);
  });

  it('lets a process end that forgot to close its client, and keeps it up for a call', async () => {
    const { port } = close(await grpcServer('server'));
    const end = await runShortLived(
      [
        "import { Client } from 'stubless';",
        `const client = new Client('https://localhost:${port}', { tls: { ca: ${JSON.stringify(ROOT)} } });`,
        "await client.load('protos/helloworld.proto');",
        "client.request('SayHello', { name: 'a' }).then((reply) => console.log(reply.message));",
      ].join('\n'),
      8000,
    );
    expect(end).to.deep.equal({ status: 0, stdout: 'Hello a\n', stderr: '' });
  }).timeout(60_000);
});

describe('The environment', () => {
  const variables: readonly (readonly [name: string, variable: string, value: string, printed: string])[] = [
    ['adds roots by NODE_EXTRA_CA_CERTS', 'NODE_EXTRA_CA_CERTS', ROOT.file, 'Hello a\n'],
    ['turns verification off for nobody', 'NODE_TLS_REJECT_UNAUTHORIZED', '0', 'UNAVAILABLE\n'],
    ['has no say by SSL_CERT_FILE unless asked', 'SSL_CERT_FILE', ROOT.file, 'UNAVAILABLE\n'],
  ];
  for (const [name, variable, value, printed] of variables) {
    it(name, async () => {
      const server = await grpcServer('server');
      const before = process.env[variable];
      process.env[variable] = value;
      const running = runModule(
        [
          "import { Client } from 'stubless';",
          `const client = new Client('https://localhost:${server.port}');`,
          "await client.load('protos/helloworld.proto');",
          "await client.request('SayHello', { name: 'a' }).then((r) => console.log(r.message), (e) => console.log(e.codeName));",
        ].join('\n'),
      );
      if (before === undefined) delete process.env[variable];
      else process.env[variable] = before;
      const end = await running;
      server.close();
      expect(end).to.include({ status: 0, stdout: printed });
    });
  }
});

describe("The system's roots", () => {
  const none = { certFile: undefined, certDir: undefined, extraFile: undefined };
  let directory: string;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'stubless-roots-'));
    copyFileSync(certificatePath('root.pem'), join(directory, 'a.pem'));
    copyFileSync(certificatePath('root.pem'), join(directory, '0123abcd.0'));
    writeFileSync(join(directory, 'readme'), 'no certificate');
  });
  after(() => rmSync(directory, { recursive: true }));

  const count = (text: string): number => text.split('-----BEGIN CERTIFICATE-----').length - 1;

  it('are those of SSL_CERT_FILE alone where it is set', () => {
    const roots = systemRoots({ ...none, certFile: certificatePath('root.pem') });
    expect(roots).to.equal(pem('root'));
  });

  it('are those of SSL_CERT_DIR, each once, in several directories', () => {
    const certDir = `${directory}:/nowhere:${directory}`;
    expect(count(systemRoots({ ...none, certDir: directory }))).to.equal(1);
    expect(count(systemRoots({ ...none, certDir }))).to.be.at.least(1);
  });

  it('are those of NODE_EXTRA_CA_CERTS besides', () => {
    const roots = systemRoots({
      ...none,
      certFile: certificatePath('root.pem'),
      extraFile: certificatePath('other-root.pem'),
    });
    expect(roots).to.include(pem('root')).and.include(pem('other-root'));
  });

  it('name the variable that leads nowhere', () => {
    expect(() => systemRoots({ ...none, certFile: '/no/roots' })).to.throw('SSL_CERT_FILE');
    expect(() =>
      systemRoots({ ...none, extraFile: '/no/roots', certFile: certificatePath('root.pem') }),
    ).to.throw('NODE_EXTRA_CA_CERTS');
    expect(() => systemRoots({ ...none, certDir: '/nowhere' })).to.throw('were not found');
  });

  it("make ca: 'system'", async () => {
    const server = await grpcServer('server');
    const end = await runModule(
      [
        "import { Client } from 'stubless';",
        `process.env.SSL_CERT_FILE = ${JSON.stringify(certificatePath('root.pem'))};`,
        `const client = new Client('https://localhost:${server.port}', { tls: { ca: 'system' } });`,
        "await client.load('protos/helloworld.proto');",
        "console.log((await client.request('SayHello', { name: 'a' })).message);",
      ].join('\n'),
    );
    server.close();
    expect(end).to.deep.equal({ status: 0, stdout: 'Hello a\n', stderr: '' });
  });
});
