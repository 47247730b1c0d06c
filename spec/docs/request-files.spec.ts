// docs/requests.md: each of its blocks of YAML is read as what it shows a part of.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { yamlTree } from '../../lib/cli/request-files/yaml-tree.ts';
import { readRequestFile } from '../../lib/requests/file/read-request-file.ts';
import { mistakeText, SourceFile } from '../../lib/requests/file/source-file.ts';

const GUIDE = 'docs/requests.md';

const BLOCKS = Array.from(
  readFileSync(GUIDE, 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```$/gm),
  (match) => match[1],
);

/** A block as a whole file; undefined for one of another kind. */
function fileOf(block: string): string | undefined {
  const indented = block.replace(/^(?=.)/gm, '    ');
  if (block.startsWith('expect:') || block.startsWith('metadata:')) {
    return `requests:\n  - method: M\n${indented}`;
  }
  if (block.startsWith('- name:')) return `requests:\n${indented}`;
  if (/^(?:target|requests):/m.test(block))
    return block.includes('requests:') ? block : `${block}requests: []\n`;
  return block.startsWith('# yaml-language-server') ? `${block}requests: []\n` : undefined;
}

describe(GUIDE, () => {
  const files = BLOCKS.map(fileOf).filter((text) => text !== undefined);

  it('shows enough', () => {
    expect(files.length).to.be.greaterThan(7);
  });

  for (const text of files) {
    it(`has a block that can be read: ${text.split('\n').slice(0, 4).join(' ')}`, () => {
      const source = new SourceFile(GUIDE, text);
      const tree = yamlTree(source);
      if (tree !== undefined) readRequestFile(source, tree);
      expect(source.mistakes.map(mistakeText)).to.deep.equal([]);
    });
  }
});
