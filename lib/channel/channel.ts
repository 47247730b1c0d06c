// One target and the connections to it, which clients share: has its name looked up, a balancer connect to what is
// found, gives it the calls, and keeps those for which there is no stream. To which address a call goes is the
// balancer's, when one is dialled again the subchannel's.

import type { StreamRequest, Transport } from '../rpc/transport.ts';
import { AsyncContext } from '../values/async-context.ts';
import { REAL_CLOCK } from '../values/clock.ts';
import { messageOf } from '../values/realm.ts';
import { StatusCode } from '../values/status.ts';
import { type Wait, type WaitSource, waits } from '../values/waits.ts';
import { reportAddedConnection } from '../values/warnings.ts';
import type { Balancer, BalancerHost } from './balancing/balancer.ts';
import { DEFAULT_LOAD_BALANCING, type LoadBalancing, makeBalancer } from './balancing/load-balancing.ts';
import { ChannelFailure } from './channel-failure.ts';
import { type ChannelOptions, type ChannelPolicy, DEFAULT_NAMING } from './channel-options.ts';
import { ChannelTimers } from './channel-timers.ts';
import type { ConnectionInfo } from './connection/connection-info.ts';
import type { Failure } from './connection/failure.ts';
import type { ConnectionListener, PooledConnection } from './connection/pooled-connection.ts';
import { SocketConnection } from './connection/socket-connection.ts';
import { Connections } from './connections.ts';
import { type ChannelState, Connectivity, type StateChange } from './connectivity.ts';
import { IdleConnections } from './idle-connections.ts';
import { type NamedConfig, NameResolution } from './naming/name-resolution.ts';
import { type Reachability, reachability } from './reachability.ts';
import { queueFull, RequestQueue } from './request-queue.ts';
import { type Address, addressText } from './target/address.ts';
import type { Target } from './target/target.ts';
import { patienceClock } from './timing/patience.ts';

export type { ChannelState, StateChange };

/** What a call without a stream waits for; `output`: that what was written before it leaves. */
export type ChannelWait = 'addresses' | 'connection' | 'stream' | 'output';

/** How many calls may wait for a connection where none may wait for a stream. */
const MAX_QUEUED_WHILE_CONNECTING = 100_000;

/** The connections to one target, which clients share. Made by a client, given to another: `new Client(client.channel)`. */
export class Channel implements Transport, WaitSource {
  readonly target: Target;
  readonly #options: ChannelOptions;
  /** Of whoever made the client. */
  readonly #context: AsyncContext = AsyncContext.capture();
  readonly #naming: NameResolution;
  #policy: ChannelPolicy;
  #balancer: Balancer;
  #addresses: readonly Address[] = [];
  /** Who is told when the first addresses are known. */
  readonly #unnamed = new Set<() => void>();
  /** Where all calls go while there is one such connection. */
  #current: PooledConnection | undefined;
  readonly #connections = new Connections();
  /** Calls without a stream, in order. */
  readonly #queue = new RequestQueue();
  readonly #connectivity: Connectivity;
  readonly #idleWatch: IdleConnections<PooledConnection>;
  readonly #failure: ChannelFailure;
  /** How long those that wait for a first connection have waited for addresses. */
  #dnsMs = 0;
  /** Somebody waits for a connection or a stream. */
  #isHeld = false;
  /** When the state that was told changes by itself: of the same moment, or nobody looks again. */
  #untilMs = Infinity;
  readonly #timers: ChannelTimers = new ChannelTimers(() => this.#settle());
  #epoch = 1;
  #users = 0;
  #isShutdown = false;
  #isSettling = false;
  #isUnsettled = false;

