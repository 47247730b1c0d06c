// Metadata as users see it: a multimap of names to text or, for names ending in `-bin`, bytes.
// What may be sent is checked in metadata-entries.ts; how it is written in HTTP/2 fields is rpc/metadata-fields.ts.

import {
  checkName,
  checkValue,
  eachEntry,
  type MetadataInput,
  type MetadataValue,
} from './metadata-entries.ts';

/**
 * Metadata of a call: names are case-insensitive (kept in lower case), a name may have several values, order is
 * kept. Values are printable ASCII, or `Uint8Array` for names ending in `-bin`.
 * Errors: TypeError for a malformed or reserved name, or a value of the wrong kind.
 * Source: grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata".
 */
export class Metadata implements Iterable<[string, MetadataValue]> {
  readonly #values = new Map<string, MetadataValue[]>();

  /** Metadata from a record (values or arrays of values), entries, a Map or other Metadata; empty without any. */
  constructor(input?: MetadataInput) {
    if (input !== undefined) eachEntry(input, (name, value) => this.#push(name, value));
  }

  /** The first value of a name. */
  get(name: string): MetadataValue | undefined {
    return this.#values.get(name.toLowerCase())?.[0];
  }

  /** All values of a name, in order; empty when there are none. */
  getAll(name: string): MetadataValue[] {
    return [...(this.#values.get(name.toLowerCase()) ?? [])];
  }

  /** Whether a name has a value. */
  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Replaces all values of a name. */
  set(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#values.set(key, [value]);
    return this;
  }

  /** Adds a value after the existing ones of a name. */
  append(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#push(key, value);
    return this;
  }

  /** Removes all values of a name; true when there were any. */
  delete(name: string): boolean {
    return this.#values.delete(name.toLowerCase());
  }

  /** How many names there are. */
  get size(): number {
    return this.#values.size;
  }

  /** `[name, value]` for every value. */
  *[Symbol.iterator](): IterableIterator<[string, MetadataValue]> {
    for (const [name, values] of this.#values) for (const value of values) yield [name, value];
  }

  /** A record of names to their value, or to an array of several; bytes as base64. */
  toJSON(): Record<string, string | string[]> {
    const json: Record<string, string | string[]> = Object.create(null);
    for (const [name, values] of this.#values) {
      const texts = values.map((value) =>
        typeof value === 'string'
          ? value
          : Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64'),
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
   * Metadata from what a server sent, which is taken as it is.
   * @internal
   */
  static received(entries: Iterable<readonly [string, MetadataValue]>): Metadata {
    const metadata = new this();
    for (const [name, value] of entries) metadata.#push(name, value);
    return metadata;
  }
}

// Prints as the record that would make it. (Not a static block: bundlers rename the classes of those.)
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
