// Turns the value of an option, as written, into what our codec would decode for the same field: numbers, bigints,
// strings, bytes, enum values by name. Messages are text format, which has rules of its own for the same values.

import type { SchemaError } from '../../../values/errors.ts';
import { suggestion } from '../../../values/nearest-names.ts';
import { TextReader } from '../../text/text-reader.ts';
import { bytesOf, NOT_UTF8, type StringValue, TokenStream, textOf } from '../../text/token-stream.ts';
import type { FieldDraft } from '../syntax/draft.ts';
import type { OptionValue } from '../syntax/option-statement.ts';
import { quoted, type SourceText } from '../syntax/source-text.ts';
import { type MessageValue, OptionField, OptionMessage, setOwn } from './option-message.ts';
import type { OptionTypes } from './option-types.ts';

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

export class OptionValues {
  readonly #types: OptionTypes;
  readonly #source: SourceText;
  /** The scope in which names inside values are resolved. */
  readonly #scope: string;
  #tokens: TokenStream | undefined;

  constructor(types: OptionTypes, source: SourceText, scope: string) {
    this.#types = types;
    this.#source = source;
    this.#scope = scope;
  }

  value(field: FieldDraft, value: OptionValue): unknown {
    switch (field.type) {
      case 'TYPE_MESSAGE':
      case 'TYPE_GROUP':
        if (value.kind !== 'message') throw this.#expected(field, value, "a message in '{ }'");
        return this.#message(field.typeName ?? '', value.offset);
      case 'TYPE_ENUM':
        return this.#enum(field, value);
      case 'TYPE_BOOL':
        return this.#bool(field, value);
      case 'TYPE_STRING':
        if (value.kind !== 'string') throw this.#expected(field, value, 'a string');
        return this.#text(value);
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

  /** Adds to a repeated field, or to a map. */
  add(target: MessageValue, key: string, field: FieldDraft, value: OptionValue): void {
    const item = this.value(field, value);
    if (this.#types.isMap(field)) {
      new OptionField(this.#types, field, undefined, this.#scope).addEntry(target, item as MessageValue);
      return;
    }
    if (!Object.hasOwn(target, key)) setOwn(target, key, []);
    (target[key] as unknown[]).push(item);
  }

  #text({ value, offset }: { value: StringValue; offset: number }): string {
    const text = textOf(value);
    if (text === undefined) throw this.error(offset, NOT_UTF8);
    return text;
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

  #bool(field: FieldDraft, value: OptionValue): boolean {
    if (value.kind === 'identifier' && value.name === 'true') return true;
    if (value.kind === 'identifier' && value.name === 'false') return false;
    throw this.#expected(field, value, 'true or false');
  }

  #enum(field: FieldDraft, value: OptionValue): string {
    if (value.kind !== 'identifier' || value.isNegative)
      throw this.#expected(field, value, 'the name of an enum value');
    const values = this.#types.enumValues(field.typeName ?? '');
    if (!values.some(({ name }) => name === value.name)) {
      const names = new Set(values.map(({ name }) => name));
      const hint = suggestion(value.name, names);
      throw this.error(value.offset, `${field.typeName?.slice(1)} has no value ${quoted(value.name)}${hint}`);
    }
    return value.name;
  }

  /** A message in '{ }'. */
  #message(typeName: string, offset: number): unknown {
    this.#tokens ??= new TokenStream(this.#source);
    this.#tokens.seek(offset);
    return new TextReader(this.#tokens, false).message(new OptionMessage(this.#types, typeName, this.#scope));
  }

  #expected(field: FieldDraft, value: OptionValue, what: string): SchemaError {
    return this.error(value.offset, `found ${found(value)}, expected ${what} for ${quoted(field.name)}`);
  }

  error(offset: number, message: string): SchemaError {
    return this.#source.error(offset, message);
  }
}

function found(value: OptionValue): string {
  if (value.kind === 'identifier') return quoted(value.name, 'a long word');
  if (value.kind === 'string') return 'a string';
  if (value.kind === 'message') return "'{'";
  return quoted(String(value.value), 'a long number');
}
