// Measures one row with one client, inside that client's process: warm-up, then CPU time and throughput
// without any clock in the loop, then latencies in a phase of their own. Knows no particular client.

import { performance } from 'node:perf_hooks';
import { type BenchClient, BIG_BODY_OCTETS, type Reply, SMALL_BODY_OCTETS } from './clients/client.ts';
import { type Figures, percentile } from './figures.ts';
import type { Row } from './rows.ts';

export interface Phases {
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly latencyMs: number;
}

/** One call of the row's kind, `onReply` called for each reply whose latency counts by itself. */
interface Operation {
  readonly once: (onReply: () => void) => PromiseLike<Reply | undefined>;
  /** The body that the reply must have. */
  readonly octets?: number;
}

const nothing = (): void => {};

function operationOf(client: Partial<BenchClient>, row: Row): Operation {
  const { unary, plainUnary, interceptedUnary, big, serverStream, clientStream, bidi } = client;
  switch (row.work) {
    case 'unary':
    case 'methods':
      if (unary) return { once: unary, octets: SMALL_BODY_OCTETS };
      break;
    case 'plain-unary':
      if (plainUnary) return { once: plainUnary, octets: SMALL_BODY_OCTETS };
      break;
    case 'intercepted-unary':
      if (interceptedUnary) return { once: interceptedUnary, octets: SMALL_BODY_OCTETS };
      break;
    case 'big':
      if (big) return { once: big, octets: BIG_BODY_OCTETS };
      break;
    case 'client-stream':
      if (clientStream) return { once: () => clientStream(row.messages), octets: SMALL_BODY_OCTETS };
      break;
    case 'server-stream':
      if (serverStream) return { once: () => readAll(serverStream, row.messages) };
      break;
    case 'bidi':
      if (bidi) return { once: (onReply) => bidi(row.messages, onReply).then(() => undefined) };
      break;
    case 'startup':
    case 'idle-streams':
    case 'transfer':
    case 'slow-reader':
      throw new Error(`${row.work} is not measured in a loop`);
    default:
      row.work satisfies never;
  }
  throw new Error(`this client cannot do ${row.work}`);
}

async function readAll(serverStream: BenchClient['serverStream'], messages: number): Promise<undefined> {
  const count = await serverStream(messages);
  if (count !== messages) throw new Error(`${count} replies instead of ${messages}`);
}

function check(reply: Reply | undefined, octets: number | undefined): void {
  const got = reply?.payload?.body?.length;
  if (octets !== undefined && got !== octets)
    throw new Error(`a reply of ${got} octets instead of ${octets}`);
}

/** Keeps `inFlight` calls running for `ms`, at least `leastCalls`; resolves with how many there were. */
async function keepRunning(
  ms: number,
  inFlight: number,
  leastCalls: number,
  operation: Operation,
): Promise<number> {
  const { once, octets } = operation;
  let isOver = false;
  let calls = 0;
  const timer = setTimeout(() => {
    isOver = true;
  }, ms);
  const lane = async () => {
    do {
      check(await once(nothing), octets);
      calls++;
    } while (!isOver || calls < leastCalls);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  clearTimeout(timer);
  return calls;
}

async function latencies(row: Row, ms: number, { once }: Operation): Promise<Pick<Figures, 'p50' | 'p99'>> {
  const measuresEachCall = row.messages === 1;
  const eachReply = row.work === 'bidi';
  if (!measuresEachCall && !eachReply) return {}; // the messages of a stream arrive in batches
  const micros: number[] = [];
  const end = performance.now() + ms;
  const lane = async () => {
    let now = performance.now();
    const lap = () => {
      const then = now;
      now = performance.now();
      micros.push((now - then) * 1000);
    };
    do {
      await once(eachReply ? lap : nothing);
      if (measuresEachCall) lap();
    } while (performance.now() < end);
  };
  await Promise.all(Array.from({ length: row.inFlight }, lane));
  if (micros.length === 0) return {};
  const sorted = Float64Array.from(micros).sort();
  return { p50: percentile(sorted, 0.5), p99: percentile(sorted, 0.99) };
}

/** CPU time, throughput and latency of calls in a loop. */
export async function measureCalls(client: Partial<BenchClient>, row: Row, phases: Phases): Promise<Figures> {
  const operation = operationOf(client, row);
  await keepRunning(phases.warmUpMs, row.inFlight, row.warmUpCalls, operation);
  const cpuBefore = process.cpuUsage();
  const wallBefore = performance.now();
  const calls = await keepRunning(phases.measureMs, row.inFlight, 0, operation);
  const wallMs = performance.now() - wallBefore;
  const cpu = process.cpuUsage(cpuBefore);
  const operations = calls * row.messages;
  return {
    cost: (cpu.user + cpu.system) / operations,
    rate: (operations / wallMs) * 1000,
    ...(await latencies(row, phases.latencyMs, operation)),
  };
}

/** Resident memory after everything unused was given back. Needs --expose-gc. */
async function residentKiB(): Promise<number> {
  if (globalThis.gc === undefined) throw new Error('memory is measured with --expose-gc');
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return process.memoryUsage.rss() / 1024;
}

/** What an open idle stream adds to the resident memory. */
export async function measureIdleStreams(client: BenchClient, row: Row): Promise<Figures> {
  const { openIdle } = client;
  if (openIdle === undefined) throw new Error('this client cannot leave a stream open');
  const held: unknown[] = [];
  const openers = 100;
  const openMore = (count: number) => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) held.push(await openIdle());
    };
    return Promise.all(Array.from({ length: openers }, lane));
  };
  await openMore(row.count / 20); // code compiled, tables grown, before the first look
  const before = await residentKiB();
  await openMore(row.count);
  const after = await residentKiB();
  if (held.length < row.count) throw new Error('streams were lost');
  return { cost: (after - before) / row.count };
}
