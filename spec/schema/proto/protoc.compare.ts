// Compares our descriptors with protoc's, field by field, for every .proto file below some directories. No spec
// of mocha's: it needs protoc and, to say something, many files.
//
//   PROTOC="python -m grpc_tools.protoc" node .build/spec/schema/proto/protoc.compare.js [root …]
//
// PROTOC defaults to `protoc`, the roots to the bundled schemas. A file that protoc refuses must be refused by us
// as well; what we refuse and protoc does not is a difference.

import { readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { Protoc } from '../../support/protoc.ts';
import { comparableDescriptor, firstDifference } from './descriptor-json.ts';

const BUNDLED = resolve('protos');
const BATCH_FILES = 200;
const MAX_REPORTED = 40;
/** @bufbuild/protobuf does not read the items of a MessageSet, so that those of options are missing in its JSON. */
const MESSAGE_SET = '.message_set_extension]: expected absent';

const protoc = new Protoc();
let compared = 0;
let refusedByBoth = 0;
const differences: string[] = [];

async function byUs(
  root: string,
  sources: readonly string[],
): Promise<Map<string, FileDescriptorProto> | string> {
  try {
    const { files } = await loadProto(sources, { includeDirs: [root] });
    return new Map(files.map((file) => [file.name, file]));
  } catch (error) {
    if (error instanceof Error && error.name === 'SchemaError') return error.message;
    throw error;
  }
}

async function compare(root: string, sources: readonly string[]): Promise<void> {
  const theirs = protoc.files([root, BUNDLED], sources);
  const ours = await byUs(root, sources);
  if (typeof theirs === 'string' || typeof ours === 'string') {
    if (sources.length > 1) {
      // Something in it is refused: find out what, by halves.
      const half = Math.ceil(sources.length / 2);
      await compare(root, sources.slice(0, half));
      await compare(root, sources.slice(half));
      return;
    }
    if (typeof theirs === 'string' && typeof ours === 'string') {
      refusedByBoth++;
      if (process.env['VERBOSE'] !== undefined)
        console.log(`refused: ${theirs.split('\n')[0]}\n         ${ours}`);
    } else if (typeof theirs === 'string') {
      differences.push(`${sources[0]}: only protoc refuses it: ${theirs.trim()}`);
    } else {
      differences.push(`${sources[0]}: only we refuse it: ${String(ours)}`);
    }
    return;
  }
  for (const [name, expected] of theirs) {
    compared++;
    const actual = ours.get(name);
    const difference =
      actual === undefined
        ? 'is missing'
        : firstDifference(comparableDescriptor(expected), comparableDescriptor(actual));
    if (difference !== undefined && !difference.includes(MESSAGE_SET))
      differences.push(`${name}: ${difference}`);
  }
}

const roots = process.argv.length > 2 ? process.argv.slice(2).map((root) => resolve(root)) : [BUNDLED];
for (const root of roots) {
  const sources = readdirSync(root, { recursive: true, encoding: 'utf8', withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.proto'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
  for (let i = 0; i < sources.length; i += BATCH_FILES)
    await compare(root, sources.slice(i, i + BATCH_FILES));
  console.log(`${root}: ${sources.length} files`);
}
protoc.close();
console.log(
  `${compared} files compared, ${refusedByBoth} refused by both, ${differences.length} differences`,
);
const shown = process.env['VERBOSE'] === undefined ? differences.slice(0, MAX_REPORTED) : differences;
for (const difference of shown) console.log(difference);
process.exitCode = differences.length === 0 ? 0 : 1;
