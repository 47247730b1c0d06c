// Whole calls of Connect and gRPC-Web over HTTP/1.1, against connect-node's server on node:http.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError, type HandlerContext } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { expect } from 'chai';
import { Client, type ClientOptions } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { type Http1Server, listening } from '../support/peers/http1.ts';

const PROTO = 'protos/helloworld.proto';

interface Hello {
  readonly name: string;
}

describe('A client over HTTP/1.1', () => {
  const close = closing();
  let server: Http1Server;
  let running = 0;

  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'http1-'));
    const path = join(folder, 'greeter.binpb');
    const loaded = new Client('127.0.0.1:1');
    await loaded.load(PROTO);
    await loaded.writeProtoset(path);
    await loaded.close();
    const files = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(path)));
    rmSync(folder, { recursive: true });
    const greeter = files.getService('helloworld.Greeter');
    if (greeter === undefined) throw new Error('no Greeter');
    const hang = (signal: AbortSignal): Promise<never> =>
      new Promise((_, reject) => {
        running++;
        signal.addEventListener('abort', () => {
          running--;
          // At the deadline of the call it says that.
          reject(signal.reason);
        });
      });
    const implementation = {
      async sayHello({ name }: Hello, { signal }: HandlerContext) {
        if (name === 'nobody') throw new ConnectError('there is nobody', Code.NotFound);
        if (name === 'sleepy') await hang(signal);
        return { message: `Hello ${name.length > 100 ? name.length : name}` };
      },
      async *sayHelloStreamReply({ name }: Hello, { signal }: HandlerContext) {
        for (let i = 0; i < 3; i++) yield { message: `${name} ${i}` };
        if (name === 'endless') await hang(signal);
      },
    };
    const handler = connectNodeAdapter({
      routes: (router) => router.service(greeter, implementation as object),
    });
    server = await listening(http.createServer({ keepAliveTimeout: 1 }, handler));
  });
  after(() => server.close());

  for (const protocol of ['connect', 'grpc-web'] as const) {
    describe(`with ${protocol}`, () => {
      const connect = async (options: ClientOptions = {}): Promise<Client> => {
        const client = close(
          new Client('127.0.0.1', server.port, { protocol, httpVersion: '1.1', proxy: false, ...options }),
        );
        return client.load(PROTO);
      };

      it('makes unary calls, large ones too', async () => {
        const client = await connect();
        expect((await client.request('SayHello', { name: 'you' })).message).to.equal('Hello you');
        const name = 'x'.repeat(3_000_000);
        expect((await client.request('SayHello', { name })).message).to.equal('Hello 3000000');
        expect(client.channel.connectionInfo()[0]?.httpVersion ?? '1.1').to.equal('1.1');
      });

      it('gets errors', async () => {
        const error = await rejection((await connect()).request('SayHello', { name: 'nobody' }));
        expect(error).to.include({ codeName: 'NOT_FOUND', details: 'there is nobody', origin: 'server' });
      });

      it('gets streams', async () => {
        const replies = await (await connect()).request('SayHelloStreamReply', { name: 'a' }).toArray();
        expect(replies.map(({ message }) => message)).to.deep.equal(['a 0', 'a 1', 'a 2']);
      });

      it('makes many calls at once, and one after the other, and loses none', async () => {
        const client = await connect({ maxConnections: 20 });
        const calls = Array.from({ length: 200 }, (_, i) =>
          client.request('SayHello', { name: `${i}` }, { timeoutMs: 25_000 }),
        );
        const replies = await Promise.all(calls);
        expect(replies.map(({ message }) => message)).to.deep.equal(calls.map((_, i) => `Hello ${i}`));
        for (let i = 0; i < 50; i++) await client.request('SayHello', { name: 'again' });
        expect(client.channel.connections).to.be.at.most(20);
      });

      it('ends calls at their deadline, when they are aborted, and when their reader leaves', async () => {
        const client = await connect();
        const late = await rejection(client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 200 }));
        expect(late).to.include({ codeName: 'DEADLINE_EXCEEDED' });
        await until(() => running === 0);
        const controller = new AbortController();
        const { signal } = controller;
        const call = client.request('SayHello', { name: 'sleepy' }, { signal });
        call.catch(() => {});
        await until(() => running === 1);
        controller.abort();
        expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
        await until(() => running === 0);
        for await (const { message } of client.request('SayHelloStreamReply', { name: 'endless' })) {
          if (message === 'endless 2') break;
        }
        await until(() => running === 0 && client.channel.openStreams === 0);
        expect((await client.request('SayHello', { name: 'you' })).message).to.equal('Hello you');
      });
    });
  }
});

describe('An error page over HTTP/1.1', () => {
  const close = closing();

  for (const [octets, connections] of [
    [4096, 1],
    [4097, 3],
  ] as const) {
    for (const framing of ['length', 'chunks'] as const) {
      it(`of ${octets} octets in ${framing} ${connections === 1 ? 'leaves its connection to the next call' : 'costs its connection'}`, async () => {
        const headers = { 'content-type': 'text/plain' };
        const page = 'x'.repeat(octets);
        let opened = 0;
        const pages = http.createServer((request, response) => {
          request.resume();
          response.writeHead(502, framing === 'length' ? { ...headers, 'content-length': octets } : headers);
          response.end(page);
        });
        pages.on('connection', () => opened++);
        const server = await listening(pages);
        const client = close(
          new Client('127.0.0.1', server.port, { protocol: 'connect', httpVersion: '1.1', proxy: false }),
        );
        await client.load(PROTO);
        try {
          for (let i = 0; i < 3; i++) {
            const { message } = await rejection(client.request('SayHello', { name: 'you' }));
            expect(message).to.match(
              /^UNAVAILABLE: .* 502 .*it says "x+…"; a proxy or load balancer answered/,
            );
          }
          expect(opened).to.equal(connections);
        } finally {
          await client.close();
          server.close();
        }
      });
    }
  }
});
