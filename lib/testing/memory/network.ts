// What happens to octets between a client and a server in the same process: nothing, unless a test makes the network
// slow, narrow or dead. It must not know what the octets mean.

import { isTurnedByHand } from '../../values/clock.ts';
import { clearTurn, nextTurn } from '../../values/turn.ts';

/** How the network in memory behaves; may be changed at any time. */
export interface NetworkConditions {
  /** How many milliseconds octets take, each way. Default 0. */
  latencyMs: number;
  /** How many bytes get through in a second, each way and for each connection. Default `Infinity`. */
  bytesPerSecond: number;
  /**
   * Nothing gets through and neither side notices, as if a cable were pulled: octets wait until it is false again.
   * Default false.
   */
  isStalled: boolean;
}

/** How often octets go out on a narrow network. */
const TICK_MS = 5;

interface Waiting {
  readonly octets: Uint8Array;
  readonly dueMs: number;
}

/** What comes out of a pipe. */
export interface PipeEnd {
  onOctets(octets: Uint8Array): void;
  /** Everything that was written has gone. */
  onDrain(): void;
  /** The other side closed; nothing follows. */
  onEnd(): void;
}

/** The network of one server: its conditions, and the pipes that follow them. */
export class Network {
  #latencyMs = 0;
  #bytesPerSecond = Infinity;
  #isStalled = false;
  readonly #pipes = new Set<Pipe>();

  readonly conditions: NetworkConditions;

  constructor() {
    const network = this;
    this.conditions = {
      get latencyMs() {
        return network.#latencyMs;
      },
      set latencyMs(value) {
        network.#latencyMs = checked('latencyMs', value, 'zero or a positive number', isLatency);
      },
      get bytesPerSecond() {
        return network.#bytesPerSecond;
      },
      set bytesPerSecond(value) {
        network.#bytesPerSecond = checked('bytesPerSecond', value, 'a positive number or Infinity', isRate);
      },
      get isStalled() {
        return network.#isStalled;
      },
      set isStalled(value) {
        if (typeof value !== 'boolean')
          throw new TypeError(`isStalled must be true or false, not ${String(value)}`);
        network.#isStalled = value;
        if (!value) for (const pipe of network.#pipes) pipe.wake();
      },
    };
  }

  /** One direction of a connection. */
  pipe(end: PipeEnd): Pipe {
    const pipe: Pipe = new Pipe(this.conditions, end, () => this.#pipes.delete(pipe));
    this.#pipes.add(pipe);
    return pipe;
  }
}

const isLatency = (ms: number): boolean => ms >= 0 && ms < Infinity;
const isRate = (bytesPerSecond: number): boolean => bytesPerSecond > 0;

function checked(name: string, value: unknown, what: string, isRight: (value: number) => boolean): number {
  if (typeof value === 'number' && isRight(value)) return value;
  throw new RangeError(`${name} must be ${what}, not ${String(value)}`);
}

/** Octets on their way, in order. They come out in another turn of the event loop, never at once. */
export class Pipe {
  readonly #conditions: NetworkConditions;
  readonly #end: PipeEnd;
  readonly #onGone: () => void;
  #waiting: Waiting[] = [];
  #octets = 0;
  #isEnding = false;
  #isGone = false;
  #turn: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(conditions: NetworkConditions, end: PipeEnd, onGone: () => void) {
    this.#conditions = conditions;
    this.#end = end;
    this.#onGone = onGone;
  }

  /** Octets that have not come out. */
  get octets(): number {
    return this.#octets;
  }

  push(octets: Uint8Array): void {
    if (this.#isEnding || this.#isGone) return;
    this.#waiting.push({ octets, dueMs: performance.now() + this.#conditions.latencyMs });
    this.#octets += octets.length;
    this.wake();
  }

  /** Closes it after what is on its way. */
  end(): void {
    this.#isEnding = true;
    this.wake();
  }

  /** Drops what is on its way. */
  destroy(): void {
    this.#isGone = true;
    clearTurn(this.#turn);
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#octets = 0;
    this.#onGone();
  }

  /** Makes sure that what can move does. */
  wake(): void {
    if (this.#isGone || this.#turn !== undefined || this.#timer !== undefined) return;
    if (this.#conditions.isStalled) return;
    const first = this.#waiting[0];
    if (first === undefined && !this.#isEnding) return;
    const delayMs = first === undefined ? 0 : first.dueMs - performance.now();
    if (delayMs > 0) this.#wakeIn(delayMs, first.dueMs);
    else if (this.#conditions.bytesPerSecond < Infinity) this.#wakeIn(TICK_MS, 0);
    else this.#turn = nextTurn(() => this.#onTurn());
  }

  #wakeIn(delayMs: number, untilMs: number): void {
    this.#timer = setTimeout(() => this.#onTurn(untilMs), delayMs);
  }

  /** @param nowMs what time it is at least, when a test advances the timers by hand */
  readonly #onTurn = (nowMs = 0): void => {
    this.#turn = undefined;
    this.#timer = undefined;
    if (this.#conditions.isStalled) return;
    const { bytesPerSecond } = this.#conditions;
    let room =
      bytesPerSecond === Infinity ? Infinity : Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000));
    const clockMs = performance.now();
    const now = clockMs < nowMs && isTurnedByHand() ? nowMs : clockMs;
    while (!this.#isGone && room > 0) {
      const first = this.#waiting[0];
      if (first === undefined || first.dueMs > now) break;
      const octets = first.octets.length > room ? first.octets.subarray(0, room) : first.octets;
      if (octets === first.octets) this.#waiting.shift();
      else this.#waiting[0] = { octets: first.octets.subarray(room), dueMs: first.dueMs };
      room -= octets.length;
      this.#octets -= octets.length;
      this.#end.onOctets(octets);
    }
    if (this.#isGone) return;
    if (this.#waiting.length === 0) {
      if (this.#isEnding) {
        this.destroy();
        this.#end.onEnd();
        return;
      }
      this.#end.onDrain();
    }
    this.wake();
  };
}
