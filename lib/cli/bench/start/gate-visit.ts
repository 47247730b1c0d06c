// A shard at the start gate of shard 1: it comes early, so that the gate knows of it, compares the clocks, and says when it is
// ready.

import { connect, type Socket } from 'node:net';
import { timerMs } from '../../../values/clock.ts';
import { messageOf } from '../../../values/realm.ts';
import { durationText } from '../../../values/text/duration-text.ts';
import { LocalError } from '../../command/failure.ts';
import {
  type CommonStart,
  GATE_VERSION,
  type GateAddress,
  gateText,
  interruptedAtGate,
  readLines,
  type ShardNumber,
  type StartPoint,
} from './gate-words.ts';

/** Between two tries to get there: pods come in any order, and their names later than they. */
const RETRY_MS = 500;
/** The clocks are compared so often; the quickest answer tells most. */
const CLOCK_ROUNDS = 8;

export class GateVisit implements StartPoint {
  readonly #address: GateAddress;
  readonly #shard: ShardNumber;
  readonly #timeoutMs: number;
  readonly #signal: AbortSignal;
  readonly #arrived: Promise<Socket>;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;
  #onWords: (words: readonly string[]) => void = () => {};
  #onEnd: (reason: string) => void = () => {};
  #end: string | undefined;

  /** Goes there at once. @param timeoutMs how long to try */
  constructor(address: GateAddress, shard: ShardNumber, timeoutMs: number, signal: AbortSignal) {
    this.#address = address;
    this.#shard = shard;
    this.#timeoutMs = timeoutMs;
    this.#signal = signal;
    this.#arrived = this.#arrive();
    // Whoever never asks is not told.
    this.#arrived.catch(() => {});
  }

  async ready(): Promise<CommonStart> {
    const socket = await this.#arrived;
    if (this.#end !== undefined) throw this.#failure(this.#end);
    const clockOffsetMs = await this.#compareClocks(socket);
    socket.write('ready\n');
    const [, atMs] = await this.#words('start');
    return { atMs: this.#timeOf(atMs), clockOffsetMs, missing: [] };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  async #arrive(): Promise<Socket> {
    const startMs = performance.now();
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (this.#signal.aborted) throw interruptedAtGate(this.#signal);
        if (this.#isClosed || performance.now() - startMs + RETRY_MS > this.#timeoutMs) {
          const { index, of } = this.#shard;
          throw new LocalError(
            `shard ${index}/${of} cannot reach the start gate at ${gateText(this.#address)} after ${durationText(this.#timeoutMs)}: ${messageOf(error)}; does shard 1/${of} run there?`,
            { cause: error },
          );
        }
        await new Promise((resolve) => {
          this.#retry = setTimeout(resolve, RETRY_MS);
        });
      }
    }
  }

  #connect(): Promise<Socket> {
    const { host, port } = this.#address;
    const { index, of } = this.#shard;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, signal: this.#signal });
      this.#socket = socket;
      socket.setNoDelay(true).setKeepAlive(true);
      const away = 'it went away before the start';
      socket.on('error', (error) => {
        reject(error);
        this.#ended(`${away}: ${messageOf(error)}`);
      });
      socket.on('close', () => {
        reject(new Error(away));
        this.#ended(away);
      });
      socket.on('connect', () => {
        this.#end = undefined;
        readLines(socket, (words) => this.#hear(words));
        socket.write(`stubless-gate ${GATE_VERSION} shard ${index}/${of}\n`);
        resolve(socket);
      });
    });
  }

  #hear(words: readonly string[]): void {
    const [verb, ...rest] = words;
    if (verb === 'no') this.#ended(rest.join(' '));
    else if (verb === 'late') this.#ended(`the others began at ${timeText(Number(rest[0]))}, without it`);
    else this.#onWords(words);
  }

  #ended(reason: string): void {
    this.#end ??= reason;
    this.#onEnd(this.#end);
  }

  /** The next line that begins with a word. */
  #words(verb: string): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#failure(this.#end));
        return;
      }
      this.#onWords = (words) => {
        if (words[0] === verb) resolve(words);
      };
      this.#onEnd = (reason) => reject(this.#failure(reason));
    });
  }

  async #compareClocks(socket: Socket): Promise<number> {
    // A gate answers at once: who says nothing is something else.
    const limit = durationText(this.#timeoutMs);
    const timer = setTimeout(
      () => this.#ended(`what listens there said nothing within ${limit}`),
      timerMs(this.#timeoutMs),
    );
    let best = { tookMs: Infinity, offsetMs: 0 };
    try {
      for (let round = 0; round < CLOCK_ROUNDS; round++) {
        const [sentMs, sentAtMs] = [performance.now(), Date.now()];
        const answer = this.#words('time');
        socket.write(`time ${round}\n`);
        const [, , gateMs] = await answer;
        const tookMs = performance.now() - sentMs;
        const offsetMs = this.#timeOf(gateMs) - (sentAtMs + tookMs / 2);
        if (tookMs < best.tookMs) best = { tookMs, offsetMs };
      }
    } finally {
      clearTimeout(timer);
    }
    return Math.round(best.offsetMs);
  }

  /** A time as it was told. The other side may be anybody. */
  #timeOf(text: string | undefined): number {
    const ms = Number(text);
    if (text !== undefined && Number.isSafeInteger(ms)) return ms;
    throw this.#failure(`what listens there said '${text}' in place of a time`);
  }

  #failure(reason: string): LocalError {
    const { index, of } = this.#shard;
    return new LocalError(
      `shard ${index}/${of} was not let through the start gate at ${gateText(this.#address)}: ${reason}`,
    );
  }
}

const timeText = (ms: number): string => {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? 'a time that it does not tell' : date.toISOString();
};
