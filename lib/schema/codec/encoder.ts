// The state of one encode: the bytes so far, and where in the value it is. Makes the errors for what a user's value has
// wrong (a value of another type or out of range, an unknown field, what is no message), which name that path; what they
// expected of a scalar, scalar-input.ts and encode-scalar.ts say. One is shared by all encodes; a getter in the user's value
// that encodes something itself gets another.

import { isPromise, isSet } from 'node:util/types';
import { suggestion } from '../../values/nearest-names.ts';
import { isBytes, isDate, isMap, tagOf } from '../../values/realm.ts';
import { JsonNumber } from '../../values/text/json-text.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import { lacking } from './missing-symbol.ts';
import type { FieldPlan, Plan } from './plan.ts';
import { MAX_DEPTH, TOO_DEEP } from './wire/nesting.ts';
import { WireWriter } from './wire/wire-writer.ts';

/** How many characters of a path an error about depth shows. */
const MAX_PATH_SHOWN = 60;
/** `element` when the value is not in a list or map. */
export const NO_ELEMENT = -1;

/** What the value is: fields as a user gives them, or a ProtoJSON document, with or without unknown fields. */
export const INPUT_FIELDS = 0;
export const INPUT_JSON = 1;
export const INPUT_JSON_LENIENT = 2;

/** Longer integers, which no integer type can hold, are not shown. */
const MAX_SHOWN_DIGITS = 40;

/** What a value is, in a few words. Runs no code of the value's own, such as getters. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `'${shortened(value)}'`;
    case 'bigint': {
      const digits = String(value);
      return digits.length > MAX_SHOWN_DIGITS ? `a bigint of ${digits.length} digits` : `${digits}n`;
    }
    case 'symbol':
      return 'a symbol';
    case 'function':
      return 'a function';
    case 'object':
      if (value === null) return 'null';
      if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : `an array of ${value.length}`;
      if (isBytes(value)) return value.length === 1 ? '1 byte' : `${value.length} bytes`;
      if (isDate(value)) return 'a Date';
      if (isMap(value)) return 'a Map';
      if (value instanceof JsonNumber) return shortened(value.toString());
      if (isPromise(value)) return 'a Promise; await it first';
      return isSet(value) ? 'a Set' : describeObject(value);
    default:
      return Object.is(value, -0) ? '-0' : String(value);
  }
}

function describeObject(value: object): string {
  const tag = tagOf(value);
  if (tag === 'Call') return 'a call; await it first';
  if (tag === 'Stream') return 'a stream of replies; take them with await stream.toArray() first';
  return tag === undefined ? 'an object' : `an object (${tag})`;
}

/** Too many levels: the value is too deep, or contains itself. */
export class NestingError extends RangeError {}

/** What a path is made of: a field, or a property inside a Struct. */
export interface PathSegment {
  readonly key: string;
}

export class Encoder extends WireWriter {
  depth = 0;
  /** The index or key of the list or map entry being written. */
  element: number | string = NO_ELEMENT;
  /** The value is a ProtoJSON document, whose numbers may be strings and whose bytes may be base64url. */
  isJson = false;
  /** What the document has and the schema does not is skipped. */
  ignoresUnknown = false;
  /** What was last found wrong with the value: the caller's mistake, so the encoder is left out of its stack trace. */
  mistake: unknown = undefined;
  readonly #trail: PathSegment[] = [];
  readonly #elements: (number | string)[] = [];

  begin(prefix: number, input: number): void {
    this.start(prefix);
    this.depth = 0;
    this.element = NO_ELEMENT;
    this.isJson = input !== INPUT_FIELDS;
    this.ignoresUnknown = input === INPUT_JSON_LENIENT;
  }

  /** Goes into the message that is this field's value. */
  enter(field: PathSegment): void {
    if (this.depth === MAX_DEPTH) this.#refuseDepth(field);
    this.#trail[this.depth] = field;
    this.#elements[this.depth] = this.element;
    this.depth++;
    this.element = NO_ELEMENT;
  }

