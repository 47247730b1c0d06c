// What TLS is to be like: the options of `tls`, complete and checked. Types and constants only; it reads no file
// and no environment.

import type { SecureContext } from 'node:tls';

/** A file, by its path. */
export interface TlsFile {
  readonly file: string;
  /** The environment variable that named it, where that was no option. */
  readonly variable?: string | undefined;
}

/** PEM as text or bytes, or a file that contains it. A string is never treated as a path. */
export type PemSource = string | Uint8Array | TlsFile;

/** A root store by name: the Mozilla roots that come with the runtime, or those of the system. */
export type RootStore = 'bundled' | 'system';

/**
 * The lowest version of TLS.
 * @inline
 */
export type MinTlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** What the environment says of the system's store, as OpenSSL and Node name it. */
export interface RootEnvironment {
  /** SSL_CERT_FILE: instead of the system's own places. */
  readonly certFile: string | undefined;
  /** SSL_CERT_DIR: directories of certificates, instead of the system's own places. */
  readonly certDir: string | undefined;
  /** NODE_EXTRA_CA_CERTS: besides. */
  readonly extraFile: string | undefined;
}

export interface TlsSettings {
  /** undefined: the runtime's default store, which is Mozilla's. */
  readonly ca: readonly (PemSource | RootStore)[] | undefined;
  /** Whether a chain may end at a certificate among those trusted that is not a root. */
  readonly partialChain: boolean;
  readonly cert: PemSource | undefined;
  readonly key: PemSource | undefined;
  /** Bytes, not text: PKCS#12. */
  readonly pfx: Uint8Array | TlsFile | undefined;
  readonly passphrase: string | undefined;
  readonly secureContext: SecureContext | undefined;
  /** The name to verify instead of the target's host; sent as SNI unless it is an IP address. */
  readonly serverName: string | undefined;
  readonly rejectUnauthorized: boolean;
  readonly keyLogFile: string | undefined;
  readonly minVersion: MinTlsVersion;
  readonly environment: RootEnvironment;
}

export function isTlsFile(source: unknown): source is TlsFile {
  return typeof source === 'object' && source !== null && 'file' in source;
}
