// The state of a channel as others see it: what it is, who is told when it changes, who waits for it to be ready.
// Source: grpc doc/connectivity-semantics-and-api.md.

import { AsyncContext } from '../values/async-context.ts';
import { isError } from '../values/realm.ts';
import { channelState } from './connection/connection-events.ts';
/** gRPC's connectivity states. Source: grpc doc/connectivity-semantics-and-api.md. */
export type ChannelState = 'idle' | 'connecting' | 'ready' | 'transient_failure' | 'shutdown';

/** A channel's state, and the reason for it. */
export interface StateChange {
  readonly state: ChannelState;
  /** Why, where it is `transient_failure`; otherwise an empty text. */
  readonly reason: string;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

export class Connectivity {
  #current: StateChange = { state: 'idle', reason: '' };
  readonly #listeners = new Set<(change: StateChange) => void>();
  readonly #waiters = new Set<Waiter>();
  #readers = 0;
  readonly #target: string;

  /** @param target of the channel, for diagnostics */
  constructor(target: string) {
    this.#target = target;
  }

  get state(): ChannelState {
    return this.#current.state;
  }

  /** How many wait for it to be ready. */
  get waiters(): number {
    return this.#waiters.size;
  }

  /** How many readers of `states` wait for the next one. */
  get readers(): number {
    return this.#readers;
  }

  /** Listeners are told after those that wait. */
  change(state: ChannelState, reason: string): void {
    if (state === this.#current.state && reason === this.#current.reason) return;
    const change = { state, reason };
    this.#current = change;
    if (channelState.hasSubscribers) channelState.publish({ target: this.#target, state, reason });
    if (state === 'ready') for (const waiter of this.#takeWaiters()) waiter.resolve();
    if (state === 'shutdown') {
      for (const waiter of this.#takeWaiters()) waiter.reject(new Error('the client is closed'));
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(change);
      } catch (error) {
        // A listener's mistake is its program's, and must not stop the channel in the middle of a change.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** The listener runs in the async context that it was given in. */
  listen(listener: (change: StateChange) => void): () => void {
    const context = AsyncContext.capture();
    const tell = (change: StateChange): void => context.run(() => listener(change));
    this.#listeners.add(tell);
    return () => this.#listeners.delete(tell);
  }

  /** The state now, and each one that it changes to; states that come while nobody reads are kept, the latest last. */
  async *states(signal: AbortSignal | undefined): AsyncGenerator<StateChange, void, undefined> {
    const unread: StateChange[] = [this.#current];
    let wake: () => void = () => {};
    const stop = this.listen((change) => {
      // A reader that sleeps is told the last ones only.
      if (unread.length >= MAX_UNREAD_STATES) unread.shift();
      unread.push(change);
      wake();
    });
    const onAbort = (): void => wake();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        if (signal?.aborted) throw abortError(signal);
        const next = unread.shift();
        if (next === undefined) {
          this.#readers++;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          this.#readers--;
          continue;
        }
        yield next;
        if (next.state === 'shutdown') return;
      }
    } finally {
      stop();
      signal?.removeEventListener('abort', onAbort);
    }
  }

  /** Resolves when the state is ready. `onChange` when there is one more or fewer that waits. */
  whenReady(signal: AbortSignal | undefined, onChange: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.state === 'shutdown') {
        reject(new Error('the client is closed'));
        return;
      }
      if (this.state === 'ready') {
        resolve();
        return;
      }
      if (signal?.aborted) {
        reject(abortError(signal));
        return;
      }
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        onChange();
        reject(abortError(signal));
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
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      onChange();
    });
  }

  #takeWaiters(): Waiter[] {
    const waiters = [...this.#waiters];
    this.#waiters.clear();
    return waiters;
  }
}

const MAX_UNREAD_STATES = 100;

function abortError(signal: AbortSignal | undefined): Error {
  return isError(signal?.reason) ? signal.reason : new Error('aborted', { cause: signal?.reason });
}
