// One target and the connections to it, which clients share: has its name looked up, a balancer connect to what is
// found, gives it the calls, and keeps those for which there is no stream. To which address a call goes is the
// balancer's, when one is dialled again the subchannel's.

import { reportAddedConnection } from '../diagnostics.ts';
import type { StreamEnd, StreamRequest, Transport } from '../rpc/transport.ts';
import { StatusCode } from '../status.ts';
import { type Address, addressText } from './address.ts';
import type { Balancer, BalancerHost } from './balancer.ts';
import { MAX_TIMER_MS, REAL_CLOCK } from './clock.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import type { ConnectionInfo } from './connection-info.ts';
import { type ChannelState, Connectivity, type StateChange } from './connectivity.ts';
import { IdleWatch } from './idle-watch.ts';
import { DEFAULT_LOAD_BALANCING, type LoadBalancing, makeBalancer } from './load-balancing.ts';
import { type NamedConfig, Naming, type NamingOptions } from './naming.ts';
import { RequestQueue } from './request-queue.ts';
import type { Failure, HealthCheck, Link, LinkListener } from './subchannel.ts';
import type { Target } from './target.ts';

export type { ChannelState, StateChange };

/** How calls are spread over addresses. */
export interface ChannelPolicy {
  readonly loadBalancing: LoadBalancing;
  /** Addresses whose server is not healthy get no calls. pick_first does not ask (gRFC A17). */
  readonly healthCheck: HealthCheck | undefined;
}

export interface ChannelOptions extends ConnectionOptions {
  /** How many calls may wait for a stream. 0: none, but while there is no connection as many as by default. */
  readonly maxQueuedCalls: number;
  /** To one address. Default 1. */
  readonly maxConnections?: number | undefined;
  /** After so long without a call connections are closed. Default never. */
  readonly idleConnectionMs?: number | undefined;
  /** Default pick_first. */
  readonly policy?: ChannelPolicy | undefined;
  /** What a config that came with addresses changes about the policy. Throws when it is none. */
  readonly readServiceConfig?: ((config: NamedConfig) => ChannelPolicy) | undefined;
  /** Default look-ups at most every 30 s, and none by itself. */
  readonly naming?: Omit<NamingOptions, 'connectTimeoutMs'> | undefined;
}

/** How many calls may wait for a connection where none may wait for a stream. */
const MAX_QUEUED_WHILE_CONNECTING = 100_000;

const DEFAULT_NAMING: Omit<NamingOptions, 'connectTimeoutMs'> = {
  dnsMinIntervalMs: 30_000,
  serviceConfigFromDns: false,
};

/** The connections to one target, which clients share. Made by a client, given to another: `new Client(client.channel)`. */
export class Channel implements Transport {
  readonly target: Target;
  readonly #options: ChannelOptions;
  readonly #naming: Naming;
  #policy: ChannelPolicy;
  #balancer: Balancer;
  #addresses: readonly Address[] = [];
  /** Where all calls go while there is one such connection. */
  #current: Link | undefined;
  /** All there are, draining ones too. */
  readonly #links = new Set<Link>();
  /** Of connections that are no more. */
  readonly #closedOctets = { sent: 0, received: 0 };
  /** Calls without a stream, in order. */
  readonly #queue = new RequestQueue();
  readonly #connectivity: Connectivity;
  readonly #idleWatch: IdleWatch<Link>;
  /** Connecting waits for addresses. */
  #isNaming = false;
  #namingFailure: Failure | undefined;
  #lastFailure: Failure | undefined;
  /** Somebody waits for a connection or a stream. */
  #isHeld = false;
  #redialTimer: NodeJS.Timeout | undefined;
  #lifeline: NodeJS.Timeout | undefined;
  #epoch = 1;
  #users = 0;
  #isShutdown = false;
  #isSettling = false;
  #isUnsettled = false;

