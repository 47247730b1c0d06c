// The state of one call that goes through interceptors, behind the faces of call.ts: runs one interceptor, and makes
// what it gives the outcome of the call. What the interceptor goes on to is again such a call, or at the inner end one
// on the wire (call-core.ts). It knows no bytes and no connections.

import type { Abortable } from './abort-group.ts';
import { Call, Stream } from './call.ts';
import type { CallFace } from './call-face.ts';
import type { CallTarget } from './call-host.ts';
import { reportUnobserved } from './diagnostics.ts';
import { SchemaError } from './errors.ts';
import { InterceptedEnd } from './intercepted-end.ts';
import { checkInterceptedWrite, InterceptedRequests } from './intercepted-requests.ts';
import type { InterceptedCall, Interceptor, Next } from './interceptor.ts';
import {
  type Chain,
  type InterceptionHost,
  innerOptions,
  iteratorOf,
  leaveUnread,
  NoReply,
  nameOf,
  onlyReply,
  outgoing,
  replyOf,
  timing,
} from './interceptor-chain.ts';
import { Latch } from './latch.ts';
import { Metadata } from './metadata.ts';
import type { CallTiming } from './observed-call.ts';
import {
  type CallOptions,
  type CheckedCallOptions,
  DEFAULT_UNARY_TIMEOUT_MS,
} from './options/call-options.ts';
import type { WriteOptions } from './options/write-options.ts';
import { pendingWrite, rejectedWrite } from './rejected-write.ts';
import { type FeedOwner, ReplyFeed } from './reply-feed.ts';
import { type ReplyPuller, ReplyReader, type ReplySource } from './reply-reader.ts';
import { requestMessages } from './request-pipe.ts';
import { sourceOf } from './request-stream.ts';
import type { DeadlineSlot, Expiring } from './rpc/deadline.ts';
import { clientOutcome, type Outcome } from './rpc/outcome.ts';
import type { Peer } from './rpc/transport.ts';
import type { RunningCall } from './running-calls.ts';
import type { Cardinality, Method } from './schema/method.ts';
import { type Status, StatusCode } from './status.ts';

/** How long interceptors have, once the deadline has ended what they wait for, to make an outcome of it. */
const DEADLINE_GRACE_MS = 24;

