// nginx before a server on grpc-go. It speaks HTTP/2 in plaintext with prior knowledge, as with TLS.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../support/free-ports.ts';
import { listening } from '../processes.ts';
import { installed, newFolder, type Server } from './peer.ts';
import { ProxyPeer, startBackend } from './proxy.ts';

export interface NginxOptions {
  /** Of the server, beside what it needs: `keepalive_requests 100;` */
  readonly directives?: readonly string[];
  /** Where it passes requests to; a server on grpc-go unless given. */
  readonly backendPort?: number;
  /** With the certificate that ROOT has signed. */
  readonly tls?: boolean;
  /** Without, it speaks HTTP/1.1 alone. */
  readonly http2?: boolean;
}

/** What clients trust. */
export const ROOT: string = file('root.pem');

function file(name: string): string {
  return join(process.cwd(), 'spec', 'channel', 'socket', 'tls', 'certificates', name);
}

function configuration(folder: string, port: number, backend: number, options: NginxOptions): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(folder, name)};`,
  );
  return `
    daemon off;
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    worker_processes 2;
    worker_rlimit_nofile 8192;
    pid ${join(folder, 'pid')};
    error_log ${join(folder, 'error.log')} info;
    events { worker_connections 4096; }
    http {
      access_log off;
      ${temporary.join('\n')}
      upstream backend { server 127.0.0.1:${backend}; keepalive 256; }
      server {
        listen 127.0.0.1:${port}${options.tls === true ? ' ssl' : ''}${options.http2 === false ? '' : ' http2'};
        ${options.tls === true ? `ssl_certificate ${file('server.pem')}; ssl_certificate_key ${file('server.key')};` : ''}
        ${options.directives?.join('\n') ?? ''}
        location / { grpc_pass grpc://backend; }
      }
    }`;
}

export class Nginx extends ProxyPeer {
  static async start(options: NginxOptions = {}): Promise<Nginx> {
    const [[port], backend] = await Promise.all([freePorts(1), startBackend()]);
    const peer = new Nginx(port, backend);
    await peer.#start(options, backend);
    return peer;
  }

  async #start(options: NginxOptions, backend: Server): Promise<void> {
    const folder = newFolder('nginx');
    const path = join(folder, 'nginx.conf');
    mkdirSync(join(folder, 'client_body'));
    writeFileSync(path, configuration(folder, this.port, options.backendPort ?? backend.port, options));
    const program = this.run([installed('nginx', 'root', 'usr', 'sbin', 'nginx'), '-c', path, '-p', folder]);
    await listening(this.port, program);
  }

  /** New workers take over; those before finish what they have. */
  reload(): void {
    this.program.signal('SIGHUP');
  }
}
