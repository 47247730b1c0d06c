// The options of a client: defaults for its calls, and its connection. The only reader of the environment.

import type { ChannelOptions } from '../channel/channel.ts';
import type { Compression } from '../rpc/compression.ts';
import { type CheckedServiceConfig, parseServiceConfig, type ServiceConfig } from '../rpc/service-config.ts';
import type { ValueOptions } from '../schema/value-options.ts';
import {
  type CheckedTelemetry,
  checkTelemetry,
  type TelemetryOptions,
} from '../telemetry/telemetry-options.ts';
import {
  BALANCING_NAMES,
  type BalancingOptions,
  type CheckedBalancing,
  checkBalancing,
} from './balancing-options.ts';
import {
  CALL_DEFAULT_NAMES,
  type CallOptions,
  type CheckedCallOptions,
  checkCallDefaults,
} from './call-options.ts';
import { checkNames, count, flag, positive, show } from './checks.ts';
import { checkCompressions } from './compression-options.ts';
import { checkKeepalive, type KeepaliveOptions } from './keepalive-options.ts';
import { type CheckedProxy, checkProxy, type ProxyOptions } from './proxy-options.ts';
import {
  type CheckedReflectionOptions,
  checkReflectionOptions,
  type ReflectionMode,
  type ReflectionOptions,
} from './reflection-options.ts';
import { type CheckedRetryBuffers, checkRetryBuffers } from './retry-options.ts';
import { type CheckedTls, checkTls, type TlsOptions } from './tls-options.ts';
import { checkValueOptions } from './value-options.ts';

/** Options of a client: defaults for its calls, and its connection. */
export interface ClientOptions extends Omit<CallOptions, 'deadline' | 'signal'>, BalancingOptions {
  /**
   * Compression algorithms of your own, beside the built-in ones or, with the name of one, in its place; see
   * docs/compression.md. Default none. They are offered to the server, which may then use them for its replies.
   */
  readonly compressions?: readonly Compression[] | undefined;
  /** What requests carry as `:authority`. Default the target's host and port. gRPC Core: grpc.default_authority. */
  readonly authority?: string | undefined;
  /**
   * TLS, and how: true for the defaults, an object for more; see docs/tls.md. Default as the target says: TLS for
   * `https://` and `grpcs://`, plaintext for the others. gRPC Core: the channel's credentials.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /**
   * The name that the server's certificate must be for, where that is not the target's host; also sent as SNI.
   * gRPC Core: grpc.ssl_target_name_override.
   */
  readonly serverName?: string | undefined;
  /**
   * true: send credentials also where the connection is plaintext, for everybody on the way to read. Default false;
   * Unix sockets, which lead through no network, are always allowed.
   */
  readonly allowCredentialsOverPlaintext?: boolean | undefined;
  /**
   * The proxy to connect through, by its URL or with more; false for none. Default what the environment says:
   * grpc_proxy, https_proxy or http_proxy, but for the loopback and what no_grpc_proxy or no_proxy lists. See
   * docs/proxies.md. gRPC Core: grpc.http_proxy, grpc.enable_http_proxy.
   */
  readonly proxy?: string | URL | ProxyOptions | false | undefined;
  /**
   * PINGs on connections from which nothing comes: `{ intervalMs, timeoutMs, withoutCalls }`. Default none: TCP's own
   * keepalive is on, and a connection silent for a minute is verified when a call starts. See docs/keepalive.md.
   */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** Milliseconds for DNS, TCP, TLS and the server's HTTP/2 SETTINGS together. Default 20,000; `Infinity` for none. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How many calls may wait for a stream; one more fails with RESOURCE_EXHAUSTED. Default 100,000. With 0 none waits for
   * a stream, but calls still wait for a connection to be made.
   */
  readonly maxQueuedCalls?: number | undefined;
  /**
   * Unread bytes of a connection above which streams get no more, and the most by which their receive windows grow
   * together. Default 64 MiB (67,108,864).
   */
  readonly maxBufferedBytes?: number | undefined;
  /** The largest header or trailer list that is taken, in bytes as RFC 9113 §6.5.2 counts them. Default 64 KiB (65,536). gRPC Core: grpc.max_metadata_size. */
  readonly maxHeaderListBytes?: number | undefined;
  /**
   * What the owner of the service wants clients to do, by method: timeouts, sizes, retries, hedging, throttling, load
   * balancing, health checks; as an object or its JSON text. See docs/resilience.md. gRPC Core: grpc.service_config.
   */
  readonly serviceConfig?: ServiceConfig | string | undefined;
  /**
   * The most bytes of one call's requests that are kept to be sent again; with more a call is made once. Default
   * 1 MiB (1,048,576). gRPC Core: grpc.per_rpc_retry_buffer_size.
   */
  readonly maxRetryBufferBytesPerCall?: number | undefined;
  /** The most bytes of all calls together. Default 16 MiB (16,777,216). */
  readonly maxRetryBufferBytes?: number | undefined;
  /** Comes before this library's own name in the user-agent field. gRPC Core: grpc.primary_user_agent. */
  readonly userAgent?: string | undefined;
  /** How values look; see docs/values.md. */
  readonly values?: ValueOptions | undefined;
  /**
   * When calls ask the server's reflection service for their schema: `auto` (default) while nothing is loaded,
   * `always` also for methods that are not in what was loaded, `never`; or an object with the mode and more. See
   * docs/reflection.md.
   */
  readonly reflection?: ReflectionMode | ReflectionOptions | undefined;
  /**
   * Tell OpenTelemetry of calls: gRFC A66's metrics, a span a call, and its context to the server; `true`, or an object
   * with more. Default false. See docs/observability.md.
   */
  readonly telemetry?: boolean | TelemetryOptions | undefined;
  /** Add the stack of the call to its errors. Default false: it costs about as much as the call. */
  readonly captureStacks?: boolean | undefined;
}

