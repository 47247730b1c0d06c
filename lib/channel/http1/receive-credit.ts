// How much of one response may be held unread. As in HTTP/2 (http2/receive-flow.ts): a window, and beyond it what is lent for
// a message that is not complete, up to a budget, or past that for a reader who waits for it. It knows no streams.

/** So much may be unread that nobody asked credit for, as in HTTP/2. */
const WINDOW_OCTETS = 256 * 1024;
const MIN_WINDOW_OCTETS = 64 * 1024;

export class ReceiveCredit {
  /** Octets that came and were not taken. */
  unread = 0;
  readonly #windowOctets: number;
  readonly #budgetOctets: number;
  /** Those of them that do not count, for more to come of their message. */
  #lent = 0;
  /** What is to be lent when there is budget for it. */
  #wanted = 0;
  #isAwaited = false;

  /** @param budgetOctets how much may be lent to who does not wait */
  constructor(budgetOctets: number) {
    this.#budgetOctets = budgetOctets;
    this.#windowOctets = Math.min(WINDOW_OCTETS, Math.max(budgetOctets, MIN_WINDOW_OCTETS));
  }

  /** Whether no more should come for now. */
  get isUsedUp(): boolean {
    return this.unread - this.#lent >= this.#windowOctets;
  }

  received(octets: number): void {
    this.unread += octets;
  }

  /** Octets of an incomplete message are not to count, though they are held; `isAwaited`: a reader waits for it. */
  lend(octets: number, isAwaited: boolean): void {
    this.#isAwaited = isAwaited;
    this.#wanted = Math.min(this.unread - this.#lent, this.#wanted + octets);
    this.#settle();
  }

  taken(octets: number): void {
    const taken = Math.min(octets, this.unread);
    this.unread -= taken;
    this.#lent -= Math.min(taken, this.#lent);
    this.#wanted = Math.min(this.unread - this.#lent, this.#wanted);
    // Its reader has a message: whether it waits for the next one is told with that.
    this.#isAwaited = false;
    this.#settle();
  }

  #settle(): void {
    if (this.#lent + this.#wanted > this.#budgetOctets && !this.#isAwaited) return;
    this.#lent += this.#wanted;
    this.#wanted = 0;
  }
}
