// How large a document made of a schema may become: the schema may be a server's.

import { SchemaError } from '../../values/errors.ts';

/** How many characters of JSON a document may have. */
export const MAX_DOCUMENT_CHARACTERS: number = 32 * 1024 * 1024;

/** Counts what a document takes. */
export class DocumentSize {
  #left = MAX_DOCUMENT_CHARACTERS;
  readonly #what: string;
  readonly #instead: string;

  /** @param instead what to do when it is too large */
  constructor(what: string, instead: string) {
    this.#what = what;
    this.#instead = instead;
  }

  /** Throws a SchemaError when there is no room for it. */
  take(part: unknown): void {
    this.#left -= JSON.stringify(part).length;
    if (this.#left >= 0) return;
    throw new SchemaError(
      `${this.#what} would have more than ${MAX_DOCUMENT_CHARACTERS} characters; ${this.#instead}`,
    );
  }
}
