// The certificates and keys of one channel: makes the runtime's secure context of them, makes it again when a file
// has changed, and keeps the sessions with which later connections resume. It knows no sockets.

import type { SecureContext, SecureContextOptions } from 'node:tls';
import { called, given } from '../../values/options/option-words.ts';
import { nodeCrypto, nodeFs, nodeTls } from './node-tls.ts';
import { bundledRoots, defaultRoots, systemRoots } from './tls-roots.ts';
import { type TlsIdentity, type TlsSession, TlsSessions } from './tls-sessions.ts';
import { isTlsFile, type PemSource, type TlsFile, type TlsSettings } from './tls-settings.ts';

export class TlsCredentials {
  readonly settings: TlsSettings;
  readonly #files: readonly string[];
  #context: SecureContext;
  /** What the files were like when they were read last. */
  #version: string;
  readonly #sessions = new TlsSessions();
  #reloadFailure = '';

  /** Reads the files. Throws a TypeError that names the option when there is something wrong with one. */
  constructor(settings: TlsSettings) {
    this.settings = settings;
    this.#files = [...(settings.ca ?? []), settings.cert, settings.key, settings.pfx]
      .filter(isTlsFile)
      .map(({ file }) => file);
    this.#version = this.#versionOfFiles();
    this.#context = settings.secureContext ?? makeContext(settings);
  }

