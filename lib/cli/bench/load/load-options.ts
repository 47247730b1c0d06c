// The options of how much load is made, and the plan that they are.

import type { MethodDescription } from '../../../index.ts';
import type { OptionGroup } from '../../command/command-definition.ts';
import { UsageError } from '../../command/failure.ts';
import { parseCount, parseDuration, parsePause, writeDuration } from '../../command/quantity.ts';
import { type LoadPlan, parseStages, type RateStage } from '../plan/load-plan.ts';

export interface LoadValues {
  readonly concurrency?: number;
  readonly total?: number;
  readonly duration?: number;
  readonly rps?: number;
  readonly ramp?: readonly RateStage[];
  readonly maxInFlight?: number;
  readonly connections?: number;
  readonly warmUp?: number;
  readonly messages?: number;
  readonly messageInterval?: number;
}

const DEFAULT_CONCURRENCY = 50;
const DEFAULT_DURATION_MS = 10_000;
const DEFAULT_MAX_IN_FLIGHT = 10_000;
const DEFAULT_WARM_UP_MS = 1000;

const parsePositive = (text: string): number => parseCount(text, 1);

function parseRate(text: string): number {
  const rate = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || !(rate > 0)) {
    throw new UsageError(`'${text}' is not a rate; write a number of calls per second above 0`);
  }
  return rate;
}

export const LOAD: OptionGroup = {
  title: 'Load',
  options: [
    {
      flags: '-c, --concurrency <number>',
      description: 'closed loop: this many callers, each starting its next call when the last one has ended',
      parse: parsePositive,
      fallback: String(DEFAULT_CONCURRENCY),
    },
    { flags: '-n, --total <number>', description: 'stop after this many calls', parse: parsePositive },
    {
      flags: '-z, --duration <time>',
      description: 'start calls for this long, then wait for those still running',
      parse: parseDuration,
      fallback: '10s, unless -n or --ramp is given',
    },
    {
      flags: '--rps <number>',
      description: 'open loop: this many calls a second, whether or not earlier ones have ended',
      parse: parseRate,
    },
    {
      flags: '--ramp <stages>',
      description:
        "open loop in stages: '100..500:30s;500:1m' climbs from 100 to 500 calls a second, then holds",
      parse: stages,
      write: writeStages,
    },
    {
      flags: '--max-in-flight <number>',
      description: 'open loop: the most calls to run at a time; any beyond that are counted but not made',
      parse: parsePositive,
      fallback: String(DEFAULT_MAX_IN_FLIGHT),
    },
    {
      flags: '--connections <number>',
      description:
        'spread the calls over this many connections; over HTTP/1.1, where each carries one call at a time, over this many pools of them',
      parse: parsePositive,
      fallback: '1',
    },
    {
      flags: '--warm-up <time>',
      description: 'make calls for this long before measuring',
      parse: parsePause,
      write: writeDuration,
      fallback: '1s, or none with -n',
    },
    {
      flags: '--messages <number>',
      description: 'messages to send in each call of a request stream',
      parse: parsePositive,
      fallback: 'all that are given',
    },
    {
      flags: '--message-interval <time>',
      description: 'pause between them',
      parse: parsePause,
      write: writeDuration,
      fallback: 'none',
    },
  ],
};

/** Throws a UsageError for options of streams beside a method of one request. */
export function checkMessages(
  { cardinality, fullName }: Pick<MethodDescription, 'cardinality' | 'fullName'>,
  { messages, messageInterval }: LoadValues,
): void {
  if (cardinality.startsWith('stream') || (messages ?? messageInterval) === undefined) return;
  throw new UsageError(`${fullName} takes one request: --messages and --message-interval are for streams`);
}

function stages(text: string): RateStage[] {
  try {
    return parseStages(text, parseDuration);
  } catch (error) {
    throw error instanceof RangeError ? new UsageError(error.message) : error;
  }
}

/** What `stages` reads as these. */
function writeStages(value: unknown): string {
  return (value as readonly RateStage[])
    .map(({ fromRate, toRate, durationMs }) => `${fromRate}..${toRate}:${writeDuration(durationMs)}`)
    .join(';');
}

/** What the options mean together. Throws a UsageError for those that contradict each other. */
export function loadPlan(options: LoadValues): LoadPlan {
  const { concurrency, rps, ramp, total, maxInFlight } = options;
  if (rps !== undefined && ramp !== undefined)
    throw new UsageError('--rps and --ramp cannot be used together');
  const isOpen = rps !== undefined || ramp !== undefined;
  if (isOpen && concurrency !== undefined) {
    throw new UsageError(
      '-c is for a closed loop, --rps and --ramp make an open one, whose calls --max-in-flight limits',
    );
  }
  if (!isOpen && maxInFlight !== undefined) {
    throw new UsageError('--max-in-flight is for --rps and --ramp; the callers of a closed loop are -c');
  }
  const needsEnd = total === undefined && ramp === undefined;
  const limits = {
    calls: total ?? Infinity,
    durationMs: options.duration ?? (needsEnd ? DEFAULT_DURATION_MS : Infinity),
    warmUpMs: options.warmUp ?? (total === undefined ? DEFAULT_WARM_UP_MS : 0),
  };
  if (!isOpen) return { kind: 'closed', concurrency: concurrency ?? DEFAULT_CONCURRENCY, ...limits };
  return {
    kind: 'open',
    stages: ramp ?? [{ fromRate: rps ?? 0, toRate: rps ?? 0, durationMs: Infinity }],
    maxInFlight: maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
    ...limits,
  };
}
