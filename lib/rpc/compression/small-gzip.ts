// Small gzip members, inflated here: setting node:zlib up for one costs many times what the message itself does, and servers
// of connect-go compress every message. It accepts only what it is sure of, checksum included; of anything else node:zlib
// decides what is wrong with it. Sources: RFC 1951, RFC 1952.

/** So many octets are tried, and so many may come of them. */
export const MAX_SMALL_GZIP_OCTETS = 192;
export const MAX_SMALL_OCTETS = 4096;

const HEADER_OCTETS = 10;
const TRAILER_OCTETS = 8;
const MAX_CODE_BITS = 15;
const LITERALS = 288;
const DISTANCES = 30;
const END_OF_BLOCK = 256;

// RFC 1951 §3.2.5.
const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
];
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
];
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
];
/** §3.2.7: the order in which the lengths of the codes for lengths come. */
const CODE_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/** A Huffman code: how many codes there are of each length, and their symbols in order. */
class Code {
  readonly counts = new Uint16Array(MAX_CODE_BITS + 1);
  readonly symbols: Uint16Array;

  constructor(symbols: number) {
    this.symbols = new Uint16Array(symbols);
  }

  /** Makes it of code lengths; false where they make no code, or one that only node:zlib may judge. */
  set(lengths: Uint8Array, start: number, end: number): boolean {
    const { counts, symbols } = this;
    counts.fill(0);
    for (let i = start; i < end; i++) counts[lengths[i]]++;
    const used = end - start - counts[0];
    let left = 1;
    const offsets = new Uint16Array(MAX_CODE_BITS + 2);
    for (let bits = 1; bits <= MAX_CODE_BITS; bits++) {
      left = left * 2 - counts[bits];
      if (left < 0) return false;
      offsets[bits + 1] = offsets[bits] + counts[bits];
    }
    // An incomplete code is right where it has one symbol, or none that is used.
    if (left > 0 && used > 0 && (used !== 1 || counts[1] !== 1)) return false;
    for (let i = start; i < end; i++) if (lengths[i] !== 0) symbols[offsets[lengths[i]]++] = i - start;
    return true;
  }
}

class Inflater {
  readonly #out = new Uint8Array(MAX_SMALL_OCTETS);
  readonly #lengths = new Uint8Array(LITERALS + DISTANCES + 2);
  readonly #fixedLiterals = new Code(LITERALS);
  readonly #fixedDistances = new Code(DISTANCES);
  readonly #literals = new Code(LITERALS);
  readonly #distances = new Code(DISTANCES + 2);
  readonly #codes = new Code(CODE_ORDER.length);
  readonly #crcs = new Uint32Array(256);
  #in: Uint8Array = new Uint8Array(0);
  /** Where the octets of the deflated part go on, and where they end. */
  #at = 0;
  #end = 0;
  #bits = 0;
  #bitCount = 0;
  /** More was read than there is. */
  #isShort = false;
  #length = 0;

  constructor() {
    for (let i = 0; i < 256; i++) {
      let crc = i;
      for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xedb88320;
      this.#crcs[i] = crc;
    }
    const lengths = new Uint8Array(LITERALS).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
    this.#fixedLiterals.set(lengths, 0, LITERALS);
    // Two codes of five bits are never used: without them it is incomplete, which decoding does not mind.
    this.#fixedDistances.counts[5] = DISTANCES;
    for (let i = 0; i < DISTANCES; i++) this.#fixedDistances.symbols[i] = i;
  }

  gunzip(bytes: Uint8Array): Uint8Array | undefined {
    const end = bytes.length - TRAILER_OCTETS;
    // No name, no comment, nothing else that a header may have: those who compress messages have none.
    if (end < HEADER_OCTETS || bytes[0] !== 0x1f || bytes[1] !== 0x8b || bytes[2] !== 8 || bytes[3] !== 0)
      return undefined;
    this.#in = bytes;
    this.#at = HEADER_OCTETS;
    this.#end = end;
    this.#bits = 0;
    this.#bitCount = 0;
    this.#isShort = false;
    this.#length = 0;
    const isWhole = this.#inflate() && !this.#isShort && this.#at === end;
    this.#in = this.#out;
    if (!isWhole) return undefined;
    const isRight = uint32At(bytes, end) === this.#crc() && uint32At(bytes, end + 4) === this.#length;
    return isRight ? this.#out.slice(0, this.#length) : undefined;
  }

  #crc(): number {
    let crc = 0xffffffff;
    for (let i = 0; i < this.#length; i++) crc = (crc >>> 8) ^ this.#crcs[(crc ^ this.#out[i]) & 0xff];
    return ~crc >>> 0;
  }

