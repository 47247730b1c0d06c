// What a call asks of its exchange, whether that is one stream or several attempts. Types only.

import type { Outcome } from './outcome.ts';
import type { FieldList, Peer } from './transport.ts';

/** What an exchange tells the call it belongs to. */
export interface ExchangeListener {
  /** Per-call fields, asked for when a stream opens: the remaining time is counted then. */
  callFields(): FieldList | undefined;
  /** Whether there is a time at which it ends by itself. */
  readonly hasDeadline: boolean;
  /** Whether the call's deadline has passed. */
  isExpired(): boolean;
  onHeaders(): void;
  /** A whole message, in memory that is valid only during this call. */
  onMessage(bytes: Uint8Array, start: number, end: number): void;
  /** A whole message that cannot be decompressed: the call ends with this, though the server may have ended it. */
  onBadMessage(outcome: Outcome): void;
  onWritable(): void;
  /** Once, and nothing follows; messages that arrived before can still be pulled. */
  onOutcome(outcome: Outcome): void;
}

/**
 * What an exchange is at: it waits for a stream, writes, waits for the response, reads it, waits to try again, or to be
 * sent again because the server refused it.
 */
export type ExchangePhase = 'queued' | 'writing' | 'waiting' | 'reading' | 'backoff' | 'refused';

export interface CallExchange {
  /** Set while the call wants the next message as soon as it is whole. */
  isReading: boolean;
  /** Response headers and trailers as the call may see them: of the attempt that counts. */
  readonly headers: FieldList | undefined;
  readonly trailers: FieldList | undefined;
  /** The other end of the stream that was opened last. */
  readonly peer: Peer | undefined;
  readonly phase: ExchangePhase;
  /** How often the call was made; what certainly was not processed and is sent again does not count (gRFC A6). */
  readonly attempts: number;
  /** What the last attempt that failed ended with, `UNAVAILABLE: gone`; an empty text where none has. */
  readonly lastFailure: string;
  /** Whether `pull` would deliver a message. */
  readonly hasMessage: boolean;
  /** Asks for a stream. */
  begin(): void;
  /**
   * Sends a message: `bytes[start + MESSAGE_HEADER_OCTETS, end)`, with room for the header before it, in memory that
   * is never written again but for that header. It is compressed, if the exchange compresses, unless `mayCompress` is
   * false. Returns false when the next one should wait for `onWritable`, or when the call has just failed.
   */
  send(bytes: Uint8Array, start: number, end: number, endStream: boolean, mayCompress?: boolean): boolean;
  /** Half-closes without a message. */
  endRequest(): void;
  /** Delivers the next message that is already here; false when there is none. */
  pull(): boolean;
  /** Ends the exchange from this side: RST_STREAM if there is a stream, no more events, replies dropped. */
  abandon(): void;
  /** Lets go of what arrived and was not read. */
  dropMessages(): void;
  /** Ends the exchange with an outcome of the caller's: what it saw in a message makes the rest worthless. */
  fail(outcome: Outcome): void;
}
