// Bytes of the protobuf wire format, going out: varints, fixed numbers, strings, into one growing buffer.
// Knows nothing of fields, types or messages. Hot: each method is a few operations on one typed array.

import { borrowOctets, returnOctets, unwrittenOctets } from '../../../values/octets.ts';

/** Messages are written one after the other into slabs of this size, never over one another. */
const SLAB_OCTETS = 64 * 1024;
/** With less room than this left, the next message gets a new slab. */
const LEAST_ROOM_OCTETS = 1024;
/** Below this many UTF-16 units a loop beats the call into native code (measured, Node 20). */
const SHORT_STRING = 20;

// Eight octets seen as every kind of number. Multi-octet values are little-endian on the wire.
const octets = new Uint8Array(8);
const f32 = new Float32Array(octets.buffer);
const f64 = new Float64Array(octets.buffer);
const u32 = new Uint32Array(octets.buffer);
const i64 = new BigInt64Array(octets.buffer);
u32[0] = 1;
const LOW = octets[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

const TWO_32 = 2 ** 32;

const textEncoder = new TextEncoder();

/** Node's own shortcut, where it exists: `write` examines its arguments first. */
interface NativeBuffer extends Uint8Array {
  utf8Write?(text: string, at: number, length: number): number;
}

/** Writes UTF-8 at an offset and returns the number of octets. There is room for the worst case. */
function writeUtf8(buf: NativeBuffer, text: string, at: number): number {
  if (buf.utf8Write !== undefined) return buf.utf8Write(text, at, buf.length - at);
  return textEncoder.encodeInto(text, buf.subarray(at)).written;
}

interface WellFormedText {
  isWellFormed?(): boolean;
}

/** Whether text has no lone surrogates, which UTF-8 cannot hold. */
export function isWellFormed(text: string): boolean {
  // ES2024: every runtime we support has it, but not the type library we compile with.
  const newer: WellFormedText = text as WellFormedText;
  return newer.isWellFormed === undefined ? !/\p{Surrogate}/u.test(text) : newer.isWellFormed();
}

/** How many octets a length takes as a varint. */
export function varintSize(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** A growing buffer and the position in it. */
export class WireWriter {
  buf: Uint8Array = unwrittenOctets(SLAB_OCTETS);
  pos = 0;
  /** Where the message that is being written begins. */
  from = 0;
  /** What held a message until it became larger than a slab: the next one goes there, if it is a slab. */
  #outgrown: Uint8Array | undefined;

  /** Begins a message after `prefix` free octets, after the last one that was finished. */
  start(prefix: number): void {
    // What failed was not finished.
    if (this.#outgrown !== undefined) this.#returnToSlab(this.#outgrown);
    if (this.from + prefix + LEAST_ROOM_OCTETS > this.buf.length || this.buf.length > SLAB_OCTETS) {
      this.buf = unwrittenOctets(Math.max(SLAB_OCTETS, prefix + LEAST_ROOM_OCTETS));
      this.from = 0;
    }
    this.pos = this.from + prefix;
  }

  /** The message is complete: its memory is not written again, nor held if the message is larger than a slab. */
  finish(): void {
    if (this.#outgrown !== undefined) this.#returnToSlab(this.#outgrown);
    else this.from = this.pos;
  }

  /** Whether the message has become larger than a slab, so that its memory holds nothing else. */
  get isOutgrown(): boolean {
    return this.#outgrown !== undefined;
  }

  #returnToSlab(slab: Uint8Array): void {
    this.buf = slab;
    this.#outgrown = undefined;
  }

  /** Makes room for `more` octets. */
  ensure(more: number): void {
    if (this.pos + more > this.buf.length) this.#grow(more);
  }

  #grow(more: number): void {
    const needed = this.pos + more;
    // Doubling bounds what is copied. Where one value is most of the message it is bounded all the same, and twice as much
    // memory would be for nothing: what follows it is mostly short, as are the lengths that are filled in afterwards.
    const isMost = more > this.pos - this.from;
    const slack = Math.max(Math.ceil(needed / 8), LEAST_ROOM_OCTETS);
    const larger = borrowOctets(isMost ? needed + slack : Math.max(needed, this.buf.length * 2));
    if (needed - this.from > SLAB_OCTETS) this.#outgrown ??= this.buf;
    // At the same offsets: lengths that are filled in later are remembered by them.
    larger.set(this.buf.subarray(this.from, this.pos), this.from);
    // A slab holds other messages as well and was not borrowed.
    returnOctets(this.buf);
    this.buf = larger;
  }

  // What follows writes without checks: the caller has ensured the room.

  octet(value: number): void {
    this.buf[this.pos++] = value;
  }

  /** An unsigned 32-bit varint. */
  varint32(value: number): void {
    const buf = this.buf;
    let v = value >>> 0;
    while (v > 127) {
      buf[this.pos++] = (v & 127) | 128;
      v >>>= 7;
    }
    buf[this.pos++] = v;
  }

  /** An int32: negative ones are sign-extended to ten octets. */
  int32(value: number): void {
    if (value >= 0) this.varint32(value);
    else this.varint64(value, -1);
  }

  varint64(low: number, high: number): void {
    const buf = this.buf;
    let lo = low >>> 0;
    let hi = high >>> 0;
    while (hi !== 0) {
      buf[this.pos++] = (lo & 127) | 128;
      lo = ((lo >>> 7) | (hi << 25)) >>> 0;
      hi >>>= 7;
    }
    this.varint32(lo);
  }

  fixed32(value: number): void {
    const buf = this.buf;
    const at = this.pos;
    buf[at] = value;
    buf[at + 1] = value >>> 8;
    buf[at + 2] = value >>> 16;
    buf[at + 3] = value >>> 24;
    this.pos = at + 4;
  }

  fixed64(low: number, high: number): void {
    this.fixed32(low);
    this.fixed32(high);
  }

  float(value: number): void {
    f32[0] = value;
    this.fixed32(u32[0]);
  }

  double(value: number): void {
    f64[0] = value;
    this.fixed32(u32[LOW]);
    this.fixed32(u32[HIGH]);
  }

  /** A 64-bit varint from a bigint, already in range. */
  bigVarint(value: bigint): void {
    i64[0] = value;
    this.varint64(u32[LOW], u32[HIGH]);
  }

  /** A 64-bit varint from a safe integer. */
  safeVarint(value: number): void {
    if (value >>> 0 === value) this.varint32(value);
    else this.varint64(value >>> 0, Math.floor(value / TWO_32));
  }

  safeZigZag(value: number): void {
    const high = Math.floor(value / TWO_32) | 0;
    const low = value >>> 0;
    const mask = high >> 31;
    this.varint64((low << 1) ^ mask, ((high << 1) | (low >>> 31)) ^ mask);
  }

  bigFixed(value: bigint): void {
    i64[0] = value;
    this.fixed64(u32[LOW], u32[HIGH]);
  }

  bigZigZag(value: bigint): void {
    i64[0] = (value << 1n) ^ (value >> 63n);
    this.varint64(u32[LOW], u32[HIGH]);
  }

  /** The octets as they are. Ensures its own room. */
  raw(bytes: Uint8Array): void {
    this.ensure(bytes.length);
    if (bytes.length < 48) {
      const buf = this.buf;
      let at = this.pos;
      for (let i = 0; i < bytes.length; i++) buf[at++] = bytes[i];
    } else this.buf.set(bytes, this.pos);
    this.pos += bytes.length;
  }

  /** Length and UTF-8. Ensures its own room. Returns false for text that UTF-8 cannot hold (lone surrogates). */
  string(text: string): boolean {
    const units = text.length;
    this.ensure(units * 3 + 5);
    const start = this.pos;
    if (units < SHORT_STRING) {
      const buf = this.buf;
      let at = start + 1;
      let i = 0;
      for (; i < units; i++) {
        const unit = text.charCodeAt(i);
        if (unit > 127) break;
        buf[at++] = unit;
      }
      if (i === units) {
        buf[start] = units;
        this.pos = at;
        return true;
      }
    }
    if (!isWellFormed(text)) return false;
    const guess = varintSize(units);
    const length = writeUtf8(this.buf, text, start + guess);
    this.pos = start + guess + length;
    this.setLength(start, guess);
    return true;
  }

  /** UTF-8 without its length. Ensures its own room. Gives false for text that UTF-8 cannot hold (lone surrogates). */
  utf8(text: string): boolean {
    if (!isWellFormed(text)) return false;
    this.ensure(text.length * 3);
    this.pos += writeUtf8(this.buf, text, this.pos);
    return true;
  }

  /** Puts the length of what was written since `start + reserved` at `start`, moving it if that needs more. */
  setLength(start: number, reserved: number): number {
    const length = this.pos - start - reserved;
    const size = varintSize(length);
    if (size !== reserved) {
      this.ensure(size);
      this.buf.copyWithin(start + size, start + reserved, this.pos);
    }
    this.pos = start;
    this.varint32(length);
    this.pos = start + size + length;
    return size;
  }
}
