// The event loop of a world: libuv's phases (timers, poll, check) on a clock of its own. Two processes share it, the
// client's and the rest of the world, so that one can stand still while the other goes on. It takes the place of the
// global timers, clocks and dice while a world runs. It knows no sockets and no gRPC.
//
// An own loop and not @sinonjs/fake-timers: that has no poll phase, and what a timer does before the socket was read
// is one of the things to be found; nor can it let one process sleep.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Chance } from './chance.ts';
import { Heap } from './heap.ts';

/** What happened before the first world: worlds begin in 2026. */
const EPOCH_MS = 1_767_225_600_000;

/** So many tasks without the clock moving are no progress. */
const MAX_TASKS_AT_ONCE = 100_000;

/** Real turns that are asked for at a time. Between any two the runtime drains its ticks and microtasks. */
const BATCH = 64;

/** WORLD_TIMERS=1: timers know where they were set. */
const TRACES_TIMERS = process.env['WORLD_TIMERS'] !== undefined;

const realSetImmediate = globalThis.setImmediate;
const realClearTimeout = globalThis.clearTimeout;
const realClearInterval = globalThis.clearInterval;
const realClearImmediate = globalThis.clearImmediate;

/** Which caller code runs for. */
const CALLER: AsyncLocalStorage<string> = new AsyncLocalStorage<string>();

/** Something to be done once. */
export interface Task {
  atMs: number;
  order: number;
  run: (() => void) | undefined;
  readonly caller: string | undefined;
}

/** What setTimeout and setInterval give. */
class Timer {
  isRef = true;
  task: Task | undefined;
  readonly callback: () => void;
  readonly delayMs: number;
  readonly repeats: boolean;
  readonly process: VirtualProcess;
  /** Where it was set, when that is wanted. */
  readonly site: string | undefined = TRACES_TIMERS ? new Error('set').stack : undefined;

  constructor(process: VirtualProcess, callback: () => void, delayMs: number, repeats: boolean) {
    this.process = process;
    this.callback = callback;
    this.delayMs = delayMs;
    this.repeats = repeats;
    this.refresh();
  }

  ref(): this {
    this.isRef = true;
    return this;
  }

  unref(): this {
    this.isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.isRef;
  }

  refresh(): this {
    if (this.task !== undefined) this.task.run = undefined;
    const { loop } = this.process;
    // As libuv does: from the whole millisecond, so that it may come a fraction early on the clock.
    this.task = this.process.timerAt(Math.floor(loop.nowMs) + this.delayMs, () => this.#fire());
    this.process.openTimers.add(this);
    return this;
  }

  clear(): void {
    if (this.task !== undefined) this.task.run = undefined;
    this.task = undefined;
    this.process.openTimers.delete(this);
  }

  close(): this {
    this.clear();
    return this;
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #fire(): void {
    this.task = undefined;
    if (this.repeats) this.refresh();
    else this.process.openTimers.delete(this);
    this.callback();
  }
}

class Immediate {
  isRef = true;
  readonly task: Task;

  constructor(task: Task) {
    this.task = task;
  }

  ref(): this {
    this.isRef = true;
    return this;
  }

  unref(): this {
    this.isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.isRef;
  }
}

const isEarlier = (a: Task, b: Task): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);

/** What runs in one process. */
export class VirtualProcess {
  readonly loop: EventLoop;
  readonly openTimers = new Set<Timer>();
  readonly timers = new Heap<Task>(isEarlier);
  readonly io = new Heap<Task>(isEarlier);
  immediates: Task[] = [];
  /** Until then nothing of it runs. */
  stillUntilMs = 0;

  constructor(loop: EventLoop) {
    this.loop = loop;
  }

  /** In the timers phase, at a time of the loop's clock. */
  timerAt(atMs: number, run: () => void): Task {
    const task = this.loop.task(atMs, run);
    this.timers.push(task);
    return task;
  }

  /** In the poll phase: something came from the network. */
  ioAt(atMs: number, run: () => void, caller?: string): Task {
    const task = this.loop.task(atMs, run, caller);
    this.io.push(task);
    return task;
  }

