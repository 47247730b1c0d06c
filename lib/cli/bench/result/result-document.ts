// What a shard of a load writes down, so that others can be added to it: one JSON object in one line for each part of its
// time, which holds what came since the line before. A result is the sum of its lines; one that lacks the last line was cut
// off. report/result-writer.ts writes it, check-document.ts checks it; here are its types and the version of its format.

import type { RateStage } from '../plan/load-plan.ts';
import type { MeasurementsDocument } from './measurements.ts';

/** The version of this format, which stands first in each line. Readers of one version refuse the others. */
export const RESULT_FORMAT = 1;

/** One line. */
export interface ResultDocument {
  /** RESULT_FORMAT. */
  readonly stublessBench: number;
  /** Of stubless, `0.1.0`. */
  readonly version: string;
  /** Of the process: its lines have it in common, and no other's have it. */
  readonly run: string;
  /** The number of the line among those of its run, from 0. */
  readonly line: number;
  /** `running`: more lines follow, unless the run is killed. `failed`: it could not begin; `error` says why. */
  readonly state: 'running' | 'finished' | 'interrupted' | 'failed';
  readonly error?: string;
  readonly shard: ShardDocument;
  /** What all shards do together; absent when the run failed before it was known. */
  readonly plan?: PlanDocument;
  /** `--start-at`, in milliseconds since 1970; null without. */
  readonly startAtMs: number | null;
  readonly machine: MachineDocument;
  readonly clock: ClockDocument;
  /** Milliseconds from the begin of the measured part until this line; at the end until its last call ended. */
  readonly elapsedMs: number;
  /** CPU time of the process in the measured part until this line, in milliseconds. */
  readonly cpuMs: number;
  readonly connections: number;
  readonly threads: ThreadsDocument;
  /** Of the time since the line before. */
  readonly measured: MeasurementsDocument;
}

/** Which part of the plan a run did: the first of four is `{ index: 1, of: 4 }`. */
export interface ShardDocument {
  readonly index: number;
  readonly of: number;
}

/** The whole plan, whichever part of it a run did. Two runs belong together when their plans are equal. */
export interface PlanDocument {
  readonly target: string;
  /** Its full name. */
  readonly method: string;
  readonly cardinality: string;
  readonly load: LoadDocument;
  /** How many connections were asked for; null for one a thread. */
  readonly connections: number | null;
  readonly messages: number;
  readonly messageIntervalMs: number;
  readonly timeoutMs: number | null;
  /** How many requests were given, and a hash of them (SHA-256, in hex). */
  readonly requests: { readonly count: number; readonly sha256: string };
  /** Other options that change what calls are or how they end, as they were given; secrets as short hashes. */
  readonly options: Readonly<Record<string, string>>;
}

/** A LoadPlan in JSON, where null stands for no limit. */
export interface LoadDocument {
  readonly kind: 'closed' | 'open';
  readonly calls: number | null;
  readonly durationMs: number | null;
  readonly warmUpMs: number;
  /** Of a closed loop. */
  readonly concurrency?: number;
  /** Of an open loop. */
  readonly maxInFlight?: number;
  readonly stages?: readonly StageDocument[];
}

export interface StageDocument extends Omit<RateStage, 'durationMs'> {
  readonly durationMs: number | null;
}

export interface MachineDocument {
  readonly host: string;
  /** `linux x64` */
  readonly platform: string;
  /** Cores that the process may use. */
  readonly cores: number;
  /** `node 20.19.0` */
  readonly runtime: string;
}

/** What the shard's clock said, in milliseconds since 1970, and how far it can be believed. */
export interface ClockDocument {
  /** When all was prepared, before it waited for its start. */
  readonly readyAtMs: number;
  /** When the measured part began; null before. */
  readonly startedAtMs: number | null;
  /** How far the clock was moved while the load ran, against time that only goes on: by NTP, or by hand. */
  readonly steppedMs: number;
  /**
   * The server's clock less this one, from the `date` of its responses: somewhere between the two. null where the server
   * sends none, or several servers do whose clocks differ.
   */
  readonly server: readonly [leastMs: number, greatestMs: number] | null;
}

export interface ThreadsDocument {
  readonly count: number;
  /** Threads that died, from 1, and why. What they had told before is counted. */
  readonly lost: readonly { readonly thread: number; readonly reason: string }[];
}
