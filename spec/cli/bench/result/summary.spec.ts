// The summary of a load, and the reports made of it.

import { expect } from 'chai';
import type { LoadPlan } from '../../../../lib/cli/bench/plan/load-plan.ts';
import { csvReport } from '../../../../lib/cli/bench/report/csv-report.ts';
import { terminalReport } from '../../../../lib/cli/bench/report/terminal-report.ts';
import { Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { type LoadSummary, summarize } from '../../../../lib/cli/bench/result/summary.ts';

const PLAN: LoadPlan = { kind: 'closed', concurrency: 2, calls: 4, durationMs: Infinity, warmUpMs: 0 };
const ABOUT = {
  target: 'localhost:50051',
  method: 'helloworld.Greeter/SayHello',
  startedAt: new Date(0),
  connections: 1,
  streamsReplies: false,
};

function summaryOf(fill: (measurements: Measurements) => void, elapsedMs: number, plan = PLAN): LoadSummary {
  const measurements = new Measurements(0, 1000);
  fill(measurements);
  return summarize(
    plan,
    { measurements, elapsedMs, cpuMs: 500, isInterrupted: false, unfinished: measurements.inFlight },
    ABOUT,
  );
}

/** Three good calls in the first second, a failed one in the second, and one at the end of a short third. */
const few = (): LoadSummary =>
  summaryOf((measurements) => {
    for (const [ms, at] of [
      [1, 100],
      [2, 200],
      [3, 300],
    ]) {
      measurements.onBegin(at);
      measurements.onOk(ms, at);
    }
    measurements.onBegin(1500);
    measurements.onFailure({ name: 'NOT_FOUND', code: 5, details: 'no \u001b[31mred' }, 7, 1500);
    measurements.onBegin(2100);
    measurements.onOk(4, 2100);
  }, 2100);

describe('the summary of a load', () => {
  it('counts calls, statuses and the rate', () => {
    const summary = few();
    expect(summary.calls).to.deep.equal({ begun: 5, ok: 4, failed: 1, dropped: 0, unfinished: 0 });
    expect(summary.statuses).to.deep.equal([
      { name: 'OK', count: 4 },
      { name: 'NOT_FOUND', code: 5, count: 1, sample: 'no \u001b[31mred' },
    ]);
    expect(summary.callsPerSecond).to.be.closeTo(5 / 2.1, 0.001);
    expect(summary.clientCores).to.equal(0.24);
  });

  it('tells latencies of good and failed calls apart', () => {
    const { latencyMs, failedLatencyMs } = few();
    expect(latencyMs).to.include({ min: 1, mean: 2.5, max: 4 });
    expect(latencyMs.percentiles['50']).to.be.closeTo(2, 0.016);
    expect(failedLatencyMs).to.include({ min: 7, max: 7 });
  });

  it('puts every good call into one bar', () => {
    expect(few().distribution.reduce((sum, bar) => sum + bar.count, 0)).to.equal(4);
  });

  it('joins a short last interval to the one before', () => {
    const { intervals } = few();
    expect(intervals.map(({ startS, ok, failed }) => [startS, ok, failed])).to.deep.equal([
      [0, 3, 0],
      [1, 1, 1],
    ]);
    expect(intervals[1].callsPerSecond).to.be.closeTo(2 / 1.1, 0.01);
  });

  it('keeps what ended after the end of the plan apart, so that it is no breakdown', () => {
    const plan: LoadPlan = { ...PLAN, calls: Infinity, durationMs: 2100 };
    const { intervals } = summaryOf(
      (measurements) => {
        for (let at = 0; at < 2100; at += 10) {
          measurements.onBegin(at);
          if (at < 2000) measurements.onOk(1, at);
        }
        // The server stalled for the last tenth of a second, and two seconds more.
        for (let late = 0; late < 10; late++) measurements.onOk(2000, 4100);
      },
      4100,
      plan,
    );
    expect(intervals.map(({ startS, ok, isAfterEnd }) => [startS, ok, isAfterEnd])).to.deep.equal([
      [0, 100, undefined],
      [1, 100, undefined],
      [3, 0, true],
      [4, 10, true],
    ]);
    expect(intervals[1].callsPerSecond).to.be.closeTo(100 / 1.1, 0.01);
    expect(intervals.reduce((sum, { begun }) => sum + begun, 0)).to.equal(210);
  });

  it('of nothing has no latencies, and is JSON all the same', () => {
    const summary = summaryOf(() => {}, 0);
    expect(summary.latencyMs.mean).to.equal(null);
    expect(summary.callsPerSecond).to.equal(0);
    expect(JSON.parse(JSON.stringify(summary))).to.deep.equal(summary);
    expect(terminalReport(summary, (text) => text)).to.contain('0 ok, 0 failed');
  });
});

describe('the report for a terminal', () => {
  it('makes what servers say harmless', () => {
    const text = terminalReport(few(), (said) => JSON.stringify(said));
    expect(text).to.contain('\\u001b[31mred');
    expect(text).to.not.contain('\u001b');
  });

  it('makes what results of others say harmless', () => {
    const red = '\u001b[31m';
    const summary = {
      ...few(),
      method: `${red}a.B.C`,
      target: `${red}a:1`,
      statuses: [{ name: red, count: 1 }],
    };
    expect(terminalReport(summary, (said) => JSON.stringify(said))).to.not.contain('\u001b');
  });

  it('says how many calls an open loop did not make', () => {
    const plan: LoadPlan = {
      kind: 'open',
      stages: [{ fromRate: 10, toRate: 20, durationMs: 1000 }],
      calls: Infinity,
      durationMs: Infinity,
      maxInFlight: 1,
      warmUpMs: 0,
    };
    const summary = summaryOf(
      (measurements) => {
        measurements.dropped = 3;
      },
      1000,
      plan,
    );
    const text = terminalReport(summary, (said) => said);
    expect(text).to.contain('3 not made, because --max-in-flight calls were running');
    expect(text).to.contain('10 to 20 calls/s for 1 s');
  });
});

describe('the report for a terminal, of conditions and of what the load cost', () => {
  it('says which conditions hold, and what was measured', () => {
    const gates = [
      { condition: 'p99<50ms', holds: false, actual: 61.234, unit: 'ms' },
      { condition: 'errors<0.1%', holds: true, actual: 0, unit: '%' },
      { condition: 'lateness<1ms', holds: false, actual: null, unit: 'ms' },
    ] as const;
    expect(terminalReport({ ...few(), gates }, (said) => said)).to.contain(
      [
        'Conditions',
        '  p99<50ms      DOES NOT HOLD  61.23 ms',
        '  errors<0.1%   holds          0 %',
        '  lateness<1ms  DOES NOT HOLD  nothing was measured',
      ].join('\n'),
    );
  });

  it('names callers, the machine, and the CPU time of a call', () => {
    const machine = { host: 'build-7', platform: 'linux x64', cores: 8, runtime: 'node 20.19.0' };
    const text = terminalReport({ ...few(), machine }, (said) => said);
    expect(text).to.match(/concurrency +2 callers over one connection\n/);
    expect(text).to.match(/machine +build-7 \(linux x64, 8 cores, node 20\.19\.0\)\n/);
    // A quarter of a core for 2.1 s, and five calls.
    expect(text).to.match(/CPU per call +101,000 µs\n/);
  });

  it('says how late calls of an open loop began', () => {
    const plan: LoadPlan = {
      kind: 'open',
      stages: [{ fromRate: 10, toRate: 10, durationMs: Infinity }],
      calls: 10,
      durationMs: Infinity,
      maxInFlight: 1,
      warmUpMs: 0,
    };
    const late = (ms: number): string =>
      terminalReport(
        summaryOf((measurements) => measurements.lateness.record(ms), 1000, plan),
        (said) => said,
      );
    expect(late(0.25)).to.match(/lateness +p50 0\.250 ms, p99 0\.250 ms, max 0\.250 ms\n/);
    expect(late(5)).to.contain(
      'max 5.00 ms: this client was late, and its lateness is part of the latencies',
    );
  });
});

describe('the report as comma-separated values', () => {
  it('has a line for each interval, empty where nothing is known', () => {
    const measurements = summaryOf((all) => all.onFailure({ name: 'X', details: '' }, 1, 0), 1000);
    expect(csvReport(measurements)).to.equal(
      'startS,callsPerSecond,begun,ok,failed,p50Ms,p90Ms,p99Ms,maxMs,isAfterEnd\r\n0,1,0,0,1,,,,,\r\n',
    );
  });
});
