// What a server may send when it is asked for its schema. Schemas may come from a hostile server: everything that
// it can make grow is counted, and the first thing too much ends the asking. The defaults are in options.ts.

import { SchemaError } from '../../errors.ts';

export interface ReflectionLimits {
  /** Bytes of answers, for one question of the user's. */
  readonly maxBytes: number;
  /** Files that are sent, or asked for. */
  readonly maxFiles: number;
  /** How far imports lead from what was asked for. */
  readonly maxDepth: number;
  /** Services that it lists. */
  readonly maxServices: number;
}

/** Counts against the limits. Each method throws a SchemaError that names the limit, once past it. */
export class Budget {
  readonly #limits: ReflectionLimits;
  #bytes = 0;
  #files = 0;
  #asked = 0;

  constructor(limits: ReflectionLimits) {
    this.#limits = limits;
  }

  countBytes(bytes: number): void {
    this.#bytes += bytes;
    this.#check('maxBytes', this.#bytes, 'bytes');
  }

  countFile(): void {
    this.#check('maxFiles', ++this.#files, 'files');
  }

  /** A question about one file, which a server may refuse again and again. */
  countQuestions(count: number): void {
    this.#asked += count;
    this.#check('maxFiles', this.#asked, 'imports');
  }

  checkDepth(depth: number): void {
    this.#check('maxDepth', depth, 'levels of imports');
  }

  checkServices(count: number): void {
    this.#check('maxServices', count, 'services');
  }

  #check(name: keyof ReflectionLimits, value: number, what: string): void {
    const limit = this.#limits[name];
    if (value <= limit) return;
    throw new SchemaError(
      `the server's schema is too large: ${value} ${what} and more exceed reflection.${name} ${limit}`,
    );
  }
}
