// Colours of JSON and .proto source, on texts of any length.

import { expect } from 'chai';
import { colours } from '../../../lib/cli/command/colour.ts';

const MAX_CHARS = 256 * 1024;

describe('Colours', () => {
  const { json, proto } = colours(true);

  it('are those of JSON', () => {
    expect(json('{"a":"b\\"","c":[1,-2e3,true]}')).to.equal(
      '{\x1b[34m"a"\x1b[39m:\x1b[32m"b\\""\x1b[39m,\x1b[34m"c"\x1b[39m:[\x1b[33m1\x1b[39m,\x1b[33m-2e3\x1b[39m,\x1b[33mtrue\x1b[39m]}',
    );
  });

  for (const [name, unit] of [
    ['letters', 'x'],
    ['escapes', '\\n'],
    ['quotes', '\\"'],
  ]) {
    it(`are given to a text of ${name} up to a length, and to none that is longer`, () => {
      const longest = `"${unit.repeat((MAX_CHARS - 2) / unit.length)}"`;
      expect(json(longest)).to.equal(`\x1b[32m${longest}\x1b[39m`);
      expect(proto(longest)).to.equal(`\x1b[32m${longest}\x1b[39m`);
      const longer = `"${unit.repeat(MAX_CHARS / unit.length)}"`;
      expect(json(longer)).to.equal(longer);
      expect(proto(longer)).to.equal(longer);
    });
  }
});
