// A test server that others reach: grpc-js over TCP, our client over TLS and a Unix socket; and what it says of
// itself by reflection and health checking.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as grpc from '@grpc/grpc-js';
import { expect } from 'chai';
import { Client } from '../../lib/index.ts';
import { rpcError, TestServer } from '../../lib/testing/index.ts';
import { failure, HANDLERS, SHOP } from './shop.ts';

const CERTIFICATES = join('spec', 'channel', 'socket', 'tls', 'certificates');

describe('A test server that listens', () => {
  let server: TestServer;
  beforeEach(() => {
    server = new TestServer(SHOP, HANDLERS as never);
  });
  afterEach(() => server.close());

  it('serves grpc-js: replies, metadata, statuses', async () => {
    await server.handle('Later', (_request, call) => {
      call.headers.set('x-head', 'h');
      throw rpcError('FAILED_PRECONDITION', 'später', { metadata: { 'x-tail': 't' } });
    });
    const { port } = await server.listen();
    const client = new grpc.Client(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const identity = (bytes: Buffer): Buffer => bytes;
    const unary = (path: string, request: Buffer) =>
      new Promise<Buffer>((resolve, reject) => {
        client.makeUnaryRequest(path, identity, identity, request, (error, reply) => {
          if (error === null && reply !== undefined) resolve(reply);
          else reject(error);
        });
      });
    // Key { name: 'tea' }, Item { name: 'tea', price: 3 }
    const reply = await unary('/shop.Shop/Get', Buffer.from('0a03746561', 'hex'));
    expect(reply.toString('hex')).to.equal('0a037465611003');
    const error: unknown = await unary('/shop.Shop/Later', Buffer.alloc(0)).catch(
      (reason: unknown) => reason,
    );
    const { code, details, metadata } = error as grpc.ServiceError;
    expect([code, details, metadata.get('x-tail')]).to.deep.equal([9, 'später', ['t']]);
    client.close();
  });

  it('speaks TLS', async () => {
    const pem = (name: string): Buffer => readFileSync(join(CERTIFICATES, name));
    const { target } = await server.listen({
      tls: { cert: pem('server.pem'), key: pem('server.key') },
    });
    expect(target).to.match(/^https:\/\/127\.0\.0\.1:\d+$/);
    const client = new Client(target, { tls: { ca: pem('root.pem') } });
    await client.load(SHOP);
    expect((await client.request('Get', { name: 'tls' })).price).to.equal(3);
    await client.close();
  });

  it('serves on a Unix socket', async function () {
    if (process.platform === 'win32') this.skip();
    const folder = mkdtempSync(join(tmpdir(), 'stubless-'));
    const { target } = await server.listen({ path: join(folder, 's') });
    const client = new Client(target);
    await client.load(SHOP);
    expect((await client.request('Get', { name: 'unix' })).price).to.equal(4);
    await client.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers what is none of its protocols with an HTTP status', async () => {
    const { port } = await server.listen();
    const { connect } = await import('node:http2');
    const session = connect(`http://127.0.0.1:${port}`);
    for (const [method, type, status] of [
      ['GET', 'application/grpc', 405],
      ['POST', 'text/plain', 415],
    ]) {
      const request = session.request({
        ':method': String(method),
        ':path': '/',
        'content-type': String(type),
      });
      const headers = await new Promise<{ ':status'?: number }>((resolve) => request.on('response', resolve));
      expect(headers[':status']).to.equal(status);
    }
    const bad = session.request({
      ':method': 'POST',
      ':path': '/shop.Shop/Get',
      'content-type': 'application/grpc',
      'grpc-timeout': '1',
    });
    const headers = await new Promise<Record<string, unknown>>((resolve) => bad.on('response', resolve));
    expect(headers['grpc-status']).to.equal('13');
    session.destroy();
  });

  it('says by reflection what it has', async () => {
    const client = new Client(server.channel);
    expect((await client.request('Get', { name: 'four' })).price).to.equal(4);
    await client.reflect();
    expect(client.services.map(({ fullName }) => fullName)).to.include.members([
      'shop.Shop',
      'grpc.health.v1.Health',
      'grpc.reflection.v1.ServerReflection',
    ]);
    expect((await failure(client.request('Later'))).codeName).to.equal('UNIMPLEMENTED');
    await client.close();
  });

  it('has the health that it is given', async () => {
    const client = new Client(server.channel);
    await client.load(['grpc/health/v1/health.proto'].map((name) => join('protos', name)));
    const check = (service: string): PromiseLike<{ status: string }> =>
      client.request('grpc.health.v1.Health/Check', { service });
    expect((await check('')).status).to.equal('SERVING');
    expect((await check('shop.Shop')).status).to.equal('SERVING');
    expect((await failure(check('bank.Bank'))).codeName).to.equal('NOT_FOUND');
    const watch = client.request('Watch', { service: 'bank.Bank' });
    expect((await watch.read()).status).to.equal('SERVICE_UNKNOWN');
    server.setHealth('bank.Bank', 'NOT_SERVING');
    expect((await watch.read()).status).to.equal('NOT_SERVING');
    server.setHealth('bank.Bank', 'SERVING');
    expect((await watch.read()).status).to.equal('SERVING');
    watch.cancel();
    expect(() => server.setHealth('', 'FINE' as never)).to.throw(TypeError, 'SERVING');
    await client.close();
  });

  it('has neither when it is told so', async () => {
    const bare = new TestServer(SHOP, {}, { reflection: false, health: false });
    const client = new Client(bare.channel);
    for (const path of [
      '/grpc.health.v1.Health/Check',
      '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
    ]) {
      const error = await failure(client.raw(path, { cardinality: 'unary_unary' })(new Uint8Array(0)));
      expect(error.codeName).to.equal('UNIMPLEMENTED');
    }
    await client.close();
    await bare.close();
  });
});
