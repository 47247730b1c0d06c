// The requests of one call, decoded as its handler asks for them; flow control holds the client back while requests
// wait. It knows no streams: its owner says how it ends.

import type { MessageFault } from '../rpc/message-fault.ts';
import { MESSAGE_HEADER_OCTETS, MessageReader } from '../rpc/message-reader.ts';
import type { MessageCodec, Method } from '../schema/codec/method.ts';
import { StatusCode } from '../values/status.ts';
import { endedWith } from './rpc-failure.ts';

/** What goes back to the client as its octets are taken. */
export interface RequestCredit {
  /** `isAwaited`: the handler is waiting for the message that these octets belong to. */
  credit(octets: number, isAwaited: boolean): void;
  taken(octets: number): void;
}

/** Decompresses a message; throws the error that the call ends with if it cannot. */
export type Decompress = (message: Uint8Array) => Uint8Array;

export class RequestMessages implements AsyncIterable<unknown> {
  readonly #codec: MessageCodec;
  readonly #reader: MessageReader;
  readonly #credit: RequestCredit;
  readonly #onMessage: (message: unknown) => void;
  readonly #decompress: Decompress;
  #isEnded = false;
  /** Set when the call is over: a reader that is still reading gets it. */
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;
  /** How many octets of an incomplete message were credited already. */
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

  /** Takes octets of the request's body; returns what is wrong with them, if anything. */
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

  /** The client sent its last octet. Returns false if that was in the middle of a message. */
  end(): boolean {
    this.#isEnded = true;
    this.#wakeUp();
    return !this.#reader.isIncomplete;
  }

  /** The call is over: nothing more is read. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    const { held } = this.#reader;
    this.#reader.clear();
    if (held > 0) this.#credit.taken(held);
    this.#wakeUp();
  }

  /** The next request; undefined after the last. Rejects with a DecodeError, or with what `fail` was given. */
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

  /** A message larger than the window never becomes complete unless the part that has arrived is credited. */
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

/** The request of a method that takes a single one: there must be exactly one. Source: grpc doc/statuscodes.md. */
export async function onlyRequest(
  requests: RequestMessages,
  { fullName }: Method,
  path: string,
): Promise<unknown> {
  const request = await requests.next();
  if (request === undefined) {
    throw endedWith(StatusCode.UNIMPLEMENTED, `${fullName} takes one request, but none came`, path);
  }
  // A client with a single request ends it right after that.
  if ((await requests.next()) !== undefined) {
    throw endedWith(StatusCode.UNIMPLEMENTED, `${fullName} takes one request, but a second one came`, path);
  }
  return request;
}
