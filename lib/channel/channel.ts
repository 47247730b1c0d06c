// One target and the connections to it, which clients share: gives calls to the balancer, keeps those for which there is
// no stream, and tells its state. Which addresses and which balancer there are is the resolving balancer's, to which
// address a call goes the balancer's, when one is dialled again the subchannel's.

import type { StreamRequest, Transport } from '../rpc/transport.ts';
import { AsyncContext } from '../values/async-context.ts';
import { REAL_CLOCK } from '../values/clock.ts';
import { StatusCode } from '../values/status.ts';
import { type Wait, type WaitSource, waits } from '../values/waits.ts';
import type { Balancer } from './balancing/balancer.ts';
import type { LoadBalancing } from './balancing/load-balancing.ts';
import type { ChannelFailure } from './channel-failure.ts';
import type { ChannelOptions } from './channel-options.ts';
import { ChannelTimers } from './channel-timers.ts';
import type { ConnectionInfo, HttpVersion } from './connection/connection-info.ts';
import type { PooledConnection } from './connection/pooled-connection.ts';
import { Connections } from './connections.ts';
import { type ChannelState, Connectivity, type StateChange } from './connectivity.ts';
import { IdleConnections } from './idle-connections.ts';
import { queueFull, RequestQueue } from './request-queue.ts';
import { ResolvingBalancer } from './resolving-balancer.ts';
import { Rounds } from './rounds.ts';
import { addressText } from './target/address.ts';
import type { Target } from './target/target.ts';

export type { ChannelState, StateChange };

/**
 * What a call without a stream waits for; `output`: that what was written before it leaves; `free-connection`: one that carries
 * no call, over HTTP/1.1.
 */
export type ChannelWait = 'addresses' | 'connection' | 'free-connection' | 'stream' | 'output';

/** How many calls may wait for a connection where none may wait for a stream. */
const MAX_QUEUED_WHILE_CONNECTING = 100_000;

/** The connections to one target, which clients share. Made by a client, given to another: `new Client(client.channel)`. */
export class Channel implements Transport, WaitSource {
  readonly target: Target;
  readonly #options: ChannelOptions;
  readonly #connections: Connections;
  readonly #resolving: ResolvingBalancer;
  readonly #failure: ChannelFailure;
  /** Who is told when the first addresses are known. */
  readonly #unnamed = new Set<() => void>();
  /** Where all calls go while there is one such connection. */
  #current: PooledConnection | undefined;
  /** Calls without a stream, in order. */
  readonly #queue = new RequestQueue();
  readonly #connectivity: Connectivity;
  readonly #idleWatch: IdleConnections<PooledConnection>;
  /** When the state that was told changes by itself: of the same moment, or nobody looks again. */
  #untilMs = Infinity;
  readonly #timers: ChannelTimers = new ChannelTimers(() => this.#rounds.run());
  /** Whatever may change the state, or what those that wait have to wait for, runs them. */
  readonly #rounds: Rounds = new Rounds(() => this.#round());
  #epoch = 1;
  #users = 0;
  #isShutdown = false;

