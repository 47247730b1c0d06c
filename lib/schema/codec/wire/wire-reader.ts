// Bytes of the protobuf wire format, coming in: strict about truncation, over-long varints and UTF-8. Of fields, types
// and messages it knows only the path it is at, so that an error can name it. Hot.

import { DecodeError } from './decode-error.ts';
import { MAX_DEPTH, TOO_DEEP } from './nesting.ts';

/** Up to this many octets a loop beats the call into native code (measured, Node 20). */
const SHORT_STRING = 12;
const SHORT_BYTES = 48;

const octets = new Uint8Array(8);
const f32 = new Float32Array(octets.buffer);
const f64 = new Float64Array(octets.buffer);
const u32 = new Uint32Array(octets.buffer);
const i64 = new BigInt64Array(octets.buffer);
const u64 = new BigUint64Array(octets.buffer);
u32[0] = 1;
const LOW = octets[0] === 1 ? 0 : 1;
const HIGH = 1 - LOW;

const hasBuffer = typeof globalThis.Buffer === 'function';
/** Empty bytes can be shared: there is nothing in them to change. Making them costs more than a message. */
export const NO_BYTES: Uint8Array = hasBuffer ? Buffer.alloc(0) : new Uint8Array(0);
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true });
const { fromCharCode } = String;

type Slice = (this: Uint8Array, start: number, end: number) => string;

interface NativeBuffer {
  utf8Slice?: Slice;
}

const native: NativeBuffer = hasBuffer ? (Buffer.prototype as NativeBuffer) : {};
const utf8Slice: Slice =
  native.utf8Slice ??
  function (start, end) {
    return lenientDecoder.decode(this.subarray(start, end));
  };

/** Small integers are the most common: reading them from an array saves an allocation each. */
const SMALL_BIGINTS = 1024;
const smallBigInts: readonly bigint[] = Array.from({ length: SMALL_BIGINTS }, (_, i) => BigInt(i));

/** The bigint of a safe integer. */
export function smallBigInt(value: number): bigint {
  return value >= 0 && value < SMALL_BIGINTS ? smallBigInts[value] : BigInt(value);
}

const { isView } = ArrayBuffer;

const FIELD_NUMBER_0 = 'found field number 0';

/** A part of a path: a field. */
export interface TrailSegment {
  readonly key: string;
}

function view(buf: Uint8Array, start: number, end: number): Uint8Array {
  return hasBuffer ? Buffer.from(buf.buffer, buf.byteOffset + start, end - start) : buf.subarray(start, end);
}

export class WireReader {
  buf: Uint8Array = NO_BYTES;
  pos = 0;
  /** Where the outermost message starts: offsets in errors count from there. */
  #origin = 0;
  /** Where it ends. */
  #limit = 0;
  #typeName = '';
  depth = 0;
  /** Bytes of at least so many octets stay where they are. */
  #leastView = Infinity;
  readonly #trail: TrailSegment[] = [];
  /** After a 64-bit varint or fixed64. */
  low = 0;
  high = 0;

  start(bytes: Uint8Array, start: number, end: number, typeName: string): void {
    this.buf = bytes;
    this.pos = start;
    this.depth = 0;
    this.#origin = start;
    this.#limit = end;
    this.#typeName = typeName;
    this.#leastView = Infinity;
  }

  /**
   * The message's memory is nobody else's: bytes that are more than half of it are left there instead of being copied. Since
   * there cannot be two of them, nobody shares memory, and no more than as much again is kept beside them.
   */
  keepMemory(): void {
    this.#leastView = Math.floor(this.octets / 2) + 1;
  }

  /** Lets go of the bytes, which would otherwise live until the next message. */
  finish(): void {
    this.buf = NO_BYTES;
  }

  enter(field: TrailSegment): void {
    this.#trail[this.depth++] = field;
  }

  leave(): void {
    this.depth--;
  }

  /** Octets of the outermost message. */
  get octets(): number {
    return this.#limit - this.#origin;
  }

