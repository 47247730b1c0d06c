// The options of a client: defaults for its calls, and settings of its connections. The only reader of the environment.

import {
  CALL_DEFAULT_NAMES,
  type CallOptions,
  type CheckedCallOptions,
  checkCallDefaults,
} from '../call/call-options.ts';
import { checkCompressions } from '../call/compression-options.ts';
import { type CheckedRetryBuffers, checkRetryBuffers } from '../call/retry-options.ts';
import {
  type CheckedReflectionOptions,
  checkReflectionOptions,
  type ReflectionMode,
  type ReflectionOptions,
} from '../catalog/reflection-options.ts';
import { checkValueOptions } from '../catalog/value-option-checks.ts';
import type { ChannelOptions } from '../channel/channel-options.ts';
import type { HttpVersion } from '../channel/connection/connection-info.ts';
import { SIMULATED_NETWORK, type SimulatedNetwork, type SimulationOptions } from '../channel/network-seam.ts';
import { asciiHostName } from '../channel/target/host-name.ts';
import {
  type CheckedTelemetry,
  checkTelemetry,
  type TelemetryOptions,
} from '../observe/telemetry/telemetry-options.ts';
import type { Protocol } from '../protocols/protocol.ts';
import type { Compression } from '../rpc/compression/compression.ts';
import {
  type CheckedServiceConfig,
  parseServiceConfig,
  type ServiceConfig,
} from '../rpc/service-config/service-config.ts';
import type { ValueOptions } from '../schema/codec/value-options.ts';
import { environment } from '../values/environment.ts';
import { checkNames, count, flag, plainObject, positive, show } from '../values/options/option-checks.ts';
import { called } from '../values/options/option-words.ts';
import { VERSION } from '../values/version.ts';
import {
  BALANCING_NAMES,
  type BalancingOptions,
  type CheckedBalancing,
  checkBalancing,
} from './balancing-options.ts';
import { checkKeepalive, type KeepaliveOptions } from './keepalive-options.ts';
import { checkProtocol, PROTOCOL_NAMES, type ProtocolOptions } from './protocol-options.ts';
import { type CheckedProxy, checkProxy, type ProxyOptions } from './proxy-options.ts';
import { type CheckedTls, checkTls, type TlsOptions } from './tls-options.ts';

