// What may be given as metadata, entry by entry: the names and values that may be sent, and every form of input.

import type { Metadata } from './metadata.ts';

/** One metadata value: bytes for names that end in `-bin`, printable ASCII text for all others. */
export type MetadataValue = string | Uint8Array;

/** What is accepted where metadata is wanted. */
export type MetadataInput =
  | Metadata
  | Iterable<readonly [string, MetadataValue | readonly MetadataValue[]]>
  | { readonly [name: string]: MetadataValue | readonly MetadataValue[] | undefined };

const NAME = /^[0-9a-zA-Z_.-]+$/;
const TEXT = /^[\x20-\x7e]*$/;
// Names that belong to the protocol or to HTTP itself: a server would misread the request.
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
// gRPC's own prefix is reserved but for the two that tracing libraries are known to set.
const ALLOWED_GRPC = new Set(['grpc-trace-bin', 'grpc-tags-bin']);

// A program sends the same few names over and over; bounded, since names can come from anywhere.
const KNOWN_NAMES = new Map<unknown, string>();
const MAX_KNOWN_NAMES = 1024;

/** Gives every value of an input under its name in lower case, checked. TypeError when it is no metadata. */
export function eachEntry(input: MetadataInput, give: (name: string, value: MetadataValue) => void): void {
  if (input === null || typeof input !== 'object') {
    throw new TypeError(
      `metadata must be an object like { 'x-name': 'value' }, entries, a Map or Metadata, not ${describe(input)}`,
    );
  }
  if (!isIterable(input)) {
    const record = input as { readonly [name: string]: unknown };
    for (const name of Object.keys(record)) eachValue(name, record[name], give);
    return;
  }
  for (const entry of input) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      throw new TypeError(`a metadata entry must be a pair [name, value], not ${describe(entry)}`);
    }
    eachValue(entry[0], entry[1], give);
  }
}

function eachValue(name: unknown, value: unknown, give: (name: string, value: MetadataValue) => void): void {
  if (value === undefined) return;
  const key = checkName(name);
  for (const one of Array.isArray(value) ? value : [value]) {
    checkValue(key, one);
    give(key, one);
  }
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

/** The lower-case form of a metadata name. TypeError when it may not be sent. */
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
  // Before lower case, which makes ASCII of some letters that are none (the Kelvin sign).
  if (!NAME.test(name)) {
    throw new TypeError(
      `metadata name ${JSON.stringify(name)} may hold only letters, digits, '_', '-' and '.'`,
    );
  }
  const key = name.toLowerCase();
  if (RESERVED.has(key) || (key.startsWith('grpc-') && !ALLOWED_GRPC.has(key))) {
    const hint =
      key === 'user-agent'
        ? '; the userAgent option sets its start'
        : key === 'grpc-timeout'
          ? '; the timeoutMs option sets it'
          : key === 'host'
            ? '; the authority option sets it'
            : '';
    throw new TypeError(`metadata name '${key}' is reserved for the protocol${hint}`);
  }
  return key;
}

/** TypeError when a value may not be sent under a name (in lower case). */
export function checkValue(key: string, value: unknown): asserts value is MetadataValue {
  if (key.endsWith('-bin')) {
    if (value instanceof Uint8Array) return;
    throw new TypeError(`metadata '${key}' ends in -bin and so must be a Uint8Array, not ${describe(value)}`);
  }
  if (value instanceof Uint8Array) {
    throw new TypeError(`metadata '${key}' holds bytes, which need a name ending in -bin: '${key}-bin'`);
  }
  if (typeof value !== 'string') {
    throw new TypeError(`metadata '${key}' must be a string, not ${describe(value)}`);
  }
  if (!TEXT.test(value)) {
    throw new TypeError(
      `metadata '${key}' may hold only printable ASCII; other values need a name ending in -bin and a Uint8Array`,
    );
  }
  // RFC 9113 §8.2.1: such a field is malformed, and servers reset the stream for it.
  if (value.startsWith(' ') || value.endsWith(' ')) {
    throw new TypeError(`metadata '${key}' must not begin or end with a space`);
  }
}

function describe(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object') return value.constructor?.name ?? 'an object';
  if (typeof value === 'function') return 'a function';
  return `${typeof value} ${String(value)}`;
}
