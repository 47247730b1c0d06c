// Opens a socket to an address. TLS and proxies will have their place here: what comes out is a byte stream.

import net from 'node:net';
import type { Address } from './target.ts';

/** Idle connections through NATs and load balancers are probed by TCP itself after this long. */
const TCP_KEEPALIVE_MS = 30_000;
const READ_BUFFER_OCTETS = 64 * 1024;

/** What a socket tells. */
export interface SocketHandler {
  onConnect(): void;
  /** Octets in memory that is reused after the call. */
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  /** Once, the last event. */
  onClose(error: Error | undefined): void;
}

/** Starts to connect; DNS, several addresses (RFC 8305) and TCP are the runtime's. */
export function dial(address: Address, handler: SocketHandler): net.Socket {
  const options: net.NetConnectOpts =
    address.kind === 'unix'
      ? { path: address.path }
      : { host: address.host, port: address.port, autoSelectFamily: true, noDelay: true };
  // One buffer for all reads spares an allocation and the stream machinery for each chunk; Bun and Deno have
  // no such option.
  const hasOnRead = process.versions['bun'] === undefined && process.versions['deno'] === undefined;
  if (hasOnRead) {
    options.onread = {
      buffer: Buffer.allocUnsafeSlow(READ_BUFFER_OCTETS),
      callback(octets, buffer) {
        handler.onRead(buffer.subarray(0, octets));
        return true;
      },
    };
  }
  const socket = net.connect(options);
  let failure: Error | undefined;
  socket.on('connect', () => {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    handler.onConnect();
  });
  if (hasOnRead) socket.resume();
  else socket.on('data', (octets: Uint8Array) => handler.onRead(octets));
  socket.on('drain', () => handler.onDrain());
  socket.on('error', (error) => {
    failure ??= error;
  });
  socket.on('close', () => handler.onClose(failure));
  return socket;
}

/** An error of the operating system in words. */
export function describeSocketError(error: Error): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return error.errors.map((one: Error) => describeSocketError(one)).join('; ');
  }
  const { code, address, port, hostname, syscall } = error as Error & {
    code?: string;
    address?: string;
    port?: number;
    hostname?: string;
    syscall?: string;
  };
  const where =
    address === undefined
      ? ''
      : ` ${address.includes(':') ? `[${address}]` : address}${port === undefined ? '' : `:${port}`}`;
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens on${where} (ECONNREFUSED)`;
    case 'ENOENT':
      return syscall === 'connect' ? `there is no Unix socket${where} (ENOENT)` : error.message;
    case 'ENOTFOUND':
      return `the host name '${hostname}' is not known (ENOTFOUND)`;
    case 'EAI_AGAIN':
      return `the host name '${hostname}' could not be looked up now: no answer from DNS (EAI_AGAIN)`;
    case 'ECONNRESET':
      return 'the server closed the connection (ECONNRESET)';
    case 'EPIPE':
      return 'the server closed the connection (EPIPE)';
    default:
      return error.message;
  }
}
