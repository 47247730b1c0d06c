// Reads text format into values that our codec takes: checks names, types and ranges where they stand, so that a
// mistake is told with its line and column. What is checked across fields (required ones) is the encoder's.

import { setOwn } from './message-class.ts';
import { suggestion } from './nearest.ts';
import { type FieldPlan, type Fields, MAP, type Plan, SINGULAR } from './plan.ts';
import { TextTokens } from './text-token.ts';
import { ANY, LIST_VALUE, NOT_WELL_KNOWN, STRUCT, VALUE, WRAPPER } from './well-known-kind.ts';

const TYPE_GROUP = 10;
const MAX_DEPTH = 100;
const MAX_INT32 = 2n ** 31n - 1n;
const UNSIGNED = new Set([4, 6, 7, 13]);
const LONG = new Set([3, 4, 6, 16, 18]);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The value, as `fields`, that the text describes. */
export function readText(plan: Plan, text: string): unknown {
  return new TextReader(text).root(plan);
}

const fieldsByName: WeakMap<Plan, ReadonlyMap<string, FieldPlan>> = new WeakMap();

/** Fields by their names in the .proto; groups by their types' names too. */
function fieldMap(plan: Plan): ReadonlyMap<string, FieldPlan> {
  let map = fieldsByName.get(plan);
  if (map === undefined) {
    const made = new Map(plan.fields.map((field) => [field.field.name, field]));
    for (const field of plan.fields) {
      const name = field.field.typeName.slice(field.field.typeName.lastIndexOf('.') + 1);
      const isGroup = field.type === TYPE_GROUP && name.toLowerCase() === field.field.name;
      if (isGroup && !made.has(name)) made.set(name, field);
    }
    map = made;
    fieldsByName.set(plan, map);
  }
  return map;
}

/** What was set of one message so far. */
interface Draft {
  readonly plan: Plan;
  readonly fields: Fields;
  readonly set: Set<FieldPlan>;
  readonly oneofs: Map<number, string>;
  any: unknown;
}

class TextReader {
  readonly #tokens: TextTokens;
  #depth = 0;

  constructor(text: string) {
    this.#tokens = new TextTokens(text);
  }

  root(plan: Plan): unknown {
    return this.#fields(plan, undefined);
  }

