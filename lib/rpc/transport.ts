// The waist: what an RPC asks of a connection, and what a connection tells an RPC. Types only.
// rpc/ speaks to it from above, channel/ (with http2's streams) implements it from below; neither knows
// the other. Anything else that can carry gRPC messages (gRPC-Web, an in-memory server) implements it too.

import type { StatusCodeValue } from '../values/status.ts';
import type { RequestMessage } from './replay-buffer.ts';

/** Header fields as name, value, name, value, …: lower-case names, one latin1 character an octet of value. */
export type FieldList = readonly string[];

/** What the response is to look like in a protocol other than gRPC, for adapters and for errors that say what came instead. */
export interface ProtocolFacts {
  /** `gRPC-Web` */
  readonly label: string;
  /** The content-type of request and response. */
  readonly contentType: string;
  /** One message each way: some protocols send such calls without message frames. */
  readonly isUnary: boolean;
  /** No stream is asked for before the request is complete. */
  readonly isSentWhole?: boolean;
  /** The server has promised that the method changes nothing there. */
  readonly isSafe: boolean;
}

/**
 * The part of a request head that is the same for every call of a method: made once, and known to the
 * HTTP/2 layer by its identity, which keeps its encoded form. Never changed after it was made.
 */
export interface RequestHead {
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  /** What follows the pseudo-headers: te, content-type, user-agent, client-wide metadata. */
  readonly fields: FieldList;
  /** Of protocols other than gRPC. */
  readonly protocol?: ProtocolFacts | undefined;
}

/** The commands of one open stream. */
export interface TransportStream {
  /**
   * Sends `bytes[start, end)` as DATA, as far as windows allow; the rest waits in the stream.
   * With `owned` the memory belongs to the stream from now on; without, it is copied before the call returns.
   * Returns false when the writer should wait for `onWritable` before it writes more.
   */
  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean;
  /** Half-closes the request. */
  end(): void;
  /** RST_STREAM with an HTTP/2 error code. The handler hears nothing of this stream from here on. */
  reset(code: number): void;
  /**
   * Asks for flow-control credit for octets of an incomplete message, though they are still held. It may come late
   * where much is held: first to those with `isAwaited`, whose reader waits for the message. Called again when that
   * changes.
   */
  credit(octets: number, isAwaited: boolean): void;
  /** These octets are no longer held: the application took them or they were dropped. May come after the end. */
  taken(octets: number): void;
}

/** How a stream ended, seen from below gRPC. `processed: false`: the server certainly ran nothing of it. */
export type StreamEnd =
  /** The response ended with END_STREAM. */
  | { readonly kind: 'complete' }
  /** The peer sent RST_STREAM. */
  | { readonly kind: 'reset'; readonly code: number }
  /** The peer broke a rule on this stream (RFC 9113 §5.4.2); we reset it with this code. */
  | {
      readonly kind: 'violation';
      readonly code: number;
      readonly reason: string;
      /** The malformed fields that were to end the response, as they came: not for the caller's eyes. */
      readonly last?: FieldList | undefined;
    }
  /** The connection ended, or a GOAWAY excluded this stream, while it was open. */
  | {
      readonly kind: 'lost';
      readonly code: number;
      readonly reason: string;
      readonly processed: false | undefined;
      /** Nothing of it left this side, not even its head. */
      readonly isUnsent?: boolean | undefined;
      /** The server took other streams of that connection: it refuses this one for the connection's sake. */
      readonly tookOthers?: boolean | undefined;
      /**
       * What its header block took on the wire, where that was much: what the peer may have ended the connection for.
       */
      readonly largeHeadOctets?: number | undefined;
    }
  /** No stream was opened: connecting failed, the queue is full, the channel closed. */
  | {
      readonly kind: 'unopened';
      readonly reason: string;
      readonly cause?: unknown;
      /** gRPC status code; UNAVAILABLE unless set. */
      readonly code?: StatusCodeValue;
    }
  /** The response is not what its protocol, one other than gRPC, has for responses; this is what the call ends with. */
  | {
      readonly kind: 'decided';
      readonly code: StatusCodeValue;
      readonly reason: string;
      readonly cause?: unknown;
    };