  leave(): void {
    this.depth--;
    this.element = this.#elements[this.depth];
  }

  /** `items[3].labels["x"].price` */
  path(key: string): string {
    let path = '';
    for (let i = 0; i < this.depth; i++) {
      path += `${separator(path, this.#trail[i].key)}${shownElement(this.#elements[i])}`;
    }
    return key === '' ? path : `${path}${separator(path, key)}${shownElement(this.element)}`;
  }

  #refuseDepth(field: PathSegment): never {
    const start = shortened(this.path(field.key), MAX_PATH_SHOWN);
    throw new NestingError(`${start}: ${TOO_DEEP}`);
  }

  /** Where the value of this field is; the field of a wrapper, whose key is '', is at the wrapper's place. */
  #place(field: FieldPlan): string {
    return this.path(field.key) || field.owner.typeName;
  }

  /** The value is not of a type that this field takes. */
  wrongType(field: FieldPlan, value: unknown, expected: string): never {
    this.fail(new TypeError(`${this.#place(field)}: expected ${expected}, got ${describeValue(value)}`));
  }

  /** The value is of the right type, but not one that this field can hold. */
  outOfRange(field: FieldPlan, value: unknown, problem: string): never {
    this.fail(new RangeError(`${this.#place(field)}: ${describeValue(value)} ${problem}`));
  }

  /** Something about the message as a whole, at the place where it is. */
  refuse(problem: string): never {
    this.fail(this.#wrong(problem));
  }

  /** The same, for what would be right if a type or extension of this full name were loaded. */
  refuseUnloaded(problem: string, fullName: string): never {
    this.fail(lacking(this.#wrong(problem), fullName));
  }

  #wrong(problem: string): TypeError {
    const path = this.path('');
    return new TypeError(path === '' ? problem : `${path}: ${problem}`);
  }

  /** The message has no field of this name. */
  unknownField(plan: Plan, key: string): never {
    const known = plan.fields.map((field) => field.key);
    const shown = shortened(key);
    const extra = known.length === 0 ? '; it has no fields' : suggestion(key, known);
    const list = extra === '' && known.length <= 8 ? `; it has ${known.join(', ')}` : extra;
    const isAny = plan.typeName === 'google.protobuf.Any';
    const fields = isAny ? `; give its type, { '@type': 'type.googleapis.com/package.Type', … }` : list;
    const mistake = new TypeError(`${this.path(shown)}: ${plan.typeName} has no field '${shown}'${fields}`);
    const extension = plan.type.isExtensible ? /^\[([\w.]+)\]$/.exec(key)?.[1] : undefined;
    this.fail(extension === undefined ? mistake : lacking(mistake, extension));
  }

  /** The value in the place of a message is not one. Shows what one looks like. */
  notAMessage(plan: Plan, value: unknown): never {
    const path = this.path('');
    const where = path === '' ? plan.typeName : path;
    const isJson = typeof value === 'string' && /^\s*\{/.test(value);
    const hint = isJson
      ? `; JSON text is read by client.fromJsonString('${plan.typeName}', text)`
      : typeof value === 'function'
        ? '; calls return promises and take no callback'
        : '';
    this.fail(new TypeError(`${where}: expected ${shapeOf(plan)}, got ${describeValue(value)}${hint}`));
  }

  /** Throws what is wrong with the caller's value. */
  fail(mistake: Error): never {
    this.mistake = mistake;
    throw mistake;
  }
}

/** A key as the next part of a path; elements of lists in lists have none. */
function separator(path: string, key: string): string {
  return path === '' || key === '' ? key : `.${key}`;
}

function shownElement(element: number | string): string {
  if (element === NO_ELEMENT) return '';
  return `[${typeof element === 'number' ? element : JSON.stringify(element)}]`;
}

/** `an object like { name: … }` */
function shapeOf(plan: Plan): string {
  const names = plan.fields.slice(0, 4).map((field) => `${field.key}: …`);
  if (names.length === 0) return 'an object, {}';
  if (plan.fields.length > names.length) names.push('…');
  return `an object like { ${names.join(', ')} }`;
}
