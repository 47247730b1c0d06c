// Runs a command in this process, as lib/cli/main.ts does, with what it prints kept. For specs of many runs: a process
// for each would take most of their time. What only a process has (signals, a terminal, pipes that are left open, another
// working directory, its end) is for run-cli.ts, and so are a few runs of each command as it was built.

import { PassThrough, Writable } from 'node:stream';
import { COMMAND_LINE_WORDS } from '../../lib/cli/command/command-line-words.ts';
import { tellFailure } from '../../lib/cli/command/explain.ts';
import { EXIT } from '../../lib/cli/command/failure.ts';
import { type Io, Output } from '../../lib/cli/command/io.ts';
import { parseCommandLine } from '../../lib/cli/command-line.ts';
import { COMMANDS } from '../../lib/cli/command-list.ts';
import { useOptionWords } from '../../lib/values/options/option-words.ts';
import { VERSION } from '../../lib/values/version.ts';
import { environment } from './run-cli.ts';

const UNCLOSED = 'STUBLESS_UNCLOSED_CLIENT';

export interface Printed {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Setup {
  /** What is piped in: nothing at all where this is an empty text, an empty pipe where it is left out. */
  readonly stdin?: string | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
}

let running: Io | undefined;

// Commands leave their clients to the end of the process, which is not the end of this one.
const { emitWarning } = process;
process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
  const [options] = rest;
  if (typeof options === 'object' && options !== null && 'code' in options && options.code === UNCLOSED)
    return;
  Reflect.apply(emitWarning, process, [warning, ...rest]);
};

/** What nobody caught: main.ts gives it to the command that runs. */
export function tellUncaught(error: unknown): void {
  if (running?.onUncaught === undefined) throw error;
  running.onUncaught(error);
}

export async function runInProcess(
  args: readonly string[],
  { stdin, env: added }: Setup = {},
): Promise<Printed> {
  const env = environment(added);
  const out = new Kept();
  const err = new Kept();
  const ended = new AbortController();
  const input = new PassThrough();
  input.end(stdin ?? '');
  const io: Io = {
    env,
    commands: COMMANDS,
    stdin: input as unknown as NodeJS.ReadStream,
    standardInput: () => (stdin === '' ? 'nothing' : 'piped'),
    out: new Output(out as unknown as NodeJS.WriteStream, env, () => {}),
    err: new Output(err as unknown as NodeJS.WriteStream, env, () => {}),
    signal: ended.signal,
    onUncaught: undefined,
    keepsStatus: false,
    setColour(wanted) {
      this.out.setColour(wanted);
      this.err.setColour(wanted);
    },
  };
  // As main.ts does once; other specs of this process are of the library, and have its words.
  useOptionWords(COMMAND_LINE_WORDS);
  running = io;
  try {
    const status = await run(args, io);
    await io.out.flush();
    await io.err.flush();
    return { status, stdout: out.text, stderr: err.text };
  } finally {
    running = undefined;
    useOptionWords();
    // What a process would leave behind at its end: open connections.
    ended.abort();
  }
}

async function run(args: readonly string[], io: Io): Promise<number> {
  try {
    const parsed = await parseCommandLine(args, VERSION);
    if (parsed.kind === 'run') return await parsed.command.run(parsed.words, parsed.options, io);
    io.out.write(parsed.text);
    return EXIT.ok;
  } catch (error) {
    return tellFailure(error, io);
  }
}

class Kept extends Writable {
  readonly #chunks: Buffer[] = [];

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.#chunks.push(chunk);
    done();
  }
}
