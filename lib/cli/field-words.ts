// A request out of words: `name=you`, `rect.lo.latitude=1`, `tags=a tags=b`, `labels.env=prod`, `ids:=[1,2]`,
// `photo=@cat.png`. The schema says what each text is; what does not fit is left to the library, whose errors name the
// path, what was expected and the nearest name.

import { readFileSync } from 'node:fs';
import type { Client, FieldDescription, MessageDescription } from '../index.ts';
import { LocalError, UsageError } from './failure.ts';
import { jsonMistake } from './json-error.ts';

type Fields = Record<string, unknown>;

const WORD = /^((?:[^=:[\s]|\[[^\]]*\])+?)(:=|=@|=)(.*)$/s;
const INTEGERS = new Set(['int32', 'sint32', 'sfixed32', 'uint32', 'fixed32']);
const LONGS = new Set(['int64', 'sint64', 'sfixed64', 'uint64', 'fixed64']);
/** Well-known types whose ProtoJSON is a text. */
const TEXTUAL = new Set([
  'google.protobuf.Timestamp',
  'google.protobuf.Duration',
  'google.protobuf.FieldMask',
]);
/** Well-known types that hold any JSON. */
const ANYTHING = new Set(['google.protobuf.Value', 'google.protobuf.ListValue', 'google.protobuf.Struct']);
const WRAPPER = /^google\.protobuf\.(Double|Float|U?Int64|U?Int32|Bool|String|Bytes)Value$/;

/** Whether a word sets a field. */
export function isFieldWord(word: string): boolean {
  return WORD.test(word);
}

/** The fields of a message type that words set. */
export function fieldsOfWords(client: Client, type: string, words: readonly string[]): Fields {
  const reader = new WordReader(client);
  const fields: Fields = {};
  for (const word of words) {
    const match = WORD.exec(word);
    if (match === null) {
      throw new UsageError(`'${word}' sets no field; write field=value, or give the whole request with -d`);
    }
    reader.set(fields, type, pathOf(match[1]), { word, operator: match[2], text: match[3] });
  }
  return fields;
}

/** `points[0].latitude` in its steps; a key in brackets may hold dots. */
function pathOf(text: string): string[] {
  return Array.from(text.matchAll(/\[([^\]]*)\]|[^.[\]]+/g), (step) => step[1] ?? step[0]);
}

interface Given {
  readonly word: string;
  readonly operator: string;
  readonly text: string;
}

class WordReader {
  readonly #client: Client;
  readonly #types: Map<string, MessageDescription | undefined> = new Map();

  constructor(client: Client) {
    this.#client = client;
  }

