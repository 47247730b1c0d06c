// Gives every property test FUZZ_RUNS runs, but for those that set their own number (see at-least.ts).

import fc from 'fast-check';

const runs = Number(process.env['FUZZ_RUNS']);
if (Number.isSafeInteger(runs) && runs > 0)
  fc.configureGlobal({ ...fc.readConfigureGlobal(), numRuns: runs });
