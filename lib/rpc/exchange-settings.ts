// What the options of a call, and of its client, say to its exchange. Types, and the defaults that depend on nothing else.

import type { Compression, CompressionTable } from './compression/compression.ts';

/** Shared by all calls for which it is the same. */
export interface ExchangeSettings {
  /** Whether to wait if no connection can be made; undefined, here and below: not set, so that a service config may decide. */
  readonly waitForReady: boolean | undefined;
  /** The largest message that may come. */
  readonly maxReceiveMessageBytes: number | undefined;
  /** What the messages of the request are compressed with; undefined: nothing. */
  readonly compression: Compression | undefined;
  /** What those of the response may be compressed with. */
  readonly compressions: CompressionTable;
}

/** The largest reply accepted by default; gRPC's own default. */
export const DEFAULT_MAX_RECEIVE_MESSAGE_BYTES: number = 4 * 1024 * 1024;
