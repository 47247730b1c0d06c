// Measurements taken out as data, and added to others.

import { expect } from 'chai';
import { MAX_INTERVALS, Measurements } from '../../../../lib/cli/bench/result/measurements.ts';
import { call, measured } from './made-up-results.ts';

describe('measurements as data', () => {
  it('are gone where they were taken from, but for the calls in flight', () => {
    const measurements = measured([call(), call({ status: 'UNAVAILABLE' })]);
    measurements.onBegin(300);
    const first = measurements.takeDocument();
    expect(first).to.include({ begun: 3 });
    expect(measurements.inFlight).to.equal(1);
    measurements.onOk(50, 900);
    const second = measurements.takeDocument();
    expect(second).to.include({ begun: 0 });
    expect(second.statuses).to.deep.equal([{ name: 'OK', count: 1, sample: '' }]);
    expect(second.intervals.map(({ index, ok }) => [index, ok])).to.deep.equal([[3, 1]]);
    const empty = measurements.takeDocument();
    expect(empty).to.deep.equal(new Measurements(0).takeDocument());
    const sum = new Measurements(0);
    for (const document of [second, first, empty]) sum.addDocument(document);
    expect(sum).to.include({ begun: 3, inFlight: 0 });
    expect(sum.latency.count).to.equal(2);
    expect(sum.intervals.map(({ begun, ok, failed }) => [begun, ok, failed])).to.deep.equal([
      [2, 1, 1],
      [1, 0, 0],
      [0, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('of hours take no more room than those of minutes', () => {
    const total = new Measurements(0);
    const part = new Measurements(0);
    for (let second = 0; second < 4 * 3600; second += 10) {
      part.onBegin(second * 1000);
      part.onOk(1, second * 1000 + 1);
      const document = part.takeDocument();
      expect(document.intervals.length).to.be.at.most(2);
      total.addDocument(document);
    }
    expect(total.intervals.length).to.be.at.most(MAX_INTERVALS);
    expect(total.intervals.reduce((sum, { ok }) => sum + ok, 0)).to.equal(1440);
    expect(total.intervalMs).to.equal(32_000);
  });

  it('of finer intervals are added to coarser ones, and the other way round', () => {
    const fine = measured([call({ atMs: 600 })]).takeDocument();
    const coarse = measured([call({ atMs: 400_000 })]).takeDocument();
    const sums = [
      [fine, coarse],
      [coarse, fine],
    ].map((documents) => {
      const sum = new Measurements(0);
      for (const document of documents) sum.addDocument(document);
      return sum.takeDocument();
    });
    expect(sums[0]).to.deep.equal(sums[1]);
    expect(sums[0].intervalMs).to.equal(1000);
    expect(sums[0].intervals.map(({ index, ok }) => [index, ok])).to.deep.equal([
      [0, 1],
      [399, 0],
      [400, 1],
    ]);
  });
});
