#!/usr/bin/env node
// What runs first: has the runtime keep compiled code from one run to the next, where it can (Node 22.8 and later), and
// only then imports the rest.

import module from 'node:module';

const { enableCompileCache } = module as { enableCompileCache?: () => unknown };
if (process.env['NODE_DISABLE_COMPILE_CACHE'] === undefined) enableCompileCache?.();
void import('./main.ts');
