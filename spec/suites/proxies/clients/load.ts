// The load, for clients in Node: so many calls in flight, and so many streams beside them; ../go/load.go is the same in Go.
// It must not know which client makes the calls.

import diagnostics from 'node:diagnostics_channel';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Orders, Outcome, ProbeResult, Tally } from './orders.ts';

/** A client under load. Each function rejects with the call's failure. */
export interface LoadedClient {
  unary(id: string): Promise<void>;
  /** Sends a message, waits for its echo and then for `pause`, so many times, and ends in good order. */
  stream(id: string, messages: number, pause: () => Promise<void>): Promise<void>;
  /** `UNAVAILABLE: why` */
  failureText(error: unknown): string;
}

class Counts implements Tally {
  answered = 0;
  readonly lost: Record<string, number> = {};
  readonly #textOf: (error: unknown) => string;

  constructor(textOf: (error: unknown) => string) {
    this.#textOf = textOf;
  }

  async note(call: Promise<void>): Promise<void> {
    try {
      await call;
      this.answered++;
    } catch (error) {
      const text = this.#textOf(error);
      this.lost[text] = (this.lost[text] ?? 0) + 1;
    }
  }
}

/** Does as it is told, and prints what came of it. */
export async function runLoad(connect: (orders: Orders) => Promise<LoadedClient>): Promise<void> {
  const orders = JSON.parse(process.argv[2]) as Orders;
  let connections = 0;
  diagnostics.subscribe('net.client.socket', () => connections++);
  const client = await connect(orders);
  const calls = new Counts(client.failureText);
  const streams = new Counts(client.failureText);
  const start = performance.now();
  let probes: readonly ProbeResult[] = [];
  if (orders.probe !== undefined) {
    probes = await probe(orders.probe.everyMs, client);
  } else {
    process.stdin.on('end', () => process.exit()).resume();
    await Promise.all([callAll(orders, client, calls), streamAll(orders, client, streams)]);
  }
  const wallMs = Math.round(performance.now() - start);
  const outcome: Outcome = { calls, streams, connections, wallMs, probes };
  process.stdout.write(`result ${JSON.stringify(outcome)}\n`, () => process.exit());
}

async function callAll(orders: Orders, client: LoadedClient, counts: Counts): Promise<void> {
  const { calls, inFlight, burst, octets } = orders;
  const told = Math.max(1, Math.floor(calls / 100));
  let begun = 0;
  let settled = 0;
  const loop = async (until: number): Promise<void> => {
    const worker = async (): Promise<void> => {
      while (begun < until) {
        await counts.note(client.unary(`call ${++begun}`.padEnd(octets)));
        if (++settled % told === 0) process.stdout.write(`settled ${settled}\n`);
      }
    };
    await Promise.all(Array.from({ length: inFlight }, worker));
  };
  if (burst === undefined) return await loop(calls);
  for (let done = 0; done < calls; done += burst.calls) {
    await loop(done + burst.calls);
    await sleep(burst.fromPauseMs + ((burst.toPauseMs - burst.fromPauseMs) * done) / calls);
  }
}

async function streamAll({ streams }: Orders, client: LoadedClient, counts: Counts): Promise<void> {
  let begun = 0;
  const pause = (): Promise<void> => sleep(streams.intervalMs);
  const worker = async (): Promise<void> => {
    while (begun < streams.count) {
      await counts.note(client.stream(`stream ${++begun}`, streams.messages, pause));
    }
  };
  await Promise.all(Array.from({ length: streams.atOnce }, worker));
}

/** A call at each interval, until stdin ends. */
async function probe(everyMs: number, client: LoadedClient): Promise<readonly ProbeResult[]> {
  const results: ProbeResult[] = [];
  const running = new Set<Promise<void>>();
  const one = async (): Promise<void> => {
    const atMs = performance.timeOrigin + performance.now();
    let error = '';
    try {
      await client.unary('probe');
    } catch (failure) {
      error = client.failureText(failure);
    }
    results.push({ atMs, tookMs: performance.timeOrigin + performance.now() - atMs, error });
  };
  const timer = setInterval(() => {
    const call = one().finally(() => running.delete(call));
    running.add(call);
  }, everyMs);
  await new Promise((resolve) => process.stdin.on('end', resolve).resume());
  clearInterval(timer);
  await Promise.all(running);
  return results;
}
