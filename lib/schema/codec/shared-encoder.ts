// The encoder that all codecs of one format share, lent to one encode after the other. One that comes while another is at
// work has an encoder of its own, and what is wrong with a value is told without the encoder's frames.

import { refuseCycle } from './cycle.ts';
import { type Encoder, NestingError } from './encoder.ts';
import type { EncodedMessage } from './method.ts';
import type { Plan } from './plan.ts';

/** Of small messages, overwritten by each `encode`: it is read before the next. */
class Encoded implements EncodedMessage {
  bytes: Uint8Array = new Uint8Array(0);
  start = 0;
  end = 0;
}

export abstract class SharedEncoder<Format extends Encoder> {
  readonly #encoded = new Encoded();
  #idle: Format | undefined;

  protected abstract make(): Format;
  /** Writes the value of a message in the format. */
  protected abstract write(encoder: Format, plan: Plan, value: unknown): void;

  /** Encodes a value; `input` says what it is, one of the encoder's INPUT_ constants. */
  encode(plan: Plan, value: unknown, prefix: number, input: number): EncodedMessage {
    // A getter of the user's may call this again before it returns; that call then has an encoder of its own.
    const w = this.#idle ?? this.make();
    this.#idle = undefined;
    try {
      w.begin(prefix, input);
      this.write(w, plan, value === undefined && plan.special === undefined ? {} : value);
      // Memory of its own is for whoever asked: held here, it would stay until something else is encoded.
      const encoded = w.isOutgrown ? new Encoded() : this.#encoded;
      encoded.bytes = w.buf;
      encoded.start = w.from;
      encoded.end = w.pos;
      w.finish();
      return encoded;
    } catch (error) {
      if (error instanceof NestingError) refuseCycle(value);
      if (error instanceof Error && error === w.mistake) this.#leadToCaller(error);
      throw error;
    } finally {
      w.mistake = undefined;
      this.#idle = w;
    }
  }

  /** Leaves the encoder out of the stack trace: its frames would fill all ten lines, and the mistake is the caller's. */
  #leadToCaller(mistake: Error): void {
    if (typeof Error.captureStackTrace === 'function') Error.captureStackTrace(mistake, this.encode);
  }
}
