// The options of how results are printed.

import type { OptionGroup } from '../command/command-definition.ts';
import { parseCount } from '../command/quantity.ts';

export type OutputForm = 'json' | 'jsonl' | 'text' | 'binary' | 'full';

export interface JsonValues {
  readonly emitDefaults?: boolean;
  readonly protoNames?: boolean;
  readonly unknownFields?: boolean;
}

export interface OutputValues extends JsonValues {
  readonly output?: OutputForm;
  readonly verbose?: number;
  readonly maxMessages?: number;
  readonly color?: boolean;
}

export const NO_COLOUR = {
  flags: '--no-color',
  description: 'print without colours (also NO_COLOR=1)',
} as const;

export const DIRECTION = {
  flags: '--direction <direction>',
  description:
    "of a JSON Schema: what requests may hold ('input'), or what replies hold ('output'; of a method, its reply)",
  choices: ['input', 'output'],
  fallback: 'input',
} as const;

export const OUTPUT: OptionGroup = {
  title: 'Output',
  options: [
    {
      flags: '-o, --output <form>',
      description:
        'json (indented), jsonl (one line per message), text (protobuf text format), binary (in streams, each message after its length as a varint), or full (one JSON object with request, headers, messages, trailers, status and timing)',
      choices: ['json', 'jsonl', 'text', 'binary', 'full'],
      fallback: 'json on a terminal, otherwise jsonl',
    },
    { flags: '--emit-defaults', description: 'show fields that hold their default value' },
    { flags: '--proto-names', description: "use the .proto's field names instead of lowerCamelCase" },
    {
      flags: '--unknown-fields',
      description: "show fields that are not in the schema: under '@unknown' in JSON, by number in text",
      fallback: 'with -v',
    },
    {
      flags: '--max-messages <number>',
      description: 'end the call, successfully, after this many replies',
      parse: (text) => parseCount(text, 1),
      fallback: 'all',
    },
    {
      flags: '-v, --verbose',
      description:
        'show headers, trailers, sizes and timing on standard error; -vv shows every HTTP/2 frame too',
      isCounted: true,
    },
    NO_COLOUR,
  ],
};
