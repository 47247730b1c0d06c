// The TLS sessions of one set of certificates and keys. Each is kept for the identity that it proved: who resumes it is
// taken for that without showing a certificate again (RFC 8446 §4.6.1). It must not know sockets or contexts.

import type { PeerCertificate } from '../../rpc/transport.ts';

/** Everything that the worth of a session depends on, except the secure context that made it. */
export interface TlsIdentity {
  /** Where it was connected to. Another place has not shown that it is the same server, whatever keys it shares. */
  readonly address: string;
  /** The name that the certificate was for. */
  readonly serverName: string;
  /** What was offered by ALPN. */
  readonly protocol: string;
}

/** With what a connection resumes the one that made it, which was verified. */
export interface TlsSession {
  readonly octets: Buffer;
  /** What the server showed then: it does not show it again. */
  readonly certificate: PeerCertificate | undefined;
}

/** So many are kept of one channel, those used last; as many as Node's https.Agent keeps. */
export const MAX_TLS_SESSIONS = 100;

export class TlsSessions {
  /** In the order in which they were used. */
  readonly #sessions = new Map<string, TlsSession>();

  get size(): number {
    return this.#sessions.size;
  }

  /** What is offered to the server at `nowMs`; none whose certificate has expired since. */
  find(identity: TlsIdentity, nowMs: number): TlsSession | undefined {
    const key = keyOf(identity);
    const session = this.#sessions.get(key);
    if (session === undefined) return undefined;
    this.#sessions.delete(key);
    const { certificate } = session;
    if (certificate !== undefined && Date.parse(certificate.validTo) < nowMs) return undefined;
    this.#sessions.set(key, session);
    return session;
  }

  keep(identity: TlsIdentity, session: TlsSession): void {
    const key = keyOf(identity);
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size <= MAX_TLS_SESSIONS) return;
    for (const oldest of this.#sessions.keys()) {
      this.#sessions.delete(oldest);
      return;
    }
  }

  forget(identity: TlsIdentity): void {
    this.#sessions.delete(keyOf(identity));
  }

  clear(): void {
    this.#sessions.clear();
  }
}

function keyOf({ address, serverName, protocol }: TlsIdentity): string {
  return JSON.stringify([address, serverName.toLowerCase(), protocol]);
}
