// Calls with messages of JSON, as a user asks for them: a client's, a call's own, through interceptors; what is sent, what a
// reply may be, and what is said to a server that does not know JSON.

import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { expect } from 'chai';
import { type CallOptions, type Client, type ClientOptions, RpcError, SchemaError } from '../../lib/index.ts';
import { loadProto } from '../../lib/schema/proto/load-proto.ts';
import { encodeDescriptorSet } from '../../lib/schema/registry/descriptor-set.ts';
import { TestServer } from '../../lib/testing/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { describeCalls } from '../support/contract.ts';
import { frame } from '../support/messages.ts';
import { type Http2Peer, listenHttp2, type PeerStream } from '../support/peers/peer.ts';

const PROTO = 'protos/helloworld.proto';
const SHOP = 'spec/schema/sources/fixtures/generated/ts-proto/shop.js';

const headOf = (contentType: string): string[] => [':status', '200', 'content-type', contentType];
const framed = (text: string): Uint8Array => frame(Buffer.from(text));
const JSON_HEAD = headOf('application/grpc+json');

describeCalls('Messages of JSON', (Client) => {
  const close = closing();

  /** A server that answers each request, once it has ended, and a client of it. */
  async function connect(
    answer: (request: PeerStream) => void,
    options?: ClientOptions,
  ): Promise<{ readonly client: Client; readonly peer: Http2Peer }> {
    const peer = close(
      await listenHttp2((request) => void request.when(() => request.hasEnded).then(() => answer(request))),
    );
    const client = close(new Client(peer.target, options));
    await client.load(PROTO);
    return { client, peer };
  }
  const greet = (request: PeerStream): void =>
    request.head(JSON_HEAD).write(framed('{"message":"ok"}')).status(0);
  const textOf = ({ messages }: PeerStream): string[] => messages.map((message) => message.toString());

  const wishes: readonly (readonly [
    name: string,
    client: ClientOptions | undefined,
    call: CallOptions | undefined,
    isJson: boolean,
  ])[] = [
    ['nothing is said', undefined, undefined, false],
    ['the client says json', { codec: 'json' }, undefined, true],
    ['the call says json', undefined, { codec: 'json' }, true],
    ['the call says json and its client proto', { codec: 'proto' }, { codec: 'json' }, true],
    ['the call says proto and its client json', { codec: 'json' }, { codec: 'proto' }, false],
    ['a call with other options says nothing', { codec: 'json' }, { timeoutMs: 5000 }, true],
    ['there is metadata of both', { metadata: { a: 'b' } }, { codec: 'json', metadata: { a: 'c' } }, true],
  ];
  for (const [name, options, callOptions, isJson] of wishes) {
    it(`are ${isJson ? '' : 'not '}sent where ${name}`, async () => {
      const { client, peer } = await connect((request) => {
        if (isJson) greet(request);
        else
          request
            .head()
            .write(frame(Uint8Array.of(0x0a, 2, 0x6f, 0x6b)))
            .status(0);
      }, options);
      for (let i = 0; i < 2; i++) {
        const reply = await client.request('SayHello', { name: 'you' }, callOptions);
        expect(reply.message).to.equal('ok');
        expect(Object.getPrototypeOf(reply).constructor.name).to.equal('HelloReply');
        const request = peer.requests[i];
        expect(request.header('content-type')).to.equal(
          isJson ? 'application/grpc+json' : 'application/grpc',
        );
        expect(textOf(request)).to.deep.equal([isJson ? '{"name":"you"}' : '\n\x03you']);
      }
      expect(peer.requests[0].header('a')).to.equal(callOptions?.metadata === undefined ? undefined : 'c');
    });
  }

  it('are checked as those of the wire format', async () => {
    const { client } = await connect(greet, { codec: 'json' });
    const mistakes = [];
    for (const codec of ['json', 'proto'] as const) {
      mistakes.push((await rejection(client.request('SayHello', { nmae: 'you' }, { codec }))).message);
    }
    expect(mistakes[0]).to.equal(mistakes[1]);
  });

  it('are refused where the option is neither', async () => {
    const { client } = await connect(greet);
    const error = await rejection(client.request('SayHello', {}, { codec: 'JSON' as never }));
    expect(error).to.be.instanceOf(TypeError);
    expect(error.message).to.equal(`codec must be 'proto' or 'json', not "JSON"`);
    expect(() => new Client('localhost:1', { codec: 5 as never })).to.throw(TypeError, /^codec must be/);
  });

  it('are limited in size as text', async () => {
    const { client } = await connect(greet, { codec: 'json' });
    const sent = await rejection(client.request('SayHello', { name: 'you' }, { maxSendMessageBytes: 13 }));
    expect(sent.message).to.match(/message of 14 bytes exceeds maxSendMessageBytes 13/);
    const received = await rejection(client.request('SayHello', {}, { maxReceiveMessageBytes: 15 }));
    expect(received.message).to.match(/message of 16 bytes exceeds maxReceiveMessageBytes 15/);
  });

  it('of raw calls are the bytes that were given', async () => {
    const { client, peer } = await connect(greet);
    const raw = client.raw('/helloworld.Greeter/SayHello', { cardinality: 'unary_unary' });
    const reply = await raw(Buffer.from('{"name": 1}'), { codec: 'json' });
    expect(Buffer.from(reply).toString()).to.equal('{"message":"ok"}');
    expect(textOf(peer.requests[0])).to.deep.equal(['{"name": 1}']);
    expect(peer.requests[0].header('content-type')).to.equal('application/grpc+json');
  });

  it('are what encode and decode make, where the client says json or they do', async () => {
    const { client } = await connect(greet, { codec: 'json' });
    const type = 'helloworld.HelloRequest';
    expect(Buffer.from(client.encode(type, { name: 'you' })).toString()).to.equal('{"name":"you"}');
    expect(client.decode(type, Buffer.from('{"name":"you"}')).name).to.equal('you');
    const bytes = client.encode(type, { name: 'you' }, { codec: 'proto' });
    expect(Buffer.from(bytes).toString()).to.equal('\n\x03you');
    expect(client.decode(type, bytes, { codec: 'proto' }).name).to.equal('you');
    const { client: other } = await connect(greet);
    expect(Buffer.from(other.encode(type, {}, { codec: 'json' })).toString()).to.equal('{}');
    expect(() => other.decode(type, bytes, { codec: 'json' })).to.throw(
      /^not a valid JSON form of helloworld/,
    );
    expect(() => other.encode(type, {}, { codec: 'xml' as never })).to.throw(TypeError, /^codec must be/);
    expect(() => other.encode(type, {}, { keepCase: true } as never)).to.throw(TypeError, /'keepCase'/);
  });

  it('cannot be those of a module that has code for them alone', async () => {
    const { client, peer } = await connect(greet);
    await client.load(SHOP);
    const error = await rejection(client.request('shop.v1.Shop/Echo', {}, { codec: 'json' }));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.match(
      /shop\.v1\.Shop\.Echo cannot be called with JSON messages: .*load shop\.proto alongside/,
    );
    expect(peer.requests).to.deep.equal([]);
  });

  describe('in a reply', () => {
    const failures: readonly (readonly [
      name: string,
      answer: (request: PeerStream) => void,
      code: string,
      text: RegExp,
    ])[] = [
      [
        'that is no JSON',
        (request) => request.head(JSON_HEAD).write(framed('{"message":')).status(0),
        'INTERNAL',
        /the reply cannot be decoded: not a valid JSON form of helloworld\.HelloReply at message, octet 11: expected a string, found the end/,
      ],
      [
        'that is empty',
        (request) => request.head(JSON_HEAD).write(frame(0)).status(0),
        'INTERNAL',
        /octet 0: expected an object, found the end/,
      ],
      [
        'that is of the wire format, as the head says',
        (request) =>
          request
            .head()
            .write(frame(Uint8Array.of(0x0a, 2, 0x6f, 0x6b)))
            .status(0),
        'INTERNAL',
        /content-type "application\/grpc", which is not application\/grpc\+json: .* use codec: 'proto'/,
      ],
      [
        'that is of the wire format, as the head says in full',
        (request) => request.head(headOf('application/grpc+proto; a=b')).write(frame(0)).status(0),
        'INTERNAL',
        /content-type "application\/grpc\+proto; a=b"/,
      ],
      [
        'that does not come, behind a head of the wire format',
        (request) => request.head().status(0),
        'INTERNAL',
        /content-type "application\/grpc", which is not/,
      ],
      [
        'that is an error behind a head of the wire format',
        (request) => request.head().status(5, 'grpc-message', 'no such name'),
        'NOT_FOUND',
        /^NOT_FOUND: no such name$/,
      ],
      [
        'that is an error of the wire format alone',
        (request) =>
          request.head([...headOf('application/grpc'), 'grpc-status', '12', 'grpc-message', 'no'], true),
        'UNIMPLEMENTED',
        /^UNIMPLEMENTED: no$/,
      ],
      [
        'of a server that takes the text for bytes',
        (request) =>
          request
            .head(JSON_HEAD)
            .status(
              13,
              'grpc-message',
              'grpc: error unmarshalling request: proto: cannot parse invalid wire-format data',
            ),
        'INTERNAL',
        /cannot parse invalid wire-format data.*\bthe call's messages were JSON, which this server may not know; use codec: 'proto'/,
      ],
      [
        'of a server that takes no such content-type',
        (request) => request.head([':status', '415', 'content-type', 'text/plain'], true),
        'UNKNOWN',
        /HTTP status 415.*may not know; use codec: 'proto'/,
      ],
      [
        'of a web server',
        (request) => request.head([':status', '200', 'content-type', 'application/json'], true),
        'UNKNOWN',
        /content-type "application\/json"/,
      ],
    ];
    for (const [name, answer, code, text] of failures) {
      it(`${name}, it ends with ${code}`, async () => {
        const { client } = await connect(answer, { codec: 'json' });
        const error = await rejection(client.request('SayHello', {}));
        expect(error).to.be.instanceOf(RpcError);
        expect((error as RpcError).codeName).to.equal(code);
        expect(error.message).to.match(text);
      });
    }

    it('to a call of the wire format is refused, as the head says', async () => {
      const { client } = await connect(greet);
      const error = await rejection(client.request('SayHello', {}));
      expect(error.message).to.match(
        /^INTERNAL: the server answered with JSON messages .* use codec: 'json'$/,
      );
    });

    it('may have white space and parameters in its content-type, in any case', async () => {
      const { client } = await connect(
        (request) =>
          request
            .head(headOf('Application/GRPC+JSON; charset=utf-8'))
            .write(framed(' {"message": "ok"}\n'))
            .status(0),
        { codec: 'json' },
      );
      expect((await client.request('SayHello', {})).message).to.equal('ok');
    });
  });
});

