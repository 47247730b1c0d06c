// `stubless export`: writes a schema to disk, as one descriptor set, as .proto files, as JSON Schema or as OpenAPI.

import { writeFile } from 'node:fs/promises';
import type { Client } from '../../index.ts';
import { protosetBytes } from '../client/protoset-bytes.ts';
import { openSource, type SourceValues } from '../client/schema-source.ts';
import type { Command } from '../command/command-definition.ts';
import { escapeText } from '../command/escape.ts';
import { EXIT, UsageError, writing } from '../command/failure.ts';
import type { Io } from '../command/io.ts';
import { warnUnavailable } from '../command/unavailable.ts';
import { CONNECTION } from '../options/connection.ts';
import { DIRECTION } from '../options/output.ts';
import { REQUEST } from '../options/request.ts';
import { SCHEMA } from '../options/schema-options.ts';

interface ExportValues extends SourceValues {
  readonly protosetOut?: string;
  readonly protoOut?: string;
  readonly service?: readonly string[];
  readonly jsonSchema?: string;
  readonly direction?: 'input' | 'output';
  readonly openapi?: string;
  readonly openapiPaths?: 'all' | 'http' | 'connect';
  readonly overwrite?: boolean;
}

export const exportSchema: Command<ExportValues> = {
  name: 'export',
  summary: 'write a schema to disk, as a protoset, .proto files, JSON Schema or OpenAPI',
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
          flags: '--json-schema <dir>',
          description: 'JSON Schema, a file for each message and enum',
          completion: 'directory',
        },
        DIRECTION,
        {
          flags: '--openapi <file>',
          description:
            "an OpenAPI 3.1 document of the services: YAML in a .yaml or .yml file, JSON in any other; '-' for standard output",
          completion: 'file',
        },
        {
          flags: '--openapi-paths <which>',
          description: 'of google.api.http annotations, of the Connect protocol, or both',
          choices: ['all', 'http', 'connect'],
          fallback: 'all',
        },
        {
          flags: '--service <name>',
          description: 'only this service and what it needs (of files: only with --openapi)',
          isRepeated: true,
          completion: 'service',
        },
        { flags: '--overwrite', description: 'replace files that differ' },
      ],
    },
    SCHEMA,
    CONNECTION,
    REQUEST,
  ],
  examples: [
    { says: 'save the schema of a server', line: 'stubless export localhost:50051 --protoset-out api.binpb' },
    { says: 'as .proto files', line: 'stubless export localhost:50051 --proto-out protos/' },
    { says: 'as JSON Schema, for editors', line: 'stubless export protos/ --json-schema schemas/' },
    { says: 'as OpenAPI, for HTTP clients', line: 'stubless export localhost:50051 --openapi api.json' },
  ],
  async run(words, options, io) {
    checkOptions(options);
    const { protosetOut, protoOut, jsonSchema, direction, overwrite, openapi } = options;
    if (protosetOut === '-' && io.out.isTerminal) {
      throw new UsageError('a protoset would garble the terminal; write it to a file: --protoset-out FILE');
    }
    const { client, isServer } = await openSource(words, options, io, options.service);
    if (options.service !== undefined && !isServer && openapi === undefined) {
      throw new UsageError('--service is for servers and for --openapi; files are exported whole');
    }
    if (protosetOut === '-') await io.out.write(await protosetBytes(client));
    else if (protosetOut !== undefined) await writing(protosetOut, () => client.writeProtoset(protosetOut));
    if (protoOut !== undefined) {
      const names = await writing(protoOut, () =>
        client.writeProtos(protoOut, { overwrite: options.overwrite }),
      );
      for (const name of names) io.err.line(escapeText(name));
    }
    if (jsonSchema !== undefined) {
      const names = await writing(jsonSchema, () =>
        client.writeJsonSchemas(jsonSchema, { direction, overwrite }),
      );
      for (const name of names) io.err.line(escapeText(name));
    }
    if (openapi !== undefined) await exportOpenApi(client, openapi, options, io);
    return warnUnavailable(client.services, io) ? EXIT.failed : EXIT.ok;
  },
};

function checkOptions(options: ExportValues): void {
  const { protosetOut, protoOut, jsonSchema, direction, openapi, openapiPaths } = options;
  const all = [protosetOut, protoOut, jsonSchema, openapi];
  if (all.every((one) => one === undefined)) {
    throw new UsageError('give --protoset-out FILE, --proto-out DIR, --json-schema DIR or --openapi FILE');
  }
  if (direction !== undefined && jsonSchema === undefined) {
    throw new UsageError('--direction is for --json-schema, which was not given');
  }
  if (openapiPaths !== undefined && openapi === undefined) {
    throw new UsageError('--openapi-paths is for --openapi, which was not given');
  }
  if (protosetOut === '-' && openapi === '-') {
    throw new UsageError('standard output can have one of --protoset-out and --openapi');
  }
}

async function exportOpenApi(client: Client, path: string, options: ExportValues, io: Io): Promise<void> {
  const { openapiPaths, service: services } = options;
  const document = await client.openApi({ paths: openapiPaths, services });
  if (path === '-') {
    await io.out.json(document, true);
    return;
  }
  const isYaml = /\.ya?ml$/i.test(path);
  // Read only where it is needed: it is large.
  const text = isYaml
    ? (await import('../client/yaml-text.ts')).yamlOf(document)
    : `${JSON.stringify(document, undefined, 2)}\n`;
  await writing(path, () => writeFile(path, text));
}
