// Where a run took place: the machine, and the versions of everything that was measured.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { basename, join } from 'node:path';
import { benchDirectory, repositoryRoot } from './native.ts';

function packageVersion(name: string): string {
  const file = join(repositoryRoot(), 'node_modules', name, 'package.json');
  return `${name} ${JSON.parse(readFileSync(file, 'utf8')).version}`;
}

/** `node 24.9.0`, `bun 1.4.5`, …: the program's name, and the version it gives itself. */
export function runtimeName(runtime: string): string {
  const { stdout, error } = spawnSync(runtime, ['--version'], { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${runtime} does not start`, { cause: error });
  return `${basename(runtime)} ${/\d+\.\d+\.\d+/.exec(stdout)?.[0]}`;
}

/** Facts for the report's head, a line each. */
export function describeMachine(): readonly string[] {
  const cpus = os.cpus();
  const goModule = readFileSync(join(benchDirectory(), 'go', 'go.mod'), 'utf8');
  const peers = [
    '@grpc/grpc-js',
    '@grpc/proto-loader',
    '@connectrpc/connect-node',
    '@bufbuild/protobuf',
    'protobufjs',
  ];
  const load = os.loadavg()[0].toFixed(1);
  return [
    `Machine: ${cpus[0]?.model.trim()}, ${cpus.length} cores, ${os.type()} ${os.release()}`,
    `Node ${process.version}; ${peers.map(packageVersion).join(', ')}; grpc-go ${/grpc (v\S+)/.exec(goModule)?.[1]}`,
    `Date: ${new Date().toISOString().slice(0, 10)}; load before the run: ${load}`,
  ];
}
