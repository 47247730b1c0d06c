// Which streams the peer ended not long ago, and how: frames that still come for them are faults
// (RFC 9113 §5.1), while those for streams that we reset were under way and are ignored. Bounded: a stream that
// was forgotten counts as reset by us, the lenient case. Knows ids only.

const REMEMBERED = 512;
/** Room for so many is doubled as streams end: most connections are idle. */
const FIRST_REMEMBERED = 16;

const FORGOTTEN = 0;
export const ENDED_BY_PEER = 1;
export const RESET_BY_PEER = 2;

export class ClosedStreams {
  /** Ids of streams that the peer ended, negated for those that it reset; the oldest is overwritten. */
  #ids = new Int32Array(FIRST_REMEMBERED);
  #next = 0;

  rememberEnd(streamId: number): void {
    this.#remember(streamId);
  }

  rememberReset(streamId: number): void {
    this.#remember(-streamId);
  }

  recall(streamId: number): number {
    // One that was ended and then reset was reset last.
    if (this.#ids.includes(-streamId)) return RESET_BY_PEER;
    return this.#ids.includes(streamId) ? ENDED_BY_PEER : FORGOTTEN;
  }

  #remember(signedId: number): void {
    const { length } = this.#ids;
    if (this.#next === length && length < REMEMBERED) this.#grow();
    this.#ids[this.#next++ & (this.#ids.length - 1)] = signedId;
  }

  /** Before the ring has come round for the first time, so each id keeps its place. */
  #grow(): void {
    const ids = new Int32Array(this.#ids.length * 2);
    ids.set(this.#ids);
    this.#ids = ids;
  }
}
