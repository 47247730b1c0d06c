// Canonical ProtoJSON (protobuf.dev/programming-guides/json) from decoded messages. When JSON.stringify calls it, it
// never throws: what has no ProtoJSON form, or does not belong in the message, is shown as it is. In strict mode such
// values are refused. (The other direction is schema/codec/encode.ts: every ProtoJSON document is a value there.)

import { setOwn } from '../../../values/own-property.ts';
import { isBytes, isDate, isMap } from '../../../values/realm.ts';
import { typeNameOfUrl } from '../../descriptors/names.ts';
import {
  ANY,
  DURATION,
  FIELD_MASK,
  NOT_WELL_KNOWN,
  TIMESTAMP,
  WRAPPER,
} from '../../descriptors/well-known-kind.ts';
import { toBase64 } from '../decode-scalar.ts';
import { isJsonLonger } from '../json-length.ts';
import { holdsRawBytes, isJsonAny, planOf } from '../message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../plan.ts';
import { guess, ListedFields, type UnknownField, unknownFieldsOf } from '../unknown-field-list.ts';
import { writeJson } from './json-writer.ts';
import { shortestFloat } from './shortest-float.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';

/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_JSON_DEPTH = 200;
/** What a path must not contain if its lower-camel spelling is to lead back to it. */
const IRREVERSIBLE = /[^a-z0-9._]|_(?![a-z])/;

/** Options of `toJson`. */
export interface ToJsonOptions {
  /** Also show fields without presence that hold their default. Default false. */
  readonly emitDefaults?: boolean | undefined;
  /**
   * Show unknown fields, as a list under `@unknown` of their message: `{ number, varint | fixed32 | fixed64 | bytes |
   * group }`, bytes also as `text` or `message` if they may be one. Not part of ProtoJSON. Default false.
   */
  readonly unknownFields?: boolean | undefined;
  /** Use the fields' names in the .proto instead of lowerCamelCase. Default false. */
  readonly protoNames?: boolean | undefined;
}

/** Options of `toJsonString`. */
export interface ToJsonTextOptions extends ToJsonOptions {
  /** Spaces of indentation per level, 0 to 10; 0 (default) writes one line. */
  readonly indent?: number | undefined;
}

/** ProtoJSON of a decoded message. With `strict`, a TypeError for what has no ProtoJSON form. */
export function messageToJson(
  plan: Plan,
  message: unknown,
  strict: boolean,
  options?: ToJsonOptions,
): unknown {
  return new JsonForm(strict, options).message(plan, message);
}

/**
 * ProtoJSON text of a decoded message, in which negative zero is the number -0. As strict as `messageToJson`; a
 * RangeError for more text than values.maxJsonCharacters.
 */
export function messageToJsonText(plan: Plan, message: unknown, options: ToJsonTextOptions = {}): string {
  const form = new JsonForm(true, options, -0);
  const value = form.message(plan, message);
  const indent = options.indent ?? 0;
  const { maxJsonCharacters } = plan.set.shape;
  if (isJsonLonger(value, indent, maxJsonCharacters)) {
    throw new RangeError(
      `${plan.typeName}: its JSON would be more than ${maxJsonCharacters} characters of text (values.maxJsonCharacters)`,
    );
  }
  return form.hasNegativeZero ? writeJson(value, indent) : JSON.stringify(value, undefined, indent);
}

/** The same of any message, also of what ProtoJSON cannot hold, as JSON.stringify shows it. */
export function messageAsJsonText(plan: Plan, message: unknown): string {
  const form = new JsonForm(false, undefined, -0);
  const value = form.message(plan, message);
  return form.hasNegativeZero ? writeJson(value, 0) : JSON.stringify(value);
}

function put(out: Fields, key: string, value: unknown): void {
  if (key === '__proto__') setOwn(out, key, value);
  else out[key] = value;
}

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

function isEmpty(map: Fields): boolean {
  for (const key in map) if (Object.hasOwn(map, key)) return false;
  return true;
}

/** Fields without presence are left out when they hold their default. */
function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.hasPresence) return false;
  if (field.shape === MAP) return isObject(value) && isEmpty(value);
  if (field.shape !== SINGULAR) return Array.isArray(value) && value.length === 0;
  if (field.type === 12) return isObject(value) || value === '' ? Object(value).length === 0 : false;
  return Object.is(value, field.default) || (field.type === 14 && value === 0);
}

/** A double for which JSON has no number, as the text that ProtoJSON uses. */
function specialNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** Whether JSON.stringify writes it as a JSON number: it is not NaN, an infinity or -0. */
const isPlainDouble = (value: number): boolean => value - value === 0 && !Object.is(value, -0);

class JsonForm {
  readonly #strict: boolean;
  readonly #emitDefaults: boolean;
  readonly #protoNames: boolean;
  /** Undefined when unknown fields are not shown. */
  readonly #listed: ListedFields | undefined;
  readonly #negativeZero: unknown;
  /** Whether there was a negative zero, of which JSON.stringify drops the sign. */
  hasNegativeZero = false;
  #depth = 0;

