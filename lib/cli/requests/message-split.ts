// Splits a stream of text or bytes into messages as they arrive: JSON documents one behind the other (with or without
// line breaks), text format documents, or binary messages with their lengths. Knows no schema.

import { LocalError } from '../command/failure.ts';

/** A document, and where it begins. */
export interface TextDocument {
  readonly text: string;
  readonly line: number;
  /** Of the first character, from 1, which it is where it is left out. */
  readonly column?: number;
}

/** Longer documents than this are refused. */
const MAX_DOCUMENT_CHARS: number = 256 * 1024 * 1024;

interface Splitter {
  /** What became complete with a piece of text. */
  push(text: string): TextDocument[];
  /** What was left when the text ended. */
  end(): TextDocument[];
}

/** JSON documents: objects and lists by their brackets, anything else by white space. */
export class JsonSplitter implements Splitter {
  #rest = '';
  #line = 1;
  #column = 1;
  #at = 0;
  #depth = 0;
  #isInText = false;
  #start = -1;
  #isWord = false;

  /** Whether a document was begun that has not ended. */
  get isOpen(): boolean {
    return this.#start >= 0;
  }

  push(text: string): TextDocument[] {
    const found: TextDocument[] = [];
    this.#rest += text;
    while (this.#at < this.#rest.length) {
      const char = this.#rest[this.#at++];
      if (this.#isInText) {
        if (char === '\\') {
          if (this.#at === this.#rest.length) {
            this.#at--;
            break;
          }
          this.#at++;
        } else if (char === '"') {
          this.#isInText = false;
          if (this.#depth === 0 && !this.#isWord) this.#take(found, this.#at);
        }
        continue;
      }
      if (this.#start < 0) {
        if (char === ' ' || char === '\t' || char === '\r' || char === '\n' || char === '\ufeff') {
          this.#drop();
          continue;
        }
        this.#start = this.#at - 1;
        this.#isWord = char !== '{' && char !== '[' && char !== '"';
      }
      if (char === '"') this.#isInText = true;
      else if (char === '{' || char === '[') this.#depth++;
      else if (char === '}' || char === ']') {
        this.#depth--;
        if (this.#depth <= 0) this.#take(found, this.#at);
      } else if (this.#isWord && this.#depth === 0 && /\s/.test(char)) this.#take(found, this.#at - 1);
    }
    if (this.#rest.length > MAX_DOCUMENT_CHARS) {
      throw new LocalError(
        `the JSON document that begins on line ${this.#line} has more than ${MAX_DOCUMENT_CHARS} characters`,
      );
    }
    return found;
  }

  end(): TextDocument[] {
    const found: TextDocument[] = [];
    if (this.#start >= 0) this.#take(found, this.#rest.length);
    return found;
  }

  /** The document that began at `#start` ends before `end`. */
  #take(found: TextDocument[], end: number): void {
    const text = this.#rest.slice(this.#start, end);
    found.push({ text, line: this.#line, column: this.#column });
    this.#at = end;
    this.#drop();
    this.#depth = 0;
    this.#isInText = false;
    this.#start = -1;
  }

  /** Forgets what was read. */
  #drop(): void {
    for (let i = 0; i < this.#at; i++) {
      if (this.#rest[i] === '\n') {
        this.#line++;
        this.#column = 1;
      } else if (this.#rest[i] !== '\ufeff') this.#column++;
    }
    this.#rest = this.#rest.slice(this.#at);
    this.#at = 0;
  }
}

/** What stands between two documents in text format: a line of its own, or grpcurl's record separator. */
export const TEXT_SEPARATOR = '# ---';
const RECORD_SEPARATOR = '\x1e';
const BETWEEN_TEXTS: RegExp = new RegExp(`${RECORD_SEPARATOR}|^${TEXT_SEPARATOR}[ \\t]*$`, 'm');

export class TextFormatSplitter implements Splitter {
  #rest = '';
  #line = 1;

  push(text: string): TextDocument[] {
    const found: TextDocument[] = [];
    this.#rest += text;
    // A separator is one only when its line has ended.
    const complete = Math.max(this.#rest.lastIndexOf('\n'), this.#rest.lastIndexOf(RECORD_SEPARATOR)) + 1;
    let ready = this.#rest.slice(0, complete);
    for (let match = BETWEEN_TEXTS.exec(ready); match !== null; match = BETWEEN_TEXTS.exec(ready)) {
      found.push({ text: ready.slice(0, match.index), line: this.#line });
      const next = match.index + match[0].length;
      this.#line += ready.slice(0, next).split('\n').length - 1;
      ready = ready.slice(next);
    }
    this.#rest = ready + this.#rest.slice(complete);
    if (this.#rest.length > MAX_DOCUMENT_CHARS) {
      throw new LocalError(`a message in text format has more than ${MAX_DOCUMENT_CHARS} characters`);
    }
    return found;
  }

  end(): TextDocument[] {
    const found = this.push('\n');
    if (this.#rest.trim() !== '' || found.length > 0) found.push({ text: this.#rest, line: this.#line });
    this.#rest = '';
    return found.filter(({ text }, i) => i < found.length - 1 || text.trim() !== '');
  }
}

/** The largest length that stands before a binary message. */
const MAX_BINARY_BYTES = 0x7fffffff;

/** Binary messages, each behind its length as a varint (protobuf's writeDelimitedTo). */
export class DelimitedSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Uint8Array): Uint8Array[] {
    const found: Uint8Array[] = [];
    this.#rest = this.#rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const length = readVarint(this.#rest);
      if (length === undefined || this.#rest.length < length.size + length.value) return found;
      const end = length.size + length.value;
      found.push(this.#rest.subarray(length.size, end));
      this.#rest = this.#rest.subarray(end);
    }
  }

  end(): void {
    if (this.#rest.length === 0) return;
    const length = readVarint(this.#rest);
    const wanted = length === undefined ? 'its length' : `${length.value} bytes`;
    throw new LocalError(
      `the last binary message ends too early: ${wanted} announced, ${this.#rest.length} bytes left`,
    );
  }
}

function readVarint(bytes: Uint8Array): { readonly value: number; readonly size: number } | undefined {
  let value = 0;
  for (let size = 0; size < bytes.length; size++) {
    if (size === 5)
      throw new LocalError(
        'a binary message of a stream begins with its length as a varint; these bytes do not',
      );
    value += (bytes[size] & 0x7f) * 2 ** (7 * size);
    if (value > MAX_BINARY_BYTES)
      throw new LocalError(`a binary message of ${value} bytes is longer than protobuf allows`);
    if (bytes[size] < 0x80) return { value, size: size + 1 };
  }
  return undefined;
}

/** A message behind its length. */
export function delimited(message: Uint8Array): Uint8Array {
  const head: number[] = [];
  let { length } = message;
  while (length > 0x7f) {
    head.push((length & 0x7f) | 0x80);
    length = Math.floor(length / 128);
  }
  return Buffer.concat([Uint8Array.from([...head, length]), message]);
}
