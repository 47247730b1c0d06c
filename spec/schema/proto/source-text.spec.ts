import { expect } from 'chai';
import fc from 'fast-check';
import { SourceText } from '../../../lib/schema/proto/syntax/source-text.ts';

/** Octets, with tabs to the next multiple of 8: counted from the line's beginning. */
function columnOf(line: string): number {
  let column = 0;
  for (const char of line) column += char === '\t' ? 8 - (column % 8) : Buffer.byteLength(char);
  return column;
}

describe('SourceText', () => {
  const pieces = fc.constantFrom(
    '\t',
    'a',
    'é',
    '€',
    '😀',
    'int32 f = 1;',
    ' '.repeat(255),
    'x'.repeat(256),
    '\n',
  );

  it('has the columns of spans at any place of lines of any length, asked in any order', () => {
    fc.assert(
      fc.property(
        fc.array(pieces, { maxLength: 40 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (parts, places) => {
          const text = parts.join('');
          const starts: number[] = [0];
          for (const part of parts) starts.push(starts[starts.length - 1] + part.length);
          const source = new SourceText('a.proto', text);
          for (const place of places) {
            const offset = starts[place % starts.length];
            const lines = text.slice(0, offset).split('\n');
            expect(source.spanPosition(offset)).to.deep.equal({
              line: lines.length - 1,
              column: columnOf(lines[lines.length - 1]),
            });
          }
        },
      ),
    );
  });

  it('counts a line once, not once for each place of it', () => {
    const started = process.cpuUsage();
    const text = 'message M{int32 a=1;}'.repeat(100_000);
    const source = new SourceText('a.proto', text);
    for (let i = 100_000; i > 0; i--) source.spanPosition(i * 21);
    expect(source.spanPosition(text.length)).to.deep.equal({ line: 0, column: text.length });
    expect(process.cpuUsage(started).user).to.be.below(2_000_000);
  });
});
