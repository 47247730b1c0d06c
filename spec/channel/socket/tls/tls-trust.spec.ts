// Whom a client trusts: a CA that is no root, as gRPC's other implementations do, and the roots that the environment
// names for clients that are given none.

import { copyFileSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { expect } from 'chai';
import { checkTls } from '../../../../lib/client/tls-options.ts';
import { Client, type ClientOptions, type TlsOptions } from '../../../../lib/index.ts';
import { closing, rejection } from '../../../support/closing.ts';
import { runModule } from '../../../support/program.ts';
import { certificatePath, pair, pem, type SeeingServer, seeingServer } from './secure-servers.ts';

const VARIABLE = 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH';
const call = (client: Client): PromiseLike<unknown> =>
  client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));

describe('A CA that is no root', () => {
  const close = closing();
  /** Sends its own certificate only, which `intermediate` has signed, and `root` that. */
  let leaf: SeeingServer;
  before(async () => {
    leaf = await seeingServer(pair('leaf'));
  });
  after(() => leaf.close());

  const trusted: readonly (readonly [name: string, options: TlsOptions])[] = [
    ['an intermediate one as ca', { ca: pem('intermediate') }],
    ['one of several', { ca: [pem('other-root'), pem('intermediate')] }],
    ['one beside those of Mozilla', { ca: ['bundled', pem('intermediate')] }],
    ['the certificate of the server itself', { ca: pem('leaf') }],
    ['partialChain: true', { ca: pem('intermediate'), partialChain: true }],
    ["the same by node:tls's name", { ca: pem('intermediate'), allowPartialTrustChain: true }],
    [
      'an intermediate one that leads to a root',
      { ca: [pem('intermediate'), pem('root')], partialChain: false },
    ],
  ];
  for (const [name, options] of trusted) {
    it(`is trusted: ${name}`, async () => {
      const reply = await call(close(new Client(`localhost:${leaf.port}`, { tls: options })));
      expect(reply).to.have.lengthOf(0);
      expect(leaf.seen.at(-1)).to.include({ scheme: 'https', servername: 'localhost' });
    });
  }

  const refused: readonly (readonly [name: string, options: TlsOptions])[] = [
    ['an intermediate one with partialChain: false', { ca: pem('intermediate'), partialChain: false }],
    ["the same by node:tls's name", { ca: pem('intermediate'), allowPartialTrustChain: false }],
    ['its root alone, where the server does not send what is between', { ca: pem('root') }],
    ['another root', { ca: pem('other-root') }],
    ['a certificate of the same root that signs nothing', { ca: pem('server') }],
    ['none', {}],
    ['none with partialChain', { partialChain: true }],
  ];
  for (const [name, options] of refused) {
    it(`is not trusted: ${name}`, async () => {
      const error = await rejection(call(close(new Client(`localhost:${leaf.port}`, { tls: options }))));
      expect(error.message).to.match(/not trusted/);
    });
  }

  it('is verified for its name all the same', async () => {
    const options: ClientOptions = { tls: { ca: pem('leaf') }, serverName: 'elsewhere.example' };
    const error = await rejection(call(close(new Client(`localhost:${leaf.port}`, options))));
    expect(error.message).to.include("not for 'elsewhere.example'");
  });

  for (const [extra, server] of [
    ['root', 'server'],
    ['intermediate', 'leaf'],
  ] as const) {
    it(`leaves the runtime's own roots in force with partialChain: NODE_EXTRA_CA_CERTS with ${extra}`, async () => {
      const peer = close(await seeingServer(pair(server)));
      const end = await runModule(
        [
          "import { Client } from 'stubless';",
          `const client = new Client('https://localhost:${peer.port}', { tls: { partialChain: true } });`,
          "const call = client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0));",
          "await call.then(() => console.log('answered'), (error) => console.log(error.message));",
        ].join('\n'),
        [],
        undefined,
        { NODE_EXTRA_CA_CERTS: certificatePath(`${extra}.pem`) },
      );
      expect(end).to.deep.equal({ status: 0, stdout: 'answered\n', stderr: '' });
    });
  }
});

