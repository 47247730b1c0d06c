// What the command line as a whole means: which command, or which text to print. Options may stand before its name.

import type { CommandEntry } from './command.ts';
import { COMMANDS } from './commands.ts';
import { UsageError } from './failure.ts';
import { helpOf, type Parsed, parseWith } from './parse.ts';

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
