// The server of examples (example-server.ts) for specs: in the process of the peers.

import { type RemotePeer, startPeer } from './peer-process.ts';

export type ExampleServer = RemotePeer;

export function startExampleServer(): Promise<ExampleServer> {
  return startPeer('examples');
}
