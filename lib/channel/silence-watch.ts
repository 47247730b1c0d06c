// Finds connections that died without a word, behind a NAT or load balancer that forgot them: when a call starts
// on a connection that has been silent for a minute, one PING verifies it. Costs a call a comparison.

/** A connection from which nothing came for this long is verified when a call starts. */
export const SILENCE_MS = 60_000;
/** How long the answer to the PING may take before the connection counts as lost. */
export const VERIFY_TIMEOUT_MS = 5_000;
/** Silence is counted in steps of this, so that calls need no clock. */
const STEP_MS = 15_000;

/** The timers a watch works with, so that specs can give their own. They never keep the process alive. */
export interface WatchTimers {
  setInterval(callback: () => void, ms: number): unknown;
  clearInterval(timer: unknown): void;
  setTimeout(callback: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

export class SilenceWatch {
  readonly #timers: WatchTimers;
  readonly #verify: () => void;
  readonly #onDead: () => void;
  readonly #interval: unknown;
  #silentSteps = 0;
  #verification: unknown;

  /**
   * @param verify sends the PING
   * @param onDead nothing at all came within VERIFY_TIMEOUT_MS of it
   */
  constructor(verify: () => void, onDead: () => void, timers: WatchTimers = UNREF_TIMERS) {
    this.#verify = verify;
    this.#onDead = onDead;
    this.#timers = timers;
    this.#interval = timers.setInterval(() => {
      this.#silentSteps++;
    }, STEP_MS);
  }

  /** Octets came: the connection lives. */
  onRead(): void {
    this.#silentSteps = 0;
    if (this.#verification === undefined) return;
    this.#timers.clearTimeout(this.#verification);
    this.#verification = undefined;
  }

  /** A call starts. */
  onCall(): void {
    if (this.#silentSteps * STEP_MS < SILENCE_MS || this.#verification !== undefined) return;
    this.#verification = this.#timers.setTimeout(() => this.#onDead(), VERIFY_TIMEOUT_MS);
    this.#verify();
  }

  close(): void {
    this.#timers.clearInterval(this.#interval);
    if (this.#verification !== undefined) this.#timers.clearTimeout(this.#verification);
  }
}

const UNREF_TIMERS: WatchTimers = {
  setInterval: (callback, ms) => setInterval(callback, ms).unref(),
  clearInterval: (timer) => clearInterval(timer as NodeJS.Timeout),
  setTimeout: (callback, ms) => setTimeout(callback, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
