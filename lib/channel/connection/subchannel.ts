// One address and the connections to it: makes them, gives a connection to a call, and adds one where the server allows
// no more streams on those there are. Which address a call goes to is the balancer's; when it may be dialled again is
// decided in dial-backoff.ts. Source: grpc doc/connectivity-semantics-and-api.md.

import type { Transport } from '../../rpc/transport.ts';
import type { Clock } from '../../values/clock.ts';
import { type Address, addressText } from '../target/address.ts';
import { backgroundTransport } from './background-stream.ts';
import {
  type ConnectionFacts,
  type ConnectionVerdict,
  DialBackoff,
  judgeConnection,
} from './dial-backoff.ts';
import type { Failure } from './failure.ts';
import type { ConnectionListener, PooledConnection } from './pooled-connection.ts';

/** gRPC's states of the connections to one address. */
export type SubchannelState = 'idle' | 'connecting' | 'ready' | 'transient_failure';

/** Calls rarely wait, and a process stays well below the 1024 files that it may have open on most systems. */
const DEFAULT_MAX_ONE_CALL_CONNECTIONS = 256;

/** Watches whether a service on a connection is fit to be called (gRFC A17). */
export interface HealthCheck {
  /** `onHealth` with undefined: it serves; with a reason: it does not. */
  watch(
    transport: Transport,
    onHealth: (reason: string | undefined) => void,
  ): {
    /** Ends it; `onHealth` is not called again. */
    stop(): void;
  };
}

/** What a subchannel needs of its channel. */
export interface SubchannelHost {
  readonly clock: Clock;
  /** Default 1, or 256 where each carries one call at a time. */
  readonly maxConnections: number | undefined;
  /** How many calls wait for a stream. */
  readonly waitingCalls: number;
  readonly healthCheck: HealthCheck | undefined;
  /** Whether somebody waits for a connection. */
  readonly isHeld: boolean;
  /** Starts to connect. */
  dial(address: Address, listener: ConnectionListener): PooledConnection;
  onConnectionClosed(connection: PooledConnection): void;
  /** There may be room for calls. */
  onCapacity(): void;
  /** Another connection is being made beside `count` that have all the streams the server allows, of `most` allowed. */
  onGrowth(address: Address, count: number, most: number): void;
}

export class Subchannel implements ConnectionListener {
  readonly address: Address;
  readonly #host: SubchannelHost;
  readonly #onChange: (subchannel: Subchannel) => void;
  /** Ready for calls, in the order in which they are filled. */
  readonly #connections: PooledConnection[] = [];
  /** Those that are being made, each with how many dials had failed when it was begun. */
  readonly #pending = new Map<PooledConnection, number>();
  /** Those that take no more calls and were not closed yet: true where it was judged what they were good for. */
  readonly #draining = new Map<PooledConnection, boolean>();
  readonly #backoff: DialBackoff;
  /** Of connections beside others, which the server may have enough of: where those go, the next dial need not wait for it. */
  readonly #growthBackoff: DialBackoff;
  /** Dials that have failed, those of one moment counted once. */
  #failedDials = 0;
  /** A connection came about. */
  #wasReady = false;
  /** When a connection ended last on which the server had answered. */
  #servedMs = -Infinity;
  #isRetired = false;
  #failure: Failure | undefined;
  /** The connection whose server's health is watched. */
  #watched: PooledConnection | undefined;
  #watch: { stop(): void } | undefined;
  /** undefined while it serves; empty while nothing is known. */
  #unhealthy: string | undefined;

  /** @param onChange the state or the failure has changed */
  constructor(address: Address, host: SubchannelHost, onChange: (subchannel: Subchannel) => void) {
    this.address = address;
    this.#host = host;
    this.#backoff = new DialBackoff(host.clock);
    this.#growthBackoff = new DialBackoff(host.clock);
    this.#onChange = onChange;
  }

