// Everything that a client does, in each protocol, over HTTP/2 with a peer that translates to a gRPC server.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { expect } from 'chai';
import { type Call, Client, type ClientOptions, Metadata, RpcError } from '../../lib/index.ts';
import { rpcError, TestServer } from '../../lib/testing/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { frame } from '../support/messages.ts';
import { listenHttp2, type PeerStream } from '../support/peers/peer.ts';
import { listenTranslating, type TranslatingPeer } from '../support/peers/translating-peer.ts';
import { TurnedTime } from '../support/time/turned-time.ts';

const SCHEMA = `
  syntax = "proto3";
  package shop;
  message Item { string name = 1; bytes data = 2; }
  service Shop {
    rpc Get(Item) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc List(Item) returns (stream Item);
    rpc Sum(stream Item) returns (Item);
    rpc Chat(stream Item) returns (stream Item);
    rpc Fail(Item) returns (Item);
    rpc Hang(Item) returns (Item);
    rpc Flaky(Item) returns (Item);
  }
`;

const PROTOCOLS: readonly (readonly [name: string, options: ClientOptions])[] = [
  ['gRPC-Web', { protocol: 'grpc-web' }],
  ['gRPC-Web in text', { protocol: 'grpc-web', grpcWebText: true }],
  ['Connect', { protocol: 'connect' }],
  ['Connect with GET', { protocol: 'connect', idempotentGet: true }],
];

