// Runs again whenever a file changes that a run may read, until it is interrupted.

import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Io } from '../command/io.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 100;
/** What files of requests, their data and schemas, and config files are called. */
const READ = /\.(?:ya?ml|json|csv|jsonl|proto|protoset|pb|binpb|desc)$/i;

/**
 * @param words files and folders
 * @param isWritten whether a path is one that a run writes
 */
export async function watching(
  words: readonly string[],
  isWritten: (path: string) => boolean,
  io: Io,
  run: () => Promise<number>,
): Promise<number> {
  const changes = new Changes(io.signal, isWritten);
  for (const word of words.length === 0 ? ['.'] : words) changes.watch(word);
  try {
    for (;;) {
      const status = await run();
      if (io.signal.aborted) return status;
      void io.out.line(io.err.colours.dim('waiting for changes; Ctrl-C ends'));
      await changes.next();
      if (io.signal.aborted) return status;
      void io.out.line();
    }
  } finally {
    changes.close();
  }
}

/** Who waits for a change is woken by one, or by the end. */
class Changes {
  readonly #watchers: FSWatcher[] = [];
  readonly #signal: AbortSignal;
  readonly #isWritten: (path: string) => boolean;
  #hasChanged = false;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, isWritten: (path: string) => boolean) {
    this.#signal = signal;
    this.#isWritten = isWritten;
    signal.addEventListener('abort', () => this.#wake?.());
  }

  watch(word: string): void {
    const isFolder = statSync(word).isDirectory();
    const folder = isFolder ? word : dirname(word);
    this.#watchers.push(
      watch(folder, { recursive: isFolder }, (_event, name) => {
        if (name === null || !READ.test(name) || this.#isWritten(resolve(join(folder, name)))) return;
        this.#hasChanged = true;
        this.#wake?.();
      }),
    );
  }

  async next(): Promise<void> {
    while (!this.#hasChanged && !this.#signal.aborted) {
      await new Promise<void>((done) => {
        this.#wake = done;
      });
    }
    if (!this.#signal.aborted) await new Promise((done) => setTimeout(done, SETTLE_MS));
    this.#hasChanged = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}
