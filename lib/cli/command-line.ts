// What the command line as a whole means: which command, or which text to print. Options may stand before its name.

import { helpOf, type Parsed, parseWith } from './command/argument-parser.ts';
import { type CommandEntry, isOptionWithValue } from './command/command-definition.ts';
import { MissingWordError, UnknownOptionError, UsageError, withHelp } from './command/failure.ts';
import { COMMANDS } from './command-list.ts';

/** What the command line means. Throws a UsageError. */
export async function parseCommandLine(argv: readonly string[], version: string): Promise<Parsed> {
  await refuseSingleDash(argv);
  const at = await commandIndex(argv);
  const [name] = at < 0 ? [] : [argv[at]];
  if (name === undefined) {
    if (argv.includes('--version') || argv.includes('-V')) return { kind: 'text', text: `${version}\n` };
    const [unknown] = argv.filter((word) => word !== '-h' && word !== '--help');
    if (unknown !== undefined) throw new UsageError(withHelp(`'${unknown}' needs a command after it`));
    return { kind: 'text', text: overview(version) };
  }
  if (name === 'help') {
    const topic = argv[at + 1];
    if (topic === undefined) return { kind: 'text', text: overview(version) };
    const { entry } = await entryAt(argv, at + 1);
    return { kind: 'text', text: helpOf(await entry.load()) };
  }
  const { entry, ends } = await entryAt(argv, at);
  const command = await entry.load();
  // Options may stand before the command's name too, and between its two words.
  const rest = argv.filter((_, index) => index !== at && index !== ends);
  try {
    return parseWith(command, rest);
  } catch (error) {
    if (!(error instanceof UnknownOptionError || error instanceof MissingWordError)) throw error;
    const { withHint } = await import('./line-mistakes.ts');
    throw withHint(error, rest);
  }
}

/** The command whose name begins at `at`, and where its last word is: `bench merge` has two. */
async function entryAt(
  argv: readonly string[],
  at: number,
): Promise<{ readonly entry: CommandEntry; readonly ends: number }> {
  const found = COMMANDS.find((one) => one.name === argv[at]);
  if (found === undefined) {
    const { unknownCommand } = await import('./line-mistakes.ts');
    throw new UsageError(withHelp(unknownCommand(argv, at)));
  }
  if (!COMMANDS.some(({ name }) => name.startsWith(`${argv[at]} `))) return { entry: found, ends: at };
  const options = (await found.load()).groups.flatMap((group) => group.options);
  const next = await commandIndex(argv, at + 1, (word) =>
    options.some((one) => isOptionWithValue(one, word)),
  );
  const nested = COMMANDS.find(({ name }) => name === `${argv[at]} ${argv[next]}`);
  return nested === undefined ? { entry: found, ends: at } : { entry: nested, ends: next };
}

/** Options with one dash would be taken for several of one letter, which `-vv` means to be. */
async function refuseSingleDash(argv: readonly string[]): Promise<void> {
  if (!argv.some((word) => /^-(?!v+$)[A-Za-z][\w-]+/.test(word))) return;
  const { singleDashMistake } = await import('./line-mistakes.ts');
  const mistake = singleDashMistake(argv);
  if (mistake !== undefined) throw new UsageError(withHelp(mistake));
}

/** The index of the next word from `from` on that is neither an option nor an option's value; -1 without one. */
async function commandIndex(
  argv: readonly string[],
  from = 0,
  takes?: (word: string) => boolean,
): Promise<number> {
  for (let at = from; at < argv.length; at++) {
    const word = argv[at];
    if (!word.startsWith('-') || word === '-') return at;
    if (word.includes('=') || word === '--') continue;
    if (at === 0 && argv.length === 1) return -1;
    const takesValue = takes ?? (await import('./options/all.ts')).takesValue;
    if (takesValue(word)) at++;
  }
  return -1;
}

function overview(version: string): string {
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const lines = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`);
  return `stubless ${version}: list, describe, call and watch gRPC servers

Usage: stubless [options] <command> …

Commands:
${lines.join('\n')}

  stubless <command> --help   its arguments, options and examples
  stubless --version

Examples:
  stubless list localhost:50051
  stubless call localhost:50051 helloworld.Greeter/SayHello name=you
  stubless call api.example.com SayHello --proto helloworld.proto -d '{"name":"you"}'
`;
}
