// `stubless types`: TypeScript declarations of a schema, for `new Client<Services>(…)`.

import { writeFile } from 'node:fs/promises';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeLines } from '../command/escape.ts';
import { EXIT, UsageError, writing } from '../command/failure.ts';
import { warnUnavailable } from '../command/unavailable.ts';
import { CONNECTION } from '../options/connection.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema-options.ts';

interface TypesValues extends SourceValues {
  readonly out?: string;
}

export const types: Command<TypesValues> = {
  name: 'types',
  summary: 'write TypeScript declarations of a schema',
  arguments: [
    { name: 'target', description: 'host:port, or schema files', isOptional: true, completion: 'target' },
  ],
  groups: [
    {
      title: 'Types',
      options: [
        {
          flags: '--out <file>',
          description: 'file to write',
          fallback: 'standard output',
          completion: 'file',
        },
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    {
      says: "declarations for `import type { Services } from './services.js'`",
      line: 'stubless types localhost:50051 --out services.d.ts',
    },
  ],
  async run(words, options, io) {
    const { client, words: rest } = await openSource(words, options, io);
    if (rest.length > 0) throw new UsageError(`'${rest[0]}' is one argument too many`);
    const text = client.types();
    const { out } = options;
    if (out === undefined) await io.out.write(escapeLines(text));
    else await writing(out, () => writeFile(out, text));
    return warnUnavailable(client.services, io) ? EXIT.failed : EXIT.ok;
  },
};
