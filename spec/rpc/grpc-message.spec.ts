import { expect } from 'chai';
import fc from 'fast-check';
import { decodeGrpcMessage } from '../../lib/rpc/grpc-message.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';

/** A text as it stands in a field: one latin1 character an octet. */
function latin1(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

const cases: readonly (readonly [name: string, field: string, text: string])[] = [
  ['nothing', '', ''],
  ['plain text', 'no such user', 'no such user'],
  ['an escaped space', 'a%20b', 'a b'],
  ['an escaped percent sign', '100%25', '100%'],
  ['an escaped percent sign only once', '%2541', '%41'],
  ['UTF-8, escaped', 'caf%C3%A9 %E2%9C%93', 'café ✓'],
  ['UTF-8 in lower-case digits', '%e2%9c%93', '✓'],
  ['every kind of digit', '%C3%AF%c3%af%09%4A%4a', 'ïï\tJJ'],
  ...['/', ':', '@', 'G', 'W', '`', 'g', 'é'].flatMap((next): [string, string, string][] => [
    [`a percent sign, a digit and ${next}`, latin1(`%4${next}x`), `%4${next}x`],
    [`a percent sign, ${next} and a digit`, latin1(`%${next}4x`), `%${next}4x`],
  ]),
  ['nothing but UTF-8 that was not escaped', latin1('✓'), '✓'],
  ['nothing but an escape', '%41', 'A'],
  ['UTF-8 that was not escaped', latin1('naïve ✓'), 'naïve ✓'],
  ['line breaks and tabs', 'a%0Ab%0D%0Ac%09d', 'a\nb\r\nc\td'],
  ['a percent sign at the end', '100%', '100%'],
  ['a percent sign and one digit at the end', '100%2', '100%2'],
  ['a percent sign without digits', '%zz%2', '%zz%2'],
  ['a percent sign before a good escape', '%%41', '%A'],
  ['octets that are no UTF-8', 'a%FFb', 'a\uFFFDb'],
  ['UTF-8 that is cut off', '%E2%9C', '\uFFFD'],
  ['a byte order mark', '%EF%BB%BFx', '\uFEFFx'],
  ['a NUL', 'a%00b', 'a\0b'],
  // Interop case special_status_message.
  [
    'what the interop tests send',
    '%09%0Atest with whitespace%0D%0Aand Unicode BMP %E2%98%BA and non-BMP %F0%9F%98%88%09%0A',
    '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n',
  ],
];

describe('grpc-message (PROTOCOL-HTTP2.md, Percent-Encoded)', () => {
  for (const [name, field, text] of cases) {
    it(`decodes ${name}`, () => {
      expect(decodeGrpcMessage(field)).to.equal(text);
    });
  }

  it('gives back every text that encodeURIComponent escapes', () => {
    const property = fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeGrpcMessage(encodeURIComponent(text))).to.equal(text);
    });
    fc.assert(property);
  });

  it('takes any octets without throwing', () => {
    const property = fc.property(fc.uint8Array(), (octets) => {
      expect(decodeGrpcMessage(Buffer.from(octets).toString('latin1'))).to.be.a('string');
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });
});
