// Brings the package, as it is packed, into projects of many kinds and runs them there: `npm run environments [name…]`.
//
// Each folder of `projects` is one. It is copied to .cache/environments, what its package.json pins is
// installed there, and this package put beside that; the files of `common` go into each. Every script of its package.json
// is a row: it must exit with 0 and print what all calls together give, or what `environments.expect` says.

import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { installRuntimes } from '../runtimes/install.ts';

const PROJECTS = resolve('spec/suites/environments/projects');
const COMMON = join(PROJECTS, 'common');
const CACHE = resolve('.cache/environments');
const STAMP = '.installed.json';
/** What stays from the run before. */
const KEPT: ReadonlySet<string> = new Set(['node_modules', STAMP]);
/** A build by Next.js takes a minute where nothing else runs. */
const SCRIPT_TIMEOUT_S = 300;
/** The exit status of timeout(1), which ends what a script has started, too. */
const TIMED_OUT = 124;
/** What `calls` of common/calls.mjs gives. */
const EXPECTED = /^calls: UTC 5 2 RpcError 3$/m;

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly environments?: {
    /** A pattern that the output of each script must have in place of what calls give. */
    readonly expect?: string;
    /** Another project, whose files this one has too. */
    readonly extends?: string;
  };
}

/** The packed package. */
function pack(folder: string): string {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '');
}

/** The other runtimes' executables, as variables that scripts name. */
function runtimeVariables(): Readonly<Record<string, string>> {
  const entries = installRuntimes().map(({ name, path }) => [
    name.toUpperCase().replace('-', '_'),
    resolve(path),
  ]);
  return Object.fromEntries(entries);
}

/** A module of `common` for those who require it. */
function required(name: string): string {
  const module = readFileSync(join(COMMON, `${name}.mjs`), 'utf8');
  const exported = Array.from(
    module.matchAll(/^export (?:async )?(?:function|const) (\w+)/gm),
    ([, one]) => one,
  );
  return `${module.replace(/^export /gm, '')}\nmodule.exports = { ${exported.join(', ')} };\n`;
}

/** A project as its users have it: their files, what they install, and this package. */
function lay(name: string, manifest: Manifest, tarball: string): string {
  const folder = join(CACHE, name);
  const wanted = JSON.stringify(manifest.devDependencies ?? {});
  const stamp = join(folder, STAMP);
  if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== wanted)
    rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) {
    if (!KEPT.has(file)) rmSync(join(folder, file), { recursive: true });
  }
  cpSync(COMMON, folder, { recursive: true });
  for (const name of ['calls', 'matchers']) writeFileSync(join(folder, `${name}.cjs`), required(name));
  for (const project of [manifest.environments?.extends, name]) {
    if (project !== undefined) cpSync(join(PROJECTS, project), folder, { recursive: true });
  }
  if (!existsSync(stamp)) {
    const args = [
      'install',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      '--no-package-lock',
      '--engine-strict=false',
    ];
    execFileSync('npm', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(stamp, wanted);
  }
  const own = join(folder, 'node_modules', 'stubless');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', own, '--strip-components=1']);
  return folder;
}

/** A row's failure in words; undefined when it passes. */
function failureOf(
  script: string,
  folder: string,
  expected: RegExp,
  variables: Readonly<Record<string, string>>,
): string | undefined {
  const place = mkdtempSync(join(tmpdir(), 'stubless-elsewhere-'));
  const run = spawnSync('timeout', ['-k', '5', String(SCRIPT_TIMEOUT_S), 'npm', 'run', '--silent', script], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, ...variables, CI: 'true', NO_COLOR: '1', ELSEWHERE: place },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  const output = `${run.stdout}${run.stderr}`;
  if (run.status === TIMED_OUT) return `not done after ${SCRIPT_TIMEOUT_S} s\n${output}`;
  if (run.error !== undefined) return `${run.error.message}\n${output}`;
  if (run.status !== 0) return `exit status ${run.status}\n${output}`;
  return expected.test(output) ? undefined : `its output has no ${expected}\n${output}`;
}

const wanted = process.argv.slice(2);
const names = readdirSync(PROJECTS, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'common')
  .map(({ name }) => name)
  .filter((name) => wanted.length === 0 || wanted.includes(name));
const temporary = mkdtempSync(join(tmpdir(), 'stubless-environments-'));
const variables = { ...runtimeVariables(), TARBALL: join(temporary, 'stubless.tgz') };
const tarball = pack(temporary);
cpSync(tarball, variables.TARBALL);
let passed = 0;
let failed = 0;
for (const name of names) {
  const manifest = JSON.parse(readFileSync(join(PROJECTS, name, 'package.json'), 'utf8')) as Manifest;
  const began = Date.now();
  const folder = lay(name, manifest, tarball);
  process.stdout.write(`\n== ${name} (laid in ${Math.round((Date.now() - began) / 1000)} s)\n`);
  const pattern = manifest.environments?.expect;
  const expected = pattern === undefined ? EXPECTED : new RegExp(pattern, 'm');
  for (const script of Object.keys(manifest.scripts)) {
    const start = Date.now();
    const failure = failureOf(script, folder, expected, variables);
    if (failure === undefined) passed++;
    else failed++;
    const seconds = ((Date.now() - start) / 1000).toFixed(1);
    process.stdout.write(`  ${failure === undefined ? 'passes' : 'FAILS '} ${script} (${seconds} s)\n`);
    if (failure !== undefined) process.stdout.write(`${failure.replace(/^/gm, '    | ')}\n`);
  }
}
rmSync(temporary, { recursive: true, force: true });
process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
if (failed > 0 || passed === 0) process.exitCode = 1;
