// `stubless export`: writes a schema to disk, as one descriptor set or as .proto files.

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../index.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT, UsageError, writing } from '../command/failure.ts';
import { warnUnavailable } from '../command/unavailable.ts';
import { CONNECTION } from '../options/connection.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema-options.ts';

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
          description: '.proto files, each under its own name',
          completion: 'directory',
        },
        {
          flags: '--service <name>',
          description: 'only this service and what it needs (servers only)',
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
    { says: 'save the schema of a server', line: 'stubless export localhost:50051 --protoset-out api.binpb' },
    { says: 'as .proto files', line: 'stubless export localhost:50051 --proto-out protos/' },
  ],
  async run(words, options, io) {
    const { protosetOut, protoOut } = options;
    if (protosetOut === undefined && protoOut === undefined) {
      throw new UsageError('give --protoset-out FILE or --proto-out DIR');
    }
    if (protosetOut === '-' && io.out.isTerminal) {
      throw new UsageError('a protoset would garble the terminal; write it to a file: --protoset-out FILE');
    }
    const { client, isServer } = await openSource(words, options, io, options.service);
    if (options.service !== undefined && !isServer) {
      throw new UsageError('--service is for servers; files are exported whole');
    }
    if (protosetOut === '-') await io.out.write(await protosetOf(client));
    else if (protosetOut !== undefined) await writing(protosetOut, () => client.writeProtoset(protosetOut));
    if (protoOut !== undefined) {
      const names = await writing(protoOut, () =>
        client.writeProtos(protoOut, { overwrite: options.overwrite }),
      );
      for (const name of names) io.err.line(escapeText(name));
    }
    return warnUnavailable(client.services, io) ? EXIT.failed : EXIT.ok;
  },
};

/** The protoset's bytes: the library writes files, and standard output may be a socket, which has no path. */
async function protosetOf(client: Client): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'stubless-'));
  try {
    const path = join(folder, 'set.binpb');
    await client.writeProtoset(path);
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
