// Who is at the other end of a socket.

import type { Peer, PeerCertificate } from '../../rpc/transport.ts';
import type { ByteSocket } from '../socket/byte-socket.ts';

/**
 * @param placeText what it was dialled by
 * @param isProxied whether the socket's other end is a proxy, whose own address says nothing of the server
 */
export function peerOf(
  { remoteAddress, remotePort }: ByteSocket,
  placeText: string,
  isProxied: boolean,
  certificate: PeerCertificate | undefined,
): Peer {
  let address = placeText;
  if (remoteAddress !== undefined && !isProxied) {
    address = `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
  }
  return certificate === undefined ? { address } : { address, certificate };
}
