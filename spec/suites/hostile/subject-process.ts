// The process that the client under test lives in, alone with it: makes the calls that the runner asks for and
// reports what it saw, what it cost, and everything nobody caught.
//
// usage: forked by run.ts with the name of the subject as its argument

import { LoopClock } from '../../support/time/loop-clock.ts';
import type { CallPlan, CallSeen, CaseSeen, ClientPlan } from './hostile-case.ts';
import type { MakeSubject, Subject } from './subject.ts';

/** What the runner asks for. */
export interface CaseOrder {
  readonly id: number;
  readonly port: number;
  readonly client: ClientPlan;
  readonly calls: readonly CallPlan[];
  readonly spacingMs: number;
  readonly isInTurn: boolean;
  readonly isFollowed: boolean;
  /** The calls of the case are to take that long. */
  readonly lastsMs: number;
  /** It runs alone: tell its memory and CPU time. */
  readonly isMeasured: boolean;
}

/** What the process tells. */
export type Report =
  | { readonly kind: 'ready' }
  | { readonly kind: 'seen'; readonly id: number; readonly seen: CaseSeen }
  /** Nothing could be seen: the client cannot be made or closed. */
  | { readonly kind: 'failed'; readonly id: number; readonly text: string }
  | { readonly kind: 'uncaught'; readonly text: string }
  | { readonly kind: 'memory'; readonly memoryMb: number };

/** A call that takes longer hangs, on a machine that has much else to do as well; what is too long is for the judge. */
const HANG_MS = 10_000;
const FLOOD_RETRIES = 2;
const SAMPLE_MS = 10;
const MEBIBYTE = 1024 * 1024;
const HANGS: CallSeen = {
  code: undefined,
  details: 'the call never settled',
  origin: undefined,
  replies: [],
  settledMs: HANG_MS,
  elapsedMs: HANG_MS,
};

function report(one: Report): void {
  process.send?.(one);
}

function withinHangTime(call: Promise<CallSeen>, patienceMs: number): Promise<CallSeen> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<CallSeen>((resolve) => {
    timer = setTimeout(() => resolve(HANGS), patienceMs);
  });
  return Promise.race([call, hang]).finally(() => clearTimeout(timer));
}

async function makeCalls(subject: Subject, order: CaseOrder): Promise<CallSeen[]> {
  const calls: Promise<CallSeen>[] = [];
  for (const plan of order.calls) {
    if (order.spacingMs > 0 && calls.length > 0) {
      await new Promise((resolve) => setTimeout(resolve, order.spacingMs));
    }
    // A flood may keep the loop busy for long; it is still no hang.
    const patienceMs = (order.isMeasured ? 2 * HANG_MS : HANG_MS) + order.lastsMs;
    const call = withinHangTime(subject.call(plan), patienceMs);
    calls.push(call);
    if (order.isInTurn) await call;
  }
  return Promise.all(calls);
}

/** Runs something while it watches the memory of the process; gives the growth at its highest point. */
async function measured<T>(run: () => Promise<T>): Promise<{ result: T; memoryMb: number; cpuMs: number }> {
  globalThis.gc?.();
  const before = process.memoryUsage.rss();
  let most = before;
  const sampler = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, SAMPLE_MS);
  const cpuBefore = process.cpuUsage();
  const result = await run();
  clearInterval(sampler);
  const { user, system } = process.cpuUsage(cpuBefore);
  most = Math.max(most, process.memoryUsage.rss());
  return { result, memoryMb: (most - before) / MEBIBYTE, cpuMs: (user + system) / 1000 };
}

async function run(order: CaseOrder, makeSubject: MakeSubject, clock: LoopClock): Promise<CaseSeen> {
  const lostBeforeMs = clock.lostMs;
  const subject = await makeSubject(order.port, order.client, clock);
  const work = async (): Promise<Pick<CaseSeen, 'calls' | 'after'>> => {
    const calls = await makeCalls(subject, order);
    if (!order.isFollowed) return { calls, after: undefined };
    let after = await withinHangTime(subject.ordinaryCall(), 2 * HANG_MS);
    // In the middle of a flood a call may be lost with the connection; one behind it may not.
    for (let i = 0; i < FLOOD_RETRIES && order.isMeasured && after.code !== 0; i++) {
      after = await withinHangTime(subject.ordinaryCall(), 2 * HANG_MS);
    }
    return { calls, after };
  };
  try {
    if (!order.isMeasured) {
      const seen = await work();
      return { ...seen, memoryMb: 0, cpuMs: 0, lostMs: clock.lostMs - lostBeforeMs };
    }
    const { result, memoryMb, cpuMs } = await measured(work);
    return { ...result, memoryMb, cpuMs, lostMs: clock.lostMs - lostBeforeMs };
  } finally {
    await subject.close();
  }
}

async function subjectNamed(name: string | undefined): Promise<MakeSubject> {
  if (name === 'grpc-js') return (await import('./grpc-js-subject.ts')).grpcJsSubject;
  return (await import('./stubless-subject.ts')).stublessSubject;
}

if (process.send !== undefined) {
  process.on('uncaughtException', (error) => {
    report({ kind: 'uncaught', text: `uncaught exception: ${error.stack ?? error.message}` });
  });
  process.on('unhandledRejection', (reason) => {
    report({ kind: 'uncaught', text: `unhandled rejection: ${String(reason)}` });
  });
  const clock = new LoopClock();
  const makeSubject = await subjectNamed(process.argv[2]).catch((error: unknown) => {
    console.error(error);
    // Without a subject there is nothing to run, and the runner says so.
    process.exit(1);
  });
  process.on('message', (order: CaseOrder | 'memory') => {
    if (order === 'memory') {
      globalThis.gc?.();
      report({ kind: 'memory', memoryMb: process.memoryUsage.rss() / MEBIBYTE });
      return;
    }
    run(order, makeSubject, clock).then(
      (seen) => report({ kind: 'seen', id: order.id, seen }),
      (error: unknown) => report({ kind: 'failed', id: order.id, text: String(error) }),
    );
  });
  report({ kind: 'ready' });
}
