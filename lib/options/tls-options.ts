// The options `tls` and `serverName`: their checks, and whether a target is spoken to in TLS. Messages never show
// a value given, which may be a secret.

import { isIP } from 'node:net';
import type { SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import type { Target } from '../channel/target.ts';
import { TlsCredentials } from '../channel/tls-credentials.ts';
import {
  isTlsFile,
  type MinTlsVersion,
  type PemSource,
  type RootStore,
  type TlsFile,
  type TlsSettings,
} from '../channel/tls-settings.ts';
import { nearestNames } from '../schema/nearest.ts';

/** A file, by its path or `file:` URL. It is read when the client is made, and again when it has changed. */
export interface TlsFileOption {
  readonly file: string | URL;
}

/** PEM as text or bytes, or the file that holds it. A text is never taken for a path. */
export type PemOption = string | Uint8Array | TlsFileOption;

/** How TLS is spoken; each may be left out. See docs/tls.md. */
export interface TlsOptions {
  /**
   * Whom to trust, instead of the Mozilla roots that come with the runtime: PEM certificates, `{ file }`, 'system',
   * 'bundled' (those roots), or an array of these.
   */
  readonly ca?: RootStore | PemOption | readonly (RootStore | PemOption)[] | undefined;
  /** The client's own certificate in PEM, with its intermediates behind it; for mutual TLS, with `key`. */
  readonly cert?: PemOption | undefined;
  /** The private key of `cert` in PEM. */
  readonly key?: PemOption | undefined;
  /** `cert` and `key` together in PKCS#12, as bytes or `{ file }`. */
  readonly pfx?: Uint8Array | TlsFileOption | undefined;
  /** Of `key` or `pfx`. */
  readonly passphrase?: string | undefined;
  /** A ready context of `tls.createSecureContext`, instead of all of the above and `minVersion`. */
  readonly secureContext?: SecureContext | undefined;
  /** The same as the client option `serverName`. */
  readonly serverName?: string | undefined;
  /** false: believe any certificate, which lets anybody in between read and change everything. Default true. */
  readonly rejectUnauthorized?: boolean | undefined;
  /**
   * A file to which the keys of each connection are appended, for Wireshark; true: the one of SSLKEYLOGFILE, where
   * that is set. Default none, whatever SSLKEYLOGFILE says.
   */
  readonly keyLogFile?: string | true | undefined;
  /** Default TLSv1.2. */
  readonly minVersion?: MinTlsVersion | undefined;
}

/** The options of TLS, complete and checked. */
export interface CheckedTls {
  /** undefined: as the target says. */
  readonly isWanted: boolean | undefined;
  readonly hasServerName: boolean;
  readonly settings: TlsSettings;
}

const TLS_NAMES = [
  'ca',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'secureContext',
  'serverName',
  'rejectUnauthorized',
  'keyLogFile',
  'minVersion',
] as const;
/** What a ready context has in it already. */
const OF_CONTEXT = ['ca', 'cert', 'key', 'pfx', 'passphrase', 'minVersion'] as const;

type Environment = Readonly<Record<string, string | undefined>>;

/** Complete options of TLS. TypeError that names the option. */
export function checkTls(tls: unknown, serverName: unknown, environment: Environment): CheckedTls {
  const given = tls === undefined || typeof tls === 'boolean' ? {} : checkShape(tls);
  checkTogether(given);
  const name =
    checkServerName(serverName, 'serverName') ?? checkServerName(given.serverName, 'tls.serverName');
  if (given.serverName !== undefined && given.serverName !== name) {
    throw new TypeError('serverName and tls.serverName differ; give one of them');
  }
  const { rejectUnauthorized = true, minVersion = 'TLSv1.2' } = given;
  if (typeof rejectUnauthorized !== 'boolean') {
    throw new TypeError('tls.rejectUnauthorized must be true or false');
  }
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3') {
    throw new TypeError("tls.minVersion must be 'TLSv1.2' or 'TLSv1.3'; HTTP/2 needs TLS 1.2 at least");
  }
  return {
    isWanted: tls === undefined ? undefined : tls !== false,
    hasServerName: name !== undefined,
    settings: {
      ca: checkCa(given.ca),
      cert: checkPem(given.cert, 'tls.cert'),
      key: checkPem(given.key, 'tls.key'),
      pfx: checkPfx(given.pfx),
      passphrase: checkText(given.passphrase, 'tls.passphrase'),
      secureContext: checkContext(given.secureContext),
      serverName: name,
      rejectUnauthorized,
      keyLogFile: keyLogFile(given.keyLogFile, environment),
      minVersion,
      environment: {
        certFile: environment['SSL_CERT_FILE'] || undefined,
        certDir: environment['SSL_CERT_DIR'] || undefined,
        extraFile: environment['NODE_EXTRA_CA_CERTS'] || undefined,
      },
    },
  };
}

/** A target as it is to be spoken to, and with what. TypeError when the options say otherwise than it does. */
export function targetWithTls(
  target: Target,
  spelling: string,
  { isWanted, hasServerName, settings }: CheckedTls,
): { readonly target: Target; readonly credentials: TlsCredentials | undefined } {
  const shown = JSON.stringify(spelling);
  if (isWanted === false && target.scheme === 'https') {
    throw new TypeError(`${shown} means TLS, and tls is false; give an http:// target for plaintext`);
  }
  if (isWanted === true && /^(?:http|grpc):\/\//i.test(spelling)) {
    throw new TypeError(`${shown} means plaintext, and the option tls means TLS; give an https:// target`);
  }
  if (isWanted !== true && target.scheme === 'http') {
    if (hasServerName) {
      throw new TypeError(
        `serverName is a name to verify over TLS, and ${shown} means plaintext; give tls or an https:// target, or authority for the :authority of requests`,
      );
    }
    return { target, credentials: undefined };
  }
  return { target: secured(target), credentials: new TlsCredentials(settings) };
}

