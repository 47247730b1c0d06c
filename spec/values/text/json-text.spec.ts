import { expect } from 'chai';
import fc from 'fast-check';
import {
  JsonNumber,
  JsonSyntaxError,
  MAX_JSON_LEVELS,
  parseJson,
} from '../../../lib/values/text/json-text.ts';
import { thrownBy } from '../../schema/schemas.ts';

/** Numbers that JavaScript holds exactly, and those that it does not. */
const EXACT = ['0', '-0', '1', '-12', '9007199254740991', '-9007199254740991', '1e2', '1.0', '1.50', '1E+15'];
const EXACT_FRACTIONS = ['0.1', '0.1000000000000000055511151231257827', '1e-7', '-1.5e-300', '0e99', '0e-99'];
const INEXACT = [
  '9007199254740992',
  '9007199254740993',
  '-9007199254740993',
  '18446744073709551615',
  '1e16',
  '1e400',
  '-1e400',
  '1e-400',
  '1.00000000000000000001',
  '9007199254740990.99999',
  '1e99999999999999999999',
  '1e-99999999999999999999',
];

interface Mistake {
  readonly name: string;
  readonly text: string;
  readonly message: string;
}

const MISTAKES: readonly Mistake[] = [
  { name: 'nothing', text: '', message: '1:1: expected a value, found the end' },
  { name: 'white space alone', text: ' \n ', message: '2:2: expected a value, found the end' },
  { name: 'two documents', text: '{} {}', message: "1:4: expected the end, found '{'" },
  { name: 'an unfinished object', text: '{"a":1', message: "1:7: expected ',' or '}', found the end" },
  { name: 'an unfinished list', text: '[1', message: "1:3: expected ',' or ']', found the end" },
  {
    name: 'a name without quotes',
    text: '{a:1}',
    message: "1:2: expected a property name in double quotes, found 'a'",
  },
  {
    name: 'single quotes',
    text: "{\n  'a': 1}",
    message: '2:3: expected a property name in double quotes, found "\'"',
  },
  {
    name: 'a value in single quotes',
    text: "'a'",
    message: '1:1: expected a value; strings are in double quotes, found "\'"',
  },
  {
    name: 'a comma at the end of an object',
    text: '{"a":1,}',
    message: "1:8: the last ',' before '}' is one too many",
  },
  {
    name: 'a comma at the end of a list',
    text: '[1,]',
    message: "1:4: the last ',' before ']' is one too many",
  },
  { name: 'no colon', text: '{"a" 1}', message: "1:6: expected ':', found '1'" },
  { name: 'a zero before digits', text: '[01]', message: "1:3: expected ',' or ']', found '1'" },
  { name: 'a plus', text: '+1', message: "1:1: expected a value, found '+'" },
  { name: 'a point without digits', text: '1.', message: "1:2: expected the end, found '.'" },
  { name: 'a lone minus', text: '-', message: "1:1: expected a value, found '-'" },
  { name: 'NaN', text: '[NaN]', message: "1:2: expected a value, found 'N'" },
  { name: 'half a word', text: 'nul', message: "1:1: expected a value, found 'n'" },
  { name: 'a comment', text: '{} // x', message: "1:4: expected the end, found '/'" },
  {
    name: 'an open string',
    text: '{"a": "b',
    message: "1:7: this string is not closed: expected '\"' at its end",
  },
  {
    name: 'a string that ends in an escape',
    text: '"a\\',
    message: '1:3: expected an escape such as \\n or \\u0041',
  },
  { name: 'an unknown escape', text: '"\\x"', message: '1:2: expected an escape such as \\n or \\u0041' },
  { name: 'half an escape', text: '"\\u12"', message: '1:2: expected an escape such as \\n or \\u0041' },
  {
    name: 'a line end in a string',
    text: '"a\nb"',
    message: '1:3: a control character in a string must be written as an escape: \\n, \\t, \\u…',
  },
  { name: 'a character that is not seen', text: '\u200b{}', message: '1:1: expected a value, found U+200B' },
  {
    name: 'a property given twice',
    text: '{\n"a":1,\n"b":2, "a":3}',
    message: '3:8: duplicate property "a"',
  },
  {
    name: 'a property given twice in two spellings',
    text: '{"a":1,"\\u0061":3}',
    message: '1:8: duplicate property "a"',
  },
  {
    name: '__proto__ given twice',
    text: '{"__proto__":1,"__proto__":1}',
    message: '1:16: duplicate property "__proto__"',
  },
];

