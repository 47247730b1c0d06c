// Makes the calls of a load plan at the planned times, and measures them. It is told what a call is.
//
// A closed loop measures each call from its own start. An open loop measures from when the call was planned: what a
// slow server, or a busy client, makes callers wait before their call begins counts too (no coordinated omission).

import { performance } from 'node:perf_hooks';
import { cpuUsage } from 'node:process';
import {
  type ClosedLoop,
  durationOf,
  type LoadPlan,
  type OpenLoop,
  plannedTimeMs,
} from '../plan/load-plan.ts';
import type { LoadRun } from '../result/load-run.ts';
import { Measurements, type NameFailure } from '../result/measurements.ts';

/** Begins the call `index`; settles when it has ended. It counts the messages itself. */
export type MakeCall = (index: number, measurements: Measurements) => PromiseLike<unknown>;

export class LoadGenerator {
  readonly #plan: LoadPlan;
  readonly #makeCall: MakeCall;
  readonly #nameFailure: NameFailure;
  #measurements: Measurements;
  #startMs = 0;
  #calls = 0;
  #planned = 0;
  #running = 0;
  #isWarm = false;
  #isStopping = false;
  #isInterrupted = false;
  #lastEndMs = 0;
  #startCpuMs = 0;
  #onDone: (() => void) | undefined;

  constructor(plan: LoadPlan, makeCall: MakeCall, nameFailure: NameFailure) {
    this.#plan = plan;
    this.#makeCall = makeCall;
    this.#nameFailure = nameFailure;
    this.#measurements = new Measurements(0);
  }

  /** What has been measured so far; during the warm-up, the warm-up's. */
  get measurements(): Measurements {
    return this.#measurements;
  }

  get isWarmingUp(): boolean {
    return !this.#isWarm;
  }

  /** Milliseconds since the measured part began, or since the warm-up did. */
  get elapsedMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Starts no more calls, and resolves `run` without waiting for those still running. */
  interrupt(): void {
    this.#isInterrupted = true;
    this.#isStopping = true;
    this.#onDone?.();
  }

  /** Makes all calls of the plan and waits for them. Once. */
  async run(): Promise<LoadRun> {
    if (this.#plan.warmUpMs > 0 && !this.#isStopping) await this.#phase(this.#plan.warmUpMs, Infinity);
    this.#isWarm = true;
    if (!this.#isStopping) await this.#phase(this.#plan.durationMs, this.#plan.calls);
    return {
      measurements: this.#measurements,
      elapsedMs: Math.max(0, this.#lastEndMs - this.#startMs),
      cpuMs: cpuMs() - this.#startCpuMs,
      isInterrupted: this.#isInterrupted,
      unfinished: this.#measurements.inFlight,
    };
  }

  /** Resolves when so many calls, or those of so much time, have all ended. */
  #phase(durationMs: number, calls: number): Promise<void> {
    this.#startMs = performance.now();
    this.#lastEndMs = this.#startMs;
    this.#startCpuMs = cpuMs();
    this.#measurements = new Measurements(this.#startMs);
    this.#planned = 0;
    return new Promise((resolve) => {
      let timer: NodeJS.Timeout | undefined;
      let isOver = false;
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      const end = (): void => {
        isOver = true;
        if (this.#running === 0) done();
      };
      this.#onDone = done;
      const isEnding = (): boolean => isOver || this.#isStopping;
      if (durationMs !== Infinity) timer = setTimeout(end, durationMs);
      const onEnd = (): void => {
        if (this.#running === 0 && (isEnding() || this.#planned >= calls)) done();
      };
      if (this.#plan.kind === 'closed') this.#closed(this.#plan, calls, isEnding, onEnd);
      else this.#open(this.#plan, calls, isEnding, end, onEnd);
    });
  }

  #closed(plan: ClosedLoop, calls: number, isEnding: () => boolean, onEnd: () => void): void {
    const next = (hasFailed: boolean): void => {
      if (isEnding() || this.#planned >= calls) onEnd();
      // Calls that fail at once would never let the event loop go on.
      else if (hasFailed) setImmediate(next, false);
      else {
        this.#planned++;
        this.#begin(performance.now(), next);
      }
    };
    for (let caller = 0; caller < plan.concurrency && this.#planned < calls; caller++) next(false);
  }

  #open(plan: OpenLoop, calls: number, isEnding: () => boolean, end: () => void, onEnd: () => void): void {
    // The warm-up has the rate with which the first stage begins; one that climbs from 0 has nothing to warm up with.
    const first = plan.stages[0];
    const stages = this.#isWarm
      ? plan.stages
      : [
          {
            fromRate: first?.fromRate || first?.toRate || 1,
            toRate: first?.fromRate || first?.toRate || 1,
            durationMs: Infinity,
          },
        ];
    const lastMs = durationOf(stages);
    const turn = (): void => {
      if (isEnding()) return;
      const nowMs = performance.now() - this.#startMs;
      let dueMs = plannedTimeMs(stages, this.#planned);
      while (dueMs <= nowMs && this.#planned < calls) {
        this.#planned++;
        if (this.#running >= plan.maxInFlight) this.#measurements.dropped++;
        else {
          this.#measurements.lateness.record(nowMs - dueMs);
          this.#begin(this.#startMs + dueMs, onEnd);
        }
        dueMs = plannedTimeMs(stages, this.#planned);
      }
      if (this.#planned >= calls || (dueMs === Infinity && nowMs >= lastMs)) {
        end();
        return;
      }
      // A timer may be a millisecond late, which is more than many servers take: near the time, turn by turn.
      const waitMs = Math.min(dueMs, Math.max(lastMs, nowMs)) - nowMs;
      if (waitMs > POLLED_MS) setTimeout(turn, waitMs - POLLED_MS);
      else setImmediate(turn);
    };
    turn();
  }

  /** @param startMs from when on the call is measured */
  #begin(startMs: number, onEnd: (hasFailed: boolean) => void): void {
    const measurements = this.#measurements;
    measurements.onBegin(performance.now());
    this.#running++;
    const ended = (nowMs: number): void => {
      this.#running--;
      this.#lastEndMs = nowMs;
    };
    const onFailure = (error: unknown): void => {
      if (this.#isInterrupted) return;
      const nowMs = performance.now();
      measurements.onFailure(this.#nameFailure(error), nowMs - startMs, nowMs);
      ended(nowMs);
      onEnd(true);
    };
    let call: PromiseLike<unknown>;
    try {
      call = this.#makeCall(this.#calls++, measurements);
    } catch (error) {
      onFailure(error);
      return;
    }
    call.then(() => {
      if (this.#isInterrupted) return;
      const nowMs = performance.now();
      measurements.onOk(nowMs - startMs, nowMs);
      ended(nowMs);
      onEnd(false);
    }, onFailure);
  }
}

function cpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}

/** How long before a planned time the event loop is polled instead of slept. */
const POLLED_MS = 2;