  /**
   * The context for the next connection. A file that has changed is read again; while what is there does not
   * make a context (a certificate was replaced, its key not yet), the last one goes on.
   */
  context(): SecureContext {
    if (this.#files.length === 0) return this.#context;
    const version = this.#versionOfFiles();
    if (version === this.#version) return this.#context;
    try {
      this.#context = makeContext(this.settings);
      this.#version = version;
      this.#reloadFailure = '';
      // A session stands for a verification against what has just been replaced, and for the certificate shown then.
      this.#sessions.clear();
    } catch (error) {
      this.#reloadFailure = `; changed files could not be used: ${(error as Error).message}`;
    }
    return this.#context;
  }

  /** Why files that have changed are not in use, for the end of a message; mostly empty. */
  get reloadFailure(): string {
    return this.#reloadFailure;
  }

  /** What the next connection to that identity resumes, at `nowMs` of the system's clock. */
  session(identity: TlsIdentity, nowMs: number): TlsSession | undefined {
    return this.#sessions.find(identity, nowMs);
  }

  /** Keeps a session that was made with this context, if it is still the one in use. */
  keepSession(identity: TlsIdentity, session: TlsSession, context: SecureContext): void {
    if (context === this.#context) this.#sessions.keep(identity, session);
  }

  forgetSession(identity: TlsIdentity): void {
    this.#sessions.forget(identity);
  }

  #versionOfFiles(): string {
    return this.#files
      .map((file) => {
        try {
          const { mtimeMs, size, ino } = nodeFs().statSync(file);
          return `${mtimeMs} ${size} ${ino}`;
        } catch {
          // Reading it will tell why.
          return 'missing';
        }
      })
      .join();
  }
}

function makeContext(settings: TlsSettings): SecureContext {
  const { ca, partialChain, cert, key, pfx, passphrase, minVersion } = settings;
  const roots = ca?.map((one, i) =>
    rootsOf(one, called(ca.length === 1 ? 'tls.ca' : `tls.ca[${i}]`), settings),
  );
  const options: SecureContextOptions = { minVersion };
  if (roots !== undefined) options.ca = roots;
  if (partialChain) {
    options.allowPartialTrustChain = true;
    // With no roots given Node 20 would trust nobody.
    options.ca ??= defaultRoots(settings.environment);
  }
  if (cert !== undefined) options.cert = certificatesOf(cert, called('tls.cert'));
  if (key !== undefined)
    options.key = pemOf(key, called('tls.key'), /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/, 'PRIVATE KEY');
  if (pfx !== undefined) options.pfx = Buffer.from(isTlsFile(pfx) ? readFile(pfx, called('tls.pfx')) : pfx);
  if (passphrase !== undefined) options.passphrase = passphrase;
  try {
    return nodeTls().createSecureContext(options);
  } catch (error) {
    throw new TypeError(describeContextError(error as Error, settings), { cause: error });
  }
}

function rootsOf(source: PemSource, option: string, settings: TlsSettings): string | Buffer {
  if (source === 'bundled') return bundledRoots();
  if (source !== 'system') return certificatesOf(source, option);
  try {
    return systemRoots(settings.environment);
  } catch (error) {
    throw new TypeError(`${option} 'system': ${(error as Error).message}`, { cause: error });
  }
}

/** The certificates of a PEM text; each has to be one, since the runtime passes over those in a `ca` that are not. */
function certificatesOf(source: PemSource, option: string): Buffer {
  const octets = pemOf(source, option, /-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----/, 'CERTIFICATE');
  const blocks = octets
    .toString('latin1')
    .match(/-----BEGIN [^-]*CERTIFICATE-----[^-]*(?:-----END [^-]*-----)?/g);
  for (const [i, block] of (blocks ?? []).entries()) {
    try {
      new (nodeCrypto().X509Certificate)(block);
    } catch (error) {
      throw new TypeError(`${whereOf(source, option)}: its certificate number ${i + 1} is damaged`, {
        cause: error,
      });
    }
  }
  return octets;
}

function pemOf(source: PemSource, option: string, wanted: RegExp, label: string): Buffer {
  const given = isTlsFile(source) ? readFile(source, option) : source;
  const octets = typeof given === 'string' ? Buffer.from(given) : Buffer.from(given);
  if (wanted.test(octets.toString('latin1'))) return octets;
  throw new TypeError(
    `${whereOf(source, option)} holds no PEM with a ${label.toLowerCase()} (-----BEGIN ${label}-----)`,
  );
}

function whereOf(source: PemSource, option: string): string {
  return isTlsFile(source) ? `${source.variable ?? option}: the file ${source.file}` : option;
}

function readFile({ file, variable }: TlsFile, option: string): Buffer {
  try {
    return nodeFs().readFileSync(file);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new TypeError(`${variable ?? option}: the file ${file} cannot be read (${code ?? 'unknown'})`, {
      cause: error,
    });
  }
}

/** What is wrong with certificates and keys. Never quotes them. */
function describeContextError(error: Error & { code?: string }, settings: TlsSettings): string {
  const { message } = error;
  const code = error.code ?? '';
  const secret = called(settings.pfx === undefined ? 'tls.key' : 'tls.pfx');
  if (/KEY_VALUES_MISMATCH|KEY_TYPE_MISMATCH/.test(code) || /key (?:values|type) mismatch/.test(message)) {
    const [key, cert] = [called('tls.key'), called('tls.cert')];
    return `${key} does not belong to ${cert}: they must be a pair, with the certificate of the key first in ${cert}`;
  }
  if (
    /MISSING_PASSPHRASE|INTERRUPTED_OR_CANCELLED|BAD_PASSWORD_READ/.test(code) ||
    /interrupted or cancelled/.test(message)
  ) {
    return `${secret} is encrypted: give its passphrase ${given('tls.passphrase')}`;
  }
  if (
    /BAD_DECRYPT|MAC_VERIFY/.test(code) ||
    /bad.?decrypt|mac verify failure|INCORRECT_PASSWORD/i.test(message)
  ) {
    return settings.passphrase === undefined
      ? `${secret} is encrypted: give its passphrase ${given('tls.passphrase')}`
      : `${called('tls.passphrase')} is not the passphrase of ${secret}`;
  }
  if (settings.pfx !== undefined) {
    return `${secret} cannot be used; it must be PKCS#12, with algorithms that this runtime's OpenSSL supports: ${message}`;
  }
  return `the certificates or the key given in tls cannot be used: ${message}`;
}
