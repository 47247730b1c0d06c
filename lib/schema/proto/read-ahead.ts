// Reads the files of a list before their turn, so that the disk works while earlier ones are parsed. Which of them are
// wanted, and what they are called, is up to whoever takes them, in order.

import type { FileRead } from './read-proto-file.ts';

/** How many files are read before their turn: enough for the disk never to be what is waited for. */
const MAX_FILES_AHEAD = 32;

export class ReadAhead {
  readonly #paths: readonly string[];
  readonly #read: (path: string) => Promise<FileRead>;
  readonly #begun: Map<string, Promise<FileRead>> = new Map();
  #next = 0;

  constructor(paths: Iterable<string>, read: (path: string) => Promise<FileRead>) {
    this.#paths = [...new Set(paths)];
    this.#read = read;
    this.#begin();
  }

  /** What was found at a path, for the first who asks; undefined if it has not been read ahead. */
  take(path: string): Promise<FileRead> | undefined {
    const begun = this.#begun.get(path);
    if (begun === undefined) return undefined;
    this.#begun.delete(path);
    this.#begin();
    return begun;
  }

  #begin(): void {
    while (this.#begun.size < MAX_FILES_AHEAD && this.#next < this.#paths.length) {
      const path = this.#paths[this.#next++];
      const reading = this.#read(path);
      // Whoever takes it is told. When a file before it is faulty, nobody does.
      reading.catch(() => undefined);
      this.#begun.set(path, reading);
    }
  }
}
