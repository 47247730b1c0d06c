// Envoy before a server on grpc-go, with HTTP/2 on both sides.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../../../support/free-ports.ts';
import { listening, type Program } from '../processes.ts';
import { installed, newFolder } from './peer.ts';
import { ProxyPeer, startBackend } from './proxy.ts';

export interface EnvoyOptions {
  /** Of the connection manager's common_http_protocol_options: `{ max_requests_per_connection: 100 }`. */
  readonly connection?: Readonly<Record<string, unknown>>;
  /** Of the connection manager: `{ drain_timeout: '1s' }`. */
  readonly manager?: Readonly<Record<string, unknown>>;
  /** Of the route: `{ timeout: '1s' }`. */
  readonly route?: Readonly<Record<string, unknown>>;
  readonly http2?: Readonly<Record<string, unknown>>;
  /** Where it passes requests to; a server on grpc-go unless given. */
  readonly backendPort?: number;
  /** How long a unary call takes at most on that server. */
  readonly workMs?: number;
}

/** How long a drain takes, and with it how the closing of connections is spread. */
const DRAIN_S = 1;
/** What begins at the end of a drain is through after this. */
const LAST_CALLS_MS = 1000;

const HTTP2 = 'type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const MANAGER =
  'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';

function address(port: number): object {
  return { socket_address: { address: '127.0.0.1', port_value: port } };
}

function configuration(port: number, admin: number, backend: number, options: EnvoyOptions): object {
  const manager = {
    '@type': MANAGER,
    stat_prefix: 'in',
    codec_type: 'HTTP2',
    ...(options.connection && { common_http_protocol_options: options.connection }),
    ...(options.http2 && { http2_protocol_options: options.http2 }),
    ...options.manager,
    route_config: {
      virtual_hosts: [
        {
          name: 'all',
          domains: ['*'],
          routes: [
            { match: { prefix: '/proxies.' }, route: { cluster: 'grpc', timeout: '0s', ...options.route } },
          ],
        },
      ],
    },
    http_filters: [{ name: 'envoy.filters.http.router', typed_config: { '@type': ROUTER } }],
  };
  const listener = {
    name: 'in',
    address: address(port),
    filter_chains: [
      { filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] },
    ],
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
        '@type': HTTP2,
        explicit_http_config: { http2_protocol_options: {} },
      },
    },
  };
  return {
    admin: { address: address(admin) },
    static_resources: { listeners: [listener], clusters: [cluster] },
  };
}

export class Envoy extends ProxyPeer {
  readonly #options: EnvoyOptions;
  #backendPort = 0;
  #adminPort = 0;

  private constructor(
    port: number,
    backend: Awaited<ReturnType<typeof startBackend>>,
    options: EnvoyOptions,
  ) {
    super(port, backend);
    this.#options = options;
    this.#backendPort = options.backendPort ?? backend.port;
  }

  static async start(options: EnvoyOptions = {}): Promise<Envoy> {
    const [[port], backend] = await Promise.all([freePorts(1), startBackend(options.workMs)]);
    const peer = new Envoy(port, backend, options);
    await peer.#start();
    return peer;
  }

  async #start(): Promise<void> {
    const [admin] = await freePorts(1);
    this.#adminPort = admin;
    const file = join(newFolder('envoy'), 'envoy.json');
    const configured = configuration(this.port, admin, this.#backendPort, this.#options);
    writeFileSync(file, JSON.stringify(configured, undefined, 1));
    const program = this.run([
      installed('envoy', 'envoy'),
      ...['-c', file, '--concurrency', '1', '-l', 'warn'],
      // Without the memory that it would share with a process that takes over, and that would be left behind.
      ...['--disable-hot-restart', '--drain-time-s', String(DRAIN_S)],
    ]);
    await listening(admin, program);
    await this.#ready(program);
    await listening(this.port, program);
  }

  /** While it begins it may close a connection that it has accepted. */
  async #ready(program: Program): Promise<void> {
    const isReady = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${this.#adminPort}/ready`).then(
        ({ status }) => status === 200,
        () => false,
      );
    while (!(await isReady())) {
      if (!program.isRunning) throw new Error(`envoy has ended before it was ready: ${program.said}`);
      await sleep(10);
    }
  }

  /** The next one listens on the same port; the one before drains its listeners, and ends. */
  async replace(): Promise<void> {
    const before = `http://127.0.0.1:${this.#adminPort}`;
    await this.#start();
    await fetch(`${before}/drain_listeners?graceful`, { method: 'POST' });
    await sleep(DRAIN_S * 1000 + LAST_CALLS_MS);
    await fetch(`${before}/quitquitquit`, { method: 'POST' });
  }
}
