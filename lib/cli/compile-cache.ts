// Where the runtime may keep compiled code from one run to the next: a directory that nobody but the user can write to,
// since what lies there is run as it is. (Node's own choice is one in the temporary directory, which anyone can make
// first.) Imported before everything else. It must never stop a command: without such a directory, nothing is cached.

import { chmodSync, existsSync, lstatSync, mkdirSync, realpathSync, type Stats } from 'node:fs';
import { dirname, join, relative } from 'node:path';
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
  const wanted = baseDirectory(env, 'XDG_CACHE_HOME', ['.cache']);
  if (wanted === undefined) return undefined;
  try {
    // Nothing is made in the home of another user, whose HOME was kept (sudo -E).
    const base = user === undefined ? wanted : ownWay(user, wanted);
    if (base === undefined) return undefined;
    const directory = join(base, 'stubless');
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

/** The directory by its real path, as far as it is there; undefined where another user can put another in its place. */
function ownWay(user: number, directory: string): string | undefined {
  let found = directory;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  const real = realpathSync(found);
  for (let at = real; isKept(lstatSync(at), user); at = dirname(at)) {
    // A link on the way may be another user's: it is not followed again.
    if (dirname(at) === at) return join(real, relative(found, directory));
  }
  return undefined;
}

function isKept({ uid, mode }: Stats, user: number): boolean {
  if (uid !== user && uid !== 0) return false;
  return (mode & WRITABLE_BY_ALL) === 0 || (mode & STICKY) !== 0;
}
