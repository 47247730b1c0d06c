// One stream on a server of a world: answers as the plan of its call says, or as a health service does, and writes down
// what became of it.

import { gunzipSync } from 'node:zlib';
import type { EventLoop } from './event-loop.ts';
import type { Answer, CallPlan } from './plan.ts';
import type { ServerConnection } from './server-connection.ts';
import { framed } from './wire.ts';

const HEADERS: readonly string[] = [':status', '200', 'content-type', 'application/grpc'];
const HEALTH_PATH = '/grpc.health.v1.Health/Watch';
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;
const REFUSED_STREAM = 7;
const NO_ERROR = 0;
const SERVING = 1;
const NOT_SERVING = 2;

/** One attempt of a call, as a server saw it. */
export interface AttemptRecord {
  readonly call: number;
  readonly atMs: number;
  readonly address: string;
  readonly connection: ServerConnection;
  /** How it was answered; `refused` ones were not processed. */
  outcome: 'running' | 'ok' | 'status' | 'reset' | 'refused' | 'cancelled' | 'lost';
  code: number | undefined;
  endMs: number | undefined;
  readonly authorization: string | undefined;
  readonly previousAttempts: number;
  /** Texts of the messages that came. */
  readonly messages: string[];
}

export interface ExchangeHost {
  readonly address: string;
  readonly wantsToken: boolean;
  readonly health: 'none' | 'serving';
  readonly isFit: boolean;
  readonly healthCutMs: number | undefined;
  planOf(call: number): CallPlan | undefined;
  /** How many attempts of a call any server has seen. */
  seen(call: number): number;
  onAttempt(attempt: AttemptRecord): void;
  onGreeted(connection: ServerConnection): void;
  onAnswered(connection: ServerConnection): void;
  onBreach(what: string): void;
}

export class Exchange {
  readonly isHealth: boolean;
  readonly #loop: EventLoop;
  readonly #connection: ServerConnection;
  readonly #id: number;
  readonly #fields: ReadonlyMap<string, string>;
  readonly #host: ExchangeHost;
  #attempt: AttemptRecord | undefined;
  #plan: CallPlan | undefined;
  #answer: Answer | undefined;
  #body: Buffer = Buffer.alloc(0);
  /** What came of a message that is not whole. */
  #parts: Buffer[] = [];
  #partOctets = 0;
  #wantedOctets = 5;
  #isRequestEnded = false;
  #hasHead = false;
  #isDone = false;
  #sent = 0;

  constructor(
    loop: EventLoop,
    connection: ServerConnection,
    id: number,
    fields: readonly string[],
    host: ExchangeHost,
  ) {
    this.#loop = loop;
    this.#connection = connection;
    this.#id = id;
    const map = new Map<string, string>();
    for (let i = 0; i < fields.length; i += 2) map.set(fields[i], fields[i + 1]);
    this.#fields = map;
    this.#host = host;
    this.isHealth = map.get(':path') === HEALTH_PATH;
  }

