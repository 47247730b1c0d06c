// Conditions held against what was measured.

import { expect } from 'chai';
import { parseConditions } from '../../../../lib/cli/bench/gates/condition.ts';
import { gateText, type Judged, judge } from '../../../../lib/cli/bench/gates/gate.ts';
import { LatencyHistogram } from '../../../../lib/cli/bench/result/latency-histogram.ts';

/** 999 calls of 1 to 999 ms that succeeded, and one that failed, at 100 calls/s. */
function judged(latencies = Array.from({ length: 999 }, (_, index) => index + 1), failed = 1): Judged {
  const latency = new LatencyHistogram();
  for (const ms of latencies) latency.record(ms);
  const calls = { begun: latencies.length + failed, ok: latencies.length, failed, dropped: 2, unfinished: 0 };
  return {
    summary: { calls, callsPerSecond: 100 },
    measurements: { latency, lateness: new LatencyHistogram() },
  };
}

describe('a condition of a load', () => {
  const cases: readonly [string, boolean][] = [
    ['min<=1ms', true],
    ['min<1ms', false],
    ['max<999ms', false],
    ['max<=999ms', true],
    ['p50<510ms', true],
    ['p50<490ms', false],
    ['p99.9>980ms', true],
    ['mean>=500ms', true],
    ['mean>500ms', false],
    ['stdev<300ms', true],
    ['errors<=0.1%', true],
    ['errors<0.1%', false],
    ['failed<2', true],
    ['ok>=999', true],
    ['dropped<=1', false],
    ['throughput>=100', true],
    ['throughput>100', false],
  ];
  for (const [text, holds] of cases) {
    it(`${text} ${holds ? 'holds' : 'does not'}`, () => {
      expect(judge(parseConditions(text), judged())[0]).to.include({ condition: text, holds });
    });
  }

  it('does not hold where there is nothing to measure, whichever way it is', () => {
    const nothing = judged([], 0);
    for (const gate of judge(parseConditions('p99<1h,p99>1us,mean<1h,errors<100%,errors>=0%'), nothing)) {
      expect(gate).to.include({ holds: false, actual: null });
      expect(gateText(gate)).to.match(/does not hold: nothing was measured$/);
    }
  });

  it('says what it was', () => {
    const texts = judge(
      parseConditions('p50<1ms,errors<0.05%,throughput>2000,failed<1,lateness<1ms'),
      judged(),
    ).map(gateText);
    expect(texts[0]).to.match(/^p50<1ms does not hold: it was 50\d(?:\.\d)? ms$/);
    expect(texts.slice(1)).to.deep.equal([
      'errors<0.05% does not hold: it was 0.1 %',
      'throughput>2000 does not hold: it was 100 calls/s',
      'failed<1 does not hold: it was 1',
      'lateness<1ms does not hold: nothing was measured, as only calls of an open loop (--rps, --ramp) can be late',
    ]);
  });
});
