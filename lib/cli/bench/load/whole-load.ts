// A load that runs in parts, in one thread or several, held together: they begin at one time, what they measure is added up,
// and one that dies is told of and does not end the others.

import { cpuUsage } from 'node:process';
import type { LoadRun } from '../result/load-run.ts';
import { Measurements, type MeasurementsDocument } from '../result/measurements.ts';
import type { ClockDocument, ThreadsDocument } from '../result/result-document.ts';
import { now, type PartNews, type PartState, type RunningPart, type StartPart } from './load-part.ts';
import { commonOffset } from './server-clock.ts';
import { ClockWatch, waitUntil } from './wall-clock.ts';

export interface WholeLoadOptions {
  readonly warmUpMs: number;
  /** `--start-at`, in milliseconds since 1970: when the warm-up begins, or the measured part where there is none. */
  readonly startAtMs?: number | undefined;
  /** Called once, when all is ready: gives the time in place of `startAtMs`. When it rejects, so does `run`. */
  readonly meet?: (() => Promise<number | undefined>) | undefined;
  /** Told how long that is to be waited for. */
  readonly onWait?: ((waitMs: number) => void) | undefined;
  /** Told how long ago that was, when everything was ready only then. */
  readonly onLate?: ((lateMs: number) => void) | undefined;
  /** Told what was measured, as it comes. */
  readonly onMeasured?: ((measured: MeasurementsDocument) => void) | undefined;
  /** How long a part may take to stop, in milliseconds (2000 by default). */
  readonly stopMs?: number;
}

interface Part {
  running: RunningPart;
  /** `undefined` before its first news. */
  phase: 'waits' | 'runs' | 'ended' | 'lost';
  state: PartState | undefined;
  isInterrupted: boolean;
}

/** So that all threads have heard of the begin before it comes. */
const NOTICE_MS = 10;
const STOP_MS = 2000;

export class WholeLoad {
  /** Of the warm-up until that is over. */
  measurements: Measurements = new Measurements(0);
  isWarmingUp: boolean;
  readonly #options: WholeLoadOptions;
  readonly #parts: Part[] = [];
  readonly #lost: { readonly thread: number; readonly reason: string }[] = [];
  readonly #stopped = new AbortController();
  readonly #clock = new ClockWatch();
  #readyAtMs: number | undefined;
  #startAtMs: number | undefined;
  #failure: { readonly error: unknown } | undefined;
  #phaseMs: number | undefined;
  #startedAtMs: number | null = null;
  #startCpuMs = 0;
  #stopTimer: NodeJS.Timeout | undefined;
  /** Set when it runs: until then not all parts are known. */
  #onEnd: (() => void) | undefined;

  constructor(starts: readonly StartPart[], options: WholeLoadOptions) {
    this.#options = options;
    this.#startAtMs = options.startAtMs;
    this.isWarmingUp = options.warmUpMs > 0;
    for (const [index, start] of starts.entries()) this.#parts.push(this.#started(start, index));
  }

  /** Milliseconds until `startAtMs`; 0 when it has begun. */
  get beginsInMs(): number {
    return this.#phaseMs === undefined ? Math.max(0, (this.#startAtMs ?? 0) - Date.now()) : 0;
  }

  /** Milliseconds since the measured part began, or the warm-up; 0 before. */
  get elapsedMs(): number {
    return this.#phaseMs === undefined ? 0 : Math.max(0, now() - this.#phaseMs);
  }

