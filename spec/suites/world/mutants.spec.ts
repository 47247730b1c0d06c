// The faults that `npm run world:mutants` puts back still fit the library: code that moves leaves a patch behind, which
// should be known before an hour of checks.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

const FOLDER = 'spec/suites/world/mutants';

/** The lines that each hunk of a patch expects, without the context that `git apply -C1` does without. */
function hunksOf(patch: string): { readonly file: string; readonly lines: readonly string[] }[] {
  return patch
    .split(/^diff --git /m)
    .slice(1)
    .flatMap((part) => {
      const file = /^\+\+\+ b\/(.+)$/m.exec(part)?.[1] ?? '';
      const hunks = part.split(/^@@ .*\n/m).slice(1);
      return hunks.map((hunk) => ({ file, lines: expectedLines(hunk.split('\n')) }));
    });
}

function expectedLines(hunk: readonly string[]): string[] {
  const isChanged = (line: string): boolean => /^[-+]/.test(line);
  const first = hunk.findIndex(isChanged);
  const last = hunk.findLastIndex(isChanged);
  const near = hunk.slice(Math.max(first - 1, 0), last + 2);
  return near.filter((line) => line.startsWith(' ') || line.startsWith('-')).map((line) => line.slice(1));
}

describe('The mutants of the library', () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.patch'))) {
    it(`can be made: ${name}`, () => {
      const hunks = hunksOf(readFileSync(join(FOLDER, name), 'utf8'));
      expect(hunks).to.not.deep.equal([]);
      for (const { file, lines } of hunks) {
        expect(lines).to.not.deep.equal([]);
        expect(readFileSync(file, 'utf8')).to.contain(lines.join('\n'));
      }
    });
  }
});
