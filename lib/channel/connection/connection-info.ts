// What `client.channel.connectionInfo()` tells of a connection at one moment, and who knows each part of it. It changes
// nothing.

import type { TLSSocket } from 'node:tls';
import type { Connection as Http2Connection } from '../../http2/connection.ts';
import { SETTING_NAMES } from '../../http2/frame.ts';
import type { Peer } from '../../rpc/transport.ts';
import type { ByteSocket } from '../socket/byte-socket.ts';
import type { ConnectionMonitor } from './connection-monitor.ts';

/**
 * What is spoken on a connection.
 * @inline
 */
export type HttpVersion = '1.1' | '2';

/** What the TLS handshake agreed on. */
export interface TlsInfo {
  /** `TLSv1.3` */
  readonly protocol: string | undefined;
  /** `TLS_AES_256_GCM_SHA384` */
  readonly cipher: string | undefined;
  /** `h2` */
  readonly alpnProtocol: string | undefined;
  /** The session was one that had been used before. */
  readonly isResumed: boolean;
}

/** Details of a connection at one moment. */
export interface ConnectionInfo {
  /** As in the events of diagnostics. */
  readonly id: number;
  /**
   * Over HTTP/1.1 there are no settings, windows and PINGs, and one stream at a time; undefined while the server has yet to
   * choose.
   */
  readonly httpVersion: HttpVersion | undefined;
  /** `draining`: open calls go on, new ones go elsewhere. */
  readonly state: 'connecting' | 'ready' | 'draining' | 'closed';
  /** The other end, with its certificate and how connecting went. */
  readonly peer: Peer;
  /** This end: `127.0.0.1:40312`; undefined before it is connected, and for Unix sockets. */
  readonly localAddress: string | undefined;
  /** undefined for plaintext, and before the handshake is over. */
  readonly tls: TlsInfo | undefined;
  /** HTTP/2 settings by name, as this side sent them and as the server did; those not sent are not there. */
  readonly localSettings: Readonly<Record<string, number>>;
  readonly peerSettings: Readonly<Record<string, number>>;
  /** Octets of DATA that may be sent now, and that the server may send, over all streams. */
  readonly sendWindow: number;
  readonly receiveWindow: number;
  /** Octets that came and were not read yet. */
  readonly bufferedOctets: number;
  readonly openStreams: number;
  /** Calls that were sent on it. */
  readonly totalStreams: number;
  /** Octets on the socket, with HTTP/2's framing and without TLS's. */
  readonly sentOctets: number;
  readonly receivedOctets: number;
  /** Milliseconds that the last PING took to be answered; undefined before one was. */
  readonly lastPingMs: number | undefined;
  /** Milliseconds since the dial. */
  readonly ageMs: number;
}

/** A connection's socket, and what was noted of it. */
export interface SocketParts {
  readonly socket: ByteSocket;
  /** Octets can go both ways on the socket. */
  readonly isConnected: boolean;
  readonly monitor: ConnectionMonitor;
}

/** What HTTP/2 knows of itself. */
export function http2Info(
  http2: Http2Connection,
): Omit<ConnectionInfo, keyof SocketInfo | 'state' | 'peer' | 'totalStreams'> {
  return {
    httpVersion: '2',
    localSettings: byName(http2.localSettings),
    peerSettings: byName(http2.peerSettings),
    sendWindow: http2.sendWindow,
    receiveWindow: http2.receiveWindow,
    bufferedOctets: http2.bufferedOctets,
    openStreams: http2.openStreams,
  };
}

/** What a socket and its monitor tell. */
export type SocketInfo = Pick<
  ConnectionInfo,
  'id' | 'localAddress' | 'tls' | 'sentOctets' | 'receivedOctets' | 'lastPingMs' | 'ageMs'
>;

/** What is known of the socket, whatever is spoken on it. */
export function socketInfo({ socket, isConnected, monitor }: SocketParts): SocketInfo {
  return {
    id: monitor.connection.id,
    localAddress: localAddressOf(socket),
    tls: isConnected ? tlsInfoOf(socket) : undefined,
    sentOctets: monitor.sentOctets,
    receivedOctets: monitor.receivedOctets,
    lastPingMs: monitor.lastPingMs,
    ageMs: monitor.ageMs,
  };
}

/** What a socket tells of TLS; undefined for one without. */
function tlsInfoOf(socket: ByteSocket): TlsInfo | undefined {
  if (!('getProtocol' in socket) || !('encrypted' in socket)) return undefined;
  const { alpnProtocol } = socket as unknown as TLSSocket;
  const secured = socket as unknown as TLSSocket;
  return {
    protocol: secured.getProtocol() ?? undefined,
    // Destroyed sockets have none, whatever the types say.
    cipher: (secured.getCipher() as { standardName?: string } | undefined)?.standardName,
    alpnProtocol: typeof alpnProtocol === 'string' ? alpnProtocol : undefined,
    isResumed: secured.isSessionReused(),
  };
}

/** The address of this end. */
function localAddressOf(socket: ByteSocket): string | undefined {
  const { localAddress, localPort } = socket as { localAddress?: string; localPort?: number };
  if (localAddress === undefined || localPort === undefined) return undefined;
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}

/** Settings under their names. */
function byName(settings: ReadonlyMap<number, number>): Readonly<Record<string, number>> {
  const named: Record<string, number> = {};
  for (const [id, value] of settings) named[SETTING_NAMES.get(id) ?? String(id)] = value;
  return named;
}
