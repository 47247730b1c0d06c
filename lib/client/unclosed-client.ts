// Warns of a client that was dropped with a connection still open: the connection stays, and nobody can close it. It
// keeps nothing alive: neither the client, nor its channel, nor the process.

import type { Channel } from '../channel/channel.ts';
import { reportUnclosed } from '../values/warnings.ts';

interface Dropped {
  readonly channel: WeakRef<Channel>;
  readonly target: string;
  /** Where it was made, where stacks are captured. */
  readonly site: string | undefined;
}

const registry = new FinalizationRegistry<Dropped>(({ channel, target, site }) => {
  const left = channel.deref();
  // A channel that another client still uses is for that client to close.
  if (left === undefined || left.state === 'shutdown' || left.connections === 0 || left.users > 1) return;
  reportUnclosed(target, left.connections, site);
});

/** Watches a client until `forgetClient`. */
export function watchClient(client: object, channel: Channel, site: string | undefined): void {
  registry.register(client, { channel: new WeakRef(channel), target: channel.target.text, site }, client);
}

/** It was closed. */
export function forgetClient(client: object): void {
  registry.unregister(client);
}
