// How long after an outage a client may take at most to find its server again, by the back-off that docs/connections.md
// promises: 1 s after the first failed attempt, then 1.6 times as long each time, give or take a fifth; and how much of that
// a busy machine took from it. Pure.

const FIRST_MS = 1000;
const FACTOR = 1.6;
const JITTER = 0.2;
const MAX_MS = 120_000;

/**
 * The latest moment of the attempt that succeeds, in milliseconds since the first attempt, which failed when the outage
 * began.
 */
export function latestRecovery(outageMs: number): number {
  let latest = 0;
  let earliestMs = 0;
  let latestMs = 0;
  // Each attempt that may have been the last one to fail: the next one is the one that succeeds.
  for (let wait = FIRST_MS; earliestMs < outageMs; wait = Math.min(wait * FACTOR, MAX_MS)) {
    const nextLatestMs = latestMs + wait * (1 + JITTER);
    if (nextLatestMs >= outageMs)
      latest = Math.max(latest, Math.min(nextLatestMs, outageMs + wait * (1 + JITTER)));
    earliestMs += wait * (1 - JITTER);
    latestMs = nextLatestMs;
  }
  return latest;
}

/** Timers are late by some milliseconds on any machine. */
const PUNCTUAL_MS = 10;

/**
 * By how much the timers of a process were late within a time, all in all: of one that goes off at each interval.
 * @param beatsMs when it went off, in order
 */
export function lateness(
  beatsMs: readonly number[],
  everyMs: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): number {
  let lateMs = 0;
  for (const [i, beatMs] of beatsMs.entries()) {
    const previousMs = beatsMs[i - 1];
    if (previousMs === undefined || beatMs <= fromMs || previousMs >= toMs) continue;
    const gapMs = beatMs - previousMs - everyMs;
    if (gapMs > PUNCTUAL_MS) lateMs += gapMs;
  }
  return lateMs;
}
