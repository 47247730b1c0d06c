// The server that `npm start`, the examples and specs call: gRPC's helloworld and route_guide, on @grpc/grpc-js.
// It must not know stubless: what it answers is a witness from outside.

import { join } from 'node:path';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GREETER } from './greeter.ts';
import { routeGuide } from './route-guide.ts';

export interface ExampleServer {
  readonly port: number;
  /** Ends all calls and connections at once. */
  close(): Promise<void>;
}

export interface ExampleServerOptions {
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
}

/** Starts it on 127.0.0.1. Programs and specs run from the root of the repository, where protos/ is. */
export function startExampleServer({ port = 0 }: ExampleServerOptions = {}): Promise<ExampleServer> {
  const definition = loadSync(['helloworld.proto', 'route_guide.proto'], {
    includeDirs: [join(process.cwd(), 'protos')],
    defaults: true,
  });
  const server = new Server();
  server.addService(definition['helloworld.Greeter'] as ServiceDefinition, GREETER);
  server.addService(definition['routeguide.RouteGuide'] as ServiceDefinition, routeGuide());

  const close = (): Promise<void> => {
    server.forceShutdown();
    return Promise.resolve();
  };
  return new Promise((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error !== null) reject(error);
      else resolve({ port: boundPort, close });
    });
  });
}
