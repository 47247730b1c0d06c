// Watches the health of the server at the other end of one connection, by grpc.health.v1's Watch, for as long as the
// connection lives. A server without that service counts as healthy. The end of a watch says nothing about the server
// as long as the next watch is answered at once: proxies cut quiet streams. Source: gRFC A17.

import { NoRoom } from '../channel/connection/background-stream.ts';
import type { HealthCheck } from '../channel/connection/subchannel.ts';
import { DEFAULT_BACKOFF, nextDelayMs } from '../channel/timing/backoff.ts';
import { type Clock, REAL_CLOCK } from '../values/clock.ts';
import { messageOf } from '../values/realm.ts';
import { RpcError } from '../values/rpc-error.ts';
import { StatusCode } from '../values/status.ts';
import type { HealthReply } from './health.ts';

/** The running call of a watch. */
interface Watching extends AsyncIterable<unknown> {
  cancel(): void;
}

/** How one watch ended. */
type WatchEnd =
  | { readonly kind: 'answered' }
  | { readonly kind: 'unimplemented' }
  | { readonly kind: 'no room' }
  | { readonly kind: 'failed'; readonly reason: string };

export class HealthWatch {
  readonly #serviceName: string;
  readonly #open: () => Watching;
  readonly #onHealth: (reason: string | undefined) => void;
  #call: Watching | undefined;
  /** How many watches in a row were not answered. */
  #failures = 0;
  /** How many watches in a row were answered but ended within the first back-off delay. */
  #short = 0;
  #timer: unknown;
  #isStopped = false;
  readonly #clock: Clock;

  /** @param onHealth called at each answer with the reason why the service must not be called, or undefined */
  constructor(
    serviceName: string,
    open: () => Watching,
    onHealth: (reason: string | undefined) => void,
    clock: Clock = REAL_CLOCK,
  ) {
    this.#clock = clock;
    this.#serviceName = serviceName;
    this.#open = open;
    this.#onHealth = onHealth;
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    this.#clock.clearTimer(this.#timer);
    this.#call?.cancel();
  }

  /** One watch after the other. */
  async #run(): Promise<void> {
    const begunMs = this.#clock.now();
    const end = await this.#watchOnce();
    if (this.#isStopped) return;
    const lastedMs = this.#clock.now() - begunMs;
    switch (end.kind) {
      case 'unimplemented':
        this.#onHealth(undefined);
        return;
      case 'answered':
        // The last answer holds until the next watch says otherwise, or fails without an answer.
        this.#again(this.#afterAnswer(lastedMs));
        return;
      case 'no room':
        this.#again(this.#afterFailure());
        return;
      case 'failed':
        this.#onHealth(end.reason);
        this.#again(this.#afterFailure());
        return;
      default:
        end satisfies never;
    }
  }

  async #watchOnce(): Promise<WatchEnd> {
    let isAnswered = false;
    let reason = 'the server ended the health check';
    try {
      this.#call = this.#open();
      for await (const reply of this.#call) {
        // The watch is over, so nobody looks at how it ended.
        if (this.#isStopped) return { kind: 'answered' };
        isAnswered = true;
        this.#failures = 0;
        this.#tell((reply as HealthReply).status);
      }
    } catch (error) {
      if (RpcError.is(error) && error.code === StatusCode.UNIMPLEMENTED) return { kind: 'unimplemented' };
      if (RpcError.is(error) && error.cause instanceof NoRoom) return { kind: 'no room' };
      reason = `the health check failed: ${messageOf(error)}`;
    }
    return isAnswered ? { kind: 'answered' } : { kind: 'failed', reason };
  }

  /**
   * The next watch begins at once, as the specification says. But if a server keeps answering and ending, there is
   * only one watch per first back-off delay, counted from the start of the watch.
   */
  #afterAnswer(lastedMs: number): number {
    this.#short = lastedMs < DEFAULT_BACKOFF.baseDelayMs ? this.#short + 1 : 0;
    return this.#short <= 1 ? 0 : nextDelayMs(DEFAULT_BACKOFF, 1, this.#clock.random()) - lastedMs;
  }

  #afterFailure(): number {
    this.#failures++;
    return nextDelayMs(DEFAULT_BACKOFF, this.#failures, this.#clock.random());
  }

  #again(delayMs: number): void {
    if (delayMs <= 0) void this.#run();
    else this.#timer = this.#clock.setTimer(() => void this.#run(), delayMs);
  }

  #tell(status: HealthReply['status']): void {
    if (status === 'SERVING') this.#onHealth(undefined);
    else {
      const what = this.#serviceName === '' ? 'the server' : `the service ${this.#serviceName}`;
      this.#onHealth(`it reports ${what} as ${status}`);
    }
  }
}

/** The health check of a client that has been garbage-collected. */
export const ALWAYS_HEALTHY: HealthCheck = {
  watch(_, onHealth) {
    queueMicrotask(() => onHealth(undefined));
    return { stop() {} };
  },
};
