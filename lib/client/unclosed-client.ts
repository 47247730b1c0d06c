// Warns of a client that was garbage-collected with a connection still open, which nobody can close any more. It keeps
// nothing alive: neither the client, nor its channel, nor the process.

import type { Channel } from '../channel/channel.ts';
import { reportUnclosed } from '../values/warnings.ts';

interface Dropped {
  readonly channel: WeakRef<Channel>;
  readonly target: string;
  /** Where it was made, if stacks are captured. */
  readonly site: string | undefined;
}

const registry = new FinalizationRegistry<Dropped>(({ channel, target, site }) => {
  const left = channel.deref();
  // If another client still uses the channel, closing it is that client's job.
  if (left === undefined || left.state === 'shutdown' || left.connections === 0 || left.users > 1) return;
  reportUnclosed(target, left.connections, site);
});

/** Watches a client until `forgetClient`. */
export function watchClient(client: object, channel: Channel, site: string | undefined): void {
  registry.register(client, { channel: new WeakRef(channel), target: channel.target.text, site }, client);
}

/** Stops watching a client, because it was closed. */
export function forgetClient(client: object): void {
  registry.unregister(client);
}
