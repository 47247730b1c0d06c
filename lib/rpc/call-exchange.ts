// What a call needs from its exchange, whether that is one stream or several attempts. Types only.

import type { Outcome } from './outcome.ts';
import type { FieldList, Peer } from './transport.ts';

/** The call, as its exchange sees it. */
export interface ExchangeListener {
  /** Per-call fields, requested when a stream opens, because the remaining time is measured then. */
  callFields(): FieldList | undefined;
  /** Whether the call has a deadline. */
  readonly hasDeadline: boolean;
  /** Whether the call's deadline has passed. */
  isExpired(): boolean;
  onHeaders(): void;
  /** A whole message, in memory that is valid only during this call; with `isOwn`, memory that it alone has, for good. */
  onMessage(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void;
  /**
   * A whole message cannot be decompressed: the call ends with this outcome, even if the server has already ended it.
   */
  onBadMessage(outcome: Outcome): void;
  onWritable(): void;
  /** Called once, and nothing follows; but messages that arrived earlier can still be pulled. */
  onOutcome(outcome: Outcome): void;
}

/**
 * What an exchange is doing: waiting for a stream, writing, waiting for the response, reading it, waiting to retry, or
 * waiting to be sent again because the server refused it.
 */
export type ExchangePhase = 'queued' | 'writing' | 'waiting' | 'reading' | 'backoff' | 'refused';

export interface CallExchange {
  /** Set while the call wants the next message as soon as it is complete. */
  isReading: boolean;
  /** The response headers, and below the trailers, that the call may see: those of the attempt that counts. */
  readonly headers: FieldList | undefined;
  readonly trailers: FieldList | undefined;
  /** The server's end of the last stream that was opened. */
  readonly peer: Peer | undefined;
  readonly phase: ExchangePhase;
  /** How many attempts were made, not counting transparent retries of unprocessed requests (gRFC A6). */
  readonly attempts: number;
  /** How the last failed attempt ended, such as `UNAVAILABLE: gone`; empty if none has failed. */
  readonly lastFailure: string;
  /** Whether `pull` would deliver a message. */
  readonly hasMessage: boolean;
  /** Asks for a stream. */
  begin(): void;
  /**
   * Sends a message: `bytes[start + MESSAGE_HEADER_OCTETS, end)`, preceded by room for the header, in memory that
   * nobody writes to again except for that header. It is compressed, if the exchange compresses, unless `mayCompress`
   * is false. Returns false if the next message should wait for `onWritable`, or if the call has just failed.
   */
  send(bytes: Uint8Array, start: number, end: number, endStream: boolean, mayCompress?: boolean): boolean;
  /** Whether nothing refers to the memory of what was sent any more; unless given, unknown. */
  readonly isRequestSpent?: boolean | undefined;
  /** Half-closes without a message. */
  endRequest(): void;
  /** Delivers the next message that has already arrived; false if there is none. */
  pull(): boolean;
  /** Ends the exchange from this side: sends RST_STREAM if there is a stream, stops all events, and drops replies. */
  abandon(): void;
  /** Drops what has arrived but was not read. */
  dropMessages(): void;
  /** Ends the exchange with this outcome, because something in a message makes the rest worthless. */
  fail(outcome: Outcome): void;
}
