// How long after an outage a client may take at most to find its server again, by the back-off that docs/connections.md
// promises: 1 s after the first failed attempt, then 1.6 times as long each time, give or take a fifth. Pure.

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
