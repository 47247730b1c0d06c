// What happens to which peer while it is under load: a row each. Where a peer is graceful, nothing may be lost.

import { FORGIVEN_LOSSES } from '../../../lib/channel/connection/dial-backoff.ts';
import type { Orders } from './clients/orders.ts';
import { Caddy } from './peers/caddy.ts';
import { Envoy } from './peers/envoy.ts';
import { Haproxy } from './peers/haproxy.ts';
import { Nginx, ROOT } from './peers/nginx.ts';
import { type Peer, type PeerName, Server, type ServerCommand } from './peers/peer.ts';
import { goServer, javaServer, pythonServer, tonicServer } from './peers/servers.ts';
import { SharedPort } from './peers/shared-port.ts';

export interface Row {
  readonly peer: PeerName;
  /** What happens. */
  readonly event: string;
  /** What a peer in good order loses none of. */
  readonly graceful: 'calls and streams' | 'calls' | 'nothing';
  readonly orders?: Partial<Orders>;
  readonly start: () => Promise<UnderLoad>;
}

export interface UnderLoad {
  readonly peer: Peer;
  /** Happens when a quarter, a half and three quarters of the calls have settled. */
  readonly happen?: () => Promise<void> | void;
}

/** How often something happens in a row. */
export const TIMES = 3;

/** Pauses around the time after which a peer gives an idle connection up, so that it does when a call comes. */
const IDLE_MS = 100;
const AROUND_IDLE: Partial<Orders> = {
  inFlight: 40,
  burst: { calls: 400, fromPauseMs: IDLE_MS - 15, toPauseMs: IDLE_MS + 15 },
  // A stream would keep the connection from being idle: these are through at once.
  streams: { count: 100, atOnce: 100, messages: 1, intervalMs: 0 },
};

/** Where few calls run at a time. */
const NO_WORK = { workMs: 0 };

/** Few streams at a time, and short ones: they take the place of calls. */
const FEW_STREAMS: Partial<Orders> = {
  streams: { count: 100, atOnce: 2, messages: 4, intervalMs: 5 },
};

/** For a server that is gone for a moment: the calls that come meanwhile wait. */
const WAITING: Partial<Orders> = { waitForReady: true };

const LARGE: Partial<Orders> = { octets: 16 * 1024 };

function alone(command: ServerCommand): () => Promise<UnderLoad> {
  return async () => ({ peer: await Server.start(command) });
}

function restarted(command: ServerCommand, signal: 'SIGTERM' | 'SIGKILL'): () => Promise<UnderLoad> {
  return async () => {
    const peer = await Server.start(command);
    return { peer, happen: () => peer.restart(signal) };
  };
}

function replaced(command: ServerCommand): () => Promise<UnderLoad> {
  return async () => {
    const peer = await Server.start(command);
    return { peer, happen: () => peer.replace() };
  };
}

function replacedOnSharedPort(command: ServerCommand, turnedAway: number): () => Promise<UnderLoad> {
  return async () => {
    const peer = await SharedPort.start(command, turnedAway);
    return { peer, happen: () => peer.replace() };
  };
}

const NGINX: readonly Row[] = [
  {
    peer: 'nginx',
    event: 'keepalive_requests 100',
    graceful: 'calls and streams',
    start: async () => ({ peer: await Nginx.start({ directives: ['keepalive_requests 100;'] }) }),
  },
  {
    peer: 'nginx',
    event: 'keepalive_requests 100, over TLS',
    graceful: 'calls and streams',
    orders: { ca: ROOT },
    start: async () => ({ peer: await Nginx.start({ directives: ['keepalive_requests 100;'], tls: true }) }),
  },
  {
    peer: 'nginx',
    event: 'keepalive_requests 100, messages of 16 KiB',
    graceful: 'calls and streams',
    // What it has not read when it ends a connection makes the kernel destroy answers that are on their way.
    orders: LARGE,
    start: async () => ({ peer: await Nginx.start({ directives: ['keepalive_requests 100;'] }) }),
  },
  {
    peer: 'nginx',
    event: 'reload',
    graceful: 'calls and streams',
    start: async () => {
      const peer = await Nginx.start();
      return { peer, happen: () => peer.reload() };
    },
  },
  {
    peer: 'nginx',
    event: 'keepalive_timeout',
    graceful: 'calls and streams',
    orders: AROUND_IDLE,
    start: async () => ({
      peer: await Nginx.start({
        directives: [`keepalive_timeout ${IDLE_MS}ms;`, 'keepalive_requests 1000000;'],
      }),
    }),
  },
];

const HAPROXY: readonly Row[] = [
  {
    peer: 'haproxy',
    event: 'reload (-sf)',
    graceful: 'calls and streams',
    start: async () => {
      const peer = await Haproxy.start();
      return { peer, happen: () => peer.reload() };
    },
  },
  {
    peer: 'haproxy',
    event: 'tune.h2.max-concurrent-streams 4',
    graceful: 'calls and streams',
    orders: FEW_STREAMS,
    start: async () => ({
      peer: await Haproxy.start({ global: ['tune.h2.max-concurrent-streams 4'], ...NO_WORK }),
    }),
  },
  {
    peer: 'haproxy',
    event: 'timeout http-keep-alive',
    graceful: 'calls and streams',
    orders: AROUND_IDLE,
    start: async () => ({ peer: await Haproxy.start({ idleTimeoutMs: IDLE_MS }) }),
  },
];

