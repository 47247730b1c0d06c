// Every option: its default, its limits, and a clear refusal of all else.

import { readdirSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { credentials, Metadata as GrpcMetadata } from '@grpc/grpc-js';
import { expect } from 'chai';
import { CALL_DEFAULT_NAMES, type CallOptions, checkCallOptions } from '../../lib/call/call-options.ts';
import type { InterceptedCall, Next } from '../../lib/call/interceptor.ts';
import { checkLoadOptions, type LoadOptions } from '../../lib/catalog/load-options.ts';
import { type ClientOptions, checkClientOptions } from '../../lib/client/client-options.ts';
import { Metadata } from '../../lib/values/metadata.ts';

const CLIENT_DEFAULTS = checkClientOptions(undefined);

/** What a user without types may give. */
const client = (options: unknown) => checkClientOptions(options as ClientOptions);
const call = (options: unknown) => checkCallOptions(options as CallOptions, CLIENT_DEFAULTS.call);
const load = (options: unknown) => checkLoadOptions(options as LoadOptions);

interface OptionCase {
  readonly name: string;
  readonly where: readonly ('client' | 'call')[];
  /** What comes of it when it is not given; no property at all means undefined. */
  readonly fallback?: unknown;
  readonly good: readonly unknown[];
  readonly bad: readonly unknown[];
  /** Where the checked options have it. */
  readonly read: (options: ReturnType<typeof client>) => unknown;
}

const NOT_NUMBERS = ['1', null, Number.NaN, {}, true, 1n];
const MS = { good: [1, 0.5, 1e12, Infinity], bad: [0, -1, Number.NEGATIVE_INFINITY, ...NOT_NUMBERS] };
const FLAG = { good: [true, false], bad: [0, 1, 'true', null, {}] };
const BYTES = { good: [0, 1, 1e12, Infinity], bad: [-1, 1.5, ...NOT_NUMBERS] };

const cases: readonly OptionCase[] = [
  { name: 'timeoutMs', where: ['client', 'call'], ...MS, read: (o) => o.call.timeoutMs },
  {
    name: 'waitForReady',
    where: ['client', 'call'],
    ...FLAG,
    read: (o) => o.call.settings.waitForReady,
  },
  {
    name: 'maxReceiveMessageBytes',
    where: ['client', 'call'],
    ...BYTES,
    read: (o) => o.call.settings.maxReceiveMessageBytes,
  },
  {
    name: 'maxSendMessageBytes',
    where: ['client', 'call'],
    fallback: Infinity,
    ...BYTES,
    read: (o) => o.call.settings.maxSendMessageBytes,
  },
  {
    name: 'idleTimeoutMs',
    where: ['client', 'call'],
    fallback: Infinity,
    ...MS,
    read: (o) => o.call.settings.idleTimeoutMs,
  },
  {
    name: 'maxRetryBufferBytesPerCall',
    where: ['client'],
    fallback: 1_048_576,
    ...BYTES,
    read: (o) => o.retryBuffers.perCall,
  },
  {
    name: 'maxRetryBufferBytes',
    where: ['client'],
    fallback: 16_777_216,
    ...BYTES,
    read: (o) => o.retryBuffers.total,
  },
  {
    name: 'authority',
    where: ['client'],
    good: ['example.com', 'example.com:443', '[::1]:50051'],
    bad: ['', 'a b', 'http://a', 'a/b', 'u@h', 'a?b', 'a#b', 'ä..b', 'ä b', 'ä:x', 'a\n', 7, null, {}],
    read: (o) => o.authority,
  },
  {
    name: 'connectTimeoutMs',
    where: ['client'],
    fallback: 20_000,
    ...MS,
    read: (o) => o.channel.connectTimeoutMs,
  },
  {
    name: 'maxQueuedCalls',
    where: ['client'],
    fallback: 100_000,
    ...BYTES,
    read: (o) => o.channel.maxQueuedCalls,
  },
  {
    name: 'maxBufferedBytes',
    where: ['client'],
    fallback: 67_108_864,
    good: [1, 1e9, Infinity],
    bad: [0, -1, 1.5, ...NOT_NUMBERS],
    read: (o) => o.channel.maxBufferedBytes,
  },
  {
    name: 'maxHeaderListBytes',
    where: ['client'],
    fallback: 65_536,
    good: [1, 1e6, Infinity],
    bad: [0, -1, 1.5, ...NOT_NUMBERS],
    read: (o) => o.channel.maxHeaderListBytes,
  },
  { name: 'captureStacks', where: ['client'], fallback: false, ...FLAG, read: (o) => o.captureStacks },
];

describe('Options', () => {
  for (const c of cases) {
    it(`${c.name} is ${String(c.fallback)} by default`, () => {
      expect(c.read(client({}))).to.equal(c.fallback);
      expect(c.read(client({ [c.name]: undefined }))).to.equal(c.fallback);
    });

    for (const where of c.where) {
      const check = (value: unknown): unknown =>
        where === 'client'
          ? c.read(client({ [c.name]: value }))
          : c.read({ ...CLIENT_DEFAULTS, call: call({ [c.name]: value }) });

      it(`${c.name} takes ${c.good.map(String).join(', ')} as a ${where} option`, () => {
        for (const value of c.good) expect(check(value)).to.equal(value);
      });

      it(`${c.name} refuses anything else as a ${where} option, by name and value`, () => {
        for (const value of c.bad) {
          expect(() => check(value), String(value))
            .to.throw(`${c.name} must be`)
            .and.satisfy((error: unknown) => error instanceof TypeError || error instanceof RangeError);
        }
      });
    }
  }

  it("of a call default to the client's", () => {
    const { call: defaults } = client({ timeoutMs: 7, waitForReady: true, maxReceiveMessageBytes: 8 });
    expect(checkCallOptions(undefined, defaults)).to.equal(defaults);
    const checked = checkCallOptions({ maxReceiveMessageBytes: 9, timeoutMs: undefined }, defaults);
    expect(checked).to.include({ timeoutMs: 7 });
    expect(checked.settings).to.include({ waitForReady: true, maxReceiveMessageBytes: 9 });
  });

  describe('of calls that set nothing but limits and metadata', () => {
    const defaults = call({});
    /** One value for each of the others. */
    const others: Readonly<Record<string, unknown>> = {
      credentials: () => ({ authorization: 'x' }),
      waitForReady: true,
      maxReceiveMessageBytes: 1,
      maxSendMessageBytes: 1,
      compression: 'gzip',
      codec: 'json',
      interceptors: [(given: InterceptedCall, next: Next) => next(given)],
      idleTimeoutMs: 1,
      retry: true,
      hedging: { delayMs: 1 },
      timing: true,
    };

    it("share the client's object", () => {
      const { signal } = new AbortController();
      const given = { timeoutMs: 1, deadline: 1, signal, metadata: { a: 'b' } };
      expect(checkCallOptions(given, defaults).settings).to.equal(defaults.settings);
    });

    for (const name of CALL_DEFAULT_NAMES) {
      if (name === 'timeoutMs' || name === 'metadata') continue;
      it(`do not hide that ${name} is set`, () => {
        const { settings } = checkCallOptions({ [name]: others[name] }, defaults);
        expect(settings).to.not.deep.equal(defaults.settings);
      });
    }
  });

  describe('retry and hedging', () => {
    const policy = (options: unknown) => call(options).settings.policy;

    it('default to what the service config says', () => {
      expect(policy({})).to.equal(undefined);
    });

    it('have defaults', () => {
      const defaults = {
        kind: 'retry',
        maxAttempts: 5,
        initialBackoffMs: 100,
        maxBackoffMs: 1000,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([14]),
        retriesLost: undefined,
      };
      expect(policy({ retry: true })).to.deep.equal(defaults);
      expect(policy({ retry: {} })).to.deep.equal(defaults);
      expect(policy({ hedging: { delayMs: 0 } })).to.deep.equal({
        kind: 'hedging',
        maxAttempts: 2,
        hedgingDelayMs: 0,
        nonFatalStatusCodes: new Set([14]),
      });
    });

    it('take the values that are given', () => {
      expect(
        policy({ retry: { maxAttempts: 2, statusCodes: ['ABORTED', 8], idempotent: true, maxBackoffMs: 5 } }),
      ).to.deep.include({
        maxAttempts: 2,
        retryableStatusCodes: new Set([10, 8]),
        retriesLost: true,
        maxBackoffMs: 5,
      });
    });

    it("of a call replace the client's", () => {
      const { call: defaults } = client({ retry: true });
      expect(checkCallOptions({}, defaults).settings.policy).to.include({ kind: 'retry' });
      expect(checkCallOptions({ retry: false }, defaults).settings.policy).to.equal('none');
      expect(checkCallOptions({ hedging: { delayMs: 1 } }, defaults).settings.policy).to.include({
        kind: 'hedging',
      });
    });

    const wrong: readonly (readonly [options: object, message: string])[] = [
      [{ retry: true, hedging: { delayMs: 1 } }, 'give retry or hedging, not both'],
      [{ retry: 3 }, 'the retry options must be an object, not 3'],
      [{ retry: { attempts: 3 } }, "there is no retry option 'attempts'"],
      [{ retry: { maxAttempts: 1 } }, 'retry.maxAttempts must be a whole number from 2 to 5'],
      [{ retry: { maxAttempts: 6 } }, 'from 2 to 5, the first attempt included, not 6'],
      [{ retry: { maxAttempts: 2.5 } }, 'retry.maxAttempts must be'],
      [{ retry: { initialBackoffMs: 0 } }, 'retry.initialBackoffMs must be'],
      [{ retry: { initialBackoffMs: Infinity } }, 'retry.initialBackoffMs must be'],
      [{ retry: { maxBackoffMs: -1 } }, 'retry.maxBackoffMs must be'],
      [{ retry: { backoffMultiplier: 0 } }, 'retry.backoffMultiplier must be a number above 0'],
      [{ retry: { statusCodes: [] } }, 'retry.statusCodes must be an array'],
      [{ retry: { statusCodes: 'UNAVAILABLE' } }, 'retry.statusCodes must be an array'],
      [{ retry: { statusCodes: ['BUSY'] } }, 'retry.statusCodes must list failures'],
      [{ retry: { statusCodes: ['OK'] } }, 'retry.statusCodes must list failures'],
      [{ retry: { idempotent: 1 } }, 'retry.idempotent must be true or false'],
      [{ hedging: true }, 'the hedging options must be an object'],
      [{ hedging: {} }, 'hedging.delayMs must be a number of milliseconds of at least 0, not undefined'],
      [{ hedging: { delayMs: -1 } }, 'hedging.delayMs must be'],
      [{ hedging: { delayMs: 1, maxAttempts: 6 } }, 'hedging.maxAttempts must be'],
    ];
    for (const [options, message] of wrong) {
      it(`refuse ${JSON.stringify(options)}`, () => expect(() => policy(options)).to.throw(message));
    }
  });

  it('refuse a wrong service config, with the path of the mistake', () => {
    expect(() => client({ serviceConfig: { methodConfig: 1 } })).to.throw(
      TypeError,
      'service config: methodConfig must be an array, not 1',
    );
    expect(client({ serviceConfig: '{}' }).serviceConfig?.loadBalancing).to.deep.equal([]);
  });

  describe('deadline', () => {
    it('is a Date or milliseconds since 1970', () => {
      expect(call({ deadline: new Date(1234) }).deadline).to.equal(1234);
      expect(call({ deadline: 1234.5 }).deadline).to.equal(1234.5);
      expect(call({}).deadline).to.equal(undefined);
    });

    for (const deadline of ['2030-01-01', Number.NaN, new Date('nonsense'), null, {}, 1n]) {
      it(`is not ${typeof deadline === 'string' ? JSON.stringify(deadline) : String(deadline)}`, () => {
        expect(() => call({ deadline })).to.throw(TypeError, 'deadline must be');
      });
    }

    it('is not an option of a client', () => {
      expect(() => client({ deadline: 1 })).to.throw(TypeError, "no client option 'deadline'");
    });
  });

  it('signal must be an AbortSignal', () => {
    const { signal } = new AbortController();
    expect(call({ signal }).signal).to.equal(signal);
    for (const wrong of [new AbortController(), {}, null, 'x']) {
      expect(() => call({ signal: wrong })).to.throw(TypeError, 'signal must be an AbortSignal');
    }
  });

  it('metadata becomes fields', () => {
    expect(call({ metadata: { A: ['1', '2'] } }).fields).to.deep.equal(['a', '1', 'a', '2']);
    const metadata = new Metadata({ 'x-bin': Uint8Array.of(1) });
    expect(client({ metadata }).call.fields).to.deep.equal(['x-bin', 'AQ']);
    expect(call({ metadata: {} }).fields).to.equal(undefined);
    expect(() => call({ metadata: { te: 'x' } })).to.throw(TypeError, 'reserved');
    expect(() => call({ metadata: null })).to.throw(TypeError, 'metadata must be');
  });

  it('userAgent comes before our own name', () => {
    expect(client({}).userAgent).to.match(/^grpc-stubless\/\d+\.\d+\.\d+/);
    expect(client({ userAgent: 'shop/1.2 (x)' }).userAgent).to.match(/^shop\/1\.2 \(x\) grpc-stubless\//);
    for (const wrong of ['', ' a', 'a ', 'ä', 'a\r\nb', 7, null]) {
      expect(() => client({ userAgent: wrong }), String(wrong)).to.throw(TypeError, 'userAgent must be');
    }
  });

  it("values has proto-loader's names and values", () => {
    const values = {
      keepCase: true,
      longs: String,
      enums: Number,
      bytes: Array,
      defaults: false,
      arrays: true,
      objects: true,
      oneofs: true,
    };
    expect(client({ values }).values).to.deep.equal(values);
    expect(client({}).values).to.deep.equal({});
    for (const longs of [BigInt, String, Number])
      expect(client({ values: { longs } }).values).to.deep.equal({ longs });
    for (const bytes of [Buffer, Array, String])
      expect(client({ values: { bytes } }).values).to.deep.equal({ bytes });
  });

  it('values has limits', () => {
    for (const name of ['maxDecodedBytes', 'maxJsonCharacters']) {
      for (const limit of [1, 2 ** 40, Infinity])
        expect(client({ values: { [name]: limit } }).values).to.deep.equal({ [name]: limit });
      for (const limit of [0, -1, 1.5, ...NOT_NUMBERS]) {
        expect(() => client({ values: { [name]: limit } as never }), String(limit)).to.throw(
          RangeError,
          `${name} must be a whole number of at least 1`,
        );
      }
    }
  });

  const wrongValues: readonly (readonly [values: unknown, message: string])[] = [
    [{ longs: 'String' }, 'longs must be BigInt, String or Number'],
    [{ longs: Object }, 'longs must be BigInt, String or Number'],
    [{ enums: BigInt }, 'enums must be String or Number'],
    [{ bytes: Uint8Array }, 'bytes must be Buffer, Array or String'],
    [{ keepCase: 1 }, 'keepCase must be true or false'],
    [{ oneofs: 'yes' }, 'oneofs must be true or false'],
    [{ strictWireTypes: 'yes' }, 'strictWireTypes must be true or false'],
    [{ keepcase: true }, "no value option 'keepcase'; did you mean 'keepCase'?"],
    [[], 'value options must be an object'],
    [null, 'value options must be an object'],
  ];
  for (const [values, message] of wrongValues) {
    it(`values refuses ${JSON.stringify(values)}`, () => {
      expect(() => client({ values })).to.throw(TypeError, message);
    });
  }

  const unknown: readonly (readonly [
    check: (options: unknown) => unknown,
    options: unknown,
    message: string,
  ])[] = [
    [call, { timeout: 1 }, "there is no call option 'timeout'; did you mean 'timeoutMs'?"],
    [call, { timeoutms: 1 }, "did you mean 'timeoutMs'?"],
    [call, { metdata: {} }, "did you mean 'metadata'?"],
    [call, { connectTimeoutMs: 1 }, "there is no call option 'connectTimeoutMs'"],
    [call, { qqqqqqqqqq: 1 }, "there is no call option 'qqqqqqqqqq'"],
    [client, { signal: new AbortController().signal }, "there is no client option 'signal'"],
    [client, { maxQueuedCall: 1 }, "did you mean 'maxQueuedCalls'?"],
    [load, { includeDir: 'x' }, "did you mean 'includeDirs'?"],
    [load, { long: String }, "did you mean 'longs'?"],
  ];
  for (const [check, options, message] of unknown) {
    it(`${JSON.stringify(options)} is refused with a hint`, () => {
      expect(() => check(options)).to.throw(TypeError, message);
    });
  }

  describe('of other libraries', () => {
    /** The options' sources, whose comments name gRPC Core's channel arguments. */
    const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
      .filter((file) => /[\\/](?!server-)[a-z]+-options\.ts$|option-checks\.ts$/.test(file))
      .map((file) => readFileSync(`lib/${file}`, 'utf8'));
    const channelArguments = sources.flatMap((source) =>
      Array.from(source.matchAll(/gRPC Core: ((?:grpc\.\w+(?:, )?)+)/g), (match) => match[1].split(', ')),
    );

    for (const name of channelArguments.flat()) {
      it(`are answered with their names here: ${name}`, () => {
        expect(() => client({ [name]: 1 })).to.throw(
          TypeError,
          new RegExp(`there is no client option '${name}'; give \\w+`),
        );
      });
    }

    const elsewhere: readonly (readonly [
      check: (options: unknown) => unknown,
      name: string,
      hint: string,
    ])[] = [
      [client, 'grpc.enable_channelz', 'this channel argument has no counterpart here'],
      [client, 'headers', 'give metadata'],
      [client, 'channelOptions', 'give what it contains as options of the client itself'],
      [client, 'insecure', 'leave it out: host:port and http:// mean plaintext'],
      [client, 'ca', 'give tls: { ca }'],
      [client, 'keepCase', 'give values: { keepCase }'],
      [client, 'includeDirs', 'it is an option of client.load'],
      [
        client,
        'maxDecodedBytes',
        'give values: { maxDecodedBytes }, or the maxDecodedBytes option of client.load',
      ],
      [call, 'arrays', 'give values: { arrays }, or the arrays option of client.load'],
      [client, 'deadline', 'it is an option of one call'],
      [client, 'baseUrl', 'the first argument says where the server is'],
      [call, 'headers', 'give metadata'],
      [call, 'keepalive', "it is an option of the client: new Client('localhost:50051', { keepalive })"],
      [call, 'onHeader', 'await call.headers'],
      [load, 'protoPath', "give includeDirs: ['dir']"],
      [load, 'xyz', 'the load options are includeDirs, package, maxUnpackedBytes, lazy, keepCase,'],
      [(tls) => client({ tls }), 'rootCerts', 'give ca'],
    ];
    for (const [check, name, hint] of elsewhere) {
      it(`are explained: ${name}`, () => expect(() => check({ [name]: 1 })).to.throw(TypeError, hint));
    }

    it('of a client are explained if a call is given them', () => {
      const source = ['client', 'balancing'].map((kind) =>
        readFileSync(`lib/client/${kind}-options.ts`, 'utf8'),
      );
      const lists = source.map(
        (text) => /(?:CLIENT|BALANCING)_NAMES\b.* = \[([^\]]+)\]/.exec(text)?.[1] ?? '',
      );
      const ofClient = Array.from(lists.join().matchAll(/'(\w+)'/g), (match) => match[1]);
      expect(ofClient).to.include.members(['tls', 'loadBalancing', 'reflection']);
      for (const name of ofClient) {
        expect(() => call({ [name]: 1 }), name).to.throw(TypeError, 'it is an option of the client');
      }
    });
  });

  describe('of HTTP/1.1', () => {
    it('are asked for by httpVersion', () => {
      for (const httpVersion of ['2', '1.1', 'auto'])
        expect(client({ protocol: 'connect', httpVersion }).channel.httpVersion).to.equal(httpVersion);
    });

    it('are no PINGs', () => {
      const keepalive = { intervalMs: 300_000 };
      expect(() => client({ protocol: 'connect', httpVersion: '1.1', keepalive })).to.throw(
        TypeError,
        'keepalive sends PINGs, which HTTP/1.1 does not have',
      );
    });

    for (const httpVersion of ['1.0', '3', 2, 1.1, null]) {
      it(`are no other version, such as ${JSON.stringify(httpVersion)}`, () => {
        expect(() => client({ httpVersion })).to.throw(
          TypeError,
          `httpVersion must be '2', '1.1' or 'auto', not ${JSON.stringify(httpVersion)}`,
        );
      });
    }
  });

  describe('in an object of a class', () => {
    const checks = { client, call, load, tls: (tls: unknown) => client({ tls }) };
    class Settings {
      readonly timeoutMs = 5;
    }
    const objects: readonly (readonly [name: string, value: object])[] = [
      ["grpc-js's createInsecure()", credentials.createInsecure()],
      ["grpc-js's createSsl()", credentials.createSsl()],
      ["grpc-js's Metadata", new GrpcMetadata()],
      ['a Metadata', new Metadata()],
      ['a Date', new Date()],
      ['a RegExp', /x/],
      ['a Map', new Map()],
      ['a Promise', Promise.resolve({})],
      ['an AbortSignal', new AbortController().signal],
      ['an Error', new Error('x')],
      ['a class of the program', new Settings()],
      ['a class of another realm', runInNewContext('new Date()')],
      ['an object that inherits from one', Object.create(new Date())],
    ];
    for (const [name, value] of objects) {
      it(`are refused: ${name}`, () => {
        for (const [kind, check] of Object.entries(checks)) {
          expect(() => check(value), kind).to.throw(TypeError, /must be (?:a plain object|true, false or)/);
        }
      });
    }

    const plain: readonly (readonly [name: string, value: object])[] = [
      ['an object literal', { timeoutMs: 5 }],
      ['one without a prototype', Object.assign(Object.create(null), { timeoutMs: 5 })],
      ['one that inherits from a literal', Object.create({ timeoutMs: 5 })],
      ['a literal of another realm', runInNewContext('({ timeoutMs: 5 })')],
      ['a frozen one', Object.freeze({ timeoutMs: 5 })],
    ];
    for (const [name, value] of plain) {
      it(`are taken: ${name}`, () => {
        expect(call(value).timeoutMs).to.equal(5);
        expect(client(value).call.timeoutMs).to.equal(5);
      });
    }

    it('are refused in options of options', () => {
      for (const name of [
        'retry',
        'keepalive',
        'dns',
        'reflection',
        'telemetry',
        'serviceConfig',
        'values',
      ]) {
        expect(() => client({ [name]: new Date() }), name).to.throw(
          TypeError,
          /must be (?:a plain )?(?:object|true)/,
        );
      }
    });

    it('are refused as metadata and credentials, of which nothing would be sent', () => {
      for (const wrong of [new Date(), Promise.resolve({ a: 'b' }), new GrpcMetadata()]) {
        expect(() => call({ metadata: wrong })).to.throw(TypeError, 'metadata must be an object like');
      }
      const given = [
        credentials.createInsecure(),
        credentials.createSsl(),
        credentials.createFromMetadataGenerator(() => {}),
        Promise.resolve({ authorization: 'x' }),
        new Date(),
      ];
      for (const wrong of given) {
        expect(() => call({ credentials: wrong })).to.throw(
          TypeError,
          'credentials must be metadata such as',
        );
      }
    });
  });

  for (const wrong of [null, 7, 'x', [], true]) {
    it(`are not ${JSON.stringify(wrong)}`, () => {
      for (const check of [client, call, load])
        expect(() => check(wrong)).to.throw(TypeError, 'must be an object');
    });
  }

  it('ask the server for its schema while nothing is loaded, unless they say otherwise', () => {
    const { reflection } = client(undefined);
    expect(reflection).to.deep.equal({
      mode: 'auto',
      version: undefined,
      fields: [],
      credentials: undefined,
      timeoutMs: 10_000,
      limits: {
        maxBytes: 32 * 1024 * 1024,
        maxElements: 100_000,
        maxFiles: 10_000,
        maxDepth: 100,
        maxServices: 10_000,
      },
    });
    expect(client({ reflection: 'never' }).reflection.mode).to.equal('never');
    const { mode, fields } = client({ reflection: { mode: 'always', metadata: { a: 'b' } } }).reflection;
    expect({ mode, fields }).to.deep.equal({ mode: 'always', fields: ['a', 'b'] });
  });

  const wrongReflection: [string, unknown, string][] = [
    ['another mode', 'sometimes', "reflection must be 'auto', 'always' or 'never'"],
    [
      'another version',
      { version: 'v2' },
      "reflection.version must be 'auto', 'v1' or 'v1alpha', not \"v2\"",
    ],
    ['a mode that is none', { mode: 1 }, "reflection must be 'auto', 'always' or 'never'"],
    ['a switch', true, 'the reflection options must be an object'],
    [
      'an option that is none',
      { maxByte: 1 },
      "there is no reflection option 'maxByte'; did you mean 'maxBytes'?",
    ],
    ['a limit below 0', { maxFiles: -1 }, 'reflection.maxFiles must be a whole number of at least 0'],
    ['a timeout of 0', { timeoutMs: 0 }, 'reflection.timeoutMs must be a number of milliseconds above 0'],
  ];
  for (const [name, reflection, message] of wrongReflection) {
    it(`refuse ${name} for reflection`, () => {
      expect(() => client({ reflection })).to.throw(message);
    });
  }

  describe('of load', () => {
    it('default to no directories and no scope', () => {
      expect(load(undefined)).to.deep.equal({
        includeDirs: [],
        package: undefined,
        maxUnpackedBytes: 64 * 1024 * 1024,
        isLazy: false,
        values: undefined,
      });
    });

    it("take value options among their own, as proto-loader's do", () => {
      expect(load({ includeDirs: ['a'], package: 'p', longs: String })).to.deep.equal({
        includeDirs: ['a'],
        package: 'p',
        maxUnpackedBytes: 64 * 1024 * 1024,
        isLazy: false,
        values: { longs: String },
      });
    });

    it('have a limit', () => {
      for (const maxUnpackedBytes of [1, Infinity])
        expect(load({ maxUnpackedBytes })).to.deep.include({ maxUnpackedBytes });
      for (const maxUnpackedBytes of [0, 1.5, ...NOT_NUMBERS]) {
        expect(() => load({ maxUnpackedBytes } as never), String(maxUnpackedBytes)).to.throw(
          RangeError,
          'maxUnpackedBytes must be a whole number of at least 1',
        );
      }
    });

    for (const options of [
      { includeDirs: 'protos' },
      { includeDirs: [7] },
      { package: 7 },
      { longs: Object },
      { lazy: 'yes' },
    ]) {
      it(`refuse ${JSON.stringify(options)}`, () => {
        expect(() => load(options)).to.throw(TypeError, ' must be ');
      });
    }
  });
});
