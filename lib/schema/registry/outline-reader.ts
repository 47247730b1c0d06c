// Walks over a message of the wire format field by field without decoding it. Stricter than a decoder: whatever an honest
// compiler does not write is an error, so that nobody who only looks can see anything else than who decodes.

import { isDottedName, isIdentifier } from '../descriptors/names.ts';

/** The bytes are not as compilers write them: they have to be decoded to know what they mean. */
export class UnusualBytes extends Error {}

const MAX_VARINT_OCTETS = 10;
/** Octets of a length or a tag of which all bits fit in a positive 32-bit integer. */
const MAX_SHORT_VARINT_OCTETS = 4;
const DELIMITED = 2;

export class OutlineReader {
  readonly bytes: Buffer;
  #end: number;
  /** Where the next field begins. */
  pos: number;
  /** The field that `next` moved to: its number, where it begins, and where its contents do. */
  number = 0;
  fieldStart = 0;
  start = 0;
  isDelimited = false;
  /** Its value; -1 for what is not a short varint. */
  #value = -1;

  constructor(bytes: Buffer, start: number, end: number) {
    this.bytes = bytes;
    this.pos = start;
    this.#end = end;
  }

  /** Walks over another part of the same bytes. */
  enter(start: number, end: number): void {
    this.pos = start;
    this.#end = end;
  }

  /** Moves to the next field; false at the end of the message. The field's contents are `[start, pos)`. */
  next(): boolean {
    if (this.pos >= this.#end) return false;
    this.fieldStart = this.pos;
    const tag = this.#short();
    this.number = tag >>> 3;
    this.isDelimited = (tag & 7) === DELIMITED;
    if (this.number === 0) throw new UnusualBytes();
    this.#value = -1;
    if (this.isDelimited) {
      const length = this.#short();
      this.start = this.pos;
      this.pos += length;
    } else {
      this.start = this.pos;
      this.#skip(tag & 7);
    }
    if (this.pos > this.#end) throw new UnusualBytes();
    return true;
  }

  /** The value of the current field, if it is a number as compilers write small ones. */
  integer(): number {
    if (this.#value < 0) throw new UnusualBytes();
    return this.#value;
  }

  /** The text of the current field, if it is ASCII; for other text, something that it is not. */
  text(): string {
    if (!this.isDelimited) throw new UnusualBytes();
    return this.textAt(this.start, this.pos);
  }

  textAt(start: number, end: number): string {
    return this.bytes.toString('latin1', start, end);
  }

  /** The same for what must be an identifier. */
  identifier(): string {
    const name = this.text();
    if (!isIdentifier(name)) throw new UnusualBytes();
    return name;
  }

  /** The full name of a type, as descriptors write it: with a dot before it, which is left out. */
  typeName(): string {
    const name = this.text();
    if (!name.startsWith('.') || !isDottedName(name.slice(1))) throw new UnusualBytes();
    return name.slice(1);
  }

  /** The identifier that is field 1 of the message that is the current field. */
  nameInside(): string {
    if (!this.isDelimited) throw new UnusualBytes();
    const [start, end] = [this.start, this.pos];
    const outer = this.#end;
    let name: string | undefined;
    this.enter(start, end);
    while (this.next()) {
      if (this.number !== 1) continue;
      if (name !== undefined) throw new UnusualBytes();
      name = this.identifier();
    }
    this.enter(end, outer);
    if (name === undefined) throw new UnusualBytes();
    return name;
  }

  /** A tag or a length. */
  #short(): number {
    const { bytes } = this;
    let value = 0;
    for (let i = 0; i < MAX_SHORT_VARINT_OCTETS; i++) {
      const octet = bytes[this.pos++];
      value |= (octet & 127) << (7 * i);
      if (octet < 128) return value;
    }
    throw new UnusualBytes();
  }

  #skip(wireType: number): void {
    if (wireType === 1) this.pos += 8;
    else if (wireType === 5) this.pos += 4;
    else if (wireType === 0) this.#varint();
    else throw new UnusualBytes();
  }

  #varint(): void {
    let value = 0;
    for (let i = 0; i < MAX_VARINT_OCTETS; i++) {
      const octet = this.bytes[this.pos++];
      if (i < MAX_SHORT_VARINT_OCTETS) value |= (octet & 127) << (7 * i);
      if (octet < 128) {
        if (i < MAX_SHORT_VARINT_OCTETS) this.#value = value;
        return;
      }
    }
    throw new UnusualBytes();
  }
}