/** The same target over TLS, whose default port is another. */
function secured(target: Target): Target {
  const { address, authority } = target;
  if (target.scheme === 'https' || address.kind === 'unix') return { ...target, scheme: 'https' };
  const host = authority.replace(/:\d+$/, '');
  return { ...target, scheme: 'https', authority: address.port === 443 ? host : `${host}:${address.port}` };
}

function checkShape(tls: unknown): TlsOptions {
  if (tls === null || typeof tls !== 'object' || Array.isArray(tls)) {
    throw new TypeError('tls must be true, false or an object such as { ca, cert, key }');
  }
  for (const name in tls) {
    if ((TLS_NAMES as readonly string[]).includes(name)) continue;
    const [hint] = nearestNames(name, TLS_NAMES, 1);
    throw new TypeError(
      `there is no tls option '${name}'${hint === undefined ? '' : `; did you mean '${hint}'?`}`,
    );
  }
  return tls;
}

function checkTogether(given: TlsOptions): void {
  if (given.secureContext !== undefined) {
    const other = OF_CONTEXT.find((name) => given[name] !== undefined);
    if (other === undefined) return;
    throw new TypeError(
      `tls.secureContext stands for all certificates, so tls.${other} cannot be given with it`,
    );
  }
  if (given.pfx !== undefined && (given.cert !== undefined || given.key !== undefined)) {
    throw new TypeError('tls.pfx holds a certificate and its key; give it, or tls.cert and tls.key');
  }
  if ((given.cert === undefined) !== (given.key === undefined)) {
    const [has, lacks] = given.cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw new TypeError(`tls.${has} needs tls.${lacks} with it: they are a pair`);
  }
  if (given.passphrase !== undefined && given.key === undefined && given.pfx === undefined) {
    throw new TypeError('tls.passphrase is for tls.key or tls.pfx, and neither is given');
  }
}

function checkCa(ca: TlsOptions['ca']): TlsSettings['ca'] {
  if (ca === undefined) return undefined;
  const list: readonly unknown[] = Array.isArray(ca) ? ca : [ca];
  if (list.length === 0) throw new TypeError('tls.ca is an empty array, which would trust nobody');
  return list.map((one, i) => {
    if (one === 'system' || one === 'bundled') return one;
    const option = list.length === 1 ? 'tls.ca' : `tls.ca[${i}]`;
    const pem = checkPem(one, option);
    if (pem === undefined) throw new TypeError(`${option} is undefined`);
    return pem;
  });
}

function checkPem(source: unknown, option: string): PemSource | undefined {
  if (source === undefined) return undefined;
  if (typeof source === 'string') {
    if (source.includes('-----BEGIN ')) return source;
    const names = option.startsWith('tls.ca') ? ", 'system' and 'bundled'" : '';
    throw new TypeError(
      `${option} is a text without PEM in it; texts are PEM${names}, and a path is given as { file: path }`,
    );
  }
  if (source instanceof Uint8Array) return source;
  if (isTlsFile(source)) return checkFile(source, option);
  throw new TypeError(`${option} must be PEM as text or bytes, or { file: path }`);
}

function checkPfx(pfx: unknown): Uint8Array | TlsFile | undefined {
  if (pfx === undefined || pfx instanceof Uint8Array) return pfx;
  if (isTlsFile(pfx)) return checkFile(pfx, 'tls.pfx');
  throw new TypeError('tls.pfx must be PKCS#12 as bytes, or { file: path }');
}

function checkFile(source: TlsFileOption, option: string): TlsFile {
  const { file } = source;
  if (Object.keys(source).length === 1) {
    if (file instanceof URL && file.protocol === 'file:') return { file: fileURLToPath(file) };
    if (typeof file === 'string' && file !== '' && !file.includes('\0')) return { file };
  }
  throw new TypeError(`${option} must be { file: path }, with a path or file: URL and nothing else`);
}

function checkText(text: unknown, option: string): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw new TypeError(`${option} must be a text`);
}

function checkContext(context: unknown): SecureContext | undefined {
  if (context === undefined) return undefined;
  if (typeof context === 'object' && context !== null && 'context' in context)
    return context as SecureContext;
  throw new TypeError('tls.secureContext must be what tls.createSecureContext of node:tls makes');
}

function checkServerName(name: unknown, option: string): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name === 'string' && (/^[\w.-]+$/.test(name) || isIP(name) !== 0)) return name;
  throw new TypeError(`${option} must be a host name or an IP address, without a port`);
}

function keyLogFile(wanted: unknown, environment: Environment): string | undefined {
  if (wanted === undefined) return undefined;
  if (wanted === true) return environment['SSLKEYLOGFILE'] || undefined;
  if (typeof wanted === 'string' && wanted !== '') return wanted;
  throw new TypeError('tls.keyLogFile must be a path, or true for the one that SSLKEYLOGFILE names');
}
