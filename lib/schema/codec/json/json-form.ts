// The ProtoJSON of one decoded message as a tree of plain objects, arrays, texts, numbers, booleans and nulls, which
// JSON.stringify writes as it is. Goes through the values that the message has, whoever put them there. Hot: JSON.stringify
// calls it for every message that is given to it.

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
import { holdsRawBytes, isJsonAny, planOf } from '../message-class.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from '../plan.ts';
import { ListedFields, unknownFieldsOf } from '../unknown-field-list.ts';
import type { ToJsonOptions } from './json.ts';
import { isObject, isPlainNumber, numberForm, specialNumber, textOf, unknownForm } from './json-values.ts';

/** Deeper than any message may be: only a user's own cycle gets here. */
const MAX_JSON_DEPTH = 200;
/** Not the name of any field: those are identifiers or in brackets. */
const UNKNOWN = '@unknown';
const NO_FIELDS: readonly FieldPlan[] = [];
/** In place of the form of a field that is not shown. */
const LEFT_OUT: unique symbol = Symbol('left out');
const hasOwn = Object.prototype.hasOwnProperty;

function put(out: Fields, key: string, value: unknown): void {
  if (key === '__proto__') setOwn(out, key, value);
  else out[key] = value;
}

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

export class JsonForm {
  readonly #strict: boolean;
  readonly #emitDefaults: boolean;
  readonly #protoNames: boolean;
  /** Undefined when unknown fields are not shown. */
  readonly #listed: ListedFields | undefined;
  readonly #negativeZero: unknown;
  /** Neither defaults nor unknown fields are shown. */
  readonly #isUsual: boolean;
  /** Whether there was a negative zero, of which JSON.stringify drops the sign. */
  hasNegativeZero = false;
  /** Not put right when something throws: the form is then given up. */
  #depth = 0;

  /** `negativeZero` is what stands for -0: JSON.stringify would write the number as 0, while text can be read back. */
  constructor(strict: boolean, options: ToJsonOptions | undefined, negativeZero: unknown) {
    this.#negativeZero = negativeZero;
    this.#strict = strict;
    this.#emitDefaults = options?.emitDefaults === true;
    this.#protoNames = options?.protoNames === true;
    this.#listed = options?.unknownFields === true ? new ListedFields() : undefined;
    this.#isUsual = !this.#emitDefaults && this.#listed === undefined;
  }

  message(plan: Plan, message: unknown): unknown {
    if (this.#depth > MAX_JSON_DEPTH) return null;
    this.#depth++;
    const form =
      plan.wellKnown !== NOT_WELL_KNOWN
        ? this.#wellKnown(plan, message)
        : this.#isUsual && isObject(message)
          ? this.#setFields(plan, message)
          : this.#fields(plan, message);
    this.#depth--;
    return form;
  }

  /** For a value without a ProtoJSON form: refused in strict mode. */
  #refuse(plan: Plan): void {
    if (this.#strict) throw new TypeError(`the value of a ${plan.typeName} has no form in ProtoJSON`);
  }

  #wellKnown(plan: Plan, message: unknown): unknown {
    switch (plan.wellKnown) {
      case TIMESTAMP:
      case DURATION:
      case FIELD_MASK: {
        const text = textOf(plan, message);
        if (text !== undefined) return text;
        this.#refuse(plan);
        return this.#fields(plan, message);
      }
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
    // The field after the last one is the likeliest: comparing names costs a fraction of looking one up.
    const likely = plan.hasSharedNames ? NO_FIELDS : plan.fields;
    let next = 0;
    for (const key in message) {
      // Called so, it costs nothing within for-in. What is inherited comes after all that is not.
      if (!hasOwn.call(message, key)) break;
      let field = next < likely.length ? likely[next] : undefined;
      if (field === undefined || field.key !== key) {
        field = plan.names.get(key);
        if (field === undefined) continue;
      }
      next = field.index + 1;
      const value = message[key];
      if (value === undefined || (value === null && !field.takesNull)) continue;
      const form = this.#shown(field, value);
      if (form === LEFT_OUT) continue;
      const name = this.#protoNames ? protoNameOf(field) : field.jsonName;
      put(out, name, form);
    }
    return out;
  }

  /** The plain values at once, all others as `#field` has them. The cases are FieldDescriptorProto.Type. */
  #shown(field: FieldPlan, value: unknown): unknown {
    if (field.shape === SINGULAR) {
      switch (field.type) {
        case 11: // message
          return this.message(field.message ?? field.link(), value);
        case 9: // string
          if (typeof value !== 'string') break;
          return value === '' && !field.hasPresence ? LEFT_OUT : value;
        case 1: // double
        case 5: // int32
        case 7: // fixed32
        case 13: // uint32
        case 15: // sfixed32
        case 17: // sint32
          if (typeof value === 'number' && value !== 0 && value - value === 0) return value;
          break;
        case 8: // bool
          if (typeof value !== 'boolean') break;
          return value || field.hasPresence ? value : LEFT_OUT;
        case 14: // enum
          if (value === field.default && !field.hasPresence) return LEFT_OUT;
          break;
        case 12: // bytes
          if (!(value instanceof Uint8Array)) break;
          return value.length === 0 && !field.hasPresence ? LEFT_OUT : toBase64(value);
      }
    }
    return isDefault(field, value) ? LEFT_OUT : this.#field(field, value);
  }

