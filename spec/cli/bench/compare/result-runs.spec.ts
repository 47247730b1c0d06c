// The runs of one side of a comparison, out of results.

import { expect } from 'chai';
import { caveats, incomparable, type Side, sideOf } from '../../../../lib/cli/bench/compare/result-runs.ts';
import type { FoundLine } from '../../../../lib/cli/bench/result/read-results.ts';
import type { ResultDocument } from '../../../../lib/cli/bench/result/result-document.ts';
import { call, found, PLAN, result, runsOf, START_MS } from '../result/made-up-results.ts';

const CALLS = [call({ atMs: 100 }), call({ atMs: 900 })];

function side(lines: readonly FoundLine[]): { runs: Side['runs']; notes: readonly string[] } {
  const notes: string[] = [];
  const made = sideOf('before', runsOf(lines), notes, START_MS + 60_000);
  if (typeof made === 'string') throw new Error(made);
  return { runs: made.runs, notes };
}

describe('a side of a comparison', () => {
  const run = (name: string): FoundLine => found(result({ run: name }, CALLS));

  it('has the intervals of its one run', () => {
    const { runs, notes } = side([run('a')]);
    expect(runs.map(({ intervals }) => intervals.length)).to.deep.equal([4]);
    expect(notes).to.deep.equal([]);
  });

  it('has none of several, of which each may be large and counts as a whole', () => {
    const { runs } = side([run('a'), run('b')]);
    expect(runs.map(({ intervals }) => intervals.length)).to.deep.equal([0, 0]);
    expect(runs.map(({ latency }) => latency.count)).to.deep.equal([2, 2]);
  });

  it('may have other options than the other side, which is told; but not within itself', () => {
    const zipped = { ...PLAN, options: { compress: 'gzip' } };
    const sideOfRuns = (...lines: readonly FoundLine[]): Side => {
      const made = sideOf('side', runsOf(lines), [], START_MS + 60_000);
      if (typeof made === 'string') throw new Error(made);
      return made;
    };
    const before = sideOfRuns(run('a'));
    const after = sideOfRuns(found(result({ run: 'b', plan: zipped }, CALLS)));
    expect(incomparable(before, after)).to.equal(undefined);
    expect(caveats(before, after)).to.deep.equal([
      'the options differ: options.compress: gzip instead of nothing',
    ]);
    expect(caveats(before, sideOfRuns(run('c')))).to.deep.equal([]);
    expect(() => sideOfRuns(run('a'), found(result({ run: 'b', plan: zipped }, CALLS)))).to.throw(
      'side holds runs of different plans (options.compress: gzip instead of nothing)',
    );
  });

  it('has those of its one run beside one that could not begin, which it tells of', () => {
    const { plan: _, ...failed } = result({ run: 'b', state: 'failed', error: 'no route' }, []);
    const { runs, notes } = side([run('a'), found(failed satisfies ResultDocument)]);
    expect(runs.map(({ intervals }) => intervals.length)).to.deep.equal([4]);
    expect(notes).to.deep.equal(['shard 1/1 of shard-1.json made no calls: no route']);
  });
});
