import { createRequire } from 'node:module';
import * as library from 'stubless';
import * as testing from 'stubless/testing';

const { calls } = createRequire(import.meta.url)('./calls.cjs');

console.log(await calls(library, testing));
