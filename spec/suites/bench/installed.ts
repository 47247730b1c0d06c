// The package as its users have it, in a node_modules, for what is measured of its start: where it is developed it imports more
// than where it is installed (scripts/published/late-module.js), and Node takes a package that names itself for the developed one.

import { copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

let folder: string | undefined;

/** A script where `stubless` is the installed one. */
export function besideInstalled(script: string): string {
  folder ??= install();
  const path = join(folder, basename(script));
  copyFileSync(script, path);
  return path;
}

function install(): string {
  const made = mkdtempSync(join(tmpdir(), 'stubless-installed-'));
  process.on('exit', () => rmSync(made, { recursive: true, force: true }));
  const home = join(made, 'node_modules', 'stubless');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(made, 'package.json'), '{ "private": true, "type": "module" }\n');
  for (const part of ['package.json', 'dist', 'protos']) cpSync(part, join(home, part), { recursive: true });
  return made;
}
