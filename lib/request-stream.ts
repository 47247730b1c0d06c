// The request side of a call that has one to write: messages from `write` and `end`, or from the caller's iterable,
// each encoded and sent when there is room. (A call whose one request is given whole needs none of this.)

import { rejectedWrite } from './rejected-write.ts';
import type { CallExchange } from './rpc/call-exchange.ts';
import { MESSAGE_HEADER_OCTETS } from './rpc/message-reader.ts';
import { clientOutcome, type Outcome } from './rpc/outcome.ts';
import type { EncodedMessage, Method } from './schema/method.ts';
import { StatusCode } from './status.ts';

/** The call a request stream belongs to. */
export interface RequestOwner {
  readonly isDone: boolean;
  /** What the call failed with; undefined when it has not, or has ended with OK. */
  takeError(): unknown;
  /** Ends the call with an outcome of this side's. */
  abandon(outcome: Outcome): void;
  /** Ends the call with the caller's own error. */
  failWith(error: unknown): void;
  /** A message was handed to the exchange. */
  onSent(): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

const WRITTEN = Promise.resolve();

export class RequestStream {
  readonly #owner: RequestOwner;
  readonly #exchange: CallExchange;
  readonly #method: Method;
  readonly #maxSendMessageBytes: number;
  #source: Source | undefined;
  #isFromSource = false;
  #isEnded = false;
  /** Who waits for room, or for the end of the call. */
  #waiting: (() => void)[] | undefined;

  constructor(owner: RequestOwner, exchange: CallExchange, method: Method, maxSendMessageBytes: number) {
    this.#owner = owner;
    this.#exchange = exchange;
    this.#method = method;
    this.#maxSendMessageBytes = maxSendMessageBytes;
  }

  /** Sends all that an iterator gives, then half-closes. Its failures end the call. */
  async pump(source: Source): Promise<void> {
    this.#source = source;
    this.#isFromSource = true;
    try {
      for (;;) {
        const pending = source.next();
        const step = isThenable(pending) ? await pending : pending;
        if (this.#owner.isDone) break;
        if (step.done) {
          this.#source = undefined;
          this.#halfClose();
          return;
        }
        if (!this.#send(step.value, false, true) && !this.#owner.isDone) await this.#room();
      }
    } catch (error) {
      this.#owner.failWith(error);
    }
    await this.#returnSource();
  }

  /** `write` and `end`; `isLast` half-closes, and without `hasFields` does only that. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, mayCompress: boolean): Promise<void> {
    try {
      if (this.#writeNow(fields, hasFields, isLast, mayCompress)) return WRITTEN;
      const written = this.#afterRoom();
      // It fails only as the call does, which tells of that itself.
      written.catch(() => {});
      return written;
    } catch (error) {
      return rejectedWrite(this.#method.path, error);
    }
  }

  /** Half-closes an empty stream. */
  end(): void {
    this.#halfClose();
  }

  /** There is room for the next message. */
  onRoom(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }

  onCallEnd(): void {
    this.onRoom();
    // An iterable that is still waiting for its next value is told that nobody wants it.
    if (this.#source !== undefined) void this.#returnSource();
  }

  /** Whether there is room for the next message. Throws why this one could not be sent. */
  #writeNow(fields: unknown, hasFields: boolean, isLast: boolean, mayCompress: boolean): boolean {
    const what = isLast ? 'end' : 'write';
    const { path, requestStream } = this.#method;
    if (this.#isFromSource) {
      throw new TypeError(
        `${what} on a call of ${path} whose requests come from an iterable; use client.open`,
      );
    }
    if (this.#isEnded) {
      if (!hasFields) return true;
      throw new TypeError(
        requestStream
          ? `${what} after the request of ${path} was ended`
          : `${path} takes a single request, which was written`,
      );
    }
    if (this.#owner.isDone) {
      if (!hasFields) return true;
      throw this.#owner.takeError() ?? new TypeError(`${what} after the server ended ${path} with OK`);
    }
    if (hasFields) return this.#send(fields, isLast || !requestStream, mayCompress);
    if (!requestStream) throw new TypeError(`${path} takes a single request: write it before the end`);
    this.#halfClose();
    return true;
  }

  async #afterRoom(): Promise<void> {
    if (!this.#owner.isDone) await this.#room();
    // A call that ended with an error takes with it what was still waiting to be sent.
    const error = this.#owner.isDone ? this.#owner.takeError() : undefined;
    if (error !== undefined) throw error;
  }

  /** Encodes and sends one message; true when there is room for the next. Throws what is wrong with the value. */
  #send(fields: unknown, endStream: boolean, mayCompress: boolean): boolean {
    const message = this.#method.request.encode(fields ?? {}, MESSAGE_HEADER_OCTETS);
    const outcome = outcomeOfSize(message, this.#maxSendMessageBytes);
    if (outcome !== undefined) {
      this.#owner.abandon(outcome);
      return false;
    }
    if (endStream) this.#isEnded = true;
    this.#owner.onSent();
    return this.#exchange.send(message.bytes, message.start, message.end, endStream, mayCompress);
  }

  #halfClose(): void {
    this.#isEnded = true;
    this.#exchange.endRequest();
  }

  #room(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  async #returnSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    try {
      await source?.return?.();
    } catch {
      // The call has its outcome already; what the iterable's clean-up throws cannot change it.
    }
  }
}

/** The outcome of a request, if it is too large to be sent. */
export function outcomeOfSize(
  { start, end }: EncodedMessage,
  maxSendMessageBytes: number,
): Outcome | undefined {
  const octets = end - start - MESSAGE_HEADER_OCTETS;
  if (octets <= maxSendMessageBytes) return undefined;
  return clientOutcome(
    StatusCode.RESOURCE_EXHAUSTED,
    `message of ${octets} bytes exceeds maxSendMessageBytes ${maxSendMessageBytes}`,
  );
}

/** The iterator of a request stream; undefined for none at all. TypeError when it is no iterable. */
export function sourceOf(fields: unknown, method: Method): Source | undefined {
  if (fields === undefined || fields === null) return undefined;
  if (typeof fields === 'object' && !(fields instanceof Uint8Array)) {
    if (Symbol.asyncIterator in fields) return (fields as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    if (Symbol.iterator in fields) return (fields as Iterable<unknown>)[Symbol.iterator]();
  }
  throw new TypeError(
    `${method.fullName} takes a stream of requests: give an iterable of messages, such as [{ … }, { … }], or use client.open`,
  );
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof (value as { then?: unknown } | undefined)?.then === 'function';
}
