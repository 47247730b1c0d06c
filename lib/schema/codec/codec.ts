// The codec of one message type, as the layers above see it: bytes out, objects in. Keeps the encoder and decoder that
// all codecs share.

import { reportWireTypeMismatch } from '../../values/warnings.ts';
import { readMessage } from './decode.ts';
import { WORD } from './decoded-size.ts';
import { Decoder, mismatchText, type WireTypeMismatch } from './decoder.ts';
import { writeMessage } from './encode.ts';
import { Encoder, INPUT_FIELDS } from './encoder.ts';
import { planOf } from './message-class.ts';
import type { EncodedMessage, MessageCodec } from './method.ts';
import type { Plan, PlanSet } from './plan.ts';
import { SharedEncoder } from './shared-encoder.ts';
import { DecodedSizeError } from './wire/decode-error.ts';

class WireEncoder extends SharedEncoder<Encoder> {
  protected make(): Encoder {
    return new Encoder();
  }

  protected write(encoder: Encoder, plan: Plan, value: unknown): void {
    writeMessage(encoder, plan, value);
  }
}

/** Encodes in the wire format. */
export const wireEncoder: SharedEncoder<Encoder> = new WireEncoder();

const decoder = new Decoder();

/**
 * Warns that a field came with another wire type, so that its value is not in the message. Not every time: a peer
 * decides how often that happens.
 */
function warnOfMismatch(set: PlanSet, mismatch: WireTypeMismatch): void {
  if (!set.isFirstMismatch(mismatch.field)) return;
  const { field, found } = mismatch;
  reportWireTypeMismatch({
    type: field.owner.typeName,
    field: field.owner.type.isMapEntry ? field.field.name : field.key,
    number: field.number,
    expectedWireType: field.tag & 7,
    wireType: found,
    text: mismatchText(mismatch),
  });
}

/** Decodes `bytes[start, end)`, into as much memory as the plan's schema allows. */
export function decodeWith(
  plan: Plan,
  bytes: Uint8Array,
  start: number,
  end: number,
  maxDecodedBytes: number | undefined = plan.set.shape.maxDecodedBytes,
  isOwn = false,
  r: Decoder = decoder,
): unknown {
  r.begin(bytes, start, end, plan.typeName, maxDecodedBytes);
  if (isOwn) r.keepMemory();
  const message =
    plan.special === undefined
      ? readMessage(r, plan, end, 0, undefined)
      : plan.special.read(r, plan, end, undefined);
  if (r.incomplete !== undefined) r.refuseIncomplete();
  if (r.mismatch !== undefined) warnOfMismatch(plan.set, r.mismatch);
  r.finish();
  return message;
}

/** Decodes a whole message even while another is being decoded, whose schema it is. */
export function decodeMeanwhile(plan: Plan, bytes: Uint8Array): unknown {
  return decodeWith(plan, bytes, 0, bytes.length, plan.set.shape.maxDecodedBytes, false, new Decoder());
}

/** How many bytes of memory, by estimate, several decodes may still take together. */
export interface DecodeBudget {
  bytes: number;
}

/**
 * Like decodeWith, for a whole message, into at most `most` bytes of memory and at most what is left of the budget. The
 * memory and the octets of the message count against the budget; a decode that is refused as too large uses up all that
 * it was allowed.
 */
export function decodeWithin(budget: DecodeBudget, most: number, plan: Plan, bytes: Uint8Array): unknown {
  const limit = Math.min(most, budget.bytes, plan.set.shape.maxDecodedBytes ?? Infinity);
  const room = limit - bytes.length;
  if (room < 0) {
    throw new DecodedSizeError(
      `${plan.typeName}: a message of ${bytes.length} octets exceeds the ${limit} bytes of memory left for it`,
    );
  }
  budget.bytes -= limit;
  let isTooMuch = false;
  try {
    return decodeWith(plan, bytes, 0, bytes.length, room);
  } catch (error) {
    isTooMuch = error instanceof DecodedSizeError;
    throw error;
  } finally {
    // Whoever was warned of a wire type may have decoded something in the meantime.
    if (!isTooMuch) budget.bytes += Math.min(room, decoder.room * WORD);
  }
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
    return wireEncoder.encode(this.#plan, value, prefix, INPUT_FIELDS);
  }

  decode(bytes: Uint8Array, start: number, end: number, isOwn?: boolean): object {
    // A google.protobuf.StringValue or Value as the whole message is plain text or null: not an object, but what the
    // user should get, and the layers in between only pass it on.
    return decodeWith(this.#plan, bytes, start, end, undefined, isOwn) as object;
  }

  isMessage(value: object): boolean {
    return planOf(value) === this.#plan;
  }
}
