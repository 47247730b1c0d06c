// A channel as its balancer sees it: connections that come up and end when a spec says so, on a clock of the spec's.

import type { BalancerHost } from '../../lib/channel/balancing/balancer.ts';
import type { ConnectionInfo } from '../../lib/channel/connection/connection-info.ts';
import type { ConnectionListener, PooledConnection } from '../../lib/channel/connection/pooled-connection.ts';
import { type HealthCheck, Subchannel } from '../../lib/channel/connection/subchannel.ts';
import type { Address } from '../../lib/channel/target/address.ts';
import type { StreamRequest } from '../../lib/rpc/transport.ts';
import { FakeClock } from './time/fake-clock.ts';

export class FakeConnection implements PooledConnection {
  canOpen = true;
  isDraining = false;
  isClosed = false;
  isFull = false;
  carriesOneCall = false;
  wasReady = false;
  hasServed = false;
  openStreams = 0;
  openedStreams = 0;
  readonly ageMs = 0;
  readonly info = {} as ConnectionInfo;
  readonly host: string;
  /** What was asked of it: `open`, `drain`, `close why`, `hold`, `let go`. */
  readonly commands: string[] = [];
  readonly requests: StreamRequest[] = [];
  readonly #listener: ConnectionListener;

  constructor(host: string, listener: ConnectionListener) {
    this.host = host;
    this.#listener = listener;
  }

  open(request: StreamRequest): void {
    this.commands.push('open');
    this.requests.push(request);
  }

  openBackground(): void {
    this.commands.push('open background');
  }

  onBackgroundEnd(): void {}

  hold(): void {
    this.commands.push('hold');
  }

  letGo(): void {
    this.commands.push('let go');
  }

  drain(): void {
    this.commands.push('drain');
  }

  close(reason: string): void {
    this.commands.push(`close ${reason}`);
    this.isClosed = true;
  }

  // --- what happens to it

  ready(): this {
    this.wasReady = true;
    this.#listener.onReady(this);
    return this;
  }

  goAway(): void {
    this.isDraining = true;
    this.canOpen = false;
    this.#listener.onDraining(this, 'the server went away');
  }

  end(reason = 'gone', wasTurnedAway = false): void {
    this.isClosed = true;
    this.canOpen = false;
    this.#listener.onClosed(this, { reason, wasTurnedAway, cause: undefined });
  }

  hasRoom(): void {
    this.#listener.onCapacity(this);
  }
}

export class FakeHost implements BalancerHost {
  readonly clock: FakeClock & { random(): number } = Object.assign(new FakeClock(1000), {
    random: () => 0.5,
  });
  maxConnections: number | undefined = undefined;
  waitingCalls = 1;
  /** Of connections that are dialled. */
  carriesOneCall = false;
  healthCheck: HealthCheck | undefined = undefined;
  isHeld = true;
  readonly connections: FakeConnection[] = [];
  readonly told = { changes: 0, doubts: 0, capacity: 0, closed: 0 };
  readonly growth: number[] = [];

  dial(address: Address, listener: ConnectionListener): PooledConnection {
    const connection = new FakeConnection(address.kind === 'tcp' ? address.host : address.path, listener);
    connection.carriesOneCall = this.carriesOneCall;
    this.connections.push(connection);
    return connection;
  }

  onConnectionClosed(): void {
    this.told.closed++;
  }

  onCapacity(): void {
    this.told.capacity++;
  }

  onGrowth(_address: Address, count: number): void {
    this.growth.push(count);
  }

  onChange(): void {
    this.told.changes++;
  }

  onAddressesDoubted(): void {
    this.told.doubts++;
  }

  /** Whom it dialled since the start, in order. */
  get dialled(): string {
    return this.connections.map(({ host }) => host).join(' ');
  }

  /** The connection that was dialled last to a host. */
  connection(host: string): FakeConnection {
    const connection = this.connections.findLast((one) => one.host === host);
    if (connection === undefined) throw new Error(`${host} was not dialled, only ${this.dialled}`);
    return connection;
  }

  after(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms);
  }
}

/** Addresses by the names of their hosts. */
export function hosts(...names: readonly string[]): Address[] {
  return names.map((host) => ({ kind: 'tcp', host, port: 7 }));
}

/** A subchannel of the host `a`, whose connections are a spec's; `changes` are the states that it told. */
export function fakeSubchannel(): { host: FakeHost; one: Subchannel; changes: string[] } {
  const host = new FakeHost();
  const changes: string[] = [];
  const one = new Subchannel(hosts('a')[0], host, ({ state }) => changes.push(state));
  return { host, one, changes };
}

/** One with a connection that has served. */
export function servingSubchannel(): ReturnType<typeof fakeSubchannel> & { connection: FakeConnection } {
  const set = fakeSubchannel();
  set.one.connect();
  const connection = Object.assign(set.host.connection('a').ready(), { hasServed: true, openedStreams: 1 });
  return { ...set, connection };
}
