import { expect } from 'chai';
import fc from 'fast-check';
import { planOf } from '../../../lib/schema/codec/message-class.ts';
import { messageToObject } from '../../../lib/schema/codec/plain-object.ts';
import { MAP, type Plan } from '../../../lib/schema/codec/plan.ts';
import type { ValueOptions } from '../../../lib/schema/codec/value-options.ts';
import { ANY, DURATION, FIELD_MASK, TIMESTAMP } from '../../../lib/schema/descriptors/well-known-kind.ts';
import { compilePattern } from '../../../lib/schema/matching/pattern.ts';
import { patternOf } from '../../../lib/schema/matching/pattern-of-message.ts';
import { shownKey } from '../../../lib/schema/matching/shown-value.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { isBytes } from '../../../lib/values/realm.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { MESSAGES, MORE_MESSAGES } from '../codec/arbitrary-messages.ts';
import { KINDS, registryOf } from '../schemas.ts';
import { received } from './matching.ts';

/** Trees are large. */
const runs = (type: string): number => atLeast(type === 'kinds.Tree' ? 10 : 40);
const ALL = [...MESSAGES, ...MORE_MESSAGES];

const SHAPES: readonly { readonly name: string; readonly options: ValueOptions }[] = [
  { name: 'default values', options: {} },
  {
    name: 'text, numbers and names of the .proto',
    options: { longs: String, enums: Number, bytes: String, keepCase: true },
  },
  { name: 'no defaults, oneofs, bytes as arrays', options: { defaults: false, oneofs: true, bytes: Array } },
];

/** A place in a message, and how to put something else there. */
interface Leaf {
  readonly path: string;
  change(): void;
}

type Fields = Record<string, unknown>;

/** Every single value of a decoded message. */
function leavesOf(value: unknown, path: string, put: (value: unknown) => void): Leaf[] {
  const changed = changedScalar(value);
  if (changed !== undefined) return [{ path, change: () => put(changed) }];
  if (typeof value !== 'object' || value === null) return [];
  if (isBytes(value)) return [{ path, change: () => put(Buffer.concat([value, Buffer.of(1)])) }];
  if (Array.isArray(value)) {
    return value.flatMap((item, i) =>
      leavesOf(item, `${path}[${i}]`, (other) => {
        value[i] = other;
      }),
    );
  }
  return membersOf(planOf(value), value as Fields, path);
}

function membersOf(plan: Plan | undefined, value: Fields, path: string): Leaf[] {
  if (plan?.wellKnown === TIMESTAMP || plan?.wellKnown === DURATION) {
    const change = (): void => {
      value['seconds'] = BigInt(String(value['seconds'] ?? 0)) + 1n;
    };
    return [{ path, change }];
  }
  if (plan?.wellKnown === FIELD_MASK) {
    return [{ path, change: () => ((value['paths'] as string[]) ?? []).push('other_path') }];
  }
  const fields = plan?.wellKnown === ANY ? plan.set.find(String(value['@type']).replace(/.*\//, '')) : plan;
  return Object.keys(value).flatMap((key) => {
    if (key === '@type') return [];
    const field = fields?.names.get(key);
    const put = (other: unknown): void => {
      Object.defineProperty(value, key, { value: other, enumerable: true, writable: true });
    };
    const at = plan === undefined ? memberPath(path, key) : join(path, key);
    if (field?.field.typeName === 'google.protobuf.NullValue') return [];
    // An enum's text is a name, of which there are few.
    if (field?.type === 14) return enumLeaves(value[key], at, put);
    if (field?.shape === MAP) return mapLeaves(value[key] as Fields, at, field.valueField.type === 14);
    return leavesOf(value[key], at, put);
  });
}

const join = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`);

/** Of a Struct. */
function memberPath(path: string, key: string): string {
  const shown = shownKey(key);
  return shown.startsWith('"') ? `${path}[${shown}]` : join(path, shown);
}

function enumLeaves(value: unknown, path: string, put: (value: unknown) => void): Leaf[] {
  const other = (item: unknown): unknown =>
    typeof item === 'number' ? item + 7 : item === 'GREEN' ? 'RED' : 'GREEN';
  if (!Array.isArray(value)) return [{ path, change: () => put(other(value)) }];
  return value.map((item, i) => ({
    path: `${path}[${i}]`,
    change: () => {
      value[i] = other(item);
    },
  }));
}

function mapLeaves(map: Fields, path: string, isOfEnums: boolean): Leaf[] {
  return Object.keys(map).flatMap((key) => {
    const put = (other: unknown): void => {
      Object.defineProperty(map, key, { value: other, enumerable: true, writable: true });
    };
    const at = `${path}[${shownEntryOf(key)}]`;
    return isOfEnums ? enumLeaves(map[key], at, put) : leavesOf(map[key], at, put);
  });
}

function shownEntryOf(key: string): string {
  const shown = shownKey(key);
  return shown.startsWith('"') ? shown : JSON.stringify(key);
}

function changedScalar(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
      return `${value}x`;
    case 'number':
      return value === 7 ? 8 : 7;
    case 'bigint':
      return value === 7n ? 8n : 7n;
    case 'boolean':
      return !value;
    default:
      return undefined;
  }
}

describe('patterns made of messages', () => {
  for (const { name, options } of SHAPES) {
    describe(`with ${name}`, () => {
      let registry: Registry;
      before(async () => {
        registry = await registryOf([KINDS], options);
      });

      for (const { type, fields } of ALL) {
        it(`match the ${type} itself, as an object, a plain object and ProtoJSON`, () => {
          fc.assert(
            fc.property(fields, (value) => {
              const plan = registry.plan(type);
              const message = received(registry, type, value);
              const json = JSON.parse(JSON.stringify(patternOf(plan, message)));
              for (const exactly of [false, true]) {
                expect(compilePattern(plan, message, { exactly }).differences(message)).to.deep.equal([]);
                const plain = messageToObject(message);
                expect(compilePattern(plan, escaped(plain), { exactly }).differences(plain)).to.deep.equal(
                  [],
                );
                const written = compilePattern(plan, json, { exactly, json: true });
                expect(written.differences(message)).to.deep.equal([]);
              }
            }),
            { numRuns: runs(type) },
          );
        });

        it(`match the ${type} as it was given`, () => {
          fc.assert(
            fc.property(fields, (value) => {
              const message = received(registry, type, value);
              expect(compilePattern(registry.plan(type), escaped(value)).differences(message)).to.deep.equal(
                [],
              );
            }),
            { numRuns: runs(type) },
          );
        });
      }
    });
  }

  describe('of which one value was changed', () => {
    let registry: Registry;
    before(async () => {
      registry = await registryOf([KINDS]);
    });

    for (const { type, fields } of ALL) {
      it(`name the place in a ${type}, and no other`, () => {
        fc.assert(
          fc.property(fields, fc.nat(), (value, chance) => {
            const plan = registry.plan(type);
            const message = received(registry, type, value);
            const pattern = compilePattern(plan, patternOf(plan, message), { exactly: true, json: true });
            const leaves = leavesOf(message, '', () => {});
            fc.pre(leaves.length > 0);
            const leaf = leaves[chance % leaves.length];
            leaf.change();
            expect(pattern.differences(message).map(({ path }) => path)).to.deep.equal([leaf.path]);
          }),
          { numRuns: runs(type) },
        );
      });
    }
  });
});

/** Keys of maps that would be operators, marked. */
function escaped(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(escaped);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const out: Fields = Object.create(null);
  for (const [key, item] of Object.entries(value)) out[key.startsWith('$') ? `$${key}` : key] = escaped(item);
  return out;
}
