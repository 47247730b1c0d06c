// What --fail takes, and what it says of what it does not.

import { expect } from 'chai';
import { METRICS, parseConditions } from '../../../../lib/cli/bench/gates/condition.ts';

describe('conditions', () => {
  const good: readonly [string, object][] = [
    ['p99<50ms', { metric: 'p99', percent: 99, comparison: '<', limit: 50, unit: 'ms' }],
    ['p99.95 <= 1.5s', { metric: 'p99.95', percent: 99.95, comparison: '<=', limit: 1500, unit: 'ms' }],
    ['p50<250us', { limit: 0.25, unit: 'ms' }],
    ['p50<250µs', { limit: 0.25 }],
    ['max<1m30s', { metric: 'max', limit: 90_000 }],
    ['errors<0.1%', { metric: 'errors', limit: 0.1, unit: '%' }],
    ['failed<=0', { metric: 'failed', comparison: '<=', limit: 0, unit: 'calls' }],
    ['throughput>1000', { metric: 'throughput', comparison: '>', limit: 1000, unit: 'calls/s' }],
    ['throughput>=1000.5/s', { comparison: '>=', limit: 1000.5 }],
  ];
  for (const [text, expected] of good) {
    it(`are read from '${text}'`, () => {
      expect(parseConditions(text)).to.have.length(1);
      expect(parseConditions(text)[0]).to.include(expected);
    });
  }

  it('stand with commas between them, and keep their text without blanks', () => {
    const texts = parseConditions('p99<50ms, errors < 0.1%,throughput>1000').map(({ text }) => text);
    expect(texts).to.deep.equal(['p99<50ms', 'errors<0.1%', 'throughput>1000']);
  });

  it('are read from the example of every metric', () => {
    for (const [name, { example }] of Object.entries(METRICS)) {
      expect(parseConditions(example)[0], name).to.include({ metric: name, text: example });
    }
  });

  const bad: readonly [string, RegExp][] = [
    ['', /^'' is not a condition; write a metric, < or > and a limit, as in p99<50ms/],
    ['p99', /^'p99' is not a condition/],
    ['p99<50ms,', /^'' is not a condition/],
    ['p99=50ms', /^'p99=50ms': conditions have <, <=, > or >=; write it as in p99<50ms$/],
    ['p99!=50ms', /conditions have <, <=, > or >=/],
    ['p99<', /^'p99<': the limit is missing; write it as in p99<50ms$/],
    ['p99<50', /^'p99<50': '50' has no unit: it is a time; write it as in p99<50ms$/],
    ['p99<50%', /'50%' is not a time; write it as in p99<50ms/],
    ['p99<0ms', /'0ms' is not a time/],
    ['p95<-5ms', /'-5ms' is not a time; write it as in p95<50ms/],
    ['p0<1ms', /p0 is not a percentile; they lie between p0 and p100, which are min and max/],
    ['p100<1ms', /p100 is not a percentile/],
    ['errors<0.1', /'0.1' has no unit: it is a share of calls; write it as in errors<0.1%/],
    ['errors<5ms', /'ms' is not its unit: it is a share of calls/],
    ['errors<101%', /101% is more than all calls/],
    ['failed<1.5', /1.5 is not a whole number of calls/],
    ['failed<1%', /'%' is not its unit: it counts calls; write it as in failed<10/],
    ['throughput>1k', /'k' is not its unit: it counts calls per second; write it as in throughput>1000/],
    ['throughput>many', /'many' is not a number/],
    ['avg<5ms', /unknown metric 'avg'; did you mean 'mean'\? There are p50/],
    ['__proto__<5', /unknown metric '__proto__'\. There are/],
    ['constructor<5', /unknown metric 'constructor'\. There are/],
    ['rps>5', /unknown metric 'rps'; did you mean 'throughput'\?/],
    ['eror<5%', /unknown metric 'eror'; did you mean 'errors'\?/],
    ['constructor<5', /unknown metric 'constructor'/],
    ['__proto__<5', /unknown metric '__proto__'/],
  ];
  for (const [text, message] of bad) {
    it(`are refused as '${text}'`, () => {
      expect(() => parseConditions(text)).to.throw(message);
    });
  }
});
