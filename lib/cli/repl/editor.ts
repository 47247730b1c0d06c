// A request written in the user's editor.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LocalError } from '../command/failure.ts';
import type { Environment } from '../command/io.ts';

/**
 * The text as the user leaves it; undefined where the editor was left with an error, which means: not now.
 * $VISUAL, else $EDITOR, is a command as a shell takes it, as git has it.
 */
export function editText(text: string, fileName: string, env: Environment): string | undefined {
  const editor = env['VISUAL'] || env['EDITOR'] || (process.platform === 'win32' ? 'notepad' : 'vi');
  const folder = mkdtempSync(join(tmpdir(), 'stubless-'));
  // The name is a method's, and a shell will read it.
  const path = join(folder, /^\w+\.json$/.test(fileName) ? fileName : 'request.json');
  try {
    // Requests may hold what others on this machine should not read.
    writeFileSync(path, text, { mode: 0o600 });
    const done = runEditor(editor, path);
    if (done.error !== undefined)
      throw new LocalError(`the editor '${editor}' cannot be started: ${done.error.message}`);
    if (done.status === 127) throw new LocalError(`the editor '${editor}' was not found; set $EDITOR`);
    return done.status === 0 ? readFileSync(path, 'utf8') : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The editor is a command for the user's shell; the path is passed so that the shell does not expand it. */
function runEditor(editor: string, path: string): SpawnSyncReturns<Buffer> {
  if (process.platform === 'win32')
    return spawnSync(`${editor} "${path}"`, { shell: true, stdio: 'inherit' });
  return spawnSync('/bin/sh', ['-c', `${editor} "$1"`, editor, path], { stdio: 'inherit' });
}
