// Plays the plan of a world: puts client, network, names and servers together on one event loop, lets happen what is
// planned, makes all well, and writes down what was seen. Whether that is right is the oracles'.

import { createSecureContext } from 'node:tls';
import type { ConnectionInfo } from '../../../lib/channel/connection/connection-info.ts';
import type { ResolverFactory, ResolverListener } from '../../../lib/channel/naming/resolver.ts';
import { SIMULATED_NETWORK, type SimulationOptions } from '../../../lib/channel/network-seam.ts';
import { Client } from '../../../lib/client/client.ts';
import type { ClientOptions } from '../../../lib/client/client-options.ts';
import { lookAtWaits, waits } from '../../../lib/values/waits.ts';
import { makeCall } from './call-maker.ts';
import { Chance } from './chance.ts';
import { EventLoop } from './event-loop.ts';
import type { AttemptRecord } from './exchange.ts';
import { VirtualNames } from './names.ts';
import { type DialRecord, VirtualNetwork } from './network.ts';
import type { CallPlan, ClosingPlan, WorldEvent, WorldPlan } from './plan.ts';
import { VirtualServer } from './server.ts';
import { type CallRecord, type Waiting, Workload } from './workload.ts';

/** The longest back-off there is (2 minutes and a fifth), with the longest connect timeout. */
const LONGEST_BACKOFF_MS = 144_000 + 20_000;
/** What calls of a world that is well are given. */
const PROBE_TIMEOUT_MS = 10_000;
const PROBES = 3;
/** For what was on its way. */
const QUIET_MS = 1000;
/** The ids of calls that run when the client closes. */
export const FIRST_CLOSING_CALL = 9000;

/** What a world was like when it was looked at. */
export interface WorldRecord {
  readonly plan: WorldPlan;
  readonly calls: readonly CallRecord[];
  /** The calls made when all was well again, one after the other. */
  readonly probes: readonly CallRecord[];
  readonly waits: readonly Waiting[];
  readonly attempts: readonly AttemptRecord[];
  readonly breaches: readonly string[];
  readonly dials: readonly DialRecord[];
  readonly questions: readonly number[];
  /** The channel's state at moments that matter. */
  readonly stateBeforeProbes: string;
  readonly states: readonly { readonly atMs: number; readonly state: string }[];
  /** Sums of the times that the client stood still. */
  readonly standstills: readonly { readonly atMs: number; readonly forMs: number }[];
  /** The connections when nothing ran for some seconds. */
  readonly quiet: readonly ConnectionInfo[];
  readonly closeMs: number;
  readonly closedMs: number | undefined;
  /** What was left when everything was over. */
  readonly left: {
    readonly refTimers: number;
    readonly timers: number;
    readonly sockets: number;
    readonly refSockets: number;
    /** What is still waited for, as the workload knows it and as the library's register does. */
    readonly waiting: number;
    readonly registered: readonly string[];
    readonly queuedCalls: number;
    readonly openStreams: number;
    readonly connections: number;
  };
  /** Exceptions and rejections that nobody caught. */
  readonly uncaught: readonly unknown[];
  readonly strangers: readonly string[];
  readonly virtualMs: number;
  readonly tasks: number;
  readonly hash: number;
}

const SECURE_CONTEXT = createSecureContext({});

export async function playWorld(plan: WorldPlan): Promise<WorldRecord> {
  const chance = new Chance(plan.seed).fork(77);
  const loop = new EventLoop(chance.fork(1), plan.client.credentials || plan.client.intercepts);
  const uncaught: unknown[] = loop.uncaught;
  const onUncaught = (error: unknown): void => {
    uncaught.push(error);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onUncaught);
  const uninstall = loop.install();
  lookAtWaits(true);
  try {
    return await new World(plan, loop, chance).play();
  } finally {
    lookAtWaits(false);
    uninstall();
    process.off('uncaughtException', onUncaught);
    process.off('unhandledRejection', onUncaught);
  }
}

