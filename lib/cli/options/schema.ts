// The options of where the schema comes from: the server's reflection, files, or both.

import type { OptionGroup } from '../command.ts';

export interface SchemaValues {
  readonly proto?: readonly string[];
  readonly importPath?: readonly string[];
  readonly protoset?: readonly string[];
  readonly reflect?: boolean;
}

export const SCHEMA: OptionGroup = {
  title: 'Schema (default: the server’s reflection)',
  options: [
    {
      flags: '--proto <path>',
      description: 'a .proto file, or a directory of them',
      isRepeated: true,
      completion: 'file',
      isPath: true,
    },
    {
      flags: '-I, --import-path <dir>',
      description: 'where imports are looked for',
      isRepeated: true,
      completion: 'directory',
      isPath: true,
    },
    {
      flags: '--protoset <file>',
      description:
        "a FileDescriptorSet (protoc's --descriptor_set_out), or any other schema file that the library takes",
      isRepeated: true,
      completion: 'file',
      isPath: true,
    },
    { flags: '--reflect', description: 'ask the server besides the files; the files win' },
    { flags: '--no-reflect', description: 'never ask the server' },
  ],
};
