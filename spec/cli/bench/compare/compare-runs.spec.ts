// Comparisons of runs that are made up: those that are alike may differ by chance, and those that are not must be told.
// The chance is from a seed: no run of this spec differs from another.

import { expect } from 'chai';
import {
  type ComparedMetric,
  compareRuns,
  isWorse,
  type Verdict,
} from '../../../../lib/cli/bench/compare/compare-runs.ts';
import { metricsOf, RunParts } from '../../../../lib/cli/bench/compare/run-metrics.ts';
import { seededRandom } from '../../../../lib/cli/bench/compare/spread.ts';
import { type MadeUp, madeUpRun } from './made-up-runs.ts';

const metric = (found: readonly ComparedMetric[], name: string): ComparedMetric => {
  const one = found.find((each) => each.name === name);
  if (one === undefined) throw new Error(`no metric ${name}`);
  return one;
};

const runsOf = (random: () => number, count: number, about: MadeUp = {}) =>
  Array.from({ length: count }, () => madeUpRun(random, about));

/** How often of so many comparisons any metric was called worse or better. */
function told(times: number, count: number, before: MadeUp, after: MadeUp, tolerance = 0): number {
  const random = seededRandom(7);
  let found = 0;
  for (let time = 0; time < times; time++) {
    const { metrics } = compareRuns(runsOf(random, count, before), runsOf(random, count, after), tolerance);
    if (metrics.some(({ verdict }) => verdict === 'worse' || verdict === 'better')) found++;
  }
  return found;
}

const SMALL: MadeUp = { calls: 60 };

describe('a comparison of runs', function () {
  this.timeout(60_000);

  it('of one plan rarely calls chance a change: five times in a hundred, or less', () => {
    expect(told(40, 1, SMALL, SMALL)).to.be.at.most(4);
  });

  it('so it is with several runs, though each is slower or faster as a whole', () => {
    const about = { ...SMALL, intervals: 12, runSpread: 0.05 };
    expect(told(40, 4, about, about)).to.be.at.most(4);
  });

  it('finds what is a fifth slower, in one run each and in several', () => {
    expect(told(10, 1, SMALL, { ...SMALL, medianMs: 6 }, 0.05)).to.equal(10);
    const several = { ...SMALL, intervals: 12, runSpread: 0.01 };
    expect(told(10, 4, several, { ...several, medianMs: 6 }, 0.05)).to.equal(10);
  });

  it('tells worse from better, also where more is better', () => {
    const random = seededRandom(3);
    const [slow, fast] = [madeUpRun(random, { medianMs: 7 }), madeUpRun(random, { calls: 300 })];
    const { metrics, noise } = compareRuns([slow], [fast], 0.05);
    expect(noise).to.equal('intervals');
    expect(metric(metrics, 'throughput')).to.include({ verdict: 'better' });
    expect(metric(metrics, 'p50')).to.include({ verdict: 'better' });
    const back = compareRuns([fast], [slow], 0.05);
    expect(metric(back.metrics, 'throughput')).to.include({ verdict: 'worse' });
    expect(metric(back.metrics, 'p50')).to.include({ verdict: 'worse' });
    expect([isWorse({ metrics, confidence: 99, noise }), isWorse(back)]).to.deep.equal([false, true]);
    const { change, interval } = metric(back.metrics, 'p50');
    expect(change).to.be.closeTo(40, 4);
    expect(change).to.be.within(...(interval as [number, number]));
  });

  it('compares one new run with several old ones, as one of them', () => {
    const random = seededRandom(5);
    const about = { ...SMALL, intervals: 12, runSpread: 0.02 };
    const old = runsOf(random, 8, about);
    const verdict = (runs: MadeUp): Verdict =>
      metric(compareRuns(old, [madeUpRun(random, runs)], 0.05).metrics, 'p50').verdict;
    expect(verdict(about)).to.not.be.oneOf(['worse', 'better']);
    expect(verdict({ ...about, medianMs: 8 })).to.equal('worse');
  });

  it('does not count what is smaller than the tolerance', () => {
    const random = seededRandom(9);
    const [before, after] = [{ spread: 0.005 }, { spread: 0.005, medianMs: 5.15 }].map((about) =>
      runsOf(random, 5, about),
    );
    expect(metric(compareRuns(before, after, 0.05).metrics, 'p50').verdict).to.equal('small');
    expect(metric(compareRuns(before, after, 0.01).metrics, 'p50').verdict).to.equal('worse');
  });

  it('finds errors where there were none, and takes no burst of a moment for more', () => {
    const random = seededRandom(11);
    const before = madeUpRun(random, { errors: 0 });
    const many = compareRuns([before], [madeUpRun(random, { errors: 0.01 })], 0.05);
    expect(metric(many.metrics, 'errors')).to.include({ before: 0, verdict: 'worse' });
    const burst = madeUpRun(random, { errors: 0 });
    const [interval] = burst.intervals;
    const failed = { ...interval, failed: 40 };
    const one = { ...burst, failed: 40, intervals: [failed, ...burst.intervals.slice(1)] };
    expect(metric(compareRuns([before], [one], 0.05).metrics, 'errors').verdict).to.equal('noise');
    expect(metric(compareRuns([before], [burst], 0.05).metrics, 'errors')).to.include({
      change: 0,
      verdict: 'noise',
    });
  });

  it('says what lacks where there is too little', () => {
    const random = seededRandom(13);
    const few = madeUpRun(random, { calls: 50, intervals: 12, errors: 0 });
    const { metrics } = compareRuns([few], [few], 0.05);
    expect(metric(metrics, 'p99.9')).to.include({ verdict: 'unknown', change: null });
    expect(metric(metrics, 'p99.9').reason).to.match(/^needs 10,000 calls in each run, one has \d+$/);
    expect(metric(metrics, 'p50').verdict).to.equal('noise');
    const short = madeUpRun(random, { intervals: 4 });
    for (const { verdict, reason } of compareRuns([short], [few], 0.05).metrics) {
      expect(verdict).to.equal('unknown');
      expect(reason).to.equal('one of them has 4 intervals: measure for 2.5 s or longer');
    }
    const failed = madeUpRun(random, { errors: 1 });
    expect(metric(compareRuns([failed], [few], 0.05).metrics, 'mean').reason).to.equal(
      'no call succeeded in one of them',
    );
    const none = { ...failed, failed: 0 };
    expect(metric(compareRuns([none], [few], 0.05).metrics, 'throughput').reason).to.equal(
      'no call ended in one of them',
    );
  });

  it('gives the same answer for the same runs', () => {
    const random = seededRandom(15);
    const [before, after] = [madeUpRun(random, SMALL), madeUpRun(random, SMALL)];
    expect(compareRuns([before], [after], 0)).to.deep.equal(compareRuns([before], [after], 0));
  });
});

describe('the intervals of a run', () => {
  it('all together are the run, also where they are joined', () => {
    const random = seededRandom(17);
    for (const intervals of [40, 300]) {
      const run = madeUpRun(random, { intervals, calls: 50 });
      const parts = new RunParts(run);
      expect(parts.length).to.be.at.most(120);
      const all = parts.metricsOf(Array.from({ length: parts.length }, (_, index) => index));
      for (const [index, value] of metricsOf(run).entries()) {
        expect(all[index]).to.be.closeTo(value, value * 0.008 + 1e-9);
      }
    }
  });
});
