// Makes what happens in a world: everything that may, or only what a kind of world allows.

import type { Chance } from './chance.ts';
import type { ClientPlan, HostPlan, WorldEvent, WorldKind } from './plan.ts';

/** Until the end of a world whose server falls silent. */
const DEAD_MS = 300_000;

export function makeEvents(
  chance: Chance,
  hosts: readonly HostPlan[],
  client: ClientPlan,
  kind: WorldKind,
  spanMs: number,
): WorldEvent[] {
  const make = (): WorldEvent => {
    const atMs = chance.next() * spanMs;
    const host = chance.int(0, hosts.length - 1);
    return kind === 'polite'
      ? politeEvent(chance, atMs, host, client)
      : freeEvent(chance, atMs, hosts.length, client);
  };
  switch (kind) {
    case 'steady':
      return [];
    case 'dead': {
      const host = chance.int(0, hosts.length - 1);
      const atMs = chance.next() * 60_000;
      const events: WorldEvent[] = [
        { atMs, kind: chance.one(['gone', 'deaf', 'frozen']), host, forMs: DEAD_MS },
      ];
      // One that drains while its calls run on is to be watched, too.
      if (chance.is(0.4))
        events.unshift({ atMs: Math.max(atMs - 1000, 0), kind: 'drain', host, style: 'two-step' });
      return events;
    }
    case 'free':
      return inOrder(Array.from({ length: chance.int(0, 6) }, make));
    case 'polite':
      return inOrder(Array.from({ length: chance.int(1, 6) }, make)).filter(isNoThirdDrain);
    default:
      return kind satisfies never;
  }
}

function inOrder(events: WorldEvent[]): WorldEvent[] {
  return events.sort((a, b) => a.atMs - b.atMs);
}

/** Drains that come faster than connections can serve are backed off from (docs/connections.md). */
const DRAINS_APART_MS = 2000;

function isNoThirdDrain(event: WorldEvent, index: number, all: readonly WorldEvent[]): boolean {
  if (event.kind !== 'drain') return true;
  const before = all.slice(0, index).filter((one) => one.kind === 'drain' && one.host === event.host);
  return before.filter(({ atMs }) => event.atMs - atMs < DRAINS_APART_MS).length < 2;
}

function politeEvent(chance: Chance, atMs: number, host: number, client: ClientPlan): WorldEvent {
  return chance.weighed<WorldEvent>([
    [3, { atMs, kind: 'drain', host, style: 'two-step' }],
    [3, { atMs, kind: 'drain', host, style: 'one-step' }],
    [1, { atMs, kind: 'limit', host, maxStreams: chance.int(leastStreams(client), 5) }],
    [1, { atMs, kind: 'cut-health', host }],
    [0.7, { atMs, kind: 'standstill', forMs: chance.one([100, 3000, 20_000]) }],
    [0.3, { atMs, kind: 'ready', timeoutMs: 30_000 }],
  ]);
}

function freeEvent(chance: Chance, atMs: number, hosts: number, client: ClientPlan): WorldEvent {
  const host = chance.int(0, hosts - 1);
  const forMs = chance.one([50, 500, 3000, 20_000, 70_000]);
  const isNamed = client.target === 'fixed' ? 0 : 1;
  const isWatched = client.healthCheck ? 1.5 : 0;
  return chance.weighed<WorldEvent>([
    [3, { atMs, kind: 'kill', host, isReset: chance.is(0.5), forMs }],
    [2, { atMs, kind: 'stop', host, forMs }],
    [1, { atMs, kind: 'drain', host, style: chance.one(['two-step', 'one-step']) }],
    [1.5, { atMs, kind: 'gone', host, forMs }],
    [1, { atMs, kind: 'frozen', host, forMs }],
    [0.7, { atMs, kind: 'deaf', host, forMs }],
    [0.5, { atMs, kind: 'half-close', host }],
    [1, { atMs, kind: 'limit', host, maxStreams: chance.is(0.2) ? 0 : chance.int(leastStreams(client), 5) }],
    [isWatched, { atMs, kind: 'unfit', host, forMs }],
    [isWatched, { atMs, kind: 'cut-health', host }],
    [isNamed * 2, { atMs, kind: 'names', mood: chance.one(['silent', 'nxdomain', 'failing']), forMs }],
    [isNamed, { atMs, kind: 'addresses', hosts: someHosts(chance, hosts) }],
    [1, { atMs, kind: 'standstill', forMs: chance.one([100, 3000, 25_000, 90_000]) }],
    [0.7, { atMs, kind: 'ready', timeoutMs: chance.one([500, 30_000, 300_000]) }],
  ]);
}

/** A health check takes a stream, too. */
function leastStreams({ healthCheck }: ClientPlan): number {
  return healthCheck ? 2 : 1;
}

function someHosts(chance: Chance, hosts: number): number[] {
  const all = Array.from({ length: hosts }, (_, i) => i);
  const some = all.filter(() => chance.is(0.6));
  return some.length === 0 ? [chance.int(0, hosts - 1)] : some;
}
