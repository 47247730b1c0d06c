import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf } from '../schemas.ts';
import { deep } from './refusals.ts';

describe('strict input (docs/values.md)', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });

  class Person {
    readonly #name: string;
    constructor(name: string) {
      this.#name = name;
    }
    get label(): string {
      return this.#name;
    }
    get children(): readonly Person[] {
      return this.#name === 'Ada' ? [new Person('Byron')] : [];
    }
    left(): string {
      return 'a method is no field';
    }
  }

  const same: readonly { name: string; type: string; fields: unknown; as: unknown }[] = [
    {
      name: 'both spellings of names',
      type: 'kinds.Scalars',
      fields: { a_string: 'x', an_int32: 1 },
      as: { aString: 'x', anInt32: 1 },
    },
    {
      name: 'null and undefined as absent',
      type: 'kinds.Presence',
      fields: { count: null, text: undefined, number: null, name: 'x' },
      as: { name: 'x' },
    },
    {
      name: 'undefined under a name that is no field',
      type: 'kinds.Scalars',
      fields: { nope: undefined },
      as: {},
    },
    { name: 'no fields at all', type: 'kinds.Scalars', fields: undefined, as: {} },
    {
      name: 'an object without a prototype',
      type: 'kinds.Tree',
      fields: Object.assign(Object.create(null), { label: 'x' }),
      as: { label: 'x' },
    },
    {
      name: 'getters of a class',
      type: 'kinds.Tree',
      fields: new Person('Ada'),
      as: { label: 'Ada', children: [{ label: 'Byron' }] },
    },
    {
      name: 'a class in a message',
      type: 'kinds.Tree',
      fields: { left: new Person('x') },
      as: { left: { label: 'x' } },
    },
    {
      name: 'strings, bigints and numbers for 64 bits',
      type: 'kinds.Lists',
      fields: {
        int64s: ['-5', -5n, -5],
        uint64s: ['0', 0n, 0],
        sint64s: ['-7', -7n, -7],
        fixed64s: ['9', 9n, 9],
      },
      as: {
        int64s: [-5n, -5n, -5n],
        uint64s: [0n, 0n, 0n],
        sint64s: [-7n, -7n, -7n],
        fixed64s: [9n, 9n, 9n],
      },
    },
    {
      name: 'safe integers of more than 32 bits',
      type: 'kinds.Lists',
      fields: {
        int64s: [2 ** 53 - 1, -(2 ** 53) + 1, 2 ** 32, -(2 ** 32)],
        sint64s: [2 ** 53 - 1, -(2 ** 53) + 1, -(2 ** 32)],
      },
      as: {
        int64s: [2n ** 53n - 1n, -(2n ** 53n) + 1n, 2n ** 32n, -(2n ** 32n)],
        sint64s: [2n ** 53n - 1n, -(2n ** 53n) + 1n, -(2n ** 32n)],
      },
    },
    {
      name: 'numbers, names and aliases for enums',
      type: 'kinds.Lists',
      fields: { colors: [1, 'RED', 'CRIMSON', 55] },
      as: { colors: ['RED', 'RED', 'RED', 55] },
    },
    {
      name: 'base64, typed arrays, buffers and octets for bytes',
      type: 'kinds.Lists',
      fields: {
        byteses: [
          'AQI=',
          new Uint8Array([1, 2]),
          Buffer.from([1, 2]),
          new Uint8Array([1, 2]).buffer,
          [1, 2],
          '',
        ],
      },
      as: { byteses: [...Array(5).fill(Buffer.from([1, 2])), Buffer.alloc(0)] },
    },
    {
      name: 'names of the special numbers',
      type: 'kinds.Lists',
      fields: { doubles: ['NaN', 'Infinity', '-Infinity'], floats: [Number.NaN, Infinity] },
      as: { doubles: [Number.NaN, Infinity, -Infinity], floats: [Number.NaN, Infinity] },
    },
    {
      name: 'typed arrays of numbers for lists',
      type: 'kinds.Lists',
      fields: {
        floats: new Float32Array([0.5, 1]),
        int32s: new Int32Array([1, -1]),
        uint64s: new BigUint64Array([5n]),
      },
      as: { floats: [0.5, 1], int32s: [1, -1], uint64s: [5n] },
    },
    {
      name: 'a Map for a map',
      type: 'kinds.Maps',
      fields: {
        strings: new Map([['a', 'b']]),
        byInt64: new Map([[5n, true]]),
        byBool: new Map([[true, 'x']]),
      },
      as: { strings: { a: 'b' }, byInt64: { 5: true }, byBool: { true: 'x' } },
    },
    { name: 'an empty list or map', type: 'kinds.Tree', fields: { children: [], named: {} }, as: {} },
    {
      name: 'a float rounded to the nearest',
      type: 'kinds.Scalars',
      fields: { aFloat: 0.1 },
      as: { aFloat: Math.fround(0.1) },
    },
    { name: 'messages 100 levels deep', type: 'kinds.Tree', fields: deep(100), as: deep(100) },
    {
      name: 'the name of a oneof with its member',
      type: 'kinds.Presence',
      fields: { choice: 'name', name: 'x' },
      as: { name: 'x' },
    },
  ];

  describe('takes', () => {
    let bare: Registry;
    before(async () => {
      bare = await registryOf([KINDS, OLD, EDITION], { defaults: false });
    });
    for (const { name, type, fields, as } of same) {
      it(`${name}`, () => {
        const codec = bare.message(type);
        expect(bare.toObject(decoded(codec, encoded(codec, fields)))).to.deep.equal(as);
      });
    }

    it('a decoded message of its type, and of its fields', () => {
      const codec = registry.message('kinds.Tree');
      const bytes = encoded(codec, { label: 'x', left: { named: { a: { label: 'y' } } } });
      const tree = decoded(codec, bytes);
      expect(encoded(codec, tree)).to.deep.equal(bytes);
      expect(encoded(codec, { left: tree }).length).to.equal(bytes.length + 2);
    });
  });

  describe('names that objects have of themselves', () => {
    const variants = [
      { keepCase: false, field: 'string proto = 6 [json_name = "__proto__"];' },
      { keepCase: true, field: 'string __proto__ = 6;' },
    ];
    for (const { keepCase, field } of variants) {
      it(`are safe as names of messages, fields and map keys ${keepCase ? 'with' : 'without'} keepCase`, async () => {
        const source = `syntax = "proto3"; package odd;
          message constructor { string constructor = 1; string toString = 2; string hasOwnProperty = 4;
            string toJSON = 5; ${field} map<string, string> entries = 7; string valueOf = 8; string then = 9; }`;
        const fields = JSON.parse(
          '{"constructor":"a","toString":"b","hasOwnProperty":"d","toJSON":"e","__proto__":"f",' +
            '"valueOf":"g","then":"h","entries":{"__proto__":"x","constructor":"y","toString":"z"}}',
        );
        const odd = await registryOf([source], { keepCase });
        const codec = odd.message('odd.constructor');
        const message = decoded(codec, encoded(codec, fields));
        expect(message['constructor']).to.equal('a');
        expect(message['toJSON']).to.equal('e');
        expect(Object.getOwnPropertyDescriptor(message, '__proto__')?.value).to.equal('f');
        expect(odd.typeOf(message)).to.equal('odd.constructor');
        const entries = JSON.parse(JSON.stringify(odd.toJson(message)));
        expect(Object.keys(entries)).to.have.members(
          Object.keys(fields).map((key) => (key === '__proto__' && keepCase ? 'Proto' : key)),
        );
        expect(Object.entries(entries.entries)).to.deep.equal(Object.entries(fields.entries));
        expect(encoded(codec, message)).to.deep.equal(encoded(codec, fields));
        expect(Object.keys(Object.prototype)).to.deep.equal([]);
        expect(({} as Record<string, unknown>)['x']).to.equal(undefined);
      });
    }
  });
});
