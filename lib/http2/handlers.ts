// What the HTTP/2 core tells the layer above, and what it is told about a request: types only.
// The stream side has the shape of rpc/transport.ts, so that a stream can be passed up without an adapter;
// it is repeated here because http2 imports nothing outside itself.

/**
 * Header fields as name, value, name, value, …: names in lower case, one latin1 character for each octet of a value.
 * Lists that are passed up may be shared by streams that got the same fields: never change them.
 */
export type FieldList = readonly string[];

/** The constant part of a request head; the object's identity is the key of its cached HPACK form. */
export interface RequestHead {
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  readonly fields: FieldList;
}

/** How a stream ended. `processed: false` says that the peer certainly did nothing with it. */
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
      /** Nothing of it was sent, not even its head. */
      readonly isUnsent?: boolean | undefined;
      /** The peer accepted other streams of this connection. */
      readonly tookOthers?: boolean | undefined;
      /** Octets of its header block on the wire, where those were many: a reason for the peer to end the connection. */
      readonly largeHeadOctets?: number | undefined;
    };

/** The events of one stream. An error thrown by one resets its stream (INTERNAL_ERROR) and nothing else. */
export interface StreamHandler {
  /** The response head (client) or request head (server), pseudo-header fields first. */
  onHeaders(fields: FieldList, endStream: boolean): void;
  /** Octets of DATA without padding, in memory valid only during the call. */
  onData(chunk: Uint8Array, start: number, end: number): void;
  onTrailers(fields: FieldList): void;
  /** There is room again after `write` returned false. */
  onWritable(): void;
  /**
   * Always the last event, exactly once, unless our own side called `reset`. In the server role
   * `complete` says that the request ended; if its response has not, another end may follow.
   */
  onEnd(end: StreamEnd): void;
}

/** The events of a connection. */
export interface ConnectionHandler {
  /** There is output again: take it soon with `nextOutput()`. */
  onOutput(): void;
  /** The peer's first SETTINGS arrived: streams may be opened. */
  onReady(): void;
  /** `canOpen` may have changed from false to true (a stream ended, MAX_CONCURRENT_STREAMS grew, output drained). */
  onCapacity(): void;
  /** The peer sent GOAWAY: no new streams here; those above `lastStreamId` were ended as not processed. */
  onGoAway(code: number, lastStreamId: number, debugData: string): void;
  onPingAck(opaque: bigint): void;
  /** The last event, after all streams have ended. Take the output that is left, then close the socket. */
  onConnectionEnd(code: number, reason: string): void;
  /** Octets of the output that were taken and are still in memory of this process; unless given, all of them may be. */
  readonly heldOctets?: number | undefined;
  /** Server role only: a request begins; returns its handler. */
  onStream?(stream: import('./stream.ts').Stream): StreamHandler;
}
