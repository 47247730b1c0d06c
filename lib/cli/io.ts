// Where a command reads and prints: results to standard output, all else to standard error. A reader that goes away
// (EPIPE) ends the command without a word. Only this file and main.ts touch `process`.

import { type Colours, colours, wantsColour } from './colour.ts';
import type { CommandEntry } from './command.ts';

export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** All commands there are, for those that are about commands. */
  readonly commands: readonly CommandEntry[];
  readonly stdin: NodeJS.ReadStream;
  readonly out: Output;
  readonly err: Output;
  /** Aborts at the first Ctrl-C, and when nobody reads the results any more. */
  readonly signal: AbortSignal;
  /** Turns colours on or off, as an option says. */
  setColour(wanted: boolean | undefined): void;
}

/** One of the two outputs. */
class Output {
  readonly #stream: NodeJS.WriteStream;
  readonly #env: Io['env'];
  #isBroken = false;
  colours: Colours;

  constructor(stream: NodeJS.WriteStream, env: Io['env'], onBroken: () => void) {
    this.#stream = stream;
    this.#env = env;
    this.colours = colours(wantsColour(this.isTerminal, env));
    stream.on('error', () => {
      this.#isBroken = true;
      onBroken();
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number {
    return this.#stream.columns ?? 80;
  }

  setColour(wanted: boolean | undefined): void {
    this.colours = colours(wantsColour(this.isTerminal, this.#env, wanted));
  }

  /** Prints a line. Gives a promise when the reader is slow: await it before the next. */
  line(text = ''): Promise<void> | undefined {
    return this.write(`${text}\n`);
  }

  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#isBroken) return undefined;
    if (this.#stream.write(data)) return undefined;
    return new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done).off('close', done).off('error', done);
        resolve();
      };
      this.#stream.on('drain', done).on('close', done).on('error', done);
    });
  }

  /** Resolves when all that was written has gone out. */
  flush(): Promise<void> {
    if (this.#isBroken) return Promise.resolve();
    return new Promise((resolve) => this.#stream.write('', () => resolve()));
  }
}

/** The process's own. `onBroken` is called when standard output lost its reader. */
export function processIo(commands: readonly CommandEntry[], signal: AbortSignal, onBroken: () => void): Io {
  const out = new Output(process.stdout, process.env, onBroken);
  const err = new Output(process.stderr, process.env, () => {});
  return {
    env: process.env,
    commands,
    get stdin() {
      return process.stdin;
    },
    out,
    err,
    signal,
    setColour(wanted) {
      out.setColour(wanted);
      err.setColour(wanted);
    },
  };
}
