// docs/promises.md: twelve promises under their numbers, each shown by specs, and cited by numbers that there are. (That the
// specs exist, the check of links in readme.spec.ts says.)

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const [, ...sections] = readFileSync('docs/promises.md', 'utf8').split(/^## /m);

describe('docs/promises.md', () => {
  it('numbers its promises as specs cite them', () => {
    expect(sections.map((section) => Number.parseInt(section, 10))).to.deep.equal(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  it('is cited by numbers that it has', () => {
    const files = ['lib', 'spec'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
    );
    const cited = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        Array.from(readFileSync(file, 'utf8').matchAll(/docs\/promises\.md (\d+)/g), ([, number]) =>
          Number(number),
        ),
      );
    expect(cited).to.have.length.greaterThan(50);
    expect(cited.filter((number) => number < 1 || number > sections.length)).to.deep.equal([]);
  });

  for (const section of sections) {
    it(`names a spec that shows ${section.split('\n', 1)[0]}`, () => {
      expect(section).to.match(/^Shown by \[[^\]]+\]\(\.\.\/spec\//m);
    });
  }
});
