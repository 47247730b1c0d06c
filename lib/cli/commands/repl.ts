// `stubless repl`: commands and JavaScript, line by line, with one client that stays.

import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Command } from '../command.ts';
import { connect } from '../connect.ts';
import { escapeText } from '../escape.ts';
import { EXIT, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { CONNECTION, type ConnectionValues } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST, type RequestValues } from '../options/request.ts';
import { SCHEMA, type SchemaValues } from '../options/schema.ts';
import { LineQueue } from '../repl/line-queue.ts';
import { completeLine, REPL_COMMANDS, replCommand } from '../repl/repl-commands.ts';
import { Session } from '../repl/session.ts';
import { openTerminal } from '../repl/terminal.ts';
import { loadFiles } from '../schema.ts';

interface ReplValues extends ConnectionValues, RequestValues, SchemaValues {
  readonly history?: string | false;
  readonly color?: boolean;
}

export const repl: Command<ReplValues> = {
  name: 'repl',
  summary: 'ask, describe and call interactively, with JavaScript at hand',
  description: `Commands: ${Object.values(REPL_COMMANDS)
    .map(({ usage }) => usage.split(' ')[0])
    .join(
      ', ',
    )}; 'help' tells what they do. Anything else is JavaScript, with top-level await: 'client' is the client
and 'reply' the last reply. Tab completes commands, services, methods, fields and JavaScript. Lines may be piped in.`,
  arguments: [{ name: 'target', description: 'host:port, https://host, unix:/path', completion: 'target' }],
  groups: [
    {
      title: 'REPL',
      options: [
        {
          flags: '--history <file>',
          description: 'where lines are kept',
          fallback: '~/.local/state/stubless/history, or below $XDG_STATE_HOME',
          completion: 'file',
        },
        { flags: '--no-history', description: 'keep no lines' },
        NO_COLOUR,
      ],
    },
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
  async run([word], options, io) {
    if (word === undefined) throw new UsageError('give a target');
    io.setColour(options.color);
    const { client, target } = connect(word, options, io.env);
    const hasFiles = await loadFiles(client, options);
    if (options.reflect !== false && (!hasFiles || options.reflect === true)) {
      await client.reflect({ signal: io.signal, timeoutMs: options.timeout });
    }
    const lines = new LineQueue();
    const session = new Session(
      client,
      target,
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
    if (io.stdin.isTTY) {
      const count = client.services.length;
      await io.out.line(
        `${escapeText(target.text)}: ${count} ${count === 1 ? 'service' : 'services'}; 'help' helps, Tab completes`,
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
  });
  session.onTyping = (isTyping) => terminal.setPrompt(isTyping ? 'message> ' : prompt, isTyping);
  io.signal.addEventListener('abort', () => {
    session.cancel();
    terminal.close();
  });
  let isWell = true;
  for (let line = await lines.next(); line !== undefined; line = await lines.next()) {
    const known = replCommand(line.text);
    if (/^\s*(?:exit|quit)\s*$/.test(line.text)) break;
    try {
      if (known === undefined) await terminal.javaScript(line);
      else {
        await known.command.run(session, known.text, terminal);
        line.done();
      }
    } catch (error) {
      isWell = false;
      session.tell(error);
      line.done();
    }
  }
  terminal.close();
  return isWell;
}

/** Where lines are kept; undefined for nowhere. */
function historyFile({ history }: ReplValues, io: Io): string | undefined {
  if (history === false) return undefined;
  const state = io.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  const path = history ?? join(state, 'stubless', 'history');
  mkdirSync(dirname(path), { recursive: true });
  return path;
}
