// How much load, for how long: the options of `bench`, complete and checked. It makes no calls.

/** A part of an open loop: the rate goes evenly from one to the other. */
export interface RateStage {
  /** Calls a second. */
  readonly fromRate: number;
  readonly toRate: number;
  readonly durationMs: number;
}

/** What ends the load: whichever comes first. */
interface LoadLimits {
  /** Calls to make, warm-up not counted; Infinity for no limit. */
  readonly calls: number;
  /** Milliseconds in which calls are begun, warm-up not counted; Infinity for no limit. */
  readonly durationMs: number;
}

/** A closed loop: so many callers, each making its next call when its last has ended. */
export interface ClosedLoop extends LoadLimits {
  readonly kind: 'closed';
  readonly concurrency: number;
  readonly warmUpMs: number;
}

/** An open loop: calls begin when the clock says, whether earlier ones have ended or not. */
export interface OpenLoop extends LoadLimits {
  readonly kind: 'open';
  readonly stages: readonly RateStage[];
  /** Calls that may run at a time; those that would be more are counted as dropped, not made. */
  readonly maxInFlight: number;
  readonly warmUpMs: number;
}

export type LoadPlan = ClosedLoop | OpenLoop;

/** How many calls an open loop has planned to begin in its first `ms`. */
export function plannedCalls(stages: readonly RateStage[], ms: number): number {
  let calls = 0;
  let startMs = 0;
  for (const { fromRate, toRate, durationMs } of stages) {
    const inStageMs = Math.min(ms - startMs, durationMs);
    if (inStageMs <= 0) break;
    const slope = durationMs === Infinity ? 0 : (toRate - fromRate) / durationMs;
    calls += (fromRate * inStageMs + (slope * inStageMs * inStageMs) / 2) / 1000;
    startMs += durationMs;
  }
  return calls;
}

/**
 * When an open loop plans its call `index` (from 0), in milliseconds after the start; Infinity after its last.
 * The inverse of `plannedCalls`.
 */
export function plannedTimeMs(stages: readonly RateStage[], index: number): number {
  let remaining = index;
  let startMs = 0;
  for (const { fromRate, toRate, durationMs } of stages) {
    const calls = durationMs === Infinity ? Infinity : (((fromRate + toRate) / 2) * durationMs) / 1000;
    if (remaining < calls) return startMs + timeInStage(fromRate, toRate, durationMs, remaining);
    remaining -= calls;
    startMs += durationMs;
  }
  return Infinity;
}

/** Milliseconds into a stage at which it has begun `calls`: fromRate·t + slope·t²/2 = calls. */
function timeInStage(fromRate: number, toRate: number, durationMs: number, calls: number): number {
  const slope = durationMs === Infinity ? 0 : (toRate - fromRate) / durationMs;
  if (slope === 0) return (calls * 1000) / fromRate;
  const root = Math.sqrt(Math.max(0, fromRate * fromRate + 2 * slope * calls * 1000));
  return (root - fromRate) / slope;
}

/** The milliseconds of all stages. */
export function durationOf(stages: readonly RateStage[]): number {
  return stages.reduce((sum, stage) => sum + stage.durationMs, 0);
}

/**
 * Stages as they are written: `100:10s` holds 100 calls a second for 10 seconds, `100..500:30s` goes from 100 to
 * 500 within 30, and `;` or `,` stands between stages. Errors: RangeError that quotes the stage.
 * @param parseDuration milliseconds of the text behind the colon
 */
export function parseStages(text: string, parseDuration: (text: string) => number): RateStage[] {
  return text.split(/[;,]/).map((part) => {
    const match = /^\s*(\d+(?:\.\d+)?)(?:\.\.(\d+(?:\.\d+)?))?:(\S+)\s*$/.exec(part);
    if (match === null) {
      throw new RangeError(
        `'${part.trim()}' is not a stage; write rate:time, as in 100:10s, or rate..rate:time, as in 100..500:30s`,
      );
    }
    const fromRate = Number(match[1]);
    const toRate = match[2] === undefined ? fromRate : Number(match[2]);
    const durationMs = parseDuration(match[3] ?? '');
    if (!(durationMs > 0) || durationMs === Infinity) {
      throw new RangeError(`the stage '${part.trim()}' must last longer than 0, and not for ever`);
    }
    if (fromRate === 0 && toRate === 0) throw new RangeError(`the stage '${part.trim()}' makes no calls`);
    return { fromRate, toRate, durationMs };
  });
}