/** Options of a client: defaults for its calls, and settings of its connections. */
export interface ClientOptions
  extends Omit<CallOptions, 'deadline' | 'signal'>,
    BalancingOptions,
    ProtocolOptions {
  /**
   * Compression algorithms of your own, in addition to the built-in ones or replacing one of the same name. They are
   * offered to the server, which may use them for replies. Default none. See docs/compression.md.
   */
  readonly compressions?: readonly Compression[] | undefined;
  /** The `:authority` of requests. Default: the target's host and port. gRPC Core: grpc.default_authority. */
  readonly authority?: string | undefined;
  /**
   * TLS settings: true for the defaults, an object for more; see docs/tls.md. Default: what the target says, which is
   * TLS for `https://` and `grpcs://`, and plaintext for anything else. gRPC Core: channel credentials.
   */
  readonly tls?: boolean | TlsOptions | undefined;
  /**
   * The name that the server's certificate must be for; also sent as SNI. Default: the target's host. gRPC Core:
   * grpc.ssl_target_name_override.
   */
  readonly serverName?: string | undefined;
  /**
   * Send credentials over plaintext as well, readable by anyone on the network path. Default false. Unix sockets, which
   * cross no network, are always allowed.
   */
  readonly allowCredentialsOverPlaintext?: boolean | undefined;
  /**
   * The proxy to connect through: its URL, or an object with more settings; false for none. Default: what the
   * environment says in grpc_proxy, https_proxy or http_proxy, except for loopback addresses and those listed in
   * no_grpc_proxy or no_proxy. See docs/proxies.md. gRPC Core: grpc.http_proxy, grpc.enable_http_proxy.
   */
  readonly proxy?: string | URL | ProxyOptions | false | undefined;
  /**
   * PINGs on silent connections: `{ intervalMs, timeoutMs, withoutCalls }`. Default none; but TCP keepalive is on, and
   * a connection that has been silent for a minute is verified when a call starts, runs or waits on it. See
   * docs/keepalive.md.
   */
  readonly keepalive?: KeepaliveOptions | undefined;
  /**
   * How many milliseconds one connection attempt may take: TCP, a proxy, TLS and the server's HTTP/2 SETTINGS together.
   * Looking up a name may take as long again. Default 20,000; `Infinity` for no limit.
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * What connections speak: '2'; '1.1', with one call at a time on each; or 'auto', what the server chooses over TLS, and
   * '2' over plaintext. Default '2' for gRPC, which needs it, and 'auto' for gRPC-Web and Connect. See docs/connections.md.
   */
  readonly httpVersion?: HttpVersion | 'auto' | undefined;
  /**
   * How many calls may wait for a stream; any further one fails with RESOURCE_EXHAUSTED. Default 100,000. With 0, calls
   * wait only for a connection, never for a stream.
   */
  readonly maxQueuedCalls?: number | undefined;
  /**
   * How many bytes of unread replies a connection may hold, plus an initial window for each stream and one message
   * that a reader is waiting for; docs/options.md has the formula. Default 64 MiB (67,108,864).
   */
  readonly maxBufferedBytes?: number | undefined;
  /**
   * The largest header or trailer list accepted, in bytes as RFC 9113 §6.5.2 counts them. Default 64 KiB (65,536). gRPC
   * Core: grpc.max_metadata_size.
   */
  readonly maxHeaderListBytes?: number | undefined;
  /**
   * The service owner's settings for clients, some of them per method: timeouts, sizes, retries, hedging, throttling,
   * load balancing, health checks; as an object or as JSON text. Default none. See docs/resilience.md. gRPC Core:
   * grpc.service_config.
   */
  readonly serviceConfig?: ServiceConfig | string | undefined;
  /**
   * How many bytes of one call's requests are kept for further attempts; a call that exceeds this is not retried.
   * Default 1 MiB (1,048,576). gRPC Core: grpc.per_rpc_retry_buffer_size.
   */
  readonly maxRetryBufferBytesPerCall?: number | undefined;
  /** The same for all calls of the client together. Default 16 MiB (16,777,216). */
  readonly maxRetryBufferBytes?: number | undefined;
  /**
   * Printable ASCII put before this library's name in the user-agent field. Default none. gRPC Core:
   * grpc.primary_user_agent.
   */
  readonly userAgent?: string | undefined;
  /**
   * How messages look in JavaScript: 64-bit integers, enums and more. Each field has its own default; see
   * docs/values.md.
   */
  readonly values?: ValueOptions | undefined;
  /**
   * When calls ask the server's reflection service for their schema: `auto` (the default) only while nothing is loaded,
   * `always` also for methods missing from what was loaded, `never`; or an object with the mode and more settings. See
   * docs/reflection.md.
   */
  readonly reflection?: ReflectionMode | ReflectionOptions | undefined;
  /**
   * OpenTelemetry: the metrics of gRFC A66, and a span per call whose context is sent to the server; `true`, or an
   * object with more settings. Default false. See docs/observability.md.
   */
  readonly telemetry?: boolean | TelemetryOptions | undefined;
  /** Add the caller's stack to errors. Default false, because it costs about as much as the call itself. */
  readonly captureStacks?: boolean | undefined;
}

/** Client options, complete and checked. */
export interface CheckedClientOptions {
  readonly call: CheckedCallOptions;
  readonly channel: ChannelOptions;
  readonly balancing: CheckedBalancing;
  readonly protocol: Protocol;
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
  /** Replaces the operating system's network; only in simulations. */
  readonly network: SimulatedNetwork | undefined;
}