  get state(): SubchannelState {
    if (this.#connections.length > 0) {
      if (this.#unhealthy === undefined) return 'ready';
      return this.#unhealthy === '' ? 'connecting' : 'transient_failure';
    }
    if (this.#pending.size > 0) return 'connecting';
    return this.#backoff.isFailing ? 'transient_failure' : 'idle';
  }

  /** Why it failed last, as long as it is not ready since. */
  get failure(): Failure | undefined {
    const unhealthy = this.#unhealthy;
    if (unhealthy === undefined || unhealthy === '') return this.#failure;
    return { reason: `${addressText(this.address)} is not healthy: ${unhealthy}`, cause: undefined };
  }

  /** When it may be dialled again; never, while there is a connection that does not serve. */
  get nextDialMs(): number {
    return this.#connections.length > 0 ? Infinity : this.#backoff.nextDialMs;
  }

  /** When it is to be dialled again by itself, where connections are kept. */
  get redialMs(): number {
    return this.#connections.length > 0 ? Infinity : this.#backoff.redialMs;
  }

  /** Whether its address is no longer in use. */
  get isRetired(): boolean {
    return this.#isRetired;
  }

  /** The connection that the next call would get if there is one only; calls may go there without asking again. */
  get only(): PooledConnection | undefined {
    return this.state === 'ready' ? this.#connections[0] : undefined;
  }

  /** Streams of calls on connections that take new ones. */
  get openStreams(): number {
    let count = 0;
    for (const connection of this.#connections) count += connection.openStreams;
    return count;
  }

  /** Whether an attempt to connect is allowed now. */
  get isDue(): boolean {
    return this.#backoff.isDue;
  }

  /** Dials, unless there is a connection or an attempt. */
  connect(): void {
    if (this.#pending.size === 0 && this.#connections.length === 0 && !this.#isRetired) this.#dial();
  }

  /** A connection on which a stream can be opened now. */
  take(): PooledConnection | undefined {
    for (const connection of this.#connections) {
      if (connection.canOpen) return connection;
      // Its stream ids are used up. (One that is closed tells of it itself, in a moment.)
      if (connection.isDraining && !connection.isClosed) {
        this.onDraining(connection);
        return this.take();
      }
    }
    return undefined;
  }

  /**
   * Calls have to wait: makes more connections where that helps and is allowed. One after the other, since each takes many
   * calls; where each takes one, as many as there are calls, or as connections while none of them has answered.
   * @param calls how many wait
   */
  grow(calls: number = 1): void {
    const connections = this.#connections;
    const count = connections.length;
    if (count === 0 || !this.#mayGrow) return;
    const carriesOneCall = connections[0].carriesOneCall === true;
    const atOnce = connections.some(({ hasServed }) => hasServed) ? calls : Math.min(calls, count);
    const maxConnections =
      this.#host.maxConnections ?? (carriesOneCall ? DEFAULT_MAX_ONE_CALL_CONNECTIONS : 1);
    const wanted = Math.min(carriesOneCall ? atOnce : 1, maxConnections - count);
    if (this.#pending.size >= wanted || !connections.every((connection) => connection.isFull)) return;
    while (this.#pending.size < wanted && this.#mayGrow) {
      if (!carriesOneCall) this.#host.onGrowth(this.address, count, maxConnections);
      this.#dial();
    }
  }

  get #mayGrow(): boolean {
    return this.isDue && this.#growthBackoff.isDue;
  }

  /** Whether somebody waits for a connection: then it keeps the process alive while it is made. */
  hold(isHeld: boolean): void {
    for (const pending of this.#pending.keys()) {
      if (isHeld) pending.hold();
      else pending.letGo();
    }
  }

  /** Gives up the attempt to connect: another address was faster. */
  abandon(): void {
    const pending = [...this.#pending.keys()];
    this.#pending.clear();
    for (const one of pending) one.close('another address was connected first');
  }

  /** Closes connections that are not in use. With `all`, the last of them too. */
  closeUnused(wasUsed: (connection: PooledConnection) => boolean, all: boolean): void {
    const unused = this.#connections.filter(
      (connection) => connection.openStreams === 0 && !wasUsed(connection),
    );
    if (!all && unused.length === this.#connections.length) unused.shift();
    for (const connection of unused) {
      this.#forget(connection);
      connection.drain();
    }
    if (unused.length > 0) this.#onChange(this);
  }

  /** Permanently: no new calls; running ones go on, unless there is a reason to end them. It reports nothing more. */
  retire(reason: string | undefined): void {
    this.#isRetired = true;
    this.abandon();
    const connections = this.#connections.splice(0);
    this.#watchHealth();
    for (const connection of connections) {
      if (reason === undefined) connection.drain();
      else connection.close(reason);
    }
  }

  // --- from its connections

  onReady(connection: PooledConnection): void {
    if (!this.#pending.delete(connection)) return;
    this.#connections.push(connection);
    this.#wasReady = true;
    this.#backoff.onReady();
    this.#growthBackoff.onReady();
    this.#failure = undefined;
    this.#watchHealth();
    this.#onChange(this);
  }

  onCapacity(connection: PooledConnection): void {
    if (this.#connections.includes(connection) && this.#unhealthy === undefined) this.#host.onCapacity();
  }

  onDraining(connection: PooledConnection, goAway?: string): void {
    const wasOurs = this.#forget(connection);
    if (wasOurs) this.#draining.set(connection, false);
    // A call may have found it draining before its GOAWAY is told, and a second GOAWAY may follow the first.
    if (goAway !== undefined && this.#draining.get(connection) === false)
      this.#judge(connection, { reason: goAway, cause: undefined }, !wasOurs);
    if (wasOurs) this.#onChange(this);
  }

  onClosed(connection: PooledConnection, failure: Failure): void {
    const failedBefore = this.#pending.get(connection);
    const wasOurs = this.#forget(connection);
    const isUndecided = this.#draining.get(connection) === false;
    this.#draining.delete(connection);
    this.#host.onConnectionClosed(connection);
    if (this.#isRetired) return;
    // Of several that were dialled together, the first that fails is the one that counts.
    const isCounted = failedBefore !== undefined && failedBefore < this.#failedDials;
    if (failedBefore === this.#failedDials) this.#failedDials++;
    if (isCounted) this.#failure = failure;
    else if (wasOurs) this.#judge(connection, failure);
    else if (isUndecided)
      this.#conclude(connection, judgeConnection(this.#factsOf(connection, failure)), true);
    // Told now: a call that comes when the back-off is over is not to be the first to hear of it.
    if (wasOurs || isUndecided) this.#onChange(this);
  }

  /** False when it was not one of those that take calls, or will. */
  #forget(connection: PooledConnection): boolean {
    if (this.#pending.delete(connection)) return true;
    const index = this.#connections.indexOf(connection);
    if (index < 0) return false;
    this.#connections.splice(index, 1);
    this.#watchHealth();
    return true;
  }

  /**
   * Decides whether the next dial may follow at once.
   * @param isLate others may have been dialled since it took its last call
   */
  #judge(connection: PooledConnection, failure: Failure, isLate = false): void {
    if (!isLate) this.#failure = failure;
    if (failure.wasTurnedAway === true && this.#connections.length > 0) {
      this.#growthBackoff.onEnd('failed');
      return;
    }
    const verdict = judgeConnection(this.#factsOf(connection, failure));
    if (this.#draining.has(connection)) this.#draining.set(connection, verdict !== 'undecided');
    this.#conclude(connection, verdict, isLate);
  }

  #conclude(connection: PooledConnection, verdict: ConnectionVerdict, isLate: boolean): void {
    // Beside it another may have been dialled, and have failed.
    const nowMs = this.#host.clock.now();
    const dialledMs = nowMs - connection.ageMs;
    const isOlder = this.#backoff.hasFailedSince(dialledMs);
    if (verdict === 'served') this.#servedMs = nowMs;
    if (connection.carriesOneCall === true && this.#isNothingNew(connection, verdict, isOlder, dialledMs))
      return;
    this.#backoff.onEnd(verdict, isLate || isOlder);
  }

  /** Whether others tell more of the server, of connections that carry one call each. */
  #isNothingNew(
    { wasReady }: PooledConnection,
    verdict: ConnectionVerdict,
    isOlder: boolean,
    dialledMs: number,
  ): boolean {
    switch (verdict) {
      case 'failed':
        return isOlder;
      case 'unserved':
        if (!wasReady) return false;
        // It was lost with its call, while the server answers others.
        return isOlder || this.#servedMs >= dialledMs || this.#connections.some(({ hasServed }) => hasServed);
      default:
        return false;
    }
  }

  #factsOf(
    { wasReady, hasServed, wasGivenUp, isClosed, openStreams, openedStreams, ageMs }: PooledConnection,
    { wasTurnedAway }: Failure,
  ): ConnectionFacts {
    const isSuccessor = this.#wasReady && !this.#backoff.isFailing;
    const isUnused = openedStreams === 0 && !this.#host.isHeld;
    const runningCalls = isClosed ? 0 : openStreams;
    const known = { wasReady, wasTurnedAway, isSuccessor, hasServed, wasGivenUp };
    return { ...known, runningCalls, isUnused, lastedMs: ageMs };
  }

  #dial(): void {
    this.#backoff.onDial();
    this.#growthBackoff.onDial();
    const pending = this.#host.dial(this.address, this);
    this.#pending.set(pending, this.#failedDials);
    if (!this.#host.isHeld) pending.letGo();
  }

  /** Keeps the watch on the first connection, which stands for the server. */
  #watchHealth(): void {
    const { healthCheck } = this.#host;
    const [connection] = this.#connections;
    if (healthCheck === undefined || connection === this.#watched) return;
    this.#watch?.stop();
    this.#watch = undefined;
    this.#watched = connection;
    this.#unhealthy = connection === undefined ? undefined : '';
    if (connection === undefined) return;
    this.#watch = healthCheck.watch(backgroundTransport(connection), (reason) => {
      if (this.#watched !== connection || this.#unhealthy === reason) return;
      this.#unhealthy = reason;
      this.#onChange(this);
    });
  }
}
