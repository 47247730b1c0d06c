// From the words behind a command's name to what they say, by commander: this file alone knows it.

import { CommanderError, Option, Command as Parser } from 'commander';
import { nearestNames } from '../../values/nearest-names.ts';
import { type Command, longFlag, type OptionDefinition, type OptionGroup } from './command-definition.ts';
import { MissingWordError, UnknownOptionError, UsageError, withHelp } from './failure.ts';

export type Parsed =
  | {
      readonly kind: 'run';
      readonly command: Command;
      readonly words: readonly string[];
      readonly options: { readonly color?: boolean };
    }
  | { readonly kind: 'text'; readonly text: string };

/** Parses the words behind a command's name. */
export function parseWith(command: Command, argv: readonly string[]): Parsed {
  const places = command.arguments.map((one) => {
    const isOptional = argv.some((word) => one.isOptionalWith?.test(word) === true);
    return isOptional ? { ...one, isOptional } : one;
  });
  const parser = parserOf({ ...command, arguments: places, run: command.run });
  try {
    parser.parse([...argv], { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'text', text: helpOf(command) };
    throw usageError(error, command, parser.args, argv);
  }
  return { kind: 'run', command, words: parser.args, options: given(parser) };
}

function usageError(
  { code, message }: CommanderError,
  { name: command, arguments: places, groups }: Command,
  words: readonly string[],
  argv: readonly string[],
): UsageError {
  // What follows the option's name may be a secret.
  const withoutValue =
    code === 'commander.unknownOption' ? message.replace(/'(--[^=']*)=.*'/s, "'$1'") : message;
  const said = withoutValue
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+?)\?\)/, '; did you mean $1?');
  const text = withHelp(said, command);
  if (code === 'commander.excessArguments') {
    return new UsageError(withHelp(`'${words[places.length]}' is one argument too many`, command));
  }
  const named = /'([^']*)'/.exec(withoutValue)?.[1] ?? '';
  if (code === 'commander.unknownOption') {
    const flag = flagWithValue(groups, argv);
    if (flag === undefined) return new UnknownOptionError(text, named, command);
    return new UsageError(withHelp(`${flag} takes no value; write ${flag} alone`, command));
  }
  if (code === 'commander.missingArgument') return new MissingWordError(said, named, command);
  return new UsageError(text);
}

/** The first flag that was given a value, `--plaintext=yes`: commander takes it for an option that it does not know. */
function flagWithValue(groups: readonly OptionGroup[], argv: readonly string[]): string | undefined {
  const flags = new Set(
    groups
      .flatMap(({ options }) => options)
      .filter(({ flags }) => !flags.includes('<'))
      .flatMap(({ flags }) => flags.split(', ')),
  );
  return argv
    .map((word) => word.split('='))
    .find(([name, value]) => value !== undefined && flags.has(name))?.[0];
}

/** The options that were given; of `--no-color` alone commander makes a `color` that is true by default. */
function given(parser: Parser): { readonly color?: boolean } {
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
  const long = longFlag(flags);
  const one = (text: string): unknown => {
    if (choices !== undefined && !choices.includes(text)) {
      const [near] = nearestNames(text, choices, 1);
      const hint = near === undefined ? '' : `; did you mean '${near}'?`;
      throw new UsageError(`${long} must be one of ${choices.join(', ')}, not '${text}'${hint}`);
    }
    if (parse === undefined) return text;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${long}: ${error.message}`);
    }
  };
  if (isCounted === true) option.argParser((_text, before: unknown) => Number(before ?? 0) + 1);
  else if (isRepeated === true) {
    option.argParser((text, before: unknown) => [...(Array.isArray(before) ? before : []), one(text)]);
  } else if (parse !== undefined || choices !== undefined) option.argParser((text) => one(text));
  return option;
}
