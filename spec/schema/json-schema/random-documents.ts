// ProtoJSON documents of any type, made up from its descriptor: every form that a value may have, and then one thing changed at
// random. They are not made from the JSON Schema that they test.

import { type FieldPlan, MAP, type Plan, SINGULAR } from '../../../lib/schema/codec/plan.ts';
import * as kind from '../../../lib/schema/descriptors/well-known-kind.ts';

/** From 0 up to, but not including, 1. */
export type Random = () => number;

/** Below this level only what is required is set. */
const MAX_LEVELS = 5;
const MOST_LEVELS = 12;
/** How many fields of a message are set, about. */
const MAX_FIELDS = 6;
const NULL_VALUE = 'google.protobuf.NullValue';

export class RandomDocuments {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  of(plan: Plan, level = 0): unknown {
    switch (plan.wellKnown) {
      case kind.TIMESTAMP:
        return this.#pick<unknown>(
          '2026-01-31T12:00:00Z',
          '2024-02-29T23:59:59.123456789+14:00',
          '0001-01-01T00:00:00Z',
          '9999-12-31T23:59:59.999Z',
          { seconds: '12', nanos: 5 },
        );
      case kind.DURATION:
        return this.#pick<unknown>('1.5s', '-315576000000.999999999s', '0s', '007.100s', { seconds: 3 }, {});
      case kind.FIELD_MASK:
        return this.#pick<unknown>('', 'a', 'fooBar.baz2,Qux', { paths: ['a', 'b_c'] });
      case kind.ANY:
        return this.#pick<unknown>(
          {},
          { '@type': 'type.googleapis.com/google.protobuf.Duration', value: '1s' },
          { typeUrl: '' },
        );
      case kind.STRUCT:
        return this.#pick<unknown>({}, { a: 1, b: { c: [null, 'x'] } });
      case kind.VALUE:
        return this.#json();
      case kind.LIST_VALUE:
        return [this.#json(), this.#json()];
      case kind.WRAPPER:
        return this.#chance(0.3)
          ? this.#pick<unknown>({}, { value: this.#scalar(plan.fields[0]) }, { value: null })
          : this.#scalar(plan.fields[0]);
      default:
        return this.#message(plan, level);
    }
  }

  #message(plan: Plan, level: number): unknown {
    const out: Record<string, unknown> = {};
    // A type that requires itself has no document.
    if (level > MOST_LEVELS) return out;
    const oneofs = new Set<number>();
    const chance = Math.min(1, MAX_FIELDS / (level + 1) / plan.fields.length);
    for (const field of plan.fields) {
      const isWanted = field.isRequired || (level < MAX_LEVELS && this.#chance(chance));
      if (!isWanted || oneofs.has(field.oneof)) continue;
      if (field.oneof >= 0) oneofs.add(field.oneof);
      setMember(out, this.spelling(plan, field), this.#field(field, level));
    }
    return out;
  }

  /** One of the names of a field. */
  spelling(plan: Plan, field: FieldPlan): string {
    const own = [...plan.names].filter(([, one]) => one === field).map(([name]) => name);
    return own[Math.floor(this.#random() * own.length)] ?? field.jsonName;
  }

  #field(field: FieldPlan, level: number): unknown {
    if (!field.isRequired && !field.takesNull && this.#chance(0.05)) return null;
    const count = Math.floor(this.#random() * 3);
    if (field.shape === MAP) {
      const entries: Record<string, unknown> = {};
      for (let i = 0; i < count; i++)
        setMember(entries, this.#key(field.keyField), this.#one(field.valueField, level));
      return entries;
    }
    if (field.shape === SINGULAR) return this.#one(field, level);
    return Array.from({ length: count }, () => this.#one(field, level));
  }

  #one(field: FieldPlan, level: number): unknown {
    return field.isMessage ? this.of(field.link(), level + 1) : this.#scalar(field);
  }

  #key({ type }: FieldPlan): string {
    if (type === 9) return this.#pick<string>('', 'a', 'a b', '__proto__', 'constructor');
    if (type === 8) return this.#pick<string>('true', 'false');
    return this.#pick<string>('0', '1', '12', '2147483647');
  }

  #scalar(field: FieldPlan): unknown {
    switch (field.type) {
      case 1:
      case 2:
        return this.#pick<unknown>(0, -1.5, 1e30, '2.5', '-1e10', 'NaN', 'Infinity', '-Infinity', '-0');
      case 3:
      case 16:
      case 18:
        return this.#pick<unknown>(
          0,
          -7,
          2 ** 40,
          '5',
          '-9223372036854775808',
          '9223372036854775807',
          '1e3',
          '2.0',
        );
      case 4:
      case 6:
        return this.#pick<unknown>(0, 7, 2 ** 40, '18446744073709551615', '-0', '1E2');
      case 5:
      case 15:
      case 17:
        return this.#pick<unknown>(0, -2147483648, 2147483647, '-5', '2147483647', '1e3', '-2147483648.0');
      case 7:
      case 13:
        return this.#pick<unknown>(0, 4294967295, '4294967295', '10e1');
      case 8:
        return this.#chance(0.5);
      case 9:
        return this.#pick<unknown>('', 'x', 'ü€😀', 'a\nb');
      case 12:
        return this.#pick<unknown>('', 'AQ', 'AQ==', '-_8', '+/8=', 'AQI', [0, 255], []);
      default:
        return this.#enum(field);
    }
  }

  #enum(field: FieldPlan): unknown {
    if (field.field.typeName === NULL_VALUE) return this.#pick<unknown>(null, 'NULL_VALUE', 0);
    const values = [...field.enumNumbers];
    const [name, number] = values[Math.floor(this.#random() * values.length)] ?? ['', 0];
    const other = field.isClosedEnum ? number : 123_456;
    return this.#pick<unknown>(name, name, number, String(number), other);
  }

  #json(): unknown {
    return this.#pick<unknown>(null, true, 1.5, 'x', [], {}, [1, [null]], { a: { b: 'c' } });
  }

  #pick<T>(...all: readonly T[]): T {
    return all[Math.floor(this.#random() * all.length)];
  }

  #chance(share: number): boolean {
    return this.#random() < share;
  }

  /** A copy with one thing changed: a value, a name, one more or one fewer. */
  mutated(document: unknown, plan: Plan): unknown {
    const copy: unknown = JSON.parse(JSON.stringify(document));
    const places: Place[] = [];
    placesIn(copy, places);
    const place = places[Math.floor(this.#random() * places.length)];
    if (place === undefined || this.#chance(0.1)) return this.#addMember(copy, plan);
    const { holder, key } = place;
    if (this.#chance(0.7)) setMember(holder, key, this.#junk());
    else if (Array.isArray(holder)) holder.push(this.#junk());
    else {
      const value: unknown = Reflect.get(holder, key);
      if (this.#chance(0.6)) Reflect.deleteProperty(holder, key);
      setMember(holder, this.#pick<string>(`${key}x`, key.toUpperCase(), snake(key), camel(key)), value);
    }
    return copy;
  }

  /** Another field of the message, whatever is set already. */
  #addMember(document: unknown, plan: Plan): unknown {
    const field = plan.fields[Math.floor(this.#random() * plan.fields.length)];
    const isObject = typeof document === 'object' && document !== null && !Array.isArray(document);
    if (field === undefined || !isObject) return this.#junk();
    setMember(document, this.spelling(plan, field), this.#field(field, 1));
    return document;
  }

  #junk(): unknown {
    return this.#pick<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 31,
      -(2 ** 31) - 1,
      2 ** 32,
      2 ** 65,
      1e300,
      '',
      '1',
      ' 1',
      '01',
      '-1',
      '1.5',
      '4294967296',
      '9223372036854775808',
      'true',
      'AQ=',
      'A*',
      '2023-02-29T00:00:00Z',
      '2026-01-31t12:00:00Z',
      '2026-01-31T24:00:00Z',
      '2026-01-31T12:00:00',
      '315576000001s',
      '1.1234567890s',
      'a_b',
      'a..b',
      [],
      [null],
      {},
      { x: 1 },
      [[]],
    );
  }
}

interface Place {
  readonly holder: object;
  readonly key: string;
}

function placesIn(value: unknown, places: Place[]): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    places.push({ holder: value, key });
    placesIn(item, places);
  }
}

function setMember(holder: object, key: string, value: unknown): void {
  if (Array.isArray(holder) && key !== '__proto__') Reflect.set(holder, key, value);
  else Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const camel = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
