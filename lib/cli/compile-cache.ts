// Where the runtime may keep compiled code from one run to the next: a directory that nobody but the user can write to,
// since what lies there is run as it is. (Node's own choice is one in the temporary directory, which anyone can make
// first.) Imported before everything else. It must never stop a command: without such a directory, nothing is cached.

import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { baseDirectory } from './command/home.ts';
import type { Environment } from './command/io.ts';

const OTHERS = 0o077;
const WRITABLE_BY_OTHERS = 0o022;
const WRITABLE_BY_ALL = 0o002;
const STICKY = 0o1000;

/**
 * $XDG_CACHE_HOME/stubless or ~/.cache/stubless, made where it is missing, for its owner alone; undefined where that is
 * not to be had.
 * @param user the id of the user; undefined on Windows, where home directories are their users' own
 */
export function compileCacheDirectory(env: Environment, user: number | undefined): string | undefined {
  const base = baseDirectory(env, 'XDG_CACHE_HOME', ['.cache']);
  if (base === undefined) return undefined;
  const directory = join(base, 'stubless');
  try {
    // Nothing is made in the home of another user, whose HOME was kept (sudo -E).
    if (user !== undefined && !isWayOf(user, base)) return undefined;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const stats = lstatSync(directory);
    if (!stats.isDirectory()) return undefined;
    if (user === undefined) return directory;
    // What others could write until now may hold what others wrote.
    if (stats.uid !== user || (stats.mode & WRITABLE_BY_OTHERS) !== 0) return undefined;
    if ((stats.mode & OTHERS) !== 0) chmodSync(directory, 0o700);
    return directory;
  } catch {
    // A file in the way, a read-only file system: every run compiles for itself.
    return undefined;
  }
}

/** Whether nobody else can put another directory in its place, as far as it is there. */
function isWayOf(user: number, directory: string): boolean {
  let at = directory;
  while (!existsSync(at) && dirname(at) !== at) at = dirname(at);
  for (at = realpathSync(at); ; at = dirname(at)) {
    if (!isKept(lstatSync(at), user)) return false;
    if (dirname(at) === at) return true;
  }
}

function isKept({ uid, mode }: Stats, user: number): boolean {
  if (uid !== user && uid !== 0) return false;
  return (mode & WRITABLE_BY_ALL) === 0 || (mode & STICKY) !== 0;
}
