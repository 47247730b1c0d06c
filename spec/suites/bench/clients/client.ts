// What every client under measurement can do, and the values they all send: the same messages, the same
// deadline and metadata, so that a row compares like with like. Knows no client.

/** A reply as far as the benchmark looks at it. */
export interface Reply {
  readonly payload?: { readonly body?: { readonly length: number } | undefined } | null | undefined;
}

/** One client on one connection. Each method settles when its call is over, and rejects when it failed. */
export interface BenchClient {
  /** A small message to and fro, with deadline and metadata where the client has them. */
  unary(): PromiseLike<Reply>;
  /** The same with nothing on: no metadata and, where that can be had, no deadline. */
  plainUnary?(): PromiseLike<Reply>;
  /** As `unary`, through an interceptor that changes nothing. */
  interceptedUnary?(): PromiseLike<Reply>;
  /** `BIG_BODY_OCTETS` to and fro. */
  big(): PromiseLike<Reply>;
  /** A body of any size, and a reply with one of `replyOctets`. */
  huge?(body: Uint8Array, replyOctets: number): PromiseLike<Reply>;
  /**
   * One request, `messages` replies; resolves with how many came. Where `onReply` gives a promise, the next one is read
   * when that has settled; not every client has it.
   */
  serverStream(messages: number, onReply?: (reply: Reply) => Promise<void> | undefined): Promise<number>;
  /** `messages` requests, small ones unless there is a body, which not every client takes; one reply. */
  clientStream(messages: number, body?: Uint8Array): Promise<Reply>;
  /** `messages` times one request, then its reply, on one stream. */
  bidi(messages: number, onReply: () => void): Promise<void>;
  /** Opens a bidi stream, exchanges one message and leaves it open; resolves with what keeps it alive. */
  openIdle?(): Promise<unknown>;
  close(): void;
}

/** Where a worker finds what it needs. */
export interface BenchTarget {
  readonly port: number;
  /** Path of the certificates to trust, for a server that speaks TLS as localhost. */
  readonly ca?: string | undefined;
  /** Path of bench.proto. */
  readonly schema: string;
  /** The directory with perf/floor.mjs. */
  readonly shared: string;
}

export type OpenBenchClient = (target: BenchTarget) => Promise<BenchClient>;

export const SMALL_BODY_OCTETS = 10;
export const BIG_BODY_OCTETS: number = 1024 * 1024;
export const SMALL_BODY: Uint8Array = new Uint8Array(SMALL_BODY_OCTETS);
export const BIG_BODY: Uint8Array = new Uint8Array(BIG_BODY_OCTETS);

export const SERVICE = 'grpc.testing.BenchmarkService';
export const TIMEOUT_MS = 30_000;
export const METADATA_NAME = 'x-request-id';
export const METADATA_VALUE = '6f1f2f0c-9f9c-4d5e-8a52-0c1b64f0a7d3';
