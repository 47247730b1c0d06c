// npm run world:mutants: puts each known fault back into a copy of the library, and searches worlds until one shows it.
// A fault that survives its seeds fails the run: then the simulation does not see what it was made to see. The seed that
// showed it last is written in its patch, and tried first, unless all are to be searched.
//   -- [name …] [--seeds N] [--jobs J] [--search]

import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { build } from 'esbuild';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '2000' },
    jobs: { type: 'string', default: '2' },
    search: { type: 'boolean', default: false },
  },
});

const SOURCE = resolve('spec/suites/world/mutants');
const WORK = resolve('.cache/world/mutants');
/** What a mutant needs of the tree. */
const PARTS = ['lib', 'spec/suites/world', 'package.json'];

interface Result {
  readonly name: string;
  readonly seed: number | undefined;
  readonly oracle: string;
  readonly seconds: number;
}

/** A copy of the tree with the fault in it, as one program. */
async function makeProgram(name: string | undefined, slot: number): Promise<string> {
  const tree = join(WORK, `tree-${slot}`);
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  for (const part of PARTS) cpSync(part, join(tree, part), { recursive: true });
  if (name !== undefined) {
    // Outside of a repository, so that paths are those of the copy.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: WORK };
    const args = ['apply', '-C1', '--recount', join(SOURCE, `${name}.patch`)];
    execFileSync('git', args, { cwd: tree, env, stdio: ['ignore', 'ignore', 'pipe'] });
  }
  const program = join(WORK, `${name ?? 'none'}.mjs`);
  await build({
    entryPoints: [join(tree, 'spec/suites/world/first.ts')],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    logLevel: 'error',
  });
  rmSync(tree, { recursive: true, force: true });
  return program;
}

function patchOf(name: string): string {
  return readFileSync(join(SOURCE, `${name}.patch`), 'utf8');
}

async function hunt(name: string, slot: number): Promise<Result> {
  const program = await makeProgram(name, slot);
  const startMs = performance.now();
  const hint = /^Seen in the world of seed (\d+)\.$/m.exec(patchOf(name))?.[1];
  const args = hint === undefined || values.search ? [values.seeds] : [values.seeds, hint];
  const { stdout } = await promisify(execFile)(process.execPath, [program, ...args]);
  const { seed, oracle } = JSON.parse(stdout) as { seed?: number; oracle: string };
  return { name, seed, oracle, seconds: (performance.now() - startMs) / 1000 };
}

const all = readdirSync(SOURCE)
  .filter((file) => file.endsWith('.patch'))
  .map((file) => basename(file, '.patch'));
const names = positionals.length === 0 ? all : positionals;
const queue = [...names];
let survived = 0;
console.log(`| mutant | seed | oracle | s |\n|---|---:|---|---:|`);
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async (_, slot) => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      try {
        const { seed, oracle, seconds } = await hunt(name, slot);
        if (seed === undefined) survived++;
        console.log(`| ${name} | ${seed ?? `none of ${values.seeds}`} | ${oracle} | ${seconds.toFixed(0)} |`);
      } catch (error) {
        survived++;
        const text = (error as { stderr?: unknown }).stderr ?? error;
        console.log(`| ${name} | none | ${String(text).trim().split('\n').slice(0, 3).join(' ')} | |`);
      }
    }
  }),
);
for (const name of names) {
  // Each says first what it is.
  if (!/^[A-Z]/.test(readFileSync(join(SOURCE, `${name}.patch`), 'utf8')))
    console.log(`${name} has no title`);
}
console.log(`${names.length - survived} passed, ${survived} failed`);
process.exitCode = survived > 0 ? 1 : 0;
