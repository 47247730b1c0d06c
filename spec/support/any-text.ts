// Any text that UTF-8 can carry, made up by fast-check. Its own unit `binary` is the same, but keeps a table of all
// 1,112,064 characters from the first use on: a second of work, and a hundred megabytes for each later look of the
// garbage collector.

import fc from 'fast-check';

const SURROGATES = { from: 0xd800, count: 0x800 };
const LAST = 0x10ffff;

const character = fc.nat(LAST - SURROGATES.count).map(
  (index) => String.fromCodePoint(index < SURROGATES.from ? index : index + SURROGATES.count),
  // With the way back fast-check has its own texts as well, such as `__proto__`.
  (value) => {
    const point = typeof value === 'string' ? value.codePointAt(0) : undefined;
    if (point === undefined || value !== String.fromCodePoint(point)) throw new Error('not one character');
    if (point >= SURROGATES.from && point < SURROGATES.from + SURROGATES.count)
      throw new Error('half of a character');
    return point < SURROGATES.from ? point : point - SURROGATES.count;
  },
);

export function anyText(lengths: { readonly maxLength?: number } = {}): fc.Arbitrary<string> {
  return fc.string({ ...lengths, unit: character });
}
