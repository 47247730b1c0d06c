// The policies that use all addresses at once: a connection to each is kept, and each call goes to one that is ready.
// How the one is chosen is a strategy's: round_robin, weighted_round_robin, least_request.
// Sources: grpc doc/load-balancing.md, gRFC A48, A58.

import type { StreamRequest } from '../rpc/transport.ts';
import { type Address, addressText } from './address.ts';
import { type Balancer, type BalancerHost, joinFailures, matchSubchannels } from './balancer.ts';
import { type Failure, type Link, Subchannel, type SubchannelState } from './subchannel.ts';

/** Chooses among the subchannels that are ready. */
export interface Strategy {
  /** Those that are ready from now on; never none when `choose` is called. */
  update(ready: readonly Subchannel[]): void;
  /** Which of them is asked first; when it has no room, those behind it are. */
  choose(): number;
  /** What stands before a request of a subchannel, to see how it ends. */
  watch?(request: StreamRequest, subchannel: Subchannel): StreamRequest;
}

export class Spread implements Balancer {
  readonly #host: BalancerHost;
  readonly #strategy: Strategy;
  #subchannels: Map<string, Subchannel> = new Map();
  #ready: Subchannel[] = [];
  /** Connections are wanted: calls came not long ago. */
  #isActive = false;
  /** The next attempts of those that failed. */
  readonly #timers = new Map<Subchannel, unknown>();

  constructor(host: BalancerHost, strategy: Strategy) {
    this.#host = host;
    this.#strategy = strategy;
  }

  get state(): SubchannelState {
    if (this.#ready.length > 0) return 'ready';
    let isFailing = this.#subchannels.size > 0;
    for (const { state } of this.#subchannels.values()) {
      if (state === 'connecting') return 'connecting';
      if (state !== 'transient_failure') isFailing = false;
    }
    return isFailing ? 'transient_failure' : 'idle';
  }

  get failure(): Failure | undefined {
    const failures: [string, Failure][] = [];
    for (const { address, failure } of this.#subchannels.values()) {
      if (failure !== undefined) failures.push([addressText(address), failure]);
    }
    return failures.length === 0 ? undefined : joinFailures(failures);
  }

  get nextDialMs(): number {
    let next = Infinity;
    for (const { nextDialMs } of this.#subchannels.values()) next = Math.min(next, nextDialMs);
    return next;
  }

  /** Calls always ask: where one address is left, others may come. */
  get only(): undefined {
    return undefined;
  }

  update(addresses: readonly Address[]): void {
    const before = this.#subchannels;
    this.#subchannels = matchSubchannels(
      addresses,
      before,
      (address) => new Subchannel(address, this.#host, (subchannel) => this.#onChange(subchannel)),
    );
    for (const [key, subchannel] of before) if (!this.#subchannels.has(key)) this.#stopTimer(subchannel);
    if (this.#isActive) this.connect(0);
    this.#settle();
  }

  connect(spentMs: number): void {
    this.#isActive = true;
    for (const subchannel of this.#subchannels.values()) if (subchannel.isDue) subchannel.connect(spentMs);
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
      const link = subchannel.take();
      if (link === undefined) {
        // Its last connection turned out to be used up.
        if (this.#ready !== ready) return this.open(request);
        continue;
      }
      link.open(this.#strategy.watch?.(request, subchannel) ?? request);
      return true;
    }
    return false;
  }

  grow(): void {
    for (const subchannel of this.#ready) subchannel.grow();
  }

  hold(isHeld: boolean): void {
    for (const subchannel of this.#subchannels.values()) subchannel.hold(isHeld);
  }

  closeUnused(wasUsed: (link: Link) => boolean, all: boolean): void {
    if (all) {
      this.#isActive = false;
      for (const subchannel of this.#timers.keys()) this.#stopTimer(subchannel);
    }
    for (const subchannel of [...this.#subchannels.values()]) {
      if (all) subchannel.abandon();
      subchannel.closeUnused(wasUsed, all);
    }
  }

  close(reason: string | undefined): void {
    this.#isActive = false;
    for (const subchannel of this.#subchannels.values()) {
      this.#stopTimer(subchannel);
      subchannel.retire(reason);
    }
    this.#subchannels.clear();
    this.#ready = [];
  }

  #onChange(subchannel: Subchannel): void {
    const { state } = subchannel;
    if (state !== 'transient_failure') this.#stopTimer(subchannel);
    if (state === 'idle' || state === 'transient_failure') {
      // A server that was lost or is about to go may have a successor elsewhere.
      if (this.#isActive) this.#host.onAddressesDoubted();
      if (state === 'idle' && this.#isActive) subchannel.connect();
      else if (this.#isActive) this.#connectLater(subchannel);
    }
    this.#settle();
  }

  #connectLater(subchannel: Subchannel): void {
    const { nextDialMs } = subchannel;
    if (nextDialMs === Infinity || this.#timers.has(subchannel)) return;
    const delayMs = Math.max(nextDialMs - this.#host.clock.now(), 0);
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
    const ready = [...this.#subchannels.values()].filter(({ state }) => state === 'ready');
    if (ready.length !== this.#ready.length || ready.some((one, i) => one !== this.#ready[i])) {
      this.#ready = ready;
      if (ready.length > 0) this.#strategy.update(ready);
    }
    this.#host.onChange();
  }
}
