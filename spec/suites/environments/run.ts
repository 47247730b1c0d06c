// Brings the package, as it is packed, into projects of many kinds and runs them there: `npm run environments [name…]`.
//
// Each folder of `projects` is one. It is copied to .cache/environments, what its package.json pins is
// installed there, and this package put beside that; the files of `common` go into each. Every script of its package.json
// is a row: it must exit with 0 and print what all calls together give, or what `environments.expect` says. As many
// projects are at work at once as there are cores.

import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
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
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
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

type Variables = Readonly<Record<string, string>>;

/** The packed package. */
function pack(folder: string): string {
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder];
  return join(folder, execFileSync('npm', args, { encoding: 'utf8' }).trim().split('\n').at(-1) ?? '');
}

/** The other runtimes' executables, as variables that scripts name. */
function runtimeVariables(): Variables {
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
async function lay(name: string, manifest: Manifest, tarball: string): Promise<string> {
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
    await promisify(execFile)('npm', args, { cwd: folder });
    writeFileSync(stamp, wanted);
  }
  const own = join(folder, 'node_modules', 'stubless');
  rmSync(own, { recursive: true, force: true });
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', own, '--strip-components=1']);
  return folder;
}

interface Row {
  readonly folder: string;
  readonly script: string;
  /** What its output must have. */
  readonly expected: RegExp;
}

/** A row's failure in words; undefined when it passes. */
async function failureOf(
  { folder, script, expected }: Row,
  variables: Variables,
): Promise<string | undefined> {
  const place = mkdtempSync(join(tmpdir(), 'stubless-elsewhere-'));
  const run = spawn('timeout', ['-k', '5', String(SCRIPT_TIMEOUT_S), 'npm', 'run', '--silent', script], {
    cwd: folder,
    env: { ...process.env, ...variables, CI: 'true', NO_COLOR: '1', ELSEWHERE: place },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (chunk: string) => {
      output += chunk;
    });
  }
  const [status, signal] = await once(run, 'close');
  rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  if (status === TIMED_OUT) return `not done after ${SCRIPT_TIMEOUT_S} s\n${output}`;
  if (status !== 0) return `exit status ${status ?? signal}\n${output}`;
  return expected.test(output) ? undefined : `its output has no ${expected}\n${output}`;
}

const total = { passed: 0, failed: 0 };

async function runProject(name: string, tarball: string, variables: Variables): Promise<void> {
  const manifest = JSON.parse(readFileSync(join(PROJECTS, name, 'package.json'), 'utf8')) as Manifest;
  const began = Date.now();
  const folder = await lay(name, manifest, tarball);
  const lines = [`\n== ${name} (laid in ${secondsSince(began, 0)} s)`];
  const pattern = manifest.environments?.expect;
  const expected = pattern === undefined ? EXPECTED : new RegExp(pattern, 'm');
  for (const script of Object.keys(manifest.scripts)) {
    const start = Date.now();
    const failure = await failureOf({ folder, script, expected }, variables);
    total[failure === undefined ? 'passed' : 'failed']++;
    lines.push(`  ${failure === undefined ? 'passes' : 'FAILS '} ${script} (${secondsSince(start, 1)} s)`);
    if (failure !== undefined) lines.push(failure.replace(/^/gm, '    | '));
  }
  console.log(lines.join('\n'));
}

function secondsSince(time: number, digits: number): string {
  return ((Date.now() - time) / 1000).toFixed(digits);
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
async function next(): Promise<void> {
  for (let name = names.shift(); name !== undefined; name = names.shift())
    await runProject(name, tarball, variables);
}
await Promise.all(Array.from({ length: availableParallelism() }, next));
rmSync(temporary, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed`);
if (total.failed > 0 || total.passed === 0) process.exitCode = 1;
