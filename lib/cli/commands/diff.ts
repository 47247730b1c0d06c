// `stubless diff`: what changed between two schemas (servers, files), and whom it breaks.

import type { Command } from '../command.ts';
import { type Breaks, type Change, isBreakingAt, LEVELS } from '../diff/change.ts';
import { compare, snapshotOf } from '../diff/compare.ts';
import { escapeText, jsonText } from '../escape.ts';
import { EXIT, UsageError } from '../failure.ts';
import type { Io } from '../io.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema.ts';
import { openSource, type SourceValues } from '../schema.ts';

interface DiffValues extends SourceValues {
  readonly level?: Breaks;
  readonly breaking?: boolean;
  readonly json?: boolean;
  readonly color?: boolean;
}

export const diff: Command<DiffValues> = {
  name: 'diff',
  summary: 'show what changed between two schemas, and whether it breaks callers',
  description: `Each of the two is a server or schema files; --proto and --protoset stand for the second. Each change has the name of
its rule and what it breaks: wire (bytes), json (ProtoJSON), source (generated code, field names), none.
Exit status: 0; 1 when something breaks at --level.`,
  arguments: [
    { name: 'before', description: 'host:port, or schema files', completion: 'target' },
    { name: 'after', description: 'likewise', isOptional: true, completion: 'target' },
  ],
  groups: [
    {
      title: 'Diff',
      options: [
        {
          flags: '--level <level>',
          description: 'what must not break: wire, json or source, each with those before it',
          choices: ['wire', 'json', 'source'],
          fallback: 'source',
        },
        { flags: '--breaking', description: 'show only what breaks at that level' },
        { flags: '--json', description: 'one JSON object a line' },
        NO_COLOUR,
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    {
      says: 'does the .proto here still fit the server',
      line: 'stubless diff api.example.com --proto api.proto',
    },
    { says: 'what a release changes', line: 'stubless diff old.binpb new.binpb --level wire' },
  ],
  async run([first, second], options, io) {
    io.setColour(options.color);
    const { proto, protoset, importPath, ...others } = options;
    const hasFiles = proto !== undefined || protoset !== undefined;
    if ((second === undefined) !== hasFiles) {
      throw new UsageError('give two schemas to compare: two words, or one and --proto or --protoset');
    }
    // --import-path is for the files that stand for the second, or for both words.
    const paths = importPath === undefined || hasFiles ? {} : { importPath };
    const before = await openSource([first], { ...others, ...paths }, io);
    const after = await (second === undefined
      ? openSource([], options, io)
      : openSource([second], { ...others, ...paths }, io));
    const level = options.level ?? 'source';
    const all = compare(snapshotOf(before.client), snapshotOf(after.client));
    const breaking = all.filter((change) => isBreakingAt(change, level));
    const shown = options.breaking === true ? breaking : all;
    // The gravest first.
    shown.sort((a, b) => LEVELS.indexOf(a.breaks) - LEVELS.indexOf(b.breaks));
    for (const change of shown)
      await io.out.line(options.json === true ? jsonText(change) : lineOf(change, io));
    if (options.json !== true) {
      const count = all.length === 1 ? '1 change' : `${all.length} changes`;
      io.err.line(
        all.length === 0
          ? 'no changes'
          : `${count}, ${breaking.length} of them breaking at the level ${level}`,
      );
    }
    return breaking.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

function lineOf({ rule, breaks, symbol, text }: Change, io: Io): string {
  const { red, yellow, green, bold, dim } = io.out.colours;
  const paint = { wire: red, json: red, source: yellow, none: green }[breaks];
  return `${paint(breaks.padEnd(6))} ${bold(escapeText(symbol))}: ${escapeText(text)} ${dim(`(${rule})`)}`;
}
