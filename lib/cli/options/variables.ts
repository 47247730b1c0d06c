// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// The options of the variables of files of requests.

import type { OptionGroup } from '../command/command-definition.ts';
import { UsageError } from '../command/failure.ts';

export interface VariableValues {
  readonly env?: string;
  readonly var?: readonly (readonly [string, string])[];
  readonly secrets?: string;
}

export const VARIABLES: OptionGroup = {
  title: 'Variables of files of requests',
  options: [
    { flags: '--env <name>', description: 'take variables from this environment of the config file' },
    {
      flags: '--var <name=value>',
      description: 'set a variable, before what the environment and the file say',
      isRepeated: true,
      parse: parseVariable,
    },
    {
      flags: '--secrets <file>',
      description:
        'NAME=value lines, for ${env:NAME} that the environment does not set; a file outside of the repository',
      completion: 'file',
    },
  ],
};

function parseVariable(text: string): readonly [string, string] {
  const match = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(text);
  if (match === null) throw new UsageError(`write NAME=VALUE, such as --var user=7`);
  return [match[1], match[2]];
}

export interface SaveValues {
  readonly save?: string;
}

export const SAVE: OptionGroup = {
  title: 'Saving',
  options: [
    {
      flags: '--save <file#name>',
      description:
        'also write the request, and what came back, to a file of requests for stubless test; it is made where there is none',
      parse(text) {
        if (/\.(?:ya?ml|json)#./i.test(text)) return text;
        throw new UsageError(`'${text}' is not FILE#NAME, such as hello.requests.yaml#greets`);
      },
    },
  ],
};
