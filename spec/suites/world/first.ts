// Plays worlds until an oracle finds something: the one of the seed in its second argument, then those from seed 1 on, at
// most as many as its first argument says. What it prints is for mutants.ts.

import { type Found, search } from './search.ts';

const [, , seeds, hint] = process.argv;
let found: Found | undefined;

async function play(from: number, count: number): Promise<void> {
  await search({ from, seeds: count, step: 1, first: true }, (part) => {
    found ??= part.found[0];
  });
}

if (hint !== undefined) await play(Number(hint), 1);
if (found === undefined) await play(1, Number(seeds));
console.log(JSON.stringify({ seed: found?.seed, oracle: found?.oracle ?? '' }));
