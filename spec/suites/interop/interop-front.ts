// A proxy before one of the servers, as people run them: Envoy with its grpc_web filter and without, and nginx that speaks
// HTTP/1.1 to clients or to the server. The programs are those of spec/suites/proxies. It must not know stubless or the cases.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../../support/free-ports.ts';
import { listening, Program } from '../proxies/processes.ts';
import type { InteropServer } from './interop-server.ts';

export type FrontName = 'envoy' | 'envoy-plain' | 'nginx-http1' | 'nginx-proxy' | 'nginx-connect';

/** What has to be installed for them, beside this suite's `web`: with spec/suites/proxies/install.sh. */
export const FRONT_PROGRAMS = ['envoy', 'nginx'] as const;
type FrontProgram = (typeof FRONT_PROGRAMS)[number];

interface Front {
  readonly program: FrontProgram;
  /** The server behind it. */
  readonly backend: 'grpc' | 'connect';
  /** Writes its configuration into the folder, and gives the command. */
  configure(folder: string, port: number, backend: number): readonly string[];
}

const ENVOY_TYPES = 'type.googleapis.com/envoy.extensions';
const CACHE = join(process.cwd(), '.cache', 'proxies');

function envoy(filters: readonly string[]): Front {
  const filter = (name: string): object => ({
    name: `envoy.filters.http.${name}`,
    typed_config: {
      '@type': `${ENVOY_TYPES}.filters.http.${name}.v3.${name === 'router' ? 'Router' : 'GrpcWeb'}`,
    },
  });
  const address = (port: number): object => ({ socket_address: { address: '127.0.0.1', port_value: port } });
  return {
    program: 'envoy',
    backend: 'grpc',
    configure(folder, port, backend) {
      const manager = {
        '@type': `${ENVOY_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
        stat_prefix: 'in',
        // HTTP/1.1 and HTTP/2, whichever the client begins with.
        codec_type: 'AUTO',
        route_config: {
          virtual_hosts: [
            {
              name: 'all',
              domains: ['*'],
              routes: [{ match: { prefix: '/' }, route: { cluster: 'grpc', timeout: '0s' } }],
            },
          ],
        },
        http_filters: [...filters, 'router'].map(filter),
      };
      const chain = {
        filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }],
      };
      const cluster = {
        name: 'grpc',
        connect_timeout: '2s',
        load_assignment: {
          cluster_name: 'grpc',
          endpoints: [{ lb_endpoints: [{ endpoint: { address: address(backend) } }] }],
        },
        circuit_breakers: { thresholds: [{ max_requests: 4096, max_pending_requests: 4096 }] },
        typed_extension_protocol_options: {
          'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
            '@type': `${ENVOY_TYPES}.upstreams.http.v3.HttpProtocolOptions`,
            explicit_http_config: { http2_protocol_options: {} },
          },
        },
      };
      const file = join(folder, 'envoy.json');
      const listeners = [{ name: 'in', address: address(port), filter_chains: [chain] }];
      writeFileSync(file, JSON.stringify({ static_resources: { listeners, clusters: [cluster] } }));
      return [
        join(CACHE, 'envoy', 'envoy'),
        ...['-c', file, '--concurrency', '1', '-l', 'warn', '--disable-hot-restart'],
      ];
    },
  };
}

/** @param location how it passes requests on; BACKEND is the address of the server */
function nginx(backend: Front['backend'], listen: '' | 'http2', location: string): Front {
  return {
    program: 'nginx',
    backend,
    configure(folder, port, backendPort) {
      const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
        (name) => `${name}_temp_path ${join(folder, name)};`,
      );
      mkdirSync(join(folder, 'client_body'));
      const file = join(folder, 'nginx.conf');
      const text = `
        daemon off;
        ${process.getuid?.() === 0 ? 'user root;' : ''}
        worker_processes 1;
        pid ${join(folder, 'pid')};
        error_log stderr warn;
        events { worker_connections 1024; }
        http {
          access_log off;
          ${paths.join('\n')}
          server {
            listen 127.0.0.1:${port} ${listen};
            client_max_body_size 64m;
            location / { ${location.replaceAll('BACKEND', `127.0.0.1:${backendPort}`)} }
          }
        }`;
      writeFileSync(file, text);
      return [join(CACHE, 'nginx', 'root', 'usr', 'sbin', 'nginx'), '-c', file, '-p', folder, '-e', 'stderr'];
    },
  };
}

const FRONTS: Readonly<Record<FrontName, Front>> = {
  envoy: envoy(['grpc_web']),
  'envoy-plain': envoy([]),
  // To clients HTTP/1.1 alone: `http2` is missing in its `listen`.
  'nginx-http1': nginx('grpc', '', 'grpc_pass grpc://BACKEND;'),
  // To the server HTTP/1.1: `proxy_pass` where `grpc_pass` was wanted.
  'nginx-proxy': nginx('grpc', 'http2', 'proxy_pass http://BACKEND; proxy_http_version 1.1;'),
  'nginx-connect': nginx('connect', '', 'proxy_pass http://BACKEND; proxy_http_version 1.1;'),
};

export const FRONT_NAMES = Object.keys(FRONTS) as readonly FrontName[];

/** Starts the proxy before a server that `start` starts, and waits until it listens. */
export async function startFront(
  name: FrontName,
  start: (backend: Front['backend']) => Promise<InteropServer>,
): Promise<InteropServer> {
  const front = FRONTS[name];
  const backend = await start(front.backend);
  const folder = mkdtempSync(join(tmpdir(), `stubless-${front.program}-`));
  let program: Program | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([program?.kill(), backend.close()]);
    rmSync(folder, { recursive: true });
  };
  try {
    const [port] = await freePorts(1);
    const running = new Program(front.configure(folder, port, backend.port));
    program = running;
    await listening(port, running);
    return { name, port, stderr: () => `${running.said}${backend.stderr()}`, close };
  } catch (error) {
    await close();
    throw error;
  }
}
