// The public door of the package.

export { Call, Stream } from './call.ts';
export type { CallAttemptEvent, CallEvent, CallMessageEvent } from './call-diagnostics.ts';
export type { ClientStats } from './call-stats.ts';
export { Channel, type ChannelState, type StateChange } from './channel/channel.ts';
export type {
  ChannelStateChanged,
  ConnectionClosed,
  ConnectionDialed,
  ConnectionDrained,
  ConnectionGoAway,
  ConnectionReady,
  FrameSeen,
  ObservedConnection,
} from './channel/connection-diagnostics.ts';
export type { ConnectionInfo, TlsInfo } from './channel/connection-info.ts';
export type { LoadBalancingName } from './channel/load-balancing.ts';
export type { Resolver, ResolverFactory, ResolverListener, ResolverTarget } from './channel/resolver.ts';
export { Client, type RawMethod } from './client.ts';
export type {
  CallOf,
  DynamicMessage,
  DynamicService,
  LoadSource,
  MethodName,
  MethodTypes,
  RequestOf,
  Untyped,
} from './client-types.ts';
export {
  bearerToken,
  type Credentials,
  type CredentialsContext,
  type CredentialsFunction,
  type GoogleAuthClient,
  type GoogleCredentialsOptions,
  googleCredentials,
  type TokenSource,
} from './credentials.ts';
export type { AddedConnection, UnobservedCall } from './diagnostics.ts';
export { CardinalityError, SchemaError } from './errors.ts';
export type { HealthStatus } from './health.ts';
export type {
  InterceptedCall,
  InterceptedMethod,
  InterceptedOptions,
  Interceptor,
  Next,
} from './interceptor.ts';
export { Metadata } from './metadata.ts';
export type { MetadataInput, MetadataValue } from './metadata-entries.ts';
export type { CallAttempt, CallTiming, ObservedCall } from './observed-call.ts';
export type { BalancingOptions, DnsOptions, LoadBalancingOptions } from './options/balancing-options.ts';
export type { CallOptions } from './options/call-options.ts';
export type { ClientOptions } from './options/client-options.ts';
export type { CompressionName } from './options/compression-options.ts';
export type { KeepaliveOptions } from './options/keepalive-options.ts';
export type { LoadOptions } from './options/load-options.ts';
export type { ProxyOptions } from './options/proxy-options.ts';
export type {
  ReflectionMode,
  ReflectionOptions,
  ReflectOptions,
  ResolveOptions,
} from './options/reflection-options.ts';
export type { HedgingOptions, RetryOptions } from './options/retry-options.ts';
export type { PemOption, TlsFileOption, TlsOptions } from './options/tls-options.ts';
export type { WriteOptions } from './options/write-options.ts';
export type { Compression } from './rpc/compression.ts';
export type { ServiceConfig, ServiceConfigMethod } from './rpc/service-config.ts';
export type { ConnectTiming, Peer, PeerCertificate } from './rpc/transport.ts';
export { type ErrorDetail, RpcError } from './rpc-error.ts';
export type {
  Description,
  EnumDescription,
  EnumValueDescription,
  FieldDescription,
  MessageDescription,
  MethodDescription,
  OneofDescription,
  PackageDescription,
  ServiceDescription,
  SymbolDescription,
} from './schema/description.ts';
export type { ToJsonOptions } from './schema/json.ts';
export type { Cardinality } from './schema/method.ts';
export { messageToObject as toObject } from './schema/plain-object.ts';
export type { FromJsonOptions, MethodInfo, ServiceInfo } from './schema/registry.ts';
export type { SchemaDifference } from './schema/schema-difference.ts';
export type { ValueOptions } from './schema/value-options.ts';
export type { WriteProtosOptions } from './schema/write-schema.ts';
export { type Status, StatusCode, type StatusCodeName, type StatusCodeValue } from './status.ts';
export type { TelemetryOptions } from './telemetry/telemetry-options.ts';
