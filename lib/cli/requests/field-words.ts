// A request in ProtoJSON out of words: `name=you`, `rect.lo.latitude=1`, `tags=a tags=b`, `labels.env=prod`, `ids:=[1,2]`,
// `photo=@cat.png`, `[pkg.ext]=5`. The schema says what each text is; what does not fit is left to the library, whose errors name the
// path, what was expected and the nearest name.

import type { Client, FieldDescription, MessageDescription } from '../../index.ts';
import { scalarType } from '../../schema/descriptors/scalar-types.ts';
import { setOwn } from '../../values/own-property.ts';
import { JsonSyntaxError, parseJson } from '../../values/text/json-text.ts';
import { withArticle } from '../command/article.ts';
import { LocalError, UsageError } from '../command/failure.ts';
import { fileBytes } from '../command/file-bytes.ts';
import { valueType } from '../command/map-type.ts';
import { extensionName, fieldNamed, noSuchExtension } from './field-lookup.ts';
import { insteadOfJson } from './json-document.ts';

type Fields = Record<string, unknown>;

/** A key in brackets, which may stand in quotes, as errors write it; or an index, or the name of an extension. */
const BRACKETS = /\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]/.source;
const WORD: RegExp = new RegExp(`^((?:[^=:[\\s]|${BRACKETS})+?)(:=|=@|=)(.*)$`, 's');
const STEPS: RegExp = new RegExp(`${BRACKETS}|[^.[\\]]+`, 'g');
const ALL_BRACKETS: RegExp = new RegExp(BRACKETS, 'g');
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

