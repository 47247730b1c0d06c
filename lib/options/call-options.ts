// The options of one call: their meaning, defaults and checks.

import type { Credentials } from '../credentials.ts';
import type { Interceptor } from '../interceptor.ts';
import type { MetadataInput } from '../metadata-entries.ts';
import { BUILT_IN_COMPRESSIONS, type Compression, type CompressionTable } from '../rpc/compression.ts';
import type { CredentialsSource } from '../rpc/credentials.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import { checkNames, count, flag, positive, show } from './checks.ts';
import { type CompressionName, checkCompression } from './compression-options.ts';
import { checkCredentials } from './credentials-options.ts';
import { checkInterceptors } from './interceptors-option.ts';
import { type CheckedPolicy, checkPolicy, type HedgingOptions, type RetryOptions } from './retry-options.ts';

/** Options of one call. */
export interface CallOptions {
  /**
   * Milliseconds from the call to its deadline; above 0, `Infinity` for none. Default 10,000 where request and
   * reply are single messages, none for streams. It covers loading the schema, connecting, waiting for a stream,
   * writing and reading. gRPC Core: deadline.
   */
  readonly timeoutMs?: number | undefined;
  /** The deadline itself, a Date or milliseconds since 1970; with `timeoutMs` the earlier counts. */
  readonly deadline?: Date | number | undefined;
  /** Ends the call with CANCELLED when it aborts; the error's `cause` is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Request metadata; a name given here replaces the client's. */
  readonly metadata?: MetadataInput | undefined;
  /**
   * Metadata that proves who calls, or a function that gives it for each attempt; sent beside the client's credentials,
   * in place of what has the same name. Never over plaintext. See docs/credentials.md. gRPC Core: call credentials.
   */
  readonly credentials?: Credentials | undefined;
  /** Wait for a connection instead of failing while none can be made. Default false. gRPC: wait-for-ready. */
  readonly waitForReady?: boolean | undefined;
  /** The largest reply that is taken, in bytes, compressed and decompressed. Default 4 MiB (4,194,304); `Infinity` for no limit. gRPC Core: grpc.max_receive_message_length. */
  readonly maxReceiveMessageBytes?: number | undefined;
  /** The largest request that is sent, in bytes, before compression. Default no limit. gRPC Core: grpc.max_send_message_length. */
  readonly maxSendMessageBytes?: number | undefined;
  /**
   * What requests are compressed with: `gzip`, `deflate`, `br`, `zstd` (where Node has it), or one of the client's
   * `compressions`. Default `identity`, which is none. Replies may be compressed with any of them whatever this says.
   * See docs/compression.md. gRPC Core: grpc.default_compression_algorithm.
   */
  readonly compression?: CompressionName | undefined;
  /**
   * Functions around the call, the first outermost; those of a call are inside those of its client. Default none.
   * See docs/interceptors.md.
   */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /**
   * Milliseconds for which a call with a stream may be without a message either way; then it ends with
   * DEADLINE_EXCEEDED. Replies that are here and unread do not count as silence. Default none.
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Make the call again when it fails: true for the defaults, false to make it once whatever the service config says.
   * Default what the service config says. See docs/resilience.md. gRPC: retryPolicy.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /** Make the call several times side by side and take the first reply. Default what the service config says. gRPC: hedgingPolicy. */
  readonly hedging?: HedgingOptions | undefined;
  /** Note when the call reaches what, for `call.timing`. Default false. See docs/observability.md. */
  readonly timing?: boolean | undefined;
}

/** Call options, complete and checked. */
export interface CheckedCallOptions {
  /** undefined: the default of the method's cardinality. */
  readonly timeoutMs: number | undefined;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** The metadata as HTTP/2 fields; undefined where there is none. */
  readonly fields: readonly string[] | undefined;
  readonly credentials: readonly CredentialsSource[] | undefined;
  /** undefined, here and below: nothing was said, and a service config may. */
  readonly waitForReady: boolean | undefined;
  readonly maxReceiveMessageBytes: number | undefined;
  readonly maxSendMessageBytes: number;
  /** undefined: identity. */
  readonly compression: Compression | undefined;
  /** What replies may be compressed with. */
  readonly compressions: CompressionTable;
  /** undefined where there are none. */
  readonly interceptors: readonly Interceptor[] | undefined;
  /** Infinity for none. */
  readonly idleTimeoutMs: number;
  readonly policy: CheckedPolicy;
  readonly timing: boolean;
}

