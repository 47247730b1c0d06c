// One RPC as its caller sees it: two faces on the same state. Stream has everything but `then`, so that it
// survives `await` and `return` from async functions; Call can be awaited as well.

import type { CallFace } from './call-face.ts';
import { inspectedAs, shown } from './inspected.ts';
import type { Metadata } from './metadata.ts';
import type { CallTiming } from './observed-call.ts';
import type { WriteOptions } from './options/write-options.ts';
import { NO_REPLY } from './reply-reader.ts';
import type { Peer } from './rpc/transport.ts';
import type { Cardinality } from './schema/method.ts';
import type { Status } from './status.ts';

// What a promise's rejection is typed as, so that `call.catch((error) => error.message)` compiles as it does there.
// biome-ignore lint/suspicious/noExplicitAny: see above
type Reason = any;

/**
 * A running call: replies to iterate over, requests to write. Leaving a `for await` early cancels the call.
 * One reader at a time: a second iterator or `read` while one is active is a TypeError, and so is an iterator over
 * replies that were read to their end.
 */
export class Stream<Request = unknown, Reply = unknown> implements AsyncIterable<Reply>, AsyncDisposable {
  readonly #core: CallFace;

  /** @internal */
  constructor(core: CallFace) {
    this.#core = core;
  }

  /**
   * What is behind a call.
   * @internal
   */
  static coreOf(stream: Stream): CallFace {
    return stream.#core;
  }

  /** The path of the method, or the name it was asked for by while the schema is being loaded. */
  get method(): string {
    return this.#core.method;
  }

  /** @internal For what prints it. */
  get state(): 'running' | 'ended' {
    return this.#core.isDone ? 'ended' : 'running';
  }

  /** How many messages go each way; undefined while the schema is being loaded. */
  get cardinality(): Cardinality | undefined {
    return this.#core.cardinality;
  }

  /** The other end, once the call has a connection. */
  get peer(): Peer | undefined {
    return this.#core.peer;
  }

  /**
   * How often the call was made so far: 0 before it was, more than 1 where it was retried or hedged. What the server
   * certainly did not process is sent again without being counted (gRFC A6).
   */
  get attempts(): number {
    return this.#core.attempts;
  }

  /**
   * When the call reached what, in milliseconds; undefined unless the `timing` option is set or somebody watches calls
   * (docs/observability.md). A new object each time, with what is known by then.
   */
  get timing(): CallTiming | undefined {
    return this.#core.timing;
  }

  /**
   * Sends a message on a call made by `client.open`. Resolves when there is room for the next one.
   * Rejects with a TypeError or RangeError when the value does not fit (the call goes on), or with the call's
   * error when it has failed.
   */
  write(fields: Request, options?: WriteOptions): Promise<void> {
    return this.#core.write(fields, true, false, options);
  }

  /** Ends the request stream, with a last message if one is given. Ending twice is no error. */
  end(fields?: Request, options?: WriteOptions): Promise<void> {
    return this.#core.write(fields, fields !== undefined, true, options);
  }

  /** The next reply; undefined at the end. Rejects with what the call failed with. */
  async read(): Promise<Reply | undefined> {
    const { reader } = this.#core;
    reader.lock();
    try {
      return (await reader.next()).value as Reply | undefined;
    } finally {
      reader.unlock();
    }
  }

  /**
   * All replies that are left. Without `limit` it takes as many as come; when more than `limit` come it cancels
   * the call and rejects with a RangeError.
   */
  async toArray(options?: { readonly limit?: number | undefined }): Promise<Reply[]> {
    const limit = options?.limit ?? Infinity;
    if (typeof limit !== 'number' || !(limit >= 0)) {
      throw new RangeError(`limit must be a number of replies, not ${String(limit)}`);
    }
    const replies: Reply[] = [];
    if (this.#core.reader.isAtEnd) return replies;
    for await (const reply of this) {
      if (replies.length >= limit)
        throw new RangeError(`${this.method} gave more replies than the limit of ${limit}`);
      replies.push(reply);
    }
    return replies;
  }

  /** The response's initial metadata; empty when the call ended without. Never rejects. */
  get headers(): Promise<Metadata> {
    return this.#core.headers();
  }

  /** The trailing metadata, at the end of the call; empty when there was none. Never rejects. */
  get trailers(): Promise<Metadata> {
    return this.#core.trailers();
  }

  /** How the call ended. Never rejects. */
  get status(): Promise<Status> {
    return this.#core.status();
  }

  /** Ends the call now, with CANCELLED; `reason` becomes the error's `cause`. After the end it does nothing. */
  cancel(reason?: unknown): void {
    this.#core.cancel(reason);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Reply, undefined> {
    const core = this.#core;
    const { reader } = core;
    reader.refuseAgain();
    reader.lock();
    let isOpen = true;
    const close = (): void => {
      if (isOpen) reader.unlock();
      isOpen = false;
    };
    const iterator: AsyncIterableIterator<Reply, undefined> = {
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
        if (isOpen) core.cancel('the reader left its loop');
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
    this.#core.cancel('disposed');
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

/**
 * A call that was just made. Awaiting it gives the single reply of a method that has one, and for a method that
 * streams replies its `Stream`: the same call without `then`.
 */
export class Call<Request = unknown, Reply = unknown, Result = Reply>
  extends Stream<Request, Reply>
  implements PromiseLike<Result>
{
  readonly #core: CallFace;

  /** @internal */
  constructor(core: CallFace) {
    super(core);
    this.#core = core;
  }

  // biome-ignore lint/suspicious/noThenProperty: a call is awaitable by design
  then<T = Result, E = never>(
    onFulfilled?: ((value: Result) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    const core = this.#core;
    const result = core.streamsReplies === false ? core.result() : this.#result();
    return (result as Promise<Result>).then(onFulfilled, onRejected);
  }

  catch<E = never>(onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null): Promise<Result | E> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.then().finally(onFinally);
  }

  async #result(): Promise<unknown> {
    const core = this.#core;
    return (await core.whenBegun()) ? new Stream<Request, Reply>(core) : core.result();
  }
}
