// The start gate: shard 1 waits for the others, and when all are there tells them when to begin. Kept open while it runs, so
// that who comes too late is told, and does not run beside the others.

import type { Server, Socket } from 'node:net';
import { LongTimer } from '../../../values/clock.ts';
import { gateListeners, portOf } from './gate-listeners.ts';
import {
  type CommonStart,
  GATE_VERSION,
  type GateAddress,
  gateText,
  interruptedAtGate,
  readLines,
  type StartPoint,
  shardsText,
  stillText,
} from './gate-words.ts';

/** From the last one's coming to the begin: so that the word is everywhere before. */
const LEAD_MS = 1000;
/** Connections that are nobody's yet. */
const MAX_STRANGERS = 100;
/** A shard asks once it has the answer, and so leaves less than a line. */
const MAX_UNREAD_OCTETS = 10_000;

interface Arrival {
  readonly socket: Socket;
  isReady: boolean;
}

export class StartGate implements StartPoint {
  readonly #servers: readonly Server[];
  readonly #address: GateAddress;
  readonly #of: number;
  readonly #arrivals = new Map<number, Arrival>();
  readonly #gone = new Set<number>();
  readonly #sockets = new Set<Socket>();
  readonly #timer: LongTimer;
  /** When it opens without the others, by performance.now(). */
  readonly #dueMs: number;
  readonly #opened: Promise<CommonStart>;
  readonly #onAbort: () => void;
  readonly #signal: AbortSignal;
  #open: (start: CommonStart) => void = () => {};
  #fail: (reason: Error) => void = () => {};
  #start: CommonStart | undefined;
  #isReady = false;
  #isOverdue = false;

  private constructor(
    servers: readonly Server[],
    address: GateAddress,
    of: number,
    timeoutMs: number,
    signal: AbortSignal,
  ) {
    this.#servers = servers;
    this.#address = address;
    this.#of = of;
    this.#signal = signal;
    this.#opened = new Promise((resolve, reject) => {
      this.#open = resolve;
      this.#fail = reject;
    });
    // Whoever never asks is not told.
    this.#opened.catch(() => {});
    this.#onAbort = () => this.#fail(interruptedAtGate(signal));
    signal.addEventListener('abort', this.#onAbort);
    if (signal.aborted) this.#onAbort();
    this.#dueMs = performance.now() + timeoutMs;
    this.#timer = new LongTimer(() => {
      this.#isOverdue = true;
      this.#check();
    }, timeoutMs);
    for (const server of servers) {
      server.on('connection', (socket) => this.#connected(socket));
      // One that could not be let in, for want of descriptors, comes again.
      server.on('error', () => {});
    }
  }

  /**
   * Listens at the address, and nowhere else.
   * @param timeoutMs how long to wait for the others before beginning without them
   */
  static async listen(
    address: GateAddress,
    of: number,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<StartGate> {
    return new StartGate(await gateListeners(address), address, of, timeoutMs, signal);
  }

  get port(): number {
    return portOf(this.#servers[0]);
  }

  get waitsFor(): string {
    const absent: number[] = [];
    const unready: number[] = [];
    for (let index = 2; index <= this.#of; index++) {
      const arrival = this.#arrivals.get(index);
      if (arrival?.isReady === true || this.#gone.has(index)) continue;
      (arrival === undefined ? absent : unready).push(index);
    }
    const parts = [
      ...(absent.length === 0
        ? []
        : [`${shardsText(absent)} to come to the start gate at ${gateText(this.#address)}`]),
      ...(unready.length === 0 ? [] : [`${shardsText(unready)} to be ready`]),
    ];
    return `${parts.join(', and for ')}, ${stillText(this.#dueMs)}`;
  }

  /** How many others are there, ready or not. */
  get arrived(): number {
    return this.#arrivals.size;
  }

  ready(): Promise<CommonStart> {
    this.#isReady = true;
    this.#check();
    return this.#opened;
  }

  close(): void {
    this.#timer.clear();
    this.#signal.removeEventListener('abort', this.#onAbort);
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #connected(socket: Socket): void {
    if (this.#sockets.size >= this.#of + MAX_STRANGERS) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.setNoDelay(true).setKeepAlive(true);
    let index: number | undefined;
    socket.on('error', () => {
      // It is closed next.
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (index !== undefined && this.#arrivals.get(index)?.socket === socket) this.#left(index);
    });
    readLines(socket, (words) => {
      const [verb = '', number = ''] = words;
      if (verb === 'stubless-gate') index ??= this.#arrived(socket, words);
      else if (verb === 'time') {
        // Who asks and does not read would fill the memory with answers.
        if (socket.writableLength > MAX_UNREAD_OCTETS) socket.destroy();
        else socket.write(`time ${number} ${Date.now()}\n`);
      } else if (verb === 'ready' && index !== undefined) this.#isPrepared(index);
    });
  }

  /** The number of a shard that may wait; undefined for one that may not. */
  #arrived(socket: Socket, [, version, , shard = '']: readonly string[]): number | undefined {
    const [, number = '', of = ''] = /^(\d{1,9})\/(\d{1,9})$/.exec(shard) ?? [];
    const index = Number(number);
    const reason =
      version !== String(GATE_VERSION)
        ? `the gate is of another version (${GATE_VERSION})`
        : Number(of) !== this.#of
          ? `the gate is for ${this.#of} shards`
          : index < 2 || index > this.#of
            ? `the gate is shard 1/${this.#of}`
            : this.#arrivals.has(index)
              ? `there is a shard ${shard} already`
              : undefined;
    if (reason !== undefined) {
      socket.end(`no ${reason}\n`);
      return undefined;
    }
    if (this.#start !== undefined) {
      socket.end(`late ${this.#start.atMs}\n`);
      return undefined;
    }
    this.#gone.delete(index);
    this.#arrivals.set(index, { socket, isReady: false });
    return index;
  }

  #isPrepared(index: number): void {
    const arrival = this.#arrivals.get(index);
    if (arrival === undefined) return;
    arrival.isReady = true;
    if (this.#start === undefined) this.#check();
    else arrival.socket.end(`late ${this.#start.atMs}\n`);
  }

  #left(index: number): void {
    this.#arrivals.delete(index);
    if (this.#start !== undefined) return;
    // Whoever ends before the start, ends with an error: the others need not wait for it.
    this.#gone.add(index);
    this.#check();
  }

  #check(): void {
    if (!this.#isReady || this.#start !== undefined) return;
    const missing: number[] = [];
    for (let index = 2; index <= this.#of; index++) {
      if (this.#arrivals.get(index)?.isReady === true) continue;
      if (!this.#isOverdue && !this.#gone.has(index)) return;
      missing.push(index);
    }
    this.#timer.clear();
    this.#start = { atMs: Date.now() + LEAD_MS, clockOffsetMs: 0, missing };
    for (const { socket, isReady } of this.#arrivals.values()) {
      if (isReady) socket.write(`start ${this.#start.atMs}\n`);
    }
    this.#open(this.#start);
  }
}