  /** With every field that has no presence, in the order of the schema's numbers. */
  #allFields(plan: Plan, message: Fields): Fields {
    const out: Fields = {};
    for (const field of plan.fields) {
      const value = Object.hasOwn(message, field.key) ? message[field.key] : undefined;
      const isUnset = value === undefined || (value === null && !field.takesNull);
      if (isUnset && field.hasPresence) continue;
      const name = this.#protoNames ? protoNameOf(field) : field.jsonName;
      put(out, name, isUnset ? this.#unset(field) : this.#field(field, value));
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

  #field(field: FieldPlan, value: unknown): unknown {
    if (field.shape === SINGULAR) return this.#item(field, value);
    if (field.shape === MAP) return this.#map(field, value);
    return Array.isArray(value) ? this.#list(field, value) : this.#item(field, value);
  }

  /** Elements are pushed: JSON.stringify takes longer over an array that was made with its length. */
  #list(field: FieldPlan, list: readonly unknown[]): unknown[] {
    const out: unknown[] = [];
    const { type } = field;
    const { length } = list;
    if (type === 11) {
      const plan = field.message ?? field.link();
      for (let i = 0; i < length; i++) out.push(this.message(plan, list[i]));
    } else if (type === 1 || type === 5 || type === 13) {
      for (let i = 0; i < length; i++) {
        const value = list[i];
        out.push(isPlainNumber(value) ? value : this.#scalar(field, value));
      }
    } else for (let i = 0; i < length; i++) out.push(this.#item(field, list[i]));
    return out;
  }

  #map(field: FieldPlan, value: unknown): unknown {
    if (!isObject(value)) return this.#plain(value, undefined);
    const out: Fields = {};
    const { valueField } = field;
    const entries = isMap(value) ? value : Object.entries(value);
    for (const [key, item] of entries) put(out, String(key), this.#item(valueField, item));
    return out;
  }

  #item(field: FieldPlan, value: unknown): unknown {
    return field.isMessage ? this.message(field.message ?? field.link(), value) : this.#scalar(field, value);
  }

  #scalar(field: FieldPlan, value: unknown): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        if (value === 'NULL_VALUE' && field.field.typeName === 'google.protobuf.NullValue') return null;
        return value;
      case 'bigint':
        return `${value}`;
      case 'number':
        return isPlainNumber(value) ? numberForm(field, value) : this.#special(field, value);
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
      if (isObject(message) && Object.keys(message).length === 0) return {};
      this.#refuse(plan);
      return this.#fields(plan, message);
    }
    const payload = plan.set.find(typeNameOfUrl(typeUrl));
    const { value } = message;
    // Out of JSON, where its type was not loaded: what came.
    if (payload === undefined && isJsonAny(message)) {
      this.#refuse(plan);
      return this.#plainMembers(message);
    }
    if (payload === undefined || holdsRawBytes(message, payload)) {
      this.#refuse(plan);
      return { '@type': typeUrl, value: this.#plain(value, undefined) };
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
        if (plan !== undefined) this.#refuse(plan);
        return specialNumber(value);
      case 'object':
        break;
      default:
        return undefined;
    }
    if (value === null || this.#depth > MAX_JSON_DEPTH) return null;
    if (isBytes(value)) return toBase64(value);
    if (isDate(value)) return Number.isNaN(value.getTime()) ? null : value.toISOString();
    this.#depth++;
    const form = this.#plainObject(value, plan);
    this.#depth--;
    return form;
  }

  #plainObject(value: object, plan: Plan | undefined): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#plain(item, plan) ?? null);
    const type = planOf(value);
    return type === undefined ? this.#plainMembers(value, plan) : this.message(type, value);
  }

  #plainMembers(value: object, plan?: Plan): Fields {
    const out: Fields = {};
    for (const [key, item] of Object.entries(value)) put(out, key, this.#plain(item, plan));
    return out;
  }
}

/** The name in the .proto; an extension has only the one in brackets. */
function protoNameOf(field: FieldPlan): string {
  return field.index >= 0 ? field.field.name : field.jsonName;
}
