// What the HTTP/2 core tells the layer above, and what it is told of a request: types only.
// The stream side has the shape of rpc/transport.ts, so that a stream can be handed up without an adapter;
// it is written again here because http2 imports nothing outside itself.

/**
 * Header fields as name, value, name, value, …: lower-case names, one latin1 character an octet of value.
 * Lists that are handed up may be shared by streams that got the same fields: never change them.
 */
export type FieldList = readonly string[];

/** The constant part of a request head; its identity is the key of its cached HPACK form. */
export interface RequestHead {
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  readonly fields: FieldList;
}

/** How a stream ended. `processed: false`: the peer certainly ran nothing of it. */
export type StreamEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'reset'; readonly code: number }
  | {
      readonly kind: 'violation';
      readonly code: number;
      readonly reason: string;
      /** The malformed fields that were to end the response, as they came. */
      readonly last?: FieldList | undefined;
    }
  | {
      readonly kind: 'lost';
      readonly code: number;
      readonly reason: string;
      readonly processed: false | undefined;
      /** Nothing of it left this side, not even its head. */
      readonly isUnsent?: boolean | undefined;
      /** The peer took other streams of this connection. */
      readonly tookOthers?: boolean | undefined;
      /** What its header block took on the wire, where that was much: what the peer may have ended the connection for. */
      readonly largeHeadOctets?: number | undefined;
    };

/** The events of one stream. What they throw resets their stream (INTERNAL_ERROR) and nothing else. */
export interface StreamHandler {
  /** The response head (client) or request head (server), pseudo-header fields first. */
  onHeaders(fields: FieldList, endStream: boolean): void;
  /** Octets of DATA without padding, in memory valid only during the call. */
  onData(chunk: Uint8Array, start: number, end: number): void;
  onTrailers(fields: FieldList): void;
  /** There is room again after `write` returned false. */
  onWritable(): void;
  /**
   * Always the last, exactly once, unless the handler's own side called `reset`. In the server role
   * `complete` says that the request ended; if its response has not, another end may follow.
   */
  onEnd(end: StreamEnd): void;
}

/** The events of a connection. */
export interface ConnectionHandler {
  /** Output went from none to some: take it soon with `nextOutput()`. */
  onOutput(): void;
  /** The peer's first SETTINGS arrived: streams may be opened. */
  onReady(): void;
  /** `canOpen` may have changed from false to true (a stream ended, MAX_CONCURRENT_STREAMS grew, output drained). */
  onCapacity(): void;
  /** The peer sent GOAWAY: no new streams here; those above `lastStreamId` were ended as not processed. */
  onGoAway(code: number, lastStreamId: number, debugData: string): void;
  onPingAck(opaque: bigint): void;
  /** The last event. All streams have ended before it. Take the output that is left, then close the socket. */
  onConnectionEnd(code: number, reason: string): void;
  /** Server role only: a request begins; gives its handler. */
  onStream?(stream: import('./stream.ts').Stream): StreamHandler;
}
