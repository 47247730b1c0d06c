// Turns the value of an option, as written, into the value that our codec would give for the same field:
// numbers, bigint, strings, bytes, enum values by name, messages as objects under their JSON names.

import type { SchemaError } from '../../errors.ts';
import { suggestion } from '../nearest.ts';
import type { FieldDraft } from './draft.ts';
import type { AggregateField, OptionValue } from './option-statement.ts';
import type { OptionTypes } from './option-types.ts';
import type { SourceText } from './source-text.ts';
import { bytesOf, textOf } from './string-literal.ts';
import { quoted } from './token-stream.ts';
import { plainWellKnown } from './well-known-values.ts';

const INTEGER_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  TYPE_INT32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_SINT32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_SFIXED32: [-(2n ** 31n), 2n ** 31n - 1n],
  TYPE_UINT32: [0n, 2n ** 32n - 1n],
  TYPE_FIXED32: [0n, 2n ** 32n - 1n],
  TYPE_INT64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_SINT64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_SFIXED64: [-(2n ** 63n), 2n ** 63n - 1n],
  TYPE_UINT64: [0n, 2n ** 64n - 1n],
  TYPE_FIXED64: [0n, 2n ** 64n - 1n],
};
const MAX_INT32 = 2n ** 31n - 1n;
const ANY = '.google.protobuf.Any';
const ANY_HOSTS: ReadonlySet<string> = new Set(['type.googleapis.com', 'type.googleprod.com']);

export type MessageValue = { [key: string]: unknown };

/** Sets an own property whatever its name is: `__proto__` is one like any other. */
export function setOwn(target: MessageValue, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[key] = value;
  }
}

/** The key of a field in a message's object. */
export function fieldKey(field: FieldDraft, extensionName: string | undefined): string {
  return extensionName === undefined ? (field.jsonName ?? field.name) : `[${extensionName}]`;
}

export class OptionValues {
  readonly #types: OptionTypes;
  readonly #source: SourceText;
  /** Where names inside values are looked for. */
  readonly #scope: string;

  constructor(types: OptionTypes, source: SourceText, scope: string) {
    this.#types = types;
    this.#source = source;
    this.#scope = scope;
  }

  /** One value of the field; `inAggregate` allows what only the text format allows. */
  value(field: FieldDraft, value: OptionValue, inAggregate: boolean): unknown {
    switch (field.type) {
      case 'TYPE_MESSAGE':
      case 'TYPE_GROUP':
        if (value.kind !== 'message') throw this.#expected(field, value, "a message in '{ }'");
        return this.message(field.typeName ?? '', value.fields);
      case 'TYPE_ENUM':
        return this.#enum(field, value, inAggregate);
      case 'TYPE_BOOL':
        return this.#bool(field, value, inAggregate);
      case 'TYPE_STRING':
        if (value.kind !== 'string') throw this.#expected(field, value, 'a string');
        return textOf(value.value);
      case 'TYPE_BYTES':
        if (value.kind !== 'string') throw this.#expected(field, value, 'a string');
        return bytesOf(value.value);
      case 'TYPE_FLOAT':
        return Math.fround(this.#float(field, value));
      case 'TYPE_DOUBLE':
        return this.#float(field, value);
      default:
        return this.#integer(field, value);
    }
  }

  #integer(field: FieldDraft, value: OptionValue): number | bigint {
    const [min, max] = INTEGER_RANGES[field.type ?? ''] ?? [0n, -1n];
    if (value.kind !== 'integer' || value.value < min || value.value > max) {
      throw this.#expected(field, value, `an integer from ${min} to ${max}`);
    }
    return max > 2n ** 32n ? value.value : Number(value.value);
  }

