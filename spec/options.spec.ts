// Every option: its default, its limits, and a clear refusal of all else.

import { expect } from 'chai';
import { Metadata } from '../lib/metadata.ts';
import { type CallOptions, checkCallOptions } from '../lib/options/call-options.ts';
import { type ClientOptions, checkClientOptions } from '../lib/options/client-options.ts';
import { checkLoadOptions, type LoadOptions } from '../lib/options/load-options.ts';

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
    read: (o) => o.call.waitForReady,
  },
  {
    name: 'maxReceiveMessageBytes',
    where: ['client', 'call'],
    ...BYTES,
    read: (o) => o.call.maxReceiveMessageBytes,
  },
  {
    name: 'maxSendMessageBytes',
    where: ['client', 'call'],
    fallback: Infinity,
    ...BYTES,
    read: (o) => o.call.maxSendMessageBytes,
  },
  {
    name: 'idleTimeoutMs',
    where: ['client', 'call'],
    fallback: Infinity,
    ...MS,
    read: (o) => o.call.idleTimeoutMs,
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
    bad: ['', 'a b', 'http://a', 'a/b', 'u@h', 'a?b', 'a#b', 'ä', 'a\n', 7, null, {}],
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
    it(`${c.name} is ${String(c.fallback)} where it is not given`, () => {
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

      it(`${c.name} refuses all else as a ${where} option, by name and value`, () => {
        for (const value of c.bad) {
          expect(() => check(value), String(value))
            .to.throw(`${c.name} must be`)
            .and.satisfy((error: unknown) => error instanceof TypeError || error instanceof RangeError);
        }
      });
    }
  }

  it("of a call are the client's where it has none of its own", () => {
    const { call: defaults } = client({ timeoutMs: 7, waitForReady: true, maxReceiveMessageBytes: 8 });
    expect(checkCallOptions(undefined, defaults)).to.equal(defaults);
    const checked = checkCallOptions({ maxReceiveMessageBytes: 9, timeoutMs: undefined }, defaults);
    expect(checked).to.include({ timeoutMs: 7, waitForReady: true, maxReceiveMessageBytes: 9 });
  });

  describe('retry and hedging', () => {
    const policy = (options: unknown) => call(options).policy;

    it('are what the service config says where nothing is said', () => {
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

    it('take what is given', () => {
      expect(
        policy({ retry: { maxAttempts: 2, statusCodes: ['ABORTED', 8], idempotent: true, maxBackoffMs: 5 } }),
      ).to.deep.include({
        maxAttempts: 2,
        retryableStatusCodes: new Set([10, 8]),
        retriesLost: true,
        maxBackoffMs: 5,
      });
    });

    it("of a call come in place of the client's", () => {
      const { call: defaults } = client({ retry: true });
      expect(checkCallOptions({}, defaults).policy).to.include({ kind: 'retry' });
      expect(checkCallOptions({ retry: false }, defaults).policy).to.equal('none');
      expect(checkCallOptions({ hedging: { delayMs: 1 } }, defaults).policy).to.include({ kind: 'hedging' });
    });

    const wrong: readonly (readonly [options: object, message: string])[] = [
      [{ retry: true, hedging: { delayMs: 1 } }, 'give one of retry and hedging'],
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
      [{ retry: { statusCodes: ['BUSY'] } }, 'retry.statusCodes must hold names of failures'],
      [{ retry: { statusCodes: ['OK'] } }, 'retry.statusCodes must hold names of failures'],
      [{ retry: { idempotent: 1 } }, 'retry.idempotent must be true or false'],
      [{ hedging: true }, 'the hedging options must be an object'],
      [{ hedging: {} }, 'hedging.delayMs must be a number of milliseconds from 0, not undefined'],
      [{ hedging: { delayMs: -1 } }, 'hedging.delayMs must be'],
      [{ hedging: { delayMs: 1, maxAttempts: 6 } }, 'hedging.maxAttempts must be'],
    ];
    for (const [options, message] of wrong) {
      it(`refuse ${JSON.stringify(options)}`, () => expect(() => policy(options)).to.throw(message));
    }
  });

  it('refuse a service config that is wrong, by its path', () => {
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

    it('is no default of a client', () => {
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

  const wrongValues: readonly (readonly [values: unknown, message: string])[] = [
    [{ longs: 'String' }, 'longs must be BigInt, String, Number'],
    [{ longs: Object }, 'longs must be BigInt, String, Number'],
    [{ enums: BigInt }, 'enums must be String, Number'],
    [{ bytes: Uint8Array }, 'bytes must be Buffer, Array, String'],
    [{ keepCase: 1 }, 'keepCase must be true or false'],
    [{ oneofs: 'yes' }, 'oneofs must be true or false'],
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
    it('are no directories and no scope where they are not given', () => {
      expect(load(undefined)).to.deep.equal({ includeDirs: [], package: undefined, values: undefined });
    });

    it("take value options among their own, as proto-loader's do", () => {
      expect(load({ includeDirs: ['a'], package: 'p', longs: String })).to.deep.equal({
        includeDirs: ['a'],
        package: 'p',
        values: { longs: String },
      });
    });

    for (const options of [
      { includeDirs: 'protos' },
      { includeDirs: [7] },
      { package: 7 },
      { longs: Object },
    ]) {
      it(`refuse ${JSON.stringify(options)}`, () => {
        expect(() => load(options)).to.throw(TypeError, ' must be ');
      });
    }
  });
});
