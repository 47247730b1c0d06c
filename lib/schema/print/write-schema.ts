// Writes what is loaded to disk: as one binary FileDescriptorSet, or as .proto files under their names. The names came
// with the schema, perhaps from a server: none may lead out of the directory or through a symbolic link.

import type { Stats } from 'node:fs';
import { constants, lstat, mkdir, open, readFile, realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SchemaError } from '../../values/errors.ts';
import { errorCodeOf } from '../../values/realm.ts';
import type { FileDescriptorProto } from '../descriptors/descriptor-types.ts';
import { importsFirst } from '../descriptors/needed-imports.ts';
import { encodeDescriptorSet } from '../registry/descriptor-set.ts';
import { checkFileNames } from './file-name.ts';
import { SchemaPrinter } from './schema-printer.ts';

/** Options of `writeProtos`. */
export interface WriteProtosOptions {
  /** Replace existing files that differ. Default false: they are an error, and nothing is written. */
  readonly overwrite?: boolean | undefined;
}

/** Writes a FileDescriptorSet, imports first, comments included. */
export async function writeProtoset(files: readonly FileDescriptorProto[], path: string): Promise<void> {
  await writeFile(path, encodeDescriptorSet(importsFirst(files)));
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
  const names = files.map(({ name }) => name);
  checkFileNames(names);
  await mkdir(directory, { recursive: true });
  const root = await realpath(directory);
  for (const name of names) await checkPath(root, name);
  const printer = new SchemaPrinter(files);
  const texts = files.map((file) => printer.file(file));
  const wanted: { readonly path: string; readonly text: string }[] = [];
  for (const [i, name] of names.entries()) {
    const path = join(root, ...name.split('/'));
    const present = await textOf(path);
    if (present === texts[i]) continue;
    if (present !== undefined && !overwrite) {
      throw new SchemaError(
        `${path} already exists and differs; give { overwrite: true } to replace such files`,
      );
    }
    wanted.push({ path, text: texts[i] });
  }
  for (const { path, text } of wanted) {
    await mkdir(join(path, '..'), { recursive: true });
    const { O_WRONLY, O_CREAT, O_TRUNC, O_EXCL, O_NOFOLLOW = 0 } = constants;
    const file = await open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | (overwrite ? O_TRUNC : O_EXCL));
    try {
      await file.writeFile(text);
    } finally {
      await file.close();
    }
  }
  return names;
}

/** Refuses a symbolic link as the file or on the path to it. */
async function checkPath(root: string, name: string): Promise<void> {
  let at = root;
  const parts = name.split('/');
  for (const [i, part] of parts.entries()) {
    at = join(at, part);
    const stats = await statsOf(at);
    if (stats === undefined) return;
    const isLast = i === parts.length - 1;
    if (isLast ? !stats.isFile() : !stats.isDirectory()) {
      const what = stats.isSymbolicLink() ? 'a link' : isLast ? 'not a file' : 'not a directory';
      throw new SchemaError(`${at} is ${what}; nothing was written`);
    }
  }
}

async function statsOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return errorCodeOf(error) === 'ENOENT';
}
