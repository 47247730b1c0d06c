// Debian's chromium, for checks that open pages.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const CHROMIUM = '/usr/bin/chromium';

/** Its path; it is installed where that is possible and has not been done. */
function browserPath(): string {
  const named = process.env['CHROMIUM'] ?? CHROMIUM;
  if (existsSync(named)) return named;
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', ['-q', ...args], { stdio: 'ignore' });
  }
  if (!existsSync(CHROMIUM)) {
    throw new Error(`no browser at ${named}: apt-get install chromium, or name one with CHROMIUM=…`);
  }
  return CHROMIUM;
}

/** A browser, for its opener to close. */
export function openBrowser(): Promise<Browser> {
  // As root, which CI is, chromium's own sandbox cannot start.
  return chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] });
}