class World {
  readonly #plan: WorldPlan;
  readonly #loop: EventLoop;
  readonly #network: VirtualNetwork;
  readonly #names: VirtualNames;
  readonly #servers: readonly VirtualServer[];
  readonly #attempts: AttemptRecord[] = [];
  readonly #breaches: string[] = [];
  readonly #plans = new Map<number, CallPlan>();
  readonly #client: Client;
  readonly #workload: Workload;
  readonly #states: { atMs: number; state: string }[] = [];
  readonly #standstills: { atMs: number; forMs: number }[] = [];
  readonly #strangers: string[] = [];
  #resolverListener: ResolverListener | undefined;

  constructor(plan: WorldPlan, loop: EventLoop, chance: Chance) {
    this.#plan = plan;
    this.#loop = loop;
    this.#network = new VirtualNetwork(loop, chance.fork(2));
    const record = {
      attempts: this.#attempts,
      breaches: this.#breaches,
      planOf: (call: number) => this.#plans.get(call),
    };
    const { target, isTls } = plan.client;
    this.#servers = plan.hosts.map((host) => {
      const identity = !isTls ? undefined : target === 'fixed' ? host.address.split(':')[0] : 'world.test';
      return new VirtualServer(loop, this.#network, record, host, identity);
    });
    const addresses = plan.hosts.map(({ address }) => address.split(':')[0]);
    this.#names = new VirtualNames(loop, addresses, plan.client.dnsDelayMs);
    loop.current = loop.client;
    this.#client = new Client(this.#target(), this.#options());
    loop.current = loop.world;
    this.#client.channel.onStateChange(({ state }) => this.#states.push({ atMs: loop.nowMs, state }));
    this.#workload = new Workload(loop, this.#client);
  }

  async play(): Promise<WorldRecord> {
    const { calls, events, calmMs, closing } = this.#plan;
    const loop = this.#loop;
    for (const call of calls) this.#schedule(call);
    for (const event of events) {
      const owner = event.kind === 'ready' ? loop.client : loop.world;
      owner.timerAt(event.atMs, () => this.#happen(event));
    }
    await loop.run(calmMs);
    this.#calm();
    await loop.run(calmMs + LONGEST_BACKOFF_MS);
    const stateBeforeProbes = this.#client.channel.state;
    const probes = await this.#probe();
    await loop.run(loop.nowMs + QUIET_MS);
    const quiet = this.#client.channel.connectionInfo();
    const chance = new Chance(this.#plan.seed).fork(99);
    for (let i = 0; i < closing.calls; i++) {
      this.#schedule(makeCall(chance, FIRST_CLOSING_CALL + i, loop.nowMs + chance.int(0, 20), 'free', 0.3));
    }
    await loop.run(loop.nowMs + chance.int(0, 20));
    if (closing.trouble !== 'none') this.#makeTrouble(closing.trouble);
    await loop.run(loop.nowMs + chance.int(0, 20));
    const closeMs = loop.nowMs;
    let closedMs: number | undefined;
    loop.client.soon(() => {
      void this.#workload
        .wait('close', this.#client.close({ graceMs: closing.graceMs }), closeMs + closing.graceMs + 1000)
        .then(() => {
          closedMs = loop.nowMs;
        });
    });
    await loop.run(closeMs + closing.graceMs + 1000);
    const left = this.#left();
    // Timers of deadlines keep no process; they have gone off by then.
    await loop.run(loop.nowMs + 70_000);
    return {
      plan: this.#plan,
      calls: this.#workload.calls.filter((call) => !probes.includes(call)),
      probes,
      waits: this.#workload.waits,
      attempts: this.#attempts,
      breaches: this.#breaches,
      dials: this.#network.dials,
      questions: this.#names.questions,
      stateBeforeProbes,
      states: this.#states,
      standstills: this.#standstills,
      quiet,
      closeMs,
      closedMs,
      left: { ...left, timers: loop.client.openTimers.size },
      uncaught: loop.uncaught,
      strangers: this.#strangers,
      virtualMs: loop.nowMs,
      tasks: loop.tasks,
      hash: loop.hash,
    };
  }

  #schedule(call: CallPlan): void {
    this.#plans.set(call.id, call);
    this.#loop.client.timerAt(call.atMs, () => void this.#workload.begin(call));
  }

  /** Calls that any server answers at once. */
  async #probe(): Promise<CallRecord[]> {
    const loop = this.#loop;
    const probes: CallRecord[] = [];
    for (let i = 0; i < PROBES; i++) {
      const plan: CallPlan = {
        ...PROBE,
        id: 8000 + i,
        atMs: loop.nowMs,
        timeoutMs: PROBE_TIMEOUT_MS,
      };
      this.#plans.set(plan.id, plan);
      loop.client.timerAt(loop.nowMs, () => {
        probes.push(this.#workload.begin(plan));
      });
      await loop.run(loop.nowMs + PROBE_TIMEOUT_MS + 1000, () => probes[i]?.code !== undefined);
      if (probes[i]?.code === 0) break;
    }
    return probes;
  }

  #left(): Omit<WorldRecord['left'], 'timers'> {
    const { client } = this.#loop;
    const { channel } = this.#client;
    const sockets = this.#network.dials.filter(({ socket }) => !socket.isClosed);
    return {
      refTimers: client.refTimers,
      sockets: sockets.length,
      refSockets: sockets.filter(({ socket }) => socket.isRef).length,
      waiting: this.#workload.open,
      registered: waits?.pending().map(({ kind, owner }) => `${kind} of ${owner}`) ?? [],
      queuedCalls: channel.queuedCalls,
      openStreams: channel.openStreams,
      connections: channel.connections,
    };
  }

  // --- the client

  #target(): string {
    const { target } = this.#plan.client;
    switch (target) {
      case 'fixed':
        return `ipv4:${this.#plan.hosts.map(({ address }) => address).join(',')}`;
      case 'dns':
        return 'dns:///world.test:50051';
      case 'resolver':
        return 'registry:///world.test:50051';
      default:
        return target satisfies never;
    }
  }

  #options(): ClientOptions {
    const { client } = this.#plan;
    const options: ClientOptions & SimulationOptions = {
      [SIMULATED_NETWORK]: {
        dial: this.#network.dial,
        dns: this.#names.dns,
        nextTurn: (callback) => setImmediate(callback),
      },
      proxy: false,
      loadBalancing: client.policy,
      connectTimeoutMs: client.connectTimeoutMs,
      maxConnections: client.maxConnections,
      idleConnectionMs: client.idleConnectionMs,
      maxQueuedCalls: client.maxQueuedCalls,
      dns: { minIntervalMs: client.dnsMinIntervalMs },
      ...(client.healthCheck ? { healthCheck: true } : {}),
      ...(client.keepalive === undefined ? {} : { keepalive: client.keepalive }),
      ...(client.target === 'resolver' ? { resolver: this.#resolver } : {}),
      ...(client.isTls
        ? {
            tls: { secureContext: SECURE_CONTEXT },
            ...(client.target === 'resolver' ? { serverName: 'world.test' } : {}),
          }
        : {}),
      ...(client.credentials
        ? { credentials: () => ({ authorization: `Bearer ${this.#loop.caller ?? 'nobody'}` }) }
        : {}),
      ...(client.intercepts ? { interceptors: [(call, next) => next(call)] } : {}),
    };
    return options;
  }

  readonly #resolver: ResolverFactory = (_target, listener) => {
    const loop = this.#loop;
    const names = this.#names;
    const answer = (): void => {
      names.ask('world.test').then(
        (found) => listener.onAddresses(found.map(({ address }) => `${address}:50051`)),
        (error: Error) => listener.onError(error),
      );
    };
    this.#resolverListener = listener;
    loop.client.timerAt(loop.nowMs, answer);
    return {
      refresh: () => {
        if (this.#plan.client.answersRefresh) answer();
        else names.questions.push(loop.nowMs);
      },
      close: () => {
        this.#resolverListener = undefined;
      },
    };
  };

  // --- what happens

  #happen(event: WorldEvent): void {
    const loop = this.#loop;
    const server = 'host' in event ? this.#servers[event.host] : undefined;
    const later = (ms: number, run: () => void): void => {
      loop.world.timerAt(loop.nowMs + ms, run);
    };
    switch (event.kind) {
      case 'kill':
        server?.kill(event.isReset);
        later(event.forMs, () => server?.start());
        return;
      case 'stop':
        server?.stop();
        later(event.forMs, () => server?.start());
        return;
      case 'drain':
        server?.drain(event.style);
        return;
      case 'replace':
        server?.replace(event);
        return;
      case 'gone':
        server?.vanish(true);
        later(event.forMs, () => server?.vanish(false));
        return;
      case 'frozen':
        server?.freeze(true);
        later(event.forMs, () => server?.freeze(false));
        return;
      case 'deaf':
        server?.deafen(true);
        later(event.forMs, () => server?.deafen(false));
        return;
      case 'half-close':
        server?.halfClose();
        return;
      case 'limit':
        server?.limit(event.maxStreams);
        return;
      case 'unfit':
        server?.fit(false);
        later(event.forMs, () => server?.fit(true));
        return;
      case 'cut-health':
        server?.cutHealth();
        return;
      case 'names':
        this.#names.mood = event.mood;
        later(event.forMs, () => {
          this.#names.mood = 'answers';
        });
        return;
      case 'addresses':
        this.#tell(event.hosts);
        return;
      case 'standstill':
        this.#standstills.push({ atMs: loop.nowMs, forMs: event.forMs });
        loop.client.stillUntilMs = Math.max(loop.client.stillUntilMs, loop.nowMs + event.forMs);
        return;
      case 'ready':
        this.#workload.ready(event.timeoutMs);
        return;
      default:
        event satisfies never;
    }
  }

  #tell(hosts: readonly number[]): void {
    this.#names.addresses = hosts.map((host) => this.#servers[host].address.split(':')[0]);
    if (this.#plan.client.target !== 'resolver') return;
    // One that is told of changes tells of them.
    const loop = this.#loop;
    loop.client.timerAt(loop.nowMs, () => {
      this.#resolverListener?.onAddresses(this.#names.addresses.map((address) => `${address}:50051`));
    });
  }

  /** At the end, while the client closes. */
  #makeTrouble(trouble: Exclude<ClosingPlan['trouble'], 'none'>): void {
    if (trouble === 'nameless') this.#names.mood = 'silent';
    for (const server of this.#servers) {
      if (trouble === 'deaf') server.deafen(true);
      else if (trouble === 'gone') server.vanish(true);
      else if (trouble === 'frozen') server.freeze(true);
      else if (trouble === 'down') server.kill(false);
      else if (trouble === 'lost') {
        server.kill(true);
        server.vanish(true);
      }
    }
  }

  #calm(): void {
    for (const server of this.#servers) {
      server.settle();
      server.start();
      server.vanish(false);
      server.freeze(false);
      server.deafen(false);
      server.fit(true);
      if (server.maxStreams === 0) server.limit(10);
    }
    this.#names.mood = 'answers';
    this.#tell(this.#servers.map((_, i) => i));
  }
}

const PROBE: Omit<CallPlan, 'id' | 'atMs'> = {
  caller: 'prober',
  shape: 'unary',
  answers: [{ kind: 'ok', delayMs: 0, octets: 0 }],
  timeoutMs: PROBE_TIMEOUT_MS,
  waitForReady: false,
  requestOctets: 0,
  requests: 1,
  replies: 1,
  gapMs: 0,
  readDelayMs: 0,
};
