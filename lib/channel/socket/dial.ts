// Opens a socket to an address, through a proxy where there is one, with TLS on it where it is wanted: what comes out
// is a byte stream. It must not know what the octets mean.

import type { NetConnectOpts, OnReadOpts, Socket } from 'node:net';
import type { PeerCertificate } from '../../rpc/transport.ts';
import { type Address, addressText } from '../target/address.ts';
import { nodeNet } from '../target/node-net.ts';
import type { ByteSocket } from './byte-socket.ts';
import type { ProxyServer } from './proxy.ts';
import { ALPN_H2, type AlpnProtocol, certifiedName, type ExpectedPeer, secure } from './secure-socket.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { openTunnel } from './tunnel.ts';

/** Idle connections through NATs and load balancers are probed by TCP itself after this long. */
const TCP_KEEPALIVE_MS = 30_000;
/** What the buffer of all sockets holds: with less, a busy one costs a read and a way through the event loop more often. */
const SHARED_BUFFER_OCTETS = 256 * 1024;
/** What a socket's own holds. */
const OWN_BUFFER_OCTETS = 64 * 1024;

/** What connecting waits for: the network, a proxy's TLS, its answer, the server's TLS. */
export type DialPhase = 'connect' | 'proxy-handshake' | 'tunnel' | 'handshake';

/** What a stream in the making tells, and its end. */
export interface StreamHandler {
  /** What is waited for from here on; it begins with `connect`. */
  onPhase(phase: DialPhase): void;
  /** Octets can go both ways; nothing reads them yet. With TLS it may be another socket than `dialStream` gave. */
  onConnect(stream: Socket, certificate: PeerCertificate | undefined): void;
  /** Once, the last event. */
  onClose(error: Error | undefined): void;
}

/** What a socket tells. */
export interface SocketHandler {
  /** What is waited for from here on; it begins with `connect`. */
  onPhase(phase: DialPhase): void;
  /** Octets can go both ways. With TLS it may be another socket than `dial` gave. */
  onConnect(socket: ByteSocket, certificate: PeerCertificate | undefined): void;
  /** Octets in memory that is reused after the call. */
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  /** Once, the last event. */
  onClose(error: Error | undefined): void;
}

/**
 * Starts to connect for HTTP/2, and reads what comes. With `credentials`, TLS on top; with `proxy`, which looks the name
 * up itself, all of it through that.
 */
export function dial(
  address: Address,
  credentials: TlsCredentials | undefined,
  handler: SocketHandler,
  proxy?: ProxyServer | undefined,
): Socket {
  const onRead = canReadIntoOneBuffer(address, credentials, proxy) ? intoOneBuffer(handler) : undefined;
  const streamHandler: StreamHandler = {
    onPhase: (phase) => handler.onPhase(phase),
    onConnect: (stream, certificate) => {
      tellOf(stream, handler, onRead !== undefined);
      handler.onConnect(stream, certificate);
    },
    onClose: (error) => handler.onClose(error),
  };
  return dialStream(address, credentials, streamHandler, proxy, ALPN_H2, onRead);
}

/**
 * One buffer for all reads spares an allocation and the stream machinery for each chunk. Bun and Deno have no such option;
 * what speaks to a proxy reads from the socket itself; and TLS that connects by itself, where Node.js tries a name's next
 * address, is a new one that tells of no sessions and no keys.
 */
function canReadIntoOneBuffer(
  address: Address,
  credentials: TlsCredentials | undefined,
  proxy: ProxyServer | undefined,
): boolean {
  if (process.versions['bun'] !== undefined || process.versions['deno'] !== undefined) return false;
  if (proxy !== undefined) return false;
  return credentials === undefined || address.kind === 'unix' || nodeNet().isIP(address.host) !== 0;
}

/** Has a stream tell a handler what comes, and reads it. */
export function tellOf(
  stream: Socket,
  handler: Pick<SocketHandler, 'onRead' | 'onDrain'>,
  isRead: boolean = false,
): void {
  if (!isRead) stream.on('data', (octets: Uint8Array) => handler.onRead(octets));
  stream.on('drain', () => handler.onDrain());
  stream.resume();
}

/**
 * Starts to connect; DNS, several addresses (RFC 8305) and TCP are the runtime's. With `credentials`, TLS on top, with
 * `protocol` by ALPN; with `proxy`, which looks the name up itself, all of it through that.
 * @param onRead reads the stream in place of its own events. Not through a proxy
 */
