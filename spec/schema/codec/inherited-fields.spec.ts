// Fields, oneofs and map keys with the names of what every object inherits. A server that gives its own schema may have
// any, and sends fields in any order: nothing of theirs may end in what is inherited, nor pass for a value.

import { expect } from 'chai';
import { messageToObject } from '../../../lib/schema/codec/plain-object.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { fromText } from '../../../lib/schema/text/from-text.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { registryOf } from '../schemas.ts';

// A field called __proto__ has no such JSON name; it has with keepCase.
const NAMES = [
  ...Object.getOwnPropertyNames(Object.prototype),
  'toJSON',
  'then',
  'name',
  'prototype',
  'inspect',
];

/** All that objects inherit, with what their functions have. */
const inherited = (): string =>
  JSON.stringify(
    [Object.prototype, Object, Function.prototype, Array.prototype].flatMap((owner) =>
      Object.entries(Object.getOwnPropertyDescriptors(owner)).map(([key, { value }]) => [
        key,
        typeof value,
        typeof value === 'function' ? Reflect.ownKeys(value).map(String) : String(value),
      ]),
    ),
  );

const octets = (tag: number, content: readonly number[]): number[] => [tag, content.length, ...content];
const TEXT = octets(0x0a, [0x78]);

/** A message with each kind of field under the name, and one that comes before. */
const schemaOf = (name: string): string => `syntax = "proto3"; package t;
  message Inner { string call = 1; string bind = 2; Inner ${name} = 3; }
  message Single { Inner ${name} = 1; string last = 15; }
  message Many { repeated Inner ${name} = 1; string last = 15; }
  message Mapped { map<string, Inner> ${name} = 1; string last = 15; }
  message Text { optional string ${name} = 1; string last = 15; }
  message Member { oneof one { Inner ${name} = 1; string other = 2; } string last = 15; }
  message Oneof { oneof ${name} { Inner a = 1; string b = 2; } string last = 15; }`;

const LAST = octets(0x7a, [0x7a]);
const OTHER = octets(0x12, [0x78]);
const ENTRY = (name: string): number[] =>
  octets(0x0a, [...octets(0x0a, [...Buffer.from(name)]), ...octets(0x12, TEXT)]);

const OPTIONS: readonly (readonly [string, ValueOptions])[] = [
  ['by default', {}],
  ['with names of the .proto', { keepCase: true }],
  ['without filled fields', { defaults: false, arrays: false, objects: false }],
  ['with oneofs', { oneofs: true }],
];

describe('Names that every object inherits', () => {
  for (const [what, options] of OPTIONS) {
    describe(what, () => {
      for (const name of NAMES) {
        it(`are fields like any other: ${name}`, async () => {
          const registry = await registryOf([schemaOf(name)], options);
          const before = inherited();
          for (const type of ['Single', 'Many', 'Mapped', 'Text', 'Member', 'Oneof']) {
            const field =
              type === 'Mapped'
                ? ENTRY(name)
                : type === 'Text'
                  ? TEXT
                  : octets(0x0a, [...TEXT, ...octets(0x1a, TEXT)]);
            // In order and out of it, alone and again.
            check(registry, type, [...field, ...LAST], [...LAST, ...field]);
            check(registry, type, LAST, [...LAST, ...LAST]);
            check(registry, type, [], []);
            if (type === 'Member') {
              check(registry, type, [...field, ...LAST], [...field, ...OTHER, ...field, ...LAST]);
              check(registry, type, OTHER, [...field, ...OTHER]);
            }
          }
          expect(inherited()).to.equal(before);
        });
      }
    });
  }

  for (const name of NAMES) {
    it(`are oneofs like any other, which name their member: ${name}`, async () => {
      const registry = await registryOf([schemaOf(name)], { keepCase: true, oneofs: true });
      const codec = registry.message('t.Oneof');
      const message = codec.decode(Buffer.from(OTHER), 0, OTHER.length);
      expect(Object.getOwnPropertyDescriptor(message, name)?.value).to.equal('b');
      expect(Object.entries(messageToObject(message) as object)).to.deep.include([name, 'b']);
      const { bytes, start, end } = codec.encode(message, 0);
      expect([...bytes.subarray(start, end)]).to.deep.equal(OTHER);
    });
  }

  /** The message in canonical order, of both encodings, through text format. */
  function check(
    registry: Registry,
    type: string,
    canonical: readonly number[],
    sent: readonly number[],
  ): void {
    const codec = registry.message(`t.${type}`);
    for (const bytes of [canonical, sent]) {
      const message = codec.decode(Buffer.from(bytes), 0, bytes.length);
      const again = fromText(registry, `t.${type}`, toText(registry, `t.${type}`, message));
      for (const one of [message, again]) {
        const { bytes: encoded, start, end } = codec.encode(one, 0);
        expect([...encoded.subarray(start, end)], type).to.deep.equal([...canonical]);
      }
    }
  }
});
