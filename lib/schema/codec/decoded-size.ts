// How much memory decoded values take. A few octets can become megabytes of objects if the schema says so, and schema
// and octets may both be a hostile server's: each decode has an allowance, against which everything counts as it is
// made. The figures are estimates: V8's layouts on 64 bits as measured on Node 20 and 22, in words of eight octets. Text
// and numbers are not counted: they take a small multiple of their octets, which maxReceiveMessageBytes limits.

/** Octets of a word. */
export const WORD = 8;

/** What any message may become by default, however small: 128 MiB. */
export const DEFAULT_WORDS: number = (128 * 1024 * 1024) / WORD;
/** A larger message may become this many times its own size. */
const DEFAULT_FACTOR = 32;
/** Up to this size, DEFAULT_WORDS is the larger allowance. */
export const DEFAULT_OCTETS: number = (DEFAULT_WORDS * WORD) / DEFAULT_FACTOR;
/** Stands for no limit; a small integer for the engine. */
const UNLIMITED_WORDS = 2 ** 30;

/** An object without properties, and its place in a list. */
const OBJECT = 4;
/** A property of an object that has few. */
const PROPERTY = 1;
/** Objects with more properties are hash tables, of a power of two of entries, a third of which is free. */
const MAX_PROPERTIES = 24;
const HASH_ENTRY = 3;
const HASH_ROOM = 1.5;
/** One property of many, where the number is not known before. */
export const HASHED_PROPERTY = 8;
const EMPTY_LIST = 4;
const EMPTY_MAP = 3;

/** A list with its first element, and room for the next. */
export const LIST_WORDS = 23;
/** A map or Struct. */
export const MAP_WORDS = 7;
/** One of its entries, without the value. */
export const ENTRY_WORDS = 12;
/** An Any, without what it holds. */
export const ANY_WORDS = 8;
/** A Buffer or Uint8Array, without its octets. */
export const BYTES_WORDS = 16;
/** What a message's unknown fields are kept in, without their octets. */
export const UNKNOWN_FIELDS_WORDS = 32;
/** A message that lacks a required field, noted until all is read. */
export const INCOMPLETE_WORDS = 6;

/** An empty message: the object, its unset fields, and the lists and maps among them. */
export function emptyMessageWords(fields: number, lists: number, maps: number): number {
  const hashed = HASH_ENTRY * 2 ** Math.ceil(Math.log2(fields * HASH_ROOM));
  const properties = fields > MAX_PROPERTIES ? hashed : fields * PROPERTY;
  return OBJECT + properties + lists * EMPTY_LIST + maps * EMPTY_MAP;
}

/** How many of its fields are counted when they are set: none in a small message, where they are cheap. */
export function countedFields(fields: number, filled: number): number {
  return fields > MAX_PROPERTIES ? fields - filled : 0;
}

/** The most that the set fields of such a message can take; each of them needs at least two octets. */
export function setFieldsWords(counted: number, octets: number): number {
  return Math.min(counted, octets >>> 1) * HASHED_PROPERTY;
}

/** What a message of `octets` bytes may grow to, in words. `limit` is in bytes; undefined for the default. */
export function allowanceWords(limit: number | undefined, octets: number): number {
  if (limit === undefined) return Math.max(DEFAULT_WORDS, octets * (DEFAULT_FACTOR / WORD));
  return Math.min(limit / WORD, UNLIMITED_WORDS) | 0;
}
