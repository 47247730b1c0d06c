// TLS on a socket that is connected, or that it connects: the handshake with ALPN, the verification of the other end,
// and the words for what goes wrong. What comes out is a byte stream again. It must not know what the octets mean.

import type { NetConnectOpts, OnReadOpts, Socket } from 'node:net';
import type tls from 'node:tls';
import type { PeerCertificate } from '../../rpc/transport.ts';
import { nodeNet } from '../target/node-net.ts';
import { nodeFs, nodeTls } from './node-tls.ts';
import type { TlsCredentials } from './tls-credentials.ts';
import { describeClosedHandshake, describeTlsError, type TlsAttempt } from './tls-errors.ts';
import type { TlsIdentity } from './tls-sessions.ts';

/** The ALPN name of HTTP/2 over TLS (RFC 9113 §3.1). */
export const ALPN_H2 = 'h2';
/** That of HTTP/1.1, which is how a proxy is asked for a tunnel. One that chooses nothing speaks it, too. */
export const ALPN_HTTP_1_1 = 'http/1.1';
/** Both, of which the server chooses; one that chooses nothing speaks HTTP/1.1. */
export const ALPN_EITHER = 'h2,http/1.1';
/** What is offered by ALPN. */
export type AlpnProtocol = typeof ALPN_H2 | typeof ALPN_HTTP_1_1 | typeof ALPN_EITHER;
/** A key log is as secret as the connections it opens. */
const KEY_LOG_MODE = 0o600;

/** A TLS connection failed; the message says why and which option fixes it. */
export class TlsFailure extends Error {
  override readonly name = 'TlsFailure';
}

/** What TLS runs on: a socket that is connected, or what it is to connect itself. */
export type TlsBelow =
  | { readonly socket: Socket }
  /** `onread` reads what has been decrypted, in place of the socket's own events; nothing comes before `onSecure`. */
  | (NetConnectOpts & { readonly onread: OnReadOpts });

export interface HandshakeHandler {
  /** The other end is who it should be, and speaks the protocol. */
  onSecure(certificate: PeerCertificate | undefined): void;
  /** As the socket's own `error`, in words where it is TLS's. Before and after `onSecure`. */
  onFailure(error: Error): void;
}

/** Whom a handshake is with. */
export interface ExpectedPeer extends TlsIdentity {
  readonly protocol: AlpnProtocol;
  /** A proxy on the way to the server. */
  readonly isProxy?: boolean | undefined;
}

/** A host as certificates and SNI have it: without the zone of an address, and the dot that ends a full name (RFC 6066 §3). */
export function certifiedName(host: string): string {
  return host.replace(/%.*$|\.$/, '');
}

/**
 * Starts the handshake, on a socket or as soon as it has connected one. The socket that it returns stands for both from
 * here on.
 */
export function secure(
  below: TlsBelow,
  credentials: TlsCredentials,
  expected: ExpectedPeer,
  handler: HandshakeHandler,
): tls.TLSSocket {
  const { settings } = credentials;
  const { serverName, protocol, isProxy } = expected;
  const secureContext = credentials.context();
  const resumed = credentials.session(expected, Date.now());
  let certificate: PeerCertificate | undefined;
  // RFC 6066 §3 knows no addresses as server names; they are verified all the same.
  const name = nodeNet().isIP(serverName) === 0 ? { servername: serverName } : { host: serverName };
  const secured: tls.TLSSocket = nodeTls().connect({
    ...name,
    ...below,
    secureContext,
    ALPNProtocols: protocol.split(','),
    rejectUnauthorized: settings.rejectUnauthorized,
    ...(resumed === undefined ? {} : { session: resumed.octets }),
    checkServerIdentity: (_, shown) => {
      certificate ??= shown.raw === undefined ? undefined : certificateIn(shown);
      // Some runtimes ask on a resumed connection too, where no certificate is shown: it is verified below.
      return secured.isSessionReused() ? undefined : nodeTls().checkServerIdentity(serverName, shown);
    },
  });
  let isConnected = 'socket' in below;
  secured.once('connect', () => {
    isConnected = true;
  });
  let isSecure = false;
  // Before the runtime verifies it, so that an error can tell of a certificate that was refused. Node alone has
  // this event; Bun and Deno have the certificate still when they have refused it.
  secured.prependListener('secure', () => {
    certificate = certificateOf(secured);
  });
  const onVerified = whenVerified(secured, (octets) => {
    credentials.keepSession(expected, { octets, certificate }, secureContext);
  });
  secured.on('secureConnect', () => {
    const isResumed = secured.isSessionReused();
    certificate ??= isResumed ? resumed?.certificate : certificateOf(secured);
    const isVerified = !isResumed || !settings.rejectUnauthorized;
    const wrong =
      wrongProtocol(secured, protocol) ?? (isVerified ? undefined : identityError(serverName, certificate));
    if (wrong !== undefined) {
      secured.destroy(wrong);
      return;
    }
    isSecure = true;
    onVerified();
    handler.onSecure(certificate);
  });
  secured.on('error', (error: Error) => {
    if (!isConnected) {
      handler.onFailure(error);
      return;
    }
    // It may be the session that the server does not want.
    if (!isSecure) credentials.forgetSession(expected);
    if (!isSecure) certificate ??= certificateOf(secured);
    const attempt = { settings, serverName, certificate, protocol, isProxy };
    handler.onFailure(inWords(error, attempt, isSecure, credentials.reloadFailure));
    // Behind the handshake, malformed records (RFC 8446 §5.2) are reported, but Node.js leaves the socket open.
    secured.destroy();
  });
  if (settings.keyLogFile !== undefined) logKeys(secured, settings.keyLogFile);
  return secured;
}