  /** @internal Clients make channels. */
  constructor(target: Target, options: ChannelOptions) {
    this.target = target;
    this.#options = options;
    this.#connectivity = new Connectivity(target.text);
    this.#idleWatch = new IdleConnections(options.idleConnectionMs ?? Infinity, REAL_CLOCK, () =>
      this.#closeUnused(),
    );
    // Of whoever made the client.
    const context = AsyncContext.capture();
    this.#connections = new Connections(target.text, options, context);
    this.#resolving = new ResolvingBalancer(target, options, context, this.#connections, {
      isShutdown: () => this.#isShutdown,
      queuedCalls: () => this.queuedCalls,
      hold: (change) => this.#rounds.hold(change),
      onAddresses: () => this.#onAddresses(),
      onChange: () => this.#rounds.run(),
      onCapacity: () => this.#onCapacity(),
    });
    this.#failure = this.#resolving.failure;
    this.#resolving.start();
    waits?.addSource(this);
  }

  /** @internal Who waits for it, and what it waits for itself. */
  *waits(): Generator<Wait> {
    const owner = this.target.text;
    for (const { head } of this.#queue.toArray()) yield { kind: 'stream', owner: head.path };
    for (let i = 0; i < this.#connectivity.waiters; i++) yield { kind: 'ready', owner };
    for (let i = 0; i < this.#connectivity.readers; i++) yield { kind: 'state', owner };
    for (const { wasReady, isClosed, info } of this.#connections) {
      if (!wasReady && !isClosed) yield { kind: 'dial', owner: info.peer.address };
    }
    if (this.#resolving.isAsking) yield { kind: this.#options.naming?.resolver ? 'resolver' : 'dns', owner };
  }

  /** The state of the connection that new calls would use; with several connections, of the best one. */
  get state(): ChannelState {
    return this.#connectivity.state;
  }

  /**
   * Calls the listener at each change of `state`, with the reason of a `transient_failure`. Returns a function that
   * stops it. Neither connects nor keeps the process alive.
   */
  onStateChange(listener: (change: StateChange) => void): () => void {
    return this.#connectivity.listen(listener);
  }

  /** The state now and at each change, as an async iterable that ends after `shutdown`. */
  states(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<StateChange, void, undefined> {
    return this.#connectivity.states(options?.signal);
  }

  /** The policy in force. */
  get loadBalancing(): LoadBalancing['name'] {
    return this.#resolving.policyName;
  }

  /** The known addresses; empty until the name has been looked up. */
  get addresses(): readonly string[] {
    return this.#resolving.addresses.map(addressText);
  }

  /** How many connections exist or are being made, including draining ones. */
  get connections(): number {
    return this.#connections.size;
  }

  /** Details of each connection now, in the order in which they were made, including draining ones. */
  connectionInfo(): ConnectionInfo[] {
    return this.#connections.info();
  }

  /** @internal Octets on the sockets, of closed connections too. */
  get octets(): { readonly sent: number; readonly received: number } {
    return this.#connections.octets;
  }

  /** @internal What its connections speak, or may. */
  get httpVersion(): HttpVersion | 'auto' {
    return this.#options.httpVersion ?? '2';
  }

  /** @internal Whether calls certainly go over HTTP/2. */
  get isHttp2(): boolean {
    return this.#connections.areHttp2;
  }

  /** @internal How many clients share it. */
  get users(): number {
    return this.#users;
  }

  /** How many streams are open, including those on draining connections. */
  get openStreams(): number {
    return this.#connections.openStreams;
  }

  /** @internal A number that changes when connections were lost: what is known of the server may be old then. */
  get connectionNumber(): number {
    return this.#epoch;
  }

  /** How many calls wait for a stream. */
  get queuedCalls(): number {
    return this.#queue.size;
  }

  /** @internal What a call that has no stream waits for. */
  get waitsFor(): ChannelWait {
    if (this.state !== 'ready') return this.#resolving.addresses.length === 0 ? 'addresses' : 'connection';
    if (this.#connections.hasRoom) return 'output';
    return this.#connections.carryOneCall ? 'free-connection' : 'stream';
  }

  open(request: StreamRequest): void {
    const current = this.#current;
    if (current?.canOpen && this.#queue.size === 0) current.open(request);
    else this.#openElsewhere(request);
  }

  withdraw(request: StreamRequest): void {
    if (this.#queue.remove(request) && this.#queue.size === 0) this.#rounds.run();
  }

  /** @internal Whether another call may wait for addresses before it asks for a stream. */
  get hasRoomToWait(): boolean {
    return this.#waitingCalls < this.#queueLimit();
  }

  get #balancer(): Balancer {
    return this.#resolving.balancer;
  }

  get #waitingCalls(): number {
    return this.#queue.size + this.#unnamed.size;
  }

  /** @internal Calls back when addresses are known that were not. Gives what takes that back. */
  onNamed(callback: () => void): () => void {
    this.#unnamed.add(callback);
    return () => this.#unnamed.delete(callback);
  }

  /** Resolves when the channel is ready, dialling as often as it takes. Rejects when the channel closes. */
  whenReady(signal: AbortSignal | undefined): Promise<void> {
    return this.#connectivity.whenReady(signal, () => {
      this.#idleWatch.start();
      this.#rounds.run();
    });
  }

  /** Why the last attempt to connect failed, for each address that was tried, or an empty text. */
  get lastFailure(): string {
    return this.#failure.text;
  }

  /** @internal */
  retain(): void {
    this.#users++;
  }

  /** @internal The last client to let go closes the connections. */
  release(): void {
    if (--this.#users > 0 || this.#isShutdown) return;
    this.#isShutdown = true;
    this.#current = undefined;
    this.#timers.stop();
    this.#idleWatch.stop();
    this.#connectivity.change('shutdown', '');
    this.#queue.fail({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client was closed' }, true);
    this.#resolving.close('the client was closed');
  }

  // --- calls that cannot go to the one connection at once

  #openElsewhere(request: StreamRequest): void {
    if (this.#isShutdown) {
      request.onEnd({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client is closed' });
      return;
    }
    if (this.#queue.size === 0 && this.#balancer.open(request)) return;
    const limit = this.#queueLimit();
    if (this.#waitingCalls >= limit) {
      request.onEnd(queueFull(this.#waitingCalls, limit));
      return;
    }
    if (!request.waitForReady && this.#resolving.reachability.state === 'transient_failure') {
      request.onEnd(this.#failure.end);
      return;
    }
    this.#queue.push(request);
    this.#idleWatch.start();
    this.#rounds.run();
  }

  /** With 0 no call waits for a stream; for the connection on which there are some, it must. */
  #queueLimit(): number {
    const { maxQueuedCalls } = this.#options;
    return maxQueuedCalls > 0 || this.state === 'ready' ? maxQueuedCalls : MAX_QUEUED_WHILE_CONNECTING;
  }

  // --- what follows from a change

  /** Brings everything in line with what there is now. */
  #round(): void {
    if (this.#isShutdown) return;
    this.#tellState();
    this.#dispatch();
    this.#seeToWaiting();
  }

  /** Streams have ended, or may be opened again: as often as calls end, where the server allows few at a time. */
  #onCapacity(): void {
    const rounds = this.#rounds;
    if (rounds.isRunning) {
      rounds.another();
      return;
    }
    rounds.hold(this.#dispatch);
    if (rounds.isDue || this.#queue.size === 0) rounds.run();
  }

  #onAddresses(): void {
    this.#rounds.run();
    for (const tell of this.#unnamed) tell();
  }

  #tellState(): void {
    const balancer = this.#balancer;
    this.#current = balancer.only;
    this.#resolving.note();
    if (this.state === 'ready' && balancer.state !== 'ready') this.#epoch++;
    if (this.#failure.isUntold) this.#tellFailure();
    const { state, untilMs } = this.#resolving.reachability;
    this.#untilMs = untilMs;
    this.#connectivity.change(state, state === 'transient_failure' ? this.lastFailure : '');
  }

  /** Ends calls that do not wait for ready, once nothing more can come of what they wait for. */
  #tellFailure(): void {
    const { state } = this.#resolving.reachability;
    if (state === 'connecting') return;
    this.#failure.isUntold = false;
    if (state === 'ready') return;
    // The back-off may be over already, where failing took longer than that.
    this.#connectivity.change('transient_failure', this.lastFailure);
    this.#queue.fail(this.#failure.end, false);
  }

  /** Gives streams to those that wait, the first first. */
  readonly #dispatch = (): void => {
    while (this.#queue.size > 0 && this.#balancer.hasRoom) {
      const request = this.#queue.shift();
      if (request === undefined) break;
      if (!this.#balancer.open(request)) this.#queue.push(request);
    }
    const { size } = this.#queue;
    if (size > 0 && this.#options.maxQueuedCalls === 0 && this.state === 'ready') {
      this.#queue.fail(queueFull(0, 0), true);
    }
  };

  /** Connects where somebody waits, or lets the process end. */
  #seeToWaiting(): void {
    const isHeld = this.#queue.size > 0 || this.#connectivity.waiters > 0;
    this.#resolving.hold(isHeld);
    // Streams keep the process alive themselves; a server may allow none.
    this.#timers.stayAlive(isHeld && (this.state !== 'ready' || this.openStreams === 0));
    if (isHeld && this.state === 'ready') this.#balancer.grow();
    if (isHeld && this.state === 'idle') this.#connect();
    this.#timers.wakeAt(this.#untilMs);
  }

  /** Somebody waits, and nothing is under way. */
  #connect(): void {
    this.#idleWatch.start();
    this.#resolving.connect();
    if (this.#resolving.reachability.state !== 'idle') this.#rounds.another();
  }

  #closeUnused(): void {
    this.#idleWatch.look(this.#connections);
    const isIdle = this.#idleWatch.isIdle && !this.#resolving.isHeld;
    this.#balancer.closeUnused((connection) => this.#idleWatch.wasUsed(connection), isIdle);
    if (isIdle) {
      this.#idleWatch.stop();
      this.#resolving.rest();
    }
    this.#rounds.run();
  }
}
