// Metadata as users see it: a multimap of names to strings or, for names ending in `-bin`, bytes. metadata-entries.ts
// checks what may be sent; rpc/metadata-fields.ts converts it to and from HTTP/2 fields.

import {
  checkName,
  checkValue,
  eachEntry,
  type MetadataInput,
  type MetadataValue,
} from './metadata-entries.ts';
import { bufferOf } from './octets.ts';

/**
 * Metadata of a call. Names are case-insensitive and kept in lower case; a name may have several values; order is kept.
 * Values are strings of printable ASCII, or `Uint8Array` for names ending in `-bin`.
 * Errors: TypeError for a malformed or reserved name, and for a value that may not be sent under its name.
 * Source: grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata".
 */
export class Metadata implements Iterable<[string, MetadataValue]> {
  readonly #values = new Map<string, MetadataValue[]>();

  /**
   * Metadata from an object (with values or arrays of values), entries, a Map or other Metadata; empty without `input`.
   * TypeError for anything else.
   */
  constructor(input?: MetadataInput) {
    if (input !== undefined) eachEntry(input, (name, value) => this.#push(name, value));
  }

  /** The first value of a name; undefined if there is none. */
  get(name: string): MetadataValue | undefined {
    return this.#values.get(name.toLowerCase())?.[0];
  }

  /** All values of a name, in order; empty if there are none. */
  getAll(name: string): MetadataValue[] {
    return [...(this.#values.get(name.toLowerCase()) ?? [])];
  }

  /** Whether a name has any value. */
  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Replaces all values of a name with one. TypeError for a name or value that may not be sent. */
  set(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#values.set(key, [value]);
    return this;
  }

  /** Adds a value after the existing ones of a name. TypeError for a name or value that may not be sent. */
  append(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#push(key, value);
    return this;
  }

  /** Removes all values of a name; returns whether there were any. */
  delete(name: string): boolean {
    return this.#values.delete(name.toLowerCase());
  }

  /** The number of names, each counted once however many values it has. */
  get size(): number {
    return this.#values.size;
  }

  /** Yields `[name, value]` for every value. */
  *[Symbol.iterator](): IterableIterator<[string, MetadataValue]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }

  /** An object of names to their value, or to an array if there are several; bytes as base64. */
  toJSON(): Record<string, string | string[]> {
    const json: Record<string, string | string[]> = Object.create(null);
    for (const [name, values] of this.#values) {
      const texts = values.map((value) =>
        typeof value === 'string' ? value : bufferOf(value).toString('base64'),
      );
      json[name] = texts.length === 1 ? texts[0] : texts;
    }
    return json;
  }

  #push(key: string, value: MetadataValue): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }

  /**
   * Metadata from what a server sent, without any checks.
   * @internal
   */
  static received(entries: Iterable<readonly [string, MetadataValue]>): Metadata {
    const metadata = new this();
    for (const [name, value] of entries) metadata.#push(name, value);
    return metadata;
  }
}

// Prints as the object that would make it. (Not in a static block, because bundlers rename classes with those.)
Object.defineProperty(Metadata.prototype, Symbol.for('nodejs.util.inspect.custom'), {
  value(this: Metadata) {
    const record: Record<string, unknown> = {};
    for (const [name] of this) {
      const values = this.getAll(name);
      const value = values.length === 1 ? values[0] : values;
      Object.defineProperty(record, name, { value, enumerable: true, configurable: true });
    }
    return { Metadata: record };
  },
});
