// The request of one call, kept for as long as it may have to be sent again. Bounded per call, and for all calls of a
// client together. Source: gRFC A6, "Memory Management (Buffering)".

/** A message with its header; or, without any octets, a half-close. Nobody writes to the memory again. */
export interface RequestMessage {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly endStream: boolean;
  /** False where it must not be compressed; looked at where that was not done yet. */
  readonly mayCompress?: boolean;
}

/** A message as the call sent it, before compression. */
export interface KeptMessage extends RequestMessage {
  readonly mayCompress: boolean;
}

/** A half-close without a message. */
export const HALF_CLOSE: KeptMessage = {
  bytes: new Uint8Array(0),
  start: 0,
  end: 0,
  endStream: true,
  mayCompress: false,
};

/** How much the calls of a client may keep, and how much they do keep, all together. */
export class ReplayBudget {
  readonly maxOctetsPerCall: number;
  readonly #maxOctets: number;
  #octets = 0;

  constructor(maxOctetsPerCall: number, maxOctets: number) {
    this.maxOctetsPerCall = maxOctetsPerCall;
    this.#maxOctets = maxOctets;
  }

  /** How many octets are kept at the moment, for all calls. */
  get octets(): number {
    return this.#octets;
  }

  take(octets: number): boolean {
    if (this.#octets + octets > this.#maxOctets) return false;
    this.#octets += octets;
    return true;
  }

  giveBack(octets: number): void {
    this.#octets -= octets;
  }
}

export class ReplayBuffer {
  readonly messages: KeptMessage[] = [];
  readonly #budget: ReplayBudget;
  #octets = 0;

  constructor(budget: ReplayBudget) {
    this.#budget = budget;
  }

  /** Keeps a message in any case; false if that exceeds the budget, so that no more should be kept. */
  add(message: KeptMessage): boolean {
    this.messages.push(message);
    const octets = message.end - message.start;
    if (this.#octets + octets > this.#budget.maxOctetsPerCall || !this.#budget.take(octets)) return false;
    this.#octets += octets;
    return true;
  }

  /** Drops everything. */
  release(): void {
    this.#budget.giveBack(this.#octets);
    this.#octets = 0;
    this.messages.length = 0;
  }
}