describeCalls('Messages of JSON to a test server', (Client) => {
  const close = closing();

  it('go both ways in each kind of call', async () => {
    const server = close(
      new TestServer(PROTO, {
        SayHello: ({ name }: { name: string }) => ({ message: name }),
        SayHelloStreamReply: ({ name }: { name: string }) => [{ message: name }, { message: 'again' }],
        async *SayHelloBidiStream(requests: AsyncIterable<{ name: string }>) {
          for await (const { name } of requests) yield { message: name };
        },
      } as never),
    );
    const { host, port } = await server.listen();
    const client = close(new Client(host, port, { codec: 'json', compression: 'gzip' }));
    // Reflection is never JSON.
    expect((await client.request('SayHello', { name: 'Zoë' })).message).to.equal('Zoë');
    const replies = await client.request('SayHelloStreamReply', { name: 'a' }).toArray();
    expect(replies.map(({ message }) => message)).to.deep.equal(['a', 'again']);
    const call = client.open('SayHelloBidiStream');
    for (const name of ['x', 'y'.repeat(100_000)]) {
      await call.write({ name });
      expect((await call.read()).message).to.equal(name);
    }
    await call.end();
    expect((await call.status).code).to.equal(0);
    expect(await client.check()).to.equal('SERVING');
  });
});

