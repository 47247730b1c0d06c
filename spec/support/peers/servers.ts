// The server of examples (example-server.ts) for specs: in the process of the peers.

import type { ExampleServerOptions } from './example-server.ts';
import { type RemotePeer, startPeer } from './peer-process.ts';

export type ExampleServer = RemotePeer;

export function startExampleServer(options: ExampleServerOptions = {}): Promise<ExampleServer> {
  return startPeer('examples', options);
}