  /** `negativeZero` is what stands for -0: JSON.stringify would write the number as 0, while text can be read back. */
  constructor(strict: boolean, options: ToJsonOptions = {}, negativeZero: unknown = '-0') {
    this.#negativeZero = negativeZero;
    this.#strict = strict;
    this.#emitDefaults = options.emitDefaults === true;
    this.#protoNames = options.protoNames === true;
    this.#listed = options.unknownFields === true ? new ListedFields() : undefined;
  }

  /** For a value without a ProtoJSON form: refused in strict mode. */
  #otherwise(plan: Plan, fallback: () => unknown): unknown {
    if (this.#strict) throw new TypeError(`the value of a ${plan.typeName} has no form in ProtoJSON`);
    return fallback();
  }

  message(plan: Plan, message: unknown): unknown {
    if (this.#depth > MAX_JSON_DEPTH) return null;
    this.#depth++;
    try {
      return plan.wellKnown === NOT_WELL_KNOWN ? this.#fields(plan, message) : this.#wellKnown(plan, message);
    } finally {
      this.#depth--;
    }
  }

  #wellKnown(plan: Plan, message: unknown): unknown {
    const asFields = (): unknown => this.#fields(plan, message);
    switch (plan.wellKnown) {
      case TIMESTAMP:
        return timeText(plan, message, formatTimestamp) ?? this.#otherwise(plan, asFields);
      case DURATION:
        return timeText(plan, message, formatDuration) ?? this.#otherwise(plan, asFields);
      case FIELD_MASK:
        return maskText(plan, message) ?? this.#otherwise(plan, asFields);
      case ANY:
        return this.#any(plan, message);
      case WRAPPER:
        return this.#scalar(plan.fields[0], message);
      default:
        return this.#plain(message, plan);
    }
  }

  #fields(plan: Plan, message: unknown): unknown {
    if (!isObject(message)) return this.#plain(message, undefined);
    const out = this.#emitDefaults ? this.#allFields(plan, message) : this.#setFields(plan, message);
    const listed = this.#listed;
    if (listed !== undefined) {
      const unknown = unknownFieldsOf(message, listed);
      if (unknown.length > 0) out[UNKNOWN] = unknown.map((field) => unknownForm(field, 0, listed));
    }
    return out;
  }

  /** Without the fields that have no presence and hold their default, in the order of the message's properties. */
  #setFields(plan: Plan, message: Fields): Fields {
    const out: Fields = {};
    for (const key of Object.keys(message)) {
      const field = plan.names.get(key);
      if (field === undefined) continue;
      const value = message[key];
      if (value === undefined || (value === null && !field.takesNull) || isDefault(field, value)) continue;
      const isText = field.type === 9 && typeof value === 'string';
      put(out, this.#nameOf(field), isText ? value : this.#field(field, value));
    }
    return out;
  }

  /** With every field that has no presence, in the order of the schema's numbers. */
  #allFields(plan: Plan, message: Fields): Fields {
    const out: Fields = {};
    for (const field of plan.fields) {
      const value = Object.hasOwn(message, field.key) ? message[field.key] : undefined;
      const isUnset = value === undefined || (value === null && !field.takesNull);
      if (isUnset && field.hasPresence) continue;
      put(out, this.#nameOf(field), isUnset ? this.#unset(field) : this.#field(field, value));
    }
    for (const key of Object.keys(message)) {
      const field = plan.names.get(key);
      if (field !== undefined && field.index < 0) put(out, field.jsonName, this.#field(field, message[key]));
    }
    return out;
  }

  #unset(field: FieldPlan): unknown {
    if (field.shape === MAP) return {};
    if (field.shape !== SINGULAR) return [];
    return this.#scalar(field, field.type === 12 ? new Uint8Array() : field.default);
  }

  #nameOf(field: FieldPlan): string {
    return this.#protoNames && field.index >= 0 ? field.field.name : field.jsonName;
  }

  #field(field: FieldPlan, value: unknown): unknown {
    if (field.shape === MAP) {
      if (!isObject(value)) return this.#plain(value, undefined);
      const out: Fields = {};
      const { valueField } = field;
      const entries = isMap(value) ? value : Object.entries(value);
      for (const [key, item] of entries) put(out, String(key), this.#item(valueField, item));
      return out;
    }
    if (field.shape !== SINGULAR && Array.isArray(value)) return value.map((item) => this.#item(field, item));
    return this.#item(field, value);
  }

  #item(field: FieldPlan, value: unknown): unknown {
    return field.isMessage ? this.message(field.link(), value) : this.#scalar(field, value);
  }

  #scalar(field: FieldPlan, value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        if (value === 'NULL_VALUE' && field.field.typeName === 'google.protobuf.NullValue') return null;
        return value;
      case 'bigint':
        return String(value);
      case 'number':
        return isPlainDouble(value) ? numberForm(field, value) : this.#special(field, value);
      default:
        if (Array.isArray(value) && field.type === 12) return toBase64(Uint8Array.from(value));
        return this.#plain(value, undefined);
    }
  }

  /** NaN, an infinity or -0. */
  #special(field: FieldPlan, value: number): unknown {
    if (value !== 0) return field.type <= 2 ? specialNumber(value) : numberForm(field, value);
    if (field.type > 2) return numberForm(field, 0);
    this.hasNegativeZero = true;
    return this.#negativeZero;
  }

  #any(plan: Plan, message: unknown): unknown {
    const typeUrl = isObject(message) ? message['@type'] : undefined;
    if (!isObject(message) || typeof typeUrl !== 'string') {
      const isEmpty = isObject(message) && Object.keys(message).length === 0;
      return isEmpty ? {} : this.#otherwise(plan, () => this.#fields(plan, message));
    }
    const payload = plan.set.find(typeNameOfUrl(typeUrl));
    const { value } = message;
    // Out of JSON, where its type was not loaded: what came.
    if (payload === undefined && isJsonAny(message)) {
      return this.#otherwise(plan, () => this.#plainMembers(message));
    }
    if (payload === undefined || holdsRawBytes(message, payload)) {
      return this.#otherwise(plan, () => ({ '@type': typeUrl, value: this.#plain(value, undefined) }));
    }
    if (payload.wellKnown !== NOT_WELL_KNOWN)
      return { '@type': typeUrl, value: this.message(payload, value) };
    const out: Fields = { '@type': typeUrl };
    const inner = this.#fields(payload, message);
    if (isObject(inner)) for (const key of Object.keys(inner)) put(out, key, inner[key]);
    return out;
  }

  /** A value of no known type, or inside a Struct (`plan`), as JSON can hold it. */
  #plain(value: unknown, plan: Plan | undefined): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
      case 'undefined':
        return value;
      case 'bigint':
        return String(value);
      case 'number':
        if (Object.is(value, -0)) this.hasNegativeZero = true;
        if (Number.isFinite(value)) return value;
        return plan === undefined ? specialNumber(value) : this.#otherwise(plan, () => specialNumber(value));
      case 'object':
        break;
      default:
        return undefined;
    }
    if (value === null || this.#depth > MAX_JSON_DEPTH) return null;
    if (isBytes(value)) return toBase64(value);
    if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    this.#depth++;
    try {
      if (Array.isArray(value)) return value.map((item) => this.#plain(item, plan) ?? null);
      const type = planOf(value);
      if (type !== undefined) return this.message(type, value);
      return this.#plainMembers(value, plan);
    } finally {
      this.#depth--;
    }
  }

  #plainMembers(value: object, plan?: Plan): Fields {
    const out: Fields = {};
    for (const [key, item] of Object.entries(value)) put(out, key, this.#plain(item, plan));
    return out;
  }
}

