// The commands as Markdown, for docs/cli.md: made from the definitions that the parser and --help use.

import type { Command, OptionDefinition, OptionGroup } from './command/command-definition.ts';
import { COMMANDS } from './command-list.ts';

/** All commands, then the options that several share. */
export async function commandsMarkdown(): Promise<string> {
  const commands = await Promise.all(COMMANDS.map((entry) => entry.load()));
  const uses = new Map<OptionGroup, number>();
  for (const group of commands.flatMap(({ groups }) => groups)) uses.set(group, (uses.get(group) ?? 0) + 1);
  const shared = [...uses].filter(([, count]) => count > 1).map(([group]) => group);
  const sections = commands.map((command) => section(command, shared));
  const common = shared.map((group) => `### ${group.title}\n\n${table(group.options)}`);
  return [...sections, '## Options of several commands', ...common].join('\n\n');
}

function section(command: Command, shared: readonly OptionGroup[]): string {
  const words = command.arguments.map(({ name, isOptional, isRepeated }) => {
    const dots = isRepeated === true ? ' …' : '';
    return isOptional === true ? `[${name}${dots}]` : `<${name}>${dots}`;
  });
  const own = command.groups.filter((group) => !shared.includes(group));
  const others = command.groups
    .filter((group) => shared.includes(group))
    .map(({ title }) => title.replace(/ \(.*/, ''));
  return [
    `## stubless ${command.name}`,
    `\`stubless ${command.name} [options] ${words.join(' ')}\`: ${command.summary}.`,
    ...(command.description === undefined ? [] : [escaped(command.description)]),
    `\`\`\`sh\n${command.examples.map(({ says, line }) => `# ${says}\n${line}`).join('\n')}\n\`\`\``,
    ...own.map((group) => table(group.options)),
    ...(others.length === 0 ? [] : [`And the options of: ${others.join(', ')}.`]),
  ].join('\n\n');
}

function table(options: readonly OptionDefinition[]): string {
  const rows = options.map(({ flags, description, fallback }) => {
    const text = fallback === undefined ? description : `${description} (default: ${fallback})`;
    return `| \`${flags}\` | ${escaped(text)} |`;
  });
  return ['| option | |', '|---|---|', ...rows].join('\n');
}

/** `<…>` would be taken for HTML, `|` for the end of a cell. */
function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
