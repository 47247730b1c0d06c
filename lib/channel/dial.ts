// Opens a socket to an address, with TLS on it where it is wanted: what comes out is a byte stream. Proxies will have
// their place here.

import net from 'node:net';
import type { PeerCertificate } from '../rpc/transport.ts';
import type { Address } from './address.ts';
import type { ByteSocket } from './byte-socket.ts';
import { secure } from './secure-socket.ts';
import type { TlsCredentials } from './tls-credentials.ts';

/** Idle connections through NATs and load balancers are probed by TCP itself after this long. */
const TCP_KEEPALIVE_MS = 30_000;
const READ_BUFFER_OCTETS = 64 * 1024;

/** What a socket tells. */
export interface SocketHandler {
  /** The connection is there, and the TLS handshake begins. */
  onHandshake(): void;
  /** Octets can go both ways. With TLS it is another socket than `dial` gave. */
  onConnect(socket: ByteSocket, certificate: PeerCertificate | undefined): void;
  /** Octets in memory that is reused after the call. */
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  /** Once, the last event. */
  onClose(error: Error | undefined): void;
}

/** Starts to connect; DNS, several addresses (RFC 8305) and TCP are the runtime's. With `credentials`, TLS on top. */
export function dial(
  address: Address,
  credentials: TlsCredentials | undefined,
  handler: SocketHandler,
): net.Socket {
  const options: net.NetConnectOpts =
    address.kind === 'unix'
      ? { path: address.path }
      : { host: address.host, port: address.port, autoSelectFamily: true, noDelay: true };
  // One buffer for all reads spares an allocation and the stream machinery for each chunk; Bun and Deno have
  // no such option, and TLS reads from the socket itself.
  const hasOnRead =
    credentials === undefined &&
    process.versions['bun'] === undefined &&
    process.versions['deno'] === undefined;
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
  const onFailure = (error: Error): void => {
    failure ??= error;
  };
  const onClose = (): void => handler.onClose(failure);
  socket.on('error', onFailure);
  socket.on('close', onClose);
  socket.on('connect', () => {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    if (credentials === undefined) {
      handler.onConnect(socket, undefined);
      return;
    }
    handler.onHandshake();
    try {
      const secured = secure(socket, credentials, nameToVerify(address, credentials), {
        onSecure(certificate) {
          secured.on('data', (octets: Uint8Array) => handler.onRead(octets));
          handler.onConnect(secured, certificate);
        },
        onFailure,
      });
      secured.on('drain', () => handler.onDrain());
      secured.on('close', onClose);
      // The end of the connection is told by the socket on top, which knows why.
      socket.off('close', onClose);
    } catch (error) {
      // A context of the user's that is none.
      socket.destroy(error as Error);
    }
  });
  if (credentials !== undefined) return socket;
  if (hasOnRead) socket.resume();
  else socket.on('data', (octets: Uint8Array) => handler.onRead(octets));
  socket.on('drain', () => handler.onDrain());
  return socket;
}

/** Whom the certificate must be for. A Unix socket has no name but that of its machine. */
function nameToVerify(address: Address, { settings }: TlsCredentials): string {
  if (settings.serverName !== undefined) return settings.serverName;
  // Neither the zone of an address nor the dot that ends a full name is in certificates or SNI (RFC 6066 §3).
  return address.kind === 'unix' ? 'localhost' : (address.name ?? address.host).replace(/%.*$|\.$/, '');
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
