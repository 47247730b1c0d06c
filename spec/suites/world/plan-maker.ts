// Makes the plan of a world from its seed: small worlds, each with a few of the things that may be there and happen, so
// that one is easily read when it has found something. Who is there is made here, what is called in call-maker.ts, what
// goes wrong in event-maker.ts.

import type { LoadBalancingName } from '../../../lib/channel/balancing/load-balancing.ts';
import { makeCalls } from './call-maker.ts';
import { Chance } from './chance.ts';
import { makeEvents } from './event-maker.ts';
import type { Path } from './pipe.ts';
import type { ClientPlan, ClosingPlan, HostPlan, WorldKind, WorldPlan } from './plan.ts';

/** Longer than any answer takes: what a polite server lets its calls go on behind a GOAWAY. */
const LONG_GRACE_MS = 120_000;
/** Long enough for silence to be noticed, and for a few calls behind that. */
const DEAD_SPAN_MS = 200_000;

export function makePlan(seed: number): WorldPlan {
  const chance = new Chance(seed);
  const kind = chance.weighed<WorldKind>([
    [5, 'free'],
    [3, 'polite'],
    [2, 'steady'],
    [1, 'dead'],
  ]);
  const spanMs = kind === 'dead' ? DEAD_SPAN_MS : chance.one([2000, 10_000, 40_000, 120_000]);
  const policy = chance.weighed<LoadBalancingName>([
    [4, 'pick_first'],
    [4, 'round_robin'],
    [1, 'least_request'],
    [1, 'weighted_round_robin'],
  ]);
  const hosts = makeHosts(chance.fork(1), kind, policy);
  const client = makeClient(chance.fork(2), hosts, kind, policy);
  const calls = makeCalls(chance.fork(3), kind, spanMs);
  const events = makeEvents(chance.fork(4), hosts, client, kind, spanMs);
  const lastMs = Math.max(spanMs, ...events.map((one) => one.atMs + ('forMs' in one ? one.forMs : 0)));
  const closing: ClosingPlan = {
    graceMs: chance.one([0, 0, 500, 5000]),
    calls: chance.is(0.5) ? 0 : chance.int(1, 4),
    trouble: chance.weighed([
      [4, 'none'],
      [1, 'deaf'],
      [1, 'gone'],
      [1, 'frozen'],
      [1, 'down'],
      [1, 'lost'],
      [1, 'nameless'],
    ]),
  };
  return { seed, kind, hosts, client, calls, events, calmMs: lastMs + 100, closing };
}

function makePath(chance: Chance): Path {
  return {
    latencyMs: chance.one([0.2, 1, 20, 80]),
    jitterMs: chance.one([0, 0, 0.5, 30]),
    octetsPerMs: chance.weighed([
      [4, Infinity],
      [1, 1000],
      [1, 100],
    ]),
    roomOctets: chance.one([16_384, 65_536, 1_048_576]),
    pieces: chance.weighed([
      [2, 'written'],
      [2, 'joined'],
      [1, 'cut'],
    ]),
  };
}

function makeHosts(chance: Chance, kind: WorldKind, policy: LoadBalancingName): HostPlan[] {
  const isFree = kind === 'free';
  const count = chance.weighed([
    [kind === 'dead' ? 12 : 3, 1],
    [3, 2],
    [1, 3],
  ]);
  const wantsToken = chance.is(0.15);
  const health = chance.is(0.8) ? 'serving' : 'none';
  const drains = kind === 'dead' ? 0 : 1;
  // Connections that end so soon that nobody called are backed off from: those that policies make by themselves.
  const ages = policy === 'pick_first' ? drains : 0;
  return Array.from({ length: count }, (_, i) => ({
    address: `10.0.0.${i + 1}:50051`,
    path: makePath(chance),
    startsUp: !isFree || chance.is(0.85),
    maxStreams: chance.weighed<number | undefined>([
      [3, undefined],
      // A health check takes a stream, too.
      [ages, 1],
      [drains, 3],
      [1, 100],
    ]),
    requestsPerConnection: chance.weighed<number | undefined>([
      [5, undefined],
      [drains, 3],
      [drains, 10],
    ]),
    ageMs: chance.weighed<number | undefined>([
      [5, undefined],
      [ages, 800],
      [drains, 12_000],
      [drains, 30_000],
    ]),
    graceMs: isFree ? chance.one([0, 1000, LONG_GRACE_MS]) : LONG_GRACE_MS,
    health,
    healthCutMs: chance.is(0.2) ? chance.one([300, 3000]) : undefined,
    wantsToken,
  }));
}

function makeClient(
  chance: Chance,
  hosts: readonly HostPlan[],
  kind: WorldKind,
  policy: LoadBalancingName,
): ClientPlan {
  const wantsToken = hosts.some((host) => host.wantsToken);
  const isTls = wantsToken || chance.is(0.25);
  const isFree = kind === 'free';
  return {
    target: chance.weighed([
      [2, 'fixed'],
      [2, 'dns'],
      [1, 'resolver'],
    ] as const),
    answersRefresh: chance.is(0.5),
    policy,
    healthCheck: policy !== 'pick_first' && chance.is(0.4),
    isTls,
    credentials: wantsToken || (isTls && chance.is(0.6)),
    connectTimeoutMs: chance.one([1000, 5000, 20_000]),
    keepalive: chance.is(kind === 'dead' ? 0.6 : 0.3)
      ? { intervalMs: 10_000, timeoutMs: chance.one([1000, 5000]), withoutCalls: chance.is(0.3) }
      : undefined,
    maxConnections: chance.weighed([
      [4, 1],
      [1, 2],
      [1, 4],
    ]),
    idleConnectionMs: chance.weighed([
      [3, 1_800_000],
      [1, 2000],
    ]),
    maxQueuedCalls: chance.weighed([
      [8, 100_000],
      [isFree ? 1 : 0, chance.int(0, 3)],
    ]),
    dnsMinIntervalMs: chance.one([30_000, 1000]),
    dnsDelayMs: chance.one([1, 30, 400]),
    intercepts: chance.is(0.15),
  };
}
