// The gRPC servers: grpc-go, grpcio, grpc-java, tonic. The one on grpc-go stands behind the proxies, too.

import { join } from 'node:path';
import { installed, type ServerCommand } from './peer.ts';

/** How long a unary call takes at most, so that some are running when something happens. */
const WORK_MS = 5;

interface GoOptions {
  readonly ageMs?: number;
  readonly graceMs?: number;
  readonly idleMs?: number;
  readonly maxStreams?: number;
  readonly workMs?: number;
}

export function goServer({ ageMs, graceMs, idleMs, maxStreams, workMs }: GoOptions = {}): ServerCommand {
  const flags = [`-work=${workMs ?? WORK_MS}ms`];
  if (ageMs !== undefined) flags.push(`-age=${ageMs}ms`);
  if (graceMs !== undefined) flags.push(`-grace=${graceMs}ms`);
  if (idleMs !== undefined) flags.push(`-idle=${idleMs}ms`);
  if (maxStreams !== undefined) flags.push(`-max-streams=${maxStreams}`);
  return (port) => [installed('go', 'peer'), 'serve', `-port=${port}`, ...flags];
}

/** @param channelArguments `grpc.max_connection_age_ms=500` */
export function pythonServer(...channelArguments: readonly string[]): ServerCommand {
  const python = installed('python', 'venv', 'bin', 'python');
  const script = join('spec', 'suites', 'proxies', 'python', 'server.py');
  return (port) => [python, script, String(port), String(WORK_MS), ...channelArguments];
}

export function javaServer(...ageAndGraceMs: readonly [] | readonly [number, number]): ServerCommand {
  const classPath = `${installed('java', 'classes')}:${installed('java', 'lib', '*')}`;
  // The compiler that starts fastest, as a server lives for some seconds; and no file in /tmp that a kill would leave.
  const java = [
    'java',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-XX:-UsePerfData',
    '-cp',
    classPath,
    'Peer',
  ];
  return (port) => [...java, String(port), String(WORK_MS), ...ageAndGraceMs.map(String)];
}

export function tonicServer(...ageMs: readonly [] | readonly [number]): ServerCommand {
  return (port) => [installed('tonic', 'peer'), String(port), String(WORK_MS), ...ageMs.map(String)];
}
