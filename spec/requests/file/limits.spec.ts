// Limits of files of requests: each at its limit, and one past it.

import { expect } from 'chai';
import {
  MAX_REQUEST_FILE_LEVELS,
  MAX_REQUEST_FILE_VALUES,
  yamlTree,
} from '../../../lib/cli/request-files/yaml-tree.ts';
import { MAX_REQUESTS, readRequestFile } from '../../../lib/requests/file/read-request-file.ts';
import { mistakeText, SourceFile } from '../../../lib/requests/file/source-file.ts';
import { MAX_TIMER_MS } from '../../../lib/values/clock.ts';

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

  it(`has times of at most ${MAX_TIMER_MS} ms`, () => {
    const file = (ms: number): string =>
      `requests:\n- {method: M, timeout: ${ms}ms, request: {}, expect: {quietFor: ${ms}ms}}\n- {name: s, method: S, requests: [{$delay: ${ms}ms}]}\n`;
    expect(mistakesIn(file(MAX_TIMER_MS))).to.deep.equal([]);
    expect(mistakesIn(file(MAX_TIMER_MS + 1)).map((one) => one.replace(/^a:\d+:\d+: /, ''))).to.deep.equal([
      `'timeout' of a request must be at most ${MAX_TIMER_MS}ms`,
      `'quietFor' of 'expect' must be at most ${MAX_TIMER_MS}ms`,
      `'$delay' of a message of a stream must be at most ${MAX_TIMER_MS}ms`,
    ]);
  });

  it('has mappings of many keys, each once, at any level and by any spelling', () => {
    const keys = Array.from({ length: 50_000 }, (_, i) => `  k${i}: ${i}\n`).join('');
    const file = (more: string): string => `variables:\n${keys}${more}requests: [{method: M}]\n`;
    expect(mistakesIn(file(''))).to.deep.equal([]);
    expect(
      mistakesIn(file('  "k7": 1\n  m: &m { 1: a, "1": b }\n  n: *m\n  k7: 2\n  k7: 3\n')),
    ).to.deep.equal([
      'a:50002:3: not YAML: Map keys must be unique',
      'a:50003:17: not YAML: Map keys must be unique',
      'a:50005:3: not YAML: Map keys must be unique',
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
