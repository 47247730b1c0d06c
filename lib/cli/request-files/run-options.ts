// The options of `stubless test`.

import type { OptionGroup } from '../command/command-definition.ts';
import { UsageError } from '../command/failure.ts';
import { parseCount } from '../command/quantity.ts';
import { NO_COLOUR } from '../options/output.ts';

type ReportForm = 'junit' | 'json';

export interface RunValues {
  readonly target?: string;
  readonly tag?: readonly string[];
  readonly grep?: string;
  readonly bail?: boolean;
  readonly jobs?: number;
  readonly retry?: number;
  readonly coverage?: boolean;
  readonly update?: boolean;
  readonly watch?: boolean;
  readonly report?: readonly { readonly form: ReportForm; readonly path: string }[];
  readonly verbose?: number;
  readonly color?: boolean;
}

export const DEFAULT_JOBS = 16;

export const RUN: OptionGroup = {
  title: 'Run',
  options: [
    {
      flags: '--target <target>',
      description: 'send everything there, whatever the files say',
      completion: 'target',
    },
    {
      flags: '--tag <name>',
      description: 'only requests with this tag, and those whose captures they need',
      isRepeated: true,
    },
    {
      flags: '--grep <text>',
      description: 'only requests with this text in their name, and those whose captures they need',
    },
    { flags: '--bail', description: 'stop at the first failure' },
    {
      flags: '-j, --jobs <number>',
      description: 'run this many files at a time',
      parse: (text) => parseCount(text, 1, 1000),
      fallback: String(DEFAULT_JOBS),
    },
    {
      flags: '--retry <times>',
      description: 'try a request that fails again, up to this many times, with growing pauses',
      parse: (text) => parseCount(text, 0, 100),
      fallback: '0',
    },
    {
      flags: '--report <form=file>',
      description: 'write what came of it to a file, or to - for standard output: junit=FILE, json=FILE',
      isRepeated: true,
      parse: parseReport,
    },
    {
      flags: '--coverage',
      description: 'show which methods were called, and which members of oneofs and values of enums came',
    },
    {
      flags: '--update',
      description: 'write the snapshots that are not there, and what of the others no longer holds',
    },
    { flags: '--watch', description: 'run again whenever a file changes' },
    { flags: '-v, --verbose', description: 'show each request, not only what failed', isCounted: true },
    NO_COLOUR,
  ],
};

function parseReport(text: string): { readonly form: ReportForm; readonly path: string } {
  const [, form, path] = /^(junit|json)=(.+)$/s.exec(text) ?? [];
  if (form === undefined) throw new UsageError(`'${text}' is not a report; write junit=FILE or json=FILE`);
  return { form: form as ReportForm, path };
}
