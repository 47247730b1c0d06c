// The codec of one message type, as the layers above see it: bytes out, objects in. Keeps the encoder and
// decoder that all codecs share, and gives a second one to whoever asks while the first is at work.

import { refuseCycle } from './cycle.ts';
import { readMessage } from './decode.ts';
import { Decoder } from './decoder.ts';
import { writeMessage } from './encode.ts';
import { Encoder, INPUT_FIELDS, NestingError } from './encoder.ts';
import type { EncodedMessage, MessageCodec } from './method.ts';
import type { Plan } from './plan.ts';

/** Written anew by each `encode`, and read before the next. */
class Encoded implements EncodedMessage {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
}

const encoded = new Encoded();
let idleEncoder: Encoder | undefined = new Encoder();
const decoder = new Decoder();

/** Encodes a value; `input` says what it is, one of the encoder's INPUT_ constants. */
export function encodeWith(plan: Plan, value: unknown, prefix: number, input: number): EncodedMessage {
  // A getter of the user's may call this again before it returns; that call then has an encoder of its own.
  const w = idleEncoder ?? new Encoder();
  idleEncoder = undefined;
  try {
    w.begin(prefix, input);
    writeMessage(w, plan, value === undefined && plan.special === undefined ? {} : value);
    encoded.bytes = w.buf;
    encoded.start = w.from;
    encoded.end = w.pos;
    w.finish();
    return encoded;
  } catch (error) {
    if (error instanceof NestingError) refuseCycle(value);
    if (error instanceof Error && error === w.mistake) leadToCaller(error);
    throw error;
  } finally {
    w.mistake = undefined;
    idleEncoder = w;
  }
}

/** Leaves the encoder out of the stack: ten lines would hold nothing else, and the mistake is its caller's. */
function leadToCaller(mistake: Error): void {
  if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(mistake, encodeWith);
}

/** Decodes `bytes[start, end)`. */
export function decodeWith(plan: Plan, bytes: Uint8Array, start: number, end: number): unknown {
  const r = decoder;
  r.start(bytes, start, end, plan.typeName);
  r.incomplete = undefined;
  const message =
    plan.special === undefined
      ? readMessage(r, plan, end, 0, undefined)
      : plan.special.read(r, plan, end, undefined);
  if (r.incomplete !== undefined) r.refuseIncomplete();
  r.finish();
  return message;
}

/** A message type's codec. One that is not special always decodes to an object of its class. */
export class Codec implements MessageCodec {
  readonly typeName: string;
  readonly #plan: Plan;

  constructor(plan: Plan) {
    this.typeName = plan.typeName;
    this.#plan = plan;
  }

  encode(value: unknown, prefix: number): EncodedMessage {
    return encodeWith(this.#plan, value, prefix, INPUT_FIELDS);
  }

  decode(bytes: Uint8Array, start: number, end: number): object {
    // A google.protobuf.StringValue or Value as the whole message is plain text or null: no object, but what
    // the user is to get, and the layers between only hand it on.
    return decodeWith(this.#plan, bytes, start, end) as object;
  }
}
