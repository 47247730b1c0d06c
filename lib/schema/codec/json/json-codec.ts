// The codec of one message type for ProtoJSON: the same fields in, the same replies out, JSON text in UTF-8 between. Keeps
// the encoder and decoder that all codecs share, as codec.ts does for the wire format.

import { refuseCycle } from '../cycle.ts';
import { INPUT_FIELDS, NestingError } from '../encoder.ts';
import { fieldsOfForeign } from '../foreign-message.ts';
import { planOf } from '../message-class.ts';
import type { EncodedMessage, MessageCodec } from '../method.ts';
import type { Plan } from '../plan.ts';
import { readJsonMessage } from './json-decode.ts';
import { JsonDecoder } from './json-decoder.ts';
import { writeJsonMessage } from './json-encode.ts';
import { JsonEncoder } from './json-encoder.ts';

/** Written anew by each `encode`, and read before the next. */
class Encoded implements EncodedMessage {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
}

const encoded = new Encoded();
let idleEncoder: JsonEncoder | undefined;
let decoder: JsonDecoder | undefined;

function encodeJson(plan: Plan, value: unknown, prefix: number): EncodedMessage {
  // A getter of the user's may call this again before it returns; that call then has an encoder of its own.
  const w = idleEncoder ?? new JsonEncoder();
  idleEncoder = undefined;
  try {
    w.begin(prefix, INPUT_FIELDS);
    writeJsonMessage(w, plan, value === undefined && plan.special === undefined ? {} : value);
    encoded.bytes = w.buf;
    encoded.start = w.from;
    encoded.end = w.pos;
    w.finish();
    return encoded;
  } catch (error) {
    if (error instanceof NestingError) refuseCycle(value);
    // As codec.ts: leaves the encoder out of the stack of what is the caller's mistake.
    if (error instanceof Error && error === w.mistake && typeof Error.captureStackTrace === 'function') {
      Error.captureStackTrace(error, encodeJson);
    }
    throw error;
  } finally {
    w.mistake = undefined;
    idleEncoder = w;
  }
}

/** Decodes the ProtoJSON in `bytes[start, end)`, into as much memory as the plan's schema allows. */
function decodeJson(plan: Plan, bytes: Uint8Array, start: number, end: number): unknown {
  decoder ??= new JsonDecoder();
  const r = decoder;
  r.beginJson(bytes, start, end, plan.typeName, plan.set.shape.maxDecodedBytes);
  const message = readJsonMessage(r, plan);
  if (r.peek() >= 0) r.expected('the end');
  r.finish();
  return message;
}

/** A message type's codec for ProtoJSON. */
export class JsonCodec implements MessageCodec {
  readonly typeName: string;
  readonly #plan: Plan;
  readonly #codecOf: (typeName: string) => MessageCodec;

  /** @param codecOf the wire format's codec of a type, for messages of other libraries */
  constructor(plan: Plan, codecOf: (typeName: string) => MessageCodec) {
    this.typeName = plan.typeName;
    this.#plan = plan;
    this.#codecOf = codecOf;
  }

  encode(value: unknown, prefix: number): EncodedMessage {
    try {
      return encodeJson(this.#plan, value, prefix);
    } catch (error) {
      const fields = fieldsOfForeign(value, this.typeName, this.#codecOf);
      if (fields === value) throw error;
      return encodeJson(this.#plan, fields, prefix);
    }
  }

  decode(bytes: Uint8Array, start: number, end: number): object {
    // As with the wire format, a wrapper or Value as the whole message is a plain value.
    return decodeJson(this.#plan, bytes, start, end) as object;
  }

  isMessage(value: object): boolean {
    return planOf(value) === this.#plan;
  }
}
