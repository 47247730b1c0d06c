// The one limit that --timeout sets for all that a command asks of a server: its schema first, then the call.

import { type Client, RpcError } from '../../index.ts';

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

  /**
   * An error of a call that had what was left of it: with the limit that was given, and what the schema took of that. The
   * call knows neither.
   */
  whole(error: unknown): unknown {
    const usedMs = Math.round(this.#usedMs);
    if (!RpcError.is(error) || this.#limitMs === undefined || this.leftMs === this.#limitMs) return error;
    const ofLimit = `timeout of ${this.#limitMs} ms`;
    const forSchema = `${usedMs} ms of it for the schema`;
    const { details, message } = error;
    const ended = message.replace(
      /\(after (\d+) ms of the timeout of \d+ ms, (.*)\)$/s,
      (_, ms: string, place: string) =>
        `(after ${usedMs + Number(ms)} ms of the ${ofLimit}, ${place}; ${forSchema})`,
    );
    if (ended !== message) {
      error.message = ended;
      return error;
    }
    if (error.origin === 'server') return error;
    const passed = details.replace(
      /^the timeout of \d+ ms passed after (\d+) ms (.*)$/s,
      (_, ms: string, place: string) =>
        `the ${ofLimit} passed after ${usedMs + Number(ms)} ms ${place} (${forSchema})`,
    );
    if (passed === details) return error;
    const { code, codeName, metadata, origin, method, peer, cause } = error;
    return new RpcError({
      status: { code, codeName, metadata, origin, details: passed },
      method,
      peer,
      cause,
    });
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
