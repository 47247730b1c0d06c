// Cuts a plan down to what its finding needs: takes away calls, events and hosts, and makes what is left plainer, as long
// as the finding is still there (delta debugging).

import type { CallPlan, ClientPlan, HostPlan, WorldEvent, WorldPlan } from './plan.ts';

/** Most worlds that are played to shrink one. */
const MAX_TRIES = 400;

export async function shrink(
  plan: WorldPlan,
  isFound: (plan: WorldPlan) => Promise<boolean>,
): Promise<WorldPlan> {
  let best = plan;
  let tries = 0;
  const still = async (candidate: WorldPlan): Promise<boolean> => {
    const isToBeTried = ++tries <= MAX_TRIES && isPossible(candidate);
    if (!isToBeTried || !(await isFound(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let before: WorldPlan | undefined; before !== best && tries < MAX_TRIES; ) {
    before = best;
    await fewer(best.calls, (calls) => still({ ...best, calls }));
    await fewer(best.events, (events) => still({ ...best, events }));
    if (best.closing.calls > 0) await still({ ...best, closing: { ...best.closing, calls: 0 } });
    for (let i = 0; i < best.hosts.length; i++) {
      await plainer(best.hosts[i], PLAIN_HOST, (host) => still({ ...best, hosts: best.hosts.with(i, host) }));
    }
    await plainer(best.client, PLAIN_CLIENT, (client) => still({ ...best, client }));
    for (let i = 0; i < best.calls.length; i++) {
      await plainer(best.calls[i], PLAIN_CALL, (call) => still({ ...best, calls: best.calls.with(i, call) }));
    }
    if (best.hosts.length > 1) await withoutLastHost(best, still);
  }
  return best;
}

/** Options that do not go together, and tokens that nobody has, say nothing of a finding. */
function isPossible({ client, hosts }: WorldPlan): boolean {
  const isPickFirst = client.policy === 'pick_first';
  if (client.healthCheck && isPickFirst) return false;
  // As the plan maker has it.
  if (!isPickFirst && hosts.some((host) => host.ageMs === 800 || host.maxStreams === 1)) return false;
  return client.credentials ? client.isTls : !hosts.some((host) => host.wantsToken);
}

/** Tries to do with fewer of them: first with half, in the end without each single one. */
async function fewer<T>(
  items: readonly T[],
  still: (items: readonly T[]) => Promise<boolean>,
): Promise<void> {
  let left = items;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length; ) {
      const without = [...left.slice(0, at), ...left.slice(at + size)];
      if (await still(without)) left = without;
      else at += size;
    }
  }
}

/** Tries plain values in place of what a part has. */
async function plainer<T extends object>(
  part: T,
  plain: Partial<T>,
  still: (part: T) => Promise<boolean>,
): Promise<void> {
  let best = part;
  for (const key of Object.keys(plain) as (keyof T)[]) {
    if (JSON.stringify(best[key]) === JSON.stringify(plain[key])) continue;
    const candidate = { ...best, [key]: plain[key] };
    if (await still(candidate)) best = candidate;
  }
}

async function withoutLastHost(
  plan: WorldPlan,
  still: (plan: WorldPlan) => Promise<boolean>,
): Promise<boolean> {
  const last = plan.hosts.length - 1;
  const events = plan.events.filter((event) => {
    if ('host' in event) return event.host !== last;
    return event.kind !== 'addresses' || !event.hosts.includes(last);
  });
  return still({ ...plan, hosts: plan.hosts.slice(0, -1), events: events as WorldEvent[] });
}

const PLAIN_CLIENT: Partial<ClientPlan> = {
  intercepts: false,
  keepalive: undefined,
  healthCheck: false,
  policy: 'pick_first',
  target: 'fixed',
  maxConnections: 1,
  idleConnectionMs: 1_800_000,
  maxQueuedCalls: 100_000,
  dnsMinIntervalMs: 30_000,
  dnsDelayMs: 1,
  connectTimeoutMs: 20_000,
  credentials: false,
  isTls: false,
};

const PLAIN_HOST: Partial<HostPlan> = {
  path: { latencyMs: 1, jitterMs: 0, octetsPerMs: Infinity, roomOctets: 65_536, pieces: 'written' },
  startsUp: true,
  maxStreams: undefined,
  requestsPerConnection: undefined,
  ageMs: undefined,
  healthCutMs: undefined,
  wantsToken: false,
};

const PLAIN_CALL: Partial<CallPlan> = {
  shape: 'unary',
  answers: [{ kind: 'ok', delayMs: 0, octets: 0 }],
  waitForReady: false,
  requestOctets: 0,
  requests: 1,
  replies: 1,
  readDelayMs: 0,
  cancelAfterMs: undefined,
  retry: undefined,
  hedging: undefined,
  compression: undefined,
};
