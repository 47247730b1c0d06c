#!/usr/bin/env node
// What runs first: has the runtime keep compiled code from one run to the next, where it can (Node 22.8 and later), and
// only then imports the rest.

import module from 'node:module';
import { compileCacheDirectory } from './compile-cache.ts';

const { enableCompileCache } = module as { enableCompileCache?: (directory: string) => unknown };
if (enableCompileCache !== undefined && process.env['NODE_DISABLE_COMPILE_CACHE'] === undefined) {
  const directory = compileCacheDirectory(process.env, process.geteuid?.());
  if (directory !== undefined) enableCompileCache(directory);
}
void import('./main.ts');
