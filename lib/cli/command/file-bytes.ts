// Files that are named on the command line.

import { readFileSync } from 'node:fs';
import { messageOf } from '../../values/realm.ts';
import { LocalError } from './failure.ts';

/** What a file holds. LocalError with its name for one that cannot be read. */
export function fileBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new LocalError(`cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
