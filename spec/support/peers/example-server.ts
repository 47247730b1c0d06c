// The server that `npm start`, the examples and specs call: gRPC's helloworld and route_guide, on @grpc/grpc-js, in
// this process. It must not know stubless: what it answers is a witness from outside. Specs have it in a process
// of its own, by servers.ts.

import { join } from 'node:path';
import { Server, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GREETER } from './greeter.ts';
import { listen, type Peer } from './grpc-peer.ts';
import { addReflection } from './reflection-service.ts';
import { routeGuide } from './route-guide.ts';

export interface ExampleServerOptions {
  /** Default 0: any that is free. */
  readonly port?: number | undefined;
  /** Whether it tells its schema. Default false. */
  readonly reflection?: boolean | undefined;
}

/** Starts it on 127.0.0.1. Programs and specs run from the root of the repository, where protos/ is. */
export function serveExamples({ port = 0, reflection = false }: ExampleServerOptions = {}): Promise<Peer> {
  const definition = loadSync(['helloworld.proto', 'route_guide.proto'], {
    includeDirs: [join(process.cwd(), 'protos')],
    defaults: true,
  });
  const server = new Server();
  server.addService(definition['helloworld.Greeter'] as ServiceDefinition, GREETER);
  server.addService(definition['routeguide.RouteGuide'] as ServiceDefinition, routeGuide());
  if (reflection) addReflection(server, definition);
  return listen(server, { address: `127.0.0.1:${port}` });
}
