// The options of how results are printed.

import type { OptionGroup } from '../command.ts';

export type OutputForm = 'json' | 'jsonl' | 'text' | 'binary' | 'full';

export interface JsonValues {
  readonly emitDefaults?: boolean;
  readonly protoNames?: boolean;
}

export interface OutputValues extends JsonValues {
  readonly output?: OutputForm;
  readonly verbose?: number;
  readonly color?: boolean;
}

export const NO_COLOUR = { flags: '--no-color', description: 'no colours (also NO_COLOR=1)' } as const;

export const OUTPUT: OptionGroup = {
  title: 'Output',
  options: [
    {
      flags: '-o, --output <form>',
      description:
        'json (indented), jsonl (one line a message), text (protobuf text format), binary (streams: with varint lengths), or full (one JSON object with request, headers, messages, trailers, status and timing)',
      choices: ['json', 'jsonl', 'text', 'binary', 'full'],
      fallback: 'json on a terminal, else jsonl',
    },
    { flags: '--emit-defaults', description: 'show fields that hold their default' },
    { flags: '--proto-names', description: "fields under the .proto's names instead of lowerCamelCase" },
    {
      flags: '-v, --verbose',
      description: 'headers, trailers, sizes and timing on standard error',
      isCounted: true,
    },
    NO_COLOUR,
  ],
};
