// The options of where the schema comes from: the server's reflection, files, or both.

import type { OptionGroup } from '../command/command-definition.ts';
import { parseLimit, parseSize } from '../command/quantity.ts';

/** Limits of what a server may tell of its schema. */
export interface ReflectLimitValues {
  readonly reflectMaxSize?: number;
  readonly reflectMaxFiles?: number;
  readonly reflectMaxElements?: number;
  readonly reflectMaxDepth?: number;
  readonly reflectMaxServices?: number;
}

export interface SchemaValues extends ReflectLimitValues {
  readonly proto?: readonly string[];
  readonly importPath?: readonly string[];
  readonly protoset?: readonly string[];
  readonly reflect?: boolean;
}

/** The schema files that options name. */
export const schemaFiles = ({ proto = [], protoset = [] }: SchemaValues): readonly string[] => [
  ...proto,
  ...protoset,
];

export const SCHEMA: OptionGroup = {
  title: 'Schema (default: the server’s reflection)',
  options: [
    {
      flags: '--proto <path>',
      description: 'a .proto file, a directory of them, or - for standard input',
      isRepeated: true,
      completion: 'file',
      isPath: true,
    },
    {
      flags: '-I, --import-path <dir>',
      description: 'where to look for imports',
      isRepeated: true,
      completion: 'directory',
      isPath: true,
    },
    {
      flags: '--protoset <file>',
      description:
        "a FileDescriptorSet (protoc's --descriptor_set_out), or any other schema file that stubless reads",
      isRepeated: true,
      completion: 'file',
      isPath: true,
    },
    { flags: '--reflect', description: 'ask the server as well as the files; the files win' },
    { flags: '--no-reflect', description: 'never ask the server' },
    {
      flags: '--reflect-max-size <size>',
      description: 'most bytes of files the server may send for one request',
      parse: parseSize,
      fallback: '32MiB',
    },
    {
      flags: '--reflect-max-files <number>',
      description: 'most files it may send or refer to',
      parse: parseLimit,
      fallback: '10000',
    },
    {
      flags: '--reflect-max-elements <number>',
      description: 'most messages, fields, enum values, methods and so on that they may contain',
      parse: parseLimit,
      fallback: '100000',
    },
    {
      flags: '--reflect-max-depth <number>',
      description: 'how many imports deep a file may be',
      parse: parseLimit,
      fallback: '100',
    },
    {
      flags: '--reflect-max-services <number>',
      description: 'most services it may list',
      parse: parseLimit,
      fallback: '10000',
    },
  ],
};