  #float(field: FieldDraft, value: OptionValue): number {
    if (value.kind === 'float') return value.value;
    if (value.kind === 'integer') return Number(value.value);
    if (value.kind === 'identifier') {
      const name = value.name.toLowerCase();
      if (name === 'nan') return Number.NaN;
      if (name === 'inf' || name === 'infinity') return value.isNegative ? -Infinity : Infinity;
    }
    throw this.#expected(field, value, 'a number');
  }

  #bool(field: FieldDraft, value: OptionValue, inAggregate: boolean): boolean {
    if (value.kind === 'identifier') {
      if (value.name === 'true' || (inAggregate && /^(?:True|t)$/.test(value.name))) return true;
      if (value.name === 'false' || (inAggregate && /^(?:False|f)$/.test(value.name))) return false;
    }
    if (inAggregate && value.kind === 'integer' && (value.value === 0n || value.value === 1n))
      return value.value === 1n;
    throw this.#expected(field, value, 'true or false');
  }

  #enum(field: FieldDraft, value: OptionValue, inAggregate: boolean): string | number {
    const type = this.#types.enumType(field.typeName ?? '');
    const values = type?.value ?? [];
    if (
      inAggregate &&
      value.kind === 'integer' &&
      value.value <= MAX_INT32 &&
      value.value >= -MAX_INT32 - 1n
    ) {
      const number = Number(value.value);
      return values.find((candidate) => candidate.number === number)?.name ?? number;
    }
    if (value.kind !== 'identifier' || value.isNegative)
      throw this.#expected(field, value, 'the name of an enum value');
    if (!values.some(({ name }) => name === value.name)) {
      const names = values.map(({ name }) => name);
      const hint = suggestion(value.name, names);
      throw this.error(
        value.offset,
        `the enum ${field.typeName?.slice(1)} has no value ${quoted(value.name)}${hint}`,
      );
    }
    return value.name;
  }

  /** A message from an aggregate. */
  message(typeName: string, fields: readonly AggregateField[]): unknown {
    if (typeName === ANY && fields.length === 1 && fields[0].kind === 'any') return this.#any(fields[0]);
    const target: MessageValue = {};
    const oneofs = new Map<number, string>();
    for (const part of fields) this.#setField(typeName, target, part, oneofs);
    return plainWellKnown(typeName, target);
  }

  #any({ name, value, offset }: AggregateField): unknown {
    const slash = name.lastIndexOf('/');
    const type = this.#types.resolver.type(name.slice(slash + 1), this.#scope);
    if (type === undefined) throw this.#types.resolver.unresolved(name.slice(slash + 1), offset);
    if (type.kind !== 'message' || !ANY_HOSTS.has(name.slice(0, slash)) || value.kind !== 'message') {
      throw this.error(offset, 'found an Any that is none, expected [type.googleapis.com/some.Message] { }');
    }
    const content = this.message(`.${type.fullName}`, value.fields);
    const isPlain =
      typeof content === 'object' && content !== null && Object.getPrototypeOf(content) === Object.prototype;
    // Types with a form of their own go under `value`, as in ProtoJSON.
    return { '@type': name, ...(isPlain ? content : { value: content }) };
  }

  #setField(typeName: string, target: MessageValue, part: AggregateField, oneofs: Map<number, string>): void {
    const { field, extensionName } = this.#aggregateField(typeName, part);
    const key = fieldKey(field, extensionName);
    const values = part.value.kind === 'list' ? part.value.values : [part.value];
    if (field.label === 'LABEL_REPEATED') {
      this.addRepeated(target, key, field, values, true);
      return;
    }
    if (part.value.kind === 'list') throw this.#expected(field, part.value, 'one value');
    if (Object.hasOwn(target, key))
      throw this.error(part.offset, `the field ${quoted(part.name)} is set twice`);
    if (field.oneofIndex !== undefined && extensionName === undefined) {
      const other = oneofs.get(field.oneofIndex);
      if (other !== undefined) {
        throw this.error(
          part.offset,
          `${quoted(part.name)} and ${quoted(other)} are in one oneof, only one can be set`,
        );
      }
      oneofs.set(field.oneofIndex, part.name);
    }
    setOwn(target, key, this.value(field, part.value, true));
  }

  /** Adds to a repeated field, or to a map. */
  addRepeated(
    target: MessageValue,
    key: string,
    field: FieldDraft,
    values: readonly OptionValue[],
    inAggregate: boolean,
  ): void {
    if (values.length === 0) return;
    if (
      field.typeName !== undefined &&
      field.type === 'TYPE_MESSAGE' &&
      this.#types.isMapEntry(field.typeName)
    ) {
      if (!Object.hasOwn(target, key)) setOwn(target, key, {});
      for (const value of values) this.#setMapEntry(target[key] as MessageValue, field, value);
      return;
    }
    if (!Object.hasOwn(target, key)) setOwn(target, key, []);
    const list = target[key] as unknown[];
    for (const value of values) list.push(this.value(field, value, inAggregate));
  }

  #aggregateField(typeName: string, part: AggregateField): { field: FieldDraft; extensionName?: string } {
    if (part.kind === 'field') {
      const field = this.#types.field(typeName, part.name) ?? this.#group(typeName, part.name);
      if (field !== undefined) return { field };
      const hint = suggestion(part.name, this.#types.fieldNames(typeName));
      throw this.error(
        part.offset,
        `the message ${typeName.slice(1)} has no field ${quoted(part.name)}${hint}`,
      );
    }
    const scope = typeName.slice(1);
    let symbol = this.#types.extension(part.name, scope);
    if (symbol === undefined && this.#types.isMessageSet(typeName)) {
      symbol = this.#types.messageSetItem(typeName, part.name, scope);
    }
    if (symbol === undefined) throw this.#types.resolver.unresolved(part.name, part.offset);
    if (symbol.element.extendee !== typeName) {
      throw this.error(
        part.offset,
        `the extension ${quoted(symbol.fullName)} is not one of ${typeName.slice(1)}`,
      );
    }
    return { field: symbol.element, extensionName: symbol.fullName };
  }

  /** A group is named by its type in the text format: `MyGroup { }` for the field `mygroup`. */
  #group(typeName: string, name: string): FieldDraft | undefined {
    const field = this.#types.field(typeName, name.toLowerCase());
    if (field?.type !== 'TYPE_GROUP' && field?.type !== 'TYPE_MESSAGE') return undefined;
    return field.typeName?.endsWith(`.${name}`) ? field : undefined;
  }

  #setMapEntry(map: MessageValue, field: FieldDraft, value: OptionValue): void {
    if (value.kind !== 'message') throw this.#expected(field, value, "an entry in '{ }'");
    const entry = this.message(field.typeName ?? '', value.fields) as MessageValue;
    const entryType = field.typeName ?? '';
    const key = entry['key'] ?? zeroOf(this.#types.field(entryType, 'key'));
    const valueField = this.#types.field(entryType, 'value');
    setOwn(map, String(key), Object.hasOwn(entry, 'value') ? entry['value'] : this.#zeroOfValue(valueField));
  }

  #zeroOfValue(field: FieldDraft | undefined): unknown {
    if (field?.type === 'TYPE_MESSAGE' || field?.type === 'TYPE_GROUP')
      return this.message(field.typeName ?? '', []);
    if (field?.type === 'TYPE_ENUM') return this.#types.enumType(field.typeName ?? '')?.value?.[0]?.name;
    return zeroOf(field);
  }

  #expected(field: FieldDraft, value: OptionValue, what: string): SchemaError {
    return this.error(value.offset, `found ${found(value)}, expected ${what} for ${quoted(field.name)}`);
  }

  error(offset: number, message: string): SchemaError {
    return this.#source.error(offset, message);
  }
}

function zeroOf(field: FieldDraft | undefined): unknown {
  switch (field?.type) {
    case 'TYPE_STRING':
      return '';
    case 'TYPE_BYTES':
      return new Uint8Array(0);
    case 'TYPE_BOOL':
      return false;
    default:
      return field?.type?.endsWith('64') ? 0n : 0;
  }
}

function found(value: OptionValue): string {
  if (value.kind === 'identifier') return quoted(value.name, 'a long word');
  if (value.kind === 'string') return 'a string';
  if (value.kind === 'message') return "'{'";
  if (value.kind === 'list') return "'['";
  return quoted(String(value.value), 'a long number');
}
