// The waist: what an RPC asks of a connection, and what a connection tells an RPC. Types only. rpc/ uses it from above,
// channel/ (with http2's streams) implements it from below; neither knows the other. Anything else that can carry gRPC
// messages (gRPC-Web, an in-memory server) can implement it as well.

import type { StatusCodeValue } from '../values/status.ts';
import type { RequestMessage } from './replay-buffer.ts';

/** Header fields as name, value, name, value, …: names in lower case, values with one latin1 character per octet. */
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
 * The part of a request head that is the same for every call of a method. It is made once and never changed; the HTTP/2
 * layer recognises it by its identity and keeps its encoded form.
 */
export interface RequestHead {
  /** Default POST. */
  readonly method?: 'GET' | undefined;
  readonly scheme: 'http' | 'https';
  readonly authority: string;
  readonly path: string;
  /** What follows the pseudo-headers: te, content-type, user-agent, client-wide metadata. */
  readonly fields: FieldList;
  /** What the call's messages are, as its content-type says: undefined for protobuf's wire format. */
  readonly codec?: 'json' | undefined;
  /** Of protocols other than gRPC. */
  readonly protocol?: ProtocolFacts | undefined;
}

/** The commands of one open stream. */
export interface TransportStream {
  /**
   * Sends `bytes[start, end)` as DATA, as far as windows allow; the rest waits in the stream. With `owned` the memory
   * belongs to the stream from now on; otherwise it is copied before the call returns. Returns false if the writer
   * should wait for `onWritable` before it writes more.
   */
  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean;
  /** Whether all that was written has left this process, so that its memory serves nothing any more; unless given, unknown. */
  readonly isWritten?: boolean | undefined;
  /** Half-closes the request. */
  end(): void;
  /** Sends RST_STREAM with an HTTP/2 error code. The handler gets no further events of this stream. */
  reset(code: number): void;
  /**
   * Asks for flow-control credit for octets of an incomplete message, although they are still held. If much is held,
   * credit may be delayed, and goes first to streams with `isAwaited`, whose reader is waiting for the message. Called
   * again when that changes.
   */
  credit(octets: number, isAwaited: boolean): void;
  /** These octets are no longer held: the application took them, or they were dropped. May be called after the end. */
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
      /** The malformed fields that were meant to end the response, as they came; never shown to the caller. */
      readonly last?: FieldList | undefined;
    }
  /** The connection ended, or a GOAWAY excluded this stream, while it was open. */
  | {
      readonly kind: 'lost';
      readonly code: number;
      readonly reason: string;
      readonly processed: false | undefined;
      /** Nothing of the stream left this side, not even its head. */
      readonly isUnsent?: boolean | undefined;
      /**
       * The server accepted other streams on the connection, so it refuses this one only because the connection ends.
       */
      readonly tookOthers?: boolean | undefined;
      /**
       * The size of the header block on the wire, if it was large: the peer may have ended the connection because of
       * it.
       */
      readonly largeHeadOctets?: number | undefined;
    }
  /** The server did nothing of the request because of its form, and will get it in another one if it is sent again. */
  | { readonly kind: 'refused'; readonly reason: string }
  /** No stream was opened: connecting failed, the queue is full, the channel closed. */
  | {
      readonly kind: 'unopened';
      readonly reason: string;
      readonly cause?: unknown;
      /** The head is larger than the server takes. */
      readonly isHeadTooLarge?: boolean | undefined;
      /** The gRPC status code; UNAVAILABLE unless set. */
      readonly code?: StatusCodeValue;
    }
  /** The response is not what its protocol, one other than gRPC, has for responses; this is what the call ends with. */
  | {
      readonly kind: 'decided';
      readonly code: StatusCodeValue;
      readonly reason: string;
      /** What answered does not speak the protocol. */
      readonly isForeign?: boolean | undefined;
      readonly cause?: unknown;
    };

/**
 * The events of one stream: plain methods on the RPC's own object, called synchronously and in order. They may call
 * back into the stream. If one throws, that resets the stream and nothing else.
 */
interface StreamHandler {
  /**
   * The response head (or trailers-only, with `endStream`). Informational (1xx) heads are not reported.
   * @param leading those of trailers-only that were headers, if the protocol tells the two apart
   */
  onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void;
  /** Octets of the body, in memory that is valid only during this call; whatever is needed later must be copied. */
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
  /** Whether it keeps waiting if no connection can be made. gRPC: wait-for-ready. */
  readonly waitForReady: boolean;
  /** Whether it was refused elsewhere, and therefore goes before requests that come for the first time. */
  readonly isAgain?: boolean | undefined;
  /** Set by the channel: the request's place in its queue, or -1. */
  queuePlace: number;
  /** The largest message that the response may have, in octets; undefined for no limit. */
  readonly maxMessageOctets?: number | undefined;
  /** The request, before it has a stream, once it is complete and one message. */
  wholeRequest?(): RequestMessage | undefined;
  /** Whether the call's deadline has passed, though nothing may have ended it yet. */
  isExpired?(): boolean;
  /**
   * Present if the last fields of the response are in its body: set by whoever below must see them, and called before
   * the call is told.
   */
  onLastFields?: ((fields: FieldList) => void) | undefined;
  /** Per-call fields (grpc-timeout, metadata), requested when the stream is opened; never indexed by HPACK. */
  callFields(): FieldList | undefined;
  /** The credentials among them, if any, which observers must not see. */
  readonly credentialFields?: FieldList | undefined;
  /**
   * A stream was opened. Its head has been written; the request's octets may be written from now on. If no stream
   * could be opened, `onEnd` with `unopened` is called instead.
   */
  onOpen(stream: TransportStream, peer: Peer): void;
}

/** The other end of a connection, as a call or an event shows it. */
export interface Peer {
  /** `127.0.0.1:50051`, `[::1]:50051` or `unix:/path`. */
  readonly address: string;
  /** The certificate that it presented over TLS; undefined without TLS. */
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
  /** Looking up the name, if the dial did that itself. */
  readonly dnsMs: number | undefined;
  /** TCP, or the Unix socket. */
  readonly connectMs: number;
  /** The tunnel through a proxy. */
  readonly proxyMs: number | undefined;
  /** The TLS handshake with the server. */
  readonly tlsMs: number | undefined;
  /** From the HTTP/2 preface to the server's SETTINGS; over HTTP/1.1, which has none, next to nothing. */
  readonly settingsMs: number;
}

/** The certificate of the other end of a TLS connection. */
export interface PeerCertificate {
  /** Whom it is for: `{ CN: 'example.com', O: … }`; an array if a name has several values. */
  readonly subject: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Who issued it, in the same form. */
  readonly issuer: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** `DNS:example.com, IP Address:127.0.0.1` */
  readonly subjectAltName: string | undefined;
  /** `Jan  1 00:00:00 2026 GMT` */
  readonly validFrom: string;
  /** In the same form. */
  readonly validTo: string;
  /** In hexadecimal. */
  readonly serialNumber: string;
  /** The SHA-256 hash of the certificate, as `AB:CD:…`. */
  readonly fingerprint256: string;
  /** The whole certificate, in DER. */
  readonly raw: Uint8Array;
}

/** Something that provides streams: a channel. */
export interface Transport {
  /** Opens a stream for the request now, or queues it. Answers only through the request's handlers. */
  open(request: StreamRequest): void;
  /** There is more of a request that has no stream yet: for transports that need it whole before they ask for one. */
  advance?(request: StreamRequest): void;
  /** Takes a waiting request out of the queue; does nothing if it is not waiting. */
  withdraw(request: StreamRequest): void;
}
