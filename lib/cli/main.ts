// The command line's beginning and end: parses, runs one command, prints what went wrong and sets the exit status.

import { parseCommandLine } from './command-line.ts';
import { COMMANDS } from './commands.ts';
import { EXIT } from './failure.ts';
import { processIo } from './io.ts';
import { VERSION } from './version.ts';

const interrupted = new AbortController();
let status: number | undefined;

/** Ctrl-C cancels what runs; a second one does not wait for it. */
function onSignal(code: number): void {
  if (interrupted.signal.aborted) process.exit(code);
  status = code;
  interrupted.abort(new Error('interrupted'));
}
process.on('SIGINT', () => onSignal(EXIT.interrupted));
process.on('SIGTERM', () => onSignal(EXIT.terminated));
process.on('SIGHUP', () => onSignal(EXIT.terminated));

const io = processIo(COMMANDS, interrupted.signal, () => {
  // Whoever read the results has had enough: no failure, nothing to say.
  status ??= EXIT.ok;
  interrupted.abort(new Error('nobody reads the output'));
});

async function run(): Promise<number> {
  const parsed = await parseCommandLine(process.argv.slice(2), VERSION);
  if (parsed.kind === 'text') {
    io.out.write(parsed.text);
    return EXIT.ok;
  }
  return parsed.command.run(parsed.words, parsed.options, io);
}

async function main(): Promise<void> {
  let result: number;
  try {
    result = await run();
  } catch (error) {
    // The library's errors are known there, and with them the library.
    const { explain } = await import('./explain.ts');
    const failure = explain(error);
    result = failure.status;
    if (status === undefined) {
      const { red } = io.err.colours;
      failure.lines.forEach((line, i) => {
        io.err.line(i === 0 ? `${red('stubless:')} ${line}` : line);
      });
    }
  }
  await io.out.flush();
  await io.err.flush();
  // Standard input, when it was read, and connections would keep the process up.
  process.exit(status ?? result);
}

void main();
