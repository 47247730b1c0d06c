// Which file in the same directory may have been meant by a path that does not exist. Reads names only.

import { readdir } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { suggestion } from '../../values/nearest-names.ts';

/** `; did you mean 'helloworld.proto'?`, or '' when no name is close or the directory cannot be read. */
export async function nearFile(path: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(dirname(path));
  } catch {
    // The caller already reports that the file is missing.
    return '';
  }
  const extension = extname(path);
  return suggestion(
    basename(path),
    names.filter((name) => extname(name) === extension),
  );
}
