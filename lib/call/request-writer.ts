// The request side of a call that has one to write: messages from `write` and `end`, or from the caller's iterable,
// each encoded and sent when there is room. (A call whose one request is given whole needs none of this.)

import type { CallExchange } from '../rpc/call-exchange.ts';
import { MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { EncodedMessage, Method } from '../schema/codec/method.ts';
import { AsyncContext } from '../values/async-context.ts';
import { isBytes } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { waits } from '../values/waits.ts';
import { rejectedWrite } from './rejected-write.ts';

/** The call a request stream belongs to. */
export interface RequestOwner {
  readonly isDone: boolean;
  /** What the call failed with; undefined when it has not, or has ended with OK. */
  takeError(): unknown;
  /** Ends the call with an outcome of this side's. */
  abandon(outcome: Outcome): void;
  /** Ends the call with the caller's own error. */
  failWith(error: unknown): void;
  /** The method as it is once the server has told of what an encoding failed for; rejects with why it cannot be sent. */
  whenProvided(error: unknown): Promise<Method>;
  /** A message was handed to the exchange. */
  onSent(): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

const WRITTEN = Promise.resolve();

export class RequestWriter {
  readonly #owner: RequestOwner;
  readonly #exchange: CallExchange;
  /** Another one of the same path, once the server has told of its types anew. */
  #method: Method;
  readonly #maxSendMessageBytes: number;
  #source: Source | undefined;
  #isFromSource = false;
  /** In which the iterator cleans up, whoever ends the call: that of who gave it. */
  #context: AsyncContext | undefined;
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
    if (source.return !== undefined) this.#context = AsyncContext.capture();
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
        const sent = this.#sendProvided(step.value);
        const hasRoom = typeof sent === 'boolean' ? sent : await sent;
        if (!hasRoom && !this.#owner.isDone) await this.#room();
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

  /** Whether there is a single request, for the caller to write, and it was not written. */
  get isUnwritten(): boolean {
    return !this.#isEnded && !this.#method.requestStream;
  }

  /** There is room for the next message. */
  onRoom(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    waits?.end(this, 'room');
    for (const resolve of waiting) resolve();
  }

  onCallEnd(): void {
    this.onRoom();
    // An iterable that is still waiting for its next value is told that nobody wants it.
    if (this.#source !== undefined) void this.#returnSource();
  }

  /** Whether there is room for the next message. Throws why this one could not be sent. */
  #writeNow(fields: unknown, hasFields: boolean, isLast: boolean, mayCompress: boolean): boolean {
    if (this.#isFromSource) throw givenWhole(this.#method, isLast);
    if (!mayWrite(this.#method, this.#isEnded, this.#owner, hasFields, isLast)) return true;
    if (hasFields) return this.#send(fields, isLast || !this.#method.requestStream, mayCompress);
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

  /** The same; where the message needs what is not loaded, when the server has been asked for it. */
  #sendProvided(fields: unknown): boolean | Promise<boolean> {
    try {
      return this.#send(fields, false, true);
    } catch (error) {
      return this.#owner.whenProvided(error).then((method) => {
        this.#method = method;
        return this.#owner.isDone || this.#sendProvided(fields);
      });
    }
  }

  #halfClose(): void {
    this.#isEnded = true;
    this.#exchange.endRequest();
  }

  #room(): Promise<void> {
    waits?.begin(this, 'room', this.#method.path);
    return new Promise((resolve) => {
      this.#waiting ??= [];
      this.#waiting.push(resolve);
    });
  }

  async #returnSource(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    try {
      await this.#context?.run(() => source?.return?.());
    } catch {
      // The call has its outcome already; what the iterable's clean-up throws cannot change it.
    }
  }
}

/** What is wrong with writing to a call that was made with its requests. */
export function givenWhole({ path, requestStream }: Method, isLast: boolean): TypeError {
  return new TypeError(
    requestStream
      ? `${isLast ? 'end' : 'write'} on a call of ${path} whose requests come from an iterable; use client.open`
      : `the request of ${path} was given whole; use client.open to write it`,
  );
}

/**
 * Whether `write` and `end` of an open call have anything to do: nothing is left to end of a request that was ended, or
 * of a call that is over. Throws why a message cannot be written.
 */
export function mayWrite(
  { path, requestStream }: Method,
  isRequestEnded: boolean,
  call: Pick<RequestOwner, 'isDone' | 'takeError'>,
  hasFields: boolean,
  isLast: boolean,
): boolean {
  const what = isLast ? 'end' : 'write';
  if (isRequestEnded) {
    if (!hasFields) return false;
    throw new TypeError(
      requestStream
        ? `${what} after the request of ${path} was ended`
        : `${path} takes a single request, which was written`,
    );
  }
  if (call.isDone) {
    if (!hasFields) return false;
    throw call.takeError() ?? new TypeError(`${what} after the server ended ${path} with OK`);
  }
  if (!hasFields && !requestStream) {
    throw new TypeError(`${path} takes a single request: write it before the end`);
  }
  return true;
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
  if (typeof fields === 'object' && !isBytes(fields)) {
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