/**
 * The events of one stream; plain methods on the RPC's own object. Called synchronously, in order;
 * they may call back into the stream. What they throw resets the stream and nothing else.
 */
interface StreamHandler {
  /**
   * The response head (or trailers-only, with `endStream`). Informational (1xx) heads are not reported.
   * @param leading what of trailers-only were headers, where the protocol tells the two apart
   */
  onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void;
  /** Octets of the body, in memory that is valid only during this call. Copy what must stay. */
  onData(chunk: Uint8Array, start: number, end: number): void;
  onTrailers(fields: FieldList): void;
  /** There is room again after `write` returned false. */
  onWritable(): void;
  /** Always the last event, exactly once (unless the handler reset the stream itself). */
  onEnd(end: StreamEnd): void;
}

/** A request for a stream, which may wait in the channel before it gets one. */
export interface StreamRequest extends StreamHandler {
  readonly head: RequestHead;
  /** Whether it goes on waiting when no connection can be made. gRPC: wait-for-ready. */
  readonly waitForReady: boolean;
  /** Whether it was refused elsewhere, and stands before those that come for the first time. */
  readonly isAgain?: boolean | undefined;
  /** The channel's: where the request stands in its queue, or -1. */
  queuePlace: number;
  /** The largest message that the response may have, in octets; no limit where it is not told. */
  readonly maxMessageOctets?: number | undefined;
  /** The request, before it has a stream, once it is one message and complete. */
  wholeRequest?(): RequestMessage | undefined;
  /**
   * There where the last fields of the response are in its body: set by who below must see them, and told of them before
   * the call is.
   */
  onLastFields?: ((fields: FieldList) => void) | undefined;
  /** Per-call fields (grpc-timeout, metadata), asked for when the stream is opened; never indexed. */
  callFields(): FieldList | undefined;
  /** Those of them that are credentials, where there are any: not for the eyes of who watches. */
  readonly credentialFields?: FieldList | undefined;
  /**
   * A stream was opened. Its head has been written; the request's octets may be written from here.
   * `onEnd` with `unopened` comes instead when none could be had.
   */
  onOpen(stream: TransportStream, peer: Peer): void;
}

/** The other end of a connection. */
export interface Peer {
  /** `127.0.0.1:50051`, `[::1]:50051` or `unix:/path`. */
  readonly address: string;
  /** What it showed, over TLS. */
  readonly certificate?: PeerCertificate | undefined;
  /** How the connection to it was made. */
  readonly connect?: ConnectTiming | undefined;
}

/** How long each part of making a connection took, in milliseconds; undefined for parts that were not needed. */
export interface ConnectTiming {
  /** When dialling began, in milliseconds since 1970. */
  readonly startedAt: number;
  /** When calls could be sent, in milliseconds since 1970. */
  readonly readyAt: number;
  /** Looking up the name, where the dial did that itself. */
  readonly dnsMs: number | undefined;
  /** TCP, or the Unix socket. */
  readonly connectMs: number;
  /** The tunnel through a proxy. */
  readonly proxyMs: number | undefined;
  /** The TLS handshake with the server. */
  readonly tlsMs: number | undefined;
  /** From the HTTP/2 preface to the server's SETTINGS. */
  readonly settingsMs: number;
}

/** The certificate of the other end of a TLS connection. */
export interface PeerCertificate {
  /** `{ CN: 'example.com', O: … }`; an array where a name has several values. */
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly issuer: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `DNS:example.com, IP Address:127.0.0.1` */
  readonly subjectAltName: string | undefined;
  /** `Jan  1 00:00:00 2026 GMT` */
  readonly validFrom: string;
  readonly validTo: string;
  readonly serialNumber: string;
  /** SHA-256 of it, as `AB:CD:…`. */
  readonly fingerprint256: string;
  /** All of it, in DER. */
  readonly raw: Uint8Array;
}

/** Something that gives streams: a channel. */
export interface Transport {
  /** Opens a stream for the request now, or queues it. Answers through the request's handlers only. */
  open(request: StreamRequest): void;
  /** There is more of a request that has no stream yet: for those that need it whole before they can ask for one. */
  advance?(request: StreamRequest): void;
  /** Takes a waiting request out of the queue; does nothing when it is not waiting. */
  withdraw(request: StreamRequest): void;
}
