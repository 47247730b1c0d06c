#!/usr/bin/env node
// What runs first in the published package: has the rest run with the code that V8 made of it in an earlier run. It is
// CommonJS there, since a start as an ES module costs twice what is left: Node's loader, and node:fs with all that it has.

import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { compileCacheDirectory } from './compile-cache.ts';
import { CompiledCode } from './compiled-code.ts';

/** Made of main.ts by scripts/bundle.js. */
const MAIN = join(__dirname, 'commonjs', 'command.cjs');

const { arch, argv, env, versions } = process;

/** Where this command's code is kept, by what it depends on: each command runs other files, and other functions of them. */
function packOf(): string | undefined {
  // Coverage counts functions as they are compiled.
  if (env['NODE_DISABLE_COMPILE_CACHE'] !== undefined || env['NODE_V8_COVERAGE'] !== undefined)
    return undefined;
  const directory = compileCacheDirectory(env, process.geteuid?.());
  if (directory === undefined) return undefined;
  const command = /^[a-z]+$/.test(argv[2] ?? '') ? argv[2] : 'none';
  // Installations that are used in turn do not replace each other's code.
  return join(directory, 'code', `${command}-${versions.v8}-${arch}-${crc32(MAIN).toString(16)}`);
}

function start(): void {
  if (versions['bun'] !== undefined || versions['deno'] !== undefined) {
    // They have caches of their own.
    require(MAIN);
    return;
  }
  const code = new CompiledCode(packOf());
  // What ran before a failure is not what most runs need.
  process.on('exit', (status) => {
    if (status === 0) code.keep();
  });
  code.require(MAIN);
}

start();