  soon(run: () => void): Task {
    const task = this.loop.task(this.loop.nowMs, run);
    this.immediates.push(task);
    return task;
  }

  /** Timers that keep the process alive. */
  get refTimers(): number {
    let count = 0;
    for (const timer of this.openTimers) if (timer.isRef) count++;
    return count;
  }

  /** When there is something to do, at the earliest. */
  get nextMs(): number {
    if (this.immediates.length > 0) return Math.max(this.loop.nowMs, this.stillUntilMs);
    return Math.max(
      Math.min(top(this.timers)?.atMs ?? Infinity, top(this.io)?.atMs ?? Infinity),
      this.stillUntilMs,
    );
  }
}

/** The first task that was not withdrawn. */
function top(heap: Heap<Task>): Task | undefined {
  for (;;) {
    const first = heap.peek();
    if (first === undefined || first.run !== undefined) return first;
    heap.pop();
  }
}

export class EventLoop {
  nowMs = 0;
  readonly client: VirtualProcess;
  readonly world: VirtualProcess;
  /** Whose code runs now: what it sets in motion is its. */
  current: VirtualProcess;
  /** What was thrown, and nobody caught. */
  readonly uncaught: unknown[] = [];
  /** Of all that happened, in order: two runs of a world have the same. */
  hash = 0x811c9dc5;
  tasks = 0;
  /** Whether the contexts of callers are kept. It costs. */
  readonly #keepsCallers: boolean;
  readonly #chance: Chance;
  #order = 0;
  #phase: 'timers' | 'poll' | 'check' = 'timers';
  #checking: Task[] = [];
  #process: VirtualProcess;
  #atOnce = 0;

  constructor(chance: Chance, keepsCallers: boolean) {
    this.#chance = chance;
    this.#keepsCallers = keepsCallers;
    this.client = new VirtualProcess(this);
    this.world = new VirtualProcess(this);
    this.current = this.world;
    this.#process = this.world;
  }

