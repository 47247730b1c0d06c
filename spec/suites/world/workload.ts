// The client's side of a world: makes the calls of the plan as users do, each in its caller's context, and writes down
// what they were told and when. Everything that it waits for is known by name and by the time it must come.

import type { Stream } from '../../../lib/call/call.ts';
import type { CallOptions } from '../../../lib/call/call-options.ts';
import type { Client } from '../../../lib/client/client.ts';
import type { Cardinality } from '../../../lib/schema/codec/method.ts';
import { RpcError } from '../../../lib/values/rpc-error.ts';
import type { EventLoop } from './event-loop.ts';
import { textOf } from './exchange.ts';
import type { CallPlan, Shape } from './plan.ts';

const METHODS: Readonly<Record<Shape, { readonly path: string; readonly cardinality: Cardinality }>> = {
  unary: { path: '/world.World/Unary', cardinality: 'unary_unary' },
  server: { path: '/world.World/Server', cardinality: 'unary_stream' },
  client: { path: '/world.World/Client', cardinality: 'stream_unary' },
  bidi: { path: '/world.World/Bidi', cardinality: 'stream_stream' },
};

/** Something that somebody waits for. */
export interface Waiting {
  readonly what: string;
  readonly call: number | undefined;
  readonly startMs: number;
  /** When it has to have come. */
  dueMs: number;
  settledMs: number | undefined;
}

/** A call as its caller saw it. */
export interface CallRecord {
  readonly plan: CallPlan;
  readonly startMs: number;
  endMs: number | undefined;
  /** undefined while it runs. */
  code: number | undefined;
  details: string;
  origin: 'server' | 'client' | undefined;
  readonly replies: string[];
  attempts: number;
  /** The other end of the connection it was given last. */
  peer: string | undefined;
  /** What rejected that is no RpcError. */
  strange: unknown;
  /** Whose context code of the caller's ran in, where it was not the caller's. */
  readonly strangers: string[];
}

export class Workload {
  readonly calls: CallRecord[] = [];
  readonly waits: Waiting[] = [];
  readonly #loop: EventLoop;
  readonly #client: Client;

  constructor(loop: EventLoop, client: Client) {
    this.#loop = loop;
    this.#client = client;
  }

  /** Waits for something as users do, and remembers it. Never rejects. */
  wait<T>(what: string, promise: PromiseLike<T>, dueMs: number, call?: number): Promise<T | Error> {
    const startMs = this.#loop.nowMs;
    // What is asked for when the call has ended comes soon, too.
    const waiting: Waiting = {
      what,
      call,
      startMs,
      dueMs: Math.max(dueMs, startMs + 100),
      settledMs: undefined,
    };
    this.waits.push(waiting);
    const settle = <V>(value: V): V => {
      waiting.settledMs = this.#loop.nowMs;
      return value;
    };
    return Promise.resolve(promise.then(settle, (error: unknown) => settle(error as Error)));
  }

  /** How many wait still. */
  get open(): number {
    return this.waits.filter(({ settledMs }) => settledMs === undefined).length;
  }

  begin(plan: CallPlan): CallRecord {
    return this.#loop.runAs(plan.caller, () => this.#begin(plan));
  }

  ready(timeoutMs: number): void {
    const dueMs = this.#loop.nowMs + timeoutMs + 100;
    void this.wait('waitForReady', this.#client.waitForReady({ timeoutMs }), dueMs);
  }

  #begin(plan: CallPlan): CallRecord {
    const record: CallRecord = {
      plan,
      startMs: this.#loop.nowMs,
      endMs: undefined,
      code: undefined,
      details: '',
      origin: undefined,
      replies: [],
      attempts: 0,
      peer: undefined,
      strange: undefined,
      strangers: [],
    };
    this.calls.push(record);
    const dueMs = this.#loop.nowMs + plan.timeoutMs + 100;
    const options = this.#optionsOf(plan, record);
    const { path, cardinality } = METHODS[plan.shape];
    const raw = this.#client.raw(path, { cardinality });
    if (plan.shape === 'unary' || plan.shape === 'server') {
      const call = raw(message(plan, 0), options);
      this.#watch(call, record, dueMs);
      if (plan.shape === 'unary') void this.wait('reply', this.#only(call, record), dueMs, plan.id);
      else void this.wait('replies', this.#readAll(call, record), dueMs, plan.id);
      return record;
    }
    const call = raw.open(options);
    this.#watch(call, record, dueMs);
    void this.#writeAll(call, plan, dueMs);
    if (plan.shape === 'client') void this.wait('reply', this.#only(call, record), dueMs, plan.id);
    else void this.wait('replies', this.#readAll(call, record), dueMs, plan.id);
    return record;
  }

  #optionsOf(plan: CallPlan, record: CallRecord): CallOptions {
    const { retry, hedging, compression } = plan;
    return {
      timeoutMs: plan.timeoutMs,
      waitForReady: plan.waitForReady,
      metadata: { 'x-id': String(plan.id) },
      ...(retry === undefined ? {} : { retry }),
      ...(hedging === undefined ? {} : { hedging }),
      ...(compression === undefined ? {} : { compression }),
      ...(plan.id % 5 === 0
        ? {
            interceptors: [
              (call, next) => {
                const { caller, keepsCallers } = this.#loop;
                if (keepsCallers && caller !== plan.caller) record.strangers.push(`interceptor: ${caller}`);
                return next(call);
              },
            ],
          }
        : {}),
    };
  }

  #watch(call: Stream, record: CallRecord, dueMs: number): void {
    const { plan } = record;
    if (plan.cancelAfterMs !== undefined) {
      this.#loop.client.timerAt(this.#loop.nowMs + plan.cancelAfterMs, () => call.cancel('planned'));
    }
    void this.wait('headers', call.headers, dueMs, plan.id);
    void this.wait('trailers', call.trailers, dueMs, plan.id);
    void this.wait(
      'status',
      call.status.then((status) => {
        record.endMs = this.#loop.nowMs;
        record.code = status.code;
        record.details = status.details;
        record.attempts = call.attempts;
        record.peer = call.peer?.address;
        this.#loop.note(status.code * 1000 + plan.id);
      }),
      dueMs,
      plan.id,
    );
  }

  async #only(call: PromiseLike<unknown>, record: CallRecord): Promise<void> {
    try {
      const reply = await call;
      record.replies.push(textOf(reply as Uint8Array));
    } catch (error) {
      this.#rejected(error, record);
    }
  }

  async #readAll(call: Stream, record: CallRecord): Promise<void> {
    try {
      for await (const reply of call) record.replies.push(textOf(reply as Uint8Array));
    } catch (error) {
      this.#rejected(error, record);
    }
  }

  #rejected(error: unknown, record: CallRecord): void {
    if (RpcError.is(error)) record.origin = error.origin;
    else record.strange = error;
  }

  async #writeAll(call: Stream, plan: CallPlan, dueMs: number): Promise<void> {
    for (let i = 0; i < plan.requests; i++) {
      const written = await this.wait('write', call.write(message(plan, i)), dueMs, plan.id);
      if (written instanceof Error) return;
      if (plan.gapMs > 0) {
        await new Promise<void>((resolve) => {
          this.#loop.client.timerAt(this.#loop.nowMs + plan.gapMs, resolve);
        });
      }
    }
    await this.wait('end', call.end(), dueMs, plan.id);
  }
}

function message(plan: CallPlan, index: number): Uint8Array {
  const text = `${plan.id}.${index} `;
  const octets = Buffer.alloc(Math.max(plan.requestOctets, text.length), '.');
  octets.write(text, 'latin1');
  return octets;
}
