// Values of another realm, as Jest, vm contexts and Electron make them, at each place where a value is given: they are
// known for what they are. And the library in a realm of its own, where what Node.js makes is of another.

import { mkdtempSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import vm from 'node:vm';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { build } from 'esbuild';
import { checkTls } from '../../lib/client/tls-options.ts';
import { Client, type ClientOptions, Metadata, RpcError } from '../../lib/index.ts';
import { TestServer } from '../../lib/testing/index.ts';
import { isAbortSignal, isError, isUrl, messageOf, ownSignal } from '../../lib/values/realm.ts';
import { certificatePath, pem } from '../channel/socket/tls/certificate-files.ts';
import { closing, rejection } from '../support/closing.ts';
import { echo, listenHttp2 } from '../support/peers/peer.ts';

const PROTO = `syntax = "proto3"; package r;
  import "google/protobuf/timestamp.proto"; import "google/protobuf/duration.proto";
  import "google/protobuf/struct.proto"; import "google/protobuf/wrappers.proto";
  import "google/protobuf/any.proto"; import "google/protobuf/field_mask.proto";
  enum E { A = 0; B = 1; }
  message M { string s = 1; bytes b = 2; map<string, int32> m = 3; google.protobuf.Timestamp t = 4;
    repeated double d = 5; google.protobuf.Duration u = 6; google.protobuf.Struct st = 7; google.protobuf.Value v = 8;
    google.protobuf.BytesValue w = 9; google.protobuf.Any a = 10; repeated string l = 11; M n = 12;
    google.protobuf.FieldMask f = 13; E e = 14; repeated int64 i = 15; map<int32, M> mm = 16; google.protobuf.ListValue lv = 17;
    oneof o { string p = 18; M q = 19; } }
  service S { rpc U(M) returns (M); rpc C(stream M) returns (M); rpc D(M) returns (stream M); }`;

interface Message {
  readonly s: string;
}
interface HandlerCall {
  readonly metadata: Metadata;
  readonly trailers: Metadata;
}

/** The same code in another realm, and here. */
const foreign = (code: string): unknown =>
  vm.runInNewContext(code, { EventTarget, Event, Buffer: undefined });
const own = (code: string): unknown => vm.runInThisContext(code);

/** Of a class that jsdom and others have in place of Node's. */
const FOREIGN_SIGNAL = `(() => {
  class AbortSignal extends EventTarget {
    aborted = false; reason = undefined;
    get [Symbol.toStringTag]() { return 'AbortSignal'; }
    abort(reason) { this.aborted = true; this.reason = reason; this.dispatchEvent(new Event('abort')); }
  }
  return new AbortSignal();
})()`;
interface ForeignSignal extends AbortSignal {
  abort(reason: unknown): void;
}
const foreignSignal = (): ForeignSignal => foreign(FOREIGN_SIGNAL) as ForeignSignal;
const FOREIGN_URL = `(() => {
  class URL { constructor(href) { this.href = href; } toString() { return this.href; } get [Symbol.toStringTag]() { return 'URL'; } }
  return (href) => new URL(href);
})()`;
const foreignUrl = (href: string): URL => (foreign(FOREIGN_URL) as (href: string) => URL)(href);

describe('Values of another realm', () => {
  const close = closing();
  let client: Client;
  before(async () => {
    client = new Client('localhost', 1);
    await client.load(PROTO);
  });
  after(() => client.close());

  /** What becomes of a value: its octets, or what is said of it. */
  function encoded(value: unknown): string {
    try {
      return Buffer.from(client.encode('r.M', value as object)).toString('hex');
    } catch (error) {
      return `${(error as Error).name}: ${(error as Error).message}`;
    }
  }

  const values: readonly string[] = [
    '({ s: "x" })',
    'Object.create(null, { s: { value: "x", enumerable: true } })',
    'new (class { s = "x"; get b() { return new Uint8Array([1]); } })()',
    '({ b: new Uint8Array([1, 2]) })',
    '({ b: new Uint8Array([9, 1, 2]).subarray(1) })',
    '({ b: new Uint8Array([1, 2]).buffer })',
    '({ b: new SharedArrayBuffer(2) })',
    '({ b: [1, 2] })',
    '({ b: new Uint16Array([1, 2]) })',
    '({ b: new DataView(new ArrayBuffer(2)) })',
    '({ m: new Map([["a", 1]]) })',
    '({ m: new (class extends Map {})([["a", 1]]) })',
    '({ m: { a: 1 } })',
    '({ m: new Set(["a"]) })',
    '({ m: new Date(0) })',
    '({ m: [["a", 1]] })',
    '({ mm: new Map([[1, { s: "x" }]]) })',
    '({ mm: new Map([[1, new Map()]]) })',
    '({ t: new Date(1000) })',
    '({ t: new Date(NaN) })',
    '({ t: { seconds: 1n, nanos: 2 } })',
    '({ t: new Map() })',
    '({ u: { seconds: 1 } })',
    '({ u: new Date(1000) })',
    '({ d: [1.5] })',
    '({ d: new Float64Array([1.5]) })',
    '({ d: new Float32Array([1.5]) })',
    '({ d: new Uint8Array([1]) })',
    '({ d: new DataView(new ArrayBuffer(8)) })',
    '({ d: new Set([1]) })',
    '({ i: new BigInt64Array([1n]) })',
    '({ l: ["a"] })',
    '({ l: new Map() })',
    '({ n: { s: "x" } })',
    '({ n: new Map([["s", "x"]]) })',
    '({ n: new Set() })',
    '({ n: new Date(0) })',
    '({ n: /x/ })',
    '({ n: Promise.resolve() })',
    '({ n: new ArrayBuffer(1) })',
    '({ n: new String("x") })',
    '({ n: new Number(1) })',
    '({ n: new Boolean(true) })',
    '({ n: new Uint8Array(1) })',
    '({ st: { a: [1, null, { b: "x" }] } })',
    '({ st: new Map([["a", 1]]) })',
    '({ v: new Date(0) })',
    '({ v: new Map() })',
    '({ v: { a: 1 } })',
    '({ lv: [1, {}] })',
    '({ w: new Uint8Array([1]) })',
    '({ w: new Uint8Array(0) })',
    '({ w: new Uint8Array([1]).buffer })',
    '({ w: { value: new Uint8Array([1]) } })',
    '({ a: { "@type": "x/y.Z", value: new Uint8Array([1]) } })',
    '({ a: { "@type": "x/r.M", s: "x" } })',
    '({ a: { typeUrl: "x/r.M", value: new Uint8Array([10, 1, 120]) } })',
    '({ f: { paths: ["a"] } })',
    '({ f: "a,b" })',
    '({ e: "B" })',
    '({ q: { p: "x" } })',
    '({ q: {}, p: "x" })',
    '({ s: new String("x") })',
    '({ nope: new Map() })',
    'new Map([["s", "x"]])',
    'new Date(0)',
    'new Uint8Array(1)',
  ];
  for (const code of values) {
    it(`are the same in a message: ${code}`, () => {
      const wanted = encoded(own(code));
      expect(encoded(foreign(code))).to.equal(wanted);
    });
  }

  it('are named in errors as those of this realm', () => {
    expect(encoded(foreign('({ s: new Map() })'))).to.equal('TypeError: s: expected a string, got a Map');
    expect(encoded(foreign('({ s: new Set() })'))).to.include('got a Set');
    expect(encoded(foreign('({ s: new Date(0) })'))).to.include('got a Date');
    expect(encoded(foreign('({ s: new Uint8Array(3) })'))).to.include('got 3 bytes');
  });

  it('are found in a cycle', () => {
    const code = '(() => { const m = new Map(); const n = { mm: m }; m.set(1, n); return n; })()';
    expect(encoded(foreign(code))).to.include('contains itself');
  });

  for (const code of values.slice(0, 12).concat('({ t: new Date(1000) })', '({ w: new Uint8Array([1]) })')) {
    it(`are the same as JSON and as text: ${code}`, () => {
      const shown = (value: unknown): unknown => {
        try {
          return [client.toJson('r.M', value as object), client.toText('r.M', value as object)];
        } catch (error) {
          return (error as Error).message;
        }
      };
      expect(shown(foreign(code))).to.deep.equal(shown(own(code)));
    });
  }

  describe('in a call', () => {
    async function connected(options?: ClientOptions): Promise<Client> {
      const server = close(
        new TestServer(PROTO, {
          U: (message: Message, call: HandlerCall) => {
            if (message.s === 'throw') throw foreign('new TypeError("from afar")');
            call.trailers.set('x-a', call.metadata.get('x-a') ?? 'none');
            call.trailers.set('x-bin', call.metadata.get('x-bin') ?? Buffer.alloc(0));
            return message.s === 'foreign' ? foreign('({ s: "reply", m: new Map([["a", 1]]) })') : message;
          },
          C: async (messages: AsyncIterable<Message>) => {
            let s = '';
            for await (const message of messages) s += message.s;
            return { s };
          },
          D: () => foreign('[{ s: "a" }, { s: "b" }]'),
        } as never),
      );
      return server.client(options);
    }

    it('are taken as requests and as replies of a test server', async () => {
      const caller = await connected();
      expect(await caller.request('U', foreign('({ s: "x", b: new Uint8Array([1]) })') as object)).to.include(
        { s: 'x' },
      );
      const reply = (await caller.request('U', { s: 'foreign' })) as {
        readonly s: string;
        readonly m: object;
      };
      expect(reply.s).to.equal('reply');
      expect(reply.m).to.deep.equal({ a: 1 });
      expect(await caller.request('D', {}).toArray()).to.have.lengthOf(2);
    });

    for (const code of [
      '[{ s: "a" }, { s: "b" }]',
      'new Set([{ s: "a" }, { s: "b" }])',
      '(function* () { yield { s: "a" }; yield { s: "b" }; })()',
      '(async function* () { yield { s: "a" }; yield { s: "b" }; })()',
    ]) {
      it(`are taken as a stream of requests: ${code}`, async () => {
        const caller = await connected();
        expect(await caller.request('C', foreign(code) as object)).to.include({ s: 'ab' });
      });
    }

    it('are refused as a stream of requests where they are bytes', async () => {
      const caller = await connected();
      const error = await rejection(caller.request('C', foreign('new Uint8Array([1])') as object));
      expect(error.message).to.include('takes a stream of requests');
    });

    const metadata: readonly string[] = [
      '({ "x-a": "1", "x-bin": new Uint8Array([1, 2]) })',
      'new Map([["x-a", "1"], ["x-bin", new Uint8Array([1, 2])]])',
      '[["x-a", ["1"]], ["x-bin", new Uint8Array([9, 1, 2]).subarray(1)]]',
    ];
    for (const code of metadata) {
      it(`are taken as metadata and credentials: ${code}`, async () => {
        const given = foreign(code) as Record<string, string>;
        const caller = await connected();
        const call = caller.request('U', {}, { metadata: given });
        await call;
        const trailers = await call.trailers;
        expect(trailers.get('x-a')).to.equal('1');
        expect(trailers.get('x-bin')).to.deep.equal(Buffer.from([1, 2]));
        const stored = new Metadata(given);
        expect(stored.get('x-bin')).to.be.instanceOf(Uint8Array);
        const peer = close(await listenHttp2(echo));
        const raw = close(new Client(peer.target, { allowCredentialsOverPlaintext: true }));
        const send = raw.raw('/s/m', { cardinality: 'unary_unary' });
        for (const credentials of code.startsWith('[') ? [async () => given] : [given, () => given]) {
          await send(new Uint8Array(0), { credentials });
        }
        expect(new Set(peer.requests.map((request) => request.header('x-bin')))).to.deep.equal(
          new Set(['AQI']),
        );
      });
    }

    it('are taken as what a credentials function promises', async () => {
      const peer = close(await listenHttp2(echo));
      const raw = close(new Client(peer.target, { allowCredentialsOverPlaintext: true }));
      const credentials = foreign('async () => new Map([["x-a", "1"]])') as () => Promise<
        Map<string, string>
      >;
      await raw.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0), { credentials });
      expect(peer.requests[0].header('x-a')).to.equal('1');
    });

    it('are taken as deadline', async () => {
      const caller = await connected();
      const deadline = (code: string): Date => foreign(code) as Date;
      await caller.request('U', {}, { deadline: deadline('new Date(Date.now() + 5000)') });
      const late = await rejection(caller.request('U', {}, { deadline: deadline('new Date(0)') }));
      expect(late).to.include({ codeName: 'DEADLINE_EXCEEDED' });
      const none = await rejection(caller.request('U', {}, { deadline: deadline('new Map()') }));
      expect(none.message).to.include('deadline must be a Date');
    });

    it('are taken as signal, before the call and in it', async () => {
      const caller = await connected();
      const signal = foreignSignal();
      await caller.request('U', {}, { signal });
      const running = rejection(caller.open('C', { signal }));
      signal.abort('enough');
      expect(await running).to.include({ codeName: 'CANCELLED', cause: 'enough' });
      expect(await rejection(caller.request('U', {}, { signal }))).to.include({ codeName: 'CANCELLED' });
      for (const code of ['({ aborted: false })', 'new EventTarget()', '"x"']) {
        const error = await rejection(caller.request('U', {}, { signal: foreign(code) as AbortSignal }));
        expect(error.message).to.include('signal must be an AbortSignal');
      }
    });

    it('are taken as signal of what is no call', async () => {
      const far = close(new Client('127.0.0.1:1'));
      const signal = foreignSignal();
      const reason = new Error('enough');
      const waiting = rejection(far.waitForReady({ signal }));
      const reflecting = rejection(far.reflect({ signal }));
      const states = far.channel.states({ signal });
      await states.next();
      const next = rejection(
        states
          .next()
          .then(() => states.next())
          .then(() => states.next()),
      );
      signal.abort(reason);
      expect(await waiting).to.equal(reason);
      expect((await reflecting).message).to.match(/enough|cancelled/);
      expect(await next).to.equal(reason);
    });

    it('are told of as those of this realm when they are thrown', async () => {
      const caller = await connected();
      const error = await rejection(caller.request('U', { s: 'throw' }));
      expect(error).to.include({ codeName: 'UNKNOWN', details: 'TypeError: from afar' });
      const iterable = foreign('(function* () { throw new RangeError("from afar"); })()') as object;
      const thrown = await rejection(caller.request('C', iterable));
      expect(messageOf(thrown)).to.equal('from afar');
      const peer = close(await listenHttp2(echo));
      const raw = close(
        new Client(peer.target, {
          allowCredentialsOverPlaintext: true,
          credentials: foreign('() => { throw new Error("no token"); }') as () => never,
        }),
      );
      const refused = await rejection(raw.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0)));
      expect(refused.message).to.equal('UNAUTHENTICATED: no credentials for the call: no token');
    });

    it('are taken as raw messages', async () => {
      const peer = close(await listenHttp2(echo));
      const raw = close(new Client(peer.target)).raw('/s/m', { cardinality: 'unary_unary' });
      expect(await raw(foreign('new Uint8Array([1, 2])') as Uint8Array)).to.deep.equal(Buffer.from([1, 2]));
    });

    it('are taken from compressions of the caller', async () => {
      const same = foreign('(bytes) => Uint8Array.from(bytes.subarray(0, bytes.length - 1))') as (
        bytes: Uint8Array,
      ) => Uint8Array;
      const more = foreign('(bytes) => Uint8Array.from([...bytes, 0])') as (bytes: Uint8Array) => Uint8Array;
      const compressions = [{ name: 'less', compress: same, decompress: more }];
      const caller = await connected({ compressions, compression: 'less' } as ClientOptions);
      const error = await rejection(caller.request('U', { s: 'xyz' }));
      expect(error).to.be.instanceOf(RpcError);
      // The test server does not know it; that it came there is what counts.
      expect(error).to.include({ codeName: 'UNIMPLEMENTED' });
      const large = foreign('() => { throw new RangeError("too large"); }') as () => never;
      const { decompressMessage } = await import('../../lib/rpc/message-compression.ts');
      const { CompressionTable } = await import('../../lib/rpc/compression/compression.ts');
      const table = new CompressionTable([{ name: 'less', compress: same, decompress: large }]);
      const outcome = decompressMessage(table, ['grpc-encoding', 'less'], new Uint8Array(3), 10);
      expect(outcome).to.include({ code: 8 });
      const good = new CompressionTable([{ name: 'less', compress: same, decompress: more }]);
      const plain = decompressMessage(good, ['grpc-encoding', 'less'], new Uint8Array(3), 10);
      expect(plain).to.be.instanceOf(Uint8Array).and.have.lengthOf(4);
    });
  });

  describe('as schemas', () => {
    const load = async (source: unknown): Promise<number> => {
      const loaded = close(new Client('localhost', 1));
      await loaded.load(source as Uint8Array);
      return loaded.services.length;
    };
    const set = async (): Promise<Uint8Array> => {
      const path = join(mkdtempSync(join(tmpdir(), 'stubless-realms-')), 'a.binpb');
      await client.writeProtoset(path);
      return readFileSync(path);
    };
    const inRealm = (code: string, bytes: Uint8Array): unknown =>
      (foreign(`(octets) => ${code}`) as (octets: number[]) => unknown)([...bytes]);

    for (const code of [
      'new Uint8Array(octets)',
      'new Uint8Array(octets).buffer',
      '[new Uint8Array(octets)]',
    ]) {
      it(`are taken: ${code}`, async () => {
        expect(await load(inRealm(code, await set()))).to.equal(1);
      });
    }

    it('are taken as file: URL', async () => {
      const url = pathToFileURL('protos/helloworld.proto').href;
      expect(await load(foreignUrl(url))).to.equal(1);
      expect((await rejection(load(foreignUrl('http://a/b.proto')))).message).to.include('only file: URLs');
    });
  });

  describe('as options', () => {
    it('are taken as PEM, PKCS#12 and the URL of a file', () => {
      const bytesOf = (name: string): unknown =>
        (foreign('(octets) => new Uint8Array(octets)') as (octets: number[]) => unknown)([
          ...readFileSync(certificatePath(name)),
        ]);
      const { href } = pathToFileURL(certificatePath('root.pem'));
      const { settings } = checkTls({ ca: [bytesOf('root.pem'), { file: foreignUrl(href) }] }, undefined, {});
      expect(Buffer.from(settings.ca?.[0] as Uint8Array).toString()).to.equal(pem('root'));
      expect(settings.ca?.[1]).to.deep.equal({ file: certificatePath('root.pem') });
      const options = { tls: { pfx: bytesOf('client.p12') as Uint8Array, passphrase: 'secret' } };
      close(new Client('localhost:1', options));
    });

    it('are taken as the URL of a proxy', () => {
      close(new Client('example.test:1', { proxy: foreignUrl('http://proxy.test:1') }));
      const url = foreignUrl('ftp://proxy.test:1');
      expect(() => new Client('example.test:1', { proxy: url })).to.throw('has the scheme "ftp:"');
    });

    it('are taken as objects and arrays', () => {
      const options = (timeoutMs: string): ClientOptions =>
        foreign(
          `({ timeoutMs: ${timeoutMs}, retry: { maxAttempts: 2 }, metadata: [["a", "b"]] })`,
        ) as ClientOptions;
      expect(close(new Client('localhost:1', options('5'))).channel.state).to.equal('idle');
      expect(() => new Client('localhost:1', options('-5'))).to.throw(RangeError, 'timeoutMs');
    });
  });

  it('are told apart from what only looks like them', () => {
    for (const code of ['null', '1', '"x"', '({})', '(() => {})', 'Object.create(null)']) {
      const value = foreign(code);
      expect([isError(value), isUrl(value), isAbortSignal(value)]).to.deep.equal([false, false, false]);
    }
    expect(isError(foreign('new (class extends Error {})("x")'))).to.equal(true);
    expect(isError(new DOMException('x'))).to.equal(true);
    expect(messageOf(foreign('({ toString: () => "x" })'))).to.equal('x');
  });

  it('have one follower a signal', () => {
    const signal = foreignSignal();
    const follower = ownSignal(signal);
    expect(ownSignal(signal)).to.equal(follower);
    signal.abort('why');
    expect(follower.aborted).to.equal(true);
    expect(follower.reason).to.equal('why');
    expect(ownSignal(follower)).to.equal(follower);
    const aborted = foreignSignal();
    aborted.abort('before');
    expect(ownSignal(aborted).reason).to.equal('before');
  });
});

