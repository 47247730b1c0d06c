// `stubless diff`: what changed between two schemas (servers, files), and whom it breaks.

import type { ServiceInfo } from '../../index.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText, jsonText } from '../command/escape.ts';
import { EXIT, UsageError } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { isStdinPath } from '../command/standard-input.ts';
import { isUnavailable, warnUnavailable } from '../command/unavailable.ts';
import { type Breaks, type Change, isBreakingAt, LEVELS } from '../diff/change.ts';
import { compare, snapshotsOf } from '../diff/compare.ts';
import { CONNECTION } from '../options/connection.ts';
import { NO_COLOUR } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA, schemaFiles } from '../options/schema-options.ts';

interface DiffValues extends SourceValues {
  readonly level?: Breaks;
  readonly breaking?: boolean;
  readonly infrastructure?: boolean;
  readonly json?: boolean;
  readonly color?: boolean;
}

export const diff: Command<DiffValues> = {
  name: 'diff',
  summary: 'show what changed between two schemas, and whether it breaks callers',
  description: `Each side is a server or schema files; --proto and --protoset stand for the second. Each change is shown with its rule
and what it breaks: wire (bytes), json (ProtoJSON), source (generated code, field names) or none.
Exit status: 0; 1 when something breaks at --level, or when a service's schema is unavailable.`,
  arguments: [
    { name: 'before', description: 'host:port, or schema files', completion: 'target' },
    { name: 'after', description: 'the same', isOptional: true, completion: 'target' },
  ],
  groups: [
    {
      title: 'Diff',
      options: [
        {
          flags: '--level <level>',
          description: 'what must not break: wire, json or source, each including those before it',
          choices: ['wire', 'json', 'source'],
          fallback: 'source',
        },
        { flags: '--breaking', description: 'show only what breaks at that level' },
        {
          flags: '--infrastructure',
          description: 'also compare reflection, health, channelz and google.protobuf',
        },
        { flags: '--json', description: 'one JSON object per line' },
        NO_COLOUR,
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    {
      says: 'check that a .proto still fits the server',
      line: 'stubless diff api.example.com --proto api.proto',
    },
    { says: 'what a release changes', line: 'stubless diff old.binpb new.binpb --level wire' },
  ],
  async run([first, second], options, io) {
    io.keepsStatus = true;
    const { proto, protoset, importPath, ...others } = options;
    const hasFiles = proto !== undefined || protoset !== undefined;
    if ((second === undefined) !== hasFiles) {
      throw new UsageError(
        'give two schemas to compare: two servers or files, or one and --proto or --protoset',
      );
    }
    if ([first, second ?? '', ...schemaFiles(options)].filter(isStdinPath).length > 1) {
      throw new UsageError('standard input can be read only once; use it for one of the two');
    }
    // --import-path is for the files that stand for the second, or for both words.
    const paths = importPath === undefined || hasFiles ? {} : { importPath };
    const before = await openSource([first], { ...others, ...paths }, io);
    const after = await (second === undefined
      ? openSource([], options, io)
      : openSource([second], { ...others, ...paths }, io));
    const level = options.level ?? 'source';
    const [old, now] = [snapshotsOf(before.client), snapshotsOf(after.client)];
    const unavailable = [...before.client.services, ...after.client.services].filter(isUnavailable);
    warnUnavailable(unavailable, io);
    const known = ({ symbol }: Change): boolean => !isOf(symbol, unavailable);
    const aside = compare(old.infrastructure, now.infrastructure).filter(known);
    const all = compare(old.own, now.own).filter(known);
    if (options.infrastructure === true) all.push(...aside.splice(0));
    const breaking = all.filter((change) => isBreakingAt(change, level));
    const shown = options.breaking === true ? breaking : all;
    // The most serious first.
    shown.sort((a, b) => LEVELS.indexOf(a.breaks) - LEVELS.indexOf(b.breaks));
    for (const change of shown)
      await io.out.line(options.json === true ? jsonText(change) : lineOf(change, io));
    if (options.json !== true) {
      const count = all.length === 1 ? '1 change' : `${all.length} changes`;
      const summary =
        all.length === 0 ? 'no changes' : `${count}, ${breaking.length} of them breaking at level ${level}`;
      const left =
        aside.length === 0
          ? ''
          : ` (not counting ${aside.length} in infrastructure services; --infrastructure shows them)`;
      io.err.line(summary + left);
    }
    return breaking.length > 0 || unavailable.length > 0 ? EXIT.failed : EXIT.ok;
  },
};

/** Whether a symbol is one of these services, or in one of them: what changed there is not known. */
function isOf(symbol: string, services: readonly ServiceInfo[]): boolean {
  return services.some(({ fullName }) => symbol === fullName || symbol.startsWith(`${fullName}.`));
}

function lineOf({ rule, breaks, symbol, text }: Change, io: Io): string {
  const { red, yellow, green, bold, dim } = io.out.colours;
  const paint = { wire: red, json: red, source: yellow, none: green }[breaks];
  return `${paint(breaks.padEnd(6))} ${bold(escapeText(symbol))}: ${escapeText(text)} ${dim(`(${rule})`)}`;
}
