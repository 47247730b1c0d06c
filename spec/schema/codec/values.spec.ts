import { inspect } from 'node:util';
import { expect } from 'chai';
import type { MessageCodec } from '../../../lib/schema/codec/method.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { decoded, encoded, KINDS, OLD, registryOf } from '../schemas.ts';

const SOURCE = `syntax = "proto3"; package v;
  enum Level { LEVEL_LOW = 0; LEVEL_HIGH = 1; }
  message Inner { string some_text = 1; }
  message Reply {
    string some_text = 1;
    int64 big = 2;
    bytes data = 3;
    Level level = 4;
    repeated int64 bigs = 5;
    map<string, int64> by_name = 6;
    Inner inner = 7;
    optional int32 count = 8;
    oneof pick_one { string text_pick = 9; Inner inner_pick = 10; }
    bool flag = 11;
  }`;

const FULL = {
  someText: 'x',
  big: 5n,
  data: Buffer.from([1, 2]),
  level: 'LEVEL_HIGH',
  bigs: [6n],
  byName: { a: 7n },
  inner: { someText: 'y' },
  count: 0,
  innerPick: { someText: 'z' },
  flag: true,
};

const NO_PICK = {
  someText: '',
  big: 0n,
  data: Buffer.alloc(0),
  level: 'LEVEL_LOW',
  bigs: [],
  byName: {},
  flag: false,
};

interface Shape {
  readonly options: ValueOptions;
  readonly full: object;
  readonly empty: object;
}

const SHAPES: readonly Shape[] = [
  { options: {}, full: FULL, empty: NO_PICK },
  {
    options: { keepCase: true },
    full: {
      some_text: 'x',
      big: 5n,
      data: Buffer.from([1, 2]),
      level: 'LEVEL_HIGH',
      bigs: [6n],
      by_name: { a: 7n },
      inner: { some_text: 'y' },
      count: 0,
      inner_pick: { some_text: 'z' },
      flag: true,
    },
    empty: {
      some_text: '',
      big: 0n,
      data: Buffer.alloc(0),
      level: 'LEVEL_LOW',
      bigs: [],
      by_name: {},
      flag: false,
    },
  },
  {
    options: { longs: String },
    full: { ...FULL, big: '5', bigs: ['6'], byName: { a: '7' } },
    empty: { ...NO_PICK, big: '0' },
  },
  {
    options: { longs: Number },
    full: { ...FULL, big: 5, bigs: [6], byName: { a: 7 } },
    empty: { ...NO_PICK, big: 0 },
  },
  { options: { longs: BigInt }, full: FULL, empty: NO_PICK },
  { options: { enums: Number }, full: { ...FULL, level: 1 }, empty: { ...NO_PICK, level: 0 } },
  { options: { enums: String }, full: FULL, empty: NO_PICK },
  { options: { bytes: String }, full: { ...FULL, data: 'AQI=' }, empty: { ...NO_PICK, data: '' } },
  { options: { bytes: Array }, full: { ...FULL, data: [1, 2] }, empty: { ...NO_PICK, data: [] } },
  { options: { bytes: Buffer }, full: FULL, empty: NO_PICK },
  { options: { defaults: false }, full: FULL, empty: {} },
  { options: { defaults: false, arrays: true }, full: FULL, empty: { bigs: [] } },
  { options: { defaults: false, objects: true }, full: FULL, empty: { byName: {} } },
  { options: { oneofs: true }, full: { ...FULL, pickOne: 'innerPick' }, empty: NO_PICK },
  {
    options: { oneofs: true, keepCase: true, defaults: false },
    full: {
      some_text: 'x',
      big: 5n,
      data: Buffer.from([1, 2]),
      level: 'LEVEL_HIGH',
      bigs: [6n],
      by_name: { a: 7n },
      inner: { some_text: 'y' },
      count: 0,
      inner_pick: { some_text: 'z' },
      pick_one: 'inner_pick',
      flag: true,
    },
    empty: {},
  },
];

const roundTrip = (codec: MessageCodec, fields: unknown): Record<string, unknown> =>
  decoded(codec, encoded(codec, fields));

