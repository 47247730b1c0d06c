// A connection as subchannels, balancers and the channel see it, and what it tells them. Types only: they know no socket.

import type { StreamRequest } from '../../rpc/transport.ts';
import type { ConnectionInfo } from './connection-info.ts';
import type { Failure } from './failure.ts';

/** A connection as a subchannel needs it. */
export interface PooledConnection {
  readonly canOpen: boolean;
  readonly isDraining: boolean;
  readonly isClosed: boolean;
  readonly isFull: boolean;
  readonly wasReady: boolean;
  readonly hasServed: boolean;
  /** Whether it takes the next call only when the last one has ended, as HTTP/1.1 does. */
  readonly carriesOneCall?: boolean | undefined;
  /** This side ended it together with a call, which says nothing of the server. */
  readonly wasGivenUp?: boolean | undefined;
  readonly openStreams: number;
  readonly openedStreams: number;
  /** How long ago dialling it began, in milliseconds: asked at each GOAWAY, of which there may be many. */
  readonly ageMs: number;
  readonly info: ConnectionInfo;
  open(request: StreamRequest): void;
  openBackground(request: StreamRequest): void;
  onBackgroundEnd(): void;
  hold(): void;
  letGo(): void;
  drain(): void;
  close(reason: string): void;
}

/** What a connection tells the subchannel that it belongs to. */
export interface ConnectionListener {
  onReady(connection: PooledConnection): void;
  onCapacity(connection: PooledConnection): void;
  /** No new streams here; running ones go on. `goAway` is the peer's word where it was the peer's wish. */
  onDraining(connection: PooledConnection, goAway?: string): void;
  /** Once, the last event. */
  onClosed(connection: PooledConnection, failure: Failure): void;
}
