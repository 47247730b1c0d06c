// Standard output or standard error, opened as a stream only by who writes much. Most commands print a line or two, and the
// stream takes longer to load than those: a few octets go straight to the descriptor, as they do from other programs.

import { fstatSync, writeSync } from 'node:fs';

type Event = 'close' | 'drain' | 'error';
type Listener = (error: Error) => void;

/** What an `Output` needs of a stream. */
export interface OutputStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  /** Gives false when the reader is slow: `drain` tells when to go on. */
  write(data: string | Uint8Array, done?: () => void): boolean;
  on(event: Event, listener: Listener): this;
  off(event: Event, listener: Listener): this;
}

/** Less than any pipe holds, so that nobody waits for its reader. */
const DIRECT_OCTETS = 4096;

export class ProcessOutput implements OutputStream {
  readonly #descriptor: number;
  readonly #open: () => OutputStream;
  readonly #listeners: [Event, Listener][] = [];
  /** A Windows console takes other characters than octets. */
  #room = process.platform === 'win32' ? -1 : DIRECT_OCTETS;
  #stream: OutputStream | undefined;
  #isTTY: boolean | undefined;

  /** @param open gives the process's stream of that descriptor */
  constructor(descriptor: number, open: () => OutputStream) {
    this.#descriptor = descriptor;
    this.#open = open;
  }

  get isTTY(): boolean {
    this.#isTTY ??= isTerminal(this.#descriptor);
    return this.#isTTY;
  }

  get columns(): number | undefined {
    return this.isTTY ? this.#opened().columns : undefined;
  }

  write(data: string | Uint8Array, done?: () => void): boolean {
    if (this.#stream !== undefined) return this.#stream.write(data, done);
    const octets = typeof data === 'string' ? Buffer.from(data) : data;
    this.#room -= octets.length;
    if (this.#room < 0 || this.isTTY) return this.#opened().write(octets, done);
    let written = 0;
    try {
      while (written < octets.length) written += writeSync(this.#descriptor, octets, written);
    } catch (error) {
      return this.#failed(error as NodeJS.ErrnoException, octets.subarray(written), done);
    }
    if (done !== undefined) queueMicrotask(done);
    return true;
  }

  on(event: Event, listener: Listener): this {
    if (this.#stream !== undefined) this.#stream.on(event, listener);
    this.#listeners.push([event, listener]);
    // node:repl writes to a terminal's stream itself, and what fails there must be heard: a terminal that is gone.
    if (this.isTTY) this.#opened();
    return this;
  }

  off(event: Event, listener: Listener): this {
    const at = this.#listeners.findIndex(([name, known]) => name === event && known === listener);
    if (at >= 0) this.#listeners.splice(at, 1);
    this.#stream?.off(event, listener);
    return this;
  }

  #opened(): OutputStream {
    if (this.#stream === undefined) {
      this.#stream = this.#open();
      for (const [event, listener] of this.#listeners) this.#stream.on(event, listener);
    }
    return this.#stream;
  }

  #failed(error: NodeJS.ErrnoException, rest: Uint8Array, done: (() => void) | undefined): boolean {
    // The other end made it one that never waits, and it is full: the stream waits.
    if (error.code === 'EAGAIN') return this.#opened().write(rest, done);
    queueMicrotask(() => {
      for (const [event, listener] of [...this.#listeners]) if (event === 'error') listener(error);
      done?.();
    });
    return true;
  }
}

/** node:tty takes time to load, and is asked only of what may be one. */
export function isTerminal(descriptor: number): boolean {
  try {
    return (
      fstatSync(descriptor).isCharacterDevice() && process.getBuiltinModule('node:tty').isatty(descriptor)
    );
  } catch {
    // It is closed.
    return false;
  }
}
