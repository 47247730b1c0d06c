// scripts/unless-made.js: what is built is built again when anything has changed, and only then. Its steps are taken in
// one process, in a folder of its own.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { runNode } from './support/program.ts';

/** What is done before unlessMade is called once more, and whether it makes then. */
const STEPS: readonly (readonly [name: string, change: string, isMade: boolean])[] = [
  ['nothing is there yet', '', true],
  ['nothing has changed', '', false],
  ['an input is written again as it was', 'writeFileSync("in/a", "1")', false],
  ['an input is another', 'writeFileSync("in/a", "2")', true],
  ['an input is new', 'writeFileSync("in/deep/b", "")', true],
  ['an input is renamed', 'renameSync("in/deep/b", "in/deep/c")', true],
  ['an input is gone', 'rmSync("in/deep/c")', true],
  ['an input that is a file is another', 'writeFileSync("file", "2")', true],
  ['the output is another', 'writeFileSync("out/made", "mine")', true],
  ['the output is gone', 'rmSync("out", { recursive: true })', true],
  ['an input changes, and it fails', 'writeFileSync("in/a", "3"); fails = true', true],
  ['it failed before', 'fails = false', true],
  [
    'an input changes while it is made',
    'writeFileSync("in/a", "4"); during = () => writeFileSync("in/a", "5")',
    true,
  ],
  ['an input changed while it was made', 'during = () => {}', true],
  ['nothing has changed since', '', false],
];

describe('scripts/unless-made.js', () => {
  let isMade: readonly boolean[];
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'stubless-unless-made-'));
    const source = `
      import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
      import { unlessMade } from ${JSON.stringify(pathToFileURL(resolve('scripts/unless-made.js')))};
      process.chdir(${JSON.stringify(folder)});
      mkdirSync('in/deep', { recursive: true });
      writeFileSync('in/a', '1');
      writeFileSync('file', '1');
      let made = 0;
      let fails = false;
      let during = () => {};
      async function make() {
        made++;
        mkdirSync('out', { recursive: true });
        writeFileSync('out/made', 'made');
        during();
        if (fails) throw new Error('it fails');
      }
      const isMade = [];
      async function step() {
        const before = made;
        const error = await unlessMade('it', { inputs: ['in', 'file'], outputs: ['out'] }, make).catch((e) => e);
        if (fails !== (error?.message === 'it fails')) throw error ?? new Error('its failure is not told');
        isMade.push(made > before);
      }
      ${STEPS.map(([, change]) => `${change}; await step();`).join('\n')}
      console.log(JSON.stringify(isMade));`;
    const { stdout, stderr } = await runNode(['--input-type=module', '--eval', source]);
    rmSync(folder, { recursive: true, force: true });
    expect(stderr).to.equal('');
    isMade = JSON.parse(stdout);
  });

  for (const [index, [name, , wanted]] of STEPS.entries()) {
    it(`${wanted ? 'makes it' : 'leaves it'} when ${name}`, () => expect(isMade[index]).to.equal(wanted));
  }
});
