// Messages made by other libraries, given where fields are wanted: recognized by their marks, never by importing the
// library, and turned into plain fields. Only tried after a value was refused as it is, so that other values cost nothing.

import { Codec } from './codec.ts';
import { keepEsUnknownFields } from './es-unknown-fields.ts';
import type { EncodedMessage, MessageCodec } from './method.ts';
import type { Plan } from './plan.ts';

const MAX_DEPTH = 100;
const PROTOBUF_TS = Symbol.for('protobuf-ts/message-type');

type CodecLookup = (typeName: string) => MessageCodec;
type Properties = Readonly<Record<string | symbol, unknown>>;

/** A codec that also takes messages of other libraries. */
export class InputCodec extends Codec {
  readonly #codecOf: CodecLookup;

  constructor(plan: Plan, codecOf: CodecLookup) {
    super(plan);
    this.#codecOf = codecOf;
  }

  override encode(value: unknown, prefix: number): EncodedMessage {
    try {
      return super.encode(value, prefix);
    } catch (error) {
      const fields = fieldsOfForeign(value, this.typeName, this.#codecOf);
      if (fields === value) throw error;
      return super.encode(fields, prefix);
    }
  }
}

/** What messages of other libraries in a value hold, as fields; the value itself where there are none. */
export function fieldsOfForeign(value: unknown, typeName: string, codecOf: CodecLookup): unknown {
  return new ForeignReader(codecOf).fieldsOf(value, typeName, 0);
}

class ForeignReader {
  readonly #codecOf: CodecLookup;
  /** What was looked at before: values may share parts, or contain themselves. */
  readonly #known: Map<object, unknown> = new Map();

  constructor(codecOf: CodecLookup) {
    this.#codecOf = codecOf;
  }

  /** The value itself when there is no other library's message in it. `typeName` is what it should be, where known. */
  fieldsOf(value: unknown, typeName: string | undefined, depth: number): unknown {
    if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
    if (depth > MAX_DEPTH) return value;
    if (this.#known.has(value)) return this.#known.get(value);
    this.#known.set(value, value);
    const fields = Array.isArray(value)
      ? this.#items(value, depth)
      : this.#message(value as Properties, typeName, depth);
    this.#known.set(value, fields);
    return fields;
  }

  #items(list: readonly unknown[], depth: number): readonly unknown[] {
    const items = list.map((item) => this.fieldsOf(item, undefined, depth + 1));
    return items.every((item, i) => Object.is(item, list[i])) ? list : items;
  }

  #message(message: Properties, typeName: string | undefined, depth: number): unknown {
    const coded = codedMessage(message);
    if (coded === undefined) {
      const ownName = message['$typeName'] ?? message['$type'];
      if (typeof ownName !== 'string') return this.#plain(message, false, depth);
      if (typeName !== undefined) refuseOther(ownName, typeName);
      return this.#plain(message, true, depth);
    }
    if (typeName !== undefined && coded.typeName !== undefined) refuseOther(coded.typeName, typeName);
    const name = coded.typeName ?? typeName;
    if (name === undefined) {
      throw new TypeError(
        'a google-protobuf message inside another object does not say its type; use its toObject()',
      );
    }
    const bytes = coded.encode();
    return this.#codecOf(name).decode(bytes, 0, bytes.length);
  }

  /** Objects of protobuf-es and ts-proto bear their type's name. protobuf-es has oneofs as `{ case, value }`. */
  #plain(message: Properties, isMarked: boolean, depth: number): unknown {
    let isChanged = isMarked;
    const fields: Record<string, unknown> = Object.create(null);
    if (isMarked) keepEsUnknownFields(fields, message['$unknown']);
    for (const key of Object.keys(message)) {
      if (isMarked && key.startsWith('$')) continue;
      const item = message[key];
      if (isMarked && isOneof(item)) {
        if (typeof item.case === 'string')
          fields[item.case] = this.fieldsOf(item.value, undefined, depth + 1);
        continue;
      }
      fields[key] = this.fieldsOf(item, undefined, depth + 1);
      isChanged ||= !Object.is(fields[key], item);
    }
    return isChanged ? fields : message;
  }
}

function refuseOther(actual: string, wanted: string): void {
  if (actual === wanted) return;
  throw new TypeError(`expected ${wanted}, got a message of type ${actual} from another library`);
}

function isOneof(item: unknown): item is { readonly case: unknown; readonly value?: unknown } {
  if (typeof item !== 'object' || item === null || !Object.hasOwn(item, 'case')) return false;
  return Object.keys(item).every((key) => key === 'case' || key === 'value');
}

interface CodedMessage {
  readonly typeName: string | undefined;
  encode(): Uint8Array;
}

/** A message that can encode itself. */
function codedMessage(message: Properties): CodedMessage | undefined {
  const { serializeBinary, toBinary, getType } = message;
  const made: unknown = message['constructor'];
  if (typeof serializeBinary === 'function') {
    // google-protobuf; only what was not minified says its name.
    const name = typeof made === 'function' ? (made as { displayName?: unknown }).displayName : undefined;
    const typeName = typeof name === 'string' ? name.replace(/^proto\./, '') : undefined;
    return { typeName, encode: () => serializeBinary.call(message) };
  }
  if (typeof toBinary === 'function' && typeof getType === 'function') {
    // protobuf-es 1.
    return { typeName: nameIn(getType.call(message)), encode: () => toBinary.call(message) };
  }
  const type = message[PROTOBUF_TS];
  if (
    typeof type === 'object' &&
    type !== null &&
    'toBinary' in type &&
    typeof type.toBinary === 'function'
  ) {
    const { toBinary: write } = type;
    return { typeName: nameIn(type), encode: () => write.call(type, message) };
  }
  return typeof made === 'function' ? protobufjsMessage(message, made) : undefined;
}

function nameIn(type: unknown): string | undefined {
  const named =
    typeof type === 'object' || typeof type === 'function' ? (type as { typeName?: unknown } | null) : null;
  return typeof named?.typeName === 'string' ? named.typeName : undefined;
}

/** An instance of a class of protobufjs, static or reflected. */
function protobufjsMessage(message: Properties, made: object): CodedMessage | undefined {
  const { encode, getTypeUrl, $type } = made as Record<string, unknown>;
  if (typeof encode !== 'function') return undefined;
  const reflected =
    typeof $type === 'object' && $type !== null ? ($type as { fullName?: unknown }) : undefined;
  const path =
    reflected?.fullName ?? (typeof getTypeUrl === 'function' ? getTypeUrl.call(made, '') : undefined);
  if (typeof path !== 'string') return undefined;
  return { typeName: path.replace(/^[./]/, ''), encode: () => encode.call(made, message).finish() };
}
