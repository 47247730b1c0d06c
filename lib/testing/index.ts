// The package's second entry point, `stubless/testing`: a gRPC server for tests.

export type { RecordedCall } from './call-log.ts';
export type { Fault, InjectedFault } from './faults.ts';
export type {
  AnyHandler,
  BidiHandler,
  ClientStreamHandler,
  HandlerOf,
  Handlers,
  Replies,
  ReplyFields,
  ServerCall,
  ServerStreamHandler,
  UnaryHandler,
} from './handlers.ts';
export type { HealthStatus } from './health-service.ts';
export type { Listening, ListenOptions, ServerTls } from './listener.ts';
export type { NetworkConditions } from './memory/network.ts';
export { type RpcErrorOptions, rpcError } from './rpc-failure.ts';
export type { TestServerOptions } from './server-options.ts';
export { TestServer } from './test-server.ts';
