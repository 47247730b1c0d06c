// What a server on @grpc/grpc-js is to a spec: a port, and an end.

import { type Server, ServerCredentials } from '@grpc/grpc-js';

export interface Peer {
  readonly port: number;
  /** What it remembers of its calls, if anything. */
  state?(): unknown;
  /** Ends all calls and connections at once. */
  close(): Promise<void>;
}

interface ListenOptions {
  /** As grpc-js takes it. Default 127.0.0.1, any port that is free. */
  readonly address?: string | undefined;
  /** Default: plaintext. */
  readonly credentials?: ServerCredentials | undefined;
}

export function listen(
  server: Server,
  { address = '127.0.0.1:0', credentials = ServerCredentials.createInsecure() }: ListenOptions = {},
): Promise<Peer> {
  const close = (): Promise<void> => {
    server.forceShutdown();
    return Promise.resolve();
  };
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => {
      if (error !== null) reject(error);
      else resolve({ port, close });
    });
  });
}
