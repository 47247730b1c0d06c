// The public door of the package.

export { Call, Stream } from './call/call.ts';
export type { CallOptions } from './call/call-options.ts';
export type { CompressionName } from './call/compression-options.ts';
export {
  bearerToken,
  type Credentials,
  type CredentialsContext,
  type CredentialsFunction,
  type GoogleAuthClient,
  type GoogleCredentialsOptions,
  googleCredentials,
  type TokenSource,
} from './call/credentials.ts';
export type {
  InterceptedCall,
  InterceptedMethod,
  InterceptedOptions,
  Interceptor,
  Next,
} from './call/interceptor.ts';
export type { HedgingOptions, RetryOptions } from './call/retry-options.ts';
export type {
  CallOf,
  DynamicMessage,
  DynamicService,
  LoadSource,
  MethodName,
  MethodTypes,
  RequestOf,
  ServiceName,
  ServiceOf,
  Untyped,
} from './call/typed-calls.ts';
export type { WriteOptions } from './call/write-options.ts';
export type { LoadOptions } from './catalog/load-options.ts';
export type {
  ReflectionMode,
  ReflectionOptions,
  ReflectOptions,
  ResolveOptions,
} from './catalog/reflection-options.ts';
export type { EncodingOptions } from './catalog/schema-options.ts';
export type { LoadBalancingName } from './channel/balancing/load-balancing.ts';
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
} from './channel/connection/connection-events.ts';
export type { ConnectionInfo, TlsInfo } from './channel/connection/connection-info.ts';
export type {
  Resolver,
  ResolverFactory,
  ResolverListener,
  ResolverTarget,
} from './channel/naming/resolver.ts';
export type { BalancingOptions, DnsOptions, LoadBalancingOptions } from './client/balancing-options.ts';
export { Client } from './client/client.ts';
export type { ClientOptions } from './client/client-options.ts';
export type { HealthStatus } from './client/health.ts';
export type { KeepaliveOptions } from './client/keepalive-options.ts';
export type { ProtocolOptions } from './client/protocol-options.ts';
export type { ProxyOptions } from './client/proxy-options.ts';
export type { RawMethod } from './client/raw-method.ts';
export type { PemOption, TlsFileOption, TlsOptions } from './client/tls-options.ts';
export type { CallAttemptEvent, CallEvent, CallMessageEvent } from './observe/call-events.ts';
export type { ClientStats } from './observe/call-stats.ts';
export type { CallAttempt, CallTiming, ObservedCall } from './observe/observed-call.ts';
export type { TelemetryOptions } from './observe/telemetry/telemetry-options.ts';
export type { ProtocolName } from './protocols/protocol.ts';
export type { Compression } from './rpc/compression/compression.ts';
export type { ServiceConfig, ServiceConfigMethod } from './rpc/service-config/service-config.ts';
export type { ConnectTiming, Peer, PeerCertificate } from './rpc/transport.ts';
export type { ToJsonOptions, ToJsonTextOptions } from './schema/codec/json/json.ts';
export type { Cardinality, CodecName } from './schema/codec/method.ts';
export { messageToObject as toObject } from './schema/codec/plain-object.ts';
export type { UnknownField } from './schema/codec/unknown-field-list.ts';
export type { ValueOptions } from './schema/codec/value-options.ts';
export type { SchemaDifference } from './schema/descriptors/schema-difference.ts';
export type { WriteJsonSchemasOptions } from './schema/json-schema/json-schema.ts';
export type { JsonSchema, JsonSchemaOptions } from './schema/json-schema/schema-form.ts';
export type { OpenApiDocument, OpenApiOptions } from './schema/openapi/open-api.ts';
export type {
  Description,
  EnumDescription,
  EnumValueDescription,
  FieldDescription,
  MessageDescription,
  MethodDescription,
  NumberRange,
  OneofDescription,
  PackageDescription,
  ServiceDescription,
  SymbolDescription,
} from './schema/print/description.ts';
export type { WriteProtosOptions } from './schema/print/write-schema.ts';
export type { MethodInfo, ServiceInfo } from './schema/registry/loaded-method.ts';
export type { FromJsonOptions } from './schema/registry/registry.ts';
export type { ToTextOptions } from './schema/text/text-format.ts';
export { CardinalityError, SchemaError } from './values/errors.ts';
export { Metadata } from './values/metadata.ts';
export type { MetadataInput, MetadataValue } from './values/metadata-entries.ts';
export { type ErrorDetail, RpcError } from './values/rpc-error.ts';
export { type Status, StatusCode, type StatusCodeName, type StatusCodeValue } from './values/status.ts';
export type { AddedConnection, UnobservedCall, WireTypeMismatched } from './values/warnings.ts';
