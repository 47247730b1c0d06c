// Where a simulated network takes the place of the operating system's sockets and name servers: for the simulation in
// spec/suites/world alone, and no option of users. Types, and the key under which it stands in a client's options.

import type { Dns } from './naming/dns-resolver.ts';
import type { Dial } from './socket/byte-socket.ts';

/** What a channel dials with, and asks for addresses; and its time. */
export interface SimulatedNetwork {
  readonly dial: Dial;
  readonly dns: Dns;
  /** The next turn of the event loop that drives it. */
  readonly nextTurn: (callback: () => void) => void;
}

/** A symbol, so that no option has its name. */
export const SIMULATED_NETWORK: unique symbol = Symbol('simulated network');

/** Options of a client in a simulation. */
export interface SimulationOptions {
  readonly [SIMULATED_NETWORK]?: SimulatedNetwork | undefined;
}
