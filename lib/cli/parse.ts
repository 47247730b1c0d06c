// From the words of the command line to a command with its options, by commander: this file alone knows it.

import { CommanderError, Option, Command as Parser } from 'commander';
import type { Command, OptionDefinition } from './command.ts';
import { COMMANDS, type CommandEntry } from './commands.ts';
import { UsageError } from './failure.ts';

export type Parsed =
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly words: readonly string[];
      readonly options: object;
    }
  | { readonly kind: 'text'; readonly text: string };

const HINT = "see 'stubless --help'";

/** What the command line means. Throws a UsageError. */
export async function parseCommandLine(argv: readonly string[], version: string): Promise<Parsed> {
  const at = await commandIndex(argv);
  const [name] = at < 0 ? [] : [argv[at]];
  if (name === undefined) {
    if (argv.includes('--version') || argv.includes('-V')) return { kind: 'text', text: `${version}\n` };
    const [unknown] = argv.filter((word) => word !== '-h' && word !== '--help');
    if (unknown !== undefined) throw new UsageError(`'${unknown}' needs a command behind it; ${HINT}`);
    return { kind: 'text', text: overview(version) };
  }
  if (name === 'help') {
    const topic = argv[at + 1];
    if (topic === undefined) return { kind: 'text', text: overview(version) };
    return { kind: 'text', text: helpOf(await entry(topic).load()) };
  }
  const command = await entry(name).load();
  // Options may stand before the command's name too.
  return parseWith(command, [...argv.slice(0, at), ...argv.slice(at + 1)]);
}

/** Parses the words behind a command's name. */
export function parseWith(command: Command, argv: readonly string[]): Parsed {
  const parser = parserOf(command);
  try {
    parser.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'text', text: helpOf(command) };
    throw new UsageError(
      `${error.message.replace(/^error: /, '').replace(/\n\(Did you mean (.+?)\?\)/, '; did you mean $1?')}; see 'stubless ${command.name} --help'`,
    );
  }
  return { kind: 'run', command, words: parser.args, options: given(parser) };
}

/** The options that were given; of `--no-color` alone commander makes a `color` that is true by default. */
function given(parser: Parser): object {
  const entries = Object.entries(parser.opts<Record<string, unknown>>());
  return Object.fromEntries(entries.filter(([name]) => parser.getOptionValueSource(name) !== 'default'));
}

/** What an unfinished line says so far: words and options, mistakes passed over. */
export function parseUnfinished(
  command: Command,
  argv: readonly string[],
): { readonly words: readonly string[]; readonly options: object } {
  const optional = command.arguments.map((one) => ({ ...one, isOptional: true }));
  const parser = parserOf({ ...command, arguments: optional, run: command.run });
  try {
    parser
      .allowUnknownOption()
      .allowExcessArguments()
      .parse([...argv], { from: 'user' });
  } catch {
    // As far as it was understood.
  }
  return { words: parser.args, options: given(parser) };
}

export function helpOf(command: Command): string {
  return parserOf(command).helpInformation();
}

function entry(name: string): CommandEntry {
  const found = COMMANDS.find((one) => one.name === name);
  if (found !== undefined) return found;
  const near = COMMANDS.filter((one) => isNear(one.name, name)).map((one) => `'${one.name}'`);
  const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : '';
  const target = /:\d+|^https?:|^localhost$/.test(name)
    ? `; to call a method: stubless call ${name} METHOD`
    : '';
  throw new UsageError(`there is no command '${name}'${hint}${target}; ${HINT}`);
}

function isNear(name: string, typed: string): boolean {
  if (typed.length > 1 && name.startsWith(typed)) return true;
  const missing = [...typed].filter((char) => !name.includes(char)).length;
  return Math.abs(name.length - typed.length) < 2 && missing < 2 && name[0] === typed[0];
}

/** Where the command's name stands: behind options, and their values, that were given first. -1 when there is none. */
async function commandIndex(argv: readonly string[]): Promise<number> {
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at];
    if (!word.startsWith('-') || word === '-') return at;
    if (word.includes('=') || word === '--') continue;
    if (at === 0 && argv.length === 1) return -1;
    const { takesValue } = await import('./options/all.ts');
    if (takesValue(word)) at++;
  }
  return -1;
}

function parserOf(command: Command): Parser {
  const parser = new Parser(`stubless ${command.name}`)
    .description(
      [`${command.summary[0].toUpperCase()}${command.summary.slice(1)}.`, command.description]
        .filter(Boolean)
        .join('\n\n'),
    )
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption('-h, --help', 'show this help')
    .allowExcessArguments(command.arguments.some((one) => one.isRepeated));
  for (const { name, description, isOptional, isRepeated } of command.arguments) {
    const dots = isRepeated === true ? '...' : '';
    parser.argument(isOptional === true ? `[${name}${dots}]` : `<${name}${dots}>`, description);
  }
  for (const group of command.groups) {
    for (const definition of group.options) {
      parser.addOption(optionOf(definition).helpGroup(`${group.title}:`));
    }
  }
  const examples = command.examples.map(({ says, line }) => `  # ${says}\n  ${line}`).join('\n');
  const help = parser.helpInformation.bind(parser);
  parser.helpInformation = () => `${help()}\nExamples:\n${examples}\n`;
  return parser;
}

function optionOf({
  flags,
  description,
  isRepeated,
  isCounted,
  parse,
  choices,
  fallback,
}: OptionDefinition): Option {
  const option = new Option(
    flags,
    fallback === undefined ? description : `${description} (default: ${fallback})`,
  );
  const one = (text: string): unknown => {
    if (choices !== undefined && !choices.includes(text)) {
      throw new UsageError(`${flags} is one of ${choices.join(', ')}, not '${text}'`);
    }
    return parse === undefined ? text : parse(text);
  };
  if (isCounted === true) option.argParser((_text, before: unknown) => Number(before ?? 0) + 1);
  else if (isRepeated === true) {
    option.argParser((text, before: unknown) => [...(Array.isArray(before) ? before : []), one(text)]);
  } else if (parse !== undefined || choices !== undefined) option.argParser((text) => one(text));
  return option;
}

function overview(version: string): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `stubless ${version}: ask, describe, call and watch gRPC servers

Usage: stubless [options] <command> …

Commands:
${lines.join('\n')}

  stubless <command> --help   its words, its options and examples
  stubless --version

Examples:
  stubless list localhost:50051
  stubless call localhost:50051 helloworld.Greeter/SayHello name=you
  stubless call api.example.com SayHello --proto helloworld.proto -d '{"name":"you"}'
`;
}
