import * as library from 'stubless';
import * as testing from 'stubless/testing';
import { calls, EXPECTED } from './calls.cjs';

test('calls', async () => expect(await calls(library, testing)).toBe(EXPECTED));
