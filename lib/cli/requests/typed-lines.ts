// What is typed for a request stream, line by line: fields as words, or JSON documents, each of which may take several
// lines. Shared by `stubless call` and the REPL.

import { setsExtension } from './field-words.ts';
import { JsonSplitter } from './message-split.ts';

/** A line of words, not yet taken apart, or a document. */
export type Typed = { readonly words: string } | { readonly json: string };

export class TypedLines {
  readonly #documents = new JsonSplitter();

  /** Whether a document was begun and goes on in the next line. */
  get isInDocument(): boolean {
    return this.#documents.isOpen;
  }

  /** What is whole by now. */
  push(line: string): Typed[] {
    const isJson = this.isInDocument || (/^\s*[{["]/.test(line) && !setsExtension(line));
    if (!isJson) return line.trim() === '' ? [] : [{ words: line }];
    return this.#documents.push(`${line}\n`).map(({ text }) => ({ json: text }));
  }

  /** What was begun and never finished. */
  end(): Typed[] {
    return this.#documents.end().map(({ text }) => ({ json: text }));
  }
}
