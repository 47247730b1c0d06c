// The placeholders of request data.

import { expect } from 'chai';
import { compileTemplate, PLACEHOLDERS } from '../../../../lib/cli/bench/load/template-text.ts';

const CONTEXT = { call: 7, message: 3 };
const fill = (json: unknown): unknown => compileTemplate(json)?.(CONTEXT);

describe('a template', () => {
  it('fills in at any depth, in names too, and leaves the rest', () => {
    const json = {
      id: '{{n}}',
      list: ['a', { at: 'call {{n}} message {{message}}' }],
      'k{{n}}': 1,
      same: null,
    };
    expect(fill(json)).to.deep.equal({
      id: '7',
      list: ['a', { at: 'call 7 message 3' }],
      k7: 1,
      same: null,
    });
  });

  it('is none where there is nothing to fill in', () => {
    expect(compileTemplate({ a: ['x', 1, { b: null }] })).to.equal(undefined);
    expect(compileTemplate('{ {n} }')).to.equal(undefined);
  });

  const shapes: readonly [string, RegExp][] = [
    ['{{uuid}}', /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/],
    ['{{now}}', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/],
    ['{{unixMs}}', /^\d{13}$/],
    ['{{int -5 -5}}', /^-5$/],
    ['{{int 1 3}}', /^[123]$/],
    ['{{int 0 9007199254740991}}', /^\d{1,16}$/],
    ['{{int 18446744073709551615 18446744073709551615}}', /^18446744073709551615$/],
    ['{{int -9223372036854775808 9223372036854775807}}', /^-?\d{1,19}$/],
    ['{{int 1e3 1e3}}', /^1000$/],
    ['{{float 2 2}}', /^2$/],
    ['{{ text 16 }}', /^[a-z0-9]{16}$/],
    ['{{text 0}}', /^$/],
    ['{{pick red green}}', /^(red|green)$/],
  ];
  for (const [text, shape] of shapes) {
    it(`fills ${text} in`, () => {
      expect(fill(text)).to.match(shape);
    });
  }

  const bad: readonly [string, RegExp][] = [
    ['{{nope}}', /unknown placeholder \{\{nope\}\}; use one of \{\{n\}\}/],
    ['{{__proto__}}', /unknown placeholder/],
    ['{{}}', /unknown placeholder/],
    ['{{n 1}}', /\{\{n 1\}\} is malformed; write it like \{\{n\}\}/],
    ['{{int 2 1}}', /malformed; write it like \{\{int 1 100\}\}/],
    ['{{int 1}}', /malformed; write it like \{\{int 1 100\}\}/],
    ['{{int 1.5 2}}', /malformed; write it like \{\{int 1 100\}\}/],
    ['{{int 0 x}}', /malformed; write it like \{\{int 1 100\}\}/],
    ['{{float a b}}', /malformed; write it like \{\{float 0 1\}\}/],
    ['{{text 1000001}}', /malformed; write it like \{\{text 16\}\}/],
    ['{{pick}}', /malformed; write it like \{\{pick red green blue\}\}/],
  ];
  for (const [text, message] of bad) {
    it(`refuses ${text} before any call`, () => {
      expect(() => compileTemplate({ a: [text] })).to.throw(RangeError, message);
    });
  }

  it('takes every placeholder as its usage says', () => {
    for (const { usage } of Object.values(PLACEHOLDERS)) expect(fill(usage), usage).to.be.a('string');
  });
});
