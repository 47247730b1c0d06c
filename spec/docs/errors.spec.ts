// docs/errors.md against the code: each message that it explains is still one that the library gives.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';

/** The texts of a source file, as they are in messages: quotes without their escapes. */
function texts(path: string): string {
  return readFileSync(path, 'utf8').replaceAll(/\\(['"`])/g, '$1');
}

const sources = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.startsWith('cli/'))
  .map((file) => texts(join('lib', file)));

/** The rows of the page's tables: what stands in the first column, but for headings and rules. */
const rows = readFileSync('docs/errors.md', 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.split(' | ')[0].slice(2));

/** The parts of a message that do not differ from one to another. */
function fixedParts(pattern: string): string[] {
  return pattern
    .split('…')
    .map((part) => part.trim())
    .filter((part) => /\w/.test(part));
}

describe('docs/errors.md', () => {
  it('explains messages of every kind', () => {
    expect(rows.length).to.be.greaterThan(60);
  });

  for (const row of rows) {
    it(`explains a message that there is: ${row}`, () => {
      const patterns = Array.from(row.matchAll(/`([^`]+)`/g), (match) => match[1]);
      for (const pattern of patterns) {
        const parts = fixedParts(pattern);
        expect(parts.join('').length, `${pattern} says too little`).to.be.greaterThan(7);
        expect(
          sources.some((text) => parts.every((part) => text.includes(part))),
          `no file of lib/ has all of ${JSON.stringify(parts)}`,
        ).to.equal(true);
      }
    });
  }
});