  /** @internal */
  task(atMs: number, run: () => void, caller?: string): Task {
    const kept = caller ?? this.caller;
    return { atMs, order: this.#order++, run, caller: kept };
  }

  /** In a caller's context, where contexts are kept. */
  runAs<T>(caller: string, run: () => T): T {
    return this.#keepsCallers ? CALLER.run(caller, run) : run();
  }

  /** Whose context this is; undefined where none are kept. */
  get caller(): string | undefined {
    return this.#keepsCallers ? CALLER.getStore() : undefined;
  }

  /** Whether contexts are kept. */
  get keepsCallers(): boolean {
    return this.#keepsCallers;
  }

  /** Mixes a number into what identifies this run. */
  note(value: number): void {
    this.hash = Math.imul(this.hash ^ (value | 0), 0x01000193) >>> 0;
  }

  /** Does what is to be done up to a time, or until something is true. */
  run(untilMs: number, isEnough?: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      let waiting = 0;
      let isOver = false;
      const step = (): void => {
        waiting--;
        if (!isOver) {
          try {
            const task = isEnough?.() === true ? undefined : this.#next(untilMs);
            if (task === undefined) {
              isOver = true;
              resolve();
            } else this.#do(task);
          } catch (error) {
            isOver = true;
            reject(error);
          }
        }
        if (waiting === 0 && !isOver) refill();
      };
      const refill = (): void => {
        for (; waiting < BATCH; waiting++) realSetImmediate(step);
      };
      refill();
    });
  }

  #do(task: Task): void {
    const { run, caller } = task;
    if (run === undefined) return;
    task.run = undefined;
    this.tasks++;
    this.note(task.atMs * 64);
    try {
      if (this.#keepsCallers) CALLER.run(caller as string, run);
      else run();
    } catch (error) {
      this.uncaught.push(error);
    }
  }

  /** The next task; moves the clock when nothing is left for this moment. */
  #next(untilMs: number): Task | undefined {
    for (;;) {
      const task = this.#nextInPhase();
      if (task !== undefined) {
        this.current = this.#process;
        if (++this.#atOnce > MAX_TASKS_AT_ONCE) throw new Error(`no progress at ${this.nowMs} ms`);
        return task;
      }
      if (this.#phase !== 'timers' || this.#process !== this.world) continue;
      const nextMs = Math.min(this.client.nextMs, this.world.nextMs);
      if (nextMs > untilMs) {
        this.nowMs = Math.max(this.nowMs, untilMs);
        this.current = this.world;
        return undefined;
      }
      if (nextMs > this.nowMs) {
        this.nowMs = nextMs;
        this.#atOnce = 0;
      }
    }
  }

  /** A task of the phase that runs, or undefined after it has moved to the next one. */
  #nextInPhase(): Task | undefined {
    const process = this.#process;
    if (process.stillUntilMs <= this.nowMs) {
      switch (this.#phase) {
        case 'timers': {
          const task = this.#due(process.timers);
          if (task !== undefined) return task;
          break;
        }
        case 'poll': {
          const task = this.#due(process.io);
          if (task !== undefined) return task;
          this.#checking = process.immediates;
          process.immediates = [];
          break;
        }
        case 'check': {
          const task = this.#checking.shift();
          if (task !== undefined) return task;
          break;
        }
        default:
          this.#phase satisfies never;
      }
    }
    this.#turn();
    return undefined;
  }

  #due(heap: Heap<Task>): Task | undefined {
    const first = top(heap);
    if (first === undefined || first.atMs > this.nowMs) return undefined;
    return heap.pop();
  }

  #turn(): void {
    if (this.#phase === 'timers') this.#phase = 'poll';
    else if (this.#phase === 'poll') this.#phase = 'check';
    else {
      // What a still process was to do in this turn waits with the rest.
      if (this.#checking.length > 0) this.#process.immediates.unshift(...this.#checking);
      this.#checking = [];
      this.#phase = 'timers';
      this.#process = this.#process === this.world ? this.client : this.world;
    }
  }

  /** Takes the place of the global timers, clocks and dice. Returns what gives them back. */
  install(): () => void {
    const { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate } = globalThis;
    const { random } = Math;
    const { now } = Date;
    const timer = (
      callback: (...args: unknown[]) => void,
      ms: unknown,
      args: unknown[],
      repeats: boolean,
    ) => {
      const delayMs = typeof ms === 'number' && ms >= 1 && ms <= 0x7fffffff ? Math.trunc(ms) : 1;
      const run = args.length === 0 ? callback : (): void => callback(...args);
      return new Timer(this.current, run, delayMs, repeats);
    };
    const clear = (given: unknown): void => {
      if (given instanceof Timer) given.clear();
      else realClearTimeout(given as NodeJS.Timeout);
    };
    const installed = {
      setTimeout: (callback: () => void, ms?: unknown, ...args: unknown[]) =>
        timer(callback, ms, args, false),
      setInterval: (callback: () => void, ms?: unknown, ...args: unknown[]) =>
        timer(callback, ms, args, true),
      setImmediate: (callback: (...args: unknown[]) => void, ...args: unknown[]) =>
        new Immediate(this.current.soon(() => callback(...args))),
      clearTimeout: clear,
      clearInterval: (given: unknown) =>
        given instanceof Timer ? given.clear() : realClearInterval(given as NodeJS.Timeout),
      clearImmediate: (given: unknown) => {
        if (given instanceof Immediate) given.task.run = undefined;
        else realClearImmediate(given as NodeJS.Immediate);
      },
    };
    Object.assign(globalThis, installed);
    Math.random = () => this.#chance.next();
    Date.now = () => EPOCH_MS + Math.floor(this.nowMs);
    Object.defineProperty(performance, 'now', {
      value: () => this.nowMs,
      configurable: true,
      writable: true,
    });
    return () => {
      // Not only what is kept costs: as long as it is in use every promise of the process does.
      CALLER.disable();
      Object.assign(globalThis, {
        setTimeout,
        setInterval,
        setImmediate,
        clearTimeout,
        clearInterval,
        clearImmediate,
      });
      Math.random = random;
      Date.now = now;
      Reflect.deleteProperty(performance, 'now');
    };
  }
}
