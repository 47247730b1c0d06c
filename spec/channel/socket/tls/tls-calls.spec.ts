// Calls over TLS: each way to ask for it, to trust a server, and to show a certificate of one's own.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { Client, type ClientOptions, type TlsOptions } from '../../../../lib/index.ts';
import { closing } from '../../../support/closing.ts';
import { certificatePath, grpcServer, pair, pem, type SecureServer, seeingServer } from './secure-servers.ts';

const HELLO = 'protos/helloworld.proto';
const ROOT = { file: certificatePath('root.pem') };

describe('A call over TLS', () => {
  const close = closing();
  let server: SecureServer;
  let mutual: SecureServer;
  let elsewhere: SecureServer;
  before(async () => {
    server = await grpcServer('server');
    mutual = await grpcServer('server', 'root');
    elsewhere = await grpcServer('elsewhere');
  });
  after(() => {
    for (const one of [server, mutual, elsewhere]) one.close();
  });

  async function hello(client: Client): Promise<string> {
    close(client);
    await client.load(HELLO);
    return (await client.request('SayHello', { name: 'you' })).message;
  }

  const spellings: readonly (readonly [name: string, make: (port: number, tls: TlsOptions) => Client])[] = [
    ['https://', (port, tls) => new Client(`https://localhost:${port}`, { tls })],
    ['grpcs://', (port, tls) => new Client(`grpcs://localhost:${port}`, { tls })],
    ['https:// with an address', (port, tls) => new Client(`https://127.0.0.1:${port}`, { tls })],
    ['host and port, with tls', (port, tls) => new Client('localhost', port, { tls })],
    ['host:port, with tls', (port, tls) => new Client(`127.0.0.1:${port}`, { tls })],
    ['dns:///, with tls', (port, tls) => new Client(`dns:///localhost:${port}`, { tls })],
  ];
  for (const [name, make] of spellings) {
    it(`is made with the target ${name}`, async () => {
      expect(await hello(make(server.port, { ca: ROOT }))).to.equal('Hello you');
    });
  }

  const trusts: readonly (readonly [name: string, tls: () => TlsOptions])[] = [
    ['a root as text', () => ({ ca: pem('root') })],
    ['a root as bytes', () => ({ ca: new Uint8Array(readFileSync(ROOT.file)) })],
    ['a root in a file', () => ({ ca: ROOT })],
    ['a root in a file by its URL', () => ({ ca: { file: pathToFileURL(ROOT.file) } })],
    ['several roots', () => ({ ca: ['bundled', pem('other-root'), ROOT] })],
    ['roots in one text', () => ({ ca: pem('other-root') + pem('root') })],
    ['a context of node:tls', () => ({ secureContext: tls.createSecureContext({ ca: pem('root') }) })],
    ['anybody, in as many words', () => ({ rejectUnauthorized: false })],
    ['TLS 1.3 alone', () => ({ ca: ROOT, minVersion: 'TLSv1.3' })],
  ];
  for (const [name, options] of trusts) {
    it(`trusts ${name}`, async () => {
      expect(await hello(new Client(`localhost:${server.port}`, { tls: options() }))).to.equal('Hello you');
    });
  }

  const identities: readonly (readonly [name: string, tls: () => TlsOptions])[] = [
    ['texts', () => pair('client')],
    [
      'files',
      () => ({ cert: { file: certificatePath('client.pem') }, key: { file: certificatePath('client.key') } }),
    ],
    [
      'an encrypted key',
      () => ({ cert: pem('client'), key: pem('client-encrypted.key'), passphrase: 'secret' }),
    ],
    ['PKCS#12 in a file', () => ({ pfx: { file: certificatePath('client.p12') }, passphrase: 'secret' })],
    ['PKCS#12 as bytes', () => ({ pfx: readFileSync(certificatePath('client.p12')), passphrase: 'secret' })],
  ];
  for (const [name, options] of identities) {
    it(`shows a client certificate given as ${name}`, async () => {
      const client = new Client(`localhost:${mutual.port}`, { tls: { ca: ROOT, ...options() } });
      expect(await hello(client)).to.equal('Hello you');
    });
  }

  const names: readonly (readonly [name: string, options: ClientOptions])[] = [
    ['serverName', { serverName: 'greeter.example.test', tls: { ca: ROOT } }],
    ['tls.serverName', { tls: { ca: ROOT, serverName: 'greeter.example.test' } }],
    ['a name that the wildcard covers', { serverName: 'a.svc.example.test', tls: { ca: ROOT } }],
    ['a name of other letters', { serverName: 'münchen.svc.example.test', tls: { ca: ROOT } }],
    ['a name with the dot that ends it', { serverName: 'greeter.example.test.', tls: { ca: ROOT } }],
  ];
  for (const [name, options] of names) {
    it(`verifies ${name} in place of the host`, async () => {
      expect(await hello(new Client(`127.0.0.1:${elsewhere.port}`, options))).to.equal('Hello you');
    });
  }

  it('sends a name of other letters in ASCII, as SNI and as :authority', async () => {
    const seeing = close(await seeingServer(pair('elsewhere')));
    const options = { tls: { ca: ROOT }, serverName: 'münchen.svc.example.test', authority: 'münchen.test' };
    const client = close(new Client(`127.0.0.1:${seeing.port}`, options));
    await client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
    expect(seeing.seen[0]).to.include({
      servername: 'xn--mnchen-3ya.svc.example.test',
      authority: 'xn--mnchen-3ya.test',
    });
  });

  it('streams both ways', async () => {
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT } }));
    await client.load(HELLO);
    const call = client.open('SayHelloBidiStream');
    for (const name of ['a', 'b']) {
      await call.write({ name });
      expect((await call.read())?.message).to.equal(`Hello ${name}`);
    }
    await call.end();
    expect(await call.read()).to.equal(undefined);
  });

  it('carries large messages both ways', async () => {
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT } }));
    await client.load(HELLO);
    const name = 'x'.repeat(3 * 1024 * 1024);
    expect((await client.request('SayHello', { name })).message).to.equal(`Hello ${name}`);
  });

  it('tells the certificate of the other end', async () => {
    const client = close(new Client(`localhost:${server.port}`, { tls: { ca: ROOT } }));
    await client.load(HELLO);
    const call = client.request('SayHello', { name: 'you' });
    await call;
    expect(call.peer?.certificate).to.deep.include({
      subject: { CN: 'localhost' },
      issuer: { O: 'stubless specs', CN: 'Spec Root' },
      validTo: 'Jan  1 00:00:00 2125 GMT',
    });
    expect(call.peer?.certificate?.subjectAltName).to.include('DNS:localhost');
    expect(call.peer?.certificate?.raw).to.be.instanceOf(Uint8Array);
  });

  it('goes through a Unix socket too', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'stubless-tls-'));
    const path = join(directory, 'grpc.sock');
    const unix = await grpcServer('server', undefined, `unix:${path}`);
    close(unix);
    try {
      expect(await hello(new Client(`unix:${path}`, { tls: { ca: ROOT } }))).to.equal('Hello you');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  const heads: readonly (readonly [name: string, options: ClientOptions, authority: string, sni: unknown])[] =
    [
      ['the host as both', {}, 'localhost:PORT', 'localhost'],
      ['authority', { authority: 'api.example.test' }, 'api.example.test', 'localhost'],
    ];
  for (const [name, options, authority, sni] of heads) {
    it(`is of the scheme https and has ${name}: :authority ${authority}, SNI ${sni}`, async () => {
      const seeing = close(await seeingServer(pair('server')));
      const client = close(new Client(`https://localhost:${seeing.port}`, { tls: { ca: ROOT }, ...options }));
      await client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
      expect(seeing.seen).to.deep.equal([
        {
          scheme: 'https',
          authority: authority.replace('PORT', String(seeing.port)),
          servername: sni,
          isResumed: false,
          version: 'TLSv1.3',
        },
      ]);
    });
  }

  it('has the serverName as SNI, and the target as :authority', async () => {
    const seeing = close(await seeingServer(pair('elsewhere')));
    const serverName = 'greeter.example.test';
    const client = close(new Client(`localhost:${seeing.port}`, { serverName, tls: { ca: ROOT } }));
    await client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0));
    expect(seeing.seen[0]).to.include({ servername: serverName, authority: `localhost:${seeing.port}` });
  });
});
