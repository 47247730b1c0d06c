// Writes what is loaded to disk: as one binary FileDescriptorSet, or as .proto files under their names.

import { writeFile } from 'node:fs/promises';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { importsFirst } from '../descriptors/needed-imports.ts';
import { encodeDescriptorSet } from '../registry/descriptor-set.ts';
import { checkFileNames } from './file-name.ts';
import { SchemaPrinter } from './schema-printer.ts';
import { writeTexts } from './write-texts.ts';

/** Writes a FileDescriptorSet, imports first, comments included. */
export async function writeProtoset(files: readonly FileDescriptorProto[], path: string): Promise<void> {
  await writeFile(path, encodeDescriptorSet(importsFirst(files)));
}

/** Options of `writeProtos`. */
export interface WriteProtosOptions {
  /** Replace existing files that differ. Default false: they are an error, and nothing is written. */
  readonly overwrite?: boolean | undefined;
}

/** Writes each file under its name into the directory, and returns the names. */
export async function writeProtos(
  files: readonly FileDescriptorProto[],
  directory: string,
  options: WriteProtosOptions = {},
): Promise<readonly string[]> {
  if (options === null || typeof options !== 'object')
    throw new TypeError('the options of writeProtos must be an object');
  const { overwrite = false } = options;
  if (typeof overwrite !== 'boolean') throw new TypeError('overwrite must be true or false');
  // Before they are keys of a map, in which one would hide another.
  checkFileNames(
    files.map(({ name }) => name),
    PROTO,
  );
  const printer = new SchemaPrinter(() => files);
  const texts = new Map(files.map((file) => [file.name, printer.file(file)]));
  return writeTexts(directory, texts, PROTO, overwrite);
}

const PROTO = '.proto';
