// Where a command reads and prints: results to standard output, all else to standard error. A reader that goes away
// (EPIPE) ends the command silently; results that cannot be written otherwise, as on a full disk, are a failure.
// Only this file, process-output.ts and cli/main.ts touch `process`.

import { type Colours, colours, wantsColour } from './colour.ts';
import type { CommandEntry } from './command-definition.ts';
import { jsonText } from './escape.ts';
import { isTerminal, type OutputStream, ProcessOutput } from './process-output.ts';
import { type StandardInput, standardInput } from './standard-input.ts';

/** The environment's variables. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface Io {
  readonly env: Environment;
  /** All commands there are, for those that are about commands. */
  readonly commands: readonly CommandEntry[];
  readonly stdin: NodeJS.ReadStream;
  /** What it is; looked at only when it matters. */
  standardInput(): StandardInput;
  readonly out: Output;
  readonly err: Output;
  /** Aborts at the first Ctrl-C, and when nobody reads the results any more. */
  readonly signal: AbortSignal;
  /** Told what nobody caught; without it, that ends the process. */
  onUncaught: ((error: unknown) => void) | undefined;
  /** Set by a command whose exit status says what came of it, read or not: a reader that goes away does not make it 0. */
  keepsStatus: boolean;
  /** Turns colours on or off, as an option says. */
  setColour(wanted: boolean | undefined): void;
}

/** Whether whoever read an output has had enough: the reader of a pipe, or of a socket. */
export function isReaderGone(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ECONNRESET');
}

/** Knows what may not be shown. */
interface Hides {
  masked(text: string): string;
}

/** One of the two outputs. */
export class Output {
  readonly #stream: OutputStream;
  readonly #env: Environment;
  #isBroken = false;
  readonly #hides: Hides[] = [];
  #drained: Promise<void> | undefined;
  colours: Colours;

  constructor(stream: OutputStream, env: Environment, onBroken: (error: Error) => void) {
    this.#stream = stream;
    this.#env = env;
    this.colours = colours(wantsColour(this.isTerminal, env));
    stream.on('error', (error) => {
      if (this.#isBroken) return;
      this.#isBroken = true;
      onBroken(error);
    });
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true;
  }

  /** Whether something that was written reached nobody. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  get columns(): number {
    return this.#stream.columns ?? 80;
  }

  setColour(wanted: boolean | undefined): void {
    this.colours = colours(wantsColour(this.isTerminal, this.#env, wanted));
  }

  /** From now on, texts are printed without what is hidden. */
  hide(hides: Hides): void {
    this.#hides.push(hides);
  }

  /** A text without what is hidden. */
  masked(text: string): string {
    return this.#hides.reduce((shown, hides) => hides.masked(shown), text);
  }

  /** Prints a line. Gives a promise when the reader is slow: await it before the next. */
  line(text = ''): Promise<void> | undefined {
    return this.write(`${text}\n`);
  }

  /** Prints a value as JSON: on one line, or indented for a terminal, and where it is always to be. */
  json(value: unknown, isIndented: boolean = this.isTerminal): Promise<void> | undefined {
    return this.line(this.colours.json(jsonText(value, isIndented ? 2 : undefined)));
  }

  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#isBroken) return undefined;
    if (this.#stream.write(typeof data === 'string' ? this.masked(data) : data)) return undefined;
    // One for all that wait, as many may, of those who print without waiting.
    this.#drained ??= new Promise((resolve) => {
      const done = (): void => {
        this.#stream.off('drain', done).off('close', done).off('error', done);
        this.#drained = undefined;
        resolve();
      };
      this.#stream.on('drain', done).on('close', done).on('error', done);
    });
    return this.#drained;
  }

  /** Resolves when all that was written has gone out. */
  flush(): Promise<void> {
    if (this.#isBroken) return Promise.resolve();
    return new Promise((resolve) => this.#stream.write('', () => resolve()));
  }
}

/** The process's own. `onBroken` is called when nothing more can be written to standard output, with the reason. */
export function processIo(
  commands: readonly CommandEntry[],
  signal: AbortSignal,
  onBroken: (error: Error) => void,
): Io {
  const out = new Output(new ProcessOutput(1, () => process.stdout), process.env, onBroken);
  const err = new Output(new ProcessOutput(2, () => process.stderr), process.env, () => {});
  return {
    env: process.env,
    commands,
    get stdin() {
      return process.stdin;
    },
    // Not process.stdin's own word: its stream takes time to load.
    standardInput: () => standardInput(0, () => isTerminal(0)),
    out,
    err,
    signal,
    onUncaught: undefined,
    keepsStatus: false,
    setColour(wanted) {
      out.setColour(wanted);
      err.setColour(wanted);
    },
  };
}
