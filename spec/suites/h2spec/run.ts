// Conformance of the HTTP/2 client: runs h2specd (github.com/summerwind/h2spec), a server with one port a test,
// against client.ts. Ends with `N passed, N failed`; anything but all tests passed is a failure.

import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { relative, resolve } from 'node:path';

const VERSION = 'v2.2.1+incompatible';
const GO = 'go';
const TESTS = 57;
const BIN = resolve('.cache/bin');
const H2SPECD = `${BIN}/h2specd`;
/** h2specd takes a test for hung after 3 seconds; it never gets near that while all pass. */
const LIMIT_MS = 5 * 60_000;
const MAX_REPORT_OCTETS = 64 * 1024 * 1024;
const FIRST_PORT = 21_000;
const LAST_PORT = 31_000;

function install(): boolean {
  if (existsSync(H2SPECD)) return true;
  console.log(`installing h2specd ${VERSION} into ${BIN}`);
  const { error, status } = spawnSync(
    GO,
    ['install', `github.com/summerwind/h2spec/cmd/h2specd@${VERSION}`],
    {
      env: { ...process.env, GOFLAGS: '-mod=mod', GOBIN: BIN },
      stdio: 'inherit',
    },
  );
  if (error !== undefined) return false;
  if (status !== 0) throw new Error(`go install ended with ${status}`);
  return true;
}

async function isFree(port: number): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    // Taken, which is the answer.
    return false;
  } finally {
    server.close();
  }
}

/** The first of as many free ports in a row as there are tests. */
async function freePorts(): Promise<number> {
  // Somewhere else each time, so that runs beside each other seldom meet.
  const start = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT));
  for (let first = start, found = 0; first + found < 32_768; ) {
    if (await isFree(first + found)) found++;
    else {
      first += found + 1;
      found = 0;
    }
    if (found > TESTS) return first;
  }
  throw new Error(`no ${TESTS} free ports in a row from ${start}`);
}

async function main(): Promise<void> {
  if (!install()) {
    console.log('skipped: go is not installed, and h2specd neither');
    return;
  }
  // h2specd splits the command at spaces, so the paths must have none: relative ones have fewer.
  const client = relative('.', `${import.meta.dirname}/client.js`);
  const ports = ['--from-port', String(await freePorts())];
  const { stdout, stderr, status } = spawnSync(
    H2SPECD,
    [...ports, '--exec', `${process.execPath} ${client}`],
    {
      encoding: 'utf8',
      timeout: LIMIT_MS,
      maxBuffer: MAX_REPORT_OCTETS,
    },
  );
  // Its listeners complain that they were closed when all is over, thousands of times.
  for (const line of stdout.split('\n')) {
    if (!line.includes('use of closed network connection')) console.log(line);
  }
  process.stderr.write(stderr);
  const [, passed, failed] = /(\d+) passed, \d+ skipped, (\d+) failed/.exec(stdout) ?? ['', '0', '0'];
  const missing = Math.max(Number(failed), TESTS - Number(passed));
  console.log(`${passed} passed, ${missing} failed`);
  if (status !== 0 || missing > 0) process.exitCode = 1;
}

await main();
