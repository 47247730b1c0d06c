// The parts of the benchmark that are not JavaScript: where their sources are, and how they are compiled
// into .cache/bench when they changed.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** The top of the repository, from the current directory upwards. */
export function repositoryRoot(): string {
  for (let at = resolve('.'); ; at = dirname(at)) {
    const file = join(at, 'package.json');
    if (existsSync(file) && JSON.parse(readFileSync(file, 'utf8')).name === 'stubless') return at;
    if (dirname(at) === at) throw new Error('run the benchmark from within the repository');
  }
}

/** Where bench.proto, server.c and the Go client's sources are. */
export function benchDirectory(): string {
  return join(repositoryRoot(), 'spec', 'suites', 'bench');
}

/** The compiled program. Throws with the compiler's words when it cannot be made. */
function compiled(
  name: string,
  sources: readonly string[],
  compile: (output: string) => readonly string[],
): string {
  const output = join(repositoryRoot(), '.cache', 'bench', name);
  const changedMs = Math.max(...sources.map((source) => statSync(source).mtimeMs));
  if (existsSync(output) && statSync(output).mtimeMs >= changedMs) return output;
  mkdirSync(dirname(output), { recursive: true });
  const [program, ...rest] = compile(output);
  const done = spawnSync(program, rest, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${program}: ${done.error?.message ?? done.stderr.trim()}`);
  return output;
}

/** Compiles server.c. */
export function compileServer(): string {
  const source = join(benchDirectory(), 'server.c');
  return compiled('server', [source], (output) => ['gcc', '-O2', '-pthread', '-o', output, source]);
}

/** Compiles the server, the reference and the probe of calibrated/. */
export function compileCalibrated(): string {
  const directory = join(benchDirectory(), 'calibrated', 'go');
  const sources = readdirSync(directory).map((file) => join(directory, file));
  return compiled('calibrated', sources, (output) => ['go', 'build', '-C', directory, '-o', output, '.']);
}

const GHZ = 'github.com/bojand/ghz/cmd/ghz@v0.121.0';

/** Builds ghz, from the Go module proxy, the first time. */
export function installGhz(): string {
  const bin = join(repositoryRoot(), '.cache', 'bin');
  const path = join(bin, 'ghz');
  if (existsSync(path)) return path;
  const done = spawnSync('go', ['install', GHZ], { env: { ...process.env, GOBIN: bin }, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`go install ${GHZ}: ${done.error?.message ?? done.stderr}`);
  return path;
}

/** Compiles the Go client; its modules come from the Go module proxy the first time. */
export function compileGoClient(): string {
  const directory = join(benchDirectory(), 'go');
  const sources = readdirSync(directory).map((file) => join(directory, file));
  return compiled('grpc-go', sources, (output) => ['go', 'build', '-C', directory, '-o', output, '.']);
}
