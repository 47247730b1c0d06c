// Which commit was measured, for a report's head.

import { spawnSync } from 'node:child_process';
import { repositoryRoot } from './native.ts';

/** What git prints in this repository. Throws with git's words. */
export function git(...args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('git', args, {
    encoding: 'utf8',
    cwd: repositoryRoot(),
  });
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout.trim();
}

/** `Commit 1a2b3c4d5e`, or that there were changes on top of it. */
export function describeCommit(): string {
  try {
    // What is measured is the library and what measures it; reports are written by measuring.
    const isChanged = git('status', '--porcelain', '--', 'lib', 'spec/suites/bench') !== '';
    return `Commit ${git('rev-parse', '--short=10', 'HEAD')}${isChanged ? ', with changes that are not committed' : ''}`;
  } catch {
    return 'Commit unknown: there is no git repository here';
  }
}
