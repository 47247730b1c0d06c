// The policies that use all addresses at once: a connection to each is kept, and each call goes to one that is ready.
// How the one is chosen is a strategy's: round_robin, weighted_round_robin, least_request.
// Sources: grpc doc/load-balancing.md, gRFC A48, A58.

import type { StreamRequest } from '../../rpc/transport.ts';
import type { Failure } from '../connection/failure.ts';
import type { PooledConnection } from '../connection/pooled-connection.ts';
import type { Subchannel, SubchannelState } from '../connection/subchannel.ts';
import type { Address } from '../target/address.ts';
import type { Balancer, BalancerHost } from './balancer.ts';
import { Subchannels } from './subchannels.ts';

/** Chooses among the subchannels that are ready. */
export interface Strategy {
  /** Those that are ready from now on; never none when `choose` is called. */
  update(ready: readonly Subchannel[]): void;
  /** Which of them is asked first; when it has no room, those behind it are. */
  choose(): number;
  /** What stands before a request of a subchannel, to see how it ends. */
  watch?(request: StreamRequest, subchannel: Subchannel): StreamRequest;
}

export class ReadyAddresses implements Balancer {
  readonly #host: BalancerHost;
  readonly #strategy: Strategy;
  readonly #subchannels: Subchannels;
  #ready: Subchannel[] = [];
  /** Connections are wanted: calls came not long ago. */
  #isActive = false;
  /** The next attempts of those that failed. */
  readonly #timers = new Map<Subchannel, unknown>();

  constructor(host: BalancerHost, strategy: Strategy) {
    this.#host = host;
    this.#strategy = strategy;
    this.#subchannels = new Subchannels(host, (subchannel) => this.#onChange(subchannel));
  }

  get state(): SubchannelState {
    if (this.#ready.length > 0) return 'ready';
    for (const { state } of this.#subchannels) if (state === 'connecting') return 'connecting';
    return this.#subchannels.isFailing ? 'transient_failure' : 'idle';
  }

  get failure(): Failure | undefined {
    return this.#subchannels.failure;
  }

  get nextDialMs(): number {
    return this.#subchannels.nextDialMs;
  }

  /** Calls always ask: where one address is left, others may come. */
  get only(): undefined {
    return undefined;
  }

  update(addresses: readonly Address[]): void {
    this.#subchannels.update(addresses);
    for (const subchannel of this.#timers.keys()) if (subchannel.isRetired) this.#stopTimer(subchannel);
    if (this.#isActive) this.connect();
    this.#settle();
  }

  connect(): void {
    this.#isActive = true;
    for (const subchannel of this.#subchannels) if (subchannel.isDue) subchannel.connect();
  }

  get hasRoom(): boolean {
    return this.#ready.some((subchannel) => subchannel.take() !== undefined);
  }

  open(request: StreamRequest): boolean {
    const ready = this.#ready;
    const count = ready.length;
    if (count === 0) return false;
    const first = this.#strategy.choose();
    for (let i = 0; i < count; i++) {
      const subchannel = ready[(first + i) % count];
      const connection = subchannel.take();
      if (connection === undefined) {
        // Its last connection turned out to be used up.
        if (this.#ready !== ready) return this.open(request);
        continue;
      }
      connection.open(this.#strategy.watch?.(request, subchannel) ?? request);
      return true;
    }
    return false;
  }

  grow(): void {
    const calls = Math.ceil(this.#host.waitingCalls / this.#ready.length);
    for (const subchannel of this.#ready) subchannel.grow(calls);
  }

  hold(isHeld: boolean): void {
    this.#subchannels.hold(isHeld);
  }

  closeUnused(wasUsed: (connection: PooledConnection) => boolean, all: boolean): void {
    if (all) {
      this.#isActive = false;
      for (const subchannel of this.#timers.keys()) this.#stopTimer(subchannel);
    }
    for (const subchannel of [...this.#subchannels]) {
      if (all) subchannel.abandon();
      subchannel.closeUnused(wasUsed, all);
    }
  }

  close(reason: string | undefined): void {
    this.#isActive = false;
    for (const subchannel of this.#timers.keys()) this.#stopTimer(subchannel);
    this.#subchannels.close(reason);
    this.#ready = [];
  }

  #onChange(subchannel: Subchannel): void {
    const { state } = subchannel;
    if (state !== 'transient_failure') this.#stopTimer(subchannel);
    if (state === 'idle' || state === 'transient_failure') {
      // A server that was lost or is about to go may have a successor elsewhere.
      if (this.#isActive) this.#host.onAddressesDoubted();
      if (this.#isActive) this.#reconnect(subchannel);
    }
    this.#settle();
  }

  /** At once, or when its back-off allows. */
  #reconnect(subchannel: Subchannel): void {
    const { redialMs } = subchannel;
    // One that is set may be of before a call dialled, and failed.
    this.#stopTimer(subchannel);
    if (redialMs === Infinity) return;
    const delayMs = redialMs - this.#host.clock.now();
    if (delayMs <= 0) {
      subchannel.connect();
      return;
    }
    const timer = this.#host.clock.setTimer(() => {
      this.#timers.delete(subchannel);
      subchannel.connect();
      this.#settle();
    }, delayMs);
    this.#timers.set(subchannel, timer);
  }

  #stopTimer(subchannel: Subchannel): void {
    this.#host.clock.clearTimer(this.#timers.get(subchannel));
    this.#timers.delete(subchannel);
  }

  #settle(): void {
    const ready = [...this.#subchannels].filter(({ state }) => state === 'ready');
    if (ready.length !== this.#ready.length || ready.some((one, i) => one !== this.#ready[i])) {
      this.#ready = ready;
      if (ready.length > 0) this.#strategy.update(ready);
    }
    this.#host.onChange();
  }
}
