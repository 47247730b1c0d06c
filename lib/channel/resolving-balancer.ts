// Where calls may go: the addresses that the target has now, and the balancer of the policy in force, which spreads calls
// over them. A service config that comes with addresses may put another policy in force. It knows no calls that wait.

import type { AsyncContext } from '../values/async-context.ts';
import { type Clock, REAL_CLOCK } from '../values/clock.ts';
import { messageOf } from '../values/realm.ts';
import { reportAddedConnection } from '../values/warnings.ts';
import type { Balancer, BalancerHost } from './balancing/balancer.ts';
import { DEFAULT_LOAD_BALANCING, type LoadBalancing, makeBalancer } from './balancing/load-balancing.ts';
import { ChannelFailure } from './channel-failure.ts';
import { type ChannelOptions, type ChannelPolicy, DEFAULT_NAMING } from './channel-options.ts';
import type { Failure } from './connection/failure.ts';
import type { ConnectionListener, PooledConnection } from './connection/pooled-connection.ts';
import type { HealthCheck } from './connection/subchannel.ts';
import type { Connections } from './connections.ts';
import { type NamedConfig, NameResolution, type NameResolutionListener } from './naming/name-resolution.ts';
import { type Reachability, reachability } from './reachability.ts';
import { type Address, addressText } from './target/address.ts';
import type { Target } from './target/target.ts';
import { patienceClock } from './timing/patience.ts';

/** What it needs of its channel. */
export interface ResolvingBalancerHost {
  /** Addresses are no longer wanted. */
  isShutdown(): boolean;
  /** How many calls wait for a stream. */
  queuedCalls(): number;
  /** Makes changes that `onChange` or `onAddresses` then tells as one. */
  hold(change: () => void): void;
  /** There are other addresses than before. */
  onAddresses(): void;
  /** The state may be another, or the reason for it. */
  onChange(): void;
  /** There may be room for calls. */
  onCapacity(): void;
}

export class ResolvingBalancer implements BalancerHost, NameResolutionListener {
  /** Of the policy in force. */
  balancer: Balancer;
  /** None until the name has been looked up. */
  addresses: readonly Address[] = [];
  readonly failure: ChannelFailure;
  readonly #target: Target;
  readonly #options: ChannelOptions;
  readonly #connections: Connections;
  readonly #host: ResolvingBalancerHost;
  readonly #naming: NameResolution;
  #policy: ChannelPolicy;
  #isHeld = false;
  /** How long those that wait for a first connection have waited for addresses. */
  #dnsMs = 0;

  /** @param context in which a resolver of the user's runs */
  constructor(
    target: Target,
    options: ChannelOptions,
    context: AsyncContext,
    connections: Connections,
    host: ResolvingBalancerHost,
  ) {
    this.#target = target;
    this.#options = options;
    this.#connections = connections;
    this.#host = host;
    this.failure = new ChannelFailure(target.text);
    const naming = { ...DEFAULT_NAMING, ...options.naming, connectTimeoutMs: options.connectTimeoutMs };
    const clock = { ...REAL_CLOCK, ...patienceClock(options.nextTurn) };
    this.#naming = new NameResolution(target, naming, clock, context, this);
    this.#policy = options.policy ?? { loadBalancing: DEFAULT_LOAD_BALANCING, healthCheck: undefined };
    this.balancer = makeBalancer(this.#policy.loadBalancing, this);
  }

  /** Takes the addresses that need not be asked for, where the target has such. */
  start(): void {
    const { fixed } = this.#naming;
    if (fixed === undefined) return;
    this.addresses = fixed;
    this.balancer.update(fixed);
  }

  /** The policy in force. */
  get policyName(): LoadBalancing['name'] {
    return this.#policy.loadBalancing.name;
  }

  /** Whether addresses have been asked for and are not told yet. */
  get isAsking(): boolean {
    return this.#naming.isPending;
  }

  /** Whether somebody waits for a connection or a stream. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** The state that all of it makes, and when that changes by itself. */
  get reachability(): Reachability {
    const { state, nextDialMs } = this.balancer;
    return reachability(
      {
        balancerState: state,
        nextDialMs,
        hasAddresses: this.addresses.length > 0,
        isAsking: this.#naming.isPending,
        hasNamingFailed: this.failure.hasNamingFailed,
        nextAskMs: this.#naming.nextMs,
        relookUntilMs: this.failure.relookUntilMs,
      },
      REAL_CLOCK.now(),
    );
  }

  /** Notes what the balancer has come to. */
  note(): void {
    this.failure.note(this.balancer, REAL_CLOCK.now());
    if (this.balancer.state === 'ready') this.#dnsMs = 0;
  }

  /** Whether somebody waits: then attempts to connect keep the process alive. */
  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.balancer.hold(isHeld);
  }

