// What a load-balancing policy is to a channel: it gets addresses, keeps subchannels for them, and opens calls on one
// of those. Types only. It must not know where addresses come from.

import type { StreamRequest } from '../../rpc/transport.ts';
import type { Failure } from '../connection/failure.ts';
import type { PooledConnection } from '../connection/pooled-connection.ts';
import type { SubchannelHost, SubchannelState } from '../connection/subchannel.ts';
import type { Address } from '../target/address.ts';

export interface Balancer {
  readonly state: SubchannelState;
  /** Why there is no connection, while that is so, or why there was none last. */
  readonly failure: Failure | undefined;
  /** When it makes sense to connect again. */
  readonly nextDialMs: number;
  /** The connection that all calls go to, where that is so: then they need not ask. */
  readonly only: PooledConnection | undefined;
  /** The addresses from now on, at least one; connections to others take no more calls. */
  update(addresses: readonly Address[]): void;
  /** Somebody wants a connection: dials what may be dialled. */
  connect(): void;
  /** Whether `open` would open a request now. */
  readonly hasRoom: boolean;
  /** Opens the request on some connection; false where none has room now. */
  open(request: StreamRequest): boolean;
  /** A call waits for room: more connections are made where that is allowed. */
  grow(): void;
  /** Whether somebody waits: then attempts to connect keep the process alive. */
  hold(isHeld: boolean): void;
  /** Closes connections that were not used for long; with `all` every one, and connects no more until asked. */
  closeUnused(wasUsed: (connection: PooledConnection) => boolean, all: boolean): void;
  /** Permanently. Running calls go on, unless there is a reason to end them. */
  close(reason: string | undefined): void;
}

/** What a balancer needs of its channel. */
export interface BalancerHost extends SubchannelHost {
  /** The state or the failure has changed. */
  onChange(): void;
  /** Connections were lost, or could not be made, while addresses are to be kept: they may have changed. */
  onAddressesDoubted(): void;
}
