// Reads files of the repository's directory `protos` when it runs from there; builds contain their texts instead.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { errorCodeOf } from '../../values/realm.ts';

const LANDMARK: readonly string[] = ['protos', 'google', 'protobuf', 'descriptor.proto'];

const ABSENT: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR']);

let directory: string | undefined;

/** The text of the file that is imported by this name; undefined if it does not exist. */
export function readShipped(name: string): string | undefined {
  directory ??= findDirectory();
  try {
    return readFileSync(join(directory, ...name.split('/')), 'utf8');
  } catch (error) {
    if (ABSENT.has(errorCodeOf(error) ?? '')) return undefined;
    throw error;
  }
}

/** Found by walking up, since this file runs from lib and from .build. */
function findDirectory(): string {
  let at = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(at, ...LANDMARK)) && dirname(at) !== at) at = dirname(at);
  return join(at, LANDMARK[0]);
}
