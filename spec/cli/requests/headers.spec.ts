// -H as it is written, and what is said of one that is written wrongly: never its value.

import { expect } from 'chai';
import { metadataOf, parseHeader } from '../../../lib/cli/requests/headers.ts';

describe('Headers of the command line', () => {
  const right: readonly (readonly [text: string, name: string, value: string])[] = [
    ['a: b', 'a', 'b'],
    [' X-A :b: c ', 'x-a', 'b: c'],
    ['a:', 'a', ''],
  ];
  for (const [text, name, value] of right) {
    it(`reads ${JSON.stringify(text)}`, () => {
      expect(parseHeader(text)).to.deep.equal([name, value]);
    });
  }

  const wrong: readonly (readonly [text: string, message: string])[] = [
    ['authorization Bearer hunter2', "'authorization …' is not a header; write -H 'name: value'"],
    ['Bearer hunter2', "'Bearer …' is not a header; write -H 'name: value'"],
    ['hunter2', "a text of 7 characters is not a header; write -H 'name: value'"],
    [': hunter2', "a text of 9 characters is not a header; write -H 'name: value'"],
    ['', "a text of 0 characters is not a header; write -H 'name: value'"],
  ];
  for (const [text, message] of wrong) {
    it(`refuses ${JSON.stringify(text)} without its value`, () => {
      expect(() => parseHeader(text)).to.throw(message);
    });
  }

  it('refuses a binary value that is no base64 without quoting it', () => {
    expect(() => metadataOf([['x-bin', 'hunter2!']], {})).to.throw(
      "the header 'x-bin' is binary: its value must be base64",
    );
    for (const text of ['AQI', 'AQI='])
      expect(metadataOf([['x-bin', text]], {})).to.deep.equal([['x-bin', Buffer.of(1, 2)]]);
    // Half of its padding.
    expect(() => metadataOf([['x-bin', 'AQ=']], {})).to.throw('must be base64');
  });

  const variables: readonly (readonly [text: string, value: string])[] = [
    [`Bearer \${TOKEN}`, 'Bearer t'],
    [`$\${TOKEN}`, `\${TOKEN}`],
    [`$\${UNSET}-\${TOKEN}`, `\${UNSET}-t`],
    [`$$\${TOKEN}`, `$\${TOKEN}`],
    [`$TOKEN \${1} \${}`, `$TOKEN \${1} \${}`],
  ];
  for (const [text, value] of variables) {
    it(`makes ${value} of ${text}`, () => {
      expect(metadataOf([['x', text]], { TOKEN: 't' })).to.deep.equal([['x', value]]);
    });
  }

  it('says how a text is written that is no variable', () => {
    expect(() => metadataOf([['x', `\${UNSET}`]], {})).to.throw(
      `the header 'x' uses \${UNSET}, which is not set in the environment; for the literal text, write $\${UNSET}`,
    );
  });
});
