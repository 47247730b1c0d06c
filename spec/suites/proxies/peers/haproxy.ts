// haproxy before a server on grpc-go, with HTTP/2 on both sides.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../support/free-ports.ts';
import { listening } from '../processes.ts';
import { installed, newFolder } from './peer.ts';
import { ProxyPeer, startBackend } from './proxy.ts';

export interface HaproxyOptions {
  /** Lines of the section `global`: `tune.h2.max-concurrent-streams 4`. */
  readonly global?: readonly string[];
  /** `timeout client`, `timeout server` and the time between requests. */
  readonly clientTimeoutMs?: number;
  readonly serverTimeoutMs?: number;
  readonly idleTimeoutMs?: number;
  /** Where it passes requests to; a server on grpc-go unless given. */
  readonly backendPort?: number;
  /** How long a unary call takes at most on that server. */
  readonly workMs?: number;
}

const LONG_MS = 60_000;

function configuration(port: number, backend: number, options: HaproxyOptions): string {
  return `
    global
      maxconn 4096
      ${options.global?.join('\n      ') ?? ''}
    defaults
      mode http
      timeout connect 2s
      timeout client ${options.clientTimeoutMs ?? LONG_MS}ms
      timeout server ${options.serverTimeoutMs ?? LONG_MS}ms
      timeout http-keep-alive ${options.idleTimeoutMs ?? LONG_MS}ms
    frontend in
      bind 127.0.0.1:${port} proto h2
      default_backend out
    backend out
      http-reuse always
      server grpc 127.0.0.1:${options.backendPort ?? backend} proto h2
  `.replace(/^ {4}/gm, '');
}

export class Haproxy extends ProxyPeer {
  static async start(options: HaproxyOptions = {}): Promise<Haproxy> {
    const [[port], backend] = await Promise.all([freePorts(1), startBackend(options.workMs)]);
    const peer = new Haproxy(port, backend);
    const file = join(newFolder('haproxy'), 'haproxy.cfg');
    writeFileSync(file, `${configuration(port, backend.port, options)}\n`);
    peer.#haproxy('-f', file);
    await listening(port, peer.program);
    peer.#file = file;
    return peer;
  }

  #file = '';

  #haproxy(...parameters: readonly string[]): void {
    const root = installed('haproxy', 'root');
    this.run([join(root, 'usr', 'sbin', 'haproxy'), '-db', ...parameters], {
      LD_LIBRARY_PATH: join(root, 'usr', 'lib', 'x86_64-linux-gnu'),
    });
  }

  /** A new process binds the port and tells the one before to finish what it has and go. */
  reload(): void {
    this.#haproxy('-f', this.#file, '-sf', String(this.program.child.pid));
  }
}