const ENVOY: readonly Row[] = [
  {
    peer: 'envoy',
    event: 'max_requests_per_connection 100',
    graceful: 'calls and streams',
    start: async () => ({ peer: await Envoy.start({ connection: { max_requests_per_connection: 100 } }) }),
  },
  {
    peer: 'envoy',
    event: 'max_requests_per_connection 100, messages of 16 KiB',
    graceful: 'calls and streams',
    orders: LARGE,
    start: async () => ({ peer: await Envoy.start({ connection: { max_requests_per_connection: 100 } }) }),
  },
  {
    peer: 'envoy',
    event: 'max_connection_duration',
    graceful: 'calls and streams',
    start: async () => ({
      peer: await Envoy.start({
        connection: { max_connection_duration: '0.5s' },
        manager: { drain_timeout: '1s' },
      }),
    }),
  },
  {
    peer: 'envoy',
    event: 'max_concurrent_streams 4',
    graceful: 'calls and streams',
    orders: FEW_STREAMS,
    start: async () => ({ peer: await Envoy.start({ http2: { max_concurrent_streams: 4 }, ...NO_WORK }) }),
  },
  {
    peer: 'envoy',
    event: 'idle_timeout',
    graceful: 'calls and streams',
    orders: AROUND_IDLE,
    start: async () => ({
      peer: await Envoy.start({
        connection: { idle_timeout: `${IDLE_MS / 1000}s` },
        manager: { drain_timeout: '0.1s' },
      }),
    }),
  },
  {
    peer: 'envoy',
    event: 'replaced, listeners drained',
    graceful: 'calls and streams',
    start: async () => {
      const peer = await Envoy.start();
      return { peer, happen: () => peer.replace() };
    },
  },
];

const CADDY: readonly Row[] = [
  {
    peer: 'caddy',
    event: 'reload',
    graceful: 'calls and streams',
    start: async () => {
      const peer = await Caddy.start();
      return { peer, happen: () => peer.reload() };
    },
  },
];

const GO: readonly Row[] = [
  {
    peer: 'go',
    event: 'MaxConnectionAge 200 ms',
    graceful: 'calls and streams',
    start: alone(goServer({ ageMs: 200 })),
  },
  {
    peer: 'go',
    event: 'MaxConnectionAge 200 ms, grace 100 ms',
    // Its streams last longer than that.
    graceful: 'calls',
    start: alone(goServer({ ageMs: 200, graceMs: 100 })),
  },
  {
    peer: 'go',
    event: 'MaxConnectionIdle',
    graceful: 'calls and streams',
    orders: AROUND_IDLE,
    start: alone(goServer({ idleMs: IDLE_MS })),
  },
  {
    peer: 'go',
    event: 'MaxConcurrentStreams 4',
    graceful: 'calls and streams',
    orders: FEW_STREAMS,
    start: alone(goServer({ ...NO_WORK, maxStreams: 4 })),
  },
  {
    peer: 'go',
    event: 'MaxConcurrentStreams 4, MaxConnectionAge 200 ms',
    graceful: 'calls and streams',
    orders: FEW_STREAMS,
    start: alone(goServer({ ...NO_WORK, maxStreams: 4, ageMs: 200 })),
  },
  {
    peer: 'go',
    event: 'GracefulStop, then restart',
    graceful: 'calls and streams',
    orders: WAITING,
    start: restarted(goServer(), 'SIGTERM'),
  },
  {
    peer: 'go',
    event: 'replaced, then GracefulStop',
    graceful: 'calls and streams',
    start: replaced(goServer()),
  },
  {
    peer: 'go',
    event: 'replaced on a shared port, two connections reset',
    graceful: 'calls and streams',
    start: replacedOnSharedPort(goServer(), FORGIVEN_LOSSES),
  },
  {
    peer: 'go',
    event: 'SIGKILL, then restart',
    graceful: 'nothing',
    orders: WAITING,
    start: restarted(goServer(), 'SIGKILL'),
  },
];

const OTHERS: readonly Row[] = [
  {
    peer: 'java',
    event: 'maxConnectionAge 1 s',
    graceful: 'calls and streams',
    start: alone(javaServer(1000, 10_000)),
  },
  {
    peer: 'java',
    event: 'shutdown, then restart',
    graceful: 'calls and streams',
    orders: WAITING,
    start: restarted(javaServer(), 'SIGTERM'),
  },
  {
    peer: 'python',
    event: 'max_connection_age 500 ms',
    graceful: 'calls and streams',
    start: alone(pythonServer('grpc.max_connection_age_ms=500', 'grpc.max_connection_age_grace_ms=10000')),
  },
  {
    peer: 'python',
    event: 'stop, then restart',
    // It answers what comes on its connections meanwhile with CANCELLED.
    graceful: 'nothing',
    orders: WAITING,
    start: restarted(pythonServer(), 'SIGTERM'),
  },
  {
    peer: 'tonic',
    event: 'max_connection_age 500 ms',
    graceful: 'calls and streams',
    start: alone(tonicServer(500)),
  },
  {
    peer: 'tonic',
    event: 'graceful shutdown, then restart',
    graceful: 'calls and streams',
    orders: WAITING,
    start: restarted(tonicServer(), 'SIGTERM'),
  },
];

export const ROWS: readonly Row[] = [...NGINX, ...HAPROXY, ...ENVOY, ...CADDY, ...GO, ...OTHERS];
