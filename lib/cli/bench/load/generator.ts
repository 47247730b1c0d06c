// Makes the calls of a load plan, or of a part of one, at the planned times, and measures them. It is told what a call is.
//
// A closed loop measures each call from its own start. An open loop measures from when the call was planned: what a
// slow server, or a busy client, makes callers wait before their call begins counts too (no coordinated omission).

import { performance } from 'node:perf_hooks';
import { LongTimer } from '../../../values/clock.ts';
import {
  type ClosedLoop,
  durationOf,
  type LoadPlan,
  type OpenLoop,
  plannedTimeMs,
  type RateStage,
} from '../plan/load-plan.ts';
import { type PlanPart, planOfPart, WHOLE } from '../plan/plan-part.ts';
import type { LoadRun } from '../result/load-run.ts';
import { Measurements, type NameFailure } from '../result/measurements.ts';
import { type Alarm, type MakeAlarm, makeAlarm } from './alarm.ts';

/** Begins the call `index`, which no other part of the plan has; settles when it has ended. It counts the messages itself. */
export type MakeCall = (index: number, measurements: Measurements) => PromiseLike<unknown>;

/** Resolves when a phase is to begin, with that time by performance.now(): the calls are planned from it on. */
export type BeginPhase = (phase: 'warm-up' | 'measured') => number | PromiseLike<number>;

export class LoadGenerator {
  readonly #plan: LoadPlan;
  readonly #makeCall: MakeCall;
  readonly #nameFailure: NameFailure;
  readonly #part: PlanPart;
  #measurements: Measurements;
  #startMs = 0;
  #calls = 0;
  #planned = 0;
  #running = 0;
  #hasBegun = false;
  #isWarm = false;
  #isStopping = false;
  #isInterrupted = false;
  #lastEndMs = 0;
  #onDone: (() => void) | undefined;
  /** What an open loop does when its time has come. */
  #turn: () => void = () => {};
  readonly #makeAlarm: MakeAlarm;

  /** @param part of the plan; the others' calls are left to others */
  constructor(
    plan: LoadPlan,
    makeCall: MakeCall,
    nameFailure: NameFailure,
    part: PlanPart = WHOLE,
    alarm: MakeAlarm = makeAlarm,
  ) {
    this.#plan = planOfPart(plan, part);
    this.#part = part;
    this.#makeAlarm = alarm;
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

  /** Whether calls are made, or have been. */
  get hasBegun(): boolean {
    return this.#hasBegun;
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

  /**
   * Makes all calls of the plan and waits for them. Once.
   * @param begin waits until the warm-up, or the measured part, is to begin, and gives that time; by default that is now
   */
  async run(begin: BeginPhase = () => performance.now()): Promise<Omit<LoadRun, 'cpuMs'>> {
    const { warmUpMs, durationMs, calls } = this.#plan;
    const alarm = this.#plan.kind === 'open' ? await this.#makeAlarm(() => this.#turn()) : undefined;
    try {
      if (warmUpMs > 0 && !this.#isStopping) {
        await this.#phase(await begin('warm-up'), warmUpMs, Infinity, alarm);
      }
      if (!this.#isStopping) {
        const startMs = await begin('measured');
        this.#isWarm = true;
        await this.#phase(startMs, durationMs, calls, alarm);
      }
    } finally {
      alarm?.close();
    }
    return {
      measurements: this.#measurements,
      elapsedMs: Math.max(0, this.#lastEndMs - this.#startMs),
      isInterrupted: this.#isInterrupted,
      unfinished: this.#measurements.inFlight,
    };
  }

  /** Resolves when so many calls, or those of so much time, have all ended. */
  #phase(startMs: number, durationMs: number, calls: number, alarm: Alarm | undefined): Promise<void> {
    this.#hasBegun = true;
    this.#startMs = startMs;
    this.#lastEndMs = startMs;
    this.#measurements = new Measurements(this.#startMs);
    this.#planned = 0;
    // While it waited for its begin it may have been told to stop.
    if (this.#isStopping) return Promise.resolve();
    return new Promise((resolve) => {
      let timer: LongTimer | undefined;
      let isOver = false;
      const done = (): void => {
        timer?.clear();
        resolve();
      };
      const end = (): void => {
        isOver = true;
        if (this.#running === 0) done();
      };
      this.#onDone = done;
      const isEnding = (): boolean => isOver || this.#isStopping;
      if (durationMs !== Infinity) timer = new LongTimer(end, durationMs);
      const onEnd = (): void => {
        if (this.#running === 0 && (isEnding() || this.#planned >= calls)) done();
      };
      if (this.#plan.kind === 'closed') this.#closed(this.#plan, calls, isEnding, onEnd);
      else if (alarm !== undefined) this.#open(this.#plan, calls, alarm, { isEnding, end, onEnd });
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

  #open(plan: OpenLoop, calls: number, alarm: Alarm, { isEnding, end, onEnd }: PhaseEnd): void {
    const stages = this.#isWarm ? plan.stages : warmUpStages(plan);
    const lastMs = durationOf(stages);
    const { index, of } = this.#part;
    const nextDueMs = (): number => plannedTimeMs(stages, index + of * this.#planned);
    let nextMs = 0;
    const onCallEnd = (): void => {
      onEnd();
      // The event loop is awake anyway.
      if (performance.now() - this.#startMs >= nextMs) turn();
    };
    const turn = (): void => {
      if (isEnding()) return;
      const nowMs = performance.now() - this.#startMs;
      let dueMs = nextDueMs();
      const isDue = dueMs <= nowMs;
      while (dueMs <= nowMs && this.#planned < calls) {
        this.#planned++;
        if (this.#running >= plan.maxInFlight) this.#measurements.dropped++;
        else {
          this.#measurements.lateness.record(nowMs - dueMs);
          this.#begin(this.#startMs + dueMs, onCallEnd);
        }
        dueMs = nextDueMs();
      }
      if (this.#planned >= calls || (dueMs === Infinity && nowMs >= lastMs)) {
        nextMs = Infinity;
        end();
        return;
      }
      nextMs = Math.min(dueMs, Math.max(lastMs, nowMs));
      if (!isDue && nextMs - nowMs < LEAD_MS) setImmediate(turn);
      else alarm.set(this.#startMs + Math.max(nextMs - LEAD_MS, nowMs + APART_MS));
    };
    this.#turn = turn;
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
      call = this.#makeCall(this.#part.index + this.#part.of * this.#calls++, measurements);
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

/** The warm-up has the rate with which the first stage begins; one that climbs from 0 has nothing to warm up with. */
function warmUpStages({ stages }: OpenLoop): readonly RateStage[] {
  const rate = stages[0]?.fromRate || stages[0]?.toRate || 1;
  return [{ fromRate: rate, toRate: rate, durationMs: Infinity }];
}

/** How a phase ends: whether it does, that it does, and what each call says at its own end. */
interface PhaseEnd {
  readonly isEnding: () => boolean;
  readonly end: () => void;
  readonly onEnd: () => void;
}

/** So much before a planned time the alarm goes off, which takes as long to arrive; what is left is waited turn by turn. */
const LEAD_MS = 0.08;
/** Calls planned closer together than this begin together, the first of them late: each alarm costs some 20 µs of CPU. */
const APART_MS = 0.05;