  /** Milliseconds since the measured part began until now, or until the last call ended; 0 before. */
  get measuredMs(): number {
    if (this.#startedAtMs === null) return 0;
    const isOver = this.#parts.every(({ phase }) => phase === 'ended' || phase === 'lost');
    return isOver ? Math.max(0, ...this.#parts.map(({ state }) => state?.elapsedMs ?? 0)) : this.elapsedMs;
  }

  /** What was measured so far, without the warm-up; undefined before the measured part. */
  get measured(): Measurements | undefined {
    return this.#startedAtMs === null ? undefined : this.measurements;
  }

  get cpuMs(): number {
    return this.#startedAtMs === null ? 0 : processCpuMs() - this.#startCpuMs;
  }

  get connections(): number {
    return this.#parts.reduce((sum, { state }) => sum + (state?.connections ?? 0), 0);
  }

  get threads(): ThreadsDocument {
    return { count: this.#parts.length, lost: this.#lost };
  }

  get clock(): ClockDocument {
    return {
      readyAtMs: this.#readyAtMs ?? Date.now(),
      startedAtMs: this.#startedAtMs,
      steppedMs: this.#clock.steppedMs,
      server: commonOffset(this.#parts.map(({ state }) => state?.server ?? null)),
    };
  }

  /** Starts no more calls, and resolves `run` without waiting for those still running. */
  interrupt(): void {
    if (this.#stopped.signal.aborted) return;
    this.#stopped.abort();
    for (const { running } of this.#parts) running.tell({ kind: 'stop' });
    const { stopMs = STOP_MS } = this.#options;
    this.#stopTimer = setTimeout(() => {
      for (const [index, part] of this.#parts.entries()) {
        if (part.phase === 'ended' || part.phase === 'lost') continue;
        part.running.kill();
        this.#lose(index, `it did not stop within ${stopMs / 1000} s`);
      }
    }, stopMs);
  }

  /** Resolves when all parts have ended or died. Rejects when none of them could begin. */
  async run(): Promise<LoadRun> {
    await new Promise<void>((resolve) => {
      this.#onEnd = resolve;
      this.#onChange();
    });
    clearTimeout(this.#stopTimer);
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#startedAtMs === null && this.#lost.length === this.#parts.length) {
      throw new Error(this.#lost[0]?.reason ?? 'there are no threads');
    }
    return {
      // What was seen of the warm-up is no result.
      measurements: this.measured ?? new Measurements(0),
      elapsedMs: this.measuredMs,
      cpuMs: this.cpuMs,
      isInterrupted: this.#parts.some(({ isInterrupted }) => isInterrupted),
      unfinished: this.measured?.inFlight ?? 0,
      threads: this.threads,
    };
  }

  #started(start: StartPart, index: number): Part {
    const part: Part = {
      running: { tell: () => {}, kill: () => {} },
      phase: 'runs',
      state: undefined,
      isInterrupted: false,
    };
    const onNews = (news: PartNews): void => this.#onNews(part, index, news);
    part.running = start(onNews, (reason) => this.#lose(index, reason));
    return part;
  }

  #onNews(part: Part, index: number, news: PartNews): void {
    if (part.phase === 'lost') return;
    switch (news.kind) {
      case 'waits':
        part.phase = 'waits';
        break;
      case 'failed':
        this.#lose(index, news.reason);
        return;
      case 'measured':
        this.#take(part, news.state, news.isWarmingUp);
        return;
      case 'ended':
        this.#take(part, news.state, false);
        part.isInterrupted = news.isInterrupted;
        part.phase = 'ended';
        part.running.kill();
        break;
      default:
        news satisfies never;
    }
    this.#onChange();
  }

  #take(part: Part, state: PartState, isWarmingUp: boolean): void {
    // A part that tells of its warm-up has none of the measured part yet, nor has one that never began.
    if (isWarmingUp !== this.isWarmingUp) return;
    part.state = state;
    this.measurements.addDocument(state.measured);
    if (!isWarmingUp) this.#options.onMeasured?.(state.measured);
  }

  #lose(index: number, reason: string): void {
    const part = this.#parts[index];
    if (part === undefined || part.phase === 'lost' || part.phase === 'ended') return;
    part.phase = 'lost';
    this.#lost.push({ thread: index + 1, reason });
    this.#onChange();
  }

  /** Goes on when all parts that live wait for the same. */
  #onChange(): void {
    if (this.#onEnd === undefined) return;
    const living = this.#parts.filter(({ phase }) => phase !== 'lost');
    if (living.every(({ phase }) => phase === 'ended')) this.#onEnd();
    else if (living.every(({ phase }) => phase === 'waits')) void this.#begin(living);
  }

  async #begin(parts: readonly Part[]): Promise<void> {
    for (const part of parts) part.phase = 'runs';
    const isFirst = this.#readyAtMs === undefined;
    const isWarmUp = isFirst && this.isWarmingUp;
    this.#readyAtMs ??= Date.now();
    if (isFirst && this.#options.meet !== undefined && !(await this.#met(this.#options.meet))) return;
    // Who has met others is ready for them only now.
    const readyAtMs = Date.now();
    const { warmUpMs } = this.#options;
    const startAtMs = this.#startAtMs;
    const dueAtMs = startAtMs === undefined ? undefined : startAtMs + (isFirst ? 0 : warmUpMs);
    if (dueAtMs !== undefined) {
      if (isFirst && dueAtMs < readyAtMs) this.#options.onLate?.(readyAtMs - dueAtMs);
      else if (isFirst) this.#options.onWait?.(dueAtMs - readyAtMs);
      await waitUntil(dueAtMs, this.#stopped.signal);
    }
    if (this.#stopped.signal.aborted) return;
    const atMs = now() + (parts.length > 1 ? NOTICE_MS : 0);
    this.#phaseMs = atMs;
    if (!isWarmUp) {
      this.isWarmingUp = false;
      this.measurements = new Measurements(0);
      this.#startedAtMs = Math.round(Date.now() + atMs - now());
      this.#startCpuMs = processCpuMs();
    }
    for (const { running, phase } of parts) if (phase === 'runs') running.tell({ kind: 'begin', atMs });
  }

  /** Whether it is known when to begin: where it cannot be, the load ends without a call. */
  async #met(meet: () => Promise<number | undefined>): Promise<boolean> {
    try {
      this.#startAtMs = await meet();
      return true;
    } catch (error) {
      if (!this.#stopped.signal.aborted) this.#failure = { error };
      this.interrupt();
      return false;
    }
  }
}

function processCpuMs(): number {
  const { user, system } = cpuUsage();
  return (user + system) / 1000;
}