  /** `shop.Order at items.price, octet 17` */
  where(field?: TrailSegment | undefined): string {
    const path = this.#trail.slice(0, this.depth).map((segment) => segment.key);
    if (field !== undefined) path.push(field.key);
    const place = path.length === 0 ? '' : ` at ${path.slice(0, 8).join('.')}${path.length > 8 ? '…' : ''}`;
    return `${this.#typeName}${place}, octet ${this.pos - this.#origin}`;
  }

  fail(problem: string, field?: TrailSegment | undefined): never {
    throw new DecodeError(`not a valid ${this.where(field)}: ${problem}`);
  }

  truncated(): never {
    // A varint may have been read past the end of the message.
    if (this.pos > this.#limit) this.pos = this.#limit;
    return this.fail('the message is truncated');
  }

  /** The rest of a field's tag whose first octet has its high bit set. */
  tag(): number {
    const { buf } = this;
    let value = 0;
    let shift = 0;
    for (let i = 0; i < 5; i++) {
      const octet = buf[this.pos++];
      if (octet === undefined) this.truncated();
      if (i === 4 && octet > 15) break;
      value = (value | ((octet & 127) << shift)) >>> 0;
      if (octet < 128) return value;
      shift += 7;
    }
    return this.fail('a field number is larger than 2^29 - 1');
  }

  /** A varint's low 32 bits, as unsigned; higher bits are dropped, as the specification says. */
  varint32(): number {
    const { buf } = this;
    let octet = buf[this.pos++];
    if (octet < 128) return octet;
    let value = octet & 127;
    octet = buf[this.pos++];
    value |= (octet & 127) << 7;
    if (octet < 128) return value;
    octet = buf[this.pos++];
    value |= (octet & 127) << 14;
    if (octet < 128) return value;
    octet = buf[this.pos++];
    value |= (octet & 127) << 21;
    if (octet < 128) return value;
    octet = buf[this.pos++];
    value = (value | (octet << 28)) >>> 0;
    if (octet < 128) return value;
    for (let i = 0; i < 5; i++) {
      octet = buf[this.pos++];
      if (octet < 128) return value;
    }
    return this.#badVarint();
  }

  #badVarint(): never {
    if (this.pos > this.buf.length) this.truncated();
    return this.fail('a varint is longer than 10 octets');
  }

  /** Reads a length that fits before `end`; returns the offset at which what it counts ends. */
  lengthEnd(end: number): number {
    const length = this.varint32();
    const until = this.pos + length;
    if (until > end) this.truncated();
    return until;
  }

  /** Reads a 64-bit varint into `low` and `high`. */
  varint64(): void {
    const { buf } = this;
    let low = 0;
    let high = 0;
    let octet = buf[this.pos++];
    if (octet < 128) {
      this.low = octet;
      this.high = 0;
      return;
    }
    low = octet & 127;
    for (let shift = 7; shift < 28; shift += 7) {
      octet = buf[this.pos++];
      low |= (octet & 127) << shift;
      if (octet < 128) {
        this.low = low;
        this.high = 0;
        return;
      }
    }
    octet = buf[this.pos++];
    low |= (octet & 127) << 28;
    high = (octet & 127) >>> 4;
    if (!(octet < 128)) {
      for (let shift = 3; ; shift += 7) {
        octet = buf[this.pos++];
        high |= (octet & 127) << shift;
        if (octet < 128) break;
        if (shift > 30) this.#badVarint();
        if (octet === undefined) this.truncated();
      }
    }
    this.low = low >>> 0;
    this.high = high >>> 0;
  }

  fixed32(end: number): number {
    const { buf, pos } = this;
    if (pos + 4 > end) this.truncated();
    this.pos = pos + 4;
    return (buf[pos] | (buf[pos + 1] << 8) | (buf[pos + 2] << 16) | (buf[pos + 3] << 24)) >>> 0;
  }

  fixed64(end: number): void {
    if (this.pos + 8 > end) this.truncated();
    this.low = this.fixed32(end);
    this.high = this.fixed32(end);
  }

  float(end: number): number {
    u32[0] = this.fixed32(end);
    return f32[0];
  }

  double(end: number): number {
    this.fixed64(end);
    u32[LOW] = this.low;
    u32[HIGH] = this.high;
    return f64[0];
  }

