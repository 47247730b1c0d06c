// Runs again whenever a file changes that a run may read, until it is interrupted.

import { existsSync, type FSWatcher, statSync, watch } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import type { Io } from '../command/io.ts';

/** Editors write a file in several steps. */
const SETTLE_MS = 100;
/** How often a process that waits wakes, for nothing. */
const ALIVE_MS = 3_600_000;
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
  try {
    for (;;) {
      // Again each time: what was deleted, and is there once more, is another file or folder to watch.
      changes.watch(words.length === 0 ? ['.'] : words);
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

  /** Watches files and folders in place of those before. */
  watch(words: readonly string[]): void {
    const before = this.#watchers.splice(0);
    for (const word of words) this.#watchers.push(this.#watcher(word));
    for (const watcher of before) watcher.close();
  }

  #watcher(word: string): FSWatcher {
    const isFolder = statSync(word, { throwIfNoEntry: false })?.isDirectory();
    // Of what is not there, the nearest folder above it that is: it may come back.
    let folder = isFolder === true ? word : dirname(resolve(word));
    while (!existsSync(folder)) folder = dirname(folder);
    const isGone = isFolder === undefined;
    const watcher = watch(folder, { recursive: isFolder === true }, (_event, name) => {
      if (isGone || this.#isOfRun(folder, name ?? '')) this.#changed();
    });
    return watcher.on('error', () => this.#changed());
  }

  /** Whether what has this name in a folder may be read by a run, or was a folder with such files. */
  #isOfRun(folder: string, name: string): boolean {
    const path = resolve(join(folder, name));
    if (READ.test(name)) return !this.#isWritten(path);
    // Of a folder that is deleted, what was in it is not always told: its name is empty for the one that is watched.
    return extname(name) === '' && !existsSync(path);
  }

  #changed(): void {
    this.#hasChanged = true;
    this.#wake?.();
  }

  async next(): Promise<void> {
    // The watcher of a folder that is deleted ends with it, and is not to let the process end.
    const alive = setInterval(() => {}, ALIVE_MS);
    while (!this.#hasChanged && !this.#signal.aborted) {
      await new Promise<void>((done) => {
        this.#wake = done;
      });
    }
    clearInterval(alive);
    if (!this.#signal.aborted) await new Promise((done) => setTimeout(done, SETTLE_MS));
    this.#hasChanged = false;
  }

  close(): void {
    for (const watcher of this.#watchers) watcher.close();
  }
}
