// The load of the suite: so many unary calls a second, half of them marked idempotent, and so many streams at a time.
// Each call has an id, and writes down what became of it. It must not know the servers.

import { randomUUID } from 'node:crypto';
import { type Client, RpcError } from '../../../lib/index.ts';

export const PROTO = `
  syntax = "proto3";
  package restarts;
  message Id { string id = 1; }
  service Restarts {
    // May run once.
    rpc Once(Id) returns (Id);
    // May run as often as it takes.
    rpc Again(Id) returns (Id) { option idempotency_level = IDEMPOTENT; }
    rpc Watch(stream Id) returns (stream Id);
  }
`;

export type Kind = 'Once' | 'Again' | 'Watch';

/** What became of a call. */
export interface Fate {
  readonly kind: Kind;
  readonly id: string;
  readonly fromMs: number;
  readonly toMs: number;
  /** What it failed with; undefined for a success. */
  readonly error: Error | undefined;
  readonly attempts: number;
  /** Which server it was with at the end. */
  readonly peer: string | undefined;
}

export interface LoadOptions {
  readonly callsPerSecond: number;
  readonly streams: number;
  /** How long a stream lives. */
  readonly streamMs: number;
}

/** Calls begin in ticks of this many milliseconds. */
const TICK_MS = 10;
/** How often a stream sends a message. */
const MESSAGE_MS = 100;

export class Load {
  readonly fates: Fate[] = [];
  readonly #client: Client;
  readonly #options: LoadOptions;
  readonly #running = new Set<Promise<void>>();
  #isOver = false;
  #begun = 0;
  #startMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: Client, options: LoadOptions) {
    this.#client = client;
    this.#options = options;
  }

  start(): void {
    this.#startMs = performance.now();
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    for (let index = 0; index < this.#options.streams; index++) this.#keep(this.#streams());
  }

  /** Begins nothing more, and waits for what runs. */
  async stop(): Promise<void> {
    this.#isOver = true;
    clearInterval(this.#timer);
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** As many as are due by the clock: a tick that comes late makes up for it. */
  #tick(): void {
    const due = ((performance.now() - this.#startMs) / 1000) * this.#options.callsPerSecond;
    for (; this.#begun < due; this.#begun++)
      this.#keep(this.#unary(this.#begun % 2 === 0 ? 'Once' : 'Again'));
  }

  #keep(work: Promise<void>): void {
    const kept = work.finally(() => this.#running.delete(kept));
    this.#running.add(kept);
  }

  async #unary(kind: 'Once' | 'Again'): Promise<void> {
    const id = randomUUID();
    const fromMs = performance.now();
    const call = this.#client.request(kind, { id });
    let error: Error | undefined;
    try {
      const reply = await call;
      if (reply['id'] !== id) error = new Error(`the reply to ${id} is to ${String(reply['id'])}`);
    } catch (failure) {
      error = failure as Error;
    }
    this.#note({ kind, id, fromMs, error, attempts: call.attempts, peer: call.peer?.address });
  }

  async #streams(): Promise<void> {
    // Not all at once: streams begin and end at any time.
    await wait(Math.random() * this.#options.streamMs);
    while (!this.#isOver) await this.#stream();
  }

  async #stream(): Promise<void> {
    const id = randomUUID();
    const fromMs = performance.now();
    const call = this.#client.open('Watch');
    let error: Error | undefined;
    try {
      do {
        await call.write({ id });
        const reply = await call.read();
        if (reply?.['id'] !== id) throw new Error(`no echo of ${id}, but ${JSON.stringify(reply)}`);
        await wait(MESSAGE_MS);
      } while (!this.#isOver && performance.now() - fromMs < this.#options.streamMs);
      await call.end();
      if ((await call.read()) !== undefined) throw new Error('a reply too many');
    } catch (failure) {
      error = failure as Error;
      call.cancel();
    }
    this.#note({ kind: 'Watch', id, fromMs, error, attempts: call.attempts, peer: call.peer?.address });
  }

  #note(fate: Omit<Fate, 'toMs'>): void {
    this.fates.push({ ...fate, toMs: performance.now() });
  }
}

/** The status of a failure, or its message where it is none. */
export function failureName(error: Error): string {
  return RpcError.is(error) ? error.codeName : `${error.name}: ${error.message}`;
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