  /** Fields up to the closing symbol, or the end of the text. */
  #fields(plan: Plan, close: string | undefined): unknown {
    const tokens = this.#tokens;
    const draft: Draft = { plan, fields: {}, set: new Set(), oneofs: new Map(), any: undefined };
    while (close === undefined ? tokens.token.kind !== 'end' : !tokens.isSymbol(close)) {
      this.#field(draft);
      if (!tokens.takeSymbol(',')) tokens.takeSymbol(';');
    }
    if (close !== undefined) tokens.next();
    return draft.any ?? plainForm(plan, draft.fields);
  }

  #field(draft: Draft): void {
    const tokens = this.#tokens;
    const { at } = tokens.token;
    const { plan } = draft;
    if (tokens.takeSymbol('[')) {
      const name = this.#bracketName();
      if (name.includes('/')) this.#anyContent(draft, name, at);
      else {
        const field = plan.findExtension(`[${name}]`);
        if (field === undefined)
          throw tokens.error(at, `${plan.typeName} has no extension '${name}' that is loaded`);
        this.#set(draft, field, `[${name}]`, at);
      }
      return;
    }
    const name = tokens.word(`a field of ${plan.typeName}`);
    const field = fieldMap(plan).get(name);
    if (field !== undefined) this.#set(draft, field, name, at);
    else if (plan.type.definition.proto.reservedName?.includes(name) === true) this.#skipValue();
    else {
      const hint = suggestion(name, fieldMap(plan).keys());
      throw tokens.error(at, `${plan.typeName} has no field '${name}'${hint}`);
    }
  }

  /** `full.name]` or `host/full.name]` */
  #bracketName(): string {
    const tokens = this.#tokens;
    let name = '';
    while (!tokens.takeSymbol(']')) {
      const { token } = tokens;
      if (token.kind === 'word' || (token.kind === 'symbol' && './-%+~'.includes(token.text)))
        name += token.text;
      else if (token.kind === 'integer') name += String(token.value);
      else throw tokens.expected("the name of an extension or of a type, and ']'");
      tokens.next();
    }
    return name;
  }

  #anyContent(draft: Draft, typeUrl: string, at: number): void {
    const tokens = this.#tokens;
    const { plan } = draft;
    if (plan.wellKnown !== ANY)
      throw tokens.error(at, `[${typeUrl}] can stand in a google.protobuf.Any only`);
    if (draft.any !== undefined || draft.set.size > 0) {
      throw tokens.error(at, `a google.protobuf.Any holds one message; [${typeUrl}] is another`);
    }
    const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
    const payload = plan.set.find(name);
    if (payload === undefined) throw tokens.error(at, `message type '${name}' is not loaded`);
    tokens.takeSymbol(':');
    const content = this.#message(payload);
    const any: Fields = { '@type': typeUrl };
    if (payload.wellKnown !== NOT_WELL_KNOWN) any['value'] = content;
    else for (const [key, value] of Object.entries(content as Fields)) setOwn(any, key, value);
    draft.any = any;
  }

  #set(draft: Draft, field: FieldPlan, name: string, at: number): void {
    const tokens = this.#tokens;
    if (draft.any !== undefined)
      throw tokens.error(at, 'a google.protobuf.Any holds one message and nothing else');
    if (field.shape === SINGULAR) {
      if (draft.set.has(field)) throw tokens.error(at, `the field '${name}' is set twice`);
      const rival = field.oneof < 0 ? undefined : draft.oneofs.get(field.oneof);
      if (rival !== undefined) {
        throw tokens.error(at, `'${name}' and '${rival}' are in one oneof, only one can be set`);
      }
      if (field.oneof >= 0) draft.oneofs.set(field.oneof, name);
    }
    draft.set.add(field);
    const hasColon = tokens.takeSymbol(':');
    const isList = field.shape !== SINGULAR && tokens.isSymbol('[');
    if (!hasColon && !field.isMessage) throw tokens.expected("':'");
    if (field.shape === SINGULAR) setOwn(draft.fields, field.key, this.#value(field));
    else if (isList) this.#list(draft, field);
    else this.#add(draft, field);
  }

  #list(draft: Draft, field: FieldPlan): void {
    const tokens = this.#tokens;
    tokens.next();
    if (tokens.takeSymbol(']')) return;
    do this.#add(draft, field);
    while (tokens.takeSymbol(','));
    tokens.expectSymbol(']');
  }

  #add(draft: Draft, field: FieldPlan): void {
    if (field.shape === MAP) {
      let map = draft.fields[field.key];
      if (!(map instanceof Map)) {
        map = new Map();
        setOwn(draft.fields, field.key, map);
      }
      const entry = this.#message(field.link()) as Fields;
      const { keyField, valueField } = field;
      const value = Object.hasOwn(entry, 'value') ? entry['value'] : emptyValue(valueField);
      (map as Map<unknown, unknown>).set(entry['key'] ?? emptyValue(keyField), value);
      return;
    }
    let list = draft.fields[field.key];
    if (!Array.isArray(list)) {
      list = [];
      setOwn(draft.fields, field.key, list);
    }
    (list as unknown[]).push(this.#value(field));
  }

  #message(plan: Plan): unknown {
    const tokens = this.#tokens;
    const close = tokens.isSymbol('{') ? '}' : tokens.isSymbol('<') ? '>' : undefined;
    if (close === undefined) throw tokens.expected(`'{' and the fields of ${plan.typeName}`);
    if (this.#depth >= MAX_DEPTH) {
      throw tokens.rangeError(tokens.token.at, `messages nest more than ${MAX_DEPTH} levels deep`);
    }
    tokens.next();
    this.#depth++;
    const message = this.#fields(plan, close);
    this.#depth--;
    return message;
  }

  #value(field: FieldPlan): unknown {
    switch (field.type) {
      case 1:
      case 2:
        return this.#float(field);
      case 8:
        return this.#bool(field);
      case 9:
        return this.#text(field);
      case 12:
        return this.#string(field);
      case 14:
        return this.#enum(field);
      default:
        return field.isMessage ? this.#message(field.link()) : this.#integer(field);
    }
  }

  #text(field: FieldPlan): string {
    const { at } = this.#tokens.token;
    const octets = this.#string(field);
    try {
      return utf8.decode(octets);
    } catch (error) {
      throw new TypeError(this.#tokens.error(at, `the text of '${field.field.name}' is not UTF-8`).message, {
        cause: error,
      });
    }
  }

  /** Adjacent strings are one. */
  #string(field: FieldPlan): Uint8Array {
    const tokens = this.#tokens;
    if (tokens.token.kind !== 'string') throw tokens.expected(`a string for '${field.field.name}'`);
    const parts: Uint8Array[] = [];
    for (let { token } = tokens; token.kind === 'string'; token = tokens.token) {
      parts.push(token.value);
      tokens.next();
    }
    if (parts.length === 1) return parts[0];
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }

  #integer(field: FieldPlan): bigint | number {
    const tokens = this.#tokens;
    const { at } = tokens.token;
    const isNegative = tokens.takeSymbol('-');
    const { token } = tokens;
    if (token.kind !== 'integer') throw tokens.expected(`an integer for '${field.field.name}'`);
    tokens.next();
    const value = isNegative ? -token.value : token.value;
    const bits = LONG.has(field.type) ? 64n : 32n;
    const min = UNSIGNED.has(field.type) ? 0n : -(2n ** (bits - 1n));
    const max = UNSIGNED.has(field.type) ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
    if (value < min || value > max) {
      throw tokens.rangeError(
        at,
        `${value} is out of range: '${field.field.name}' goes from ${min} to ${max}`,
      );
    }
    return bits === 64n ? value : Number(value);
  }

  #float(field: FieldPlan): number {
    const tokens = this.#tokens;
    const isNegative = tokens.takeSymbol('-');
    const { token } = tokens;
    let value: number | undefined;
    if (token.kind === 'float') value = token.value;
    // Hexadecimal and octal numbers are integers only.
    else if (token.kind === 'integer' && token.isDecimal) value = Number(token.value);
    else if (token.kind === 'word') {
      if (/^inf(?:inity)?$/i.test(token.text)) value = Infinity;
      else if (/^nan$/i.test(token.text)) value = Number.NaN;
    }
    if (value === undefined) throw tokens.expected(`a number for '${field.field.name}'`);
    tokens.next();
    const signed = isNegative ? -value : value;
    // As protoc: what is too large for a float is infinite.
    return field.type === 2 ? Math.fround(signed) : signed;
  }

  #bool(field: FieldPlan): boolean {
    const tokens = this.#tokens;
    const { token } = tokens;
    const text = token.kind === 'word' ? token.text : token.kind === 'integer' ? String(token.value) : '';
    const value = /^(?:true|True|t|1)$/.test(text)
      ? true
      : /^(?:false|False|f|0)$/.test(text)
        ? false
        : undefined;
    if (value === undefined) throw tokens.expected(`true or false for '${field.field.name}'`);
    tokens.next();
    return value;
  }

  #enum(field: FieldPlan): string | number {
    const tokens = this.#tokens;
    const { typeName } = field.field;
    const { at } = tokens.token;
    const isNegative = tokens.takeSymbol('-');
    const { token } = tokens;
    if (token.kind === 'integer') {
      tokens.next();
      const value = isNegative ? -token.value : token.value;
      if (value > MAX_INT32 || value < -MAX_INT32 - 1n)
        throw tokens.rangeError(at, `${value} is no number of an enum`);
      if (field.isClosedEnum && !field.enumNames.has(Number(value))) {
        throw tokens.error(at, `${value} is not a number of ${typeName}, which is a closed enum`);
      }
      return Number(value);
    }
    if (token.kind !== 'word' || isNegative) throw tokens.expected(`a name of ${typeName}`);
    if (!field.enumNumbers.has(token.text)) {
      throw tokens.error(
        at,
        `${typeName} has no value '${token.text}'${suggestion(token.text, field.enumNumbers.keys())}`,
      );
    }
    tokens.next();
    return token.text;
  }

  /** The value of a reserved field: whatever it is. */
  #skipValue(): void {
    const tokens = this.#tokens;
    tokens.takeSymbol(':');
    let depth = 0;
    do {
      const { token } = tokens;
      if (token.kind === 'end') throw tokens.expected('a value');
      if (token.kind === 'symbol' && '{<['.includes(token.text)) depth++;
      if (token.kind === 'symbol' && '}>]'.includes(token.text)) depth--;
      const isSign = token.kind === 'symbol' && token.text === '-';
      const isString = token.kind === 'string';
      tokens.next();
      if (isSign && depth === 0) tokens.next();
      if (isString && depth === 0) while (tokens.token.kind === 'string') tokens.next();
    } while (depth > 0);
  }
}

/** What the codec takes for a message that was read by its fields. */
function plainForm(plan: Plan, fields: Fields): unknown {
  switch (plan.wellKnown) {
    case STRUCT:
      return Object.fromEntries((fields['fields'] as ReadonlyMap<string, unknown> | undefined) ?? []);
    case LIST_VALUE:
      return fields['values'] ?? [];
    case VALUE: {
      const [member] = Object.entries(fields);
      return member === undefined || member[0] === plan.fields[0].key ? null : member[1];
    }
    default:
      return fields;
  }
}

/** What an entry of a map has for a key or value that is not given. */
function emptyValue(field: FieldPlan): unknown {
  if (!field.isMessage) return field.type === 12 ? new Uint8Array(0) : field.default;
  const plan = field.link();
  return plan.wellKnown === WRAPPER ? {} : plainForm(plan, {});
}