  /** @internal Clients make channels. */
  constructor(target: Target, options: ChannelOptions) {
    this.target = target;
    this.#connectivity = new Connectivity(target.text);
    this.#options = options;
    const naming = { ...DEFAULT_NAMING, ...options.naming, connectTimeoutMs: options.connectTimeoutMs };
    const usesAllAddresses = (): boolean => this.#policy.loadBalancing.name !== 'pick_first';
    this.#naming = new Naming(target, naming, REAL_CLOCK, {
      get usesAllAddresses() {
        return usesAllAddresses();
      },
      onAddresses: (addresses, config) => this.#onAddresses(addresses, config),
      onFailure: (failure) => this.#onNamingFailure(failure),
    });
    this.#idleWatch = new IdleWatch(options.idleConnectionMs ?? Infinity, REAL_CLOCK, () =>
      this.#closeUnused(),
    );
    this.#policy = options.policy ?? { loadBalancing: DEFAULT_LOAD_BALANCING, healthCheck: undefined };
    this.#balancer = makeBalancer(this.#policy.loadBalancing, this.#balancerHost());
    const { fixed } = this.#naming;
    if (fixed !== undefined) {
      this.#addresses = fixed;
      this.#balancer.update(fixed);
    }
  }

  /** The state of the connection that new calls would use; of the best one where there are several. */
  get state(): ChannelState {
    return this.#connectivity.state;
  }

  /**
   * Tells each change of `state`, with the reason where it is `transient_failure`. Returns what ends it. It does not
   * connect, and does not keep the process alive.
   */
  onStateChange(listener: (change: StateChange) => void): () => void {
    return this.#connectivity.listen(listener);
  }

  /** The state now and each that it changes to, as an async iterable; it ends after `shutdown`. */
  states(options?: {
    readonly signal?: AbortSignal | undefined;
  }): AsyncGenerator<StateChange, void, undefined> {
    return this.#connectivity.states(options?.signal);
  }

  /** The policy in force. */
  get loadBalancing(): LoadBalancing['name'] {
    return this.#policy.loadBalancing.name;
  }

  /** The addresses that are known; empty while a name was not looked up. */
  get addresses(): readonly string[] {
    return this.#addresses.map(addressText);
  }

  /** Connections that there are or are being made, those that only finish their calls too. */
  get connections(): number {
    return this.#links.size;
  }

  /** Each connection as it is now, in the order in which they were made; those that only finish their calls, too. */
  connectionInfo(): ConnectionInfo[] {
    return Array.from(this.#links, ({ info }) => info);
  }

  /** @internal Octets on the sockets, of closed connections too. */
  get octets(): { readonly sent: number; readonly received: number } {
    let { sent, received } = this.#closedOctets;
    for (const { info } of this.#links) {
      sent += info.sentOctets;
      received += info.receivedOctets;
    }
    return { sent, received };
  }

  /** @internal How many clients share it. */
  get users(): number {
    return this.#users;
  }

  /** Streams that are open, on draining connections too. */
  get openStreams(): number {
    let count = 0;
    for (const link of this.#links) count += link.openStreams;
    return count;
  }

  /** @internal A number that changes when connections were lost: what is known of the server may be old then. */
  get connectionNumber(): number {
    return this.#epoch;
  }

  /** Calls that wait for a stream. */
  get queuedCalls(): number {
    return this.#queue.size;
  }

  open(request: StreamRequest): void {
    const current = this.#current;
    if (current?.canOpen && this.#queue.size === 0) current.open(request);
    else this.#openElsewhere(request);
  }

  withdraw(request: StreamRequest): void {
    if (this.#queue.remove(request) && this.#queue.size === 0) this.#settle();
  }

  /** Resolves when the connection is ready; dials if there is none, again and again. Rejects when the channel closes. */
  whenReady(signal: AbortSignal | undefined): Promise<void> {
    return this.#connectivity.whenReady(signal, () => {
      this.#idleWatch.start();
      this.#settle();
    });
  }

  /** Why the last attempt to connect failed, with each address that was tried, or an empty text. */
  get lastFailure(): string {
    return this.#lastFailure?.reason ?? '';
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
    this.#clearRedial();
    this.#stayAlive(false);
    this.#idleWatch.stop();
    this.#naming.close();
    this.#connectivity.change('shutdown', '');
    this.#failQueue({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client was closed' }, true);
    this.#balancer.close('the client was closed');
    for (const link of [...this.#links]) link.close('the client was closed');
  }

  // --- calls that cannot go to the one connection at once

  #openElsewhere(request: StreamRequest): void {
    if (this.#isShutdown) {
      request.onEnd({ kind: 'unopened', code: StatusCode.CANCELLED, reason: 'the client is closed' });
      return;
    }
    if (this.#queue.size === 0 && this.#balancer.open(request)) return;
    const limit = this.#queueLimit();
    if (this.#queue.size >= limit) {
      request.onEnd(tooMany(this.#queue.size, limit));
      return;
    }
    if (!request.waitForReady && this.state === 'transient_failure' && this.#isBackingOff()) {
      request.onEnd(this.#failureEnd());
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

  #failureEnd(): StreamEnd {
    const { reason, cause } = this.#lastFailure ?? { reason: `cannot connect to ${this.target.text}` };
    return { kind: 'unopened', reason, cause };
  }

  #failQueue(end: StreamEnd, all: boolean): void {
    for (const request of this.#queue.toArray()) {
      if (request.waitForReady && !all) continue;
      // One that ended may have withdrawn others.
      if (this.#queue.remove(request)) request.onEnd(end);
    }
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
    this.#isSettling = true;
    while (this.#isUnsettled && !this.#isShutdown) {
      this.#isUnsettled = false;
      this.#tellState();
      this.#dispatch();
      this.#seeToWaiting();
    }
    this.#isSettling = false;
  }

  /** Streams have ended, or may be opened again: as often as calls end, where the server allows few at a time. */
  #onCapacity(): void {
    if (this.#isSettling) {
      this.#isUnsettled = true;
      return;
    }
    this.#isSettling = true;
    this.#dispatch();
    this.#isSettling = false;
    if (this.#isUnsettled || this.#queue.size === 0) this.#settle();
  }

  #tellState(): void {
    const balancer = this.#balancer;
    this.#current = balancer.only;
    const failure = this.#namingFailure ?? balancer.failure;
    if (failure !== undefined) this.#lastFailure = failure;
    const before = this.state;
    const state = this.#stateNow();
    if (before === 'ready' && state !== 'ready') this.#epoch++;
    this.#connectivity.change(state, state === 'transient_failure' ? this.lastFailure : '');
    if (this.state === 'transient_failure') this.#failQueue(this.#failureEnd(), false);
  }

  #stateNow(): ChannelState {
    const { state } = this.#balancer;
    if (state === 'ready') return state;
    if (this.#isNaming) return 'connecting';
    return this.#namingFailure === undefined ? state : 'transient_failure';
  }

  /** Gives streams to those that wait, the first first. */
  #dispatch(): void {
    while (this.#queue.size > 0 && this.#balancer.hasRoom) {
      const request = this.#queue.shift();
      if (request === undefined) break;
      if (!this.#balancer.open(request)) this.#queue.push(request);
    }
    const { size } = this.#queue;
    if (size > 0 && this.#options.maxQueuedCalls === 0 && this.state === 'ready') {
      this.#failQueue(tooMany(0, 0), true);
    }
  }

  /** Connects where somebody waits, or lets the process end. */
  #seeToWaiting(): void {
    const isHeld = this.#queue.size > 0 || this.#connectivity.waiters > 0;
    if (isHeld !== this.#isHeld) {
      this.#isHeld = isHeld;
      this.#balancer.hold(isHeld);
    }
    // With a connection there are streams, which keep the process alive themselves.
    this.#stayAlive(isHeld && this.state !== 'ready');
    if (!isHeld) {
      this.#clearRedial();
      return;
    }
    if (this.state === 'ready') this.#balancer.grow();
    else if (this.state !== 'connecting') this.#connect();
  }

  /**
   * While somebody waits for a connection the process lives, whatever it hangs on: a socket, a resolver of the user's,
   * the answer of a health check.
   */
  #stayAlive(isWanted: boolean): void {
    if (isWanted) this.#lifeline ??= setInterval(() => {}, MAX_TIMER_MS);
    else if (this.#lifeline !== undefined) {
      clearInterval(this.#lifeline);
      this.#lifeline = undefined;
    }
  }

  #connect(): void {
    if (this.#isBackingOff()) {
      this.#redialTimer ??= setTimeout(
        () => {
          this.#redialTimer = undefined;
          this.#settle();
        },
        Math.min(Math.ceil(this.#nextDialMs - performance.now()), MAX_TIMER_MS),
      );
      return;
    }
    this.#idleWatch.start();
    if (this.#naming.isOld) {
      this.#isNaming = true;
      this.#naming.ask();
    } else this.#balancer.connect(0);
    this.#isUnsettled = true;
  }

  get #nextDialMs(): number {
    return this.#namingFailure === undefined ? this.#balancer.nextDialMs : this.#naming.nextMs;
  }

  #isBackingOff(): boolean {
    return this.#stateNow() === 'transient_failure' && performance.now() < this.#nextDialMs;
  }

  #clearRedial(): void {
    clearTimeout(this.#redialTimer);
    this.#redialTimer = undefined;
  }

  // --- addresses

  #onAddresses(addresses: readonly Address[], config: NamedConfig | undefined): void {
    if (this.#isShutdown) return;
    const { readServiceConfig } = this.#options;
    if (config !== undefined && readServiceConfig !== undefined) {
      try {
        this.#setPolicy(readServiceConfig(config));
      } catch (error) {
        const reason = `cannot connect to ${this.target.text}: ${error instanceof Error ? error.message : String(error)}`;
        this.#onNamingFailure({ reason, cause: error });
        return;
      }
    }
    this.#namingFailure = undefined;
    this.#addresses = addresses;
    this.#balancer.update(addresses);
    this.#onNamed();
  }

  #onNamingFailure(failure: Failure): void {
    if (this.#isShutdown) return;
    this.#lastFailure = failure;
    // What was known before holds, if it ever was known.
    if (this.#addresses.length === 0) this.#namingFailure = failure;
    this.#onNamed();
  }

  #onNamed(): void {
    if (this.#isNaming) {
      this.#isNaming = false;
      if (this.#namingFailure === undefined) this.#balancer.connect(this.#naming.spentMs);
    }
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
    const wasIdle = this.#balancer.state === 'idle';
    this.#balancer.close(undefined);
    this.#policy = policy;
    this.#balancer = makeBalancer(policy.loadBalancing, this.#balancerHost());
    if (!wasIdle) this.#isNaming = true;
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
      dial: (address, listener, spentMs) => this.#dial(address, listener, spentMs),
      onLinkClosed: (link) => {
        this.#links.delete(link);
        const { sentOctets, receivedOctets } = link.info;
        this.#closedOctets.sent += sentOctets;
        this.#closedOctets.received += receivedOctets;
      },
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

  #dial(address: Address, listener: LinkListener, spentMs: number): Link {
    const text =
      address.kind === 'tcp' && address.name === undefined ? addressText(address) : this.target.text;
    const link = new Connection({ address, text }, this.#options, listener, spentMs);
    this.#links.add(link);
    return link;
  }

  #closeUnused(): void {
    this.#idleWatch.look(this.#links);
    const isIdle = this.#idleWatch.isIdle && !this.#isHeld;
    this.#balancer.closeUnused((link) => this.#idleWatch.wasUsed(link), isIdle);
    if (isIdle) {
      this.#idleWatch.stop();
      this.#naming.rest();
    }
    this.#settle();
  }
}

function tooMany(waiting: number, limit: number): StreamEnd {
  return {
    kind: 'unopened',
    code: StatusCode.RESOURCE_EXHAUSTED,
    reason:
      limit === 0
        ? 'there is no free stream, and maxQueuedCalls 0 lets no call wait for one'
        : `${waiting} calls already wait for a stream, as many as maxQueuedCalls allows`,
  };
}
