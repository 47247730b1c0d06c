// Whole messages that wait to be read, in the order they came: blocks of memory, each given back as soon as it is read.

/** Memory that holds whole messages and is not written any more. */
export class UnreadBlock {
  readonly bytes: Uint8Array;
  /** What is unread of it. */
  start: number;
  readonly end: number;
  /** It holds one message, and nothing else refers to it. */
  readonly isOwn: boolean;
  next: UnreadBlock | undefined = undefined;

  constructor(bytes: Uint8Array, start: number, end: number, isOwn: boolean) {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
    this.isOwn = isOwn;
  }
}

export class UnreadMessages {
  /** All that is unread. */
  octets = 0;
  first: UnreadBlock | undefined = undefined;
  #last: UnreadBlock | undefined = undefined;

  push(bytes: Uint8Array, start: number, end: number, isOwn: boolean): void {
    const block = new UnreadBlock(bytes, start, end, isOwn);
    if (this.#last === undefined) this.first = block;
    else this.#last.next = block;
    this.#last = block;
    this.octets += end - start;
  }

  /** These octets of the first block are read. */
  shift(octets: number): void {
    const block = this.first;
    if (block === undefined) return;
    this.octets -= octets;
    block.start += octets;
    if (block.start < block.end) return;
    this.first = block.next;
    if (block.next === undefined) this.#last = undefined;
  }
}
