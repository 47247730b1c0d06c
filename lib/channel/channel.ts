// One target, one shared connection: dials at the first call, queues calls while there is no stream for them,
// dials again with back-off after a loss, and hands over to a new connection when one drains.

import type { StreamEnd, StreamRequest, Transport } from '../rpc/transport.ts';
import { StatusCode } from '../status.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from './backoff.ts';
import { Connection, type ConnectionListener, type ConnectionOptions } from './connection.ts';
import { RequestQueue } from './request-queue.ts';
import type { Target } from './target.ts';

/** gRPC's connectivity states. Source: grpc doc/connectivity-semantics-and-api.md. */
export type ChannelState = 'idle' | 'connecting' | 'ready' | 'transient_failure' | 'shutdown';

export interface ChannelOptions extends ConnectionOptions {
  readonly maxQueuedCalls: number;
}

/**
 * So many connections in a row may be lost without an answer before the next dial has to wait: a server that
 * accepts and then hangs up must not be dialled for every call.
 */
const FORGIVEN_LOSSES = 2;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** A connection to one target that clients share. Made by a client, given to another: `new Client(client.channel)`. */
export class Channel implements Transport, ConnectionListener {
  readonly target: Target;
  readonly #options: ChannelOptions;
  #current: Connection | undefined;
  readonly #draining = new Set<Connection>();
  /** Calls without a stream, in order. */
  readonly #queue = new RequestQueue();
  readonly #waiters = new Set<Waiter>();
  #failures = 0;
  /** Connections in a row that were lost before the server had answered anything on them. */
  #unserved = 0;
  #lastReason = '';
  #lastCause: unknown;
  #dialStartedMs = 0;
  #dials = 0;
  /** No dialling before this time while `#failures` is above 0. */
  #nextDialMs = 0;
  #redialTimer: NodeJS.Timeout | undefined;
  #users = 0;
  #isShutdown = false;
  #isReady = false;
  #isDispatching = false;

  /** @internal Clients make channels. */
  constructor(target: Target, options: ChannelOptions) {
    this.target = target;
    this.#options = options;
  }

  /** The state of the connection that new calls would use. */
  get state(): ChannelState {
    if (this.#isShutdown) return 'shutdown';
    if (this.#current !== undefined) return this.#isReady ? 'ready' : 'connecting';
    return this.#failures > 0 && performance.now() < this.#nextDialMs ? 'transient_failure' : 'idle';
  }

  /** Streams that are open, on draining connections too. */
  get openStreams(): number {
    let count = this.#current?.openStreams ?? 0;
    for (const connection of this.#draining) count += connection.openStreams;
    return count;
  }

  /** @internal The number of the connection that a call would use now: of the next one where there is none. */
  get connectionNumber(): number {
    return this.#current === undefined ? this.#dials + 1 : this.#dials;
  }

  /** Calls that wait for a stream. */
  get queuedCalls(): number {
    return this.#queue.size;
  }

  open(request: StreamRequest): void {
    const current = this.#current;
    if (current?.canOpen && this.#queue.size === 0) current.open(request);
    else this.#openLater(request);
  }

  withdraw(request: StreamRequest): void {
    this.#queue.remove(request);
    this.#checkRedial();
  }

  /** Resolves when the connection is ready; dials if there is none, again and again. Rejects when the channel closes. */
  whenReady(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#isShutdown) {
        reject(new Error('the client is closed'));
        return;
      }
      if (this.#current !== undefined && this.#isReady) {
        resolve();
        return;
      }
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        this.#checkRedial();
        reject(
          signal?.reason instanceof Error ? signal.reason : new Error('aborted', { cause: signal?.reason }),
        );
      };
      const waiter: Waiter = {
        resolve: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
        reject: (error) => {
          signal?.removeEventListener('abort', onAbort);
          reject(error);
        },
      };
      if (signal?.aborted) {
        onAbort();
        return;
      }
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#dialSoon();
    });
  }

  /** Why the last attempt to connect failed, or an empty text. */
  get lastFailure(): string {
    return this.#lastReason;
  }

  /** @internal */
  retain(): void {
    this.#users++;
  }

