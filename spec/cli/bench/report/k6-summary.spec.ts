// The form of k6's handleSummary: what its reporters look at.

import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { k6Summary } from '../../../../lib/cli/bench/report/k6-summary.ts';
import { measuredLoad } from './measured.ts';

describe("the report in the form of k6's summary", () => {
  const { summary, measurements } = measuredLoad();
  const gates = [
    { condition: 'p99<1s', holds: true, actual: 990, unit: 'ms' },
    { condition: 'errors<0.1%', holds: false, actual: 0.1, unit: '%' },
    { condition: 'throughput>1', holds: true, actual: 100, unit: 'calls/s' },
    { condition: 'dropped<=0', holds: false, actual: 3, unit: 'calls' },
  ] as const;
  const k6 = JSON.parse(JSON.stringify(k6Summary({ summary: { ...summary, gates }, measurements })));

  it('has the metrics of k6, each with its type and values', () => {
    const { grpc_req_duration: duration, iterations, dropped_iterations: dropped, checks } = k6.metrics;
    expect(duration).to.include({ type: 'trend', contains: 'time' });
    expect(duration.values).to.include({ min: 1, max: 999, avg: 500 });
    expect(duration.values.med).to.be.closeTo(500, 4);
    expect(duration.values['p(99.9)']).to.be.closeTo(999, 8);
    expect(Object.keys(duration.values)).to.deep.equal(k6.options.summaryTrendStats);
    expect(iterations).to.deep.include({ type: 'counter', values: { count: 1000, rate: 100 } });
    expect(dropped.values.count).to.equal(3);
    expect(checks).to.deep.include({ type: 'rate', values: { rate: 0.999, passes: 999, fails: 1 } });
    expect(k6.metrics.data_sent.values).to.deep.equal({ count: 5000, rate: 500 });
    expect(k6.state.testRunDurationMs).to.equal(10_000);
  });

  it('has conditions as thresholds of the metric that they are about', () => {
    const ofMetric = (name: string) => k6.metrics[name].thresholds;
    expect(ofMetric('grpc_req_duration')).to.deep.equal({ 'p99<1s': { ok: true } });
    expect(ofMetric('checks')).to.deep.equal({ 'errors<0.1%': { ok: false } });
    expect(ofMetric('iterations')).to.deep.equal({ 'throughput>1': { ok: true } });
    expect(ofMetric('dropped_iterations')).to.deep.equal({ 'dropped<=0': { ok: false } });
  });

  it('names groups and checks by the MD5 of their paths, as k6 does', () => {
    const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
    const { root_group: root } = k6;
    expect(root).to.include({ name: '', path: '', id: md5('') });
    expect(root.checks[0]).to.include({ passes: 999, fails: 1, id: md5(root.checks[0].path) });
  });
});