describe('JSON text (RFC 8259)', () => {
  for (const text of [...EXACT, ...EXACT_FRACTIONS]) {
    it(`gives ${text} as a number`, () => {
      expect(Object.is(parseJson(text), Number(text))).to.equal(true);
    });
  }

  for (const text of INEXACT) {
    it(`keeps the digits of ${text}`, () => {
      const value = parseJson(`{"n":[${text}]}`) as { n: unknown[] };
      expect(value.n[0]).to.be.instanceOf(JsonNumber);
      expect(String(value.n[0])).to.equal(text);
      expect(Number(value.n[0])).to.equal(Number(text));
    });
  }

  for (const { name, text, message } of MISTAKES) {
    it(`refuses ${name}`, () => {
      const error = thrownBy(() => parseJson(text));
      expect(error).to.be.instanceOf(JsonSyntaxError).and.instanceOf(SyntaxError);
      expect(error.message).to.equal(message);
    });
  }

  it('reads what JSON.parse reads, to the same value', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom('', ' ', '\n', '\ufeff'), (text, before) => {
        const asNumbers = (_: string, value: unknown): unknown =>
          value instanceof JsonNumber ? Number(value) : value;
        const read = JSON.parse(JSON.stringify(parseJson(before + text), asNumbers));
        expect(read).to.deep.equal(JSON.parse(JSON.stringify(JSON.parse(text))));
      }),
    );
  });

  it('refuses what JSON.parse refuses, in the same texts', () => {
    const piece = fc.constantFrom(
      ...'{}[]:,"\\/ \n\t-+.eE0123456789truefalsn',
      'null',
      '"a"',
      '\\u0041',
      '\u0001',
    );
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));
    fc.assert(
      fc.property(text, (json) => {
        const accepts = (read: () => unknown): boolean => {
          try {
            read();
            return true;
          } catch (error) {
            if (error instanceof Error && error.message.includes('duplicate property')) return true;
            expect(error).to.be.instanceOf(SyntaxError);
            return false;
          }
        };
        expect(accepts(() => parseJson(json))).to.equal(accepts(() => JSON.parse(json)));
      }),
      { numRuns: 2000 },
    );
  });

  it('is exact for every integer, however it is spelt', () => {
    const spelt = fc
      .tuple(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.nat({ max: 5 }))
      .map(([value, places]) => ({
        value,
        text: value === 0n ? `0e-${places}` : `${value}${'0'.repeat(places)}e-${places}`,
      }));
    fc.assert(
      fc.property(spelt, ({ value, text }) => {
        for (const json of [text, String(value), `${value}.000`]) {
          const read = parseJson(json);
          if (read instanceof JsonNumber) expect(String(read)).to.equal(json);
          else expect(BigInt(read as number)).to.equal(value);
        }
      }),
    );
  });

  it('keeps a property called __proto__ as one', () => {
    const object = parseJson('{"__proto__":{"a":1}}') as object;
    expect(Object.getPrototypeOf(object)).to.equal(Object.prototype);
    expect(Object.keys(object)).to.deep.equal(['__proto__']);
  });

  it('counts lines from where the text stands', () => {
    expect(thrownBy(() => parseJson('{\n"a":?}', 12)).message).to.equal("13:5: expected a value, found '?'");
  });

  it('shows one character of what it cannot read', () => {
    for (const text of [
      'hunter2',
      '{"password": hunter2}',
      '{"password": "hunter2',
      '{"password": "hunter2\n"}',
    ]) {
      expect(thrownBy(() => parseJson(text)).message).not.to.include('unter');
    }
    expect(
      thrownBy(() => parseJson(`{"${'x'.repeat(1000)}":1,"${'x'.repeat(1000)}":2}`)).message,
    ).to.have.length.below(100);
  });

  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ]) {
    it(`takes ${MAX_JSON_LEVELS} levels of ${open}, and not one more`, () => {
      const nested = (levels: number): string => `${open.repeat(levels)}1${close.repeat(levels)}`;
      expect(() => parseJson(nested(MAX_JSON_LEVELS))).not.to.throw();
      expect(thrownBy(() => parseJson(nested(MAX_JSON_LEVELS + 1)))).to.be.instanceOf(JsonSyntaxError);
      expect(thrownBy(() => parseJson(open.repeat(1_000_000)))).to.be.instanceOf(JsonSyntaxError);
    });
  }

  it('takes values of any length', () => {
    const long = 'x\\\\'.repeat(4 << 20);
    expect(parseJson(`"${long}"`)).to.have.lengthOf(8 << 20);
    expect(String(parseJson('9'.repeat(8 << 20)))).to.have.lengthOf(8 << 20);
    expect(String(parseJson(`0.${'0'.repeat(8 << 20)}`))).to.equal('0');
    expect(parseJson(`[${'1,'.repeat(1 << 20)}1]`)).to.have.lengthOf((1 << 20) + 1);
    expect(thrownBy(() => parseJson(`"${'\\"'.repeat(1 << 20)}`))).to.be.instanceOf(JsonSyntaxError);
  });
});
