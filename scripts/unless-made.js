// Makes what is made of files, unless it is there and none of them has changed: each check of .ci/run builds first, and so
// does each script that somebody starts. Contents decide, not dates.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** One hash of all files below these paths, of their names and contents. What is not there adds nothing. */
function hashOf(paths) {
  const hash = createHash('sha256').update(process.version);
  for (const path of paths) {
    for (const file of filesBelow(path)) {
      const content = readFileSync(file);
      hash.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

function filesBelow(path) {
  try {
    const entries = readdirSync(path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (error.code === 'ENOTDIR') return [path];
    if (error.code === 'ENOENT') return [];
    throw error;
  }
}

/**
 * Calls `make`, unless `outputs` are as it left them when it succeeded, and `inputs` as it found them.
 * @param name the file in .build/made that remembers both
 */
export async function unlessMade(name, { inputs, outputs }, make) {
  const stamp = join('.build/made', name);
  // Before, as what changes meanwhile may be in it or not.
  const made = hashOf(inputs);
  if (readIfThere(stamp) === `${made} ${hashOf(outputs)}\n`) return;
  rmSync(stamp, { force: true });
  await make();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, `${made} ${hashOf(outputs)}\n`);
}

function readIfThere(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
