// The options of one call: their meaning, defaults and checks.

import type { CredentialsSource } from '../rpc/call-credentials.ts';
import { BUILT_IN_COMPRESSIONS, type CompressionTable } from '../rpc/compression/compression.ts';
import type { ExchangeSettings } from '../rpc/exchange-settings.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import type { CodecName } from '../schema/codec/method.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { abortSignal, checkNames, count, flag, positive, show } from '../values/options/option-checks.ts';
import { called } from '../values/options/option-words.ts';
import { isDate } from '../values/realm.ts';
import { type CompressionName, checkCompression } from './compression-options.ts';
import type { Credentials } from './credentials.ts';
import { checkCredentials } from './credentials-options.ts';
import type { Interceptor } from './interceptor.ts';
import { checkInterceptors } from './interceptors-option.ts';
import { type CheckedPolicy, checkPolicy, type HedgingOptions, type RetryOptions } from './retry-options.ts';

/** Options of one call. */
export interface CallOptions {
  /**
   * How many milliseconds the call may take, above 0; `Infinity` for no limit. Default 10,000 for unary calls, no
   * limit for streams. It covers loading the schema, connecting, waiting for a stream, writing and reading. gRPC Core:
   * deadline.
   */
  readonly timeoutMs?: number | undefined;
  /**
   * The point in time at which the call ends, as a Date or in milliseconds since 1970. Default none. If `timeoutMs` is
   * set as well, whichever comes first counts. gRPC Core: deadline.
   */
  readonly deadline?: Date | number | undefined;
  /**
   * Cancels the call when aborted: it ends with CANCELLED, and the error's `cause` is the signal's reason. Default
   * none.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Request metadata. A name set here replaces the client's entries of that name. Default: the client's metadata
   * alone.
   */
  readonly metadata?: MetadataInput | undefined;
  /**
   * Metadata that proves who is calling, or a function that returns it for each attempt. Added to the client's
   * credentials, replacing those of the same name. Never sent over plaintext, unless the client sets
   * `allowCredentialsOverPlaintext`. Default none. See docs/credentials.md. gRPC Core: call credentials.
   */
  readonly credentials?: Credentials | undefined;
  /**
   * Wait for a connection, until the deadline, instead of failing while the server cannot be reached. Default false.
   * gRPC: wait-for-ready.
   */
  readonly waitForReady?: boolean | undefined;
  /**
   * The largest reply accepted, in bytes, both compressed and decompressed. A larger one ends the call with
   * RESOURCE_EXHAUSTED. Default 4 MiB (4,194,304); `Infinity` for no limit. gRPC Core: grpc.max_receive_message_length.
   */
  readonly maxReceiveMessageBytes?: number | undefined;
  /**
   * The largest request sent, in bytes, before compression. A larger one ends the call with RESOURCE_EXHAUSTED. Default
   * no limit. gRPC Core: grpc.max_send_message_length.
   */
  readonly maxSendMessageBytes?: number | undefined;
  /**
   * What requests are compressed with: `gzip`, `deflate`, `br`, `zstd` (where Node has it), or one of the client's
   * `compressions`. Default `identity`, no compression. Replies may be compressed with any of them regardless.
   * See docs/compression.md. gRPC Core: grpc.default_compression_algorithm.
   */
  readonly compression?: CompressionName | undefined;
  /**
   * What messages are sent and asked for as: `proto`, protobuf's wire format (default), or `json`, ProtoJSON, for servers
   * that take `application/grpc+json`. Fields and replies look the same with both. Reflection and health checks always
   * use `proto`. See docs/json.md.
   */
  readonly codec?: CodecName | undefined;
  /**
   * Functions around the call, the first one outermost; a call's are inside its client's. Default none.
   * See docs/interceptors.md.
   */
  readonly interceptors?: readonly Interceptor[] | undefined;
  /**
   * How many milliseconds a streaming call may go without a message in either direction before it ends with
   * DEADLINE_EXCEEDED. Unread replies do not count as silence. Default no limit.
   */
  readonly idleTimeoutMs?: number | undefined;
  /**
   * Retry the call when it fails: true for the defaults, false for never, both regardless of the service config.
   * Default: whatever the service config says. See docs/resilience.md. gRPC: retryPolicy.
   */
  readonly retry?: boolean | RetryOptions | undefined;
  /**
   * Make several attempts in parallel and take the first reply. Default: whatever the service config says. See
   * docs/resilience.md. gRPC: hedgingPolicy.
   */
  readonly hedging?: HedgingOptions | undefined;
  /** Record when the call reaches each stage, for `call.timing`. Default false. See docs/observability.md. */
  readonly timing?: boolean | undefined;
}