  /** What `varint64` or `fixed64` read, as a signed bigint. */
  signed(): bigint {
    if (this.high === 0) return this.low < SMALL_BIGINTS ? smallBigInts[this.low] : BigInt(this.low);
    u32[LOW] = this.low;
    u32[HIGH] = this.high;
    return i64[0];
  }

  unsigned(): bigint {
    if (this.high === 0) return this.low < SMALL_BIGINTS ? smallBigInts[this.low] : BigInt(this.low);
    u32[LOW] = this.low;
    u32[HIGH] = this.high;
    return u64[0];
  }

  /** Decodes what `varint64` read from zigzag. */
  unZigZag(): void {
    const mask = -(this.low & 1);
    const low = ((this.low >>> 1) | (this.high << 31)) ^ mask;
    this.high = ((this.high >>> 1) ^ mask) >>> 0;
    this.low = low >>> 0;
  }

  /** The text up to `end`, which is within the message. */
  text(end: number, verify: boolean, field: TrailSegment): string {
    const { buf, pos } = this;
    this.pos = end;
    if (end - pos <= SHORT_STRING) {
      let text = '';
      let i = pos;
      for (; i + 4 <= end; i += 4) {
        const a = buf[i];
        const b = buf[i + 1];
        const c = buf[i + 2];
        const d = buf[i + 3];
        if ((a | b | c | d) > 127) break;
        text += fromCharCode(a, b, c, d);
      }
      for (; i < end; i++) {
        const octet = buf[i];
        if (octet > 127) break;
        text += fromCharCode(octet);
      }
      if (i === end) return text;
    }
    const text = utf8Slice.call(buf, pos, end);
    // Only text with a replacement character can have come from malformed UTF-8.
    if (verify && text.includes('\ufffd')) this.#verify(pos, end, field);
    return text;
  }

  #verify(start: number, end: number, field: TrailSegment): void {
    try {
      strictDecoder.decode(this.buf.subarray(start, end));
    } catch {
      this.pos = start;
      this.fail('the text is not valid UTF-8', field);
    }
  }

  /** The octets up to `end`, copied but for `keepMemory`; a Buffer on runtimes that have it. */
  bytes(end: number): Uint8Array {
    const { buf, pos } = this;
    const length = end - pos;
    this.pos = end;
    if (length === 0) return NO_BYTES;
    if (length >= this.#leastView) return view(buf, pos, end);
    if (!hasBuffer) return buf.slice(pos, end);
    const copy = Buffer.allocUnsafe(length);
    if (length < SHORT_BYTES) for (let i = 0; i < length; i++) copy[i] = buf[pos + i];
    else copy.set(isView(buf) ? buf.subarray(pos, end) : buf);
    return copy;
  }

  /** Skips a field that is not known. */
  skip(tag: number, end: number): void {
    const number = tag >>> 3;
    if (number === 0) this.fail(FIELD_NUMBER_0);
    switch (tag & 7) {
      case 0:
        this.varint64();
        break;
      case 1:
        this.pos += 8;
        break;
      case 2:
        this.pos = this.lengthEnd(end);
        break;
      case 3:
        this.#skipGroup(number, end);
        break;
      case 5:
        this.pos += 4;
        break;
      case 4:
        this.fail(`found the end of group ${number}, which never began`);
        break;
      default:
        this.fail(`wire type ${tag & 7} does not exist`);
    }
    if (this.pos > end) this.truncated();
  }

  /** Iterative, so that hostile nesting of groups takes no stack; still subject to the limit on nesting. */
  #skipGroup(number: number, end: number): void {
    const open = [number];
    while (open.length > 0) {
      if (this.pos >= end) this.truncated();
      const tag = this.tag();
      const wireType = tag & 7;
      if (wireType === 4) {
        if (open.pop() !== tag >>> 3) this.fail(`found the end of group ${tag >>> 3} inside another group`);
      } else if (wireType === 3) {
        if (tag >>> 3 === 0) this.fail(FIELD_NUMBER_0);
        if (open.push(tag >>> 3) + this.depth > MAX_DEPTH) this.fail(TOO_DEEP);
      } else this.skip(tag, end);
    }
  }
}
