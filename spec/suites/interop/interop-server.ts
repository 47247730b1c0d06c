// One foreign server as a child process: how it is started, where it listens, how it is stopped.
// It must not know stubless or the cases. Other suites may use these servers too.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FRONT_NAMES, type FrontName, startFront } from './interop-front.ts';

export type InteropServerName = 'go' | 'python' | 'node' | 'java' | 'cpp' | WebServerName | ForeignServerName;

/** Those that speak other protocols than gRPC, and HTTP/1.1 as well. */
export type WebServerName = 'connect' | 'vanguard' | 'grpcweb' | 'connect-node' | 'envoy' | 'tonic';

/** Those that do not speak what they are asked in: see wrong-protocols.ts. */
type ForeignServerName = 'connect-alone' | 'grpc' | 'gateway' | 'page' | 'json' | Exclude<FrontName, 'envoy'>;

/** The servers in the order in which they are tested; C++ only when it is named. */
export const INTEROP_SERVERS: readonly InteropServerName[] = ['go', 'python', 'node', 'java'];

/** What each of them is asked in. */
export const WEB_SERVERS: Readonly<Record<WebServerName, readonly ('grpc-web' | 'connect')[]>> = {
  connect: ['connect', 'grpc-web'],
  vanguard: ['connect', 'grpc-web'],
  grpcweb: ['grpc-web'],
  'connect-node': ['connect', 'grpc-web'],
  envoy: ['grpc-web'],
  tonic: ['grpc-web'],
};

/** The folder of grpc/testing/*.proto, for includeDirs. The suites run from the root of the repository. */
export const INTEROP_PROTOS: string = join(process.cwd(), 'spec', 'suites', 'interop', 'protos');

export interface InteropServer {
  readonly name: InteropServerName;
  /** It listens on 127.0.0.1. */
  readonly port: number;
  /** What it wrote to stderr, the last of it. */
  stderr(): string;
  /** Closes its stdin, at which it ends; kills it if it does not. */
  close(): Promise<void>;
}

interface Command {
  readonly program: string;
  readonly parameters: readonly string[];
  /** What install.sh makes and the command needs. */
  readonly needs: string;
}

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 5_000;
const KEPT_STDERR_CHARACTERS = 8_192;
const LISTENING = /^listening 127\.0\.0\.1:(\d+)$/;

/** A server of this suite, compiled like this file. */
function script([folder, ...parameters]: readonly string[]): Command {
  const path = fileURLToPath(new URL(`./servers/${folder}/server.js`, import.meta.url));
  return { program: process.execPath, parameters: [path, ...parameters], needs: path };
}

function command(name: Exclude<InteropServerName, FrontName>): Command {
  const cache = join(process.cwd(), '.cache', 'interop', name);
  switch (name) {
    case 'go':
      return { program: join(cache, 'server'), parameters: [], needs: join(cache, '.installed') };
    case 'cpp':
    case 'tonic':
      return { program: join(cache, 'server'), parameters: [], needs: join(cache, '.installed') };
    case 'connect':
    case 'vanguard':
    case 'grpcweb':
    case 'grpc':
    case 'gateway':
    case 'page':
    case 'json': {
      const web = join(process.cwd(), '.cache', 'interop', 'web');
      return { program: join(web, 'server'), parameters: [name], needs: join(web, '.installed') };
    }
    case 'python':
      return {
        program: join(cache, 'venv', 'bin', 'python'),
        parameters: [join('spec', 'suites', 'interop', 'servers', 'python', 'server.py'), join(cache, 'gen')],
        needs: join(cache, '.installed'),
      };
    case 'java': {
      const classPath = `${join(cache, 'classes')}:${join(cache, 'lib', '*')}`;
      return {
        program: 'java',
        parameters: ['-cp', classPath, 'InteropServer'],
        needs: join(cache, '.installed'),
      };
    }
    case 'node':
      return script(['node', INTEROP_PROTOS]);
    case 'connect-node':
    case 'connect-alone':
      return script(['connect-node', INTEROP_PROTOS, name]);
    default:
      return name satisfies never;
  }
}

function isFront(name: InteropServerName): name is FrontName {
  return (FRONT_NAMES as readonly InteropServerName[]).includes(name);
}

/**
 * Starts a server and waits until it listens. Rejects with what it said when it does not.
 * @param tls the files of a key (PKCS #8) and a certificate; without, plaintext
 */
export async function startInteropServer(
  name: InteropServerName,
  tls: readonly [key: string, certificate: string] | readonly [] = [],
): Promise<InteropServer> {
  if (isFront(name)) return startFront(name, startInteropServer);
  const { program, parameters, needs } = command(name);
  if (!existsSync(needs)) throw new Error(`the ${name} server is not installed: ${needs} is missing`);

  const child = spawn(program, [...parameters, ...tls], { stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_STDERR_CHARACTERS);
  });
  // A server that is gone already cannot be told to go.
  child.stdin.on('error', () => {});

  const close = (): Promise<void> => stop(child);
  try {
    return { name, port: await listeningPort(child), stderr: () => said, close };
  } catch (cause) {
    await close();
    throw new Error(`the ${name} server did not start: ${(cause as Error).message}\n${said}`, { cause });
  }
}

function listeningPort(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`it did not listen within ${START_TIMEOUT_MS} ms`)),
      START_TIMEOUT_MS,
    );
    const settle = (outcome: () => void): void => {
      clearTimeout(timer);
      outcome();
    };
    child.once('error', (error) => settle(() => reject(error)));
    child.once('exit', (code, signal) =>
      settle(() => reject(new Error(`it ended with ${signal ?? `exit code ${code}`}`))),
    );
    if (child.stdout === null) throw new TypeError('a server is started with a pipe for its stdout');
    // Reading goes on after the line, so that a talkative server is never blocked.
    createInterface({ input: child.stdout }).on('line', (line) => {
      const port = LISTENING.exec(line)?.[1];
      if (port !== undefined) settle(() => resolve(Number(port)));
    });
  });
}

/** Closes the stdin of a server, at which it ends; kills it if it does not. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.stdin?.end();
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  await exited;
  clearTimeout(timer);
}
