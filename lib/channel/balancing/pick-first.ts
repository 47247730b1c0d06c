// pick_first: one connection, to the first address that can be connected to. Attempts are begun in order, the next one
// where the last has failed or takes longer than a moment (happy eyeballs). Nothing is dialled unless somebody waits.
// Sources: grpc doc/load-balancing.md, gRFC A61 (happy eyeballs), A62 (shuffling), RFC 8305 §5.

import type { StreamRequest } from '../../rpc/transport.ts';
import type { Failure } from '../connection/failure.ts';
import type { PooledConnection } from '../connection/pooled-connection.ts';
import type { Subchannel, SubchannelState } from '../connection/subchannel.ts';
import { type Address, interleaveFamilies } from '../target/address.ts';
import type { Balancer, BalancerHost } from './balancer.ts';
import { Subchannels } from './subchannels.ts';

/** How long an attempt to connect goes on alone. Source: RFC 8305 §8. */
const CONNECTION_ATTEMPT_DELAY_MS = 250;

export interface PickFirstConfig {
  readonly name: 'pick_first';
  /** Whether the addresses are tried in an order of chance, so that many clients do not all go to the first. */
  readonly shuffleAddressList: boolean;
}

export class PickFirst implements Balancer {
  readonly #host: BalancerHost;
  readonly #config: PickFirstConfig;
  readonly #subchannels: Subchannels;
  /** The one that is connected. */
  #selected: Subchannel | undefined;
  /** The rest of the pass: what is being tried, and what will be. */
  readonly #trying = new Set<Subchannel>();
  #untried: Subchannel[] = [];
  #timer: unknown;

  constructor(host: BalancerHost, config: PickFirstConfig) {
    this.#host = host;
    this.#config = config;
    this.#subchannels = new Subchannels(host, (subchannel) => this.#onChange(subchannel));
  }

  get state(): SubchannelState {
    if (this.#selected !== undefined) return 'ready';
    if (this.#trying.size > 0) return 'connecting';
    return this.#subchannels.isFailing ? 'transient_failure' : 'idle';
  }

  get failure(): Failure | undefined {
    return this.#subchannels.failure;
  }

  get nextDialMs(): number {
    return this.#subchannels.nextDialMs;
  }

  get only(): PooledConnection | undefined {
    return this.#selected?.only;
  }

  update(addresses: readonly Address[]): void {
    const { random } = this.#host.clock;
    const listed = this.#config.shuffleAddressList ? shuffled(addresses, random) : addresses;
    this.#subchannels.update(interleaveFamilies(listed));
    if (this.#selected?.isRetired === true) this.#selected = undefined;
    if (this.#trying.size > 0) {
      for (const one of this.#trying) if (one.isRetired) this.#trying.delete(one);
      this.#untried = this.#candidates().filter((one) => !this.#trying.has(one));
      if (this.#trying.size === 0) this.#tryNext();
    }
    this.#host.onChange();
  }

  connect(): void {
    if (this.#selected !== undefined || this.#trying.size > 0) return;
    this.#untried = this.#candidates();
    this.#tryNext();
  }

  get hasRoom(): boolean {
    return this.#selected?.take() !== undefined;
  }

  open(request: StreamRequest): boolean {
    const connection = this.#selected?.take();
    connection?.open(request);
    return connection !== undefined;
  }

  grow(): void {
    this.#selected?.grow(this.#host.waitingCalls);
  }

  hold(isHeld: boolean): void {
    this.#subchannels.hold(isHeld);
  }

  closeUnused(wasUsed: (connection: PooledConnection) => boolean, all: boolean): void {
    this.#selected?.closeUnused(wasUsed, all);
  }

  close(reason: string | undefined): void {
    this.#endPass();
    this.#subchannels.close(reason);
    this.#selected = undefined;
  }

  #candidates(): Subchannel[] {
    return [...this.#subchannels].filter((subchannel) => subchannel.isDue);
  }

  #tryNext(): void {
    this.#host.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    const next = this.#untried.shift();
    if (next === undefined) return;
    this.#trying.add(next);
    next.connect();
    if (this.#untried.length === 0) return;
    this.#timer = this.#host.clock.setTimer(() => this.#tryNext(), CONNECTION_ATTEMPT_DELAY_MS);
  }

  #endPass(): void {
    this.#host.clock.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#untried = [];
    this.#trying.clear();
  }

  #onChange(subchannel: Subchannel): void {
    const { state } = subchannel;
    if (subchannel === this.#selected) {
      if (state !== 'ready') {
        this.#selected = undefined;
        // Another connection to it was being made already.
        if (state === 'connecting') this.#trying.add(subchannel);
      }
    } else if (state === 'ready') {
      for (const other of this.#trying) if (other !== subchannel) other.abandon();
      this.#endPass();
      this.#selected = subchannel;
    } else if (state !== 'connecting' && this.#trying.delete(subchannel)) {
      if (this.#untried.length > 0) this.#tryNext();
    }
    this.#host.onChange();
  }
}

/** Fisher and Yates. */
function shuffled(addresses: readonly Address[], random: () => number): Address[] {
  const result = [...addresses];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}
