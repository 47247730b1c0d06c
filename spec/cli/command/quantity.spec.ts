import { expect } from 'chai';
import { UsageError } from '../../../lib/cli/command/failure.ts';
import { parseDuration, parsePause } from '../../../lib/cli/command/quantity.ts';

describe('A time on the command line', () => {
  const times: readonly (readonly [text: string, ms: number])[] = [
    ['500ms', 500],
    ['5s', 5000],
    ['1m30s', 90_000],
    ['2h', 7_200_000],
    ['0.5s', 500],
    ['none', Infinity],
    // Seconds, as in curl and grpcurl.
    ['200', 200_000],
    ['0.2', 200],
  ];
  for (const [text, ms] of times) {
    it(`${text} is ${ms} ms`, () => {
      expect(parseDuration(text)).to.equal(ms);
    });
  }

  for (const text of ['', '0', '-1', '5 s', '5sec', 'soon', '1e3']) {
    it(`'${text}' is refused with the forms that there are`, () => {
      expect(() => parseDuration(text)).to.throw(UsageError, 'write 500ms, 5s, 1m30s, or none');
    });
  }
});

describe('A pause on the command line', () => {
  for (const [text, ms] of [
    ['none', 0],
    ['0', 0],
    ['0s', 0],
    ['5ms', 5],
  ] as const) {
    it(`${text} is ${ms} ms`, () => {
      expect(parsePause(text)).to.equal(ms);
    });
  }

  it('does not last for ever', () => {
    expect(() => parsePause('infinity')).to.throw(UsageError, "'infinity' would last for ever");
    expect(() => parsePause('soon')).to.throw(UsageError, 'write 500ms, 5s, 1m30s, or none');
  });
});
