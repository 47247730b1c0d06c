// What can stand at the end of an unfinished command line: commands, options, their values, and, asked of the target,
// its services, methods, symbols and fields. Errors give no candidates: a shell must not show them.

import type { Client } from '../index.ts';
import type { Command, Completion, OptionDefinition } from './command.ts';
import { findConfig } from './config.ts';
import type { Io } from './io.ts';
import { parseUnfinished } from './parse.ts';
import { openSource, type SourceValues } from './schema.ts';

export interface Candidates {
  /** Whole words. */
  readonly words: readonly string[];
  /** What the shell knows better. */
  readonly files?: 'file' | 'directory';
}

/** How long a server may take to say what it has. */
const TIMEOUT_MS = 2000;
const NONE: Candidates = { words: [] };

/** Candidates for the last of the words behind `stubless`, which may be empty. */
export async function candidates(words: readonly string[], io: Io): Promise<Candidates> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const name = before.find((word) => io.commands.some((one) => one.name === word));
  const entry = io.commands.find((one) => one.name === name);
  if (name === undefined || entry === undefined) return commandNames(io, before, last);
  const command = await entry.load();
  const options = command.groups.flatMap((group) => group.options);
  const open = options.find((option) => isOpen(option, before.at(-1) ?? ''));
  if (open !== undefined) return valuesOf(open, last);
  if (last.startsWith('-'))
    return starting(
      options.flatMap(({ flags }) => flags.match(/--[a-z-]+/g) ?? []),
      last,
    );
  const at = before.indexOf(name);
  const parsed = parseUnfinished(command, [...before.slice(0, at), ...before.slice(at + 1)]);
  return wordOf(command, parsed.words, parsed.options, last, io);
}

function commandNames(io: Io, before: readonly string[], last: string): Candidates {
  // Behind an option whose value this may be, a command's name is as good a guess as any.
  if (last.startsWith('-')) return starting(['--help', '--version'], last);
  return starting(
    before[0] === 'help' || before.length === 0
      ? [...io.commands.map(({ name }) => name), 'help']
      : io.commands.map(({ name }) => name),
    last,
  );
}

function isOpen({ flags }: OptionDefinition, word: string): boolean {
  return flags.includes('<') && flags.split(/[ ,]+/).includes(word);
}

function valuesOf({ choices, completion }: OptionDefinition, last: string): Candidates {
  if (choices !== undefined) return starting(choices, last);
  return completion === 'file' || completion === 'directory' ? { words: [], files: completion } : NONE;
}

async function wordOf(
  command: Command,
  words: readonly string[],
  options: SourceValues,
  last: string,
  io: Io,
): Promise<Candidates> {
  const repeated = command.arguments.find((one) => one.isRepeated === true);
  const kind = (command.arguments[words.length] ?? repeated)?.completion;
  if (kind === undefined) return NONE;
  if (kind === 'target') return { ...starting(await targetNames(options), last), files: 'file' };
  if (kind === 'file' || kind === 'directory') return { words: [], files: kind };
  try {
    const { client, words: rest } = await openSource(
      words.slice(0, 2),
      { timeout: TIMEOUT_MS, connectTimeout: TIMEOUT_MS, ...options },
      io,
    );
    return starting(namesOf(client, kind, rest[0]), last);
  } catch {
    // The line that is being typed may be wrong, and the server away.
    return NONE;
  }
}

async function targetNames(options: SourceValues): Promise<readonly string[]> {
  const path = options.config === false ? undefined : (options.config ?? findConfig(process.cwd()));
  if (path === undefined) return [];
  try {
    const { readConfig } = await import('./config-file.ts');
    return (await readConfig(path)).targets;
  } catch {
    // A config file that is wrong is told of when the command runs.
    return [];
  }
}

function namesOf(client: Client, kind: Completion, method: string | undefined): readonly string[] {
  const services = client.services.map(({ fullName }) => fullName);
  const methods = client.services.flatMap((service) => service.methods.map((one) => one.path.slice(1)));
  switch (kind) {
    case 'service':
      return services;
    case 'method':
      return methods;
    case 'symbol':
      return [...client.symbols, ...methods.map((path) => path.replace('/', '.'))];
    case 'field': {
      if (method === undefined) return [];
      const found = client.describe(method);
      const request = found.kind === 'method' ? client.describe(found.requestType) : found;
      return request.kind === 'message' ? request.fields.map(({ jsonName }) => `${jsonName}=`) : [];
    }
    default:
      return [];
  }
}

function starting(words: readonly string[], last: string): Candidates {
  const exact = words.filter((word) => word.startsWith(last));
  // `SayH` finds `helloworld.Greeter/SayHello` by its last part.
  const inside = words.filter(
    (word) => last !== '' && new RegExp(`[./]${escapeExpression(last)}`).test(word),
  );
  return { words: [...new Set(exact.length > 0 ? exact : inside)] };
}

const escapeExpression = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
