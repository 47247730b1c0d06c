// Writes texts to disk, each under its name. The names came with a schema, perhaps from a server: none may lead out of the
// directory or through a symbolic link.

import type { Stats } from 'node:fs';
import { constants, lstat, mkdir, open, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { SchemaError } from '../../values/errors.ts';
import { errorCodeOf } from '../../values/realm.ts';
import { checkFileNames } from './file-name.ts';

/**
 * Writes the texts, given by name, into the directory, and returns the names; each must end in `extension`. Existing files
 * that differ are replaced with `overwrite`; otherwise they are an error, and nothing is written.
 */
export async function writeTexts(
  directory: string,
  texts: ReadonlyMap<string, string>,
  extension: string,
  overwrite: boolean,
): Promise<readonly string[]> {
  const names = [...texts.keys()];
  checkFileNames(names, extension);
  await mkdir(directory, { recursive: true });
  const root = await realpath(directory);
  for (const name of names) await checkPath(root, name);
  const wanted: { readonly path: string; readonly text: string }[] = [];
  for (const [name, text] of texts) {
    const path = join(root, ...name.split('/'));
    const present = await textOf(path);
    if (present === text) continue;
    if (present !== undefined && !overwrite) {
      throw new SchemaError(
        `${path} already exists and differs; give { overwrite: true } to replace such files`,
      );
    }
    wanted.push({ path, text });
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
