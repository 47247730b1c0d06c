// One RPC as its caller sees it: two classes on the same state. Stream has everything but `then`, so that it can be
// returned from `await` and from async functions; Call can be awaited as well.

import type { CallTiming } from '../observe/observed-call.ts';
import type { Peer } from '../rpc/transport.ts';
import type { Cardinality } from '../schema/codec/method.ts';
import { inspectedAs, shown } from '../values/inspect.ts';
import type { Metadata } from '../values/metadata.ts';
import { explainMissing } from '../values/missing-member.ts';
import { checkNames } from '../values/options/option-checks.ts';
import type { Status } from '../values/status.ts';
import type { CallLifecycle } from './call-lifecycle.ts';
import { mistakenForArray, mistakenForReply } from './reply-mistakes.ts';
import { NO_REPLY } from './reply-reader.ts';
import type { WriteOptions } from './write-options.ts';

// What a promise's rejection is typed as, so that `call.catch((error) => error.message)` compiles as it does there.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Reason = any;

/**
 * A running call: replies to iterate over, requests to write. Leaving a `for await` early cancels the call.
 * A call has one reader at a time: a second iterator or `read` while one is active is a TypeError, and so is iterating
 * again over replies that have been read to the end.
 */
export class Stream<Request = unknown, Reply = unknown> implements AsyncIterable<Reply>, AsyncDisposable {
  readonly #lifecycle: CallLifecycle;

  /** @internal */
  constructor(lifecycle: CallLifecycle) {
    this.#lifecycle = lifecycle;
  }

  /**
   * The lifecycle behind a call.
   * @internal
   */
  static lifecycleOf(stream: Stream): CallLifecycle {
    return stream.#lifecycle;
  }

  /**
   * The lifecycle behind an object; undefined if it is not a call.
   * @internal
   */
  static lifecycleIn(object: object): CallLifecycle | undefined {
    return #lifecycle in object ? object.#lifecycle : undefined;
  }

  /** The path of the method; while the schema is being loaded, the name by which it was called. */
  get method(): string {
    return this.#lifecycle.method;
  }

  /** @internal For printing. */
  get state(): 'running' | 'ended' {
    return this.#lifecycle.isDone ? 'ended' : 'running';
  }

  /** How many messages go each way; undefined while the schema is being loaded. */
  get cardinality(): Cardinality | undefined {
    return this.#lifecycle.cardinality;
  }

  /** The server's end of the connection; undefined until the call has one. */
  get peer(): Peer | undefined {
    return this.#lifecycle.peer;
  }

  /**
   * How many attempts have been made so far: 0 before the first, more than 1 if the call was retried or hedged.
   * Transparent retries, of requests that the server certainly did not process, do not count (gRFC A6).
   */
  get attempts(): number {
    return this.#lifecycle.attempts;
  }

  /**
   * When the call reached each stage, in milliseconds; undefined unless the `timing` option is set or something watches
   * calls (docs/observability.md). Each access returns a new object with what is known so far.
   */
  get timing(): CallTiming | undefined {
    return this.#lifecycle.timing;
  }

  /**
   * Sends a message on a call made by `client.open`. Resolves when there is room for the next one. Rejects with a
   * TypeError or RangeError if the value does not fit the schema or the request has ended (the call goes on), and with
   * the call's error if it has failed.
   */
  write(fields: Request, options?: WriteOptions): Promise<void> {
    return this.#lifecycle.write(fields, true, false, options);
  }

  /**
   * Ends the request stream, after one last message if it is given. Rejects as `write` does. Ending it twice is fine.
   */
  end(fields?: Request, options?: WriteOptions): Promise<void> {
    return this.#lifecycle.write(fields, fields !== undefined, true, options);
  }

  /**
   * The next reply; undefined at the end. Rejects with the call's error, or with a TypeError while another reader is
   * active.
   */
  async read(): Promise<Reply | undefined> {
    const { reader } = this.#lifecycle;
    reader.lock();
    try {
      return (await reader.next()).value as Reply | undefined;
    } finally {
      reader.unlock();
    }
  }

