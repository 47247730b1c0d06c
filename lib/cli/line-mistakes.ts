// What is said of a command line that makes no sense: the words of other tools, another order, a word that is missing.
// Imported on the way to an error only.

import { MissingWordError, type UnknownOptionError, UsageError, withHelp } from './command/failure.ts';
import { looksLikeTarget } from './command/target.ts';
import { COMMANDS } from './command-list.ts';
import { equivalentCommand, equivalentOption, serverInOptions, singleDashOptions } from './other-tools.ts';
import { methodInTarget } from './requests/call-words.ts';

/** Of the word at `at`, which stands in a command's place and is not one. */
export function unknownCommand(argv: readonly string[], at: number): string {
  const name = argv[at];
  const rest = argv.slice(at + 1);
  // What looks like a target, or like nothing, may be the value of --host or --port.
  const server = serverInOptions(argv);
  const command = rest.find((word) => COMMANDS.some((one) => one.name === word));
  if (server !== undefined && command !== undefined) {
    return `the server is a separate word, after the command: stubless ${command} ${server}`;
  }
  if (looksLikeTarget(name)) return commandFirst(name, rest);
  const here = equivalentCommand(name);
  if (here !== undefined) return `unknown command '${name}'; use '${here}'`;
  const near = [...COMMANDS.map((one) => one.name), 'help']
    .filter((one) => isNear(one, name))
    .map((one) => `'${one}'`);
  return `unknown command '${name}'${near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''}`;
}

function isNear(name: string, typed: string): boolean {
  if (typed.length > 1 && name.startsWith(typed)) return true;
  const missing = [...typed].filter((char) => !name.includes(char)).length;
  return Math.abs(name.length - typed.length) < 2 && missing < 2 && name[0] === typed[0];
}

/** For those who write the server first, as grpcurl has it. */
function commandFirst(target: string, rest: readonly string[]): string {
  const [first, ...others] = rest.filter((word) => /^[\w./]+$/.test(word));
  const isCommand = COMMANDS.some((one) => one.name === first);
  const words = isCommand ? [first, target, ...others] : ['call', target, first ?? 'METHOD'];
  return `the command comes before the target '${target}': stubless ${words.join(' ')}`;
}

/** Of options that are written with one dash; undefined where none is. */
export function singleDashMistake(argv: readonly string[]): string | undefined {
  const found = singleDashOptions(argv);
  if (found.length === 0) return undefined;
  const [{ word, here }, ...others] = found;
  const options =
    others.length === 0
      ? `unknown option '${word}'; ${here}`
      : `unknown options ${found.map((one) => `'${one.word}' (${one.here})`).join(', ')}`;
  const at = argv.findIndex(looksLikeTarget);
  const isFirst = at >= 0 && !argv.slice(0, at).some((word) => COMMANDS.some(({ name }) => name === word));
  const order = isFirst ? `; ${commandFirst(argv[at], argv.slice(at + 1))}` : '';
  return `${options}${order}`;
}

/** Of an option that the command does not have, or a word that it lacks. */
export function withHint(error: UnknownOptionError | MissingWordError, rest: readonly string[]): UsageError {
  return error instanceof MissingWordError ? methodHint(error, rest) : optionHint(error, rest);
}

function optionHint({ option, command, message }: UnknownOptionError, rest: readonly string[]): UsageError {
  const here = equivalentOption(option, command);
  if (here === undefined) return new UsageError(message);
  const server = /^(?:--host|--port|-p)$/.test(option) ? serverInOptions(rest) : undefined;
  const line = server === undefined ? '' : `: stubless ${command} ${server}`;
  return new UsageError(withHelp(`unknown option '${option}'; ${here}${line}`, command));
}

/** Where the method is missing it may be a part of the target, as in buf curl; or it is not known yet. */
function methodHint(error: MissingWordError, rest: readonly string[]): UsageError {
  const file = error.word === 'method' ? rest.find((word) => /\.(?:ya?ml|json)$/i.test(word)) : undefined;
  if (file !== undefined && (error.command === 'call' || error.command === 'bench')) {
    return new UsageError(`${error.said}; for a request of a file: stubless ${error.command} ${file}#NAME`);
  }
  const target = error.word === 'method' ? rest.find(looksLikeTarget) : undefined;
  if (target === undefined) return error;
  const parts = methodInTarget(target);
  const hint =
    parts === undefined
      ? `to see the methods: stubless list ${target} -l`
      : `write it as a separate word: stubless ${error.command} ${parts.target} ${parts.method}`;
  return new UsageError(`${error.said}; ${hint}`);
}
