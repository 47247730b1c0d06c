// What can stand at the end of an unfinished command line: commands, options, their values, and, asked of the target,
// its services, methods, symbols and fields. Errors give no candidates: a shell must not show them.

import type { Client } from '../../index.ts';
import { configured, openConfig } from '../client/config.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import { parseUnfinished } from '../command/argument-parser.ts';
import {
  type Command,
  type Completion,
  isOptionWithValue,
  type OptionDefinition,
} from '../command/command-definition.ts';
import type { Io } from '../command/io.ts';
import { completeField } from './symbol-completion.ts';

export interface Candidates {
  /** Whole words. */
  readonly words: readonly string[];
  /** What the shell knows better. */
  readonly files?: 'file' | 'directory';
}

/** How long a server may take to say what it has. */
const TIMEOUT_MS = 2000;
/** Nothing is said while somebody types. */
const SILENT = (): void => {};
const NONE: Candidates = { words: [] };
/** Nobody reads more than this, and a server may list any number. */
const MAX_WORDS = 5000;
/** What every shell takes literally. Names come from a server or a file: any other name is not offered. */
const PLAIN = /^[\w./:=@,+%[\]-]{1,1000}$/;

/** Candidates for the last of the words behind `stubless`, which may be empty. */
export async function candidates(words: readonly string[], io: Io): Promise<Candidates> {
  const last = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const names = io.commands.map((one) => one.name);
  const at = before.findIndex((word) => names.includes(word));
  const name = before[at];
  const found = io.commands.find((one) => one.name === name);
  if (name === undefined || found === undefined) return commandNames(io, before, last);
  // Of two words: bench merge.
  const nested = io.commands.find((one) => one.name === `${name} ${before[at + 1]}`);
  const command = await (nested ?? found).load();
  const options = command.groups.flatMap((group) => group.options);
  const open = options.find((option) => isOptionWithValue(option, before.at(-1) ?? ''));
  if (open !== undefined) return valuesOf(open, last);
  const [, flag, text] = /^(--[a-z0-9-]+=)(.*)$/s.exec(last) ?? [];
  if (flag !== undefined) return joined(flag, options, text);
  if (last.startsWith('-'))
    return starting(
      options.flatMap(({ flags }) => flags.match(/--[a-z0-9-]+/g) ?? []),
      last,
    );
  const behind = nested === undefined ? at + 1 : at + 2;
  const parsed = parseUnfinished(command, [...before.slice(0, at), ...before.slice(behind)]);
  const offered = await wordOf(command, parsed.words, parsed.options, last, io);
  if (nested !== undefined || behind < before.length) return offered;
  return { ...offered, words: [...starting(secondWords(io, name), last).words, ...offered.words] };
}

/** What may follow a command's name to make that of another command. */
function secondWords(io: Io, name: string): string[] {
  return io.commands
    .filter((one) => one.name.startsWith(`${name} `))
    .map((one) => one.name.slice(name.length + 1));
}

function commandNames(io: Io, before: readonly string[], last: string): Candidates {
  // Behind an option whose value this may be, a command's name is as good a guess as any.
  if (last.startsWith('-')) return starting(['--help', '--version'], last);
  const names = io.commands.map(({ name }) => name).filter((one) => !one.includes(' '));
  return starting(before[0] === 'help' || before.length === 0 ? [...names, 'help'] : names, last);
}

/** The values of an option whose name stands in the same word: `--output=js`. */
function joined(flag: string, options: readonly OptionDefinition[], text: string): Candidates {
  const option = options.find((one) => isOptionWithValue(one, flag.slice(0, -1)));
  if (option === undefined) return NONE;
  const { words, ...files } = valuesOf(option, text);
  return { words: words.map((word) => flag + word), ...files };
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
  const own = command.arguments.at(words.length);
  if (own?.choices !== undefined) return starting(own.choices, last);
  const repeated = command.arguments.find((one) => one.isRepeated === true);
  const kind = (own ?? repeated)?.completion;
  if (kind === undefined) return NONE;
  if (kind === 'target') return { ...starting(await targetNames(options, io), last), files: 'file' };
  if (kind === 'file' || kind === 'directory') return { words: [], files: kind };
  try {
    const known = await configured(words[0], options, io, SILENT);
    const { client, words: rest } = await openSource(
      known.word === undefined ? [] : [known.word, ...words.slice(1, 2)],
      {
        ...known.options,
        // Nobody waits for a word as long as a config file lets a call take.
        timeout: options.timeout ?? TIMEOUT_MS,
        connectTimeout: options.connectTimeout ?? TIMEOUT_MS,
        config: false,
      },
      io,
    );
    return starting(namesOf(client, kind, rest[0], last), last);
  } catch {
    // The line that is being typed may be wrong, and the server away.
    return NONE;
  }
}

async function targetNames(options: SourceValues, io: Io): Promise<readonly string[]> {
  try {
    return (await openConfig(options, io, SILENT))?.targets ?? [];
  } catch {
    // A config file that is wrong is told of when the command runs.
    return [];
  }
}

function namesOf(
  client: Client,
  kind: Completion,
  method: string | undefined,
  last: string,
): readonly string[] {
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
      return found.kind === 'method' ? completeField(client, found.requestType, last) : [];
    }
    default:
      return [];
  }
}

function starting(words: readonly string[], last: string): Candidates {
  const exact = words.filter((word) => word.startsWith(last));
  // `SayH` finds `helloworld.Greeter/SayHello` by its last part.
  const inside = words.filter(
    (word) => last !== '' && (word.includes(`.${last}`) || word.includes(`/${last}`)),
  );
  const found = exact.length > 0 ? exact : inside;
  return { words: [...new Set(found)].filter((word) => PLAIN.test(word)).slice(0, MAX_WORDS) };
}
