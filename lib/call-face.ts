// What the faces of a call (call.ts) ask of the state behind them. Two things have it: a call on the wire
// (call-core.ts) and a call that goes through interceptors (intercepted-core.ts). Types only.

import type { Metadata } from './metadata.ts';
import type { CallTiming } from './observed-call.ts';
import type { WriteOptions } from './options/write-options.ts';
import type { ReplyReader } from './reply-reader.ts';
import type { Peer } from './rpc/transport.ts';
import type { Cardinality } from './schema/method.ts';
import type { Status } from './status.ts';

export interface CallFace {
  /** The path of the method, or the name it was asked for by. */
  readonly method: string;
  readonly cardinality: Cardinality | undefined;
  readonly peer: Peer | undefined;
  readonly attempts: number;
  /** When it reached what; undefined unless it is timed. */
  readonly timing: CallTiming | undefined;
  /** Whether the method is known to stream replies; undefined while it is looked up. */
  readonly streamsReplies: boolean | undefined;
  readonly isDone: boolean;
  /** Resolves when the call has ended, however it did. */
  readonly ended: Promise<void>;
  /** Who reads replies one by one. */
  readonly reader: ReplyReader;
  /** `write` and `end` of the call; `isLast` half-closes, and without `hasFields` does only that. */
  write(fields: unknown, hasFields: boolean, isLast: boolean, options?: WriteOptions): Promise<void>;
  /** The single reply, when the call has ended well. */
  result(): Promise<unknown>;
  /** Waits for the method to be known; then whether replies stream. */
  whenBegun(): Promise<boolean>;
  headers(): Promise<Metadata>;
  trailers(): Promise<Metadata>;
  status(): Promise<Status>;
  /** What the call failed with; undefined when it has not, or has ended with OK. */
  takeError(): unknown;
  cancel(reason: unknown): void;
}