  /** @internal The last client to let go closes the connections. */
  release(): void {
    if (--this.#users > 0 || this.#isShutdown) return;
    this.#isShutdown = true;
    clearTimeout(this.#redialTimer);
    for (const waiter of this.#waiters) waiter.reject(new Error('the client is closed'));
    this.#waiters.clear();
    this.#failQueue({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client was closed' }, true);
    this.#current?.close('the client was closed');
    for (const connection of this.#draining) connection.close('the client was closed');
  }

  // --- from connections

  onReady(connection: Connection): void {
    if (connection !== this.#current) return;
    this.#isReady = true;
    if (this.#unserved <= FORGIVEN_LOSSES) this.#failures = 0;
    for (const waiter of this.#waiters) waiter.resolve();
    this.#waiters.clear();
    this.#dispatch();
  }

  onCapacity(connection: Connection): void {
    if (connection === this.#current) this.#dispatch();
  }

  onDraining(connection: Connection, goAway?: string): void {
    if (connection !== this.#current) return;
    this.#current = undefined;
    this.#isReady = false;
    this.#draining.add(connection);
    if (goAway !== undefined) this.#countLoss(connection, goAway, undefined);
    this.#checkRedial();
  }

  onClosed(connection: Connection, reason: string, cause: unknown): void {
    if (this.#draining.delete(connection) || connection !== this.#current) return;
    this.#current = undefined;
    this.#isReady = false;
    if (this.#isShutdown) return;
    this.#countLoss(connection, reason, cause);
    this.#checkRedial();
  }

  /** Decides whether the next dial may follow at once. */
  #countLoss(connection: Connection, reason: string, cause: unknown): void {
    this.#lastReason = reason;
    this.#lastCause = cause;
    if (connection.hasServed) this.#unserved = 0;
    else this.#unserved++;
    if (connection.wasReady && this.#unserved <= FORGIVEN_LOSSES) {
      // It worked until now: the next call may dial at once.
      this.#failures = 0;
    } else {
      this.#failures++;
      this.#nextDialMs = this.#dialStartedMs + nextDelayMs(DEFAULT_BACKOFF, this.#failures, Math.random());
      this.#failQueue({ kind: 'unopened', reason, cause }, false);
    }
  }

  #openLater(request: StreamRequest): void {
    if (this.#isShutdown) {
      request.onEnd({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client is closed' });
      return;
    }
    if (this.#queue.size >= this.#options.maxQueuedCalls) {
      request.onEnd({
        kind: 'unopened',
        code: StatusCode.RESOURCE_EXHAUSTED,
        reason: `${this.#queue.size} calls already wait for a stream, as many as maxQueuedCalls allows`,
      });
      return;
    }
    const current = this.#current;
    // One that is closed tells of it itself, in a moment.
    if (current?.isDraining && !current.isClosed) this.onDraining(current);
    if (this.#current === undefined && !request.waitForReady && this.#isBackingOff()) {
      request.onEnd({ kind: 'unopened', reason: this.#lastReason, cause: this.#lastCause });
      return;
    }
    this.#queue.push(request);
    this.#dialSoon();
  }

  #isBackingOff(): boolean {
    return this.#failures > 0 && performance.now() < this.#nextDialMs;
  }

  #dialSoon(): void {
    this.#current?.hold();
    if (this.#current !== undefined || this.#isShutdown) return;
    if (this.#isBackingOff()) {
      this.#redialTimer ??= setTimeout(
        () => {
          this.#redialTimer = undefined;
          this.#checkRedial();
        },
        Math.ceil(this.#nextDialMs - performance.now()),
      );
      return;
    }
    this.#dialStartedMs = performance.now();
    this.#dials++;
    this.#isReady = false;
    this.#current = new Connection(this.target, this.#options, this);
  }

  /** Dials, or sees to it that it will be, if somebody waits; else lets the process end. */
  #checkRedial(): void {
    if (this.#queue.size > 0 || this.#waiters.size > 0) {
      this.#dialSoon();
      return;
    }
    this.#current?.letGo();
    if (this.#redialTimer === undefined) return;
    clearTimeout(this.#redialTimer);
    this.#redialTimer = undefined;
  }

  #dispatch(): void {
    // A handler may open streams from inside; the loop that is running sees to those that wait.
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    for (let current = this.#current; current?.canOpen; current = this.#current) {
      const request = this.#queue.shift();
      if (request === undefined) break;
      current.open(request);
    }
    this.#isDispatching = false;
    const current = this.#current;
    if (this.#queue.size > 0 && current?.isDraining && !current.isClosed) this.onDraining(current);
  }

  #failQueue(end: StreamEnd, all: boolean): void {
    for (const request of this.#queue.toArray()) {
      if (request.waitForReady && !all) continue;
      // One that ended may have withdrawn others.
      if (this.#queue.remove(request)) request.onEnd(end);
    }
  }
}
