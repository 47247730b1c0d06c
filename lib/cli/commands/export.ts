// `stubless export`: writes a schema to disk, as one descriptor set or as .proto files.

import type { Command } from '../command.ts';
import { escapeText } from '../escape.ts';
import { EXIT, UsageError, writing } from '../failure.ts';
import { CONNECTION } from '../options/connection.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema.ts';
import { openSource, type SourceValues } from '../schema.ts';

interface ExportValues extends SourceValues {
  readonly protosetOut?: string;
  readonly protoOut?: string;
  readonly service?: readonly string[];
  readonly overwrite?: boolean;
}

export const exportSchema: Command<ExportValues> = {
  name: 'export',
  summary: 'write a schema to disk, as a protoset or as .proto files',
  arguments: [
    { name: 'target', description: 'host:port, or schema files', isOptional: true, completion: 'target' },
  ],
  groups: [
    {
      title: 'Export',
      options: [
        {
          flags: '--protoset-out <file>',
          description: "one FileDescriptorSet with all imports; '-' for standard output",
          completion: 'file',
        },
        {
          flags: '--proto-out <dir>',
          description: '.proto files, each under its name',
          completion: 'directory',
        },
        {
          flags: '--service <name>',
          description: 'only this service and what it needs (of a server)',
          isRepeated: true,
          completion: 'service',
        },
        { flags: '--overwrite', description: 'replace .proto files that differ' },
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'keep the schema of a server', line: 'stubless export localhost:50051 --protoset-out api.binpb' },
    { says: 'as .proto files', line: 'stubless export localhost:50051 --proto-out protos/' },
  ],
  async run(words, options, io) {
    const { protosetOut, protoOut } = options;
    if (protosetOut === undefined && protoOut === undefined) {
      throw new UsageError('say where to: --protoset-out FILE or --proto-out DIR');
    }
    const { client, isServer } = await openSource(words, options, io, options.service);
    if (options.service !== undefined && !isServer) {
      throw new UsageError('--service is for servers; files are exported whole');
    }
    if (protosetOut !== undefined) {
      const path = protosetOut === '-' ? '/dev/stdout' : protosetOut;
      await writing(path, () => client.writeProtoset(path));
    }
    if (protoOut !== undefined) {
      const names = await writing(protoOut, () =>
        client.writeProtos(protoOut, { overwrite: options.overwrite }),
      );
      for (const name of names) io.err.line(escapeText(name));
    }
    return EXIT.ok;
  },
};
