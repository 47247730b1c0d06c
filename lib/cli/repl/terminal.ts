// Where a REPL's lines come from and JavaScript runs: Node's own REPL on a terminal, with its editing, history and
// completion; plain lines where they are piped in.

import { type AsyncCompleter, type CompleterResult, createInterface } from 'node:readline';
import { type REPLEval, type REPLServer, Recoverable, start } from 'node:repl';
import { inspect } from 'node:util';
import { escapeText } from '../command/escape.ts';
import { LocalError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { type Evaluated, evaluate } from './evaluate.ts';
import type { Line, LineQueue } from './line-queue.ts';
import { shownValue } from './shown-value.ts';

type Completer = (line: string) => readonly [readonly string[], string] | undefined;

export interface ReplTerminal {
  /** Asks for the requests of a call, with a prompt of their own, until Ctrl-D; or for commands again. */
  askForRequests(isAsking: boolean): void;
  /** Shows the prompt again, with what was typed, below something that came in between. */
  showPrompt(): void;
  /** Whether JavaScript was begun that goes on in the next line. */
  readonly isUnfinished: boolean;
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
  /** Ctrl-C. Whether there was something to interrupt. */
  readonly onInterrupt: () => boolean;
  readonly historyFile: string | undefined;
  readonly io: Io;
}

const REQUEST_PROMPT = 'message> ';

export async function openTerminal(setup: TerminalSetup): Promise<ReplTerminal> {
  return setup.io.stdin.isTTY ? interactive(setup) : piped(setup);
}

/** Node's way to run a line; `eval` is what a REPLServer calls it. */
type Evaluable = { eval: REPLEval };

async function interactive(setup: TerminalSetup): Promise<ReplTerminal> {
  const { lines, prompt, complete, onInterrupt, historyFile, io } = setup;
  const server = start({
    prompt,
    useColors: io.out.colours.isOn,
    ignoreUndefined: true,
    useGlobal: true,
    // A preview shows a value in the debugger's words, raw.
    preview: false,
    writer: (value) => shownValue(value, io.out.colours.isOn),
  });
  (server as Evaluable).eval = (code, _context, _file, done) => {
    lines.push({ text: code.replace(/\n$/, ''), done: (error = null, value) => done(error, value) });
  };
  completeWith(server, complete);
  const interruptible = new InterruptibleWait();
  onCtrlC(server, () => onInterrupt() || interruptible.interrupt());
  let isAsking = false;
  const close = onCtrlD(server, () => {
    if (isAsking) lines.push(END_OF_REQUESTS);
    return isAsking;
  });
  io.stdin.once('end', close);
  server.on('exit', () => lines.end());
  if (historyFile !== undefined) await keepHistory(server, historyFile, io);
  return {
    showPrompt: () => server.displayPrompt(true),
    // Node's REPL keeps what was begun, and gives it again with the next line.
    isUnfinished: false,
    askForRequests(isNow) {
      isAsking = isNow;
      server.setPrompt(isNow ? REQUEST_PROMPT : prompt);
      if (isNow) server.displayPrompt();
    },
    async javaScript({ text, done }) {
      try {
        const result = await interruptible.wait(evaluate(text));
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
    close,
  };
}

/** What Ctrl-D stands for while requests are typed; where none are, it is an empty line, which means nothing. */
const END_OF_REQUESTS: Line = { text: '', isEnd: true, done: () => {} };

/** Our words first, else JavaScript's; nothing that holds control characters, which a server's names may. */
function completeWith(server: REPLServer, complete: Completer): void {
  const completeJavaScript = server.completer as AsyncCompleter;
  const isPlain = (word: string): boolean => escapeText(word) === word;
  Object.assign(server, {
    completer(line: string, done: (error: null, found: CompleterResult) => void) {
      const found = complete(line);
      if (found !== undefined) done(null, [found[0].filter(isPlain), found[1]]);
      else {
        completeJavaScript.call(server, line, (_error, [words, typed] = [[], line]) =>
          done(null, [words.filter(isPlain), typed]),
        );
      }
    },
  });
}

/** Ctrl-C is the caller's while there is something to interrupt, and Node's own otherwise: twice, it leaves. */
function onCtrlC(server: REPLServer, interrupt: () => boolean): void {
  const own = server.listeners('SIGINT');
  server.removeAllListeners('SIGINT');
  server.on('SIGINT', () => {
    if (!interrupt()) for (const listener of own) Reflect.apply(listener, server, []);
    // What was being typed belonged to what was interrupted.
    else for (const name of ['e', 'u']) server.write(null as never, { ctrl: true, name });
  });
}

/** Ctrl-D closes a REPL, unless the caller has a use for it. Gives what closes it all the same. */
function onCtrlD(server: REPLServer, isUsed: () => boolean): () => void {
  const close = server.close.bind(server);
  Object.assign(server, {
    close() {
      if (!isUsed()) close();
    },
  });
  return close;
}

/** Waits for JavaScript, which may wait for ever, until Ctrl-C. */
class InterruptibleWait {
  #stop: (() => void) | undefined;

  async wait(work: Promise<Evaluated>): Promise<Evaluated> {
    const stopped = new Promise<never>((_resolve, reject) => {
      this.#stop = () => reject(new Error('interrupted with Ctrl-C'));
    });
    try {
      return await Promise.race([work, stopped]);
    } finally {
      this.#stop = undefined;
    }
  }

  interrupt(): boolean {
    this.#stop?.();
    return this.#stop !== undefined;
  }
}

/** A REPL that cannot keep its history works all the same. */
function keepHistory(server: REPLServer, path: string, io: Io): Promise<void> {
  return new Promise((resolve) => {
    server.setupHistory(path, (error) => {
      if (error !== null) notice(io, `no history: ${error.message}`);
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
    showPrompt: () => {},
    get isUnfinished() {
      return begun !== '';
    },
    askForRequests: () => {},
    async javaScript({ text }) {
      const code = `${begun}${text}\n`;
      begun = '';
      const result = await evaluate(code).catch((error: unknown) => {
        throw new LocalError(error instanceof Error ? `${error.name}: ${error.message}` : inspect(error));
      });
      if (result.kind === 'incomplete') begun = code;
      else if (result.value !== undefined) {
        await io.out.line(shownValue(result.value, io.out.colours.isOn));
      }
    },
    lend: (use) => use(),
    close: () => input.close(),
  };
}
