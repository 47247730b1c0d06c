// One RPC as its caller sees it: two faces on the same state. Stream has everything but `then`, so that it
// survives `await` and `return` from async functions; Call can be awaited as well.

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
 * One reader at a time: a second iterator or `read` while one is active is a TypeError, and so is an iterator over
 * replies that were read to their end.
 */
export class Stream<Request = unknown, Reply = unknown> implements AsyncIterable<Reply>, AsyncDisposable {
  readonly #core: CallLifecycle;

  /** @internal */
  constructor(core: CallLifecycle) {
    this.#core = core;
  }

  /**
   * What is behind a call.
   * @internal
   */
  static coreOf(stream: Stream): CallLifecycle {
    return stream.#core;
  }

  /**
   * What is behind an object, where it is a call.
   * @internal
   */
  static coreIn(object: object): CallLifecycle | undefined {
    return #core in object ? object.#core : undefined;
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
   * How many attempts were made so far: 0 before the first, more than 1 if the call was retried or hedged. Resending
   * what the server certainly did not process does not count (gRFC A6).
   */
  get attempts(): number {
    return this.#core.attempts;
  }

  /**
   * When the call reached each stage, in milliseconds; undefined unless the `timing` option is set or something watches
   * calls (docs/observability.md). A new object each time, with what is known so far.
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

  /** Ends the request stream, with a last message if one is given. Ending it twice is fine. */
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
    if (this.#core.reader.isAtEnd) return replies;
    for await (const reply of this) {
      if (replies.length >= limit)
        throw new RangeError(`${this.method} gave more replies than the limit of ${limit}`);
      replies.push(reply);
    }
    return replies;
  }

  /** The response's initial metadata; empty if the call ended without any. Never rejects. */
  get headers(): Promise<Metadata> {
    return this.#core.headers();
  }

  /** The trailing metadata, at the end of the call; empty if there was none. Never rejects. */
  get trailers(): Promise<Metadata> {
    return this.#core.trailers();
  }

  /** How the call ended. Never rejects. */
  get status(): Promise<Status> {
    return this.#core.status();
  }

  /**
   * Ends the call at once with CANCELLED; `reason` becomes the error's `cause`. Does nothing once the call has ended.
   */
  cancel(reason?: unknown): void {
    this.#core.cancel(reason);
  }

  /**
   * What `for await` uses: each reply in turn, then the call's error if it failed. Leaving the loop early cancels the
   * call. TypeError while another reader is active.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Reply> {
    const core = this.#core;
    const { reader } = core;
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

explainMissing(
  Stream.prototype,
  (object, name, asked) => {
    const core = Stream.coreIn(object);
    return core === undefined ? undefined : mistakenForReply(core, name, !(object instanceof Call), asked);
  },
  (object) => {
    const core = Stream.coreIn(object);
    return core === undefined ? undefined : mistakenForArray(core);
  },
);

/**
 * What `request` returns. Awaiting it gives the single reply, or for a method that streams replies its `Stream`: the
 * same call without `then`.
 */
export class Call<Request = unknown, Reply = unknown, Result = Reply>
  extends Stream<Request, Reply>
  implements PromiseLike<Result>
{
  readonly #core: CallLifecycle;

  /** @internal */
  constructor(core: CallLifecycle) {
    super(core);
    this.#core = core;
  }

  /**
   * What `await` uses. Gives the single reply, or for a method that streams replies its `Stream`. Rejects with an
   * RpcError when the call ends with a status other than OK, with a SchemaError when the method is not known, with a
   * CardinalityError when it is of another kind than asked for, and with a TypeError or RangeError when the request
   * does not fit the schema. May be awaited any number of times.
   */
  // biome-ignore lint/suspicious/noThenProperty: a call is awaitable by design
  then<T = Result, E = never>(
    onFulfilled?: ((value: Result) => T | PromiseLike<T>) | null,
    onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null,
  ): Promise<T | E> {
    const core = this.#core;
    const result = core.streamsReplies === false ? core.result() : this.#result();
    return (result as Promise<Result>).then(onFulfilled, onRejected);
  }

  /** As of a promise: `onRejected` gets what the call failed with, an RpcError or the TypeError of a wrong request. */
  catch<E = never>(onRejected?: ((reason: Reason) => E | PromiseLike<E>) | null): Promise<Result | E> {
    return this.then(undefined, onRejected);
  }

  /** As of a promise: runs when the reply is there or the call has failed. */
  finally(onFinally?: (() => void) | null): Promise<Result> {
    return this.then().finally(onFinally);
  }

  async #result(): Promise<unknown> {
    const core = this.#core;
    return (await core.whenBegun()) ? new Stream<Request, Reply>(core) : core.result();
  }
}
