// Paths as seen from a directory, first of all from the current one. Text only; nothing is read here.

import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The current directory; the root where it was removed, which is no reason not to read files elsewhere. */
export function workingDirectory(): string {
  try {
    return resolve('.');
  } catch {
    return resolve(sep);
  }
}

/** Whether a path is that of a directory or of something below it. */
export function isInside(path: string, directory: string): boolean {
  return staysInside(relative(directory, path));
}

/** As short as errors can name it. */
export function fromWorkingDirectory(path: string): string {
  const way = relative(workingDirectory(), path);
  return way !== '' && staysInside(way) ? way : path;
}

/** To another drive the way is an absolute path. */
function staysInside(way: string): boolean {
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
