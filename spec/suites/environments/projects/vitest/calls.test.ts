import { createRequire } from 'node:module';
import * as library from 'stubless';
import * as testing from 'stubless/testing';
import { expect, test } from 'vitest';
import { calls, EXPECTED } from './calls.mjs';

test('calls', async () => expect(await calls(library, testing)).toBe(EXPECTED));

test('calls of what is required', async () => {
  const require = createRequire(import.meta.url);
  expect(await calls(require('stubless'), require('stubless/testing'))).toBe(EXPECTED);
});
