// CONTRIBUTING.md and CI against package.json: what is said to be run is there, and what is there is said.

import { readFileSync } from 'node:fs';
import { expect } from 'chai';

const scripts = Object.keys(
  (JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }).scripts,
);
/** Parts of other scripts, and what npm runs by itself. */
const INNER = new Set(['bundle', 'prepack', 'prepublishOnly']);

describe('CONTRIBUTING.md', () => {
  const text = readFileSync('CONTRIBUTING.md', 'utf8');
  const named = new Set(
    Array.from(text.matchAll(/^\| `(?:run )?([a-z0-9:]+)|`, `run ([a-z0-9:]+)/gm), (m) => m[1] ?? m[2]),
  );
  for (const script of scripts) {
    if (!INNER.has(script)) it(`has the script ${script}`, () => expect([...named]).to.include(script));
  }

  it('lists only existing scripts, each once', () => {
    // The headings of the tables begin with `npm …`.
    const rows = Array.from(text.matchAll(/^\| `(?!npm)(?:run )?([a-z0-9:]+)/gm), (match) => match[1]);
    expect([...named].filter((name) => name !== 'npm' && !scripts.includes(name))).to.deep.equal([]);
    expect(rows).to.have.lengthOf(new Set(rows).size);
  });
});

describe('.ci/run', () => {
  const text = readFileSync('.ci/run', 'utf8');
  const list = /<<'LIST'\n([\s\S]*?)\nLIST/.exec(text)?.[1].split('\n').filter(Boolean) ?? [];
  const checks = list.map((line) => /^(\S+)\s+(?:alone|beside)\s+\d+\s+npm (?:run )?(\S+)/.exec(line) ?? []);

  it('runs existing scripts, each once', () => {
    for (const [, , script] of checks) expect(scripts).to.include(script);
    const names = checks.map(([, name]) => name);
    expect(names).to.have.lengthOf(new Set(names).size);
    expect(names.length).to.be.greaterThan(20);
  });
});