  /** Dials what is known, and asks for addresses where nothing is, or that is old. */
  connect(): void {
    if (this.#naming.isDue) this.#naming.ask();
    if (this.addresses.length > 0) this.balancer.connect();
  }

  /** Stops asking for addresses by itself, until `connect`. */
  rest(): void {
    this.#naming.rest();
  }

  /** Permanently; running calls end with the reason. */
  close(reason: string): void {
    this.balancer.close(reason);
    for (const connection of [...this.#connections]) connection.close(reason);
    // Last: a resolver is the user's, and may do what it likes meanwhile.
    this.#naming.close();
  }

  // --- from the naming

  get usesAllAddresses(): boolean {
    return this.policyName !== 'pick_first';
  }

  /** Throws what is wrong with the config if there are no addresses yet; otherwise the one in force stays. */
  onAddresses(addresses: readonly Address[], config: NamedConfig | undefined): void {
    if (this.#host.isShutdown()) return;
    const before = this.balancer;
    const wasActive = before.state !== 'idle';
    let failure: Failure | undefined;
    const { readServiceConfig } = this.#options;
    if (config !== undefined && readServiceConfig !== undefined) {
      try {
        this.#setPolicy(readServiceConfig(config));
      } catch (error) {
        if (this.addresses.length === 0) throw error;
        const text = messageOf(error);
        failure = {
          reason: `the service config that came with the addresses is not used: ${text}`,
          cause: error,
        };
      }
    }
    this.failure.onAddresses(failure);
    if (this.addresses.length === 0) this.#dnsMs = this.#naming.spentMs;
    this.addresses = addresses;
    // What the update changes is told when new addresses are being dialled, not that none was.
    const { balancer } = this;
    const isWanted = this.#isHeld || (wasActive && balancer !== before);
    this.#host.hold(() => {
      balancer.update(addresses);
      if (isWanted && balancer.state !== 'ready' && REAL_CLOCK.now() >= balancer.nextDialMs)
        balancer.connect();
    });
    this.#host.onAddresses();
  }

  onFailure(failure: Failure): void {
    if (this.#host.isShutdown()) return;
    this.failure.onNamingFailure(failure, this.addresses.length > 0);
    this.#host.onChange();
  }

  // --- from the balancer

  get clock(): Clock {
    return REAL_CLOCK;
  }

  get maxConnections(): number | undefined {
    return this.#options.maxConnections;
  }

  get waitingCalls(): number {
    return this.#host.queuedCalls();
  }

  get healthCheck(): HealthCheck | undefined {
    const { loadBalancing, healthCheck } = this.#policy;
    return loadBalancing.name === 'pick_first' ? undefined : healthCheck;
  }

  dial(address: Address, listener: ConnectionListener): PooledConnection {
    return this.#connections.dial(address, listener, this.#dnsMs);
  }

  onConnectionClosed(connection: PooledConnection): void {
    this.#connections.remove(connection);
  }

  onGrowth(address: Address, count: number, maxConnections: number): void {
    reportAddedConnection({
      target: this.#target.text,
      address: addressText(address),
      connections: count + 1,
      maxConnections,
    });
  }

  onCapacity(): void {
    this.#host.onCapacity();
  }

  onChange(): void {
    this.#host.onChange();
  }

  onAddressesDoubted(): void {
    this.#naming.askSoon();
  }

  #setPolicy(policy: ChannelPolicy): void {
    const { loadBalancing, healthCheck } = this.#policy;
    if (
      JSON.stringify(policy.loadBalancing) === JSON.stringify(loadBalancing) &&
      policy.healthCheck === healthCheck
    ) {
      return;
    }
    this.balancer.close(undefined);
    this.#policy = policy;
    this.balancer = makeBalancer(policy.loadBalancing, this);
  }
}
