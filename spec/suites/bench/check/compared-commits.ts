// Which two states of lib/ are compared, and where the earlier one is compiled: beside it lies this commit's benchmark, so
// that the same program measures both.

import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { git } from '../commit.ts';
import { repositoryRoot } from '../native.ts';

/** There is nothing to compare with here, which is no fault of the code. */
export class NothingBefore extends Error {}

function isUnchanged(commit: string): boolean {
  const args = ['diff', '--quiet', commit, '--', 'lib'];
  return spawnSync('git', args, { cwd: repositoryRoot() }).status === 0;
}

/** The commit to compare with: HEAD where lib/ is being changed, else the parent of the newest commit that changed it. */
export function commitBefore(): string {
  if (!isUnchanged('HEAD')) return git('rev-parse', 'HEAD');
  const newest = git('log', '-1', '--first-parent', '--format=%H %P', '--', 'lib').split(' ');
  const parent = newest[1];
  if (parent === undefined) throw new NothingBefore(`this clone has no commit before ${newest[0]}`);
  return parent;
}

/** The full name of what the user named. */
export function commitNamed(name: string): string {
  return git('rev-parse', '--verify', `${name}^{commit}`);
}

/** `1a2b3c4 Subject` */
export function described(commit: string): string {
  return git('log', '-1', '--format=%h %s', commit);
}

/** The folder of compiled code in which lib/ is the commit's. */
export function compiledWith(commit: string): string {
  const root = repositoryRoot();
  const home = join(root, '.cache', 'bench', 'check');
  const place = join(home, commit);
  if (!existsSync(place)) {
    rmSync(home, { recursive: true, force: true });
    // Under its own name only when it is whole.
    const making = join(home, 'making');
    mkdirSync(making, { recursive: true });
    compileLib(commit, making);
    renameSync(making, place);
  }
  const build = join(place, '.build');
  rmSync(join(build, 'spec'), { recursive: true, force: true });
  cpSync(join(root, '.build', 'spec'), join(build, 'spec'), { recursive: true });
  return build;
}

function compileLib(commit: string, folder: string): void {
  const root = repositoryRoot();
  const archive = spawnSync('git', ['archive', commit], { cwd: root, maxBuffer: 1 << 30 });
  if (archive.status !== 0) throw new Error(`git archive ${commit}: ${archive.stderr}`);
  const unpacked = spawnSync('tar', ['-x', '-C', folder], { input: archive.stdout });
  if (unpacked.status !== 0) throw new Error(`tar: ${unpacked.error?.message ?? unpacked.stderr}`);
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = {
    extends: './tsconfig.specs.json',
    compilerOptions: { incremental: false },
    include: ['lib'],
  };
  writeFileSync(join(folder, 'tsconfig.check.json'), JSON.stringify(config));
  const tsc = join('node_modules', 'typescript-7', 'bin', 'tsc');
  const compiled = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.check.json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (!readdirSync(folder).includes('.build'))
    throw new Error(`${commit} does not compile:\n${compiled.stdout}`);
}
