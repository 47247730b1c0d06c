// Metadata as users see it: a multimap of names to text or, for names ending in `-bin`, bytes.
// What may be sent is checked here; how it is written in HTTP/2 fields is rpc/metadata-fields.ts.

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

/**
 * Metadata of a call: names are case-insensitive (kept in lower case), a name may have several values, order is
 * kept. Values are printable ASCII, or `Uint8Array` for names ending in `-bin`.
 * Errors: TypeError for a malformed or reserved name, or a value of the wrong kind.
 * Source: grpc doc/PROTOCOL-HTTP2.md, "Custom-Metadata".
 */
export class Metadata implements Iterable<[string, MetadataValue]> {
  readonly #values = new Map<string, MetadataValue[]>();

  constructor(input?: MetadataInput) {
    if (input === undefined) return;
    if (input === null || typeof input !== 'object') {
      throw new TypeError(
        `metadata must be an object like { 'x-name': 'value' }, entries, a Map or Metadata, not ${describe(input)}`,
      );
    }
    const entries = isIterable(input) ? input : Object.entries(input);
    for (const entry of entries) {
      if (!Array.isArray(entry) || entry.length !== 2) {
        throw new TypeError(`a metadata entry must be a pair [name, value], not ${describe(entry)}`);
      }
      const [name, value] = entry as readonly [unknown, unknown];
      if (value === undefined) continue;
      if (Array.isArray(value)) for (const one of value) this.append(name as string, one);
      else this.append(name as string, value as MetadataValue);
    }
  }

  /** The first value of a name. */
  get(name: string): MetadataValue | undefined {
    return this.#values.get(name.toLowerCase())?.[0];
  }

  /** All values of a name, in order; empty when there are none. */
  getAll(name: string): MetadataValue[] {
    return [...(this.#values.get(name.toLowerCase()) ?? [])];
  }

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

  /** Adds a value after those that the name has. */
  append(name: string, value: MetadataValue): this {
    const key = checkName(name);
    checkValue(key, value);
    this.#push(key, value);
    return this;
  }

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

  /** Names to their value, or to an array where a name has several; bytes as base64. */
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

  /** Prints as the record that would make it. */
  [Symbol.for('nodejs.util.inspect.custom')](): unknown {
    const record: Record<string, unknown> = {};
    for (const [name, values] of this.#values) {
      Object.defineProperty(record, name, {
        value: values.length === 1 ? values[0] : values,
        enumerable: true,
        configurable: true,
      });
    }
    return { Metadata: record };
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
    const metadata = new Metadata();
    for (const [name, value] of entries) metadata.#push(name, value);
    return metadata;
  }
}

function isIterable(value: object): value is Iterable<unknown> {
  return Symbol.iterator in value;
}

function checkName(name: unknown): string {
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

function checkValue(key: string, value: unknown): void {
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
