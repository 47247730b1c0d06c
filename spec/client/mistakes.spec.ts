// What somebody is told who writes it as another gRPC library has it, or forgets a word: the exact text, which must be
// enough to know what to write instead. A row a mistake; the server is the one of the examples, its port shown as 50051.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, Metadata as GrpcMetadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { Client } from '../../lib/index.ts';
import { type ExampleServer, startExampleServer } from '../support/peers/servers.ts';
import { runNode } from '../support/program.ts';

/** What a program without types can do with a client. */
// biome-ignore lint/suspicious/noExplicitAny: the mistakes are those that the compiler would find
type Untyped = any;

interface Place {
  readonly client: Untyped;
  readonly port: number;
  /** An empty directory. */
  readonly directory: string;
}

type Mistake = readonly [
  /** What the program says. */
  written: string,
  make: (place: Place) => unknown,
  told: string,
];

const grpc = { credentials, Metadata: GrpcMetadata };
const Constructor: Untyped = Client;
const make = (...given: readonly unknown[]): Untyped => {
  const client = new Constructor(...given);
  void client.close();
  return client;
};
const callback = (): void => {};

/** A call to where a server is not, on a client of its own. */
async function callTo(target: string): Promise<unknown> {
  const client: Untyped = new Client(target);
  try {
    await client.load('protos/helloworld.proto');
    return await client.request('SayHello', { name: 'you' });
  } finally {
    await client.close();
  }
}