/** The default timeout where request and reply are single messages, as in pygrpc. */
export const DEFAULT_UNARY_TIMEOUT_MS = 10_000;

/** The largest reply where nobody says anything else, gRPC's own default. */
export const DEFAULT_MAX_RECEIVE_MESSAGE_BYTES: number = 4 * 1024 * 1024;

/** Those of a call and a client that say nothing. */
const CALL_DEFAULTS: CheckedCallOptions = {
  timeoutMs: undefined,
  deadline: undefined,
  signal: undefined,
  fields: undefined,
  credentials: undefined,
  waitForReady: undefined,
  maxReceiveMessageBytes: undefined,
  maxSendMessageBytes: Infinity,
  compression: undefined,
  compressions: BUILT_IN_COMPRESSIONS,
  interceptors: undefined,
  idleTimeoutMs: Infinity,
  policy: undefined,
  timing: false,
};

/** The call options that a client may have, too, as defaults for its calls. */
export const CALL_DEFAULT_NAMES = [
  'timeoutMs',
  'metadata',
  'credentials',
  'waitForReady',
  'maxReceiveMessageBytes',
  'maxSendMessageBytes',
  'compression',
  'interceptors',
  'idleTimeoutMs',
  'retry',
  'hedging',
  'timing',
] as const;

const CALL_NAMES = [...CALL_DEFAULT_NAMES, 'deadline', 'signal'] as const;

/** Complete call options. TypeError or RangeError that names the option. */
export function checkCallOptions(
  options: CallOptions | undefined,
  defaults: CheckedCallOptions,
): CheckedCallOptions {
  if (options === undefined) return defaults;
  checkNames(options, CALL_NAMES, 'call option');
  const { deadline, signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new TypeError(`signal must be an AbortSignal, not ${show(signal)}`);
  }
  return callOptions(options, defaults, deadline === undefined ? undefined : epochMs(deadline), signal);
}

/** Complete defaults for the calls of a client. TypeError or RangeError that names the option. */
export function checkCallDefaults(
  options: Omit<CallOptions, 'deadline' | 'signal'>,
  compressions: CompressionTable,
): CheckedCallOptions {
  return callOptions(options, { ...CALL_DEFAULTS, compressions }, undefined, undefined);
}

function callOptions(
  options: Omit<CallOptions, 'deadline' | 'signal'>,
  defaults: CheckedCallOptions,
  deadline: number | undefined,
  signal: AbortSignal | undefined,
): CheckedCallOptions {
  return {
    timeoutMs:
      options.timeoutMs === undefined ? defaults.timeoutMs : positive('timeoutMs', options.timeoutMs, 0),
    deadline,
    signal,
    fields: options.metadata === undefined ? undefined : fieldsOfInput(options.metadata),
    credentials: checkCredentials(options.credentials, defaults.credentials),
    waitForReady:
      options.waitForReady === undefined
        ? defaults.waitForReady
        : flag('waitForReady', options.waitForReady, false),
    maxReceiveMessageBytes:
      options.maxReceiveMessageBytes === undefined
        ? defaults.maxReceiveMessageBytes
        : count('maxReceiveMessageBytes', options.maxReceiveMessageBytes, 0, 0),
    maxSendMessageBytes: count(
      'maxSendMessageBytes',
      options.maxSendMessageBytes,
      defaults.maxSendMessageBytes,
      0,
    ),
    compression:
      options.compression === undefined
        ? defaults.compression
        : checkCompression(options.compression, defaults.compressions),
    compressions: defaults.compressions,
    interceptors: checkInterceptors(options.interceptors, defaults.interceptors),
    idleTimeoutMs: positive('idleTimeoutMs', options.idleTimeoutMs, defaults.idleTimeoutMs),
    policy: checkPolicy(options.retry, options.hedging, defaults.policy),
    timing: flag('timing', options.timing, defaults.timing),
  };
}

function epochMs(deadline: unknown): number {
  const ms = deadline instanceof Date ? deadline.getTime() : deadline;
  if (typeof ms !== 'number' || Number.isNaN(ms)) {
    throw new TypeError(`deadline must be a Date or milliseconds since 1970, not ${show(deadline)}`);
  }
  return ms;
}
