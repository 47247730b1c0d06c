// Opens a socket to an address, through a proxy where there is one, with TLS on it where it is wanted: what comes out
// is a byte stream. It must not know what the octets mean.

import type { NetConnectOpts, Socket } from 'node:net';
import type { PeerCertificate } from '../../rpc/transport.ts';
import { type Address, addressText } from '../target/address.ts';
import { nodeNet } from '../target/node-net.ts';
import type { ByteSocket } from './byte-socket.ts';
import type { ProxyServer } from './proxy.ts';
import { ALPN_H2, type ExpectedPeer, secure } from './secure-socket.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { openTunnel } from './tunnel.ts';

/** Idle connections through NATs and load balancers are probed by TCP itself after this long. */
const TCP_KEEPALIVE_MS = 30_000;
const READ_BUFFER_OCTETS = 64 * 1024;

/** What connecting waits for: the network, a proxy's TLS, its answer, the server's TLS. */
export type DialPhase = 'connect' | 'proxy-handshake' | 'tunnel' | 'handshake';

/** What a socket tells. */
export interface SocketHandler {
  /** What is waited for from here on; it begins with `connect`. */
  onPhase(phase: DialPhase): void;
  /** Octets can go both ways. With TLS it is another socket than `dial` gave. */
  onConnect(socket: ByteSocket, certificate: PeerCertificate | undefined): void;
  /** Octets in memory that is reused after the call. */
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  /** Once, the last event. */
  onClose(error: Error | undefined): void;
}

/**
 * Starts to connect; DNS, several addresses (RFC 8305) and TCP are the runtime's. With `credentials`, TLS on top; with
 * `proxy`, which looks the name up itself, all of it through that.
 */
export function dial(
  address: Address,
  credentials: TlsCredentials | undefined,
  handler: SocketHandler,
  proxy?: ProxyServer | undefined,
): Socket {
  const options: NetConnectOpts =
    address.kind === 'unix'
      ? { path: address.path }
      : {
          host: (proxy ?? address).host,
          port: (proxy ?? address).port,
          autoSelectFamily: true,
          noDelay: true,
        };
  // One buffer for all reads spares an allocation and the stream machinery for each chunk; Bun and Deno have
  // no such option, and TLS and what speaks to a proxy read from the socket itself.
  const hasOnRead =
    credentials === undefined &&
    proxy === undefined &&
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
  const socket = nodeNet().connect(options);
  let failure: Error | undefined;
  const onFailure = (error: Error): void => {
    failure ??= error;
  };
  const onClose = (): void => handler.onClose(failure);
  const onData = (octets: Uint8Array): void => handler.onRead(octets);
  const onDrain = (): void => handler.onDrain();
  /** The end of the connection is told by the socket on top, which knows why. */
  const putOnTop = (below: Socket, top: Socket): void => {
    below.off('close', onClose);
    top.on('close', onClose);
  };
  /** A peer that has closed its side no longer answers: waiting for it to read the rest is in vain. */
  const endWithPeer = (stream: Socket): void => {
    stream.on('end', () => stream.destroy());
  };
  const onStream = (stream: Socket): void => {
    if (credentials === undefined) {
      endWithPeer(stream);
      if (stream !== socket || proxy !== undefined) {
        stream.on('data', onData);
        stream.on('drain', onDrain);
        stream.resume();
      }
      handler.onConnect(stream, undefined);
      return;
    }
    handler.onPhase('handshake');
    try {
      const expected: ExpectedPeer = {
        address: addressText(address),
        serverName: nameToVerify(address, credentials),
        protocol: ALPN_H2,
      };
      const secured = secure(stream, credentials, expected, {
        onSecure(certificate) {
          secured.on('data', onData);
          endWithPeer(secured);
          handler.onConnect(secured, certificate);
        },
        onFailure,
      });
      secured.on('drain', onDrain);
      putOnTop(stream, secured);
    } catch (error) {
      // The user's context is not a SecureContext.
      stream.destroy(error as Error);
    }
  };
  socket.on('error', onFailure);
  socket.on('close', onClose);
  socket.on('connect', () => {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    if (proxy === undefined || address.kind === 'unix') onStream(socket);
    else
      openTunnel(socket, proxy, address, {
        onPhase: (phase) => handler.onPhase(phase),
        onStream,
        onFailure,
        putOnTop,
      });
  });
  if (credentials !== undefined || proxy !== undefined) return socket;
  if (hasOnRead) socket.resume();
  else socket.on('data', onData);
  socket.on('drain', onDrain);
  return socket;
}

/** Whom the certificate must be for. A Unix socket has no name but that of its machine. */
function nameToVerify(address: Address, { settings }: TlsCredentials): string {
  const own = address.kind === 'unix' ? 'localhost' : (address.name ?? address.host);
  // Neither the zone of an address nor the dot that ends a full name is in certificates or SNI (RFC 6066 §3).
  return (settings.serverName ?? own).replace(/%.*$|\.$/, '');
}