describe('gRPC-Web and Connect over HTTP/2', () => {
  const close = closing();
  let server: TestServer;
  let peer: TranslatingPeer;
  let failures = 0;

  before(async () => {
    server = new TestServer(SCHEMA, {
      Get(item: { name: string }, call) {
        const given = call.metadata.get('x-given');
        call.headers.set('x-head', 'h');
        call.trailers.set('x-tail', String(given ?? ''));
        call.trailers.set('x-tail-bin', Uint8Array.of(0, 255));
        return item;
      },
      *List({ name }: { name: string }) {
        for (let i = 0; i < Number(name); i++) yield { name: String(i) };
      },
      async Sum(items: AsyncIterable<{ name: string }>) {
        let name = '';
        for await (const item of items) name += item.name;
        return { name };
      },
      async *Chat(items: AsyncIterable<{ name: string }>) {
        for await (const { name } of items) yield { name: name.toUpperCase() };
      },
      Fail({ name }: { name: string }) {
        throw rpcError('FAILED_PRECONDITION', name, {
          metadata: { 'x-why': 'so' },
          errorDetails: [{ '@type': 'google.rpc.ErrorInfo', reason: 'r', domain: 'd' }],
        });
      },
      Hang: (_: unknown, { signal }) =>
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      Flaky(item: { name: string }) {
        if (failures-- > 0) throw rpcError('UNAVAILABLE', 'later');
        return item;
      },
    });
    const { target } = await server.listen();
    peer = await listenTranslating(target);
  });

  after(async () => {
    await peer.close();
    await server.close();
  });

  for (const [name, options] of PROTOCOLS) {
    describe(name, () => {
      const connect = (more: ClientOptions = {}): Client =>
        close(new Client(`http://${peer.target}`, { ...options, ...more }));
      const last = (): PeerStream => peer.requests[peer.requests.length - 1];

      it('asks the server for its schema, and makes calls of all four kinds', async () => {
        const client = connect();
        expect(await client.request('shop.Shop/Get', { name: 'a' })).to.include({ name: 'a' });
        const listed: unknown[] = [];
        for await (const item of client.request('List', { name: '3' }))
          listed.push((item as { name: string }).name);
        expect(listed).to.deep.equal(['0', '1', '2']);
        expect(await client.request('Sum', [{ name: 'a' }, { name: 'b' }])).to.include({ name: 'ab' });
        const chat = client.open('Chat');
        const replies = (chat as unknown as AsyncIterable<{ name: string }>)[Symbol.asyncIterator]();
        for (const text of ['x', 'y']) {
          await chat.write({ name: text });
          expect((await replies.next()).value, 'full duplex').to.include({ name: text.toUpperCase() });
        }
        await chat.end();
        expect((await replies.next()).done).to.equal(true);
      });

      it('carries metadata, headers and trailers', async () => {
        const client = connect({ metadata: { 'x-given': 'client' } });
        const call = client.request('shop.Shop/Get', { name: 'a' }, { metadata: { 'x-given': 'call' } });
        await call;
        const trailers = await call.trailers;
        expect(trailers.get('x-tail')).to.equal('call');
        expect(Buffer.from(trailers.get('x-tail-bin') as Uint8Array).toString('hex')).to.equal('00ff');
        for (const field of ['grpc-status', 'grpc-message', 'content-type'])
          expect(trailers.has(field)).to.equal(false);
      });

      it('has errors with their code, text, details and trailers', async () => {
        const error = (await rejection(connect().request('shop.Shop/Fail', { name: 'fünf %' }))) as RpcError;
        expect(error).to.be.instanceOf(RpcError);
        expect(error).to.include({ code: 9, details: 'fünf %', origin: 'server' });
        expect(error.metadata.get('x-why')).to.equal('so');
        expect(error.errorDetails.map((one) => ({ ...one }))).to.deep.equal([
          { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'r', domain: 'd', metadata: {} },
        ]);
        expect(error.errorDetailsProblem).to.equal(undefined);
      });

      it('keeps deadlines on both sides', async () => {
        const client = connect();
        await client.reflect();
        const count = peer.requests.length;
        using time = new TurnedTime();
        const failed = rejection(client.request('shop.Shop/Hang', {}, { timeoutMs: 8000 }));
        await peer.request(count + 1);
        await time.pass(9000);
        expect(await failed).to.include({ codeName: 'DEADLINE_EXCEEDED' });
        const told = last().header('grpc-timeout') ?? last().header('connect-timeout-ms') ?? '';
        expect(Number.parseInt(told, 10)).to.be.within(1, 8000);
      });

      it('cancels', async () => {
        const client = connect();
        await client.reflect();
        const count = peer.requests.length;
        const call = client.request('shop.Shop/Hang', {});
        const request = await peer.request(count + 1);
        call.cancel('enough');
        expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
        expect(await request.brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
      });

      it('cancels a call whose request was not written, and says at its deadline that it was not', async () => {
        const client = connect();
        await client.reflect();
        const call = client.open('shop.Shop/Get');
        call.cancel();
        expect(await rejection(call as unknown as Promise<unknown>)).to.include({ codeName: 'CANCELLED' });
        const late = client.open('shop.Shop/Get', { timeoutMs: 400 });
        // Or the server, which has the head of a stream, was the first to say that time is up.
        expect((await rejection(late as unknown as Promise<unknown>)).message).to.match(
          /while waiting for the request to be written: write it with call\.end|^DEADLINE_EXCEEDED: the client's time/,
        );
      });

      it('writes the single request of an open call', async () => {
        const client = connect();
        await client.reflect();
        const call = client.open('shop.Shop/Get');
        await call.end({ name: 'late' });
        expect(await (call as unknown as Promise<unknown>)).to.include({ name: 'late' });
      });

      it('tries again', async () => {
        failures = 2;
        const client = connect({ retry: { maxAttempts: 4, initialBackoffMs: 1, maxBackoffMs: 2 } });
        await client.reflect();
        const call = client.request('shop.Shop/Flaky', { name: 'a' });
        expect(await call).to.include({ name: 'a' });
        expect(call.attempts).to.equal(3);
        failures = 1;
        const opened = client.open('shop.Shop/Flaky');
        await opened.end({ name: 'b' });
        expect(await (opened as unknown as Promise<unknown>)).to.include({ name: 'b' });
      });

      it('hedges', async () => {
        failures = 1;
        const client = connect({
          hedging: { delayMs: 1, maxAttempts: 3, nonFatalStatusCodes: ['UNAVAILABLE'] },
        });
        await client.reflect();
        expect(await client.request('shop.Shop/Flaky', { name: 'a' })).to.include({ name: 'a' });
        failures = 0;
      });

      it('compresses', async () => {
        const client = connect({ compression: 'gzip' });
        await client.reflect();
        const text = 'x'.repeat(3000);
        expect(await client.request('shop.Shop/Get', { name: text })).to.include({ name: text });
        expect(last().body.length + (last().header(':path') ?? '').length).to.be.below(400);
        expect(await client.request('Sum', [{ name: text }])).to.include({ name: text });
      });

      it('calls with bytes', async () => {
        const bytes = Buffer.from('0a0161', 'hex');
        const reply = await connect().raw('/shop.Shop/Get', { cardinality: 'unary_unary' })(bytes);
        expect(Buffer.from(reply).toString('hex')).to.equal('0a0161');
      });

      it('asks for health', async () => {
        const client = connect({ reflection: 'never' });
        expect(await client.check()).to.equal('SERVING');
        for await (const state of client.watch()) {
          expect(state).to.equal('SERVING');
          break;
        }
      });

      it('uses authority, path prefix, user agent and the service config', async () => {
        const client = connect({
          authority: 'shop.test',
          userAgent: 'till/1',
          reflection: 'never',
          serviceConfig: { methodConfig: [{ name: [{}], timeout: '5s' }] },
        });
        await client.raw('/shop.Shop/Get', { cardinality: 'unary_unary' })(Buffer.alloc(0));
        expect(last().header(':authority')).to.equal('shop.test');
        expect(last().header('user-agent')).to.match(/^till\/1 /);
        expect(last().header('grpc-timeout') ?? last().header('connect-timeout-ms')).to.match(
          /^(?:\d{4}m|\d{4})$/,
        );
        const prefixed = close(new Client(`http://${peer.target}/api`, { ...options, reflection: 'never' }));
        await rejection(prefixed.raw('/shop.Shop/Get', { cardinality: 'unary_unary' })(Buffer.alloc(0)));
        expect(last().header(':path')).to.match(/^\/api\/shop\.Shop\/Get(?:\?|$)/);
      });

      it('shows credentials and interceptors the method’s own path', async () => {
        const seen: string[] = [];
        const client = connect({
          allowCredentialsOverPlaintext: true,
          credentials: ({ service, method }) => {
            seen.push(`${service}/${method}`);
            return { authorization: 'Bearer t' };
          },
          interceptors: [
            (call, next) => {
              seen.push(call.method.path);
              return next(call);
            },
          ],
        });
        await client.reflect();
        seen.length = 0;
        await client.request('shop.Shop/Get', { name: 'a' });
        expect(seen).to.deep.equal(['/shop.Shop/Get', 'shop.Shop/Get']);
        expect(last().header('authorization')).to.equal('Bearer t');
      });

      it('times and counts calls, and tells those who watch', async () => {
        const client = connect({ reflection: 'never' });
        const told: string[] = [];
        const onEnd = (message: unknown): void => {
          told.push((message as { call: { codeName: string } }).call.codeName);
        };
        subscribe('stubless:call.end', onEnd);
        const call: Call = client.raw('/shop.Shop/Get', { cardinality: 'unary_unary' })(
          Buffer.from('0a0161', 'hex'),
          {
            timing: true,
          },
        );
        await call;
        unsubscribe('stubless:call.end', onEnd);
        expect(call.timing?.headersMs).to.be.above(0);
        expect(told, "the peer's own call, and this").to.deep.equal(['OK', 'OK']);
        expect(client.stats()).to.deep.include({ messages: { sent: 1, received: 1 } });
        expect(client.stats().calls).to.include({ started: 1, succeeded: 1 });
      });

      it('leaves nothing held on its connection, however calls end', async () => {
        const client = connect({ reflection: 'never', maxReceiveMessageBytes: 5000 });
        const unary = client.raw('/shop.Shop/Get', { cardinality: 'unary_unary' });
        const list = client.raw('/shop.Shop/List', { cardinality: 'unary_stream' });
        const item = (octets: number): Buffer =>
          Buffer.concat([Buffer.from([0x12, (octets & 0x7f) | 0x80, octets >> 7]), Buffer.alloc(octets)]);
        for (let round = 0; round < 40; round++) {
          const calls: unknown[] = [];
          for (let i = 0; i < 25; i++) calls.push(unary(item(200 + i * 250)));
          const left = list(Buffer.from('0a03313030', 'hex'));
          const replies = left[Symbol.asyncIterator]();
          calls.push(replies.next().then(() => left.cancel()));
          const unread = list(Buffer.from('0a0139', 'hex'));
          calls.push(unread.status);
          await Promise.allSettled(calls);
        }
        // 6,200 octets at most, of which 5,000 are taken: some calls end so, some so.
        const { byStatus } = client.stats().calls;
        expect(byStatus.OK).to.be.above(0);
        expect(byStatus.RESOURCE_EXHAUSTED).to.be.above(0);
        const [info] = client.channel.connectionInfo();
        expect(info).to.include({ openStreams: 0, bufferedOctets: 0 });
      });

      it('gets replies whole that are larger together than a connection may hold', async () => {
        const client = connect({ reflection: 'never', maxBufferedBytes: 100_000 });
        const unary = client.raw('/shop.Shop/Get', { cardinality: 'unary_unary' });
        const octets = 300_000;
        const item = Buffer.concat([Buffer.from([0x12, 0xe0, 0xa7, 0x12]), Buffer.alloc(octets)]);
        const replies = await Promise.all(
          Array.from({ length: 8 }, () => unary(item, { timeoutMs: 25_000 })),
        );
        expect(replies.map(({ length }) => length)).to.deep.equal(new Array(8).fill(item.length));
        expect(client.channel.connectionInfo()[0].bufferedOctets).to.equal(0);
      });

      it('gets ends whole that are larger than its windows', async () => {
        const text = 'x'.repeat(900_000);
        const large = close(
          await listenHttp2((request) => {
            const type = request.header('content-type') ?? 'application/proto';
            const isWeb = type.startsWith('application/grpc-web');
            const isError = type === 'application/proto';
            const body = isWeb
              ? `grpc-status: 5\r\ngrpc-message: ${text}\r\n`
              : JSON.stringify({
                  [isError ? 'code' : '']: 'not_found',
                  message: text,
                  error: { code: 'not_found', message: text.slice(0, 9) },
                });
            const framed = isError ? Buffer.from(body) : frame(Buffer.from(body), isWeb ? 0x80 : 0x02);
            request.head([
              ':status',
              isError ? '404' : '200',
              'content-type',
              isError ? 'application/json' : type,
            ]);
            const octets = type.includes('-text')
              ? Buffer.from(Buffer.from(framed).toString('base64'))
              : framed;
            request.stream.write(octets, 0, octets.length, true, true);
          }),
        );
        const client = close(
          new Client(large.target, { ...options, reflection: 'never', maxBufferedBytes: 100_000 }),
        );
        for (const cardinality of ['unary_unary', 'unary_stream'] as const) {
          const calls = Array.from(
            { length: 4 },
            () => client.raw('/s/m', { cardinality })(Buffer.alloc(0)).status,
          );
          for (const { codeName, details } of await Promise.all(calls)) {
            expect(codeName).to.equal('NOT_FOUND');
            expect(details.slice(0, 9)).to.equal('xxxxxxxxx');
          }
        }
        expect(client.channel.connectionInfo()[0]).to.include({ openStreams: 0, bufferedOctets: 0 });
      });

      it('has its headers before there is any message', async () => {
        const silent = close(
          await listenHttp2((request) => {
            request.head([
              ':status',
              '200',
              'content-type',
              request.header('content-type') ?? '',
              'x-a',
              '1',
            ]);
          }),
        );
        const client = close(new Client(silent.target, { ...options, reflection: 'never' }));
        for (const cardinality of ['unary_unary', 'unary_stream'] as const) {
          const call = client.raw('/s/m', { cardinality })(Buffer.alloc(0));
          expect((await call.headers).get('x-a')).to.equal('1');
          call.cancel();
          expect((await call.status).codeName).to.equal('CANCELLED');
        }
      });

      it('refuses metadata that the protocol itself uses, wherever it is given', async () => {
        const reserved = options.protocol === 'connect' ? 'content-encoding' : 'x-grpc-web';
        const says = `metadata name '${reserved}' is reserved for the protocol ${options.protocol}`;
        expect(() => connect({ metadata: { [reserved]: 'x' } })).to.throw(TypeError, says);
        expect(() => connect({ reflection: { metadata: { [reserved]: 'x' } } })).to.throw(TypeError, says);
        expect(() =>
          connect({ credentials: { [reserved]: 'x' }, allowCredentialsOverPlaintext: true }),
        ).to.throw(TypeError, says);
        const raw = (more: ClientOptions) =>
          connect({ reflection: 'never', allowCredentialsOverPlaintext: true, ...more }).raw(
            '/shop.Shop/Get',
            {
              cardinality: 'unary_unary',
            },
          );
        const metadata = { [reserved]: 'x' };
        expect(await rejection(raw({})(Buffer.alloc(0), { metadata })))
          .to.be.instanceOf(TypeError)
          .with.property('message', hinted(says));
        expect(await rejection(raw({})(Buffer.alloc(0), { credentials: metadata }))).to.be.instanceOf(
          TypeError,
        );
        const changing = raw({
          interceptors: [(call, next) => next({ ...call, metadata: new Metadata(metadata) })],
        });
        expect(await rejection(changing(Buffer.alloc(0)))).to.be.instanceOf(TypeError);
        const asked = await rejection(raw({ credentials: () => metadata })(Buffer.alloc(0)));
        expect(asked).to.include({ codeName: 'INTERNAL' });
        expect(asked.message).to.include(`a credentials function returned wrong metadata: ${says}`);
      });
    });
  }

  it('lets gRPC have what only others reserve', async () => {
    const plain = close(await listenHttp2((request) => request.head().status(5)));
    const client = close(
      new Client(plain.target, {
        reflection: 'never',
        metadata: { 'accept-encoding': 'x', 'x-grpc-web': '1' },
      }),
    );
    expect(await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(Buffer.alloc(0)))).to.include({
      code: 5,
    });
  });
});

function hinted(text: string): string {
  return text.includes('content-encoding') ? `${text}; the compression option sets it` : text;
}
