// Why a TLS connection could not be made, in words, with the option that fixes it. One table for what this side
// found wrong (OpenSSL's verification), one for the alerts that the other end sends (RFC 8446 §6).

import type { PeerCertificate } from '../../rpc/transport.ts';
import { advice, called, given } from '../../values/options/option-words.ts';
import { isHangUpCode } from './socket-errors.ts';
import type { TlsSettings } from './tls-settings.ts';

/** What is known of the attempt that failed. */
export interface TlsAttempt {
  readonly settings: TlsSettings;
  /** The name that the certificate had to be for. */
  readonly serverName: string;
  readonly certificate: PeerCertificate | undefined;
  /** What was offered by ALPN. Default `h2`. */
  readonly protocol?: string;
  /** It is with a proxy on the way to the server. */
  readonly isProxy?: boolean | undefined;
}

/** By the code that the runtime gives what OpenSSL's verification found. */
const VERIFICATION: Readonly<Record<string, (attempt: TlsAttempt) => string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: () =>
    `the server's certificate is self-signed; if you trust it, ${advice().giveThisCa}`,
  SELF_SIGNED_CERT_IN_CHAIN: () =>
    `the server's certificate leads to a root that is not trusted; if you trust it, ${advice().giveCa}`,
  // Where a chain may end at an intermediate certificate, OpenSSL does not tell how much of it was sent.
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: (attempt) =>
    attempt.settings.partialChain ? unknownIssuerOrNotSent(attempt) : unknownIssuer(attempt),
  UNABLE_TO_GET_ISSUER_CERT: unknownIssuer,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownIssuerOrNotSent,
  CERT_HAS_EXPIRED: ({ certificate }) =>
    `a certificate of the server has expired${
      certificate === undefined ? '' : ` (its own is valid until ${certificate.validTo})`
    }; it must be renewed there, unless this machine's clock is wrong`,
  CERT_NOT_YET_VALID: ({ certificate }) =>
    `a certificate of the server is not valid yet${
      certificate === undefined ? '' : ` (its own is valid from ${certificate.validFrom})`
    }; is this machine's clock right?`,
  CERT_REVOKED: () => "the server's certificate was revoked; the server needs another",
  INVALID_PURPOSE: () =>
    "the server's certificate is not meant for a server (its extended key usage lacks serverAuth); the server needs another",
  INVALID_CA: () =>
    `what signed the server's certificate is not a certificate authority (basicConstraints CA:TRUE); give the right one ${given('tls.ca')}`,
  CERT_SIGNATURE_FAILURE: () =>
    `the server's certificate was not signed by the CA of that name; give the right one ${given('tls.ca')}`,
};

/** By the name of the alert, without what OpenSSL puts before it. */
const ALERTS: Readonly<Record<string, (attempt: TlsAttempt) => string>> = {
  CERTIFICATE_REQUIRED: () =>
    `the server demands a client certificate (alert certificate_required); give ${certAndKey()}`,
  BAD_CERTIFICATE: ownCertificate('bad_certificate'),
  UNSUPPORTED_CERTIFICATE: ownCertificate('unsupported_certificate'),
  CERTIFICATE_REVOKED: ownCertificate('certificate_revoked'),
  CERTIFICATE_EXPIRED: ownCertificate('certificate_expired'),
  CERTIFICATE_UNKNOWN: ownCertificate('certificate_unknown'),
  UNKNOWN_CA: ownCertificate('unknown_ca'),
  ACCESS_DENIED: ownCertificate('access_denied'),
  DECRYPT_ERROR: ownCertificate('decrypt_error'),
  HANDSHAKE_FAILURE: ({ settings }) =>
    hasOwn(settings)
      ? `the server refused the handshake (alert handshake_failure): it takes none of the cipher suites, or not the certificate of ${called('tls.cert')}`
      : `the server refused the handshake (alert handshake_failure): it takes none of the cipher suites, or demands a client certificate (${certAndKey()})`,
  PROTOCOL_VERSION: ({ settings }) =>
    `the server speaks no version of TLS that this client does, which is ${settings.minVersion} or later (alert protocol_version)${lowerVersion(settings)}`,
  INSUFFICIENT_SECURITY: () =>
    'the server demands stronger cipher suites than this client offers (alert insufficient_security)',
  NO_APPLICATION_PROTOCOL: ({ protocol = 'h2', isProxy }) =>
    protocol === 'h2'
      ? 'the server does not speak HTTP/2: it took none of the ALPN protocols offered, h2 (alert no_application_protocol); check the port, or enable HTTP/2 on the server'
      : `the server took none of the ALPN protocols offered, ${protocol} (alert no_application_protocol); check the port${isProxy === true || protocol.startsWith('h2') ? '' : `, or ${advice().useHttp2}`}`,
  UNRECOGNIZED_NAME: ({ serverName }) =>
    `the server does not know the host '${serverName}' (alert unrecognized_name); give the name that it knows ${given('serverName')}`,
};

