// helloworld.Greeter alone on @grpc/grpc-js, over TLS, compressing or failing as a spec wants it.

import { join } from 'node:path';
import { Metadata, Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { GREETER } from './greeter.ts';
import { listen, type Peer } from './grpc-peer.ts';

/** All in PEM. */
interface GreeterTls {
  readonly cert: string;
  readonly key: string;
  /** Clients need a certificate of this CA. */
  readonly clientRoot?: string | undefined;
}

export interface GreeterOptions {
  readonly address?: string | undefined;
  readonly tls?: GreeterTls | undefined;
  /** For replies, by grpc-js's number. Default: none. */
  readonly compression?: number | undefined;
  /** What every SayHello ends with in place of a reply. */
  readonly failure?: GreeterFailure | undefined;
}

interface GreeterFailure {
  readonly code: number;
  readonly details: string;
  readonly trailers: Readonly<Record<string, Uint8Array>>;
}

export function serveGreeter({ address, tls, compression, failure }: GreeterOptions = {}): Promise<Peer> {
  const definition = loadSync('helloworld.proto', { includeDirs: [join(process.cwd(), 'protos')] });
  const server = new Server(
    compression === undefined ? {} : { 'grpc.default_compression_algorithm': compression },
  );
  server.addService(
    definition['helloworld.Greeter'] as ServiceDefinition,
    failure === undefined ? GREETER : { SayHello: failing(failure) },
  );
  return listen(server, { address, credentials: tls === undefined ? undefined : credentialsOf(tls) });
}

function credentialsOf({ cert, key, clientRoot }: GreeterTls): ServerCredentials {
  return ServerCredentials.createSsl(
    clientRoot === undefined ? null : Buffer.from(clientRoot),
    [{ cert_chain: Buffer.from(cert), private_key: Buffer.from(key) }],
    clientRoot !== undefined,
  );
}

function failing({ code, details, trailers }: GreeterFailure) {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, Buffer.from(value));
  return (_call: unknown, callback: (error: object) => void): void => callback({ code, details, metadata });
}
