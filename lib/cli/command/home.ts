// Where the user's own files are. A process may have no home: a container's user that has no entry, an empty variable.

import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Environment } from './io.ts';

/** The home directory; undefined without one. */
export function homeDirectory(env: Environment): string | undefined {
  const given = env['HOME'] ?? env['USERPROFILE'];
  if (given !== undefined) return isAbsolute(given) ? given : undefined;
  try {
    return homedir();
  } catch {
    // No entry for the user: nobody's home is theirs.
    return undefined;
  }
}

/**
 * A directory of the XDG Base Directory Specification: what the variable says, if that is an absolute path, else the
 * usual place below the home directory; undefined where there is neither.
 */
export function baseDirectory(
  env: Environment,
  variable: string,
  usual: readonly string[],
): string | undefined {
  const given = env[variable];
  if (given !== undefined && isAbsolute(given)) return given;
  const home = homeDirectory(env);
  return home === undefined ? undefined : join(home, ...usual);
}
