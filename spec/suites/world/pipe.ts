// One direction of a connection: what was written on one side, and when it comes out on the other; in pieces that are
// none of the writer's. Between the two lies the kernels' room: what does not fit waits with the writer. It knows no
// octet's meaning.

import type { Chance } from './chance.ts';
import type { EventLoop, Task, VirtualProcess } from './event-loop.ts';

/** What the way between two hosts is like. */
export interface Path {
  /** One way. */
  readonly latencyMs: number;
  /** Each piece takes up to so much longer. */
  readonly jitterMs: number;
  readonly octetsPerMs: number;
  /** What the kernels of both sides hold before the writer has to wait. */
  readonly roomOctets: number;
  /** How octets come out: as they were written, in pieces, or together as far as they are there. */
  readonly pieces: 'written' | 'cut' | 'joined';
}

/** Most that one read gives. */
const READ_OCTETS = 64 * 1024;

interface Flying {
  readonly octets: Uint8Array | 'end';
  readonly atMs: number;
}

export interface PipeEnds {
  /** Whose poll phase the octets come out in, and whose the writer's events. */
  readonly reader: VirtualProcess;
  onRead(octets: Uint8Array): void;
  onEnd(): void;
  /** Nothing waits with the writer any more. */
  onEmpty(): void;
  /** The context that the reader's events run in. */
  readonly readerCaller: string | undefined;
}

export class Pipe {
  readonly #loop: EventLoop;
  readonly #path: Path;
  readonly #chance: Chance;
  readonly #ends: PipeEnds;
  #unsent: Uint8Array[] = [];
  #unsentOctets = 0;
  #flying: Flying[] = [];
  #flyingOctets = 0;
  #lastAtMs = 0;
  #isEnding = false;
  #isGone = false;
  #isStalled = false;
  #isPaused = false;
  #next: Task | undefined;

  constructor(loop: EventLoop, path: Path, chance: Chance, ends: PipeEnds) {
    this.#loop = loop;
    this.#path = path;
    this.#chance = chance;
    this.#ends = ends;
  }

  /** What waits with the writer. */
  get unsentOctets(): number {
    return this.#unsentOctets;
  }

  /** Whether the reader has not read all that came. */
  get hasUnread(): boolean {
    return this.#flying.some(({ octets, atMs }) => octets !== 'end' && atMs <= this.#loop.nowMs);
  }

  write(octets: Uint8Array): void {
    if (this.#isGone || this.#isEnding || octets.length === 0) return;
    this.#unsent.push(octets);
    this.#unsentOctets += octets.length;
    this.#send();
  }

  /** The end, behind all that was written. */
  end(): void {
    if (this.#isGone || this.#isEnding) return;
    this.#isEnding = true;
    if (this.#unsentOctets === 0) this.#fly('end');
  }

  /** Nothing comes through until it is false again; nobody is told. */
  stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    this.#wake();
  }

  /** The reader reads, or does not. */
  pause(isPaused: boolean): void {
    this.#isPaused = isPaused;
    this.#wake();
  }

  /** Drops what the writer still has; what the kernel has goes on, unless all of it is to go. */
  drop(all: boolean): void {
    this.#unsent = [];
    this.#unsentOctets = 0;
    if (!all) return;
    this.#isGone = true;
    this.#flying = [];
    this.#cancel();
  }

  #send(): void {
    const { roomOctets, octetsPerMs } = this.#path;
    while (this.#unsent.length > 0) {
      const room = roomOctets - this.#flyingOctets;
      const [first] = this.#unsent;
      // Not in crumbs (RFC 9293 §3.8.6.2.1).
      if (room < Math.min(first.length, roomOctets / 4)) return;
      const octets = first.length > room ? first.subarray(0, room) : first;
      if (octets === first) this.#unsent.shift();
      else this.#unsent[0] = first.subarray(room);
      this.#unsentOctets -= octets.length;
      this.#flyingOctets += octets.length;
      this.#fly(octets, octets.length / octetsPerMs);
    }
    if (this.#isEnding) this.#fly('end');
  }

  #fly(octets: Uint8Array | 'end', takesMs: number = 0): void {
    const { latencyMs, jitterMs } = this.#path;
    const arrivesMs = this.#loop.nowMs + latencyMs + this.#chance.next() * jitterMs;
    // In order, and no faster than the line.
    this.#lastAtMs = Math.max(arrivesMs, this.#lastAtMs) + takesMs;
    this.#flying.push({ octets, atMs: this.#lastAtMs });
    this.#wake();
  }

  #cancel(): void {
    if (this.#next !== undefined) this.#next.run = undefined;
    this.#next = undefined;
  }

  #wake(): void {
    const [first] = this.#flying;
    if (this.#isStalled || this.#isPaused || first === undefined) {
      this.#cancel();
      return;
    }
    if (this.#next !== undefined) return;
    const atMs = Math.max(first.atMs, this.#loop.nowMs);
    const { reader, readerCaller } = this.#ends;
    this.#next = reader.ioAt(atMs, this.#onArrival, readerCaller);
  }

  readonly #onArrival = (): void => {
    this.#next = undefined;
    const { nowMs } = this.#loop;
    const [first] = this.#flying;
    if (first === undefined || this.#isStalled || this.#isPaused) return;
    if (first.octets === 'end') {
      this.#flying.shift();
      this.#ends.onEnd();
      return;
    }
    const octets = this.#take(first.octets, nowMs);
    this.#flyingOctets -= octets.length;
    this.#loop.note(octets.length);
    const hadUnsent = this.#unsentOctets > 0;
    this.#send();
    if (hadUnsent && this.#unsentOctets === 0) this.#ends.onEmpty();
    this.#ends.onRead(octets);
    this.#wake();
  };

  /** What one read gives: memory of its own, since a reader's buffer is used again. */
  #take(first: Uint8Array, nowMs: number): Uint8Array {
    const { pieces } = this.#path;
    if (pieces === 'cut' && first.length > 1 && this.#chance.is(0.5)) {
      const length = this.#chance.int(1, Math.min(first.length, READ_OCTETS));
      if (length < first.length) {
        this.#flying[0] = { octets: first.subarray(length), atMs: nowMs };
        return first.slice(0, length);
      }
    }
    this.#flying.shift();
    let octets = first.slice();
    // A process that stood still finds all of it at once.
    while (pieces !== 'written' || octets.length < READ_OCTETS) {
      const next = this.#flying[0];
      if (next === undefined || next.octets === 'end' || next.atMs > nowMs) break;
      if (octets.length + next.octets.length > READ_OCTETS) break;
      if (pieces === 'cut' && this.#chance.is(0.3)) break;
      const joined = new Uint8Array(octets.length + next.octets.length);
      joined.set(octets);
      joined.set(next.octets, octets.length);
      octets = joined;
      this.#flying.shift();
    }
    return octets;
  }
}