export function dialStream(
  address: Address,
  credentials: TlsCredentials | undefined,
  handler: StreamHandler,
  proxy: ProxyServer | undefined,
  protocol: AlpnProtocol,
  onRead?: OnReadOpts | undefined,
): Socket {
  // Node.js has TLS on a socket that is connected read with its own events alone.
  if (onRead !== undefined && credentials !== undefined)
    return dialSecure(address, credentials, handler, protocol, onRead);
  const socket = nodeNet().connect({
    ...connectOptions(address, proxy),
    ...(onRead === undefined ? {} : { onread: onRead }),
  });
  const stack = new SocketStack(socket, handler);
  const onStream = (stream: Socket): void => {
    if (credentials === undefined) stack.onOpen(stream, undefined);
    else secureOnTop(stream, address, credentials, protocol, stack);
  };
  socket.on('connect', () => {
    socket.setKeepAlive(true, TCP_KEEPALIVE_MS);
    if (proxy === undefined || address.kind === 'unix') onStream(socket);
    else
      openTunnel(socket, proxy, address, {
        onPhase: (phase) => handler.onPhase(phase),
        onStream,
        onFailure: stack.onFailure,
        putOnTop: stack.putOnTop,
      });
  });
  return socket;
}

/** The same with TLS that connects by itself: `onread` is only for such. */
function dialSecure(
  address: Address,
  credentials: TlsCredentials,
  handler: StreamHandler,
  protocol: AlpnProtocol,
  onread: OnReadOpts,
): Socket {
  const below = { ...connectOptions(address, undefined), onread };
  let secured: Socket;
  try {
    secured = secure(below, credentials, expectedPeer(address, credentials, protocol), {
      onSecure: (certificate) => stack.onOpen(secured, certificate),
      onFailure: (error) => stack.onFailure(error),
    });
  } catch (error) {
    // The user's context is not a SecureContext.
    secured = new (nodeNet().Socket)().destroy(error as Error);
  }
  const stack = new SocketStack(secured, handler);
  secured.on('connect', () => {
    // TLS takes neither as an option.
    secured.setNoDelay(true);
    secured.setKeepAlive(true, TCP_KEEPALIVE_MS);
    handler.onPhase('handshake');
  });
  return secured;
}

function connectOptions(address: Address, proxy: ProxyServer | undefined): NetConnectOpts {
  if (address.kind === 'unix') return { path: address.path };
  const { host, port } = proxy ?? address;
  return { host, port, autoSelectFamily: true, noDelay: true };
}

let sharedBuffer: Buffer | undefined;

/**
 * Where what a socket reads is put. Except on Windows, Node has it read and told in one go, and whoever is told copies what
 * it keeps: one buffer serves all sockets, however many are idle. Windows may fill the buffer ahead of that.
 */
function readBuffer(): Buffer {
  if (process.platform === 'win32') return Buffer.allocUnsafeSlow(OWN_BUFFER_OCTETS);
  sharedBuffer ??= Buffer.allocUnsafeSlow(SHARED_BUFFER_OCTETS);
  return sharedBuffer;
}

function intoOneBuffer(handler: SocketHandler): OnReadOpts {
  return {
    buffer: readBuffer(),
    callback(octets, buffer) {
      handler.onRead(buffer.subarray(0, octets));
      return true;
    },
  };
}

/** A socket, and what comes to stand on it: to its handler they are one, with one end. */
class SocketStack {
  readonly handler: StreamHandler;
  /** Why it ends: the first that is told. */
  #failure: Error | undefined;

  constructor(socket: Socket, handler: StreamHandler) {
    this.handler = handler;
    socket.on('error', this.onFailure);
    socket.on('close', this.#onClose);
  }

  readonly onFailure = (error: Error): void => {
    this.#failure ??= error;
  };

  /** Octets can go both ways. */
  onOpen(stream: Socket, certificate: PeerCertificate | undefined): void {
    // A peer that has closed its side no longer answers: waiting for it to read the rest is in vain.
    stream.on('end', () => stream.destroy());
    this.handler.onConnect(stream, certificate);
  }

  /** The end is told by the socket on top, which knows why. */
  readonly putOnTop = (below: Socket, top: Socket): void => {
    below.off('close', this.#onClose);
    top.on('close', this.#onClose);
  };

  readonly #onClose = (): void => this.handler.onClose(this.#failure);
}

function secureOnTop(
  stream: Socket,
  address: Address,
  credentials: TlsCredentials,
  protocol: AlpnProtocol,
  stack: SocketStack,
): void {
  const { handler } = stack;
  handler.onPhase('handshake');
  try {
    const secured = secure({ socket: stream }, credentials, expectedPeer(address, credentials, protocol), {
      onSecure: (certificate) => stack.onOpen(secured, certificate),
      onFailure: stack.onFailure,
    });
    stack.putOnTop(stream, secured);
  } catch (error) {
    // The user's context is not a SecureContext.
    stream.destroy(error as Error);
  }
}

function expectedPeer(address: Address, credentials: TlsCredentials, protocol: AlpnProtocol): ExpectedPeer {
  return { address: addressText(address), serverName: nameToVerify(address, credentials), protocol };
}

/** Whom the certificate must be for. A Unix socket has no name but that of its machine. */
function nameToVerify(address: Address, { settings }: TlsCredentials): string {
  const own = address.kind === 'unix' ? 'localhost' : (address.name ?? address.host);
  return certifiedName(settings.serverName ?? own);
}
