// What may be given as metadata, entry by entry: the names and values that may be sent, and every form of input. Errors
// show the name and the type of what was given, never a value, which may well be a secret.

import type { Metadata } from './metadata.ts';
import { setterHint } from './option-setter.ts';
import { classNameOf, isBytes, ownBytes } from './realm.ts';

/** One metadata value: bytes for names that end in `-bin`, a string of printable ASCII for all others. */
export type MetadataValue = string | Uint8Array;

/** Anything that can be given as metadata: Metadata, entries such as a Map, or an object of names to values. */
export type MetadataInput =
  | Metadata
  | Iterable<readonly [string, MetadataValue | readonly MetadataValue[]]>
  | { readonly [name: string]: MetadataValue | readonly MetadataValue[] | undefined };

const NAME = /^[0-9a-zA-Z_.-]+$/;
const TEXT = /^[\x20-\x7e]*$/;
// Names that belong to the protocol or to HTTP itself; with them a server would misread the request.
const RESERVED = new Set([
  'te',
  'content-type',
  'user-agent',
  'content-length',
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);
// gRPC's own prefix is reserved, except for the two names that tracing libraries are known to set.
const ALLOWED_GRPC = new Set(['grpc-trace-bin', 'grpc-tags-bin']);

/** What sets those that users have an option for. */
const OPTIONS: Readonly<Record<string, string | undefined>> = {
  'grpc-timeout': 'timeoutMs',
  'grpc-encoding': 'compression',
  'grpc-accept-encoding': 'compressions',
  'content-type': 'codec',
  host: 'authority',
};

// A program sends the same few names over and over. Bounded, since names can come from anywhere.
const KNOWN_NAMES = new Map<unknown, string>();
const MAX_KNOWN_NAMES = 1024;

/** Passes every value of an input, checked, to `give`, with its name in lower case. TypeError for anything else. */
export function eachEntry(input: MetadataInput, give: (name: string, value: MetadataValue) => void): void {
  if (input === null || typeof input !== 'object') throw notMetadata(input, '');
  if (!isIterable(input)) {
    const record = input as { readonly [name: string]: unknown };
    const names = Object.keys(record);
    if (classNameOf(input) !== undefined) checkClass(input, names);
    for (const name of names) eachValue(name, record[name], give);
    return;
  }
  for (const entry of input) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw new TypeError(`a metadata entry must be a pair [name, value], not ${describe(entry)}`);
    }
    eachValue(entry[0], entry[1], give);
  }
}

/**
 * TypeError for an object of a class that does not keep its entries in properties: nothing of it would be sent.
 */
function checkClass(input: object, names: readonly string[]): void {
  if (typeof Reflect.get(input, 'getMap') === 'function') {
    throw notMetadata(input, ' of another library; give its entries: metadata.getMap()');
  }
  if (typeof Reflect.get(input, 'then') === 'function') throw notMetadata(input, '; await it first');
  if (names.length === 0) throw notMetadata(input, '');
}

function notMetadata(input: unknown, more: string): TypeError {
  return new TypeError(
    `metadata must be an object like { 'x-name': 'value' }, entries, a Map or Metadata, not ${describe(input)}${more}`,
  );
}

function eachValue(name: unknown, value: unknown, give: (name: string, value: MetadataValue) => void): void {
  if (value === undefined) return;
  const key = checkName(name);
  if (Array.isArray(value)) for (const one of value) giveValue(key, one, give);
  else giveValue(key, value, give);
}

function giveValue(key: string, value: unknown, give: (name: string, value: MetadataValue) => void): void {
  checkValue(key, value);
  give(key, typeof value === 'string' ? value : ownBytes(value));
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** The lower-case form of a metadata name. TypeError if it may not be sent. */
export function checkName(name: unknown): string {
  const known = KNOWN_NAMES.get(name);
  if (known !== undefined) return known;
  const key = checkNewName(name);
  if (KNOWN_NAMES.size < MAX_KNOWN_NAMES) KNOWN_NAMES.set(name, key);
  return key;
}

function checkNewName(name: unknown): string {
  if (typeof name !== 'string')
    throw new TypeError(`a metadata name must be a string, not ${describe(name)}`);
  // Checked before lower-casing, which turns some non-ASCII letters into ASCII ones (such as the Kelvin sign).
  if (!NAME.test(name)) {
    throw new TypeError(
      `metadata name ${shownName(name)} may contain only letters, digits, '_', '-' and '.'`,
    );
  }
  const key = name.toLowerCase();
  if (RESERVED.has(key) || (key.startsWith('grpc-') && !ALLOWED_GRPC.has(key))) {
    const hint = key === 'user-agent' ? setterHint('userAgent', 'its start') : setterHint(OPTIONS[key]);
    throw new TypeError(`metadata name '${key}' is reserved for the protocol${hint}`);
  }
  return key;
}

/** TypeError if a value may not be sent under this name, which is in lower case. */
export function checkValue(key: string, value: unknown): asserts value is MetadataValue {
  if (key.endsWith('-bin')) {
    if (isBytes(value)) return;
    throw new TypeError(`metadata '${key}' ends in -bin and so must be a Uint8Array, not ${describe(value)}`);
  }
  if (isBytes(value)) {
    throw new TypeError(`metadata '${key}' holds bytes, which need a name ending in -bin: '${key}-bin'`);
  }
  if (typeof value !== 'string') {
    throw new TypeError(`metadata '${key}' must be a string, not ${describe(value)}`);
  }
  if (!TEXT.test(value)) {
    throw new TypeError(
      `metadata '${key}' may contain only printable ASCII; other values need a name ending in -bin and a Uint8Array`,
    );
  }
  // RFC 9113 §8.2.1: such a field is malformed, and servers reset the stream for it.
  if (value.startsWith(' ') || value.endsWith(' ')) {
    throw new TypeError(`metadata '${key}' must not begin or end with a space`);
  }
}

/** A wrong name up to its first wrong character: the rest may be the value of a line that was never split. */
function shownName(name: string): string {
  const wrong = /[^0-9a-zA-Z_.-]/u.exec(name);
  const end = wrong === null ? name.length : wrong.index + wrong[0].length;
  return `${JSON.stringify(name.slice(0, end))}${end < name.length ? '…' : ''}`;
}

/** The type of what was given, in words. */
function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  return value === undefined ? 'undefined' : `a ${typeof value}`;
}