/** Call options, complete and checked. */
export interface CheckedCallOptions {
  /** undefined: the default of the method's cardinality. */
  readonly timeoutMs: number | undefined;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** The metadata as HTTP/2 fields; undefined if there is none. */
  readonly fields: readonly string[] | undefined;
  /** The client's own object if the call sets none of them: most calls in flight share it. */
  readonly settings: CallSettings;
}

/** The options that most calls leave to their client, complete and checked. */
export interface CallSettings extends ExchangeSettings {
  readonly credentials: readonly CredentialsSource[] | undefined;
  readonly maxSendMessageBytes: number;
  /** undefined: proto. */
  readonly codec: 'json' | undefined;
  /** undefined if there are none. */
  readonly interceptors: readonly Interceptor[] | undefined;
  /** Infinity for no limit. */
  readonly idleTimeoutMs: number;
  readonly policy: CheckedPolicy;
  readonly timing: boolean;
}

/** The default timeout of calls whose request and reply are single messages, as in pygrpc. */
export const DEFAULT_UNARY_TIMEOUT_MS = 10_000;

/** What applies if neither the call nor its client sets an option. */
const DEFAULT_SETTINGS: CallSettings = {
  credentials: undefined,
  waitForReady: undefined,
  maxReceiveMessageBytes: undefined,
  maxSendMessageBytes: Infinity,
  compression: undefined,
  compressions: BUILT_IN_COMPRESSIONS,
  codec: undefined,
  interceptors: undefined,
  idleTimeoutMs: Infinity,
  policy: undefined,
  timing: false,
};

const NO_LIMITS = {
  timeoutMs: undefined,
  deadline: undefined,
  signal: undefined,
  fields: undefined,
} as const;

/** The call options that a client may set as defaults for its calls. */
export const CALL_DEFAULT_NAMES = [
  'timeoutMs',
  'metadata',
  'credentials',
  'waitForReady',
  'maxReceiveMessageBytes',
  'maxSendMessageBytes',
  'compression',
  'codec',
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
  const { deadline } = options;
  const signal = abortSignal(options.signal);
  return callOptions(options, defaults, deadline === undefined ? undefined : epochMs(deadline), signal);
}

/** Complete defaults for the calls of a client. TypeError or RangeError that names the option. */
export function checkCallDefaults(
  options: Omit<CallOptions, 'deadline' | 'signal'>,
  compressions: CompressionTable,
): CheckedCallOptions {
  const settings = { ...DEFAULT_SETTINGS, compressions };
  return callOptions(options, { ...NO_LIMITS, settings }, undefined, undefined);
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
    settings: hasSettings(options) ? callSettings(options, defaults.settings) : defaults.settings,
  };
}

function hasSettings(options: Omit<CallOptions, 'deadline' | 'signal'>): boolean {
  return (
    options.credentials !== undefined ||
    options.waitForReady !== undefined ||
    options.maxReceiveMessageBytes !== undefined ||
    options.maxSendMessageBytes !== undefined ||
    options.compression !== undefined ||
    options.codec !== undefined ||
    options.interceptors !== undefined ||
    options.idleTimeoutMs !== undefined ||
    options.retry !== undefined ||
    options.hedging !== undefined ||
    options.timing !== undefined
  );
}

function callSettings(
  options: Omit<CallOptions, 'deadline' | 'signal'>,
  defaults: CallSettings,
): CallSettings {
  return {
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
    codec: options.codec === undefined ? defaults.codec : checkCodec(options.codec),
    interceptors: checkInterceptors(options.interceptors, defaults.interceptors),
    idleTimeoutMs: positive('idleTimeoutMs', options.idleTimeoutMs, defaults.idleTimeoutMs),
    policy: checkPolicy(options.retry, options.hedging, defaults.policy),
    timing: flag('timing', options.timing, defaults.timing),
  };
}

/** A codec by its name; undefined for the wire format. */
export function checkCodec(codec: unknown): 'json' | undefined {
  if (codec === 'json') return codec;
  if (codec === 'proto') return undefined;
  throw new TypeError(`${called('codec')} must be 'proto' or 'json', not ${show(codec)}`);
}

function epochMs(deadline: unknown): number {
  const ms = isDate(deadline) ? deadline.getTime() : deadline;
  if (typeof ms !== 'number' || Number.isNaN(ms)) {
    throw new TypeError(`deadline must be a Date or milliseconds since 1970, not ${show(deadline)}`);
  }
  return ms;
}
