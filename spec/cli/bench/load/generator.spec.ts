// The load generator, with calls that are functions: which begin when, and what is counted.

import { expect } from 'chai';
import { LoadGenerator, type MakeCall } from '../../../../lib/cli/bench/load/generator.ts';
import type { ClosedLoop, OpenLoop } from '../../../../lib/cli/bench/plan/load-plan.ts';
import { MAX_INTERVALS, Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { standStill } from '../../../support/time/stand-still.ts';

const CLOSED: ClosedLoop = {
  kind: 'closed',
  concurrency: 1,
  calls: Infinity,
  durationMs: Infinity,
  warmUpMs: 0,
};
const OPEN: OpenLoop = {
  kind: 'open',
  stages: [{ fromRate: 1000, toRate: 1000, durationMs: Infinity }],
  calls: Infinity,
  durationMs: Infinity,
  maxInFlight: 1000,
  warmUpMs: 0,
};

const nameFailure = (error: unknown) => ({ name: (error as Error).name, details: (error as Error).message });
const generator = (plan: ClosedLoop | OpenLoop, makeCall: MakeCall) =>
  new LoadGenerator(plan, makeCall, nameFailure);
const immediate = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('a closed loop', () => {
  it('makes exactly so many calls, never more at a time than there are callers', async () => {
    let running = 0;
    let most = 0;
    const indexes: number[] = [];
    const run = await generator({ ...CLOSED, concurrency: 3, calls: 10 }, async (index) => {
      indexes.push(index);
      most = Math.max(most, ++running);
      await immediate();
      running--;
    }).run();
    expect(most).to.equal(3);
    expect(indexes).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(run.measurements.begun).to.equal(10);
    expect(run.measurements.latency.count).to.equal(10);
    expect(run.unfinished).to.equal(0);
  });

  it('makes no more callers than calls', async () => {
    const run = await generator({ ...CLOSED, concurrency: 50, calls: 2 }, immediate).run();
    expect(run.measurements.begun).to.equal(2);
  });

  it('begins calls for so long, and waits for the last', async () => {
    const run = await generator({ ...CLOSED, durationMs: 20 }, immediate).run();
    expect(run.elapsedMs).to.be.at.least(15);
    expect(run.measurements.latency.count).to.equal(run.measurements.begun);
  });

  it('begins calls for longer than timers of Node may be', async () => {
    // Node takes such a timer for one of 1 ms, which would be over before the first call.
    const slow = () => new Promise((resolve) => setTimeout(resolve, 1));
    const run = await generator({ ...CLOSED, durationMs: 720 * 3600 * 1000, calls: 3 }, slow).run();
    expect(run.measurements.begun).to.equal(3);
  });

  it('counts failures by name, with the first text, also of calls that throw', async () => {
    const run = await generator({ ...CLOSED, calls: 5 }, (index) => {
      if (index === 0) throw new RangeError('thrown');
      if (index === 1) return immediate();
      return Promise.reject(new TypeError(`number ${index}`));
    }).run();
    expect([...run.measurements.statuses.values()]).to.deep.equal([
      { name: 'RangeError', count: 1, sample: 'thrown' },
      { name: 'OK', count: 1, sample: '' },
      { name: 'TypeError', count: 3, sample: 'number 2' },
    ]);
    expect(run.measurements.failedLatency.count).to.equal(4);
  });

  it('ends in time though every call fails at once', async () => {
    const run = await generator({ ...CLOSED, durationMs: 10 }, () => Promise.reject(new Error('no'))).run();
    expect(run.measurements.failedLatency.count).to.be.above(0);
  });

  it('does not measure the warm-up', async () => {
    let calls = 0;
    const load = generator({ ...CLOSED, warmUpMs: 10, calls: 3 }, async () => {
      calls++;
      await immediate();
    });
    expect(load.isWarmingUp).to.equal(true);
    const run = await load.run();
    expect(run.measurements.begun).to.equal(3);
    expect(calls).to.be.above(3);
  });

  it('gives what it has when it is interrupted, without the calls that still run', async () => {
    const load = generator({ ...CLOSED, concurrency: 4 }, (index) =>
      index < 6 ? immediate() : new Promise(() => {}),
    );
    const result = load.run();
    while (load.measurements.begun < 10) await immediate();
    load.interrupt();
    const run = await result;
    expect(run).to.include({ isInterrupted: true, unfinished: 4 });
    expect(run.measurements.latency.count).to.equal(6);
  });

  it('that is interrupted before it begins makes no calls', async () => {
    const load = generator(CLOSED, () => expect.fail('a call'));
    load.interrupt();
    expect((await load.run()).measurements.begun).to.equal(0);
  });
});

describe('an open loop', () => {
  it('makes as many calls as its stages have', async () => {
    const stages = [
      { fromRate: 0, toRate: 1000, durationMs: 30 },
      { fromRate: 1000, toRate: 1000, durationMs: 20 },
    ];
    const run = await generator({ ...OPEN, stages }, immediate).run();
    // 15 while it climbs, 20 while it holds; whether one on the edge is in depends on rounding.
    expect(run.measurements.begun).to.be.within(34, 36);
    expect(run.elapsedMs).to.be.within(45, 5000);
  });

  it('begins calls though none has ended, up to its limit, and counts those it drops', async () => {
    const ends: (() => void)[] = [];
    const load = generator(
      { ...OPEN, calls: 10, maxInFlight: 4 },
      () => new Promise<void>((end) => ends.push(end)),
    );
    const result = load.run();
    while (load.measurements.dropped < 6) await immediate();
    for (const end of ends) end();
    const run = await result;
    expect(run.measurements.begun).to.equal(4);
    expect(run.measurements.dropped).to.equal(6);
  });

  it('measures from the planned time: a stall counts for all calls that were due in it', async () => {
    const load = generator({ ...OPEN, calls: 60 }, (index) => {
      if (index === 5) standStill(40);
      return Promise.resolve();
    });
    const { measurements } = await load.run();
    // Due every millisecond: of those due in the 40 ms, most waited longer than 5.
    expect(measurements.latency.percentileMs(70)).to.be.above(5);
    expect(measurements.lateness.greatestMs).to.be.above(20);
  });

  it('sleeps until shortly before the next call is due, and begins none when it is woken before', async () => {
    const asked: number[] = [];
    let wake: () => void = () => {};
    const load = new LoadGenerator(
      { ...OPEN, stages: [{ fromRate: 0.001, toRate: 0.001, durationMs: Infinity }], calls: 2 },
      immediate,
      nameFailure,
      undefined,
      async (onTime) => {
        wake = onTime;
        return { set: (atMs) => asked.push(atMs), close: () => {} };
      },
    );
    const beganMs = performance.now();
    const result = load.run();
    while (load.measurements.latency.count < 1) await immediate();
    // The event loop is at rest: nothing looks again before the alarm, which is for the second call, in 1,000 s.
    for (let turn = 0; turn < 20; turn++) await immediate();
    expect(asked).to.have.length(1);
    expect(asked[0]).to.be.within(beganMs + 999_999, performance.now() + 1_000_000);
    wake();
    expect(asked).to.have.length(2);
    expect(load.measurements.begun).to.equal(1);
    load.interrupt();
    await result;
  });

  it('warms up with the rate it begins with', async () => {
    const load = generator({ ...OPEN, calls: 5, warmUpMs: 20 }, immediate);
    const run = await load.run();
    expect(run.measurements.begun).to.equal(5);
  });
});

describe('Measurements', () => {
  it('join intervals in pairs once there are too many', () => {
    const measurements = new Measurements(0, 10);
    for (let index = 0; index < MAX_INTERVALS * 3; index++) {
      measurements.onBegin(index * 10);
      measurements.onOk(1, index * 10);
    }
    expect(measurements.intervals.length).to.be.at.most(MAX_INTERVALS);
    expect(measurements.intervalMs).to.equal(40);
    expect(measurements.intervals.reduce((sum, { ok }) => sum + ok, 0)).to.equal(MAX_INTERVALS * 3);
    expect(measurements.intervals[1]).to.include({ startS: 0.04, ok: 4 });
  });

  it('tell so many kinds of errors apart, and count the others together', () => {
    const measurements = new Measurements(0);
    for (let index = 0; index < 150; index++)
      measurements.onFailure({ name: `E${index}`, details: '' }, 1, 0);
    expect(measurements.statuses.size).to.equal(101);
    expect(measurements.statuses.get('others')?.count).to.equal(50);
  });
});