  set(fields: Fields, type: string, [name, ...rest]: readonly string[], given: Given): void {
    const field = this.#message(type)?.fields.find((one) => one.name === name || one.jsonName === name);
    if (type === 'google.protobuf.Struct' || field === undefined) {
      this.#setFree(fields, name, rest, given);
      return;
    }
    const key = field.jsonName in fields ? field.jsonName : field.name;
    if (field.isMap) this.#setEntry(fields, key, field, rest, given);
    else if (field.isRepeated) this.#setItem(fields, key, field, rest, given);
    else if (rest.length === 0) define(fields, key, this.#value(field.type, given));
    else this.set(this.#inside(fields, key, field, given), field.type, rest, given);
  }

  /** Of no known type: what it is, is for the library to say, or for nobody (Struct). */
  #setFree(fields: Fields, name: string, rest: readonly string[], given: Given): void {
    if (rest.length > 0) this.#setFree(child(fields, name), rest[0], rest.slice(1), given);
    else define(fields, name, anything(given));
  }

  #setEntry(
    fields: Fields,
    key: string,
    field: FieldDescription,
    [entry, ...rest]: readonly string[],
    given: Given,
  ): void {
    const type = /^map<[^,]+,\s*(.+)>$/.exec(field.type)?.[1] ?? field.type;
    if (entry === undefined) {
      const whole = given.operator === '=@' ? undefined : parseJson(given);
      if (typeof whole !== 'object' || whole === null) {
        throw new UsageError(
          `${given.word}: ${field.name} is a ${field.type}; write ${field.name}.KEY=value, or ${field.name}:='{…}'`,
        );
      }
      define(fields, key, whole);
    } else if (rest.length === 0) define(child(fields, key), entry, this.#value(type, given));
    else this.set(child(child(fields, key), entry), type, rest, given);
  }

  #setItem(
    fields: Fields,
    key: string,
    field: FieldDescription,
    [index, ...rest]: readonly string[],
    given: Given,
  ): void {
    const before = Object.hasOwn(fields, key) ? fields[key] : [];
    const items = Array.isArray(before) ? before : [];
    define(fields, key, items);
    if (index === undefined) {
      const isList = given.operator === ':=' || (given.operator === '=' && /^\s*\[/.test(given.text));
      const whole = isList ? parseJson(given) : undefined;
      if (Array.isArray(whole)) items.push(...whole);
      else items.push(this.#value(field.type, given));
      return;
    }
    if (!/^\d{1,7}$/.test(index) || Number(index) > items.length) {
      throw new UsageError(
        `${given.word}: ${field.name} is repeated; write ${field.name}[${items.length}] for the next one${items.length === 0 ? '' : `, up to ${field.name}[${items.length - 1}] for those before`}`,
      );
    }
    if (rest.length === 0) items[Number(index)] = this.#value(field.type, given);
    else {
      items[Number(index)] ??= {};
      this.set(items[Number(index)] as Fields, field.type, rest, given);
    }
  }

  /** The message of a field that has steps behind it. */
  #inside(fields: Fields, key: string, field: FieldDescription, given: Given): Fields {
    if (field.type !== 'google.protobuf.Struct' && this.#message(field.type) === undefined) {
      throw new UsageError(`${given.word}: ${field.name} is ${a(field.type)}, which has no fields`);
    }
    return child(fields, key);
  }

  #value(type: string, given: Given): unknown {
    const { operator, text, word } = given;
    if (operator === ':=') return parseJson(given);
    if (operator === '=@') {
      if (type !== 'bytes' && type !== 'string') {
        throw new UsageError(`${word}: a file's content can be bytes or a string, not ${a(type)}`);
      }
      return fileContent(text, type);
    }
    if (INTEGERS.has(type)) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    if (LONGS.has(type) || type === 'string' || type === 'bytes') return text;
    if (type === 'double' || type === 'float') {
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    }
    if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
    if (ANYTHING.has(type)) return anything(given);
    const wrapped = WRAPPER.exec(type)?.[1];
    if (wrapped !== undefined) return text === 'null' ? null : this.#value(wrapped.toLowerCase(), given);
    if (TEXTUAL.has(type)) return text;
    if (/^\s*[{[]/.test(text)) return parseJson(given);
    const message = this.#message(type);
    // An enum: its value by name or number.
    if (message === undefined) return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
    const [first] = message.fields;
    const [path] = given.word.split('=');
    throw new UsageError(
      `${word}: ${path} is a ${type}; ${first === undefined ? '' : `set its fields (${path}.${first.name}=…), or `}give JSON (${path}:='{…}')`,
    );
  }

  #message(type: string): MessageDescription | undefined {
    if (!this.#types.has(type)) {
      // Scalars have short names of their own, which symbols could have too.
      const found = type.includes('.') || /^[A-Z]/.test(type) ? this.#client.describe(type) : undefined;
      this.#types.set(type, found?.kind === 'message' ? found : undefined);
    }
    return this.#types.get(type);
  }
}

const a = (what: string): string => (/^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`);

/** A property by whatever name; `__proto__` too. */
function define(fields: Fields, key: string, value: unknown): void {
  Object.defineProperty(fields, key, { value, writable: true, enumerable: true, configurable: true });
}

function child(fields: Fields, key: string): Fields {
  const present = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof present === 'object' && present !== null) return present as Fields;
  const made: Fields = {};
  define(fields, key, made);
  return made;
}

/** JSON where it is JSON, else the text itself. */
function anything(given: Given): unknown {
  if (given.operator === ':=') return parseJson(given);
  if (given.operator === '=@') return fileContent(given.text, 'string');
  try {
    return JSON.parse(given.text);
  } catch {
    // Not JSON: a text, which needs no quotes here.
    return given.text;
  }
}

function parseJson({ word, text }: Given): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${word}: not JSON: ${jsonMistake(text) ?? 'it cannot be read'}`);
  }
}

function fileContent(path: string, type: 'bytes' | 'string'): unknown {
  try {
    return type === 'bytes' ? readFileSync(path) : readFileSync(path, 'utf8');
  } catch (error) {
    throw new LocalError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
