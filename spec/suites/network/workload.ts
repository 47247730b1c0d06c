// Calls of every kind over a network that cannot be trusted, and what each must come to (docs/promises.md 1, 3, 4 and
// 10): it settles within its deadline and 100 ms, with a status there is, and an OK is one.

import { setImmediate as turn } from 'node:timers/promises';
import { type Client, RpcError } from '../../../lib/index.ts';

/** Sooner than some of what is done to the network. */
const TIMEOUT_MS = 250;
/** Of event-loop time; what the loop itself was late comes on top. */
const SLACK_MS = 100;
const LOOP_CHECK_MS = 5;
/** Calls that have not settled so long after their deadline are stuck. */
const WATCHDOG_MS = 5000;

const SMALL = new Uint8Array(20).fill(1);
const LARGE = new Uint8Array(150_000).fill(2);

function same(given: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(given, wanted) !== 0) throw new Error(`${given.length} octets that were not sent`);
}

type Call = (client: Client, options: { readonly timeoutMs: number }) => Promise<unknown>;

/** Each rejects with the call's RpcError, or an Error of its own when an OK is none. */
const CALLS: Readonly<Record<string, Call>> = {
  async small(client, options) {
    same((await client.request('Echo', { data: SMALL }, options)).data, SMALL);
  },
  async large(client, options) {
    same((await client.request('Echo', { data: LARGE }, options)).data, LARGE);
  },
  async down(client, options) {
    const replies = await client.request('Down', { chunks: 10, octets: 3000 }, options).toArray();
    if (replies.length !== 10) throw new Error(`OK after ${replies.length} of 10 replies`);
    for (const [i, { data }] of replies.entries()) same(data, new Uint8Array(3000).fill(i));
  },
  async up(client, options) {
    const chunks = Array.from({ length: 10 }, () => ({ data: new Uint8Array(3000) }));
    const size = await client.request('Up', chunks, options);
    if (size.chunks !== 10 || size.octets !== 30_000) throw new Error(`OK, but ${JSON.stringify(size)}`);
  },
  async both(client, options) {
    const call = client.open('Both', options);
    for (let i = 0; i < 5; i++) {
      await call.write({ data: SMALL });
      const reply = await call.read();
      if (reply === undefined) {
        const { code } = await call.status;
        throw new Error(`the stream ended early with ${code}`);
      }
      same(reply.data, SMALL);
    }
    await call.end();
    if ((await call.read()) !== undefined) throw new Error('a reply that nobody sent');
  },
  async cancelled(client, options) {
    const call = client.request('Down', { chunks: 1000, octets: 1000 }, options);
    await Promise.race([call.headers, turn()]);
    call.cancel();
    await call.toArray();
  },
  async left(client, options) {
    for await (const _ of client.request('Down', { chunks: 1000, octets: 1000 }, options)) break;
  },
};

export interface WorkloadResult {
  readonly calls: number;
  readonly ok: number;
  /** Statuses by name. */
  readonly statuses: Readonly<Record<string, number>>;
  /** By how much the latest call missed its deadline; below zero when none did. */
  readonly latestMs: number;
  /** What was promised and not kept. */
  readonly broken: readonly string[];
}

/** Runs `rounds` times each kind of call, all at once. */
export async function runWorkload(
  client: Client,
  rounds: number,
  timeoutMs: number = TIMEOUT_MS,
): Promise<WorkloadResult> {
  let lagMs = 0;
  let checkedMs = performance.now();
  const lagTimer = setInterval(() => {
    const now = performance.now();
    lagMs = Math.max(lagMs, now - checkedMs - LOOP_CHECK_MS);
    checkedMs = now;
  }, LOOP_CHECK_MS);
  const broken: string[] = [];
  const statuses: Record<string, number> = {};
  let ok = 0;
  let latestMs = -Infinity;
  const onUnhandled = (reason: unknown): void => void broken.push(`unhandled rejection: ${String(reason)}`);
  process.on('unhandledRejection', onUnhandled);

  const runs = Object.entries(CALLS).flatMap(([name, call]) =>
    Array.from({ length: rounds }, async () => {
      const started = performance.now();
      try {
        await call(client, { timeoutMs });
        ok++;
      } catch (error) {
        if (!RpcError.is(error)) broken.push(`${name}: ${String(error)}`);
        else if (!Number.isInteger(error.code) || error.code < 1 || error.code > 16) {
          broken.push(`${name}: the code ${error.code}`);
        } else statuses[error.codeName] = (statuses[error.codeName] ?? 0) + 1;
      }
      const lateMs = performance.now() - started - timeoutMs;
      latestMs = Math.max(latestMs, lateMs);
      if (lateMs > SLACK_MS + lagMs)
        broken.push(`${name}: settled ${Math.round(lateMs)} ms after its deadline`);
    }),
  );
  const stuckMs = timeoutMs + WATCHDOG_MS;
  let watchdog: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    watchdog = setTimeout(() => {
      broken.push(`calls were not settled after ${stuckMs} ms`);
      resolve();
    }, stuckMs);
  });
  await Promise.race([Promise.all(runs), late]);
  clearTimeout(watchdog);
  clearInterval(lagTimer);
  await turn();
  process.off('unhandledRejection', onUnhandled);
  const { openStreams, queuedCalls } = client.channel;
  if (openStreams !== 0 || queuedCalls !== 0) {
    broken.push(`${openStreams} streams and ${queuedCalls} queued calls are left`);
  }
  return { calls: runs.length, ok, statuses, latestMs, broken };
}

/** Calls until one succeeds again; false when none does in time. */
export async function recovers(client: Client, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (performance.now() < deadline) {
    const { code } = await client.request('Echo', { data: SMALL }, { timeoutMs: 1000, waitForReady: true })
      .status;
    if (code === 0) return true;
  }
  return false;
}
