// Whether import and require give the same classes.
import { createRequire } from 'node:module';
import * as library from 'stubless';
import * as testing from 'stubless/testing';
import { calls } from './calls.mjs';

const require = createRequire(import.meta.url);
const required = require('stubless');
const requiredTesting = require('stubless/testing');
const others = Object.entries(library).filter(([name, value]) => value !== required[name]);
console.log(others.length === 0 ? 'the same classes' : `different: ${others.map(([name]) => name)}`);
// One's client with the other's server.
console.log(await calls(library, requiredTesting));
console.log(await calls(required, testing));