describe('The library in a realm of its own', () => {
  const close = closing();
  /** What the library exports, made in a context whose Error, Map, Uint8Array and the rest are not those of Node.js. */
  let library: typeof import('../../lib/index.ts');
  before(async () => {
    const { outputFiles } = await build({
      entryPoints: ['lib/index.ts'],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      target: 'node20',
      write: false,
      define: { 'import.meta.url': JSON.stringify(import.meta.url) },
      logLevel: 'error',
    });
    const require = createRequire(import.meta.url);
    const names = [
      ...[
        'AbortController',
        'AbortSignal',
        'Buffer',
        'DOMException',
        'TextDecoder',
        'TextEncoder',
        'URL',
        'atob',
      ],
      ...[
        'clearImmediate',
        'clearInterval',
        'clearTimeout',
        'console',
        'performance',
        'process',
        'queueMicrotask',
      ],
      ...['setImmediate', 'setInterval', 'setTimeout'],
    ] as const;
    const globals = Object.fromEntries(names.map((name) => [name, Reflect.get(globalThis, name)]));
    const module = { exports: {} };
    const wrapped = `(function (module, exports, require) {${outputFiles[0].text}\n})`;
    vm.runInNewContext(wrapped, globals)(module, module.exports, require);
    library = module.exports as typeof library;
  });

  it('is one, as this spec sees it', () => {
    expect(new library.SchemaError('x')).to.not.be.instanceOf(Error);
    expect(isError(new library.SchemaError('x'))).to.equal(true);
  });

  it('calls, with Buffers of Node.js as bytes and in metadata', async () => {
    const peer = close(await listenHttp2(echo));
    const client = close(new library.Client(peer.target));
    await client.load(PROTO);
    const call = client.request(
      'U',
      { b: Buffer.from('hello') },
      { metadata: { 'x-bin': Buffer.from([1, 2]) } },
    );
    expect(Buffer.from((await call)['b'] as Uint8Array).toString()).to.equal('hello');
    expect(peer.requests[0].header('x-bin')).to.equal('AQI');
    const raw = client.raw('/s/m', { cardinality: 'unary_unary' });
    expect(Buffer.from(await raw(Buffer.from('x'))).toString()).to.equal('x');
  });

  it('tells of files as it does elsewhere', async () => {
    const client = close(new library.Client('localhost', 1));
    const missing = await rejection(client.load('no/such.proto'));
    expect(missing.message)
      .to.include('no/such.proto')
      .and.not.match(/ENOENT/);
    const set = await rejection(client.load('no/such.binpb'));
    expect(set.message).to.include('no such file');
    const imported = await rejection(client.load('syntax = "proto3"; import "not/here.proto";'));
    expect(imported.message)
      .to.include('not/here.proto')
      .and.not.match(/ENOENT/);
    expect(() => new library.Client('localhost:1', { tls: { ca: { file: '/no/ca.pem' } } })).to.throw(
      'ENOENT',
    );
    await client.load(new URL('../../../protos/helloworld.proto', import.meta.url));
  });

  it('tells of sockets as it does elsewhere', async () => {
    const peer = await listenHttp2(echo);
    await peer.close();
    for (const target of [peer.target, peer.target.replace('127.0.0.1', 'localhost')]) {
      const client = close(new library.Client(target));
      const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0)));
      expect(error.message).to.include('UNAVAILABLE: cannot connect').and.include('nothing listens on');
      expect(error.message).to.not.include('Error:');
    }
  });

  it('holds maxReceiveMessageBytes while Node.js inflates', async () => {
    const large = gzipSync(Buffer.alloc(100_000));
    const head = Buffer.from([1, 0, 0, 0, 0]);
    head.writeUInt32BE(large.length, 1);
    const peer = close(
      await listenHttp2((request) => {
        const fields = [':status', '200', 'content-type', 'application/grpc', 'grpc-encoding', 'gzip'];
        request.stream.headers(fields, false);
        request.write(Buffer.concat([head, large])).status(0);
      }),
    );
    const call = (maxReceiveMessageBytes: number): PromiseLike<Uint8Array> =>
      close(new library.Client(peer.target)).raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0), {
        maxReceiveMessageBytes,
      });
    expect(await call(100_000)).to.have.lengthOf(100_000);
    expect(await rejection(call(99_999))).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
  });

  it('reads the details of an error', async () => {
    // google.rpc.Status { code: 3, message: "x" }
    const details = Buffer.from([8, 3, 18, 1, 120]).toString('base64');
    const peer = close(
      await listenHttp2((request) => request.head().status(3, 'grpc-status-details-bin', details)),
    );
    const client = close(new library.Client(peer.target));
    const error = await rejection(client.raw('/s/m', { cardinality: 'unary_unary' })(new Uint8Array(0)));
    expect((error as RpcError).errorDetails).to.have.lengthOf(0);
    expect((error as RpcError).errorDetailsProblem).to.equal(undefined);
  });
});
