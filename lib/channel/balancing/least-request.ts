// least_request: of a few addresses chosen by chance, the call goes to the one with the fewest calls running.
// Source: gRFC A48.

import type { Subchannel } from '../connection/subchannel.ts';
import type { Strategy } from './ready-addresses.ts';

export interface LeastRequestConfig {
  readonly name: 'least_request';
  /** Among how many, from 2 to 10. */
  readonly choiceCount: number;
}

export class LeastRequest implements Strategy {
  readonly #choiceCount: number;
  readonly #random: () => number;
  #ready: readonly Subchannel[] = [];

  constructor({ choiceCount }: LeastRequestConfig, random: () => number) {
    this.#choiceCount = choiceCount;
    this.#random = random;
  }

  update(ready: readonly Subchannel[]): void {
    this.#ready = ready;
  }

  choose(): number {
    const ready = this.#ready;
    let best = Math.floor(this.#random() * ready.length);
    for (let i = 1; i < this.#choiceCount; i++) {
      const index = Math.floor(this.#random() * ready.length);
      if (ready[index].openStreams < ready[best].openStreams) best = index;
    }
    return best;
  }
}
