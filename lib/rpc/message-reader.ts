// Finds gRPC's length-prefixed messages in the octets of a response body, however these are split. A message that is
// complete in a single chunk is read in place; a small one is put together in one reused buffer, a large one in memory of
// its own. What is whole and unread waits in blocks. Source: grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".

import { LargeMessage } from './large-message.ts';
import type { MessageFault } from './message-fault.ts';
import { type UnreadBlock, UnreadMessages } from './unread-messages.ts';

/** The octets before each message: a compressed flag and the length. */
export const MESSAGE_HEADER_OCTETS = 5;
/** The first of these octets, for a compressed message; 0 for any other. */
export const COMPRESSED_FLAG = 1;

/** A buffer above this size is released once it is empty. */
const KEEP_OCTETS = 64 * 1024;
const FIRST_OCTETS = 1024;
/** An incomplete message from this size on, its header not counted, gets memory of its own. */
const LARGE_OCTETS = 32 * 1024;
/** So much of whole, unread messages is a block. */
const BLOCK_OCTETS = 64 * 1024;

const EMPTY = new Uint8Array(0);

export class MessageReader {
  /** How many octets of the incomplete message its stream has been credited with. The reader does not look at it. */
  credited = 0;
  /** The largest message accepted. */
  readonly maxOctets: number;
  // [#pos, #end) of #buffer is unread; [#pos, #scan) are whole messages, [#scan, #end) the start of the next.
  #buffer: Uint8Array = EMPTY;
  /** Memory of our own, reused while it is small. */
  #store: Uint8Array = EMPTY;
  #pos = 0;
  #scan = 0;
  #end = 0;
  /** Whether #buffer is the transport's memory, valid only until `keep`. */
  #isBorrowed = false;
  /** What comes before #buffer. */
  #unread: UnreadMessages | undefined;
  /** The message that is arriving, if it is large; #buffer is empty then. */
  #large: LargeMessage | undefined;

  /** The message found by `next`: `bytes[start, end)`, valid until the reader is used again. */
  bytes: Uint8Array = EMPTY;
  start = 0;
  end = 0;
  /** Whether the message found is marked as compressed. */
  isCompressed = false;
  /** Whether its memory holds nothing else, is written by nobody any more, and may be kept. */
  isOwn = false;

  constructor(maxOctets: number) {
    this.maxOctets = maxOctets;
  }