/** Client options, complete and checked. */
export interface CheckedClientOptions {
  readonly call: CheckedCallOptions;
  readonly channel: ChannelOptions;
  readonly balancing: CheckedBalancing;
  readonly authority: string | undefined;
  readonly tls: CheckedTls;
  readonly proxy: CheckedProxy;
  readonly allowCredentialsOverPlaintext: boolean;
  readonly userAgent: string;
  readonly values: ValueOptions;
  readonly reflection: CheckedReflectionOptions;
  readonly captureStacks: boolean;
  readonly telemetry: CheckedTelemetry | undefined;
  readonly serviceConfig: CheckedServiceConfig | undefined;
  readonly retryBuffers: CheckedRetryBuffers;
}

/** This package's. */
export const VERSION = '0.1.0';

const CLIENT_NAMES = [
  ...CALL_DEFAULT_NAMES,
  ...BALANCING_NAMES,
  'compressions',
  'authority',
  'tls',
  'serverName',
  'allowCredentialsOverPlaintext',
  'proxy',
  'keepalive',
  'connectTimeoutMs',
  'maxQueuedCalls',
  'maxBufferedBytes',
  'maxHeaderListBytes',
  'userAgent',
  'serviceConfig',
  'maxRetryBufferBytesPerCall',
  'maxRetryBufferBytes',
  'values',
  'captureStacks',
  'telemetry',
  'reflection',
] as const;

/** Complete client options. TypeError or RangeError that names the option. */
export function checkClientOptions(options: ClientOptions | undefined): CheckedClientOptions {
  const given = options === undefined ? {} : options;
  checkNames(given, CLIENT_NAMES, 'client option');
  const { authority, userAgent, captureStacks } = given;
  if (
    authority !== undefined &&
    (typeof authority !== 'string' || !/^[\x21-\x7e]+$/.test(authority) || /[/?#@]/.test(authority))
  ) {
    throw new TypeError(`authority must be a host, or host:port, not ${show(authority)}`);
  }
  if (
    userAgent !== undefined &&
    (typeof userAgent !== 'string' || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(userAgent))
  ) {
    throw new TypeError(`userAgent must be printable ASCII, not ${show(userAgent)}`);
  }
  return {
    call: checkCallDefaults(given, checkCompressions(given.compressions)),
    channel: {
      connectTimeoutMs: positive('connectTimeoutMs', given.connectTimeoutMs, 20_000),
      maxQueuedCalls: count('maxQueuedCalls', given.maxQueuedCalls, 100_000, 0),
      maxBufferedBytes: count('maxBufferedBytes', given.maxBufferedBytes, 64 * 1024 * 1024, 1),
      keepalive: checkKeepalive(given.keepalive),
      maxHeaderListBytes: count('maxHeaderListBytes', given.maxHeaderListBytes, 64 * 1024, 1),
    },
    balancing: checkBalancing(given),
    authority,
    tls: checkTls(given.tls, given.serverName, process.env),
    proxy: checkProxy(given.proxy, process.env),
    allowCredentialsOverPlaintext: flag(
      'allowCredentialsOverPlaintext',
      given.allowCredentialsOverPlaintext,
      false,
    ),
    userAgent: `${userAgent === undefined ? '' : `${userAgent} `}grpc-stubless/${VERSION}`,
    values: checkValueOptions(given.values),
    reflection: checkReflectionOptions(given.reflection),
    telemetry: checkTelemetry(given.telemetry),
    captureStacks: flag('captureStacks', captureStacks, false),
    serviceConfig:
      given.serviceConfig === undefined
        ? undefined
        : parseServiceConfig(given.serviceConfig, { isStrict: true }),
    retryBuffers: checkRetryBuffers(given.maxRetryBufferBytesPerCall, given.maxRetryBufferBytes),
  };
}
