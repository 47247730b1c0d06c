import { expect } from 'chai';
import { lateness, latestRecovery } from './backoff-bound.ts';

/** With attempts at 0; 800 to 1,200; 2,080 to 3,120; 4,128 to 6,192 ms. */
const CASES: readonly (readonly [outageMs: number, latestMs: number])[] = [
  [1, 1200],
  [799, 1200],
  // The second attempt may come too early now, and the third is at most 1,920 ms later.
  [801, 2721],
  [2000, 3120],
  [2079, 3120],
  [2081, 5153],
];

describe('the bound of recovery by back-off', () => {
  for (const [outageMs, latestMs] of CASES)
    it(`is ${latestMs} ms for an outage of ${outageMs} ms`, () => {
      expect(Math.round(latestRecovery(outageMs))).to.equal(latestMs);
    });
});

describe('the lateness of a process', () => {
  const rows: readonly (readonly [name: string, beatsMs: readonly number[], lateMs: number])[] = [
    ['nothing where nothing went off', [], 0],
    ['nothing of timers that are about in time', [0, 50, 103, 155, 214], 0],
    ['what each of them was late by, and the next is not', [0, 50, 180, 230, 400], 80 + 120],
    ['nothing of what was before or after', [-500, -200, 0, 50, 1000, 1300, 1700], 900],
    ['all of what it is late by when the time begins or ends', [-100, 100, 150, 900, 1200], 150 + 700 + 250],
  ];
  for (const [name, beatsMs, lateMs] of rows)
    it(`is ${name}`, () => {
      expect(lateness(beatsMs, 50, { fromMs: 0, toMs: 1000 })).to.equal(lateMs);
    });
});
