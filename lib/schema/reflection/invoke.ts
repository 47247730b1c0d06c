// What reflection needs from its caller: one stream of messages, bytes each way. Types only: this folder knows no
// connections, and is given an `Invoke`.

import type { StatusCodeName, StatusCodeValue } from '../../values/status.ts';

/** How a stream ended instead of answering. */
export interface StreamFailure {
  /** 0 when the server ended the stream with OK. */
  readonly code: StatusCodeValue;
  readonly codeName: StatusCodeName;
  readonly details: string;
  /** Whether the server sent this status; otherwise the stream was lost, or never opened. */
  readonly isFromServer: boolean;
  /**
   * What happened: a status; the connection was lost, or never made; this side cancelled; no answer came in time, or one
   * that is too large.
   */
  readonly kind: 'status' | 'lost' | 'unconnected' | 'cancelled' | 'late' | 'too-large';
  readonly error: Error | undefined;
  /** What answered does not speak the protocol: other calls would fail for the same reason. */
  readonly isForeign?: boolean;
}

export type StreamStep =
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly failure: StreamFailure };

/** One running call of ServerReflectionInfo. */
export interface ReflectionStream {
  send(request: Uint8Array): void;
  /** The next answer, or how the stream ended. Never rejects. */
  receive(): Promise<StreamStep>;
  /** Ends the stream: nothing more will be asked. */
  close(): void;
}

export interface InvokeOptions {
  /** Wait for a connection instead of failing while none can be made. */
  readonly waitForReady: boolean;
  /** How long one answer may take. */
  readonly timeoutMs: number;
  /** Requests cannot be sent any more once a reply has come: each stream asks one question. */
  readonly isHalfDuplex?: boolean | undefined;
  /** Ends the stream at once. */
  readonly signal: AbortSignal;
}

export type Invoke = (path: string, options: InvokeOptions) => ReflectionStream;