describe('values as options shape them', () => {
  for (const { options, full, empty } of SHAPES) {
    const name = inspect(
      Object.fromEntries(
        Object.entries(options).map(([key, value]) => [
          key,
          typeof value === 'function' ? value.name : value,
        ]),
      ),
      { breakLength: Infinity },
    ).replaceAll("'", '');
    it(`${name}: a full message, an empty one, and both as fields again`, async () => {
      const registry = await registryOf([SOURCE], options);
      const codec = registry.message('v.Reply');
      for (const [fields, expected] of [
        [FULL, full],
        [{}, empty],
      ] as const) {
        const message = roundTrip(codec, fields);
        expect(registry.toObject(message)).to.deep.equal(expected);
        expect(encoded(codec, message)).to.deep.equal(encoded(codec, fields));
        expect(encoded(codec, registry.toObject(message))).to.deep.equal(encoded(codec, fields));
        const json = JSON.parse(JSON.stringify(message));
        expect(encoded(codec, json)).to.deep.equal(encoded(codec, fields));
        expect(registry.toObject(registry.fromJson('v.Reply', json))).to.deep.equal(expected);
      }
    });
  }

  it('longs: Number refuses what a number cannot hold', async () => {
    const registry = await registryOf([SOURCE], { longs: Number });
    const codec = registry.message('v.Reply');
    const bytes = encoded(codec, { big: 2n ** 53n });
    expect(() => decoded(codec, bytes)).to.throw(
      'not a valid v.Reply at big, octet 9: 9007199254740992 is not a safe integer; use longs: BigInt or String',
    );
    expect(roundTrip(codec, { big: 2n ** 53n - 1n })['big']).to.equal(2 ** 53 - 1);
  });
});

describe('decoded messages', () => {
  it('print under the name of their type', async () => {
    const registry = await registryOf([SOURCE], { defaults: false });
    const message = roundTrip(registry.message('v.Reply'), {
      someText: 'hi',
      inner: { someText: 'x' },
      byName: { a: 1 },
    });
    expect(inspect(message)).to.equal(
      `Reply {\n  someText: 'hi',\n  byName: { a: 1n },\n  inner: Inner { someText: 'x' }\n}`,
    );
  });

  it('have their properties in the order of the field numbers, whatever came first', async () => {
    const registry = await registryOf([SOURCE]);
    const message = roundTrip(registry.message('v.Reply'), FULL);
    expect(Object.keys(message)).to.deep.equal([
      'someText',
      'big',
      'data',
      'level',
      'bigs',
      'byName',
      'inner',
      'count',
      'innerPick',
      'flag',
    ]);
  });

  it('read undefined for what has presence and is not set, also proto2 defaults', async () => {
    const registry = await registryOf([SOURCE, OLD]);
    const message = roundTrip(registry.message('v.Reply'), {});
    expect(
      ['inner', 'count', 'textPick', 'innerPick'].map((key) => [key in message, message[key]]),
    ).to.deep.equal(Array(4).fill([false, undefined]));
    const old = roundTrip(registry.message('old.Order'), { id: 1 });
    expect('note' in old || 'size' in old).to.equal(false);
  });

  it('have nothing enumerable on their class but their fields', async () => {
    const registry = await registryOf([SOURCE, KINDS]);
    for (const type of ['v.Reply', 'kinds.WellKnown', 'google.protobuf.Timestamp']) {
      const keys: string[] = [];
      for (const key in roundTrip(registry.message(type), {})) keys.push(key);
      expect(keys).to.deep.equal(Object.keys(roundTrip(registry.message(type), {})));
    }
  });

  it('do not share lists, maps or bytes with each other', async () => {
    const registry = await registryOf([SOURCE]);
    const codec = registry.message('v.Reply');
    const one = roundTrip(codec, {}) as { bigs: bigint[]; byName: Record<string, bigint> };
    one.bigs.push(1n);
    one.byName['a'] = 1n;
    expect(registry.toObject(roundTrip(codec, {}))).to.deep.equal(NO_PICK);
  });

  it('are known by their type', async () => {
    const registry = await registryOf([SOURCE]);
    const message = roundTrip(registry.message('v.Reply'), { inner: {} }) as { inner: object };
    expect(registry.typeOf(message)).to.equal('v.Reply');
    expect(registry.typeOf(message.inner)).to.equal('v.Inner');
    expect(registry.typeOf({})).to.equal(undefined);
    expect(message.constructor.name).to.equal('Reply');
  });

  it('stay what they are when their class is replaced by a field', async () => {
    const registry = await registryOf([
      'syntax = "proto3"; package c; message M { string constructor = 1; }',
    ]);
    const message = roundTrip(registry.message('c.M'), { constructor: 'x' });
    expect(inspect(message)).to.equal(`M { constructor: 'x' }`);
  });
});