export class InterceptedCore
  implements CallFace, FeedOwner, ReplySource, ReplyPuller, Expiring, Abortable, RunningCall
{
  readonly options: CheckedCallOptions;
  readonly #host: InterceptionHost;
  readonly #chain: Chain;
  /** Which interceptor of the chain it runs. */
  readonly #index: number;
  readonly #given: CallOptions;
  /** The name the method was asked for by. */
  readonly #name: string;
  #target: CallTarget | undefined;
  /** Where `write` and `end` go; undefined where the requests were given whole. */
  #requests: InterceptedRequests | undefined;
  /** What the interceptor began. */
  readonly #inner: CallFace[] = [];
  /** Where headers and trailers come from: what was passed on, or else what was begun last. */
  #origin: CallFace | undefined;
  #feed: ReplyFeed | undefined;

  deadlineNext: Expiring | undefined;
  deadlinePrevious: Expiring | undefined;
  deadlineSlot: DeadlineSlot | undefined;
  runningIndex = -1;
  abortIndex = -1;

  #end: InterceptedEnd | undefined;
  #reply: unknown;
  #isAbandoned = false;
  #isObserved = false;
  #isCancelledByCaller = false;
  #reader: ReplyReader | undefined;
  readonly #begun = new Latch();
  /** There are replies, or there is an outcome. */
  readonly #answered = new Latch();
  readonly #ended = new Latch();

  constructor(
    host: InterceptionHost,
    name: string,
    interceptors: readonly Interceptor[],
    options: CheckedCallOptions,
    given: CallOptions | undefined,
    outer?: { readonly chain: Chain; readonly index: number },
  ) {
    this.options = options;
    this.#host = host;
    this.#name = name;
    this.#given = given ?? {};
    this.#index = outer?.index ?? 0;
    this.#chain = outer?.chain ?? {
      interceptors,
      startedMs: performance.now(),
      timeoutMs: given?.timeoutMs,
      deadlineMs: Infinity,
    };
    if (outer !== undefined) return;
    if (options.timeoutMs !== undefined || options.deadline !== undefined) {
      this.#setDeadline(options.timeoutMs ?? Infinity);
    }
    const { signal } = options;
    if (signal?.aborted) this.onAbort(signal.reason);
    else if (signal !== undefined && !this.isDone) host.signals.add(signal, this);
  }

  // --- starting

  /** The deadline of a call that has none of its own, while its method is still being looked up. */
  expectUnary(): void {
    if (this.#hasDefaultDeadline) this.#setDeadline(DEFAULT_UNARY_TIMEOUT_MS);
  }

  /** Runs the interceptor. With `isOpen` the requests come from `write` and `end`. */
  begin(target: CallTarget, fields: unknown, isOpen: boolean): void {
    if (this.isDone) return;
    this.#target = target;
    const { method } = target;
    if (this.#hasDefaultDeadline) {
      const isUnary = !method.requestStream && !method.responseStream;
      this.#setDeadline(isUnary ? DEFAULT_UNARY_TIMEOUT_MS : Infinity);
    }
    this.#begun.open();
    if (isOpen) this.#requests = new InterceptedRequests(method, (request) => this.#run(target, request));
    else if (method.requestStream) {
      this.#run(
        target,
        requestMessages(() => sourceOf(fields, method), method.path),
      );
    } else this.#run(target, fields);
  }

  refuse(error: unknown): void {
    this.#fail(error);
  }

  #run({ method }: CallTarget, request: unknown): void {
    const call = outgoing(method, this.#given, request);
    let given: unknown;
    try {
      given = this.#chain.interceptors[this.#index](call, (changed = call) => this.#next(changed));
    } catch (error) {
      this.#fail(error);
      return;
    }
    void this.#settle(given);
  }

  #next(given: InterceptedCall): ReturnType<Next> {
    const target = this.#target as CallTarget;
    const inner = this.#startInner(target, given);
    this.#inner.push(inner);
    this.#origin = inner;
    // It came too late: the call has ended, and ends what is begun in its name.
    if (this.isDone) inner.cancel(this.takeError() ?? 'the call has ended');
    return new Call(inner);
  }

  /** What `next` goes on to. A mistake in what it was given is the outcome of that. */
  #startInner(target: CallTarget, given: InterceptedCall): CallFace {
    const host = this.#host;
    const chain = this.#chain;
    const index = this.#index + 1;
    const { path, requestStream } = target.method;
    let options: CallOptions = {};
    let mistake: unknown;
    try {
      if (this.isDone) throw this.takeError() ?? new TypeError(`next was called after ${path} had ended`);
      options = innerOptions(given, this.#who);
    } catch (error) {
      mistake = error;
    }
    const request = requestStream ? given?.messages : given?.message;
    if (mistake === undefined && index === chain.interceptors.length) {
      const { startedMs, timeoutMs } = timing(chain, options);
      return host.startCall(target, request, { ...options, timeoutMs }, startedMs);
    }
    const outer = { chain, index };
    const inner = new InterceptedCore(host, path, chain.interceptors, this.options, options, outer);
    if (mistake !== undefined) inner.refuse(mistake);
    else inner.#beginInner(target, request);
    return inner;
  }

  #beginInner(target: CallTarget, request: unknown): void {
    this.#target = target;
    this.#begun.open();
    this.#run(target, request);
  }

  // --- what the interceptor gives

  async #settle(given: unknown): Promise<void> {
    try {
      const isStream = this.streamsReplies === true;
      const result = isStream && given instanceof Stream ? given : await given;
      if (this.isDone) {
        if (isStream && !(result instanceof Stream)) void leaveUnread(result);
        return;
      }
      if (isStream) this.#readFrom(result);
      else this.#finishWith(this.acceptReply(await onlyReply(result, this.#methodInfo, this.#who)));
    } catch (error) {
      this.#fail(error);
    }
  }

  #readFrom(result: unknown): void {
    if (result instanceof Stream) {
      const passed = Stream.coreOf(result);
      this.#origin = passed;
      this.#feed = ReplyFeed.ofCall(this, passed);
      if (this.#reader?.isWaiting) void this.#feed.want();
    } else {
      const source = iteratorOf(result);
      if (source === undefined) throw this.#garbage(result, 'an iterable of replies');
      this.#feed = ReplyFeed.ofSource(this, source);
    }
    this.#answered.open();
    // A reader that came before: what is here already goes to it.
    this.#reader?.onChange();
  }

  acceptReply(value: unknown): unknown {
    try {
      return replyOf(value, this.#methodInfo, this.#who);
    } catch (error) {
      throw error instanceof NoReply ? this.#garbage(value, 'a reply') : error;
    }
  }

  get #methodInfo(): Method {
    return (this.#target as CallTarget).method;
  }

  #garbage(value: unknown, wanted: string): TypeError {
    const hint =
      this.#inner.length === 0 ? 'it did not call next' : 'did it forget to return what next gave?';
    return new TypeError(`${this.#who} gave ${String(value)} where ${this.method} needs ${wanted}; ${hint}`);
  }

  /** The interceptor in errors. */
  get #who(): string {
    return nameOf(this.#chain, this.#index);
  }

  onFeedEnd(error?: unknown): void {
    if (error === undefined) this.#finishWith(undefined);
    else this.#fail(error);
  }

  // --- writing

  write(fields: unknown, hasFields: boolean, isLast: boolean, options?: WriteOptions): Promise<void> {
    if (this.#target === undefined && !this.isDone) {
      const work = this.#begun.opened.then(() => this.write(fields, hasFields, isLast, options));
      return pendingWrite(this.method, work);
    }
    try {
      if (options !== undefined) checkInterceptedWrite(options, this.options.compression?.name, this.method);
      return this.#writeNow(fields, hasFields, isLast);
    } catch (error) {
      return rejectedWrite(this.method, error);
    }
  }

  #writeNow(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> {
    if (this.isDone) {
      const error = hasFields ? this.takeError() : undefined;
      if (error !== undefined) throw error;
      return Promise.resolve();
    }
    const requests = this.#requests;
    if (requests === undefined) {
      throw new TypeError(`the requests of ${this.method} were given whole; use client.open to write them`);
    }
    const written = requests.write(fields, hasFields, isLast).then(() => {
      // A call that ended with an error takes with it what was still waiting to be sent.
      const error = hasFields && this.isDone ? this.takeError() : undefined;
      if (error !== undefined) throw error;
    });
    // It fails only as the call does, which tells of that itself.
    written.catch(() => {});
    return written;
  }

  // --- reading

  result(): Promise<unknown> {
    this.#isObserved = true;
    return this.#result();
  }

  async #result(): Promise<unknown> {
    await this.#ended.opened;
    const error = this.takeError();
    if (error !== undefined) throw error;
    return this.#reply;
  }

  async whenBegun(): Promise<boolean> {
    this.#isObserved = true;
    await this.#begun.opened;
    const error = this.#target === undefined ? this.takeError() : undefined;
    if (error !== undefined) throw error;
    return this.streamsReplies === true;
  }

  get streamsReplies(): boolean | undefined {
    return this.#target?.method.responseStream;
  }

  get reader(): ReplyReader {
    this.#isObserved = true;
    this.#reader ??= new ReplyReader(this);
    return this.#reader;
  }

  get activeReader(): ReplyReader | undefined {
    return this.#reader;
  }

  singleReply(): IteratorResult<unknown, undefined> {
    return { value: this.#reply, done: false };
  }

  /** Replies are pulled from the interceptor. */
  get exchange(): ReplyPuller {
    return this;
  }

  pull(): boolean {
    return this.#feed?.pull() === true;
  }

  get isReading(): boolean {
    return this.#reader?.isWaiting === true;
  }

  set isReading(isWanted: boolean) {
    if (isWanted) void this.#feed?.want();
  }

  // --- its other faces

  get isDone(): boolean {
    return this.#end !== undefined;
  }

  get ended(): Promise<void> {
    return this.#ended.opened;
  }

  get isAbandoned(): boolean {
    return this.#isAbandoned;
  }

  get method(): string {
    return this.#target?.method.path ?? this.#name;
  }

  get cardinality(): Cardinality | undefined {
    return this.#target?.method.cardinality;
  }

  get peer(): Peer | undefined {
    return this.#origin?.peer;
  }

  /** Of the call that was passed on: what an interceptor repeats itself it can count itself. */
  get attempts(): number {
    return this.#origin?.attempts ?? 0;
  }

  get timing(): CallTiming | undefined {
    return this.#origin?.timing;
  }

  async headers(): Promise<Metadata> {
    this.#isObserved = true;
    await this.#answered.opened;
    return this.#isAbandoned || this.#origin === undefined ? new Metadata() : this.#origin.headers();
  }

  async trailers(): Promise<Metadata> {
    return (await this.status()).metadata;
  }

  async status(): Promise<Status> {
    this.#isObserved = true;
    await this.#ended.opened;
    const end = this.#end as InterceptedEnd;
    if (end.isOk) end.trailers ??= await this.#origin?.trailers();
    return end.status;
  }

  cancel(reason: unknown): void {
    if (this.isDone) return;
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the caller', reason));
  }

  /** Ends the call because its client closes. */
  close(): void {
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'the client was closed'));
  }

  onAbort(reason: unknown): void {
    this.#isCancelledByCaller = true;
    this.abandon(clientOutcome(StatusCode.CANCELLED, 'cancelled by the signal of the call', reason));
  }

  onDeadline(): void {
    const { startedMs } = this.#chain;
    const waitedMs = Math.round(performance.now() - startedMs);
    const where =
      this.#target === undefined
        ? 'while loading the schema'
        : `while ${this.#who} was at work${this.#inner.length === 0 ? ' (it has not called next)' : ''}`;
    this.abandon(
      clientOutcome(StatusCode.DEADLINE_EXCEEDED, `the deadline passed after ${waitedMs} ms ${where}`),
    );
  }

  // --- ending

  /** Ends the call from this side; what was not read is dropped. */
  abandon(outcome: Outcome): void {
    if (this.isDone) return;
    this.#isAbandoned = true;
    this.#reader?.drop();
    this.#finish(new InterceptedEnd(outcome));
  }

  #fail(error: unknown): void {
    if (!this.isDone) this.#finish(InterceptedEnd.ofError(error, this.#who));
  }

  #finishWith(reply: unknown): void {
    if (this.isDone) return;
    this.#reply = reply;
    const origin = this.#origin === undefined ? 'client' : 'server';
    this.#finish(new InterceptedEnd({ code: StatusCode.OK, details: '', origin }));
  }

  #finish(end: InterceptedEnd): void {
    this.#end = end;
    if (this.deadlineSlot !== undefined) this.#host.deadlines.remove(this);
    const { signal } = this.options;
    if (this.#index === 0 && signal !== undefined) this.#host.signals.remove(signal, this);
    for (const inner of this.#inner) inner.cancel('the call that began it has ended');
    this.#requests?.leave();
    if (this.#isAbandoned) void this.#feed?.leave();
    if (this.#index === 0) this.#host.onCallEnd(this);
    this.#begun.open();
    this.#answered.open();
    this.#ended.open();
    this.#reader?.onChange();
    if (!end.isOk && !this.#isObserved && !this.#isCancelledByCaller) this.#reportLater();
  }

  #reportLater(): void {
    setImmediate(() => {
      const error = this.takeError();
      if (this.#isObserved || !(error instanceof Error)) return;
      const isMistake =
        error instanceof TypeError || error instanceof RangeError || error instanceof SchemaError;
      reportUnobserved(this.method, error, isMistake);
    });
  }

  takeError(): unknown {
    return this.#end?.error(this.method, this.peer?.address);
  }

  get #hasDefaultDeadline(): boolean {
    const { timeoutMs, deadline } = this.options;
    return this.#index === 0 && timeoutMs === undefined && deadline === undefined;
  }

  #setDeadline(timeoutMs: number): void {
    if (this.deadlineSlot !== undefined) this.#host.deadlines.remove(this);
    const { deadline } = this.options;
    const chain = this.#chain;
    const byDate = deadline === undefined ? Infinity : performance.now() + deadline - Date.now();
    chain.deadlineMs = Math.min(chain.startedMs + timeoutMs, byDate);
    if (chain.deadlineMs !== Infinity) {
      this.#host.deadlines.add(this, chain.deadlineMs + DEADLINE_GRACE_MS);
    }
  }
}
