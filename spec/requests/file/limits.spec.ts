// Limits of files of requests: each at its limit, and one past it.

import { expect } from 'chai';
import {
  MAX_REQUEST_FILE_LEVELS,
  MAX_REQUEST_FILE_VALUES,
  yamlTree,
} from '../../../lib/cli/request-files/yaml-tree.ts';
import { MAX_REQUESTS, readRequestFile } from '../../../lib/requests/file/read-request-file.ts';
import { mistakeText, SourceFile } from '../../../lib/requests/file/source-file.ts';

function mistakesIn(text: string): string[] {
  const source = new SourceFile('a', text);
  const tree = yamlTree(source);
  if (tree !== undefined) readRequestFile(source, tree);
  return source.mistakes.map(mistakeText);
}

describe('A file of requests', function () {
  this.timeout(20_000);

  it(`has at most ${MAX_REQUESTS} requests`, () => {
    const file = (count: number): string =>
      `requests:\n${Array.from({ length: count }, (_, i) => `- {name: n${i}, method: M}\n`).join('')}`;
    expect(mistakesIn(file(MAX_REQUESTS))).to.deep.equal([]);
    expect(mistakesIn(file(MAX_REQUESTS + 1))).to.deep.equal([
      `a:1:1: ${MAX_REQUESTS + 1} requests are more than a file may have (${MAX_REQUESTS})`,
    ]);
  });

  it(`nests at most ${MAX_REQUEST_FILE_LEVELS} levels deep`, () => {
    // The file, the list, the request and its message are levels as well.
    const file = (levels: number): string => {
      const inner = levels - 3;
      return `requests:\n- {method: M, request: ${'['.repeat(inner)}${']'.repeat(inner)}}\n`;
    };
    expect(mistakesIn(file(MAX_REQUEST_FILE_LEVELS))).to.deep.equal([]);
    expect(mistakesIn(file(MAX_REQUEST_FILE_LEVELS + 1))).to.deep.equal([
      `a:2:${23 + MAX_REQUEST_FILE_LEVELS - 2}: lists and mappings nest more than ${MAX_REQUEST_FILE_LEVELS} levels deep`,
    ]);
  });

  it(`has at most ${MAX_REQUEST_FILE_VALUES} values, aliases followed`, () => {
    const ALIASES = 997;
    // The file and its list; a list of 999 values; that list again, and its alias, for each alias.
    const others = MAX_REQUEST_FILE_VALUES - 2 - 1000 - ALIASES * 1001;
    const file = (more: number): string => {
      const list = `&t [${Array(999).fill(1).join(',')}]`;
      const items = [list, ...Array(ALIASES).fill('*t'), ...Array(others + more).fill(1)];
      return `requests: [${items.join(',')}]\n`;
    };
    const isTold = (more: number): boolean =>
      mistakesIn(file(more)).some((one) => one.includes(`more than ${MAX_REQUEST_FILE_VALUES} values`));
    expect(isTold(0)).to.equal(false);
    expect(isTold(1)).to.equal(true);
  });
});