/** The beginning of a word that sets an extension, which no list in JSON begins with. */
const EXTENSION = /^\s*\[(?!(?:true|false|null)\])[A-Za-z_][\w.]*\](?:[.[]|:?=)/;

/** Whether a word sets a field. */
export function isFieldWord(word: string): boolean {
  return WORD.test(word);
}

/** Whether a text begins with a word that sets an extension, though with the bracket of a list in JSON. */
export function setsExtension(text: string): boolean {
  return EXTENSION.test(text);
}

/** An extension that is not loaded, and where it was set. */
export interface UnknownExtension {
  readonly word: string;
  /** Full name of the message. */
  readonly type: string;
  readonly fullName: string;
}

/** What is wrong with a word that sets an extension that is not loaded, and that no server has told of. */
export function unknownExtension(client: Client, { word, type, fullName }: UnknownExtension): LocalError {
  return new LocalError(`${word}: ${noSuchExtension(client, type, fullName)}`);
}

/**
 * The fields of a message type that words set, in ProtoJSON.
 * @param onUnknown told of extensions that are not loaded; they are in what is given, for the library to refuse
 */
export function fieldsOfWords(
  client: Client,
  type: string,
  words: readonly string[],
  onUnknown: (extension: UnknownExtension) => void = () => {},
): Fields {
  const reader = new WordReader(client, onUnknown);
  const fields: Fields = {};
  for (const word of words) {
    const match = WORD.exec(word);
    if (match === null) {
      throw new UsageError(
        `'${word}' does not set a field; write field=value, or give the whole request with -d`,
      );
    }
    if (/^\.|\.\.|\.$/.test(match[1].replace(ALL_BRACKETS, '[]'))) {
      throw new UsageError(`${word}: the name of a field is missing beside a '.'`);
    }
    reader.set(fields, type, pathOf(match[1]), { word, operator: match[2], text: match[3] });
  }
  return fields;
}

/** `points[0].latitude` in its steps; a key or an extension's name in brackets may hold dots. */
export function pathOf(text: string): string[] {
  return text.match(STEPS) ?? [];
}

/** A step that is a key or an index, which may stand in brackets, and there in quotes. */
function keyOf(step: string): string {
  const key = /^\[(.*)\]$/s.exec(step)?.[1];
  if (key === undefined) return step;
  if (key.length < 2 || !key.startsWith('"') || !key.endsWith('"')) return key;
  try {
    return String(parseJson(key));
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // No text in quotes, so these are part of the key.
    return key;
  }
}

interface Given {
  readonly word: string;
  readonly operator: string;
  readonly text: string;
}

class WordReader {
  readonly #client: Client;
  readonly #onUnknown: (extension: UnknownExtension) => void;
  readonly #types: Map<string, MessageDescription | undefined> = new Map();

  constructor(client: Client, onUnknown: (extension: UnknownExtension) => void) {
    this.#client = client;
    this.#onUnknown = onUnknown;
  }

  set(fields: Fields, type: string, [step, ...rest]: readonly string[], given: Given): void {
    const message = this.#message(type);
    if (ANYTHING.has(type) || message === undefined) {
      this.#setFree(fields, keyOf(step), rest, given);
      return;
    }
    // A field's own name may stand in brackets, too, where no extension is called like it.
    const field = fieldNamed(this.#client, message, step) ?? fieldNamed(this.#client, message, keyOf(step));
    if (field === undefined) {
      const fullName = extensionName(step);
      if (fullName !== undefined) this.#onUnknown({ word: given.word, type, fullName });
      this.#setFree(fields, step, rest, given);
      return;
    }
    const isPlain = field.kind === 'field' && !Object.hasOwn(fields, field.jsonName);
    const key = isPlain ? field.name : field.jsonName;
    if (field.isMap) this.#setEntry(fields, key, field, rest, given);
    else if (field.isRepeated) this.#setItem(fields, key, field, rest, given);
    else if (rest.length === 0) this.#setOwn(fields, key, this.#value(field.type, given), given);
    else this.set(this.#inside(fields, key, field, given), field.type, rest, given);
  }

  /** Of no known type: what it is, is for the library to say, or for nobody (Struct). */
  #setFree(fields: Fields, name: string, rest: readonly string[], given: Given): void {
    if (rest.length > 0) this.#setFree(child(fields, name), keyOf(rest[0]), rest.slice(1), given);
    else this.#setOwn(fields, name, anything(given), given);
  }

  #setEntry(
    fields: Fields,
    key: string,
    field: FieldDescription,
    [step, ...rest]: readonly string[],
    given: Given,
  ): void {
    const type = valueType(field);
    if (step === undefined) {
      const whole = given.operator === '=@' ? undefined : json(given);
      if (typeof whole !== 'object' || whole === null) {
        throw new UsageError(
          `${given.word}: ${field.name} is a ${field.type}; write ${field.name}.KEY=value, or ${field.name}:='{…}'`,
        );
      }
      this.#setOwn(fields, key, whole, given);
      return;
    }
    const entry = keyOf(step);
    if (rest.length === 0) this.#setOwn(child(fields, key), entry, this.#value(type, given), given);
    else this.set(child(child(fields, key), entry), type, rest, given);
  }

  #setItem(
    fields: Fields,
    key: string,
    field: FieldDescription,
    [step, ...rest]: readonly string[],
    given: Given,
  ): void {
    const before = Object.hasOwn(fields, key) ? fields[key] : [];
    const items = Array.isArray(before) ? before : [];
    setOwn(fields, key, items);
    if (step === undefined) {
      const isList = given.operator === ':=' || (given.operator === '=' && /^\s*\[/.test(given.text));
      const whole = isList ? json(given) : undefined;
      if (Array.isArray(whole)) for (const item of whole) items.push(item);
      else items.push(this.#value(field.type, given));
      return;
    }
    const index = keyOf(step);
    if (!/^\d{1,7}$/.test(index) || Number(index) > items.length) {
      const name = inWords(field);
      throw new UsageError(
        `${given.word}: ${name} is repeated; write ${name}[${items.length}] for the next element${items.length === 0 ? '' : `, up to ${name}[${items.length - 1}] for earlier ones`}`,
      );
    }
    if (rest.length === 0) {
      if (Number(index) < items.length) throw twice(given);
      items.push(this.#value(field.type, given));
    } else {
      items[Number(index)] ??= {};
      this.set(items[Number(index)] as Fields, field.type, rest, given);
    }
  }

  /** What is set already is not set again: one of the two values would be dropped. */
  #setOwn(fields: Fields, key: string, value: unknown, given: Given): void {
    if (Object.hasOwn(fields, key)) throw twice(given);
    setOwn(fields, key, value);
  }

  /** The message of a field that has steps behind it. */
  #inside(fields: Fields, key: string, field: FieldDescription, given: Given): Fields {
    if (this.#message(field.type) === undefined) {
      throw new UsageError(
        `${given.word}: ${inWords(field)} is ${withArticle(field.type)}, which has no fields`,
      );
    }
    return child(fields, key);
  }

  #value(type: string, given: Given): unknown {
    const { operator, text, word } = given;
    if (operator === ':=') return json(given);
    const wrapped = WRAPPER.exec(type)?.[1].toLowerCase();
    if (wrapped !== undefined) {
      return operator === '=' && text === 'null' ? null : this.#value(wrapped, given);
    }
    if (operator === '=@') {
      if (type !== 'bytes' && type !== 'string') {
        throw new UsageError(`${word}: a file's content can be bytes or a string, not ${withArticle(type)}`);
      }
      return fileContent(given, type);
    }
    if (INTEGERS.has(type)) return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    if (LONGS.has(type) || type === 'string' || type === 'bytes') return text;
    if (type === 'double' || type === 'float') {
      return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
    }
    if (type === 'bool') return text === 'true' ? true : text === 'false' ? false : text;
    if (ANYTHING.has(type)) return anything(given);
    if (TEXTUAL.has(type)) return text;
    const message = this.#message(type);
    // An enum: its value by name or number, or bench's {{pick …}} of them.
    if (message === undefined) return /^-?\d{1,10}$/.test(text) ? Number(text) : text;
    if (/^\s*[{[]/.test(text)) return json(given);
    const [first] = message.fields;
    const path = pathIn(word);
    throw new UsageError(
      `${word}: ${path} is ${withArticle(type)}; ${first === undefined ? '' : `set its fields (${path}.${first.name}=…), or `}give JSON (${path}:='{…}')`,
    );
  }

  #message(type: string): MessageDescription | undefined {
    if (!this.#types.has(type)) {
      const found = scalarType(type) === undefined ? this.#client.describe(type) : undefined;
      this.#types.set(type, found?.kind === 'message' ? found : undefined);
    }
    return this.#types.get(type);
  }
}

/** A field as words name it. */
const inWords = ({ kind, name, jsonName }: FieldDescription): string =>
  kind === 'extension' ? jsonName : name;

/** A field's path as it stands in a word. */
const pathIn = (word: string): string => WORD.exec(word)?.[1] ?? word;

function twice({ word }: Given): UsageError {
  return new UsageError(`${word}: ${pathIn(word)} is set twice, and holds one value`);
}

function child(fields: Fields, key: string): Fields {
  const present = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (typeof present === 'object' && present !== null) return present as Fields;
  const made: Fields = {};
  setOwn(fields, key, made);
  return made;
}

/** JSON where it is JSON, else the text itself. */
function anything(given: Given): unknown {
  if (given.operator === ':=') return json(given);
  if (given.operator === '=@') return fileContent(given, 'string');
  try {
    return parseJson(given.text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    // Not JSON: a text, which needs no quotes here.
    return given.text;
  }
}

function json({ word, text }: Given): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new UsageError(`${word}: not JSON: ${error.message}${insteadOfJson(text)}`);
  }
}

function fileContent({ word, text: path }: Given, type: 'bytes' | 'string'): string {
  if (path === '') {
    throw new UsageError(
      `${word}: a file name is missing after @; for the text itself: ${pathIn(word)}:='"@"'`,
    );
  }
  const bytes = fileBytes(path);
  if (type === 'bytes') return bytes.toString('base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new LocalError(`${word}: ${path} is not UTF-8 text, which a string must be`);
  }
}
