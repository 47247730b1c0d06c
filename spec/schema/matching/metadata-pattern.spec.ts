import { expect } from 'chai';
import { formatDifferences } from '../../../lib/schema/matching/difference.ts';
import { compileMetadataPattern } from '../../../lib/schema/matching/metadata-pattern.ts';
import type { PatternOptions } from '../../../lib/schema/matching/pattern.ts';
import { PatternError } from '../../../lib/schema/matching/pattern-error.ts';
import { Metadata } from '../../../lib/values/metadata.ts';

const METADATA = new Metadata({ 'x-one': 'a', 'x-two': ['b', 'c'], 'x-bin': Uint8Array.of(1, 2) });

function differences(pattern: unknown, options?: PatternOptions): string[] {
  const text = formatDifferences(compileMetadataPattern(pattern, options).differences(METADATA));
  return text === '' ? [] : text.split('\n');
}

describe('patterns for headers and trailers', () => {
  const MATCHING: readonly unknown[] = [
    {},
    { 'X-One': 'a', 'x-two': ['b', 'c'], 'x-bin': 'AQI=' },
    { 'x-one': { $matches: '^[ab]$' }, 'x-two': { $contains: ['c'] }, 'x-bin': { $length: 2 } },
    { 'x-one': { $contains: 'a' }, 'x-two': { $unordered: ['c', 'b'] }, 'x-three': null },
    { 'x-two': { $each: /^[bc]$/, $length: 2 }, 'x-three': { $present: false } },
    new Map([['X-ONE', 'a']]),
  ];
  for (const pattern of MATCHING) {
    it(`match ${JSON.stringify(pattern)}`, () => {
      expect(differences(pattern)).to.deep.equal([]);
    });
  }

  const DIFFERING: readonly { readonly pattern: unknown; readonly lines: readonly string[] }[] = [
    { pattern: { 'x-one': 'b' }, lines: ['x-one: expected "b", got "a"'] },
    { pattern: { 'x-three': 'b' }, lines: ['x-three: expected "b", got nothing'] },
    { pattern: { 'x-two': 'b' }, lines: ['x-two: expected "b", got ["b", "c"]'] },
    { pattern: { 'x-two': ['b', 'd'] }, lines: ['x-two[1]: expected "d", got "c"'] },
    { pattern: { 'x-one': null }, lines: ['x-one: expected nothing, got "a"'] },
    { pattern: { 'x-bin': 'AQM=' }, lines: ['x-bin: expected 2 bytes, AQM=, got 2 bytes, AQI='] },
  ];
  for (const { pattern, lines } of DIFFERING) {
    it(`show what differs from ${JSON.stringify(pattern)}`, () => {
      expect(differences(pattern)).to.deep.equal(lines);
    });
  }

  it('take other names for differences, if they are exact', () => {
    expect(differences({ 'x-one': 'a', 'x-two': ['b', 'c'] }, { exactly: true })).to.deep.equal([
      'x-bin: expected nothing, got 2 bytes, AQI=',
    ]);
  });

  const REFUSED: readonly { readonly pattern: unknown; readonly message: string }[] = [
    { pattern: 'x', message: 'expected an object of names and values, got "x"' },
    {
      pattern: { 'x y': 'a' },
      message: 'x y: is not a name of metadata: those consist of letters, digits and the characters _ - .',
    },
    { pattern: { 'x-one': 5 }, message: 'x-one: expected text, got 5' },
    { pattern: { 'x-bin': '?' }, message: 'x-bin: expected bytes, a Uint8Array or base64 text, got "?"' },
    {
      pattern: { 'x-one': { $mach: 'a' } },
      message: "x-one: there is no operator '$mach'; did you mean '$each'?",
    },
    {
      pattern: { 'x-a': '1', 'X-A': '2' },
      message: "'x-a' is there twice, with capital letters and without",
    },
  ];
  for (const { pattern, message } of REFUSED) {
    it(`refuse ${JSON.stringify(pattern)}`, () => {
      expect(() => compileMetadataPattern(pattern))
        .to.throw(PatternError)
        .with.property('message', message);
    });
  }
});