/**
 * Takes the sessions to resume later. TLS 1.2 gives one before the verification: that is taken when what it returns is
 * called.
 */
function whenVerified(socket: tls.TLSSocket, take: (octets: Buffer) => void): () => void {
  let isVerified = false;
  let early: Buffer | undefined;
  socket.on('session', (made: Buffer) => {
    if (isVerified) take(made);
    else early = made;
  });
  return () => {
    isVerified = true;
    if (early !== undefined) take(early);
  };
}

/** An error of TLS in words; any other as it is. */
function inWords(error: Error, attempt: TlsAttempt, isSecure: boolean, reloadFailure: string): Error {
  const text =
    describeTlsError(error, attempt) ??
    (isSecure ? undefined : describeClosedHandshake(error, attempt.settings));
  return text === undefined ? error : new TlsFailure(`${text}${reloadFailure}`, { cause: error });
}

function logKeys(socket: tls.TLSSocket, file: string): void {
  socket.on('keylog', (line: Buffer) => {
    try {
      nodeFs().appendFileSync(file, line, { mode: KEY_LOG_MODE });
    } catch (error) {
      const { message } = error as Error;
      socket.destroy(new TlsFailure(`tls.keyLogFile cannot be written: ${message}`, { cause: error }));
    }
  });
}

function wrongProtocol(socket: tls.TLSSocket, wanted: ExpectedPeer['protocol']): TlsFailure | undefined {
  const protocol = socket.alpnProtocol;
  // Where the server may choose, what it has chosen counts.
  if (wanted !== ALPN_H2 && protocol !== ALPN_H2) return undefined;
  if (protocol !== ALPN_H2) {
    return new TlsFailure(
      protocol === false || protocol === null
        ? 'the server chose no protocol by ALPN, and gRPC needs h2; check the port, or enable HTTP/2 on the server'
        : `the server chose the protocol ${JSON.stringify(protocol)} by ALPN, and gRPC needs h2; check the port`,
    );
  }
  // A context made by the user may allow what RFC 9113 §9.2 does not.
  const version = socket.getProtocol();
  return version === null || /^TLSv1\.[23]$/.test(version)
    ? undefined
    : new TlsFailure(`the server speaks ${version}, and HTTP/2 needs TLS 1.2 or later`);
}

/** Whether the certificate of a session is for the server that resumed it. Node 20 does not look (CVE-2026-48934). */
function identityError(serverName: string, certificate: PeerCertificate | undefined): Error | undefined {
  const { subject, subjectAltName } = certificate ?? { subject: {}, subjectAltName: undefined };
  const shown = { subject, subjectaltname: subjectAltName } as unknown as tls.PeerCertificate;
  return nodeTls().checkServerIdentity(serverName, shown);
}

function certificateOf(socket: tls.TLSSocket): PeerCertificate | undefined {
  // null where the socket was destroyed, and an empty object where it has no certificate.
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