/** The message of an error of a TLS socket, or undefined when it is not one of TLS. */
export function describeTlsError(error: Error, attempt: TlsAttempt): string | undefined {
  const { code = '', reason } = error as Error & { code?: unknown; reason?: unknown };
  if (typeof code !== 'string') return undefined;
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return wrongName(attempt);
  const verification = VERIFICATION[code];
  if (verification !== undefined) return verification(attempt);
  const alert = /_ALERT_([A-Z_]+)$/.exec(code)?.[1] ?? /_(UNRECOGNIZED_NAME)$/.exec(code)?.[1];
  if (alert !== undefined) {
    return ALERTS[alert]?.(attempt) ?? `the server ended it with the alert ${alert.toLowerCase()}`;
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|RECORD_LAYER_FAILURE|HTTP_REQUEST$/.test(code)) {
    return `the server answered something that is not TLS: it speaks plaintext, or the port is wrong; to talk plaintext, ${advice().usePlaintext}`;
  }
  if (/UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code)) {
    const { settings } = attempt;
    return `the server speaks only a version of TLS before ${settings.minVersion}, the oldest that this client accepts${lowerVersion(settings)}`;
  }
  // What is left of OpenSSL's, and its verification's codes, which are neither Node's nor the system's.
  const isTls = code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_');
  if (isTls || /CERT|_CRL|ISSUER/.test(code)) {
    return `${typeof reason === 'string' ? reason : error.message} (${code})`;
  }
  return undefined;
}

/** The message for a connection that the other end closed in the handshake, or undefined when that is not what happened. */
export function describeClosedHandshake(error: Error, settings: TlsSettings): string | undefined {
  const { code } = error as Error & { code?: unknown };
  if (!isHangUpCode(code)) return undefined;
  const refused = hasOwn(settings)
    ? ` it may not accept the client certificate of ${called('tls.cert')};`
    : '';
  return `the server closed the connection in the TLS handshake;${refused} if it speaks plaintext, ${advice().usePlaintext}`;
}

function unknownIssuer({ certificate }: TlsAttempt): string {
  const issuer = certificate?.issuer['CN'] ?? certificate?.issuer['O'];
  return `the server's certificate is signed by ${
    issuer === undefined ? 'a CA that is not trusted' : `${JSON.stringify(issuer)}, a CA that is not trusted`
  }; if you trust it, ${advice().giveCa}`;
}

function unknownIssuerOrNotSent(attempt: TlsAttempt): string {
  return `${unknownIssuer(attempt)}; or the server does not send its intermediate certificates`;
}

function wrongName({ serverName, certificate }: TlsAttempt): string {
  // Bun does not show a certificate that it refused.
  if (certificate === undefined) {
    return `the server's certificate is not for '${serverName}'; if this is the server you mean, give a name of the certificate ${given('serverName')}`;
  }
  const names = namesOf(certificate);
  const [first] = names;
  const example = first === undefined ? '' : `: '${first.replace(/^\*/, 'any')}'`;
  const shown = names.length > MAX_NAMES ? `${names.slice(0, MAX_NAMES).join(', ')}, …` : names.join(', ');
  return `the server's certificate is for ${names.length === 0 ? 'no name at all' : shown}, not for '${serverName}'; if this is the server you mean, give a name of the certificate ${given('serverName')}${example}`;
}

/** How many of a certificate's names a message lists. */
const MAX_NAMES = 5;

function namesOf(certificate: PeerCertificate): string[] {
  const alternatives = certificate.subjectAltName;
  if (alternatives === undefined) return [certificate.subject['CN'] ?? []].flat();
  return Array.from(alternatives.matchAll(/(?:DNS|IP Address):([^,\s"]+)/g), (match) => match[1]);
}

/** An alert that is about the client's certificate: where it gave one, and where it gave none. */
function ownCertificate(alert: string): (attempt: TlsAttempt) => string {
  return ({ settings }) =>
    hasOwn(settings)
      ? `the server does not accept the client certificate (alert ${alert}); check ${certAndKey()} (or ${called('tls.pfx')}), and which CA the server trusts`
      : `the server sent the alert ${alert}; if it demands a client certificate, give ${certAndKey()}`;
}

const certAndKey = (): string => `${called('tls.cert')} and ${called('tls.key')}`;

/** Whether the client has a certificate to show. */
function hasOwn({ cert, pfx, secureContext }: TlsSettings): boolean {
  return cert !== undefined || pfx !== undefined || secureContext !== undefined;
}

function lowerVersion({ minVersion }: TlsSettings): string {
  return minVersion === 'TLSv1.3' ? advice().lowerTlsVersion : '';
}
