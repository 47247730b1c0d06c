// Canonical ProtoJSON (protobuf.dev/programming-guides/json) out of decoded messages, and plain objects out
// of them. Never throws: what a user has put into a message that does not belong there is shown as it is.
// (The way in is encode.ts: every canonical ProtoJSON document is a legal value there.)

import { defaultOf, toBase64 } from './decode.ts';
import { planOf, setOwn } from './message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import { formatDuration, formatTimestamp } from './time-text.ts';
import { ANY, DURATION, FIELD_MASK, NOT_WELL_KNOWN, TIMESTAMP, WRAPPER } from './well-known-kind.ts';

/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_JSON_DEPTH = 200;

export function messageToJson(plan: Plan, message: unknown): unknown {
  return jsonOf(plan, message, 0);
}

function jsonOf(plan: Plan, message: unknown, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) return null;
  switch (plan.wellKnown) {
    case NOT_WELL_KNOWN:
      break;
    case TIMESTAMP:
      return timeText(plan, message, formatTimestamp) ?? fieldsOf(plan, message, depth);
    case DURATION:
      return timeText(plan, message, formatDuration) ?? fieldsOf(plan, message, depth);
    case FIELD_MASK:
      return maskText(plan, message) ?? fieldsOf(plan, message, depth);
    case ANY:
      return anyOf(plan, message, depth);
    case WRAPPER:
      return scalarOf(plan.fields[0], message);
    default:
      return plainOf(message, depth);
  }
  return fieldsOf(plan, message, depth);
}

function fieldsOf(plan: Plan, message: unknown, depth: number): unknown {
  if (typeof message !== 'object' || message === null) return plainOf(message, depth);
  const out: Fields = {};
  const fields = message as Fields;
  for (const key of Object.keys(fields)) {
    const field = plan.names.get(key);
    if (field === undefined) continue;
    const value = fields[key];
    if (value === undefined || (value === null && !field.takesNull) || isDefault(field, value)) continue;
    put(out, field.jsonName, fieldValue(field, value, depth));
  }
  return out;
}

function put(out: Fields, key: string, value: unknown): void {
  if (key === '__proto__') setOwn(out, key, value);
  else out[key] = value;
}

/** Fields without presence are left out when they hold their default. */
function isDefault(field: FieldPlan, value: unknown): boolean {
  if (field.hasPresence) return false;
  if (field.shape === MAP)
    return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  if (field.shape !== SINGULAR) return Array.isArray(value) && value.length === 0;
  if (field.type === 12)
    return (value instanceof Uint8Array || typeof value === 'string') && value.length === 0;
  return Object.is(value, defaultOf(field)) || (field.type === 14 && value === 0);
}

function fieldValue(field: FieldPlan, value: unknown, depth: number): unknown {
  if (field.shape === MAP) {
    if (typeof value !== 'object' || value === null) return plainOf(value, depth);
    const out: Fields = {};
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
    const { valueField } = field;
    for (const [key, item] of entries) put(out, String(key), itemOf(valueField, item, depth));
    return out;
  }
  if (field.shape !== SINGULAR && Array.isArray(value))
    return value.map((item) => itemOf(field, item, depth));
  return itemOf(field, value, depth);
}

function itemOf(field: FieldPlan, value: unknown, depth: number): unknown {
  return field.isMessage ? jsonOf(field.link(), value, depth + 1) : scalarOf(field, value);
}

function scalarOf(field: FieldPlan, value: unknown): unknown {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return numberOf(field, value);
    case 'object':
      if (value instanceof Uint8Array) return toBase64(value);
      if (Array.isArray(value) && field.type === 12) return toBase64(Uint8Array.from(value));
      return value === null ? null : plainOf(value, 0);
    default:
      return value;
  }
}

function numberOf(field: FieldPlan, value: number): unknown {
  switch (field.type) {
    case 1:
      break;
    case 2:
      if (Number.isFinite(value)) return shortestFloat(value);
      break;
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
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
}

/** The shortest decimal that is read back as the same float. */
function shortestFloat(value: number): number {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}

function timeText(
  plan: Plan,
  message: unknown,
  format: (seconds: bigint, nanos: number) => string | undefined,
): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const seconds = (message as Fields)[plan.fields[0].key] ?? 0;
  const nanos = (message as Fields)[plan.fields[1].key] ?? 0;
  const isInteger = typeof seconds === 'bigint' || /^-?[0-9]{1,20}$/.test(String(seconds));
  if (!isInteger || typeof nanos !== 'number' || !Number.isInteger(nanos)) return undefined;
  return format(BigInt(seconds as bigint), nanos);
}

/** `fooBar,baz`; undefined when a path has no lower-camel spelling that leads back to it. */
function maskText(plan: Plan, message: unknown): string | undefined {
  const paths =
    typeof message === 'object' && message !== null
      ? ((message as Fields)[plan.fields[0].key] ?? [])
      : undefined;
  if (!Array.isArray(paths)) return undefined;
  const out: string[] = [];
  for (const path of paths) {
    if (typeof path !== 'string' || !/^(?:[a-z0-9.]|_[a-z])*$/.test(path)) return undefined;
    out.push(path.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()));
  }
  return out.join(',');
}

function anyOf(plan: Plan, message: unknown, depth: number): unknown {
  if (typeof message !== 'object' || message === null) return plainOf(message, depth);
  const fields = message as Fields;
  const typeUrl = fields['@type'];
  if (typeof typeUrl !== 'string') return fieldsOf(plan, message, depth);
  const payload = plan.set.find(typeUrl.slice(typeUrl.lastIndexOf('/') + 1));
  const { value } = fields;
  const out: Fields = { '@type': typeUrl };
  const isRaw = value instanceof Uint8Array && !payload?.names.has('value') && payload?.wellKnown !== WRAPPER;
  if (payload === undefined || isRaw) {
    if (value !== undefined)
      out['value'] = value instanceof Uint8Array ? toBase64(value) : plainOf(value, depth);
    return out;
  }
  if (payload.wellKnown !== NOT_WELL_KNOWN) {
    out['value'] = jsonOf(payload, value, depth + 1);
    return out;
  }
  const inner = fieldsOf(payload, message, depth);
  if (typeof inner === 'object' && inner !== null) {
    for (const [key, item] of Object.entries(inner)) put(out, key, item);
  }
  return out;
}

/** A value of no known type as JSON can hold it. */
function plainOf(value: unknown, depth: number): unknown {
  if (depth > MAX_JSON_DEPTH) return null;
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'function':
    case 'symbol':
      return undefined;
    case 'object': {
      if (value === null) return null;
      if (value instanceof Uint8Array) return toBase64(value);
      if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
      if (Array.isArray(value)) return value.map((item) => plainOf(item, depth + 1) ?? null);
      const plan = planOf(value);
      if (plan !== undefined) return jsonOf(plan, value, depth + 1);
      const out: Fields = {};
      for (const [key, item] of Object.entries(value)) put(out, key, plainOf(item, depth + 1));
      return out;
    }
    default:
      return value;
  }
}

/** The same fields and values without the classes: plain objects, arrays, and bytes as they are. */
export function messageToObject(value: unknown): unknown {
  return objectOf(value, 0);
}

function objectOf(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  if (depth > MAX_JSON_DEPTH) throw new RangeError('toObject: the value has a cycle');
  if (Array.isArray(value)) return value.map((item) => objectOf(item, depth + 1));
  if (planOf(value) === undefined && Object.getPrototypeOf(value) !== Object.prototype) return value;
  const out: Fields = {};
  for (const [key, item] of Object.entries(value)) put(out, key, objectOf(item, depth + 1));
  return out;
}