describe(VARIABLE, () => {
  const close = closing();
  let server: SeeingServer;
  let directory: string;
  let roots: string;
  const before_ = process.env[VARIABLE];
  before(async () => {
    server = await seeingServer(pair('server'));
    directory = mkdtempSync(join(tmpdir(), 'stubless-tls-'));
    roots = join(directory, 'roots.pem');
  });
  beforeEach(() => {
    copyFileSync(certificatePath('root.pem'), roots);
    process.env[VARIABLE] = roots;
  });
  afterEach(() => {
    if (before_ === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before_;
  });
  after(() => {
    server.close();
    rmSync(directory, { recursive: true });
  });
  const connect = (options: ClientOptions = {}): Client =>
    close(new Client(`https://localhost:${server.port}`, options));

  it('names the roots of a client that is given none', async () => {
    const seen = server.seen.length;
    expect(await call(connect())).to.have.lengthOf(0);
    expect(await call(connect({ tls: { minVersion: 'TLSv1.3' } }))).to.have.lengthOf(0);
    expect(server.seen).to.have.lengthOf(seen + 2);
  });

  const others: readonly (readonly [name: string, options: TlsOptions])[] = [
    ['ca', { ca: pem('other-root') }],
    ["ca: 'bundled'", { ca: 'bundled' }],
    ['secureContext', { secureContext: tls.createSecureContext() }],
  ];
  for (const [name, options] of others) {
    it(`has no say where ${name} is given`, async () => {
      const error = await rejection(call(connect({ tls: options })));
      expect(error.message).to.match(/not trusted/);
    });
  }

  it('has no say over plaintext', () => {
    process.env[VARIABLE] = '/no/roots.pem';
    expect(close(new Client('localhost:1')).channel.state).to.equal('idle');
    expect(() => new Client('https://localhost:1')).to.throw('/no/roots.pem');
  });

  it('is none where it is empty', () => {
    expect(checkTls(true, undefined, { [VARIABLE]: '' }).settings.ca).to.equal(undefined);
  });

  it('may name a CA that is no root', async () => {
    const leaf = close(await seeingServer(pair('leaf')));
    copyFileSync(certificatePath('intermediate.pem'), roots);
    expect(await call(close(new Client(`https://localhost:${leaf.port}`)))).to.have.lengthOf(0);
    expect(leaf.seen).to.have.lengthOf(1);
  });

  it('is read again when the file has changed', async () => {
    utimesSync(roots, 1_000_000_000, 1_000_000_000);
    copyFileSync(certificatePath('other-root.pem'), roots);
    const client = connect();
    expect((await rejection(call(client))).message).to.match(/not trusted/);
    copyFileSync(certificatePath('root.pem'), roots);
    utimesSync(roots, 1_000_000_001, 1_000_000_001);
    await client.waitForReady({ timeoutMs: 5000 });
    await call(client);
  });

  it('is named, with the file, by what goes wrong', () => {
    process.env[VARIABLE] = join(directory, 'missing.pem');
    expect(() => connect()).to.throw(
      TypeError,
      `${VARIABLE}: the file ${join(directory, 'missing.pem')} cannot be read (ENOENT)`,
    );
    process.env[VARIABLE] = 'package.json';
    expect(() => connect()).to.throw(TypeError, `${VARIABLE}: the file package.json holds no PEM`);
    copyFileSync(certificatePath('root.pem'), roots);
  });

  it('is for an https:// proxy as well', () => {
    const { settings } = checkTls(undefined, undefined, { [VARIABLE]: roots });
    expect(settings.ca).to.deep.equal([{ file: roots, variable: VARIABLE }]);
    process.env[VARIABLE] = '/no/roots.pem';
    expect(() => close(new Client('a:1', { proxy: 'https://p:1' }))).to.throw(TypeError, VARIABLE);
  });
});
