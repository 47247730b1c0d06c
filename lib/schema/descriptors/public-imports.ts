// What a file sees: itself, what it imports and, transitively, what that imports publicly. Found step by step, only as
// far as is asked, since chains of public imports can be long and nearly every name is found at their start.

import type { FileDescriptorProto } from './descriptor-types.ts';

/** The names of what a file imports publicly; none for a file that does not exist. */
export function exportedBy(file: FileDescriptorProto | undefined): readonly string[] {
  return (file?.publicDependency ?? []).flatMap((index) => file?.dependency?.[index] ?? []);
}

export class VisibleFiles<File> {
  readonly #seen: Set<File>;
  /** The same in order, once more is asked for than what is imported directly. */
  #ordered: File[] | undefined;
  readonly #publicImports: (file: File) => Iterable<File>;
  readonly #mayGoOn: () => boolean;
  /** How many of the files have had their public imports looked at. */
  #done = 0;

  /** `mayGoOn` is asked before the public imports of each file are looked at. */
  constructor(
    direct: Iterable<File>,
    publicImports: (file: File) => Iterable<File>,
    mayGoOn: () => boolean = () => true,
  ) {
    this.#seen = new Set(direct);
    this.#publicImports = publicImports;
    this.#mayGoOn = mayGoOn;
  }

  get #files(): File[] {
    this.#ordered ??= [...this.#seen];
    return this.#ordered;
  }

  has(file: File): boolean {
    if (this.#seen.has(file)) return true;
    while (this.#step()) if (this.#seen.has(file)) return true;
    return false;
  }

  /** The nearest first. */
  *[Symbol.iterator](): Generator<File> {
    for (let i = 0; ; i++) {
      while (i === this.#files.length) if (!this.#step()) return;
      yield this.#files[i];
    }
  }

  #step(): boolean {
    if (this.#done === this.#files.length || !this.#mayGoOn()) return false;
    for (const file of this.#publicImports(this.#files[this.#done++])) {
      if (this.#seen.has(file)) continue;
      this.#seen.add(file);
      this.#files.push(file);
    }
    return true;
  }
}