  /**
   * All remaining replies. If there are more than `limit` (default no limit), it cancels the call and rejects with a
   * RangeError.
   */
  async toArray(options?: { readonly limit?: number | undefined }): Promise<Reply[]> {
    if (options !== undefined) checkNames(options, ['limit'], 'toArray option');
    const limit = options?.limit ?? Infinity;
    if (typeof limit !== 'number' || !(limit >= 0)) {
      throw new RangeError(`limit must be a number of replies, not ${String(limit)}`);
    }
    const replies: Reply[] = [];
    if (this.#lifecycle.reader.isAtEnd) return replies;
    for await (const reply of this) {
      if (replies.length >= limit)
        throw new RangeError(`${this.method} gave more replies than the limit of ${limit}`);
      replies.push(reply);
    }
    return replies;
  }

  /**
   * The initial metadata of the response, as soon as it arrives; empty if the call ended without any. Never rejects.
   */
  get headers(): Promise<Metadata> {
    return this.#lifecycle.headers();
  }

  /** The trailing metadata, at the end of the call; empty if there was none. Never rejects. */
  get trailers(): Promise<Metadata> {
    return this.#lifecycle.trailers();
  }

  /** How the call ended, once it has. Never rejects. */
  get status(): Promise<Status> {
    return this.#lifecycle.status();
  }

  /**
   * Ends the call at once with CANCELLED; `reason` becomes the error's `cause`. Does nothing once the call has ended.
   */
  cancel(reason?: unknown): void {
    this.#lifecycle.cancel(reason);
  }

  /**
   * What `for await` uses: yields each reply in turn, then throws the call's error if it failed. Leaving the loop early
   * cancels the call. TypeError while another reader is active, and after the replies have been read to the end.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Reply> {
    const lifecycle = this.#lifecycle;
    const { reader } = lifecycle;
    reader.refuseAgain();
    reader.lock();
    let isOpen = true;
    const close = (): void => {
      if (isOpen) reader.unlock();
      isOpen = false;
    };
    const iterator: AsyncIterableIterator<Reply> = {
      async next() {
        if (!isOpen) return { value: undefined, done: true };
        const waiting = reader.takeWaiting();
        if (waiting !== NO_REPLY) return { value: waiting as Reply, done: false };
        try {
          const step = await reader.next();
          if (step.done) close();
          return step as IteratorResult<Reply, undefined>;
        } catch (error) {
          close();
          throw error;
        }
      },
      async return() {
        if (isOpen) lifecycle.cancel('the reader left its loop');
        close();
        return { value: undefined, done: true };
      },
      async throw(error) {
        await iterator.return?.();
        throw error;
      },
      [Symbol.asyncIterator]: () => iterator,
    };
    return iterator;
  }

  /** Cancels the call if it is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#lifecycle.cancel('disposed');
  }

  /** @internal */
  get [Symbol.toStringTag](): string {
    return this.constructor.name;
  }
}

inspectedAs(Stream.prototype, (stream) => {
  const { method, cardinality, state, peer } = stream;
  return shown(stream.constructor.name, { method, cardinality, state, peer: peer?.address });
});

explainMissing(
  Stream.prototype,
  (object, name, asked) => {
    const lifecycle = Stream.lifecycleIn(object);
    return lifecycle === undefined
      ? undefined
      : mistakenForReply(lifecycle, name, !(object instanceof Call), asked);
  },
  (object) => {
    const lifecycle = Stream.lifecycleIn(object);
    return lifecycle === undefined ? undefined : mistakenForArray(lifecycle);
  },
);

/**
 * What `request` returns. Awaiting it gives the single reply, or, for a method that streams replies, a `Stream`: the
 * same call without `then`.
 */
export class Call<Request = unknown, Reply = unknown, Result = Reply>
  extends Stream<Request, Reply>
  implements PromiseLike<Result>
{
  readonly #lifecycle: CallLifecycle;

  /** @internal */
  constructor(lifecycle: CallLifecycle) {
    super(lifecycle);
    this.#lifecycle = lifecycle;
  }

  /**
   * What `await` uses. Resolves to the single reply, or, for a method that streams replies, to a `Stream`. Rejects with
   * an RpcError if the call ends with a status other than OK, with a SchemaError if the method is not known, with a
   * CardinalityError if the method is not of the kind that was called (say, a stream called as unary), and with a
   * TypeError or RangeError if the request does not fit the schema. May be awaited any number of times.
   */
  // biome-ignore lint/suspicious/noThenProperty: a call is awaitable by design
  then<T = Result, E = never>(
    onFulfilled?: ((value: Result) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    const lifecycle = this.#lifecycle;
    const result = lifecycle.streamsReplies === false ? lifecycle.result() : this.#result();
    return (result as Promise<Result>).then(onFulfilled, onRejected);
  }

  /**
   * As on a promise: `onRejected` gets what the call failed with, such as an RpcError or the TypeError of a bad
   * request.
   */
  catch<E = never>(onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null): Promise<Result | E> {
    return this.then(undefined, onRejected);
  }

  /** As on a promise: runs when the reply has arrived or the call has failed. */
  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.then().finally(onFinally);
  }

  async #result(): Promise<unknown> {
    const lifecycle = this.#lifecycle;
    return (await lifecycle.whenBegun()) ? new Stream<Request, Reply>(lifecycle) : lifecycle.result();
  }
}
