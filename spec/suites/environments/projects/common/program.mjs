import * as library from 'stubless';
import * as testing from 'stubless/testing';
import { calls } from './calls.mjs';

calls(library, testing).then(console.log);
