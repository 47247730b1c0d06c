// A shard at the start gate of shard 1: it comes early, so that the gate knows of it, compares the clocks, and says when it is
// ready.

import { connect, type Socket } from 'node:net';
import { LongTimer } from '../../../values/clock.ts';
import { messageOf } from '../../../values/realm.ts';
import { durationText } from '../../../values/text/duration-text.ts';
import { LocalError } from '../../command/failure.ts';
import {
  type CommonStart,
  GATE_VERSION,
  type GateAddress,
  gateText,
  interruptedAtGate,
  isTime,
  readLines,
  type ShardNumber,
  type StartPoint,
  stillText,
  timeText,
} from './gate-words.ts';

/** Between two tries to get there: pods come in any order, and their names later than they. */
const RETRY_MS = 500;
/** So long a gate may take for an answer, and for its start beyond the time that it waits for others. */
const ANSWER_MS = 60_000;
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
  readonly #startMs = performance.now();
  #readyMs: number | undefined;
  #lastProblem = '';
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

  get waitsFor(): string {
    const { of } = this.#shard;
    const gate = `the start gate at ${gateText(this.#address)}`;
    if (this.#readyMs !== undefined) {
      return `${gate} to open, ${stillText(this.#readyMs + this.#timeoutMs + ANSWER_MS)}: not all of the ${of} shards are ready`;
    }
    const why = this.#lastProblem === '' ? '' : `: ${this.#lastProblem}`;
    return `${gate} to answer, where shard 1/${of} must run, ${stillText(this.#startMs + this.#timeoutMs)}${why}`;
  }

  async ready(): Promise<CommonStart> {
    const socket = await this.#arrived;
    if (this.#end !== undefined) throw this.#failure(this.#end);
    const clockOffsetMs = await this.#within(Math.min(this.#timeoutMs, ANSWER_MS), 'does not answer', () =>
      this.#compareClocks(socket),
    );
    // By then the gate has begun without those that have not come, unless it hangs or its machine is gone.
    const atMs = await this.#within(this.#timeoutMs + ANSWER_MS, 'does not say when to begin', async () => {
      socket.write('ready\n');
      this.#readyMs = performance.now();
      const [, at] = await this.#words('start');
      return this.#timeOf(at);
    });
    return { atMs, clockOffsetMs, missing: [] };
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
  }

  async #arrive(): Promise<Socket> {
    for (;;) {
      try {
        return await this.#connect();
      } catch (error) {
        if (this.#signal.aborted) throw interruptedAtGate(this.#signal);
        if (this.#isClosed || performance.now() - this.#startMs + RETRY_MS > this.#timeoutMs) {
          const { index, of } = this.#shard;
          throw new LocalError(
            `shard ${index}/${of} cannot reach the start gate at ${gateText(this.#address)} after ${durationText(this.#timeoutMs)}: ${messageOf(error)}; does shard 1/${of} run there?`,
            { cause: error },
          );
        }
        this.#lastProblem = messageOf(error);
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

  /** What is there may be something else that listens, and says nothing. */
  async #within<Result>(ms: number, what: string, run: () => Promise<Result>): Promise<Result> {
    const reason = `what listens there ${what} within ${durationText(ms)}`;
    const timer = new LongTimer(() => this.#ended(reason), ms);
    try {
      return await run();
    } finally {
      timer.clear();
    }
  }

  #timeOf(word: string | undefined): number {
    const ms = Number(word);
    if (word === undefined || word === '' || !isTime(ms)) {
      throw this.#failure('what listens there is no start gate, as its times are none');
    }
    return ms;
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
    let best = { tookMs: Infinity, offsetMs: 0 };
    for (let round = 0; round < CLOCK_ROUNDS; round++) {
      const [sentMs, sentAtMs] = [performance.now(), Date.now()];
      const answer = this.#words('time');
      socket.write(`time ${round}\n`);
      const [, , gateMs] = await answer;
      const tookMs = performance.now() - sentMs;
      if (tookMs < best.tookMs) best = { tookMs, offsetMs: this.#timeOf(gateMs) - (sentAtMs + tookMs / 2) };
    }
    return Math.round(best.offsetMs);
  }

  #failure(reason: string): LocalError {
    const { index, of } = this.#shard;
    return new LocalError(
      `shard ${index}/${of} was not let through the start gate at ${gateText(this.#address)}: ${reason}`,
    );
  }
}