describe('Messages of JSON to connect-node', () => {
  const close = closing();
  let server: Http2Server;
  before(async () => {
    const { files } = await loadProto([PROTO]);
    const schema = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(files)));
    const service = schema.getService('helloworld.Greeter');
    if (service === undefined) throw new Error('no Greeter');
    const handler = connectNodeAdapter({
      routes: (router) => {
        router.service(service, {
          sayHello: ({ name }: { name: string }) => {
            if (name === '') throw new ConnectError('no name', Code.InvalidArgument);
            return { message: `Hello, ${name}!` };
          },
          async *sayHelloBidiStream(requests: AsyncIterable<{ name: string }>) {
            for await (const { name } of requests) yield { message: name };
          },
        } as never);
      },
    });
    server = createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  });
  after(() => server.close());

  for (const codec of ['json', 'proto'] as const) {
    it(`are answered as those of ${codec} are`, async () => {
      const { Client } = await import('../../lib/index.ts');
      const client = close(new Client('localhost', (server.address() as AddressInfo).port, { codec }));
      await client.load(PROTO);
      const call = client.request('SayHello', { name: 'you "\u2028"' });
      expect((await call).message).to.equal('Hello, you "\u2028"!');
      expect((await call.headers).get('content-type') ?? '').not.to.equal('application/json');
      const replies = await client.request('SayHelloBidiStream', [{ name: 'a' }, { name: 'b' }]).toArray();
      expect(replies.map(({ message }) => message)).to.deep.equal(['a', 'b']);
      const error = await rejection(client.request('SayHello', {}));
      expect(error.message).to.match(/^INVALID_ARGUMENT: no name/);
    });
  }
});
