// Which commit was measured, for a report's head.

import { execFileSync } from 'node:child_process';

/** `Commit 1a2b3c4d5e`, or that there were changes on top of it. */
export function describeCommit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  try {
    // What is measured is the library and what measures it; reports are written by measuring.
    const isChanged = git('status', '--porcelain', '--', 'lib', 'spec/suites/bench') !== '';
    return `Commit ${git('rev-parse', '--short=10', 'HEAD')}${isChanged ? ', with changes that are not committed' : ''}`;
  } catch {
    return 'Commit unknown: there is no git repository here';
  }
}
