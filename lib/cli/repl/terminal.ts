// Where a REPL's lines come from and JavaScript runs: Node's own REPL on a terminal, with its editing, history and
// completion; plain lines where they are piped in.

import { type AsyncCompleter, createInterface } from 'node:readline';
import { type REPLEval, type REPLServer, Recoverable, start } from 'node:repl';
import { inspect } from 'node:util';
import { LocalError } from '../failure.ts';
import type { Io } from '../io.ts';
import { evaluate } from './java-script.ts';
import type { Line, LineQueue } from './line-queue.ts';

type Completer = (line: string) => readonly [readonly string[], string] | undefined;

export interface ReplTerminal {
  /** What stands before the next lines; shown at once where something else runs meanwhile. */
  setPrompt(prompt: string, isNow: boolean): void;
  /** Runs a line of JavaScript; what comes of it is printed, and the line is done. Rejects where it throws. */
  javaScript(line: Line): Promise<void>;
  /** Runs something that takes the terminal over. */
  lend<T>(use: () => T): T;
  close(): void;
}

interface TerminalSetup {
  readonly lines: LineQueue;
  readonly prompt: string;
  readonly complete: Completer;
  readonly onInterrupt: () => void;
  readonly historyFile: string | undefined;
  readonly io: Io;
}

export async function openTerminal(setup: TerminalSetup): Promise<ReplTerminal> {
  return setup.io.stdin.isTTY ? interactive(setup) : piped(setup);
}

/** Node's way to run a line; `eval` is what a REPLServer calls it. */
type Evaluable = { eval: REPLEval };

async function interactive({
  lines,
  prompt,
  complete,
  onInterrupt,
  historyFile,
  io,
}: TerminalSetup): Promise<ReplTerminal> {
  const server = start({ prompt, useColors: io.out.colours.isOn, ignoreUndefined: true, useGlobal: true });
  (server as Evaluable).eval = (code, _context, _file, done) => {
    lines.push({ text: code.replace(/\n$/, ''), done: (error = null, value) => done(error, value) });
  };
  const completeJavaScript = server.completer as AsyncCompleter;
  Object.assign(server, {
    completer(line: string, done: (error: null, found: readonly [readonly string[], string]) => void) {
      const found = complete(line);
      if (found === undefined) completeJavaScript.call(server, line, done as never);
      else done(null, found);
    },
  });
  server.on('SIGINT', onInterrupt);
  server.on('exit', () => lines.end());
  if (historyFile !== undefined) await keepHistory(server, historyFile, io);
  return {
    setPrompt(text, isNow) {
      server.setPrompt(text);
      if (isNow) server.displayPrompt();
    },
    async javaScript({ text, done }) {
      try {
        const result = await evaluate(text);
        if (result.kind === 'value') done(null, result.value);
        else done(new Recoverable(new SyntaxError('more lines belong to it')));
      } catch (error) {
        done(error instanceof Error ? error : new Error(`thrown: ${inspect(error)}`));
      }
    },
    lend(use) {
      server.pause();
      io.stdin.setRawMode?.(false);
      try {
        return use();
      } finally {
        io.stdin.setRawMode?.(true);
        server.resume();
      }
    },
    close: () => server.close(),
  };
}

/** A REPL that cannot keep its history works all the same. */
function keepHistory(server: REPLServer, path: string, io: Io): Promise<void> {
  return new Promise((resolve) => {
    server.setupHistory(path, (error) => {
      if (error !== null) io.err.line(`stubless: no history: ${error.message}`);
      resolve();
    });
  });
}

function piped({ lines, io }: TerminalSetup): ReplTerminal {
  const input = createInterface({ input: io.stdin, terminal: false });
  input.on('line', (text) => lines.push({ text, done: () => {} }));
  input.on('close', () => lines.end());
  let begun = '';
  return {
    setPrompt: () => {},
    async javaScript({ text }) {
      const code = `${begun}${text}\n`;
      begun = '';
      const result = await evaluate(code).catch((error: unknown) => {
        throw new LocalError(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error));
      });
      if (result.kind === 'incomplete') begun = code;
      else if (result.value !== undefined) {
        await io.out.line(inspect(result.value, { colors: io.out.colours.isOn }));
      }
    },
    lend: (use) => use(),
    close: () => input.close(),
  };
}
