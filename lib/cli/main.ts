// The command line's beginning and end: parses, runs one command, prints what went wrong and sets the exit status.

import { inspect } from 'node:util';
import { useOptionWords } from '../values/options/option-words.ts';
import { escapeLines } from '../values/text/escaped-text.ts';
import { VERSION } from '../values/version.ts';
import { COMMAND_LINE_WORDS } from './command/command-line-words.ts';
import { EXIT } from './command/failure.ts';
import { isReaderGone, processIo } from './command/io.ts';
import { notice } from './command/notice.ts';
import { parseCommandLine } from './command-line.ts';
import { COMMANDS } from './command-list.ts';

useOptionWords(COMMAND_LINE_WORDS);
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
process.on('SIGHUP', () => onSignal(EXIT.hungUp));

const io = processIo(COMMANDS, interrupted.signal, (error) => {
  if (isReaderGone(error)) {
    // Whoever read the results has had enough: no failure, nothing to say.
    if (!io.keepsStatus) status ??= EXIT.ok;
  } else {
    status = EXIT.failed;
    notice(io, `cannot write to standard output: ${error.message}`);
  }
  interrupted.abort(new Error('nobody reads the output'));
});

async function run(): Promise<number> {
  const parsed = await parseCommandLine(process.argv.slice(2), VERSION);
  if (parsed.kind === 'text') {
    io.out.write(parsed.text);
    return EXIT.ok;
  }
  // For what is said before the config file is read, too, which may add to it.
  io.setColour(parsed.options.color);
  return parsed.command.run(parsed.words, parsed.options, io);
}

async function main(): Promise<void> {
  let result: number;
  try {
    result = await run();
  } catch (error) {
    // The library's errors are known there, and with them the library.
    const { explain, tellFailure } = await import('./command/explain.ts');
    // What followed from an interruption, or from a reader that went away, is not news.
    result = status === undefined ? tellFailure(error, io) : explain(error).status;
  }
  await io.out.flush();
  await io.err.flush();
  // Standard input, when it was read, and connections would keep the process up.
  process.exit(status ?? result);
}

/** What nobody caught, such as a promise that a line of the REPL's forgot: as much a server's text as any error. */
process.on('uncaughtException', (error: unknown) => {
  if (io.onUncaught !== undefined) {
    io.onUncaught(error);
    return;
  }
  process.stderr.write(escapeLines(`stubless: ${inspect(error)}\n`));
  process.exit(EXIT.failed);
});

void main();
