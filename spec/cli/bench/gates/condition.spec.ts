// What --fail takes, and what it says of what it does not.

import { expect } from 'chai';
import fc from 'fast-check';
import { METRICS, parseConditions } from '../../../../lib/cli/bench/gates/condition.ts';
import { UsageError } from '../../../../lib/cli/command/failure.ts';

describe('conditions', () => {
  const good: readonly [string, object][] = [
    ['p99<50ms', { metric: 'p99', percent: 99, comparison: '<', limit: 50, unit: 'ms' }],
    ['p99.95 <= 1.5s', { metric: 'p99.95', percent: 99.95, comparison: '<=', limit: 1500, unit: 'ms' }],
    ['p50<250us', { limit: 0.25, unit: 'ms' }],
    ['p50<250µs', { limit: 0.25 }],
    ['max<1m30s', { metric: 'max', limit: 90_000 }],
    ['p50 < 250 us', { text: 'p50<250us', limit: 0.25 }],
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
    ['p99<5 0ms', /^'p99<5 0ms': '5 0ms' is not a time; write it as in p99<50ms$/],
    ['p99<5. 5ms', /'5. 5ms' is not a time/],
    ['p99<50m s', /'50m s' is not a time/],
    ['p99<1m 30s', /'1m 30s' is not a time/],
    ['p 99<50ms', /unknown metric 'p 99'/],
    ['p99< =50ms', /'=50ms' is not a time/],
    ['errors<0. 1%', /'0. 1%' is not a number|is not its unit/],
    ['throughput>1 000', /' 000' is not its unit/],
    ['failed<1 0', /' 0' is not its unit/],
    [`throughput>${'9'.repeat(400)}`, /is too large/],
    [`p99<${'9'.repeat(400)}ms`, /is not a time/],
    ['constructor<5', /unknown metric 'constructor'/],
    ['__proto__<5', /unknown metric '__proto__'/],
  ];
  for (const [text, message] of bad) {
    it(`are refused as '${text}'`, () => {
      expect(() => parseConditions(text)).to.throw(message);
    });
  }

  /** Conditions, and the blanks that may stand in them. */
  const name = fc.oneof(
    fc.constantFrom(...Object.keys(METRICS)),
    fc.constantFrom('50', '99', '99.9', '0.1').map((percent) => `p${percent}`),
  );
  const amount = fc.oneof(fc.nat(5000).map(String), fc.constantFrom('0.5', '99.95', '1', '007'));
  const blank = fc.constantFrom('', '', ' ', '  ', '\t', '\n');
  const pieces = fc.record({
    name,
    comparison: fc.constantFrom('<', '<=', '>', '>=', '=', '=>', '!='),
    amount,
    unit: fc.constantFrom('', 'us', 'µs', 'ms', 's', 'm', 'h', '%', '/s', 'k', 'ms30s', '1'),
    blanks: fc.array(blank, { minLength: 5, maxLength: 5 }),
  });

  /** What came of a text: its conditions, or why there are none. */
  const readOf = (text: string): readonly object[] | string => {
    try {
      return parseConditions(text);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      return error.message;
    }
  };

  it('mean the same whatever blanks stand around their parts', () => {
    fc.assert(
      fc.property(pieces, ({ name: metric, comparison, amount: number, unit, blanks: [a, b, c, d, e] }) => {
        const tight = readOf(`${metric}${comparison}${number}${unit}`);
        // Two numbers with a blank between them are not one.
        const between = /^\d/.test(unit) ? '' : d;
        const loose = readOf(`${a}${metric}${b}${comparison}${c}${number}${between}${unit}${e}`);
        if (typeof tight === 'string') expect(loose).to.be.a('string');
        else expect(loose).to.deep.equal(tight);
      }),
    );
  });

  it('are never made of a number with a blank in it', () => {
    fc.assert(
      fc.property(pieces, fc.nat(9), ({ name: metric, comparison, amount: number, unit }, digit) => {
        expect(readOf(`${metric}${comparison}${digit} ${number}${unit}`)).to.be.a('string');
      }),
    );
  });

  it('of any text are refused in words, or read again as what they were read as', () => {
    const piece = fc.constantFrom(
      ...'p9.<>=!, %5ms\n/'.split(''),
      'errors',
      'p99',
      'ms',
      'throughput',
      '1e3',
      '-',
    );
    const text = fc.oneof(
      fc.string(),
      fc.array(piece, { maxLength: 12 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (given) => {
        const read = readOf(given);
        if (typeof read === 'string') {
          expect(read).to.match(/^'/);
          return;
        }
        for (const condition of read as ReturnType<typeof parseConditions>) {
          expect(condition.text).not.to.match(/\s/);
          expect(condition.limit).to.be.at.least(0).and.below(Infinity);
          expect(parseConditions(condition.text)).to.deep.equal([condition]);
        }
        // Nothing but blanks is dropped.
        const texts = (read as ReturnType<typeof parseConditions>).map((one) => one.text);
        expect(texts.join(',')).to.equal(given.replaceAll(/\s/g, ''));
      }),
      { numRuns: 2000 },
    );
  });
});
