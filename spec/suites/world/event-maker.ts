// Makes what happens in a world: everything that may, or only what a kind of world allows.

import { FORGIVEN_LOSSES } from '../../../lib/channel/connection/dial-backoff.ts';
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
  const replacements = makeReplacements(chance.fork(1), hosts, kind, spanMs);
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
      return inOrder([...replacements, ...Array.from({ length: chance.int(0, 6) }, make)]);
    case 'polite':
      return inOrder([...replacements, ...Array.from({ length: chance.int(1, 6) }, make)]).filter(isBorne);
    default:
      return kind satisfies never;
  }
}

function inOrder(events: WorldEvent[]): WorldEvent[] {
  return events.sort((a, b) => a.atMs - b.atMs);
}

/** What ends connections faster than they can serve is backed off from (docs/connections.md). */
const ENDS_APART_MS = 2000;

function isBorne(event: WorldEvent, index: number, all: readonly WorldEvent[]): boolean {
  const ends = endsOf(event);
  if (ends === 0 || !('host' in event)) return true;
  const before = all.slice(0, index).filter((one) => 'host' in one && one.host === event.host);
  const recent = before.filter(({ atMs }) => event.atMs - atMs < ENDS_APART_MS);
  return recent.reduce((sum, one) => sum + endsOf(one), ends) <= FORGIVEN_LOSSES;
}

/** How many connections in a row it may end that have not served. */
function endsOf(event: WorldEvent): number {
  if (event.kind === 'drain') return 1;
  return event.kind === 'replace' ? 1 + event.turnedAway : 0;
}

/** Of a chance of their own, so that worlds without them stay what they were. */
function makeReplacements(
  chance: Chance,
  hosts: readonly HostPlan[],
  kind: WorldKind,
  spanMs: number,
): WorldEvent[] {
  if (chance.is(0.75)) return [];
  return Array.from({ length: chance.int(1, 3) }, () => ({
    atMs: chance.next() * spanMs,
    kind: 'replace',
    host: chance.int(0, hosts.length - 1),
    style: chance.one(['two-step', 'one-step']),
    turnedAway: kind === 'polite' ? 1 : chance.int(1, 5),
    isReset: chance.is(0.7),
    drainAfterMs: chance.one([0, 0, 20, 600]),
  }));
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
