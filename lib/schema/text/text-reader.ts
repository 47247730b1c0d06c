// Reads text format (protobuf.dev/reference/protobuf/textformat-spec): whole messages, and the aggregate values of
// options in .proto files. Checks names, types and ranges as it meets them, so that a mistake is reported with its line
// and column. Checks across fields (required ones) are the encoder's; a TextType says what types there are.

import { suggestion } from '../../values/nearest-names.ts';
import { setOwn } from '../../values/own-property.ts';
import { TYPE_ENUM, TYPE_GROUP, TYPE_MESSAGE } from '../descriptors/model.ts';
import type { TextField, TextFields, TextType } from './text-type.ts';
import {
  bytesOf,
  CLOSE_BRACE,
  CLOSE_BRACKET,
  COLON,
  COMMA,
  GREATER,
  integerValue,
  LESS,
  MINUS,
  OPEN_BRACE,
  OPEN_BRACKET,
  SEMICOLON,
  type TokenStream,
  textOf,
} from './token-stream.ts';
import { END, FLOAT, INTEGER, STRING, SYMBOL, WORD } from './tokenizer.ts';

const MAX_DEPTH = 100;
const MAX_INT32 = 2n ** 31n - 1n;
const UNSIGNED = new Set([4, 6, 7, 13]);
const LONG = new Set([3, 4, 6, 16, 18]);
/** What the name of a type, with the host before it, may contain in addition to words and numbers. */
const IN_TYPE_URLS = './-%+~';
/** Integers that floats may be written as: hexadecimal and octal ones are for integers only. */
const DECIMAL = /^(?:0|[1-9][0-9]*)$/;
const TRUE = /^(?:true|True|t|1)$/;
const FALSE = /^(?:false|False|f|0)$/;

/** What has been set of one message so far. */
interface Draft {
  readonly type: TextType;
  readonly fields: TextFields;
  /** The names of the fields that are set, by oneof. */
  readonly oneofs: Map<number, string>;
  any: unknown;
}

export class TextReader {
  readonly #tokens: TokenStream;
  readonly #isLenient: boolean;
  #depth = 0;

  /** `isLenient`: unknown fields and extensions are skipped. */
  constructor(tokens: TokenStream, isLenient: boolean) {
    this.#tokens = tokens;
    this.#isLenient = isLenient;
  }

  /** The message that the whole text is. */
  text(type: TextType): unknown {
    return this.#fields(type, END);
  }

  /** A message between braces, from the current token on. */
  message(type: TextType): unknown {
    const tokens = this.#tokens;
    const close = tokens.isSymbol(OPEN_BRACE) ? CLOSE_BRACE : tokens.isSymbol(LESS) ? GREATER : undefined;
    if (close === undefined) throw tokens.expected(`'{' and the fields of ${type.name}`);
    if (this.#depth >= MAX_DEPTH) {
      throw tokens.source.rangeError(tokens.start, `messages nest more than ${MAX_DEPTH} levels deep`);
    }
    tokens.next();
    this.#depth++;
    const message = this.#fields(type, close);
    this.#depth--;
    return message;
  }

