// Measures the text of a reply before it is made: names from a server's schema and indentation are repeated for each
// value, so a reply of a few octets may become very long text. Knows nothing of messages.

import { RpcError } from '../../index.ts';

/** As many characters as a small container still bears. */
export const MAX_REPLY_CHARACTERS: number = 32 * 1024 * 1024;
/** What a reply may be without a look at it: of 4 MiB, the largest that is taken by default, any usual text. */
const CHARACTERS_A_BYTE = 8;
/** The longest other scalar: a number, true, false or null. */
const SCALAR_CHARACTERS = 5;
const BRACKETS = 2;
/** What an empty reply that is kept takes, about: a stream of them may be endless. */
const REPLY_CHARACTERS = 64;

/**
 * Counts characters of text that is made of replies: at most `MAX_REPLY_CHARACTERS`, or 8 for each byte that was received
 * where that is more.
 */
export class ReplyText {
  readonly #indent: number;
  #bytes = 0;
  #characters = 0;
  #replies = 0;

  /** `indent` is the number of spaces a level, 0 for text on one line. */
  constructor(indent: number) {
    this.#indent = indent;
  }

  /** Takes a reply of so many bytes, as a tree of JSON values. RpcError with RESOURCE_EXHAUSTED when it is too much. */
  add(tree: unknown, bytes: number): void {
    this.#bytes += bytes;
    if (this.#replies++ > 0) this.#take(REPLY_CHARACTERS);
    this.#count(tree, 0);
  }

  #count(value: unknown, level: number): void {
    if (typeof value !== 'object' || value === null) {
      this.#take(typeof value === 'string' ? value.length + 2 : SCALAR_CHARACTERS);
      return;
    }
    this.#take(BRACKETS);
    const line = this.#indent * (level + 1) + 2;
    if (Array.isArray(value)) {
      for (const item of value) {
        this.#take(line);
        this.#count(item, level + 1);
      }
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      this.#take(line + key.length + 3);
      this.#count(item, level + 1);
    }
  }

  #take(characters: number): void {
    this.#characters += characters;
    const limit = Math.max(MAX_REPLY_CHARACTERS, this.#bytes * CHARACTERS_A_BYTE);
    if (this.#characters <= limit) return;
    throw RpcError.of(
      'RESOURCE_EXHAUSTED',
      `${this.#bytes} bytes of replies would be more than ${limit} characters of text; --output binary writes them as they came`,
    );
  }
}
