// round_robin: each call goes to the next address. Source: grpc doc/load-balancing.md.

import type { Subchannel } from '../connection/subchannel.ts';
import type { Strategy } from './ready-addresses.ts';

export interface RoundRobinConfig {
  readonly name: 'round_robin';
}

export class RoundRobin implements Strategy {
  #count = 1;
  #next: number;

  /** @param random from 0 to below 1: many clients do not all begin with the first. */
  constructor(random: () => number) {
    this.#next = Math.floor(random() * 1024);
  }

  update(ready: readonly Subchannel[]): void {
    this.#count = ready.length;
  }

  choose(): number {
    this.#next = (this.#next + 1) % this.#count;
    return this.#next;
  }
}