  /** Fields up to the closing symbol, or the end of the text. */
  #fields(type: TextType, close: number): unknown {
    const tokens = this.#tokens;
    const draft: Draft = { type, fields: {}, oneofs: new Map(), any: undefined };
    while (close === END ? tokens.kind !== END : !tokens.isSymbol(close)) {
      this.#field(draft);
      if (!tokens.takeSymbol(COMMA)) tokens.takeSymbol(SEMICOLON);
    }
    if (close !== END) tokens.next();
    return draft.any ?? type.value(draft.fields);
  }

  #field(draft: Draft): void {
    const tokens = this.#tokens;
    const { start } = tokens;
    const { type } = draft;
    if (tokens.takeSymbol(OPEN_BRACKET)) {
      const name = this.#bracketName();
      // An Any has no extensions: the name is that of its type, with or without a host.
      if (name.includes('/') || type.isAny) this.#anyContent(draft, name, start);
      else {
        const field = type.extension(name, start);
        if (field !== undefined) this.#set(draft, field, `[${name}]`, start);
        else if (this.#isLenient) this.#skipValue();
        else throw type.unknownExtension(name, start, tokens);
      }
      return;
    }
    const name = tokens.identifier(`a field of ${type.name}`);
    const field = type.field(name);
    if (field !== undefined) this.#set(draft, field, name, start);
    else if (this.#isLenient || type.isReserved(name)) this.#skipValue();
    else {
      const hint = suggestion(name, type.fieldNames());
      throw tokens.errorAt(start, `${type.name} has no field ${this.#shown(name)}${hint}`);
    }
  }

  /** `full.name]` or `host/full.name]` */
  #bracketName(): string {
    const tokens = this.#tokens;
    let name = '';
    while (!tokens.takeSymbol(CLOSE_BRACKET)) {
      const isPart =
        tokens.kind === WORD ||
        tokens.kind === INTEGER ||
        (tokens.kind === SYMBOL && IN_TYPE_URLS.includes(tokens.text()));
      if (!isPart) throw tokens.expected("the name of an extension or of a type, and ']'");
      name += tokens.text();
      tokens.next();
    }
    return name;
  }

  #anyContent(draft: Draft, typeUrl: string, start: number): void {
    const tokens = this.#tokens;
    const { type } = draft;
    const shown = `[${tokens.source.shown(typeUrl, true)}]`.replace(/^\['(.*)'\]$/, '[$1]');
    if (!type.isAny) throw tokens.errorAt(start, `${shown} is allowed only in a google.protobuf.Any`);
    if (draft.any !== undefined || Object.keys(draft.fields).length > 0) {
      throw tokens.errorAt(start, `a google.protobuf.Any holds one message; ${shown} is another`);
    }
    const payload = type.payload(typeUrl, start);
    if (payload === undefined) throw type.unknownPayload(typeUrl, start, tokens);
    tokens.takeSymbol(COLON);
    const content = this.message(payload);
    const any: TextFields = { '@type': typeUrl };
    // Types with a form of their own go under `value`, as in ProtoJSON.
    if (payload.isWellKnown) any['value'] = content;
    else for (const [key, value] of Object.entries(content as TextFields)) setOwn(any, key, value);
    draft.any = any;
  }

  #set(draft: Draft, field: TextField, name: string, start: number): void {
    const tokens = this.#tokens;
    if (draft.any !== undefined)
      throw tokens.errorAt(start, 'a google.protobuf.Any holds one message and nothing else');
    if (!field.isRepeated) {
      if (Object.hasOwn(draft.fields, field.key))
        throw tokens.errorAt(start, `the field '${name}' is set twice`);
      const rival = field.oneof < 0 ? undefined : draft.oneofs.get(field.oneof);
      if (rival !== undefined) {
        throw tokens.errorAt(start, `'${name}' and '${rival}' are in the same oneof; only one can be set`);
      }
      if (field.oneof >= 0) draft.oneofs.set(field.oneof, name);
    }
    const hasColon = tokens.takeSymbol(COLON);
    if (!hasColon && !isMessage(field)) throw tokens.expected("':'");
    if (!field.isRepeated) setOwn(draft.fields, field.key, this.#value(field));
    else if (tokens.takeSymbol(OPEN_BRACKET)) this.#list(draft, field);
    else this.#add(draft, field);
  }

  #list(draft: Draft, field: TextField): void {
    const tokens = this.#tokens;
    if (tokens.takeSymbol(CLOSE_BRACKET)) return;
    do this.#add(draft, field);
    while (tokens.takeSymbol(COMMA));
    tokens.expectSymbol(CLOSE_BRACKET);
  }

  #add(draft: Draft, field: TextField): void {
    if (field.isMap) {
      field.addEntry(draft.fields, this.message(field.message()) as TextFields);
      return;
    }
    let list = Object.hasOwn(draft.fields, field.key) ? draft.fields[field.key] : undefined;
    if (!Array.isArray(list)) {
      list = [];
      setOwn(draft.fields, field.key, list);
    }
    (list as unknown[]).push(this.#value(field));
  }

  #value(field: TextField): unknown {
    switch (field.type) {
      case 1:
      case 2:
        return this.#float(field);
      case 8:
        return this.#bool(field);
      case 9:
        return this.#string(field);
      case 12:
        return bytesOf(this.#tokens.string(`a string for '${field.name}'`));
      case TYPE_ENUM:
        return this.#enum(field);
      default:
        return isMessage(field) ? this.message(field.message()) : this.#integer(field);
    }
  }

  #string(field: TextField): string {
    const tokens = this.#tokens;
    const { start } = tokens;
    const text = textOf(tokens.string(`a string for '${field.name}'`));
    if (text === undefined) throw tokens.errorAt(start, `the text of '${field.name}' is not UTF-8`);
    return text;
  }

  #integer(field: TextField): bigint | number {
    const tokens = this.#tokens;
    const { start } = tokens;
    const isNegative = tokens.takeSymbol(MINUS);
    if (tokens.kind !== INTEGER) throw tokens.expected(`an integer for '${field.name}'`);
    const value = signed(integerValue(tokens.text()), isNegative);
    const bits = LONG.has(field.type) ? 64n : 32n;
    const min = UNSIGNED.has(field.type) ? 0n : -(2n ** (bits - 1n));
    const max = UNSIGNED.has(field.type) ? 2n ** bits - 1n : 2n ** (bits - 1n) - 1n;
    // For protoc, not even -0 is unsigned.
    const hasSign = isNegative && min === 0n;
    if (value === undefined || hasSign || value < min || value > max) {
      throw this.#outOfRange(start, isNegative, `'${field.name}' goes from ${min} to ${max}`);
    }
    tokens.next();
    return bits === 64n ? value : Number(value);
  }

  #float(field: TextField): number {
    const tokens = this.#tokens;
    const isNegative = tokens.takeSymbol(MINUS);
    let value: number | undefined;
    if (tokens.kind === FLOAT || (tokens.kind === INTEGER && DECIMAL.test(tokens.text()))) {
      value = tokens.float();
    } else if (/^(?:inf(?:inity)?|nan)$/i.test(tokens.word)) {
      value = /^nan$/i.test(tokens.word) ? Number.NaN : Infinity;
      tokens.next();
    } else throw tokens.expected(`a number for '${field.name}'`);
    const double = isNegative ? -value : value;
    // As in protoc, what is too large for a float is infinite.
    return field.type === 2 ? Math.fround(double) : double;
  }

  #bool(field: TextField): boolean {
    const tokens = this.#tokens;
    const text = tokens.kind === INTEGER ? String(integerValue(tokens.text())) : tokens.word;
    const value = TRUE.test(text);
    if (!value && !FALSE.test(text)) throw tokens.expected(`true or false for '${field.name}'`);
    tokens.next();
    return value;
  }

  #enum(field: TextField): string | number {
    const tokens = this.#tokens;
    const { start } = tokens;
    const type = field.enumeration();
    const isNegative = tokens.takeSymbol(MINUS);
    if (tokens.kind === INTEGER) {
      const number = signed(integerValue(tokens.text()), isNegative);
      if (number === undefined || number > MAX_INT32 || number < -MAX_INT32 - 1n)
        throw this.#outOfRange(start, isNegative, `the values of ${type.name} have 32 bits`);
      const value = type.valueOf(Number(number));
      if (value === undefined) {
        throw tokens.errorAt(start, `${number} is not a number of ${type.name}, which is a closed enum`);
      }
      tokens.next();
      return value;
    }
    if (tokens.kind !== WORD || isNegative) throw tokens.expected(`a name of ${type.name}`);
    const { word } = tokens;
    if (!type.has(word)) {
      const hint = suggestion(word, type.names());
      throw tokens.errorAt(start, `${type.name} has no value ${this.#shown(word)}${hint}`);
    }
    tokens.next();
    return word;
  }

  /** The error for the current token, an integer that is too large or too small. */
  #outOfRange(start: number, isNegative: boolean, range: string): Error {
    const shown = this.#tokens.found().replace(/^'(.*)'$/, '$1');
    return this.#tokens.source.rangeError(
      start,
      `${isNegative ? '-' : ''}${shown} is out of range: ${range}`,
    );
  }

  /** Skips the value of a field, whatever it is. */
  #skipValue(): void {
    const tokens = this.#tokens;
    tokens.takeSymbol(COLON);
    let depth = 0;
    do {
      if (tokens.kind === END) throw tokens.expected('a value');
      if (tokens.kind === SYMBOL && '{<['.includes(tokens.text())) depth++;
      if (tokens.kind === SYMBOL && '}>]'.includes(tokens.text())) depth--;
      const isSign = tokens.isSymbol(MINUS);
      const isString = tokens.kind === STRING;
      tokens.next();
      if (isSign && depth === 0) tokens.next();
      if (isString && depth === 0) while (tokens.kind === STRING) tokens.next();
    } while (depth > 0);
  }

  #shown(word: string): string {
    return this.#tokens.source.shown(word, true);
  }
}

function isMessage({ type }: TextField): boolean {
  return type === TYPE_MESSAGE || type === TYPE_GROUP;
}

function signed(value: bigint | undefined, isNegative: boolean): bigint | undefined {
  return value !== undefined && isNegative ? -value : value;
}
