// How long another side may take, fair to it: what it said in time counts though this process was busy, stopped or asleep
// when it came. It must not know what is waited for, nor from whom.

import { type Clock, REAL_CLOCK } from '../../values/clock.ts';
import { nextTurn } from '../../values/turn.ts';

/** A limit is waited for in so many steps, so that a standstill shows wherever in it it was. */
const STEPS = 4;

/**
 * A timer that goes off so much too late, or by a whole step where that is shorter: this process did not run (a busy
 * loop, SIGSTOP, a machine asleep).
 */
export const STANDSTILL_MS = 200;
/** So late timers are under any load. */
const MIN_STANDSTILL_MS = 20;

/** So often in a row a wait may begin anew: a process that is busy all the time finds out, too. */
export const MAX_RESTARTS = 2;

/**
 * Turns of the event loop after a timer, before it is judged what has come. One reads what the kernel holds; TLS inside
 * of TLS, and another side that lives in this process and was as busy, take some more.
 */
const POLL_TURNS = 5;

/** What patience needs of a clock. */
export interface PatienceClock extends Pick<Clock, 'now' | 'setTimer' | 'clearTimer'> {
  /** Calls back when what had arrived by now has been read. Cannot be taken back. */
  afterPoll(callback: () => void): void;
}

/**
 * The real time. Its timers do not keep the process alive.
 * @param turn waits for the next turn of the event loop; a test that turns the timers by hand does not turn that
 */
export function patienceClock(turn: (callback: () => void) => void = nextTurn): PatienceClock {
  return {
    now: REAL_CLOCK.now,
    setTimer: REAL_CLOCK.setTimer,
    clearTimer: REAL_CLOCK.clearTimer,
    afterPoll(callback) {
      let turns = POLL_TURNS;
      const onTurn = (): void => {
        if (--turns === 0) callback();
        else turn(onTurn);
      };
      turn(onTurn);
    },
  };
}

/** The one of nearly all connections. */
export const PATIENCE_CLOCK: PatienceClock = patienceClock();

/** Whoever waits. */
export interface Waiting {
  /** What is waited for has come. */
  readonly isMet: boolean;
  /** It has, and the wait is over. */
  onMet(): void;
  /** This process stood still, and nothing came since: the wait begins anew. What was sent may never have left. */
  onStandstill(): void;
  /** The limit is over, and it has not come. */
  onOver(): void;
}

export class Patience {
  readonly #clock: PatienceClock;
  readonly #waiting: Waiting;
  #limitMs = 0;
  #beganMs = 0;
  #step = 0;
  #restarts = 0;
  #timer: unknown;
  #isRunning = false;
  /** Counts waits, so that a look that was put off knows whether it is still wanted. */
  #wait = 0;

  constructor(clock: PatienceClock, waiting: Waiting) {
    this.#clock = clock;
    this.#waiting = waiting;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Begins to wait, or begins anew. */
  start(limitMs: number): void {
    this.stop();
    this.#restarts = 0;
    this.#limitMs = limitMs;
    this.#isRunning = true;
    this.#begin();
  }

  /** Nothing more is told. */
  stop(): void {
    this.#isRunning = false;
    this.#wait++;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #begin(): void {
    this.#beganMs = this.#clock.now();
    this.#step = 0;
    this.#schedule();
  }

  #schedule(): void {
    this.#step++;
    this.#timer = this.#clock.setTimer(this.#onTimer, Math.max(0, this.#dueMs - this.#clock.now()));
  }

  get #dueMs(): number {
    return this.#beganMs + (this.#limitMs * this.#step) / STEPS;
  }

  readonly #onTimer = (): void => {
    this.#timer = undefined;
    const standstillMs = Math.max(Math.min(STANDSTILL_MS, this.#limitMs / STEPS), MIN_STANDSTILL_MS);
    const isLate = this.#clock.now() - this.#dueMs >= standstillMs;
    if (!isLate && this.#step < STEPS) {
      this.#schedule();
      return;
    }
    const wait = this.#wait;
    this.#clock.afterPoll(() => {
      if (wait === this.#wait) this.#judge(isLate);
    });
  };

  #judge(isLate: boolean): void {
    if (this.#waiting.isMet) {
      this.stop();
      this.#waiting.onMet();
    } else if (isLate && this.#restarts < MAX_RESTARTS) {
      this.#restarts++;
      this.#begin();
      this.#waiting.onStandstill();
    } else if (this.#step < STEPS) this.#schedule();
    else {
      this.stop();
      this.#waiting.onOver();
    }
  }
}