/** Not the name of any field: those are identifiers or in brackets. */
const UNKNOWN = '@unknown';

/** An unknown field, with its wire type as the name of its value, since its meaning is not known. */
function unknownForm(field: UnknownField, level: number, listed: ListedFields): Fields {
  const { number, wireType } = field;
  if (wireType === 'group') {
    return { number, group: field.value.map((inner) => unknownForm(inner, level + 1, listed)) };
  }
  if (wireType !== 'bytes') return { number, [wireType]: String(field.value) };
  const seen = guess(field.value, level, listed);
  const form: Fields = { number, bytes: toBase64(field.value) };
  if (seen.kind === 'text') form['text'] = seen.text;
  if (seen.kind === 'message')
    form['message'] = seen.fields.map((inner) => unknownForm(inner, level + 1, listed));
  return form;
}

function numberForm(field: FieldPlan, value: number): unknown {
  switch (field.type) {
    case 1:
      return value;
    case 2:
      return shortestFloat(value);
    case 3:
    case 4:
    case 6:
    case 16:
    case 18:
      return String(value);
    case 14:
      if (field.field.typeName === 'google.protobuf.NullValue') return null;
      return field.enumNames.get(value) ?? value;
    default:
      return value;
  }
}

function timeText(
  plan: Plan,
  message: unknown,
  format: (seconds: bigint, nanos: number) => string | undefined,
): string | undefined {
  if (!isObject(message)) return undefined;
  const seconds = message[plan.fields[0].key] ?? 0;
  const nanos = message[plan.fields[1].key] ?? 0;
  const isInteger = /^-?[0-9]{1,20}$/.test(String(seconds));
  if (!isInteger || typeof nanos !== 'number' || !Number.isInteger(nanos)) return undefined;
  return format(BigInt(String(seconds)), nanos);
}

/** Whether the lower-camel spelling of a path in a FieldMask leads back to it. */
export const isReversiblePath = (path: string): boolean => !IRREVERSIBLE.test(path);

/** A path of a FieldMask as JSON has it: lower camel. */
export const jsonPath = (path: string): string =>
  path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** `fooBar,baz` */
function maskText(plan: Plan, message: unknown): string | undefined {
  const paths = isObject(message) ? (message[plan.fields[0].key] ?? []) : undefined;
  if (!Array.isArray(paths)) return undefined;
  const out: string[] = [];
  for (const path of paths) {
    if (typeof path !== 'string' || !isReversiblePath(path)) return undefined;
    out.push(jsonPath(path));
  }
  return out.join(',');
}
