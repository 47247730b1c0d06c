// What the TypeScript compiler says of files that a spec has written. TypeScript 7, in a process of its own: the
// compiler in JavaScript takes ten times as long for the same answer.

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const COMPILER = resolve('node_modules/typescript-7/bin/tsc');

/**
 * The errors in files of a directory, each with its line; those in what the files import are not told.
 * `options` are as in tsconfig.json.
 */
export function compilerErrors(
  directory: string,
  files: readonly string[],
  options: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  const project = join(directory, 'tsconfig.json');
  writeFileSync(project, JSON.stringify({ compilerOptions: options, files }));
  const args = [COMPILER, '--project', project, '--pretty', 'false'];
  return new Promise((done, fail) => {
    execFile(process.execPath, args, { cwd: directory, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      // Errors in types are told by its exit status as well.
      const places = stdout.match(/^[^\s(][^(\n]*\(\d+,\d+\): error .*(?:\n {2}.*)*/gm) ?? [];
      if (error !== null && places.length === 0) fail(new Error(`${error.message}\n${stdout}${stderr}`));
      else done(places.filter((text) => !text.startsWith('..') && !text.startsWith('/')));
    });
  });
}
