// Canonical ProtoJSON (protobuf.dev/programming-guides/json) out of decoded messages. As JSON.stringify calls
// it, it never throws: what has no ProtoJSON form, or does not belong into the message, is shown as it is.
// Strictly, such values are refused. (The way in is encode.ts: every ProtoJSON document is a value there.)

import { toBase64 } from './decode-scalar.ts';
import { planOf, setOwn } from './message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { ANY, DURATION, FIELD_MASK, NOT_WELL_KNOWN, TIMESTAMP, WRAPPER } from './well-known-kind.ts';

/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_JSON_DEPTH = 200;
/** Paths that their lower-camel spelling leads back to. */
const REVERSIBLE_PATH = /^(?:[a-z0-9.]|_[a-z])*$/;

/** How ProtoJSON looks. */
export interface ToJsonOptions {
  /** Show fields without presence that hold their default, too. Default false. */
  readonly emitDefaults?: boolean | undefined;
  /** Fields under their names in the .proto instead of lowerCamelCase. Default false. */
  readonly protoNames?: boolean | undefined;
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

/** The shortest decimal that is read back as the same float. */
function shortestFloat(value: number): number {
  // Eighths below a thousand have six digits at most.
  if (Math.abs(value) < 1000 && Number.isInteger(value * 8)) return value;
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}

function specialNumber(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

class JsonForm {
  readonly #strict: boolean;
  readonly #emitDefaults: boolean;
  readonly #protoNames: boolean;
  #depth = 0;

  constructor(strict: boolean, options: ToJsonOptions = {}) {
    this.#strict = strict;
    this.#emitDefaults = options.emitDefaults === true;
    this.#protoNames = options.protoNames === true;
  }

  /** For what has no form: refused when strict. */
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
    if (this.#emitDefaults) return this.#allFields(plan, message);
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
  #allFields(plan: Plan, message: Fields): unknown {
    const out: Fields = {};
    for (const field of plan.fields) {
      const value = message[field.key];
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
      const entries = value instanceof Map ? value : Object.entries(value);
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
        return numberForm(field, value);
      default:
        if (Array.isArray(value) && field.type === 12) return toBase64(Uint8Array.from(value));
        return this.#plain(value, undefined);
    }
  }

  #any(plan: Plan, message: unknown): unknown {
    const typeUrl = isObject(message) ? message['@type'] : undefined;
    if (!isObject(message) || typeof typeUrl !== 'string') {
      const isEmpty = isObject(message) && Object.keys(message).length === 0;
      return isEmpty ? {} : this.#otherwise(plan, () => this.#fields(plan, message));
    }
    const payload = plan.set.find(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
    const { value } = message;
    const isBytes = value instanceof Uint8Array && !payload?.names.has('value');
    if (payload === undefined || isBytes) {
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
        if (Number.isFinite(value)) return value;
        return plan === undefined ? specialNumber(value) : this.#otherwise(plan, () => specialNumber(value));
      case 'object':
        break;
      default:
        return undefined;
    }
    if (value === null || this.#depth > MAX_JSON_DEPTH) return null;
    if (value instanceof Uint8Array) return toBase64(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    this.#depth++;
    try {
      if (Array.isArray(value)) return value.map((item) => this.#plain(item, plan) ?? null);
      const type = planOf(value);
      if (type !== undefined) return this.message(type, value);
      const out: Fields = {};
      for (const [key, item] of Object.entries(value)) put(out, key, this.#plain(item, plan));
      return out;
    } finally {
      this.#depth--;
    }
  }
}

function numberForm(field: FieldPlan, value: number): unknown {
  switch (field.type) {
    case 1:
      return Number.isFinite(value) ? value : specialNumber(value);
    case 2:
      return Number.isFinite(value) ? shortestFloat(value) : specialNumber(value);
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

/** `fooBar,baz` */
function maskText(plan: Plan, message: unknown): string | undefined {
  const paths = isObject(message) ? (message[plan.fields[0].key] ?? []) : undefined;
  if (!Array.isArray(paths)) return undefined;
  const out: string[] = [];
  for (const path of paths) {
    if (typeof path !== 'string' || !REVERSIBLE_PATH.test(path)) return undefined;
    out.push(path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  }
  return out.join(',');
}
