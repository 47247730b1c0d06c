// The .proto files below a directory.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { SchemaError } from '../../values/errors.ts';

/** Directories that hold other people's code, or none. */
const SKIPPED = new Set(['node_modules', '.git']);

/** In the order of their paths. Symbolic links to directories are not followed: they may lead in circles. */
export async function protoFilesBelow(directory: string): Promise<string[]> {
  const found: string[] = [];
  const pending = [directory];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) pending.push(path);
      } else if (entry.name.endsWith('.proto')) found.push(path);
    }
  }
  if (found.length === 0) throw new SchemaError(`${directory} has no .proto files`);
  return found.sort();
}
