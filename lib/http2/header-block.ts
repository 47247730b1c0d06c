// Puts header blocks together from HEADERS and CONTINUATION frames (RFC 9113 §4.3, §6.10), within two limits: one on
// octets as they are encoded, and one on frames that bring none (CVE-2024-27316). How finely the peer cuts a block is its
// own affair. Does not decode them: a whole block is passed on as octets. How large the list in it may be, a head's or that
// of trailers, is http-message.ts's to check.

import { ConnectionFault, ENHANCE_YOUR_CALM } from './error-code.ts';

export class HeaderBlock {
  /** The stream whose block is incomplete; 0 when none is. */
  streamId = 0;
  /** The flags of the HEADERS frame that began it. */
  flags = 0;
  octets: Uint8Array = new Uint8Array(0);
  length = 0;
  #emptyContinuations = 0;
  readonly #maxOctets: number;
  readonly #maxEmptyContinuations: number;

  constructor(maxOctets: number, maxEmptyContinuations: number) {
    this.#maxOctets = maxOctets;
    this.#maxEmptyContinuations = maxEmptyContinuations;
  }

  begin(streamId: number, flags: number): void {
    this.streamId = streamId;
    this.flags = flags;
    this.length = 0;
    this.#emptyContinuations = 0;
  }

  /** Adds the fragment of a CONTINUATION frame. */
  continue(bytes: Uint8Array, start: number, end: number): void {
    if (start === end && ++this.#emptyContinuations > this.#maxEmptyContinuations) {
      const reason = `a header block with more than maxEmptyContinuations ${this.#maxEmptyContinuations} empty CONTINUATION frames`;
      throw new ConnectionFault(ENHANCE_YOUR_CALM, reason);
    }
    this.append(bytes, start, end);
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.length + end - start;
    this.checkSize(needed);
    if (needed > this.octets.length) {
      const grown = new Uint8Array(Math.min(this.#maxOctets, needed * 2));
      grown.set(this.octets.subarray(0, this.length));
      this.octets = grown;
    }
    this.octets.set(bytes.subarray(start, end), this.length);
    this.length = needed;
  }

  checkSize(octets: number): void {
    if (octets > this.#maxOctets) {
      const reason = `a header block exceeds maxHeaderBlockOctets ${this.#maxOctets}`;
      throw new ConnectionFault(ENHANCE_YOUR_CALM, reason);
    }
  }

  /** The block was taken; its memory is not kept if it is large. */
  finish(): void {
    this.streamId = 0;
    if (this.octets.length > KEPT_OCTETS) this.octets = new Uint8Array(0);
  }
}

const KEPT_OCTETS = 65_536;
