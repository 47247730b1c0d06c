// OpenMetrics text: its grammar, as far as a few expressions can say it, and its figures.

import { expect } from 'chai';
import { openMetricsReport } from '../../../../lib/cli/bench/report/openmetrics-report.ts';
import { measuredLoad } from './measured.ts';

const SAMPLE = /^([a-z_][a-z0-9_]*)\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\} (-?[\d.e+-]+)$/;

describe('the report as OpenMetrics text', () => {
  const { summary, measurements } = measuredLoad();
  const gates = [{ condition: 'p99<1s', holds: true, actual: 990, unit: 'ms' }] as const;
  const lines = openMetricsReport({ summary: { ...summary, gates }, measurements }).split('\n');
  const value = (name: string, label = ''): number => {
    const found = lines.filter((line) => line.startsWith(`${name}{`) && line.includes(label));
    expect(found, `${name} ${label}`).to.have.length(1);
    return Number(SAMPLE.exec(found[0])?.[3]);
  };

  it('has families with a type each, samples of theirs after them, and an end', () => {
    expect(lines.slice(-2)).to.deep.equal(['# EOF', '']);
    let family = '';
    const seen = new Set<string>();
    for (const line of lines.slice(0, -2)) {
      const type = /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line)?.[1];
      if (type !== undefined) {
        expect(seen.has(type), type).to.equal(false);
        seen.add(type);
        family = type;
      } else if (line.startsWith('# UNIT')) {
        const [, , name, unit] = line.split(' ');
        expect(name).to.equal(family);
        expect(name.endsWith(`_${unit}`), name).to.equal(true);
      } else if (!line.startsWith(`# HELP ${family} `)) {
        const name = SAMPLE.exec(line)?.[1];
        expect(name, line).to.match(new RegExp(`^${family}(?:_total|_bucket|_count|_sum)?$`));
      }
    }
  });

  it('counts calls by status, and what was not made', () => {
    expect(value('stubless_bench_calls_total', 'grpc_status="OK"')).to.equal(999);
    expect(value('stubless_bench_calls_total', 'grpc_status="UNAVAILABLE"')).to.equal(1);
    expect(value('stubless_bench_dropped_calls_total')).to.equal(3);
    expect(value('stubless_bench_message_bytes_total', 'direction="received"')).to.equal(9990);
    expect(value('stubless_bench_throughput')).to.equal(100);
  });

  it('has latencies in seconds: buckets that add up, within what the buckets know, and percentiles', () => {
    const name = 'stubless_bench_call_duration_seconds';
    expect(value(`${name}_bucket`, 'le="0.001"')).to.be.within(0, 1);
    expect(value(`${name}_bucket`, 'le="0.1"')).to.be.within(99, 101);
    expect(value(`${name}_bucket`, 'le="0.5"')).to.be.within(496, 504);
    expect(value(`${name}_bucket`, 'le="+Inf"')).to.equal(999);
    expect(value(`${name}_count`)).to.equal(999);
    expect(value(`${name}_sum`)).to.be.closeTo(499.5, 1e-6);
    const quantile = 'stubless_bench_call_duration_quantile_seconds';
    expect(value(quantile, 'quantile="0"')).to.equal(0.001);
    expect(value(quantile, 'quantile="0.99"')).to.be.closeTo(0.99, 0.008);
    expect(value(quantile, 'quantile="1"')).to.equal(0.999);
    expect(value('stubless_bench_lateness_quantile_seconds', 'quantile="0.5"')).to.equal(0.00025);
    expect(value('stubless_bench_failed_call_duration_seconds_count')).to.equal(1);
  });

  it('says which conditions hold, and escapes what a target may be', () => {
    expect(value('stubless_bench_condition_holds', 'condition="p99<1s"')).to.equal(1);
    expect(lines.find((line) => line.includes('_throughput{'))).to.contain(
      'target="dns:///a \\"b\\"\\\\c:1"',
    );
  });
});