const CLIENT_NAMES = [
  ...CALL_DEFAULT_NAMES,
  ...BALANCING_NAMES,
  ...PROTOCOL_NAMES,
  'compressions',
  'authority',
  'tls',
  'serverName',
  'allowCredentialsOverPlaintext',
  'proxy',
  'keepalive',
  'connectTimeoutMs',
  'httpVersion',
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
  const { userAgent, captureStacks } = given;
  const protocol = checkProtocol(given);
  const network = (given as SimulationOptions)[SIMULATED_NETWORK];
  const httpVersion = checkHttpVersion(given, protocol, network === undefined);
  if (
    userAgent !== undefined &&
    (typeof userAgent !== 'string' || !/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(userAgent))
  ) {
    throw new TypeError(`userAgent must be printable ASCII, not ${show(userAgent)}`);
  }
  return {
    call: checkCallDefaults(given, checkCompressions(given.compressions)),
    channel: {
      httpVersion,
      connectTimeoutMs: positive('connectTimeoutMs', given.connectTimeoutMs, 20_000),
      maxQueuedCalls: count('maxQueuedCalls', given.maxQueuedCalls, 100_000, 0),
      maxBufferedBytes: count('maxBufferedBytes', given.maxBufferedBytes, 64 * 1024 * 1024, 1),
      keepalive: checkKeepalive(given.keepalive),
      maxHeaderListBytes: count('maxHeaderListBytes', given.maxHeaderListBytes, 64 * 1024, 1),
    },
    balancing: checkBalancing(given),
    protocol,
    authority: checkAuthority(given.authority),
    tls: checkTls(given.tls, given.serverName, environment),
    proxy: checkProxy(given.proxy, environment),
    allowCredentialsOverPlaintext: flag(
      'allowCredentialsOverPlaintext',
      given.allowCredentialsOverPlaintext,
      false,
    ),
    userAgent: `${userAgent === undefined ? '' : `${userAgent} `}grpc-stubless/${VERSION}`,
    values: checkValueOptions(given.values),
    reflection: checkReflectionOptions(given.reflection),
    telemetry: checkTelemetry(plainObject('telemetry', given.telemetry)),
    captureStacks: flag('captureStacks', captureStacks, false),
    serviceConfig:
      given.serviceConfig === undefined
        ? undefined
        : parseServiceConfig(plainObject('serviceConfig', given.serviceConfig), { isStrict: true }),
    retryBuffers: checkRetryBuffers(given.maxRetryBufferBytesPerCall, given.maxRetryBufferBytes),
    network,
  };
}

function checkHttpVersion(
  { httpVersion: wanted, keepalive }: ClientOptions,
  protocol: Protocol,
  hasHttp1: boolean,
): HttpVersion | 'auto' {
  const byDefault = protocol.needsHttp2 || !hasHttp1 ? '2' : 'auto';
  const httpVersion = wanted === undefined ? byDefault : wanted;
  if (httpVersion !== '2' && httpVersion !== '1.1' && httpVersion !== 'auto')
    throw new TypeError(`${called('httpVersion')} must be '2', '1.1' or 'auto', not ${show(httpVersion)}`);
  if (httpVersion !== '2' && protocol.needsHttp2) {
    throw new TypeError(
      `gRPC needs HTTP/2: leave ${called('httpVersion')} out, or choose another protocol with ${called('protocol')} 'grpc-web' or 'connect'`,
    );
  }
  if (httpVersion !== '2' && !hasHttp1) throw new TypeError('a simulated network has no HTTP/1.1');
  if (httpVersion === '1.1' && keepalive !== undefined) {
    throw new TypeError(
      "keepalive sends PINGs, which HTTP/1.1 does not have; leave it out with httpVersion '1.1': TCP's own keepalive is on, and a connection that was silent for a minute is not used again",
    );
  }
  return httpVersion;
}

/** The authority as it is sent, in ASCII. */
function checkAuthority(authority: unknown): string | undefined {
  if (authority === undefined) return undefined;
  if (typeof authority === 'string') {
    if (/^[\x21-\x7e]+$/.test(authority) && !/[/?#@]/.test(authority)) return authority;
    const [, name = '', port = ''] = /^([^:]+)(:\d{1,5})?$/.exec(authority) ?? [];
    const host = asciiHostName(name);
    if (host !== undefined) return host + port;
  }
  throw new TypeError(`authority must be a host, or host:port, not ${show(authority)}`);
}
