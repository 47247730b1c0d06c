// A call that is made for a request, and all that came of it: what expectations are held against.

import type {
  CallOptions,
  Client,
  DynamicMessage,
  Metadata,
  MethodDescription,
  Status,
} from '../../index.ts';
import { RpcError } from '../../index.ts';
import { LongTimer } from '../../values/clock.ts';
import { decodeReply, rawOf } from './raw-method.ts';

/** Of a stream; where more come, the call is cancelled, as they would fill the memory. */
export const MAX_KEPT_REPLIES = 100_000;
/** Octets of a stream's replies, without their framing and after decompression; likewise. */
export const MAX_KEPT_REPLY_BYTES: number = 64 * 1024 * 1024;

export interface CallRecord {
  readonly status: Status;
  /** Undefined for a call that succeeded. */
  readonly error: RpcError | undefined;
  readonly replies: readonly DynamicMessage[];
  /** When each reply came, in milliseconds since the call began. */
  readonly repliedMs: readonly number[];
  readonly headers: Metadata;
  readonly trailers: Metadata;
  readonly durationMs: number;
  /** Why it was ended here: nothing had come for as long as was asked for, or more than was to come. */
  readonly endedFor: 'silence' | 'another reply' | undefined;
}

/** A call that is ended here when nothing comes any more, as is expected; or when something does. */
export interface QuietEnd {
  /** For so long nothing comes. */
  readonly ms: number;
  /** So many replies come before, as far as that is known. */
  readonly least: number;
  /** And no more than these. */
  readonly most: number;
}

export interface PreparedMessage {
  readonly fields: unknown;
  readonly delayMs: number;
  readonly afterReply: number;
}

export interface PreparedCall {
  readonly method: MethodDescription;
  readonly messages: readonly PreparedMessage[];
  readonly options: CallOptions;
  readonly quiet: QuietEnd | undefined;
}

/** Makes a call, and waits for its end. Rejects with what is no RpcError: a mistake of the request, or of ours. */
export async function makeCall(client: Client, prepared: PreparedCall): Promise<CallRecord> {
  const { method, options, quiet } = prepared;
  const startMs = performance.now();
  const replies: DynamicMessage[] = [];
  const repliedMs: number[] = [];
  const awaited = new AwaitedReplies();
  const takesStream = method.cardinality.startsWith('stream');
  const encoded = (fields: unknown): Uint8Array => client.encode(method.requestType, fields ?? {});
  const call = rawOf(client, method)(
    takesStream
      ? requestsOf(prepared.messages, awaited, encoded, quiet !== undefined)
      : encoded(prepared.messages[0]?.fields),
    options,
  );
  let keptBytes = 0;
  const silence = quiet === undefined ? undefined : new Silence(quiet, (why) => call.cancel(why));
  let error: RpcError | undefined;
  try {
    silence?.heard(0);
    for await (const bytes of call) {
      keptBytes += bytes.length;
      // One reply alone is limited by --max-size.
      if (replies.length > 0) checkKept(replies.length + 1, keptBytes);
      replies.push(decodeReply(client, method.replyType, bytes) as DynamicMessage);
      repliedMs.push(performance.now() - startMs);
      awaited.came(replies.length);
      silence?.heard(replies.length);
    }
  } catch (thrown) {
    if (!RpcError.is(thrown)) throw thrown;
    error = thrown;
  } finally {
    silence?.end();
    awaited.end();
  }
  const durationMs = performance.now() - startMs;
  const endedFor = silence?.endedFor;
  return {
    status: await call.status,
    error: endedFor === undefined ? error : undefined,
    replies,
    repliedMs,
    headers: await call.headers,
    trailers: await call.trailers,
    durationMs,
    endedFor,
  };
}

function checkKept(replies: number, bytes: number): void {
  const refuse = (most: string): never => {
    throw new RangeError(`more than ${most} came, which is all that are kept of a stream`);
  };
  if (replies > MAX_KEPT_REPLIES) refuse(`${MAX_KEPT_REPLIES} replies`);
  if (bytes > MAX_KEPT_REPLY_BYTES) refuse(`${MAX_KEPT_REPLY_BYTES} bytes of replies`);
}

/**
 * Messages as they are due. When the call has ended, no more are.
 * @param staysOpen whether the stream of requests does not end before the call: most servers end the call with it
 */
async function* requestsOf(
  messages: readonly PreparedMessage[],
  awaited: AwaitedReplies,
  encoded: (fields: unknown) => Uint8Array,
  staysOpen: boolean,
): AsyncGenerator<Uint8Array> {
  for (const { fields, delayMs, afterReply } of messages) {
    if (afterReply > 0) await awaited.count(afterReply);
    if (delayMs > 0) await awaited.pause(delayMs);
    if (awaited.hasEnded) return;
    yield encoded(fields);
  }
  if (staysOpen) await awaited.count(Number.POSITIVE_INFINITY);
}

/** Who waits for replies, or for time to pass, before the next message goes. All are woken at the call's end. */
class AwaitedReplies {
  #count = 0;
  readonly #waiting = new Map<() => void, number>();
  hasEnded = false;

  came(count: number): void {
    this.#count = count;
    for (const [wake, wanted] of this.#waiting) if (wanted <= count) wake();
  }

  count(wanted: number): Promise<void> {
    if (this.#count >= wanted || this.hasEnded) return Promise.resolve();
    return this.#until(wanted, undefined);
  }

  pause(ms: number): Promise<void> {
    return this.hasEnded ? Promise.resolve() : this.#until(Number.POSITIVE_INFINITY, ms);
  }

  end(): void {
    this.hasEnded = true;
    for (const wake of this.#waiting.keys()) wake();
  }

  #until(wanted: number, ms: number | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        timer?.clear();
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = ms === undefined ? undefined : new LongTimer(wake, ms);
      this.#waiting.set(wake, wanted);
    });
  }
}

/** Notices that nothing has come for a while, or something that was not to come. */
class Silence {
  readonly #quiet: QuietEnd;
  readonly #onEnd: (why: string) => void;
  #timer: LongTimer | undefined;
  endedFor: CallRecord['endedFor'];

  constructor(quiet: QuietEnd, onEnd: (why: string) => void) {
    this.#quiet = quiet;
    this.#onEnd = onEnd;
  }

  heard(replies: number): void {
    this.#timer?.clear();
    const { ms, least, most } = this.#quiet;
    if (replies > most) this.#end('another reply');
    else if (replies >= least) this.#timer = new LongTimer(() => this.#end('silence'), ms);
  }

  #end(why: 'silence' | 'another reply'): void {
    this.endedFor = why;
    this.#onEnd(why);
  }

  end(): void {
    this.#timer?.clear();
  }
}
