// Base64 that comes in any split, and in pieces that are padded each: four characters make a group, whatever is before and
// behind them. Source: RFC 4648 §4.

/** Characters of a group. */
export const GROUP_CHARACTERS = 4;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const PADDING = 0x3d;
const NONE = 0xff;
/** The six bits of a character. */
const BITS: Uint8Array = new Uint8Array(256).fill(NONE);
for (let i = 0; i < ALPHABET.length; i++) BITS[ALPHABET.charCodeAt(i)] = i;

export class Base64Groups {
  /** Characters of a group that is not whole. */
  pending = 0;
  /** Something came that is not base64. */
  isBroken = false;
  /** The bits of those. */
  #bits = 0;
  /** How many of them are padding. */
  #padding = 0;

  /** The octets of the groups that are whole now; where something is not base64, of those before it. */
  decode(chunk: Uint8Array, start: number, end: number): Uint8Array {
    const groups = Math.floor((this.pending + end - start) / GROUP_CHARACTERS);
    const octets = new Uint8Array(3 * groups);
    let length = 0;
    for (let at = start; at < end; at++) {
      if (!this.#take(chunk[at])) {
        this.isBroken = true;
        break;
      }
      if (this.pending < GROUP_CHARACTERS) continue;
      const bits = this.#bits;
      octets[length++] = bits >>> 16;
      if (this.#padding < 2) octets[length++] = bits >>> 8;
      if (this.#padding < 1) octets[length++] = bits;
      this.pending = 0;
      this.#bits = 0;
      this.#padding = 0;
    }
    return octets.subarray(0, length);
  }

  /** Takes a character; false where it cannot stand there. */
  #take(character: number): boolean {
    // Two at most, and nothing but padding behind padding.
    if (character === PADDING) {
      if (this.pending < 2) return false;
      this.#padding++;
      this.#bits <<= 6;
    } else {
      const bits = BITS[character];
      if (bits === NONE || this.#padding > 0) return false;
      this.#bits = (this.#bits << 6) | bits;
    }
    this.pending++;
    return true;
  }
}
