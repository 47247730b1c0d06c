// Installs what the documentation is made with into .cache/docs: TypeDoc and VitePress, pinned with all they depend on by
// the lock file in this folder. They are not devDependencies, because they weigh 150 MB and only `npm run docs` uses them.

import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const HERE = import.meta.dirname;
export const CACHE = resolve('.cache/docs');
const STAMP = join(CACHE, 'installed.json');

/** Installs the tools unless those of this very lock file are there. */
function install() {
  const lock = readFileSync(join(HERE, 'package-lock.json'), 'utf8');
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lock) return;
  mkdirSync(CACHE, { recursive: true });
  for (const file of ['package.json', 'package-lock.json']) copyFileSync(join(HERE, file), join(CACHE, file));
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', args, { cwd: CACHE, stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(STAMP, lock);
}

/** The path of a file of one of the tools. */
export function tool(path) {
  install();
  return join(CACHE, 'node_modules', path);
}
