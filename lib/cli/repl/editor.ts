// A request written in the user's editor.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalError } from '../failure.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The text as the user leaves it; undefined where the editor was left with an error, which means: not now.
 * $VISUAL, else $EDITOR, is a command as a shell takes it, as git has it.
 */
export function editText(text: string, fileName: string, env: Environment): string | undefined {
  const editor = env['VISUAL'] || env['EDITOR'] || (process.platform === 'win32' ? 'notepad' : 'vi');
  const folder = mkdtempSync(join(tmpdir(), 'stubless-'));
  const path = join(folder, fileName);
  try {
    // Requests may hold what others on this machine should not read.
    writeFileSync(path, text, { mode: 0o600 });
    const done = spawnSync(`${editor} "${path}"`, { shell: true, stdio: 'inherit' });
    if (done.error !== undefined)
      throw new LocalError(`the editor '${editor}' cannot be started: ${done.error.message}`);
    if (done.status === 127) throw new LocalError(`there is no editor '${editor}'; set $EDITOR`);
    return done.status === 0 ? readFileSync(path, 'utf8') : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
