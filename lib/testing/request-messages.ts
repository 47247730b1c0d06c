// The requests of one call, decoded as its handler asks for them; what waits holds back the client by flow control.
// It knows neither streams nor statuses: whoever feeds it says how it ends.

import { MESSAGE_HEADER_OCTETS, type MessageFault, MessageReader } from '../rpc/message-reader.ts';
import type { MessageCodec } from '../schema/codec/method.ts';

/** What goes back to the client as its octets are taken. */
export interface RequestCredit {
  /** `isAwaited`: the handler waits for the message of which these are. */
  credit(octets: number, isAwaited: boolean): void;
  taken(octets: number): void;
}

/** Decompresses a message; throws what the call ends with when it cannot. */
export type Decompress = (message: Uint8Array) => Uint8Array;

export class RequestMessages implements AsyncIterable<unknown> {
  readonly #codec: MessageCodec;
  readonly #reader: MessageReader;
  readonly #credit: RequestCredit;
  readonly #onMessage: (message: unknown) => void;
  readonly #decompress: Decompress;
  #isEnded = false;
  /** Set when the call is over: who still reads gets it. */
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** Octets of an incomplete message that were credited already. */
  #credited = 0;

  constructor(
    codec: MessageCodec,
    maxOctets: number,
    credit: RequestCredit,
    onMessage: (message: unknown) => void,
    decompress: Decompress,
  ) {
    this.#codec = codec;
    this.#reader = new MessageReader(maxOctets);
    this.#credit = credit;
    this.#onMessage = onMessage;
    this.#decompress = decompress;
  }

  /** Octets of the request's body; what is wrong with them. */
  accept(chunk: Uint8Array, start: number, end: number): MessageFault | undefined {
    if (this.#failure !== undefined) {
      this.#credit.taken(end - start);
      return undefined;
    }
    const fault = this.#reader.accept(chunk, start, end);
    this.#reader.keep();
    if (fault === undefined) {
      this.#creditIncomplete();
      this.#wakeUp();
    }
    return fault;
  }

  /** The client sent its last octet. False when that was in the middle of a message. */
  end(): boolean {
    this.#isEnded = true;
    this.#wakeUp();
    return !this.#reader.isIncomplete;
  }

  /** Nothing is read any more: the call is over. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const { held } = this.#reader;
    this.#reader.clear();
    if (held > 0) this.#credit.taken(held);
    this.#wakeUp();
  }

  /** The next request, undefined behind the last. Rejects with a DecodeError, or with what `fail` was given. */
  async next(): Promise<unknown> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#reader.next()) return this.#decode();
      if (this.#isEnded) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (this.#reader.isIncomplete) this.#credit.credit(0, true);
      });
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<unknown, void, undefined> {
    for (let message = await this.next(); message !== undefined; message = await this.next()) yield message;
  }

  #decode(): unknown {
    const { bytes, start, end, isCompressed } = this.#reader;
    this.#credited = 0;
    try {
      let message: unknown;
      if (isCompressed) {
        const plain = this.#decompress(bytes.subarray(start, end));
        message = this.#codec.decode(plain, 0, plain.length);
      } else message = this.#codec.decode(bytes, start, end);
      this.#onMessage(message);
      return message;
    } finally {
      this.#credit.taken(end - start + MESSAGE_HEADER_OCTETS);
      this.#creditIncomplete();
    }
  }

  /** A message larger than the window never gets whole unless what has come of it is credited. */
  #creditIncomplete(): void {
    const reader = this.#reader;
    if (!reader.isIncomplete || reader.hasMessage) return;
    const octets = reader.held - this.#credited;
    if (octets <= 0) return;
    this.#credited = reader.held;
    this.#credit.credit(octets, this.#wake !== undefined);
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
