// Makes the calls of a world: of all shapes, alone and in bursts, with what servers are to answer them.

import type { Chance } from './chance.ts';
import type { Answer, CallPlan, Shape, WorldKind } from './plan.ts';

const UNAVAILABLE = 14;
/** Statuses that servers answer with, beside UNAVAILABLE. */
const CODES: readonly number[] = [3, 5, 7, 8, 10, 13];

export function makeCalls(chance: Chance, kind: WorldKind, spanMs: number): CallPlan[] {
  const count = chance.is(0.25) ? chance.int(1, 5) : chance.int(6, 30);
  const isBursty = chance.is(0.4);
  const retries = retriesOf(chance, kind);
  let burstMs = 0;
  const calls = Array.from({ length: count }, (_, i) => {
    if (!isBursty || chance.is(0.25)) burstMs = chance.next() * spanMs;
    return makeCall(chance, i + 1, burstMs, kind, retries);
  });
  return calls.sort((a, b) => a.atMs - b.atMs);
}

function retriesOf(chance: Chance, kind: WorldKind): number {
  switch (kind) {
    case 'free':
      return chance.one([0, 0.3, 0.7]);
    case 'polite':
      return 0.1;
    case 'steady':
      return 0.8;
    case 'dead':
      return 0;
    default:
      return kind satisfies never;
  }
}

/** @param retries how likely a call has a policy for more than one attempt */
export function makeCall(
  chance: Chance,
  id: number,
  atMs: number,
  kind: WorldKind,
  retries: number,
): CallPlan {
  const shape = chance.weighed<Shape>([
    [6, 'unary'],
    [1, 'server'],
    [kind === 'steady' ? 3 : 1, 'client'],
    [1.5, 'bidi'],
  ]);
  const count = kind === 'polite' ? 1 : chance.int(1, 4);
  const answers = Array.from({ length: count }, () => makeAnswer(chance, kind));
  // One that is refused for ever is answered nothing.
  if (kind === 'steady' && answers[count - 1].kind === 'refuse') answers.push(PLAIN_ANSWER);
  const hasRetry = chance.is(retries);
  const hasHedging = !hasRetry && shape === 'unary' && chance.is(retries / 4);
  const isFree = kind === 'free';
  return {
    id,
    atMs,
    caller: `caller-${id % 4}`,
    shape,
    answers,
    timeoutMs: isFree ? chance.one([300, 2000, 10_000, 60_000]) : 60_000,
    waitForReady: chance.is(isFree ? 0.25 : 0.1),
    requestOctets: chance.weighed([
      [8, 0],
      [1, 3000],
      [kind === 'dead' ? 4 : 0.4, 200_000],
    ]),
    requests: shape === 'client' || shape === 'bidi' ? chance.int(1, 6) : 1,
    replies: shape === 'server' ? chance.int(0, 6) : 1,
    gapMs: chance.one([0, 5, 50, 400]),
    readDelayMs: chance.weighed([
      [6, 0],
      [1, 30],
    ]),
    cancelAfterMs: isFree && chance.is(0.08) ? chance.int(0, 1000) : undefined,
    retry: hasRetry
      ? {
          maxAttempts: chance.int(2, 5),
          initialBackoffMs: chance.one([10, 100, 1000]),
          idempotent: chance.is(0.5),
        }
      : undefined,
    hedging: hasHedging ? { maxAttempts: chance.int(2, 3), delayMs: chance.one([0, 30, 300]) } : undefined,
    compression: chance.is(0.03) ? 'gzip' : undefined,
  };
}

const PLAIN_ANSWER: Answer = { kind: 'ok', delayMs: 0, octets: 0 };

function makeAnswer(chance: Chance, kind: WorldKind): Answer {
  const delayMs = chance.weighed([
    [4, 0],
    [3, chance.int(1, 50)],
    [1, chance.int(100, 3000)],
  ]);
  const octets = chance.weighed([
    [8, 0],
    [1, 2000],
    [0.3, 150_000],
  ]);
  const ok: Answer = { kind: 'ok', delayMs, octets };
  if (kind === 'polite') return ok;
  // Some run on while their server falls silent.
  if (kind === 'dead') return chance.is(0.3) ? { kind: 'hang', afterHeaders: chance.is(0.5) } : ok;
  return chance.weighed<Answer>([
    [kind === 'steady' ? 5 : 12, ok],
    [3, { kind: 'status', code: UNAVAILABLE, delayMs, afterHeaders: chance.is(0.2) }],
    [
      1,
      {
        kind: 'status',
        code: UNAVAILABLE,
        delayMs,
        afterHeaders: false,
        pushbackMs: chance.one([-1, 0, 200, 2000]),
      },
    ],
    [1, { kind: 'status', code: chance.one(CODES), delayMs, afterHeaders: chance.is(0.5) }],
    [1.5, { kind: 'refuse' }],
    [1, { kind: 'reset', code: chance.one([1, 2, 8, 11]), delayMs, afterHeaders: chance.is(0.5) }],
    [kind === 'steady' ? 0 : 0.7, { kind: 'hang', afterHeaders: chance.is(0.5) }],
  ]);
}
