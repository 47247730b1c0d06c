// The codec of one message type for ProtoJSON: the same fields in, the same replies out, JSON text in UTF-8 between. Keeps
// the encoder and decoder that all codecs share, as codec.ts does for the wire format.

import { INPUT_FIELDS } from '../encoder.ts';
import { fieldsOfForeign } from '../foreign-message.ts';
import { planOf } from '../message-class.ts';
import type { EncodedMessage, MessageCodec } from '../method.ts';
import type { Plan } from '../plan.ts';
import { SharedEncoder } from '../shared-encoder.ts';
import { readJsonMessage } from './json-decode.ts';
import { JsonDecoder } from './json-decoder.ts';
import { writeJsonMessage } from './json-encode.ts';
import { JsonEncoder } from './json-encoder.ts';

class SharedJsonEncoder extends SharedEncoder<JsonEncoder> {
  protected make(): JsonEncoder {
    return new JsonEncoder();
  }

  protected write(encoder: JsonEncoder, plan: Plan, value: unknown): void {
    writeJsonMessage(encoder, plan, value);
  }
}

const encoder = new SharedJsonEncoder();
let decoder: JsonDecoder | undefined;

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
      return encoder.encode(this.#plan, value, prefix, INPUT_FIELDS);
    } catch (error) {
      const fields = fieldsOfForeign(value, this.typeName, this.#codecOf);
      if (fields === value) throw error;
      return encoder.encode(this.#plan, fields, prefix, INPUT_FIELDS);
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
