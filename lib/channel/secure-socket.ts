// TLS on a socket that is connected: the handshake with ALPN, the verification of the other end, and the words for
// what goes wrong. What comes out is a byte stream again. It must not know what the octets mean.

import { appendFileSync } from 'node:fs';
import net from 'node:net';
import type tls from 'node:tls';
import type { PeerCertificate } from '../rpc/transport.ts';
import { nodeTls } from './node-tls.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { describeTlsError, hasOwn } from './tls-errors.ts';

/** The ALPN name of HTTP/2 over TLS (RFC 9113 §3.1). */
export const ALPN_H2 = 'h2';
/** That of HTTP/1.1, which is how a proxy is asked for a tunnel. One that chooses nothing speaks it, too. */
export const ALPN_HTTP_1_1 = 'http/1.1';
/** A key log is as secret as the connections it opens. */
const KEY_LOG_MODE = 0o600;

/** A TLS connection failed; the message says why and which option fixes it. */
export class TlsFailure extends Error {
  override readonly name = 'TlsFailure';
}

export interface HandshakeHandler {
  /** The other end is who it should be, and speaks the protocol. */
  onSecure(certificate: PeerCertificate | undefined): void;
  /** As the socket's own `error`, in words where it is TLS's. Before and after `onSecure`. */
  onFailure(error: Error): void;
}

/** Starts the handshake on a connected socket. The socket that it returns stands for both from here on. */
export function secure(
  socket: net.Socket,
  credentials: TlsCredentials,
  serverName: string,
  protocol: typeof ALPN_H2 | typeof ALPN_HTTP_1_1,
  handler: HandshakeHandler,
): tls.TLSSocket {
  const { settings } = credentials;
  const secureContext = credentials.context();
  const resumed = credentials.session;
  let certificate: PeerCertificate | undefined;
  const secured = nodeTls().connect({
    socket,
    secureContext,
    ALPNProtocols: [protocol],
    rejectUnauthorized: settings.rejectUnauthorized,
    // RFC 6066 §3 knows no addresses as server names; they are verified all the same.
    ...(net.isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
    ...(resumed === undefined ? {} : { session: resumed.octets }),
    checkServerIdentity: (_, shown) => {
      certificate ??= certificateIn(shown);
      return nodeTls().checkServerIdentity(serverName, shown);
    },
  });
  let isSecure = false;
  let session: Buffer | undefined;
  // Before the runtime verifies it, so that an error can tell of a certificate that was refused. Node alone has
  // this event; Bun and Deno have the certificate still when they have refused it.
  secured.prependListener('secure', () => {
    certificate = certificateOf(secured);
  });
  const keep = (octets: Buffer): void => {
    credentials.keepSession({ octets, certificate }, secureContext);
  };
  secured.on('session', (made: Buffer) => {
    // TLS 1.2 gives it before the verification.
    if (isSecure) keep(made);
    else session = made;
  });
  secured.on('secureConnect', () => {
    const wrong = protocol === ALPN_H2 ? wrongProtocol(secured) : undefined;
    if (wrong !== undefined) {
      secured.destroy(new TlsFailure(wrong));
      return;
    }
    isSecure = true;
    certificate ??= secured.isSessionReused() ? resumed?.certificate : certificateOf(secured);
    if (session !== undefined) keep(session);
    handler.onSecure(certificate);
  });
  secured.on('error', (error: Error & { code?: unknown }) => {
    // It may be the session that the server does not want.
    if (!isSecure) credentials.forgetSession();
    if (!isSecure) certificate ??= certificateOf(secured);
    let text = describeTlsError(error, { settings, serverName, certificate, protocol });
    if (text === undefined && !isSecure && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
      const refused = hasOwn(settings) ? ' it may not accept the client certificate of tls.cert;' : '';
      text = `the server closed the connection in the TLS handshake;${refused} if it speaks plaintext, use an http:// target or leave tls out`;
    }
    const failure =
      text === undefined ? error : new TlsFailure(`${text}${credentials.reloadFailure}`, { cause: error });
    handler.onFailure(failure);
    // Behind the handshake, records that are none (RFC 8446 §5.2) are told, but Node.js leaves the socket open.
    secured.destroy();
  });
  if (settings.keyLogFile !== undefined) logKeys(secured, settings.keyLogFile);
  return secured;
}

function logKeys(socket: tls.TLSSocket, file: string): void {
  socket.on('keylog', (line: Buffer) => {
    try {
      appendFileSync(file, line, { mode: KEY_LOG_MODE });
    } catch (error) {
      const { message } = error as Error;
      socket.destroy(new TlsFailure(`tls.keyLogFile cannot be written: ${message}`, { cause: error }));
    }
  });
}

function wrongProtocol(socket: tls.TLSSocket): string | undefined {
  const protocol = socket.alpnProtocol;
  if (protocol !== ALPN_H2) {
    return protocol === false || protocol === null
      ? 'the server chose no protocol by ALPN, and gRPC needs h2; check the port, or enable HTTP/2 on the server'
      : `the server chose the protocol ${JSON.stringify(protocol)} by ALPN, and gRPC needs h2; check the port`;
  }
  // A context made by the user may allow what RFC 9113 §9.2 does not.
  const version = socket.getProtocol();
  return version === null || /^TLSv1\.[23]$/.test(version)
    ? undefined
    : `the server speaks ${version}, and HTTP/2 needs TLS 1.2 or later`;
}

function certificateOf(socket: tls.TLSSocket): PeerCertificate | undefined {
  // null where the socket was destroyed, and an empty object where there is none.
  const shown = socket.getPeerCertificate() as tls.PeerCertificate | null;
  return shown?.raw === undefined ? undefined : certificateIn(shown);
}

function certificateIn(shown: tls.PeerCertificate): PeerCertificate {
  return {
    subject: { ...shown.subject },
    issuer: { ...shown.issuer },
    subjectAltName: shown.subjectaltname,
    validFrom: shown.valid_from,
    validTo: shown.valid_to,
    serialNumber: shown.serialNumber,
    fingerprint256: shown.fingerprint256,
    raw: shown.raw,
  };
}
