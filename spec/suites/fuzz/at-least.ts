// How many runs a property gets that sets its own number: FUZZ_RUNS (see run.ts) raises it and never lowers it.

/** `usual`, or FUZZ_RUNS where that is more. */
export function atLeast(usual: number): number {
  const runs = Number(process.env['FUZZ_RUNS']);
  return Number.isSafeInteger(runs) ? Math.max(usual, runs) : usual;
}