  #inflate(): boolean {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const kind = this.#take(2);
      const isRight =
        kind === 0
          ? this.#stored()
          : kind === 1
            ? this.#block(this.#fixedLiterals, this.#fixedDistances)
            : kind === 2 && this.#readCodes() && this.#block(this.#literals, this.#distances);
      if (!isRight || this.#isShort) return false;
    }
    return true;
  }

  #take(count: number): number {
    while (this.#bitCount < count) {
      if (this.#at === this.#end) {
        this.#isShort = true;
        return 0;
      }
      this.#bits |= this.#in[this.#at++] << this.#bitCount;
      this.#bitCount += 8;
    }
    const value = this.#bits & ((1 << count) - 1);
    this.#bits >>>= count;
    this.#bitCount -= count;
    return value;
  }

  #stored(): boolean {
    this.#bits = 0;
    this.#bitCount = 0;
    const length = this.#take(16);
    if (this.#take(16) !== (~length & 0xffff)) return false;
    if (this.#at + length > this.#end || this.#length + length > MAX_SMALL_OCTETS) return false;
    this.#out.set(this.#in.subarray(this.#at, this.#at + length), this.#length);
    this.#at += length;
    this.#length += length;
    return true;
  }

  /** §3.2.7. */
  #readCodes(): boolean {
    const lengths = this.#lengths;
    const literals = this.#take(5) + 257;
    const distances = this.#take(5) + 1;
    const codes = this.#take(4) + 4;
    if (literals > 286 || distances > DISTANCES) return false;
    lengths.fill(0);
    for (let i = 0; i < codes; i++) lengths[CODE_ORDER[i]] = this.#take(3);
    if (!this.#codes.set(lengths, 0, CODE_ORDER.length)) return false;
    lengths.fill(0);
    for (let i = 0; i < literals + distances; ) {
      const symbol = this.#symbol(this.#codes);
      if (symbol < 0 || this.#isShort) return false;
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) return false;
      const value = symbol === 16 ? lengths[i - 1] : 0;
      const times =
        symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (i + times > literals + distances) return false;
      lengths.fill(value, i, i + times);
      i += times;
    }
    return (
      lengths[END_OF_BLOCK] !== 0 &&
      this.#literals.set(lengths, 0, literals) &&
      this.#distances.set(lengths, literals, literals + distances)
    );
  }

  /** The next symbol of a code, bit by bit; -1 where no code begins so. */
  #symbol({ counts, symbols }: Code): number {
    let bits = this.#bits;
    let bitCount = this.#bitCount;
    let code = 0;
    let first = 0;
    let index = 0;
    for (let length = 1; length <= MAX_CODE_BITS; length++) {
      if (bitCount === 0) {
        if (this.#at === this.#end) {
          this.#isShort = true;
          return -1;
        }
        bits = this.#in[this.#at++];
        bitCount = 8;
      }
      code |= bits & 1;
      bits >>>= 1;
      bitCount--;
      const count = counts[length];
      if (code - count < first) {
        this.#bits = bits;
        this.#bitCount = bitCount;
        return symbols[index + code - first];
      }
      index += count;
      first = (first + count) << 1;
      code <<= 1;
    }
    return -1;
  }

  #block(literals: Code, distances: Code): boolean {
    const out = this.#out;
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol < 0) return false;
      if (symbol === END_OF_BLOCK) return true;
      if (symbol < END_OF_BLOCK) {
        if (this.#length === MAX_SMALL_OCTETS) return false;
        out[this.#length++] = symbol;
        continue;
      }
      const place = symbol - END_OF_BLOCK - 1;
      if (place >= LENGTH_BASE.length) return false;
      const length = LENGTH_BASE[place] + this.#take(LENGTH_EXTRA[place]);
      const far = this.#symbol(distances);
      if (far < 0) return false;
      const distance = DISTANCE_BASE[far] + this.#take(DISTANCE_EXTRA[far]);
      if (this.#isShort || distance > this.#length || this.#length + length > MAX_SMALL_OCTETS) return false;
      for (let i = 0; i < length; i++, this.#length++) out[this.#length] = out[this.#length - distance];
    }
  }
}

function uint32At(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

let inflater: Inflater | undefined;

/** What a small member holds, in memory of its own; undefined for one that node:zlib is to look at. */
export function gunzipSmall(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length > MAX_SMALL_GZIP_OCTETS) return undefined;
  inflater ??= new Inflater();
  return inflater.gunzip(bytes);
}
