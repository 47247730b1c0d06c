// Paths as seen from a directory, first of all from the current one. Text only; nothing is read here.

import { isAbsolute, relative, resolve, sep } from 'node:path';

/** The current directory; the root if it was removed, since files elsewhere can still be read. */
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

/** The shortest way for an error to name a path: relative to the working directory if it is inside. */
export function fromWorkingDirectory(path: string): string {
  const way = relative(workingDirectory(), path);
  return way !== '' && staysInside(way) ? way : path;
}

/** The relative path to another drive is an absolute one. */
function staysInside(way: string): boolean {
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