const mistakes: Readonly<Record<string, readonly Mistake[]>> = {
  'a word too few': [
    [
      "client.request('SayHello', { name }).message",
      ({ client }) => client.request('SayHello', {}).message,
      "'message' is a field of the reply of /helloworld.Greeter/SayHello, and this is the call: await it first, const reply = await client.request('SayHello', …); reply.message",
    ],
    [
      "(await client.request('ListFeatures', area)).name",
      async ({ client }) => (await client.request('ListFeatures', {})).name,
      "/routeguide.RouteGuide/ListFeatures streams its replies, so there is no single reply to read 'name' from: loop over them, for await (const reply of client.request('ListFeatures', …)) reply.name, or take them all with await call.toArray()",
    ],
    [
      "(await client.request('ListFeatures', area)).map(…)",
      async ({ client }) => (await client.request('ListFeatures', {})).map(callback),
      "the replies of /routeguide.RouteGuide/ListFeatures are not an array and have no 'map': loop over them, for await (const reply of client.request('ListFeatures', …)) …, or take them all with await call.toArray()",
    ],
    [
      "const { message } = client.service('Greeter').SayHello({ name })",
      ({ client }) => {
        const { message } = client.service('Greeter').SayHello({});
        return message;
      },
      "'message' is a field of the reply of /helloworld.Greeter/SayHello, and this is the call: await it first, const reply = await client.request('SayHello', …); reply.message",
    ],
    [
      "client.request('SayHello', fetchName())",
      ({ client }) => client.request('SayHello', Promise.resolve({ name: 'you' })),
      'helloworld.HelloRequest: expected an object like { name: … }, got a Promise; await it first',
    ],
    [
      "client.request('SayHello', { name: fetchName() })",
      ({ client }) => client.request('SayHello', { name: Promise.resolve('you') }),
      'name: expected a string, got a Promise; await it first',
    ],
    [
      "client.request('SayHello', client.request('SayHello', {}))",
      async ({ client }) => {
        const call = client.request('SayHello', {});
        await call;
        return client.request('SayHello', call);
      },
      'helloworld.HelloRequest: expected an object like { name: … }, got a call; await it first',
    ],
    [
      "client.request('SayHello', { name: client.request('SayHello', {}) })",
      async ({ client }) => {
        const call = client.request('SayHello', {});
        await call;
        return client.request('SayHello', { name: call });
      },
      'name: expected a string, got a call; await it first',
    ],
    [
      "client.load(protoLoader.load('helloworld.proto'))",
      ({ client }) => client.load(Promise.resolve({})),
      'load does not take a Promise; await it first: client.load(await …)',
    ],
    [
      "client.request('SayHello', { name }, { metadata: fetchMetadata() })",
      ({ client }) => client.request('SayHello', {}, { metadata: Promise.resolve({}) }),
      "metadata must be an object like { 'x-name': 'value' }, entries, a Map or Metadata, not Promise; await it first",
    ],
    [
      "client.request('RecordRoute', { latitude: 1 })",
      ({ client }) => client.request('RecordRoute', { latitude: 1 }),
      'routeguide.RouteGuide.RecordRoute takes a stream of requests: give an iterable of messages, such as [{ … }, { … }], or use client.open',
    ],
    [
      "client.request('Greeter', { name })",
      ({ client }) => client.request('Greeter', {}),
      "'Greeter' is a service; name one of its methods as well: 'Greeter/SayHello' (it has SayHello, SayHelloAgain, SayHelloStreamReply, SayHelloBidiStream)",
    ],
    [
      "new Client('localhost')",
      () => make('localhost'),
      "the target \"localhost\" has no port; give 'localhost:50051' or new Client('localhost', port)",
    ],
    [
      "new Client('api.example.com')",
      () => make('api.example.com'),
      "the target \"api.example.com\" has no port; give 'api.example.com:50051' or new Client('api.example.com', port), or 'https://api.example.com' for TLS on port 443",
    ],
  ],
  "grpc-js's ways": [
    [
      'client.SayHello({ name }, callback)',
      ({ client }) => client.SayHello({}, callback),
      "a client has no method 'SayHello': call it by its name, await client.request('helloworld.Greeter.SayHello', { … }), or by its service, await client.service('helloworld.Greeter').SayHello({ … })",
    ],
    [
      'client.sayHello({ name }, callback)',
      ({ client }) => client.sayHello({}, callback),
      "a client has no method 'sayHello': call it by its name, await client.request('helloworld.Greeter.SayHello', { … }), or by its service, await client.service('helloworld.Greeter').SayHello({ … })",
    ],
    [
      "new client.helloworld.Greeter('localhost:50051')",
      ({ client }) => new client.helloworld.Greeter('localhost:50051'),
      "a client has no member 'helloworld': a service as an object is client.service('helloworld.Greeter')",
    ],
    [
      "client.request('SayHello', { name }, callback)",
      ({ client }) => client.request('SayHello', {}, callback),
      "the call options must be an object, not a function; calls return promises and take no callback: const reply = await client.request('SayHello', { name: 'you' })",
    ],
    [
      "client.request('SayHello', { name }, {}, callback)",
      ({ client }) => client.request('SayHello', {}, {}, callback),
      "the call options must be an object, not a function; calls return promises and take no callback: const reply = await client.request('SayHello', { name: 'you' })",
    ],
    [
      "client.request('SayHello', callback)",
      ({ client }) => client.request('SayHello', callback),
      'helloworld.HelloRequest: expected an object like { name: … }, got a function; calls return promises and take no callback',
    ],
    [
      "client.request('ListFeatures', area).on('data', callback)",
      ({ client }) => client.request('ListFeatures', {}).on('data', callback),
      "a call has no 'on', and emits no events: loop over its replies, for await (const reply of client.request('ListFeatures', …)) …; (await call.status).codeName tells how it ended",
    ],
    [
      'client.getChannel()',
      ({ client }) => client.getChannel(),
      "a client has no method 'getChannel': its connection is client.channel",
    ],
    [
      'client.waitForReady(Date.now() + 1000, callback)',
      ({ client }) => client.waitForReady(1000, callback),
      'the waitForReady options must be an object, not 1000; for a time limit give { timeoutMs: 1000 }',
    ],
    [
      "new Client('localhost:50051', grpc.credentials.createInsecure())",
      () => make('localhost:50051', grpc.credentials.createInsecure()),
      'the client options must be a plain object, not an object of the class InsecureChannelCredentialsImpl; these are channel credentials of another library: leave them out for plaintext, and give { tls: true } for TLS',
    ],
    [
      "new Client('localhost:50051', grpc.credentials.createSsl(), options)",
      () => make('localhost:50051', grpc.credentials.createSsl(), {}),
      'the client options must be a plain object, not an object of the class SecureChannelCredentialsImpl; these are channel credentials of another library: leave them out for plaintext, and give { tls: true } for TLS',
    ],
    [
      "new Client('localhost:50051', { credentials: grpc.credentials.createInsecure() })",
      () => make('localhost:50051', { credentials: grpc.credentials.createInsecure() }),
      'credentials must be metadata such as { authorization: … }, a function that returns it, or an array of these, not the channel credentials of another library (InsecureChannelCredentialsImpl); leave them out for plaintext, and give tls: true for TLS',
    ],
    [
      "new Client('localhost:50051', { 'grpc.max_receive_message_length': -1 })",
      () => make('localhost:50051', { 'grpc.max_receive_message_length': -1 }),
      "there is no client option 'grpc.max_receive_message_length'; give maxReceiveMessageBytes (Infinity for no limit)",
    ],
    [
      "new Client('localhost:50051', { 'grpc.keepalive_time_ms': 10_000 })",
      () => make('localhost:50051', { 'grpc.keepalive_time_ms': 10_000 }),
      "there is no client option 'grpc.keepalive_time_ms'; give keepalive: { intervalMs }",
    ],
    [
      "client.request('SayHello', { name }, new grpc.Metadata())",
      ({ client }) => client.request('SayHello', {}, new grpc.Metadata()),
      'the call options must be a plain object, not an object of the class Metadata; give it as { metadata }',
    ],
    [
      "client.request('SayHello', { name }, { metadata: new grpc.Metadata() })",
      ({ client }) => client.request('SayHello', {}, { metadata: new grpc.Metadata() }),
      "metadata must be an object like { 'x-name': 'value' }, entries, a Map or Metadata, not Metadata of another library; give its entries: metadata.getMap()",
    ],
    [
      "client.load('helloworld.proto', { longs: 'String' })",
      ({ client }) => client.load('protos/helloworld.proto', { longs: 'String' }),
      'longs must be BigInt, String or Number (the constructor itself), not "String"; write String without quotes',
    ],
  ],
  'names of other libraries and tools': [
    [
      "client.request('SayHello', { name }, { headers: { authorization } })",
      ({ client }) => client.request('SayHello', {}, { headers: {} }),
      "there is no call option 'headers'; give metadata: { 'x-name': 'value' }",
    ],
    [
      "client.request('SayHello', { name }, { authorization: 'Bearer x' })",
      ({ client }) => client.request('SayHello', {}, { authorization: 'Bearer x' }),
      "there is no call option 'authorization'; give credentials: { authorization: 'Bearer …' } over TLS, or the same as metadata over plaintext",
    ],
    [
      "client.request('SayHello', { name }, { timeout: 5000 })",
      ({ client }) => client.request('SayHello', {}, { timeout: 5000 }),
      "there is no call option 'timeout'; did you mean 'timeoutMs'?",
    ],
    [
      "client.request('SayHello', { name }, { timeoutMs: '5s' })",
      ({ client }) => client.request('SayHello', {}, { timeoutMs: '5s' }),
      'timeoutMs must be a number of milliseconds above 0 (Infinity for none), not "5s"',
    ],
    [
      "client.request('SayHello', { name }, 5000)",
      ({ client }) => client.request('SayHello', {}, 5000),
      'the call options must be an object, not 5000; for a time limit give { timeoutMs: 5000 }',
    ],
    [
      "client.request('SayHello', { name }, { retry: 3 })",
      ({ client }) => client.request('SayHello', {}, { retry: 3 as never }),
      'the retry options must be an object, not 3; give { maxAttempts: 3 }',
    ],
    [
      "client.request('ListFeatures').toArray(5)",
      ({ client }) => client.request('ListFeatures', {}).toArray(5 as never),
      'the toArray options must be an object, not 5; give { limit: 5 }',
    ],
    [
      "client.request('SayHello', { name }, { signal: new AbortController() })",
      ({ client }) => client.request('SayHello', {}, { signal: new AbortController() }),
      'signal must be an AbortSignal, not AbortController; give controller.signal',
    ],
    [
      "client.request('SayHello', { name }, AbortSignal.timeout(100))",
      ({ client }) => client.request('SayHello', {}, new AbortController().signal),
      'the call options must be a plain object, not an object of the class AbortSignal; give it as { signal }',
    ],
    [
      "new Client('localhost:50051', { plaintext: true })",
      () => make('localhost:50051', { plaintext: true }),
      "there is no client option 'plaintext'; leave it out: host:port and http:// mean plaintext",
    ],
    [
      "new Client('api.example.com:443', { ssl: true })",
      () => make('api.example.com:443', { ssl: true }),
      "there is no client option 'ssl'; did you mean 'tls'?",
    ],
    [
      "new Client('https://localhost:50051', { ca })",
      () => make('https://localhost:50051', { ca: 'x' }),
      "there is no client option 'ca'; give tls: { ca }",
    ],
    [
      "new Client({ baseUrl: 'http://localhost:50051' })",
      () => make({ baseUrl: 'http://localhost:50051' }),
      "the target must be a string such as 'localhost:50051', '[::1]:50051', 'dns:///host:port', 'ipv4:10.0.0.1:50051,10.0.0.2:50051', 'unix:/path', 'http://host:port' or 'https://host:port/prefix', not an object; it comes first and by itself, and options behind it: new Client('localhost:50051', { … })",
    ],
    [
      "new Client('localhost:50051', { keepCase: true })",
      () => make('localhost:50051', { keepCase: true }),
      "there is no client option 'keepCase'; give values: { keepCase }, or the keepCase option of client.load",
    ],
    [
      "client.load('helloworld.proto', { keepcase: true })",
      ({ client }) => client.load('protos/helloworld.proto', { keepcase: true }),
      "there is no load option 'keepcase'; did you mean 'keepCase'?",
    ],
    [
      "client.load('helloworld.proto', { includePaths: ['protos'] })",
      ({ client }) => client.load('protos/helloworld.proto', { includePaths: ['protos'] }),
      "there is no load option 'includePaths'; did you mean 'includeDirs'?",
    ],
    [
      "client.load('helloworld.proto', { root: 'protos' })",
      ({ client }) => client.load('protos/helloworld.proto', { root: 'protos' }),
      "there is no load option 'root'; give includeDirs: ['dir']",
    ],
    [
      "client.load('a.proto', 'b.proto')",
      ({ client }) => client.load('protos/helloworld.proto', 'protos/route_guide.proto'),
      "the load options must be an object, not \"protos/route_guide.proto\"; to load several files give them as an array: client.load(['a.proto', 'b.proto'])",
    ],
    [
      'client.request(\'SayHello\', \'{"name":"you"}\')',
      ({ client }) => client.request('SayHello', '{"name":"you"}'),
      'helloworld.HelloRequest: expected an object like { name: … }, got \'{"name":"you"}\'; JSON text is read by client.fromJsonString(\'helloworld.HelloRequest\', text)',
    ],
    [
      "client.request('SayHello', { nam: 'you' })",
      ({ client }) => client.request('SayHello', { nam: 'you' }),
      "nam: helloworld.HelloRequest has no field 'nam'; did you mean 'name'?",
    ],
    [
      "client.request('SayHelo', { name })",
      ({ client }) => client.request('SayHelo', {}),
      "method 'SayHelo' is not known; did you mean 'helloworld.Greeter.SayHello'?",
    ],
  ],
  places: [
    [
      "new Client('::1:50051')",
      () => make('::1:50051'),
      'the target "::1:50051" is an IPv6 address without brackets; give \'[::1]:50051\' for port 50051',
    ],
    [
      'new Client(50051)',
      () => make(50051),
      "the target must be a string such as 'localhost:50051', '[::1]:50051', 'dns:///host:port', 'ipv4:10.0.0.1:50051,10.0.0.2:50051', 'unix:/path', 'http://host:port' or 'https://host:port/prefix', not 50051; for port 50051 of this machine give 'localhost:50051'",
    ],
    [
      "new Client('50051')",
      () => make('50051'),
      'the target "50051" is a port alone; give \'localhost:50051\'',
    ],
    [
      "new Client('localhost', '50051')",
      () => make('localhost', '50051'),
      'new Client("localhost", port): the port must be a whole number from 1 to 65535, not "50051"; give it as a number, 50051',
    ],
    [
      "new Client('localhost:50051/helloworld.Greeter')",
      () => make('localhost:50051/helloworld.Greeter'),
      "the target \"localhost:50051/helloworld.Greeter\" has a path; give 'localhost:50051', or 'http://localhost:50051/helloworld.Greeter' where a proxy wants this before each method",
    ],
    [
      "new Client('https://localhost', 50051)",
      () => make('https://localhost', 50051),
      'the host "https://localhost" is not a host name or IP address; give a whole target alone: new Client("https://localhost:50051")',
    ],
    [
      "new Client('/tmp/greeter.sock')",
      () => make('/tmp/greeter.sock'),
      'the target "/tmp/greeter.sock" names no host; give \'unix:/tmp/greeter.sock\' for a Unix socket',
    ],
    [
      "new Client('127.0.0.1:50051'), and the server listens on ::1",
      async () => {
        const server = createServer().listen(0, '127.0.0.1');
        await new Promise((resolve) => server.once('listening', resolve));
        const { port } = server.address() as { readonly port: number };
        await new Promise((resolve) => server.close(resolve));
        return callTo(`127.0.0.1:${port}`).catch((error) => {
          throw new Error(String(error.message).replaceAll(String(port), '50051'));
        });
      },
      'UNAVAILABLE: cannot connect to 127.0.0.1:50051: nothing listens on 127.0.0.1:50051 (ECONNREFUSED); if the server listens on IPv6 alone, give [::1]:50051, or localhost:50051 for both',
    ],
    [
      "new Client('https://localhost:50051'), and the server speaks plaintext",
      ({ port }) => callTo(`https://localhost:${port}`),
      'UNAVAILABLE: cannot connect to localhost:50051: the server answered something that is not TLS: it speaks plaintext, or the port is wrong; to talk plaintext, use an http:// target, or leave tls out',
    ],
    [
      "client.request('helloworld.Greeter.SayHello', …) without load, and without reflection",
      async ({ port }) => {
        const client: Untyped = new Client('localhost', port);
        return client.request('helloworld.Greeter.SayHello', {}).finally(() => client.close());
      },
      "there is no method 'helloworld.Greeter.SayHello': nothing is loaded, and localhost:50051 has no reflection service; load its schema with client.load('….proto')",
    ],
  ],
  modules: [
    [
      "client.load('shop_pb.ts')",
      ({ client, directory }) => {
        writeFileSync(join(directory, 'shop_pb.ts'), 'export enum Kind { A }');
        return client.load(join(directory, 'shop_pb.ts'));
      },
      '…; compile it and load the .js, or import it with what runs your TypeScript (tsx, ts-node, vitest) and load the module: client.load(await import(path))',
    ],
    [
      "client.load('shop_pb.js'), an ES module in a package of CommonJS modules",
      ({ client, directory }) => {
        writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }');
        writeFileSync(join(directory, 'shop_pb.js'), 'export const a = 1;');
        return client.load(join(directory, 'shop_pb.js'));
      },
      '…; it is an ES module in a package of CommonJS modules: put "type": "module" into a package.json in its folder, or rename it to .mjs',
    ],
    [
      "client.load('shop_pb.js'), a CommonJS module in a package of ES modules",
      ({ client, directory }) => {
        mkdirSync(join(directory, 'esm'));
        writeFileSync(join(directory, 'esm/package.json'), '{ "type": "module" }');
        writeFileSync(join(directory, 'esm/shop_pb.js'), "const pb = require('google-protobuf');");
        return client.load(join(directory, 'esm/shop_pb.js'));
      },
      '…; it is a CommonJS module in a package of ES modules: put "type": "commonjs" into a package.json in its folder, or rename it to .cjs',
    ],
    [
      "client.load('shop_pb.js'), whose run time is not installed",
      ({ client, directory }) => {
        writeFileSync(join(directory, 'shop_pb.mjs'), "import '@bufbuild/protobuf/codegenv2';");
        return client.load(join(directory, 'shop_pb.mjs'));
      },
      '…; the package that it was generated for must be installed: npm install @bufbuild/protobuf',
    ],
  ],
};
describe('Mistakes of newcomers are answered with what to write', () => {
  let server: ExampleServer;
  let client: Client;
  let directory: string;
  before(async () => {
    server = await startExampleServer();
    client = new Client('localhost', server.port);
    await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);
    directory = mkdtempSync(join(tmpdir(), 'stubless-mistakes-'));
  });
  after(async () => {
    await client.close();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  /** What somebody is told; of an error of the runtime's, behind the …, only what is added to it. */
  async function toldOf(mistake: Mistake[1], isEnd: boolean): Promise<string> {
    try {
      await mistake({ client, port: server.port, directory });
    } catch (error) {
      const text = String((error as Error).message).replaceAll(String(server.port), '50051');
      return isEnd ? `…${text.slice(text.indexOf('; ', text.indexOf('cannot be imported: ')))}` : text;
    }
    return 'nothing';
  }

  for (const [kind, rows] of Object.entries(mistakes)) {
    describe(kind, () => {
      for (const [written, mistake, told] of rows) {
        it(written, async () => expect(await toldOf(mistake, told.startsWith('…'))).to.equal(told));
      }
    });
  }

  it('are more than forty', () => {
    expect(Object.values(mistakes).flat()).to.have.length.greaterThan(40);
  });

  it("README's first program as CommonJS, which Node itself answers", async () => {
    writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }');
    writeFileSync(join(directory, 'index.js'), "import { Client } from 'stubless';\n");
    const { stderr } = await runNode([join(directory, 'index.js')]);
    expect(stderr).to.include('use the .mjs extension').and.include('"type": "module"');
  });
});
