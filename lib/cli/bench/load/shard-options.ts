// The options of a load that several threads or processes make together, and which part of it falls to this one.

import { parseTimestamp } from '../../../schema/codec/json/time-text.ts';
import type { OptionGroup } from '../../command/command-definition.ts';
import { UsageError } from '../../command/failure.ts';
import type { Environment } from '../../command/io.ts';
import { parseCount, parseDuration } from '../../command/quantity.ts';
import type { LoadPlan } from '../plan/load-plan.ts';
import { MAX_SHARDS, mostParts, type PlanPart, planOfPart, WHOLE } from '../plan/plan-part.ts';
import { type GateAddress, parseGateAddress } from '../start/gate-words.ts';
import { coresHere } from './cores.ts';

export interface ShardValues {
  readonly threads?: number | 'auto';
  readonly shard?: ShardChoice;
  readonly startAt?: number;
  readonly startGate?: GateAddress;
  readonly gateTimeout?: number;
  readonly result?: string;
}

interface ShardChoice {
  /** From 1; `job` for what Kubernetes gives a pod of an Indexed Job. */
  readonly index: number | 'job';
  readonly of: number;
}

/** Each takes some 20 MB. */
const MAX_THREADS = 256;
/** What Kubernetes sets in the pods of an Indexed Job, from 0. */
const JOB_INDEX = 'JOB_COMPLETION_INDEX';

export const SHARDS: OptionGroup = {
  title: 'Several threads and machines',
  options: [
    {
      flags: '--threads <number>',
      description:
        'divide the load among this many threads, a client each; auto: as many as there are cores, less one for a server on this machine',
      parse: (text) => (text === 'auto' ? 'auto' : parseCount(text, 1, MAX_THREADS)),
      fallback: '1',
    },
    {
      flags: '--shard <i/n>',
      description: `make the i-th of n parts of the load, 1/4 to 4/4, and write its result for 'bench merge'; job/4 takes i from ${JOB_INDEX}`,
      parse: parseShard,
    },
    {
      flags: '--start-at <time>',
      description:
        'begin when the clock says so, for all shards alike: 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970',
      parse: parseTime,
      fallback: 'at once',
    },
    {
      flags: '--start-gate <host:port>',
      description:
        'begin when all shards are ready: shard 1 waits for the others on this port (7411 where there is none), and they come to it',
      parse: parseGateAddress,
    },
    {
      flags: '--gate-timeout <time>',
      description: 'begin without those that have not come by then',
      parse: parseDuration,
      fallback: '10m',
    },
    {
      flags: '--result <file>',
      description:
        "write what was measured so that 'bench merge' can add it up, a line every 10 s; - is standard output, in place of the report",
      fallback: '- with --shard, otherwise none',
      completion: 'file',
    },
  ],
};

function parseShard(text: string): ShardChoice {
  const match = /^(\d+|job)\/(\d+)$/.exec(text);
  const of = Number(match?.[2]);
  const index = match?.[1] === 'job' ? 'job' : Number(match?.[1]);
  if (match === null || of < 1 || index === 0) {
    throw new UsageError(`'${text}' is not a shard; write 1/4 for the first of four, up to 4/4, or job/4`);
  }
  if (of > MAX_SHARDS) throw new UsageError(`'${text}' is more than ${MAX_SHARDS} shards`);
  if (index !== 'job' && index > of) {
    throw new UsageError(`'${text}' is not a shard: of ${of} the last is ${of}/${of}`);
  }
  return { index, of };
}

/** Numbers below are seconds. */
const LEAST_MILLISECONDS = 1e11;

function parseTime(text: string): number {
  if (/^\d{9,15}(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    return number < LEAST_MILLISECONDS ? number * 1000 : number;
  }
  const time = parseTimestamp(text);
  if (time === undefined) {
    throw new UsageError(
      `'${text}' is not a time; write 2026-01-31T12:00:00Z, or seconds or milliseconds since 1970`,
    );
  }
  return Number(time.seconds) * 1000 + time.nanos / 1e6;
}

export const DEFAULT_GATE_TIMEOUT_MS = 600_000;

/** Throws a UsageError for options of a common begin that say nothing, or two things. */
export function checkStart({ shard, startAt, startGate, gateTimeout }: ShardValues): void {
  if (startGate === undefined) {
    if (gateTimeout !== undefined) {
      throw new UsageError('--gate-timeout is for --start-gate, which was not given');
    }
    return;
  }
  if (startAt !== undefined) {
    throw new UsageError('--start-at and --start-gate cannot be used together: each says when to begin');
  }
  if (shard === undefined) {
    throw new UsageError('--start-gate is where shards meet; say which this is, with --shard i/n');
  }
}

/** Which part of the plan this process makes. */
export function shardOf({ shard }: ShardValues, env: Environment): PlanPart {
  if (shard === undefined) return WHOLE;
  const { index, of } = shard;
  if (index !== 'job') return { index: index - 1, of };
  const given = env[JOB_INDEX];
  if (given === undefined || !/^\d+$/.test(given) || Number(given) >= of) {
    const what = given === undefined ? 'is not set' : `is '${given}'`;
    throw new UsageError(
      `--shard job/${of} needs ${JOB_INDEX}, which ${what}; Kubernetes sets it from 0 to ${of - 1} in the pods of an Indexed Job`,
    );
  }
  return { index: Number(given), of };
}

/** Throws a UsageError for a plan that cannot be divided so often: a part would have nothing to do. */
export function checkShard(plan: LoadPlan, { of }: PlanPart): void {
  const { parts, why } = mostParts(plan);
  if (of > parts) throw new UsageError(`${of} shards cannot share ${why}: give each at least one`);
}

/**
 * In how many threads a shard is made. Throws a UsageError for more than it can be divided among.
 * @param isServerHere the server is on this machine, and needs a core
 */
export function threadsOf(
  { threads = 1 }: ShardValues,
  plan: LoadPlan,
  shard: PlanPart,
  isServerHere: boolean,
  cores: number = coresHere(),
): number {
  const { parts, why } = mostParts(planOfPart(plan, shard));
  if (threads === 'auto') return Math.max(1, Math.min(parts, cores - (isServerHere ? 1 : 0)));
  if (threads > parts) {
    const whole = shard.of === 1 ? '' : ' of this shard';
    throw new UsageError(`--threads ${threads} cannot share ${why}${whole}: give each at least one`);
  }
  return threads;
}
