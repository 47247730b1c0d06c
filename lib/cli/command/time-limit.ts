// The one limit that --timeout sets for all that a command asks of a server: its schema first, then the call.

import { type Client, RpcError, Stream } from '../../index.ts';

export class TimeLimit {
  readonly #limitMs: number | undefined;
  #usedMs = 0;

  /** @param limitMs undefined for none of its own */
  constructor(limitMs: number | undefined) {
    this.#limitMs = limitMs;
  }

  /** What is left of it, a millisecond at least: a call says best what it was at. Time spent here does not count. */
  get leftMs(): number | undefined {
    if (this.#limitMs === undefined) return undefined;
    return Math.max(1, Math.ceil(this.#limitMs - this.#usedMs));
  }

  /** Makes the errors of a call that has what is left of it tell of the whole, and of what the schema took. */
  countsFor(call: Stream): void {
    if (this.#limitMs === undefined) return;
    Stream.lifecycleOf(call).sharesLimit({ timeoutMs: this.#limitMs, schemaMs: this.#usedMs });
  }

  /** What a server tells of its schema; past the limit an RpcError that says so, DEADLINE_EXCEEDED as of any call. */
  async loading<T>(
    server: string,
    { channel }: Pick<Client, 'channel'>,
    ask: (leftMs: number | undefined) => Promise<T>,
  ): Promise<T> {
    const startMs = performance.now();
    try {
      return await ask(this.leftMs);
    } catch (cause) {
      if (!(cause instanceof Error && cause.name === 'TimeoutError')) throw cause;
      const { state, lastFailure } = channel;
      const last = lastFailure === '' ? '' : ` (the last attempt: ${lastFailure})`;
      const place =
        state === 'ready'
          ? `while loading the schema of ${server}`
          : `while waiting for a connection to ${server}, to ask for its schema${last}`;
      const details = `the timeout of ${this.#limitMs} ms passed ${place}`;
      throw RpcError.of('DEADLINE_EXCEEDED', details, { cause });
    } finally {
      this.#usedMs += performance.now() - startMs;
    }
  }
}
