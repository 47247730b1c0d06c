// `stubless repl`: commands and JavaScript, line by line, with one client that stays.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { messageOf } from '../../values/realm.ts';
import { configured } from '../client/config.ts';
import { connect } from '../client/connect.ts';
import { loadFiles } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT, LocalError, UsageError } from '../command/failure.ts';
import { baseDirectory } from '../command/home.ts';
import type { Io } from '../command/io.ts';
import { notice } from '../command/notice.ts';
import { isStdinPath } from '../command/standard-input.ts';
import { TimeLimit } from '../command/time-limit.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { SCHEMA, type SchemaValues, schemaFiles } from '../options/schema-options.ts';
import { VARIABLES, type VariableValues } from '../options/variables.ts';
import { LineQueue } from './line-queue.ts';
import { completeLine, REPL_COMMANDS, replCommand } from './repl-commands.ts';
import { Session } from './session.ts';
import { safeConsole, shownValue } from './shown-value.ts';
import { openTerminal } from './terminal.ts';

interface ReplValues extends ConnectionValues, RequestValues, SchemaValues, VariableValues {
  readonly history?: string | false;
  readonly color?: boolean;
}

export const repl: Command<ReplValues> = {
  name: 'repl',
  summary: 'explore and call a server interactively, with JavaScript at hand',
  description: `Commands: ${Object.values(REPL_COMMANDS)
    .map(({ usage }) => usage.split(' ')[0])
    .join(
      ', ',
    )}; 'help' explains them. Anything else is JavaScript, with top-level await: 'client' is the client
and 'reply' the last reply. Tab completes commands, services, methods, fields and JavaScript. Lines may be piped in.`,
  arguments: [{ name: 'target', description: 'host:port, https://host, unix:/path', completion: 'target' }],
  groups: [
    {
      title: 'REPL',
      options: [
        {
          flags: '--history <file>',
          description: 'where to keep the history',
          fallback: '~/.local/state/stubless/history, or below $XDG_STATE_HOME',
          completion: 'file',
        },
        { flags: '--no-history', description: 'keep no history' },
        NO_COLOUR,
      ],
    },
    VARIABLES,
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'a server with reflection', line: 'stubless repl localhost:50051' },
    {
      says: 'lines from a file',
      line: 'stubless repl localhost:50051 < lines.txt',
    },
  ],
  async run([named], given, io) {
    if (named === undefined) throw new UsageError('give a target');
    const { word = named, options } = await configured(named, given, io);
    const connection = connect(word, options, io.env);
    const { client, target } = connection;
    if (schemaFiles(options).some(isStdinPath)) {
      throw new UsageError('the REPL reads its lines from standard input; give the schema as a file');
    }
    const hasFiles = await loadFiles(client, options, io);
    if (options.reflect !== false && (!hasFiles || options.reflect === true)) {
      await new TimeLimit(options.timeout).loading(target.text, client, (timeoutMs) =>
        client.reflect({ signal: io.signal, timeoutMs }),
      );
    }
    const lines = new LineQueue();
    const session = new Session(
      connection,
      options.reflect !== false,
      lines,
      {
        output: 'json',
        timeout: options.timeout,
        emitDefaults: false,
        protoNames: false,
        verbose: false,
      },
      io,
    );
    session.reach = options;
    if (io.stdin.isTTY) {
      const count = client.services.length;
      await io.out.line(
        `${escapeText(target.text)}: ${count} ${count === 1 ? 'service' : 'services'}; 'help' lists commands, Tab completes`,
      );
    }
    const isWell = await interact(session, options, io);
    // On a terminal the user has seen what failed; who pipes lines in has to be told.
    return isWell || io.stdin.isTTY ? EXIT.ok : EXIT.failed;
  },
};

/** Runs line after line. Whether every one went well. */
async function interact(session: Session, options: ReplValues, io: Io): Promise<boolean> {
  const { lines, target } = session;
  const prompt = `${escapeText(target.text)}> `;
  const terminal = await openTerminal({
    lines,
    prompt,
    complete: (line) => completeLine(session, line),
    onInterrupt: () => session.cancel(),
    historyFile: historyFile(options, io),
    io,
  });
  Object.defineProperties(globalThis, {
    client: { value: session.client, writable: true, configurable: true, enumerable: true },
    reply: { get: () => session.lastReply, configurable: true, enumerable: true },
    console: { value: safeConsole(io), writable: true, configurable: true },
  });
  session.onTyping = (isTyping) => terminal.askForRequests(isTyping);
  io.signal.addEventListener('abort', () => {
    session.cancel();
    terminal.close();
  });
  io.onUncaught = (error) => {
    session.isWell = false;
    io.err.line(`Uncaught ${shownValue(error, io.err.colours.isOn)}`);
    terminal.showPrompt();
  };
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    const known = terminal.isUnfinished ? undefined : replCommand(line.text);
    if (!terminal.isUnfinished && /^\s*\.?(?:exit|quit)\s*$/.test(line.text)) break;
    try {
      if (known === undefined) await terminal.javaScript(line);
      else {
        await known.command.run(session, known.text, terminal);
        line.done();
      }
    } catch (error) {
      session.tell(error);
      line.done();
    }
  }
  if (terminal.isUnfinished) {
    session.tell(new LocalError('the JavaScript of the last lines is incomplete; it was not run'));
  }
  terminal.close();
  return session.isWell;
}

/** The path of the history; undefined for no history. Piped lines are in a file of the user's already. */
function historyFile({ history }: ReplValues, io: Io): string | undefined {
  if (history === false || !io.stdin.isTTY) return undefined;
  const state = baseDirectory(io.env, 'XDG_STATE_HOME', ['.local', 'state']);
  const path = history ?? (state === undefined ? undefined : join(state, 'stubless', 'history'));
  if (path === undefined) {
    notice(io, 'no history: there is no home directory; --history FILE keeps it elsewhere');
    return undefined;
  }
  try {
    // Lines may hold secrets.
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return path;
  } catch (error) {
    notice(io, `no history: ${messageOf(error)}`);
    return undefined;
  }
}
