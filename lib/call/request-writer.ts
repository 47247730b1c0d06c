// The request side of a call that writes its requests one by one: messages from `write` and `end`, or from the caller's
// iterable, each encoded and sent when there is room. (A call made with its single request does not need it.)

import type { CallExchange } from '../rpc/call-exchange.ts';
import { MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { clientOutcome, type Outcome } from '../rpc/outcome.ts';
import type { EncodedMessage, Method } from '../schema/codec/method.ts';
import { AsyncContext } from '../values/async-context.ts';
import { isBytes } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { waits } from '../values/waits.ts';
import { checkStep } from './iterator-step.ts';
import { rejectedWrite } from './rejected-write.ts';

/** The call a request stream belongs to. */
export interface RequestOwner {
  readonly isDone: boolean;
  /** What the call failed with; undefined while it runs, and if it ended with OK. */
  failure(): unknown;
  /** Ends the call from this side. */
  abandon(outcome: Outcome): void;
  /** Ends the call with the caller's own error. */
  failWith(error: unknown): void;
  /** The method once the server has supplied the types that an encoding failed without; rejects if it cannot. */
  whenProvided(error: unknown): Promise<Method>;
  /** A message was handed to the exchange. */
  onSent(): void;
}

type Source = AsyncIterator<unknown> | Iterator<unknown>;

const WRITTEN = Promise.resolve();

export class RequestWriter {
  readonly #owner: RequestOwner;
  readonly #exchange: CallExchange;
  /** Replaced by a newer one with the same path when the server has supplied further types. */
  #method: Method;
  readonly #maxSendMessageBytes: number;
  #source: Source | undefined;
  #isFromSource = false;
  /** The caller's async context, in which the iterator cleans up, whatever ends the call. */
  #context: AsyncContext | undefined;
  #isEnded = false;
  /** Wakes writes that wait for room or for the end of the call. */
  #waiting: (() => void)[] | undefined;

  constructor(owner: RequestOwner, exchange: CallExchange, method: Method, maxSendMessageBytes: number) {
    this.#owner = owner;
    this.#exchange = exchange;
    this.#method = method;
    this.#maxSendMessageBytes = maxSendMessageBytes;
  }

  /** Sends everything that an iterator yields, then half-closes. If it throws, the call fails. */
  async pump(source: Source): Promise<void> {
    this.#source = source;
    this.#isFromSource = true;
    if (source.return !== undefined) this.#context = AsyncContext.capture();
    try {
      for (;;) {
        const pending = source.next();
        const step = isThenable(pending) ? await pending : pending;
        if (this.#owner.isDone) break;
        checkStep(step, 'requests');
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

  /** The call's `write` and `end`. `isLast` half-closes; without `hasFields` nothing else is sent. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, mayCompress: boolean): Promise<void> {
    try {
      if (this.#writeNow(fields, hasFields, isLast, mayCompress)) return WRITTEN;
      const written = this.#afterRoom();
      // It fails only if the call does, and the call reports that itself.
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

  /** Whether the caller has yet to write the single request. */
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
    // An iterable that is still working on its next value learns that nobody wants it.
    if (this.#source !== undefined) void this.#returnSource();
  }

  /** Sends now; true if there is room for the next message. Throws if this one cannot be sent. */
  #writeNow(fields: unknown, hasFields: boolean, isLast: boolean, mayCompress: boolean): boolean {
    if (this.#isFromSource) throw notOpenForWriting(this.#method, isLast);
    if (!mayWrite(this.#method, this.#isEnded, this.#owner, hasFields, isLast)) return true;
    if (hasFields) return this.#send(fields, isLast || !this.#method.requestStream, mayCompress);
    this.#halfClose();
    return true;
  }

  async #afterRoom(): Promise<void> {
    if (!this.#owner.isDone) await this.#room();
    // If the call ended with an error, messages that were still waiting to be sent are lost with it.
    const error = this.#owner.isDone ? this.#owner.failure() : undefined;
    if (error !== undefined) throw error;
  }

  /** Encodes and sends one message; true if there is room for the next. Throws if the value does not fit. */
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

  /** The same, but if the message needs types that are not loaded, asks the server for them first. */
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

/** The error of writing to a call that was made with its requests. */
export function notOpenForWriting({ path, requestStream }: Method, isLast: boolean): TypeError {
  return new TypeError(
    requestStream
      ? `${isLast ? 'end' : 'write'} on a call of ${path} whose requests come from an iterable; use client.open`
      : `the call of ${path} was made with its request; to write it later, use client.open`,
  );
}

/**
 * Whether `write` or `end` has anything to do: ending a request that has already ended, or a call that is over, does
 * nothing. Throws if a message cannot be written.
 */
export function mayWrite(
  { path, requestStream }: Method,
  isRequestEnded: boolean,
  call: Pick<RequestOwner, 'isDone' | 'failure'>,
  hasFields: boolean,
  isLast: boolean,
): boolean {
  const what = isLast ? 'end' : 'write';
  if (isRequestEnded) {
    if (!hasFields) return false;
    throw new TypeError(
      requestStream
        ? `${what} after the request of ${path} was ended`
        : `${path} takes a single request, which has already been written`,
    );
  }
  if (call.isDone) {
    if (!hasFields) return false;
    throw call.failure() ?? new TypeError(`${what} after the server ended ${path} with OK`);
  }
  if (!hasFields && !requestStream) {
    throw new TypeError(`${path} takes a single request: write it before ending the call`);
  }
  return true;
}

/** The outcome of a message that is too large to be sent; undefined if it is not. */
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

/** The iterator of a request stream; undefined if no requests were passed. TypeError for anything but an iterable. */
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
