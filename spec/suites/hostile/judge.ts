// Compares what was seen with what a case wants. Gives complaints; none means that the case passed.

import { type CallPlan, type CallSeen, type CaseSeen, CODE_NAMES, type HostileCase } from './hostile-case.ts';
import type { HostileServer } from './hostile-server.ts';
import { REPLY_TEXT } from './wire.ts';

/** docs/promises.md 1. */
const SETTLED_WITHIN_MS = 250;
const LATENESS_MS = 100;
/** The ordinary call behind a case may wait for the first back-off of a connection, a second and its jitter. */
const ORDINARY_WITHIN_MS = 4000;
/** A case in which a side had no turn for longer may have gone otherwise than it was meant to. */
const MOST_LOST_MS = 50;
/** A deadline that passes before this part of it is an early one; when the call began is not known to the moment. */
const EARLY_PART = 0.5;

/** Of many calls that fail alike, these are shown. */
const MOST_SHOWN = 4;

/** The calls of a case, in order. */
export function callsOf(one: HostileCase): readonly CallPlan[] {
  if (one.call === undefined) return [{}];
  return Array.isArray(one.call) ? one.call : [one.call as CallPlan];
}

/** Whether the machine left neither side waiting for so long that a deadline found its call elsewhere than it was to. */
export function wasUndisturbed(seen: CaseSeen, server: HostileServer): boolean {
  return seen.lostMs <= MOST_LOST_MS && server.lostMs <= MOST_LOST_MS;
}

export function judge(one: HostileCase, seen: CaseSeen, server: HostileServer): string[] {
  const complaints: string[] = [...server.complaints];
  const plans = callsOf(one);
  complaints.push(...judgeCall(one, plans[0], seen.calls[0], 0, server).map((text) => `the call ${text}`));
  const others = plans.slice(1).flatMap((plan, i) => {
    return judgeCall(one, plan, seen.calls[i + 1], i + 1, server).map((text) => `call ${i + 1} ${text}`);
  });
  complaints.push(...others.slice(0, MOST_SHOWN));
  if (others.length > MOST_SHOWN) complaints.push(`… and ${others.length - MOST_SHOWN} more like these`);
  complaints.push(...judgeAfter(one, seen.after, server));
  const { want, limits } = one;
  if (want.maxConnections !== undefined && server.connections > want.maxConnections) {
    complaints.push(`${server.connections} connections were made, wanted at most ${want.maxConnections}`);
  }
  if (limits !== undefined && seen.memoryMb > limits.memoryMb) {
    complaints.push(`memory grew by ${seen.memoryMb.toFixed(0)} MB, allowed are ${limits.memoryMb}`);
  }
  if (limits !== undefined && seen.cpuMs > limits.cpuMs) {
    complaints.push(`it took ${seen.cpuMs.toFixed(0)} ms of CPU, allowed are ${limits.cpuMs}`);
  }
  return complaints;
}

function judgeCall(
  one: HostileCase,
  plan: CallPlan,
  seen: CallSeen,
  index: number,
  server: HostileServer,
): string[] {
  const { want } = one;
  const complaints: string[] = [];
  const code = index === 0 ? want.code : (want.otherCodes ?? want.code);
  const codes = typeof code === 'string' ? [code] : code;
  const name = seen.code === undefined ? 'no code' : CODE_NAMES[seen.code];
  if (name === undefined || !codes.some((wanted) => wanted === name)) {
    complaints.push(
      `ended with ${name ?? seen.code} (${seen.origin ?? '?'}: ${seen.details}), wanted ${codes.join(' or ')}`,
    );
  }
  if (seen.complaint !== undefined) complaints.push(`is at odds with itself: ${seen.complaint}`);
  if (index === 0) {
    const { replies, details, origin } = want;
    const wanted = typeof replies === 'number' ? replies : JSON.stringify(replies);
    const got = typeof replies === 'number' ? seen.replies.length : JSON.stringify(seen.replies);
    if (wanted !== undefined && wanted !== got) complaints.push(`gave the replies ${got}, wanted ${wanted}`);
    if (details !== undefined && !details.test(seen.details)) {
      complaints.push(`has the details ${JSON.stringify(seen.details)}, wanted ${details}`);
    }
    if (origin !== undefined && seen.origin !== undefined && seen.origin !== origin) {
      complaints.push(`has the origin ${seen.origin}, wanted ${origin}`);
    }
  } else if (want.otherReplies !== undefined) {
    const [wanted, got] = [want.otherReplies, seen.replies].map((texts) => JSON.stringify(texts));
    if (wanted !== got) complaints.push(`gave the replies ${got}, wanted ${wanted}`);
  }
  complaints.push(...judgeTime(one, plan, seen, name, server));
  return complaints;
}

function judgeTime(
  one: HostileCase,
  plan: CallPlan,
  seen: CallSeen,
  code: string | undefined,
  { lostMs }: HostileServer,
): string[] {
  const endMs = Math.min(plan.timeoutMs ?? Infinity, plan.cancelAfterMs ?? Infinity);
  // What runs alone is measured by its CPU time.
  const usual = one.limits === undefined ? SETTLED_WITHIN_MS : Infinity;
  const within = one.want.withinMs ?? (endMs === Infinity ? usual : endMs + LATENESS_MS);
  if (seen.settledMs - lostMs > within) {
    const took = `${seen.settledMs.toFixed(0)} ms of event-loop time, ${lostMs.toFixed(0)} of them the server's`;
    return [`settled after ${took}, wanted within ${within}`];
  }
  if (code === 'DEADLINE_EXCEEDED' && seen.elapsedMs < (plan.timeoutMs ?? 0) * EARLY_PART) {
    return [`passed its deadline after ${seen.elapsedMs.toFixed(0)} ms of ${plan.timeoutMs}`];
  }
  return [];
}

function judgeAfter(one: HostileCase, after: CallSeen | undefined, server: HostileServer): string[] {
  const wanted = one.want.after ?? 'any';
  if (wanted === 'none' || after === undefined) return [];
  if (after.code !== 0 || after.replies[0] !== REPLY_TEXT) {
    const code = after.code === undefined ? 'no code' : CODE_NAMES[after.code];
    return [`the ordinary call behind it ended with ${code} (${after.details}): the client is poisoned`];
  }
  if (after.settledMs - server.lostMs > ORDINARY_WITHIN_MS) {
    return [`the ordinary call behind it took ${after.settledMs.toFixed(0)} ms: the client is slowed down`];
  }
  const isSame = server.lastAnswering === 0;
  if (wanted === 'same' && !isSame) return ['the connection was given up, though it was sound'];
  if (wanted === 'new' && isSame) return ['the connection was kept, though it had failed'];
  return [];
}
