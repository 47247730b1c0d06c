// Which part of a load falls to this process, and in how many threads it is made.

import { availableParallelism } from 'node:os';
import { expect } from 'chai';
import { coresHere } from '../../../../lib/cli/bench/load/cores.ts';
import { SHARDS, shardOf, threadsOf } from '../../../../lib/cli/bench/load/shard-options.ts';
import type { LoadPlan } from '../../../../lib/cli/bench/plan/load-plan.ts';
import { WHOLE } from '../../../../lib/cli/bench/plan/plan-part.ts';

const PLAN: LoadPlan = { kind: 'closed', concurrency: 12, calls: Infinity, durationMs: 1000, warmUpMs: 0 };

const parsed = (flag: string, text: string): unknown =>
  SHARDS.options.find(({ flags }) => flags.startsWith(flag))?.parse?.(text);

describe('the options of a load in parts', () => {
  it('name a shard from 1, or from what Kubernetes says from 0', () => {
    expect(shardOf({}, {})).to.deep.equal(WHOLE);
    expect(shardOf({ shard: { index: 4, of: 4 } }, {})).to.deep.equal({ index: 3, of: 4 });
    const job = { shard: { index: 'job', of: 4 } } as const;
    expect(shardOf(job, { JOB_COMPLETION_INDEX: '0' })).to.deep.equal({ index: 0, of: 4 });
    for (const index of ['4', '-1', 'x', '']) {
      expect(() => shardOf(job, { JOB_COMPLETION_INDEX: index })).to.throw(
        `--shard job/4 needs JOB_COMPLETION_INDEX, which is '${index}'; Kubernetes sets it from 0 to 3`,
      );
    }
  });

  it('take a time in RFC 3339, and seconds and milliseconds since 1970', () => {
    const ms = Date.UTC(2026, 0, 31, 12, 0, 0, 250);
    for (const text of [
      '2026-01-31T12:00:00.25Z',
      '2026-01-31T13:00:00.250+01:00',
      `${ms}`,
      `${ms / 1000}`,
    ]) {
      expect(parsed('--start-at', text), text).to.equal(ms);
    }
  });

  it('take as many threads as there are cores left, and no more than have something to do', () => {
    const auto = { threads: 'auto' } as const;
    expect(threadsOf(auto, PLAN, WHOLE, false, 8)).to.equal(8);
    expect(threadsOf(auto, PLAN, WHOLE, true, 8)).to.equal(7);
    expect(threadsOf(auto, PLAN, WHOLE, true, 1)).to.equal(1);
    expect(threadsOf(auto, PLAN, WHOLE, false, 64)).to.equal(12);
    expect(threadsOf(auto, PLAN, { index: 3, of: 5 }, false, 64)).to.equal(2);
    expect(threadsOf({}, PLAN, WHOLE, false, 64)).to.equal(1);
    expect(threadsOf({ threads: 3 }, PLAN, WHOLE, false, 1)).to.equal(3);
  });
});

describe('the cores of this process', () => {
  const all = availableParallelism();
  const cases: readonly [string, Readonly<Record<string, string>>, number][] = [
    ['all without a quota', {}, all],
    ['all where the quota is none', { '/sys/fs/cgroup/cpu.max': 'max 100000\n' }, all],
    ['those of a quota', { '/sys/fs/cgroup/cpu.max': '150000 100000\n' }, 1],
    ['one at least', { '/sys/fs/cgroup/cpu.max': '20000 100000\n' }, 1],
    ['no more than there are', { '/sys/fs/cgroup/cpu.max': '9900000 100000\n' }, all],
    [
      'those of a quota of version 1',
      {
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '100000\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      },
      1,
    ],
    [
      'all where that is none',
      { '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n', '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n' },
      all,
    ],
  ];
  for (const [name, files, cores] of cases) {
    it(`are ${name}`, () => {
      const read = (path: string): string => {
        const text = files[path];
        if (text === undefined) throw new Error(`no ${path}`);
        return text;
      };
      expect(coresHere(read)).to.equal(cores);
    });
  }
});