  begin(): void {
    const { wantsToken } = this.#host;
    const authorization = this.#fields.get('authorization');
    if (wantsToken && authorization === undefined) {
      this.#trailersOnly(UNAUTHENTICATED, 'no token');
      return;
    }
    if (this.isHealth) {
      this.#beginHealth();
      return;
    }
    const call = Number(this.#fields.get('x-id'));
    const plan = this.#host.planOf(call);
    if (plan === undefined) {
      this.#host.onBreach(`a call without an id: ${this.#fields.get(':path')}`);
      return;
    }
    this.#plan = plan;
    const seen = this.#host.seen(call);
    const answer = plan.answers[Math.min(seen, plan.answers.length - 1)];
    this.#answer = answer;
    this.#attempt = {
      call,
      atMs: this.#loop.nowMs,
      address: this.#host.address,
      connection: this.#connection,
      outcome: 'running',
      code: undefined,
      endMs: undefined,
      authorization,
      previousAttempts: Number(this.#fields.get('grpc-previous-rpc-attempts') ?? '0'),
      messages: [],
    };
    this.#host.onAttempt(this.#attempt);
    if (answer.kind === 'refuse') {
      this.#over('refused', undefined);
      this.#connection.reset(this.#id, REFUSED_STREAM);
      return;
    }
    if (answer.kind === 'hang' && answer.afterHeaders) this.#head();
    else if (answer.kind === 'status' || answer.kind === 'reset')
      this.#later(answer.delayMs, () => this.#fail(answer));
    else if (answer.kind === 'ok' && plan.shape === 'server')
      this.#later(answer.delayMs, () => this.#sendNext());
    else if (answer.kind === 'ok' && plan.shape === 'bidi') this.#later(answer.delayMs, () => this.#head());
  }

  onData(octets: Buffer): void {
    const delayMs = this.#plan?.readDelayMs ?? 0;
    const credit = (): void => this.#connection.credit(this.#id, octets.length);
    if (delayMs === 0) credit();
    else this.#later(delayMs, credit);
    this.#parts.push(octets);
    this.#partOctets += octets.length;
    if (this.#partOctets < this.#wantedOctets) return;
    this.#body = Buffer.concat(this.#parts);
    while (this.#body.length >= 5) {
      const length = this.#body.readUInt32BE(1);
      if (this.#body.length < 5 + length) break;
      const message = this.#body.subarray(5, 5 + length);
      this.#onMessage(this.#body[0] === 1 ? gunzipSync(message) : message);
      this.#body = this.#body.subarray(5 + length);
    }
    this.#parts = [this.#body];
    this.#partOctets = this.#body.length;
    this.#wantedOctets = this.#body.length < 5 ? 5 : 5 + this.#body.readUInt32BE(1);
  }

  onRequestEnd(): void {
    this.#isRequestEnded = true;
    const plan = this.#plan;
    const answer = this.#answer;
    if (plan === undefined || answer?.kind !== 'ok' || this.#isDone) return;
    if (plan.shape === 'unary' || plan.shape === 'client') {
      this.#later(answer.delayMs, () => {
        this.#reply();
        this.#ok();
      });
    } else if (plan.shape === 'bidi') this.#later(plan.gapMs, () => this.#ok());
  }

  onReset(): void {
    this.#over('cancelled', undefined);
  }

  onLost(): void {
    this.#over('lost', undefined);
  }

  onAnswered(): void {
    this.#connection.hasServed = true;
    this.#host.onAnswered(this.#connection);
  }

  // --- health

  /** Tells of the server's fitness, if this is a watch. */
  tellHealth(): void {
    if (!this.isHealth || this.#isDone) return;
    this.#head();
    this.#connection.data(this.#id, framed(Uint8Array.of(8, this.#host.isFit ? SERVING : NOT_SERVING)));
  }

  cutHealth(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#connection.reset(this.#id, NO_ERROR);
  }

  #beginHealth(): void {
    const { health, healthCutMs } = this.#host;
    if (health === 'none') {
      this.#trailersOnly(UNIMPLEMENTED, 'no health service');
      return;
    }
    this.tellHealth();
    if (healthCutMs !== undefined) this.#later(healthCutMs, () => this.cutHealth());
  }

  // --- answers

  #onMessage(message: Uint8Array): void {
    const plan = this.#plan;
    this.#attempt?.messages.push(textOf(message));
    if (plan?.shape === 'bidi' && this.#answer?.kind === 'ok' && !this.#isDone) this.#reply();
  }

  #sendNext(): void {
    const plan = this.#plan;
    if (plan === undefined) return;
    if (this.#sent >= plan.replies) {
      this.#ok();
      return;
    }
    this.#reply();
    this.#later(plan.gapMs, () => this.#sendNext());
  }

  #reply(): void {
    this.#head();
    const octets = this.#answer?.kind === 'ok' ? this.#answer.octets : 0;
    const text = `${this.#plan?.id}.${this.#sent++}@${this.#host.address} `;
    const message = Buffer.alloc(Math.max(octets, text.length), '.');
    message.write(text, 'latin1');
    this.#connection.data(this.#id, framed(message));
  }

  #ok(): void {
    this.#head();
    this.#over('ok', 0);
    this.#connection.trailers(this.#id, ['grpc-status', '0']);
  }

  #fail(answer: Answer): void {
    if (answer.kind === 'reset') {
      if (answer.afterHeaders) this.#head();
      this.#over('reset', answer.code);
      this.#connection.reset(this.#id, answer.code);
      return;
    }
    if (answer.kind !== 'status') return;
    const fields = ['grpc-status', String(answer.code), 'grpc-message', 'planned'];
    if (answer.pushbackMs !== undefined) fields.push('grpc-retry-pushback-ms', String(answer.pushbackMs));
    this.#over('status', answer.code);
    if (answer.afterHeaders) {
      this.#head();
      this.#connection.trailers(this.#id, fields);
    } else this.#endWith(fields);
    if (!this.#isRequestEnded) this.#connection.reset(this.#id, NO_ERROR);
  }

  #trailersOnly(code: number, details: string): void {
    this.#isDone = true;
    this.#endWith(['grpc-status', String(code), 'grpc-message', details]);
  }

  #endWith(fields: readonly string[]): void {
    this.onAnswered();
    this.#connection.headers(this.#id, [...HEADERS, ...fields], true);
  }

  #head(): void {
    if (this.#hasHead) return;
    this.#hasHead = true;
    if (!this.isHealth) this.onAnswered();
    this.#connection.headers(this.#id, HEADERS, false);
  }

  #over(outcome: AttemptRecord['outcome'], code: number | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    if (this.#attempt === undefined) return;
    this.#attempt.outcome = outcome;
    this.#attempt.code = code;
    this.#attempt.endMs = this.#loop.nowMs;
  }

  #later(ms: number, run: () => void): void {
    this.#loop.world.timerAt(this.#loop.nowMs + ms, () => {
      if (!this.#isDone && !this.#connection.isClosed) run();
    });
  }
}

/** What stands before the padding. */
export function textOf(message: Uint8Array): string {
  const end = message.indexOf(0x20);
  return Buffer.from(message.buffer, message.byteOffset, end < 0 ? message.length : end).toString('latin1');
}
