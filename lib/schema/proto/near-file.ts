// Which file of the same directory may have been meant by the path of one that is not there. It reads names alone.

import { readdir } from 'node:fs/promises';
import { basename, dirname, extname } from 'node:path';
import { suggestion } from '../../values/nearest-names.ts';

/** `; did you mean 'helloworld.proto'?`, or nothing where no name is near or the directory cannot be read. */
export async function nearFile(path: string): Promise<string> {
  let names: string[];
  try {
    names = await readdir(dirname(path));
  } catch {
    // That the file is not there is said already.
    return '';
  }
  const extension = extname(path);
  return suggestion(
    basename(path),
    names.filter((name) => extname(name) === extension),
  );
}
