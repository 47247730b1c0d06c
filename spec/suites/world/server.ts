// A server of a world: its connections, and what happens to all of it: stopped, killed, drained, frozen, unfit.

import type { EventLoop } from './event-loop.ts';
import type { AttemptRecord, ExchangeHost } from './exchange.ts';
import type { Host, VirtualNetwork } from './network.ts';
import type { CallPlan, HostPlan, WorldEvent } from './plan.ts';
import { ServerConnection, type ServerHost } from './server-connection.ts';
import type { VirtualSocket } from './socket.ts';

/** How long connections may still come to a listener that is about to be closed. */
const LISTENER_MS = 2000;

/** What all servers of a world write down together. */
export interface ServersRecord {
  readonly attempts: AttemptRecord[];
  readonly breaches: string[];
  planOf(call: number): CallPlan | undefined;
}

export class VirtualServer implements ServerHost {
  readonly address: string;
  readonly wantsToken: boolean;
  readonly health: 'none' | 'serving';
  readonly healthCutMs: number | undefined;
  readonly requestsPerConnection: number | undefined;
  readonly graceMs: number;
  readonly host: Host;
  maxStreams: number | undefined;
  isFit = true;
  readonly connections = new Set<ServerConnection>();
  readonly #loop: EventLoop;
  readonly #network: VirtualNetwork;
  readonly #record: ServersRecord;
  readonly #ageMs: number | undefined;
  #isFrozen = false;
  #hasUntoldHealth = false;
  #isDeaf = false;
  /** The listener that was closed last: until when it still takes connections, and how many. */
  #closing = { untilMs: 0, connections: 0, isReset: false };
  #count = 0;

  constructor(
    loop: EventLoop,
    network: VirtualNetwork,
    record: ServersRecord,
    plan: HostPlan,
    identity: string | undefined,
  ) {
    this.#loop = loop;
    this.#network = network;
    this.#record = record;
    this.address = plan.address;
    this.wantsToken = plan.wantsToken;
    this.health = plan.health;
    this.healthCutMs = plan.healthCutMs;
    this.requestsPerConnection = plan.requestsPerConnection;
    this.graceMs = plan.graceMs;
    this.maxStreams = plan.maxStreams;
    this.#ageMs = plan.ageMs;
    this.host = {
      address: plan.address,
      path: plan.path,
      reach: plan.startsUp ? 'up' : 'down',
      identity,
      accept: (socket, isTls) => this.#accept(socket, isTls),
    };
    network.add(this.host);
  }

  /** Whether a call that comes now is answered. */
  get isGood(): boolean {
    return this.host.reach === 'up' && !this.#isFrozen && this.isFit;
  }

  /** Ends what a replacement has left. */
  settle(): void {
    this.#closing.connections = 0;
  }

  start(): void {
    if (this.host.reach === 'down') this.#network.reach(this.host, 'up');
  }

  kill(isReset: boolean): void {
    this.#network.reach(this.host, 'down');
    for (const connection of [...this.connections]) connection.kill(isReset);
  }

  /** Drains, and listens no more. */
  stop(): void {
    this.#network.reach(this.host, 'down');
    this.drain('two-step');
  }

  drain(style: 'two-step' | 'one-step'): void {
    for (const connection of [...this.connections]) connection.drain(style);
  }

  /** Another process takes its place on the port: it closes what waits at its listener, and drains. */
  replace({ turnedAway, isReset, style, drainAfterMs }: Extract<WorldEvent, { kind: 'replace' }>): void {
    const { nowMs, world } = this.#loop;
    this.#closing = { untilMs: nowMs + LISTENER_MS, connections: turnedAway, isReset };
    const before = [...this.connections];
    world.timerAt(nowMs + drainAfterMs, () => {
      for (const connection of before) connection.drain(style);
    });
  }