  /** How many octets are held, of complete and incomplete messages, headers included. */
  get held(): number {
    return (this.#unread?.octets ?? 0) + this.#end - this.#pos + (this.#large?.length ?? 0);
  }

  /** Whether a complete message is available. */
  get hasMessage(): boolean {
    return this.#scan > this.#pos || this.#unread?.first !== undefined;
  }

  /** Whether the octets end inside a message. */
  get isIncomplete(): boolean {
    return this.#end > this.#scan || this.#large !== undefined;
  }

  /**
   * Takes a chunk. Returns what is wrong in it, if anything; messages before that can still be read. The memory is
   * borrowed: `keep` must be called before it changes.
   */
  accept(chunk: Uint8Array, start: number, end: number): MessageFault | undefined {
    const rest = this.#large === undefined ? start : this.#appendLarge(this.#large, chunk, start, end);
    if (this.#pos === this.#end && !this.#isBorrowed) {
      if (this.#store.length > KEEP_OCTETS) this.#store = EMPTY;
      this.#buffer = chunk;
      this.#pos = rest;
      this.#scan = rest;
      this.#end = end;
      this.#isBorrowed = true;
      return this.#walk();
    }
    this.keep();
    this.#append(chunk, rest, end);
    const fault = this.#walk();
    this.#part();
    return fault;
  }

  /** Finds the next complete message and moves past it; false if there is none. */
  next(): boolean {
    if (this.#unread?.first !== undefined) return this.#nextUnread(this.#unread, this.#unread.first);
    if (this.#scan === this.#pos) return false;
    this.#pos = this.#found(this.#buffer, this.#pos);
    this.isOwn = false;
    return true;
  }

  /** Copies the unread rest of borrowed memory. */
  keep(): void {
    if (!this.#isBorrowed) return;
    this.bytes = EMPTY;
    this.#part();
    this.#isBorrowed = false;
    const from = this.#buffer;
    const start = this.#pos;
    const length = this.#end - start;
    if (length > this.#store.length) this.#store = new Uint8Array(Math.max(length, FIRST_OCTETS));
    if (length > 0) this.#store.set(from.subarray(start, this.#end));
    this.#buffer = this.#store;
    this.#scan -= start;
    this.#pos = 0;
    this.#end = length;
  }

  /** Drops everything that is held. */
  clear(): void {
    this.#buffer = EMPTY;
    this.#store = EMPTY;
    this.bytes = EMPTY;
    this.#isBorrowed = false;
    this.#pos = 0;
    this.#scan = 0;
    this.#end = 0;
    this.#large = undefined;
    this.#unread = undefined;
  }

  #nextUnread(unread: UnreadMessages, { bytes, start, isOwn }: UnreadBlock): true {
    this.isOwn = isOwn;
    unread.shift(this.#found(bytes, start) - start);
    return true;
  }

  /** Shows the message at this place; returns where it ends. */
  #found(bytes: Uint8Array, at: number): number {
    const start = at + MESSAGE_HEADER_OCTETS;
    const end = start + lengthAt(bytes, at);
    this.isCompressed = bytes[at] === COMPRESSED_FLAG;
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    return end;
  }

  #appendLarge(message: LargeMessage, chunk: Uint8Array, start: number, end: number): number {
    const rest = message.append(chunk, start, end);
    if (message.isComplete) {
      this.#unread ??= new UnreadMessages();
      this.#unread.push(message.memory, 0, message.octets, true);
      this.#large = undefined;
    }
    return rest;
  }

  #append(chunk: Uint8Array, start: number, end: number): void {
    const length = end - start;
    const held = this.#end - this.#pos;
    if (this.#end + length > this.#buffer.length) {
      const from = this.#buffer;
      const wanted = 2 * (held + length);
      if (from.length >= wanted) from.copyWithin(0, this.#pos, this.#end);
      else {
        // Memory grows with what has arrived, never with what a header promises.
        this.#store = new Uint8Array(Math.max(wanted, FIRST_OCTETS));
        this.#store.set(from.subarray(this.#pos, this.#end));
        this.#buffer = this.#store;
      }
      this.#scan -= this.#pos;
      this.#pos = 0;
      this.#end = held;
    }
    this.#buffer.set(chunk.subarray(start, end), this.#end);
    this.#end += length;
  }

  /** Takes out of #buffer what does not belong there: whole messages that make a block, and the start of a large one. */
  #part(): void {
    const large = this.#largeOctets();
    const whole = this.#scan - this.#pos;
    if (large === 0 && whole < BLOCK_OCTETS) return;
    const buffer = this.#buffer;
    const scan = this.#scan;
    if (large > 0) {
      this.#large = new LargeMessage(large, this.#end - scan);
      this.#large.append(buffer, scan, this.#end);
      this.#end = scan;
    }
    if (whole > 0) {
      this.#unread ??= new UnreadMessages();
      // Not slice, since Buffer's slice does not copy.
      if (this.#isBorrowed)
        this.#unread.push(new Uint8Array(buffer.subarray(this.#pos, scan)), 0, whole, false);
      else {
        this.#unread.push(buffer, this.#pos, scan, false);
        this.#store = new Uint8Array(Math.max(this.#end - scan, FIRST_OCTETS));
        this.#store.set(buffer.subarray(scan, this.#end));
        this.#buffer = this.#store;
        this.#end -= scan;
        this.#scan = 0;
      }
      this.#pos = this.#scan;
    }
  }

  /** The size of the message of which #buffer has the start, if that is large; otherwise 0. */
  #largeOctets(): number {
    const at = this.#scan;
    if (this.#end - at < MESSAGE_HEADER_OCTETS || this.#buffer[at] > COMPRESSED_FLAG) return 0;
    const length = lengthAt(this.#buffer, at);
    return length <= this.maxOctets && length >= LARGE_OCTETS ? MESSAGE_HEADER_OCTETS + length : 0;
  }

  /** Moves past the messages that have become complete, checking each header as soon as it has arrived. */
  #walk(): MessageFault | undefined {
    const buffer = this.#buffer;
    const end = this.#end;
    let scan = this.#scan;
    while (end - scan >= MESSAGE_HEADER_OCTETS) {
      const flag = buffer[scan];
      const length = lengthAt(buffer, scan);
      if (flag > COMPRESSED_FLAG || length > this.maxOctets) {
        this.#scan = scan;
        if (flag <= COMPRESSED_FLAG)
          return { kind: 'size', octets: length, header: headerText(buffer, scan + 1, scan + 5) };
        return { kind: 'flag', flag, header: headerText(buffer, scan, scan + 5) };
      }
      if (end - scan - MESSAGE_HEADER_OCTETS < length) break;
      scan += MESSAGE_HEADER_OCTETS + length;
    }
    this.#scan = scan;
    return undefined;
  }
}

/** Whether `chunk[start, end)` is exactly one message, uncompressed and not above `maxOctets`. */
export function isOneMessage(chunk: Uint8Array, start: number, end: number, maxOctets: number): boolean {
  if (end - start < MESSAGE_HEADER_OCTETS || chunk[start] !== 0) return false;
  const length = lengthAt(chunk, start);
  return length <= maxOctets && end - start === MESSAGE_HEADER_OCTETS + length;
}

function lengthAt(buffer: Uint8Array, at: number): number {
  return ((buffer[at + 1] << 24) | (buffer[at + 2] << 16) | (buffer[at + 3] << 8) | buffer[at + 4]) >>> 0;
}

/**
 * The octets of a header as text, if they are text, in which case the body most likely is not gRPC; otherwise empty.
 */
function headerText(buffer: Uint8Array, start: number, end: number): string {
  const text = String.fromCharCode(...buffer.subarray(start, end));
  return /^[\t\n\r\x20-\x7e]+$/.test(text) ? text : '';
}