  /** @internal Clients make channels. */
  constructor(target: Target, options: ChannelOptions) {
    this.target = target;
    this.#connectivity = new Connectivity(target.text);
    this.#failure = new ChannelFailure(target.text);
    this.#options = options;
    const naming = { ...DEFAULT_NAMING, ...options.naming, connectTimeoutMs: options.connectTimeoutMs };
    const namingClock = { ...REAL_CLOCK, ...patienceClock(options.nextTurn) };
    const usesAllAddresses = (): boolean => this.#policy.loadBalancing.name !== 'pick_first';
    this.#naming = new NameResolution(target, naming, namingClock, this.#context, {
      get usesAllAddresses() {
        return usesAllAddresses();
      },
      onAddresses: (addresses, config) => this.#onAddresses(addresses, config),
      onFailure: (failure) => this.#onNamingFailure(failure),
    });
    this.#idleWatch = new IdleConnections(options.idleConnectionMs ?? Infinity, REAL_CLOCK, () =>
      this.#closeUnused(),
    );
    this.#policy = options.policy ?? { loadBalancing: DEFAULT_LOAD_BALANCING, healthCheck: undefined };
    this.#balancer = makeBalancer(this.#policy.loadBalancing, this.#balancerHost());
    const { fixed } = this.#naming;
    if (fixed !== undefined) {
      this.#addresses = fixed;
      this.#balancer.update(fixed);
    }
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
    if (this.#naming.isPending) yield { kind: this.#options.naming?.resolver ? 'resolver' : 'dns', owner };
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
    return this.#policy.loadBalancing.name;
  }

  /** The known addresses; empty until the name has been looked up. */
  get addresses(): readonly string[] {
    return this.#addresses.map(addressText);
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
    if (this.state !== 'ready') return this.#addresses.length === 0 ? 'addresses' : 'connection';
    return this.#connections.hasRoom ? 'output' : 'stream';
  }

  open(request: StreamRequest): void {
    const current = this.#current;
    if (current?.canOpen && this.#queue.size === 0) current.open(request);
    else this.#openElsewhere(request);
  }

  withdraw(request: StreamRequest): void {
    if (this.#queue.remove(request) && this.#queue.size === 0) this.#settle();
  }

  /** @internal Whether another call may wait for addresses before it asks for a stream. */
  get hasRoomToWait(): boolean {
    return this.#waitingCalls < this.#queueLimit();
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
      this.#settle();
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
    this.#balancer.close('the client was closed');
    for (const connection of [...this.#connections]) connection.close('the client was closed');
    // Last: a resolver is the user's, and may do what it likes meanwhile.
    this.#naming.close();
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
    if (!request.waitForReady && this.#reachability().state === 'transient_failure') {
      request.onEnd(this.#failure.end);
      return;
    }
    this.#queue.push(request);
    this.#idleWatch.start();
    this.#settle();
  }

  /** With 0 no call waits for a stream; for the connection on which there are some, it must. */
  #queueLimit(): number {
    const { maxQueuedCalls } = this.#options;
    return maxQueuedCalls > 0 || this.state === 'ready' ? maxQueuedCalls : MAX_QUEUED_WHILE_CONNECTING;
  }

  // --- what follows from a change

  /**
   * Brings everything in line with the state there is now. Whatever may change it calls this: what is done here may
   * do so too, and is then seen to in another round.
   */
  #settle(): void {
    if (this.#isShutdown) return;
    this.#isUnsettled = true;
    if (this.#isSettling) return;
    this.#whileSettling(() => {
      while (this.#isUnsettled && !this.#isShutdown) {
        this.#isUnsettled = false;
        this.#tellState();
        this.#dispatch();
        this.#seeToWaiting();
      }
    });
  }

  /** What changes meanwhile is seen to by whoever settles. One thing that throws must not stop the channel for good. */
  #whileSettling(change: () => void): void {
    const isNested = this.#isSettling;
    this.#isSettling = true;
    try {
      change();
    } finally {
      this.#isSettling = isNested;
    }
  }

  /** Streams have ended, or may be opened again: as often as calls end, where the server allows few at a time. */
  #onCapacity(): void {
    if (this.#isSettling) {
      this.#isUnsettled = true;
      return;
    }
    this.#whileSettling(this.#dispatch);
    if (this.#isUnsettled || this.#queue.size === 0) this.#settle();
  }

  #tellState(): void {
    const balancer = this.#balancer;
    this.#current = balancer.only;
    this.#failure.note(balancer, REAL_CLOCK.now());
    if (this.state === 'ready' && balancer.state !== 'ready') this.#epoch++;
    if (this.#failure.isUntold) this.#tellFailure();
    const { state, untilMs } = this.#reachability();
    this.#untilMs = untilMs;
    if (state === 'ready') this.#dnsMs = 0;
    this.#connectivity.change(state, state === 'transient_failure' ? this.lastFailure : '');
  }

  /** Ends calls that do not wait for ready, once nothing more can come of what they wait for. */
  #tellFailure(): void {
    const state = this.#reachability().state;
    if (state === 'connecting') return;
    this.#failure.isUntold = false;
    if (state === 'ready') return;
    // The back-off may be over already, where failing took longer than that.
    this.#connectivity.change('transient_failure', this.lastFailure);
    this.#queue.fail(this.#failure.end, false);
  }

  #reachability(): Reachability {
    const { state, nextDialMs } = this.#balancer;
    return reachability(
      {
        balancerState: state,
        nextDialMs,
        hasAddresses: this.#addresses.length > 0,
        isAsking: this.#naming.isPending,
        hasNamingFailed: this.#failure.hasNamingFailed,
        nextAskMs: this.#naming.nextMs,
        relookUntilMs: this.#failure.relookUntilMs,
      },
      REAL_CLOCK.now(),
    );
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
    if (isHeld !== this.#isHeld) {
      this.#isHeld = isHeld;
      this.#balancer.hold(isHeld);
    }
    // Streams keep the process alive themselves; a server may allow none.
    this.#timers.stayAlive(isHeld && (this.state !== 'ready' || this.openStreams === 0));
    if (isHeld && this.state === 'ready') this.#balancer.grow();
    if (isHeld && this.state === 'idle') this.#connect();
    this.#timers.wakeAt(this.#untilMs);
  }

  /** Dials what is known, and asks for addresses where nothing is, or that is old. */
  #connect(): void {
    this.#idleWatch.start();
    if (this.#naming.isDue) this.#naming.ask();
    if (this.#addresses.length > 0) this.#balancer.connect();
    if (this.#reachability().state !== 'idle') this.#isUnsettled = true;
  }

  // --- addresses

  /** Throws what is wrong with the config if there are no addresses yet; otherwise the one in force stays. */
  #onAddresses(addresses: readonly Address[], config: NamedConfig | undefined): void {
    if (this.#isShutdown) return;
    const before = this.#balancer;
    const wasActive = before.state !== 'idle';
    let failure: Failure | undefined;
    const { readServiceConfig } = this.#options;
    if (config !== undefined && readServiceConfig !== undefined) {
      try {
        this.#setPolicy(readServiceConfig(config));
      } catch (error) {
        if (this.#addresses.length === 0) throw error;
        const text = messageOf(error);
        failure = {
          reason: `the service config that came with the addresses is not used: ${text}`,
          cause: error,
        };
      }
    }
    this.#failure.onAddresses(failure);
    if (this.#addresses.length === 0) this.#dnsMs = this.#naming.spentMs;
    this.#addresses = addresses;
    // What the update changes is told when new addresses are being dialled, not that none was.
    const balancer = this.#balancer;
    const isWanted = this.#isHeld || (wasActive && balancer !== before);
    this.#whileSettling(() => {
      balancer.update(addresses);
      if (isWanted && balancer.state !== 'ready' && REAL_CLOCK.now() >= balancer.nextDialMs)
        balancer.connect();
    });
    this.#settle();
    for (const tell of this.#unnamed) tell();
  }

  #onNamingFailure(failure: Failure): void {
    if (this.#isShutdown) return;
    this.#failure.onNamingFailure(failure, this.#addresses.length > 0);
    this.#settle();
  }

  #setPolicy(policy: ChannelPolicy): void {
    const { loadBalancing, healthCheck } = this.#policy;
    if (
      JSON.stringify(policy.loadBalancing) === JSON.stringify(loadBalancing) &&
      policy.healthCheck === healthCheck
    ) {
      return;
    }
    this.#balancer.close(undefined);
    this.#policy = policy;
    this.#balancer = makeBalancer(policy.loadBalancing, this.#balancerHost());
  }

  // --- connections

  #balancerHost(): BalancerHost {
    const channel = this;
    return {
      clock: REAL_CLOCK,
      maxConnections: this.#options.maxConnections ?? 1,
      get healthCheck() {
        const { loadBalancing, healthCheck } = channel.#policy;
        return loadBalancing.name === 'pick_first' ? undefined : healthCheck;
      },
      get isHeld() {
        return channel.#isHeld;
      },
      dial: (address, listener) => this.#dial(address, listener),
      onConnectionClosed: (connection) => this.#connections.remove(connection),
      onGrowth: (address, count) =>
        reportAddedConnection({
          target: this.target.text,
          address: addressText(address),
          connections: count + 1,
          maxConnections: this.#options.maxConnections ?? 1,
        }),
      onCapacity: () => this.#onCapacity(),
      onChange: () => this.#settle(),
      onAddressesDoubted: () => this.#naming.askSoon(),
    };
  }

  #dial(address: Address, listener: ConnectionListener): PooledConnection {
    const text =
      address.kind === 'tcp' && address.name === undefined ? addressText(address) : this.target.text;
    // Its socket and timers outlive the call that wants it, and must not keep that call's context.
    const connection = this.#context.run(
      () => new SocketConnection({ address, text }, this.#options, listener, this.#dnsMs),
    );
    this.#connections.add(connection);
    return connection;
  }

  #closeUnused(): void {
    this.#idleWatch.look(this.#connections);
    const isIdle = this.#idleWatch.isIdle && !this.#isHeld;
    this.#balancer.closeUnused((connection) => this.#idleWatch.wasUsed(connection), isIdle);
    if (isIdle) {
      this.#idleWatch.stop();
      this.#naming.rest();
    }
    this.#settle();
  }
}