  vanish(isGone: boolean): void {
    if (isGone) this.#network.reach(this.host, 'gone');
    else if (this.host.reach === 'gone') this.#network.reach(this.host, 'up');
  }

  freeze(isFrozen: boolean): void {
    this.#isFrozen = isFrozen;
    for (const connection of [...this.connections]) connection.freeze(isFrozen);
    if (!isFrozen && this.#hasUntoldHealth) this.fit(this.isFit);
  }

  /** Reads nothing any more, or again; what it sends goes out. */
  deafen(isDeaf: boolean): void {
    this.#isDeaf = isDeaf;
    for (const connection of this.connections) connection.socket.pause(isDeaf);
  }

  halfClose(): void {
    for (const connection of [...this.connections]) connection.halfClose();
  }

  limit(maxStreams: number): void {
    this.maxStreams = maxStreams;
    for (const connection of this.connections) connection.changeLimit(maxStreams);
  }

  fit(isFit: boolean): void {
    this.isFit = isFit;
    // A process that stands still tells nobody.
    this.#hasUntoldHealth = this.#isFrozen;
    if (this.#isFrozen) return;
    for (const { exchanges } of this.connections) for (const one of exchanges.values()) one.tellHealth();
  }

  cutHealth(): void {
    for (const { exchanges } of this.connections) {
      for (const one of [...exchanges.values()]) if (one.isHealth) one.cutHealth();
    }
  }

  // --- what its connections ask

  planOf(call: number): CallPlan | undefined {
    return this.#record.planOf(call);
  }

  seen(call: number): number {
    let count = 0;
    for (const attempt of this.#record.attempts) if (attempt.call === call) count++;
    return count;
  }

  onAttempt(attempt: AttemptRecord): void {
    this.#record.attempts.push(attempt);
  }

  onGreeted(connection: ServerConnection): void {
    const dial = this.#dialOf(connection);
    if (dial !== undefined) dial.readyMs = this.#loop.nowMs;
  }

  onAnswered(connection: ServerConnection): void {
    const dial = this.#dialOf(connection);
    if (dial !== undefined) dial.hasServed = true;
  }

  onDraining(connection: ServerConnection): void {
    const dial = this.#dialOf(connection);
    if (dial !== undefined) dial.drainMs = this.#loop.nowMs;
  }

  onBreach(what: string): void {
    this.#record.breaches.push(`${what} (to ${this.address} at ${this.#loop.nowMs} ms)`);
  }

  onClosed(connection: ServerConnection): void {
    this.connections.delete(connection);
  }

  #dialOf(connection: ServerConnection): VirtualNetwork['dials'][number] | undefined {
    return this.#network.dials.find(({ far }) => far === connection.socket);
  }

  /** Where the listener is that was closed: not for the first connections, of which nobody knows that they have a server. */
  #turnsAway(socket: VirtualSocket): boolean {
    const { dials } = this.#network;
    const { untilMs, connections, isReset } = this.#closing;
    const isFirst = !dials.some(({ address, readyMs }) => address === this.address && readyMs !== undefined);
    if (isFirst || connections === 0 || this.#loop.nowMs > untilMs) return false;
    this.#closing.connections--;
    const dial = dials.find(({ far }) => far === socket);
    if (dial !== undefined) dial.wasTurnedAway = true;
    if (isReset) socket.abort();
    else socket.destroy();
    return true;
  }

  #accept(socket: VirtualSocket, isTls: boolean): void {
    if (this.#turnsAway(socket)) return;
    const connection = new ServerConnection(
      this.#loop,
      socket,
      this satisfies ExchangeHost,
      ++this.#count,
      isTls,
      this.#isFrozen,
    );
    this.connections.add(connection);
    if (this.#isDeaf) socket.pause(true);
    const ageMs = this.#ageMs;
    if (ageMs === undefined) return;
    this.#loop.world.timerAt(this.#loop.nowMs + ageMs, () => connection.drain('two-step'));
  }
}
