// Watches the health of the server at the other end of one connection, by grpc.health.v1's Watch, for as long as the
// connection lives. A server that has no such service counts as healthy. Source: gRFC A17.

import { DEFAULT_BACKOFF, nextDelayMs } from './channel/backoff.ts';
import type { HealthCheck } from './channel/subchannel.ts';
import type { HealthReply } from './health.ts';
import { RpcError } from './rpc-error.ts';
import { StatusCode } from './status.ts';

/** The running call of a watch. */
interface Watching extends AsyncIterable<unknown> {
  cancel(): void;
}

export class HealthWatch {
  readonly #serviceName: string;
  readonly #open: () => Watching;
  readonly #onHealth: (reason: string | undefined) => void;
  #call: Watching | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  /** @param onHealth told at each answer: why the service is not to be called, or undefined */
  constructor(serviceName: string, open: () => Watching, onHealth: (reason: string | undefined) => void) {
    this.#serviceName = serviceName;
    this.#open = open;
    this.#onHealth = onHealth;
    void this.#run();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#call?.cancel();
  }

  async #run(): Promise<void> {
    let problem = 'the server ended the health check';
    try {
      this.#call = this.#open();
      for await (const reply of this.#call) {
        if (this.#isStopped) return;
        this.#failures = 0;
        this.#tell((reply as HealthReply).status);
      }
    } catch (error) {
      if (this.#isStopped) return;
      if (RpcError.is(error) && error.code === StatusCode.UNIMPLEMENTED) {
        this.#onHealth(undefined);
        return;
      }
      problem = `the health check failed: ${error instanceof Error ? error.message : String(error)}`;
    }
    if (this.#isStopped) return;
    this.#onHealth(problem);
    this.#failures++;
    const delayMs = nextDelayMs(DEFAULT_BACKOFF, this.#failures, Math.random());
    this.#timer = setTimeout(() => void this.#run(), delayMs).unref();
  }

  #tell(status: HealthReply['status']): void {
    if (status === 'SERVING') this.#onHealth(undefined);
    else {
      const what = this.#serviceName === '' ? 'the server' : `the service ${this.#serviceName}`;
      this.#onHealth(`it says of ${what} ${status}`);
    }
  }
}

/** Of a client that is no more. */
export const ALWAYS_HEALTHY: HealthCheck = {
  watch(_, onHealth) {
    queueMicrotask(() => onHealth(undefined));
    return { stop() {} };
  },
};
