// The `tls` and `serverName` options: their checks, and whether a target uses TLS. Messages never show a given value,
// which may be a secret. What comes out is a TlsSettings (channel/socket/tls-settings.ts); tls-credentials.ts and
// secure-socket.ts there do as it says.

import type { SecureContext } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { TlsCredentials } from '../channel/socket/tls-credentials.ts';
import {
  isTlsFile,
  type MinTlsVersion,
  type PemSource,
  type RootStore,
  type TlsFile,
  type TlsSettings,
} from '../channel/socket/tls-settings.ts';
import { asciiHostName } from '../channel/target/host-name.ts';
import { nodeNet } from '../channel/target/node-net.ts';
import type { Target } from '../channel/target/target.ts';
import { foreignObject } from '../values/options/foreign-options.ts';
import { checkNames } from '../values/options/option-checks.ts';
import { called } from '../values/options/option-words.ts';
import { classNameOf, isBytes, isObject, isUrl, ownBytes } from '../values/realm.ts';

/** A file. It is read when the client is made, and again when it has changed. */
export interface TlsFileOption {
  /** A path or `file:` URL. */
  readonly file: string | URL;
}

/** PEM as text or bytes, or a file that contains it. A string is never treated as a path. */
export type PemOption = string | Uint8Array | TlsFileOption;

/** TLS settings, all optional. See docs/tls.md. */
export interface TlsOptions {
  /**
   * Which certificates to trust: PEM certificates, `{ file }`, 'system' (the operating system's), 'bundled' (the
   * Mozilla roots that come with the runtime), or an array of these. Default: the file named by
   * GRPC_DEFAULT_SSL_ROOTS_FILE_PATH, otherwise the Mozilla roots and NODE_EXTRA_CA_CERTS.
   */
  readonly ca?: RootStore | PemOption | readonly (RootStore | PemOption)[] | undefined;
  /**
   * Whether the chain of a server's certificate may end at any trusted certificate, even an intermediate one;
   * otherwise it must lead to a root. Default: true if `ca` or GRPC_DEFAULT_SSL_ROOTS_FILE_PATH says what to trust, as
   * in other gRPC implementations; false with the runtime's own roots. OpenSSL: X509_V_FLAG_PARTIAL_CHAIN.
   */
  readonly partialChain?: boolean | undefined;
  /** The same as `partialChain`, under node:tls's name. */
  readonly allowPartialTrustChain?: boolean | undefined;
  /**
   * The client's own certificate in PEM, followed by its intermediates; for mutual TLS, together with `key`. Default
   * none.
   */
  readonly cert?: PemOption | undefined;
  /** The private key of `cert` in PEM. Default none. */
  readonly key?: PemOption | undefined;
  /** `cert` and `key` together in PKCS#12, as bytes or `{ file }`. Default none. */
  readonly pfx?: Uint8Array | TlsFileOption | undefined;
  /** The passphrase of `key` or `pfx`. Default none. */
  readonly passphrase?: string | undefined;
  /** The result of node:tls's `createSecureContext`, instead of all of the above and `minVersion`. Default none. */
  readonly secureContext?: SecureContext | undefined;
  /** The same as the client option `serverName`. A TypeError if both are set and differ. */
  readonly serverName?: string | undefined;
  /**
   * Whether to refuse a server whose certificate cannot be verified. Default true. With false, anyone on the network
   * path can read and change everything.
   */
  readonly rejectUnauthorized?: boolean | undefined;
  /**
   * A file to which the keys of each connection are appended, for Wireshark; true for the file named by SSLKEYLOGFILE,
   * if that is set. Default none, even if SSLKEYLOGFILE is set.
   */
  readonly keyLogFile?: string | true | undefined;
  /** The lowest TLS version accepted, `TLSv1.2` or `TLSv1.3`. Default `TLSv1.2`, the lowest that HTTP/2 allows. */
  readonly minVersion?: MinTlsVersion | undefined;
}

/** TLS options, complete and checked. */
export interface CheckedTls {
  /** undefined: what the target says. */
  readonly isWanted: boolean | undefined;
  readonly hasServerName: boolean;
  readonly settings: TlsSettings;
}

const TLS_NAMES = [
  'ca',
  'partialChain',
  'allowPartialTrustChain',
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
/** What a ready-made context already contains. */
const OF_CONTEXT = [
  'ca',
  'partialChain',
  'allowPartialTrustChain',
  'cert',
  'key',
  'pfx',
  'passphrase',
  'minVersion',
] as const;
/** As in gRPC Core and grpc-js: the roots of clients without a `ca` option. */
const ROOTS_VARIABLE = 'GRPC_DEFAULT_SSL_ROOTS_FILE_PATH';

type Environment = Readonly<Record<string, string | undefined>>;

/** Complete TLS options. TypeError that names the option. */
export function checkTls(tls: unknown, serverName: unknown, environment: Environment): CheckedTls {
  const given = tls === undefined || typeof tls === 'boolean' ? {} : checkShape(tls);
  checkTogether(given);
  const tlsName = checkServerName(given.serverName, 'tls.serverName');
  const name = checkServerName(serverName, 'serverName') ?? tlsName;
  if (tlsName !== undefined && tlsName !== name) {
    throw new TypeError('serverName and tls.serverName differ; give one of them');
  }
  const { rejectUnauthorized = true, minVersion = 'TLSv1.2' } = given;
  if (typeof rejectUnauthorized !== 'boolean') {
    throw new TypeError('tls.rejectUnauthorized must be true or false');
  }
  if (minVersion !== 'TLSv1.2' && minVersion !== 'TLSv1.3') {
    throw new TypeError("tls.minVersion must be 'TLSv1.2' or 'TLSv1.3'; HTTP/2 needs TLS 1.2 at least");
  }
  const ca = checkCa(given.ca) ?? rootsOf(given, environment);
  return {
    isWanted: tls === undefined ? undefined : tls !== false,
    hasServerName: name !== undefined,
    settings: {
      ca,
      partialChain: checkPartialChain(given) ?? ca !== undefined,
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

/** A target with its final scheme, and its TLS credentials if any. TypeError if the options contradict the target. */
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
    throw new TypeError(`${shown} means plaintext, and the tls option means TLS; give an https:// target`);
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

/** The same target over TLS, which has another default port. */
function secured(target: Target): Target {
  const { address, authority } = target;
  if (target.scheme === 'https' || address.kind === 'unix') return { ...target, scheme: 'https' };
  const host = authority.replace(/:\d+$/, '');
  return { ...target, scheme: 'https', authority: address.port === 443 ? host : `${host}:${address.port}` };
}

function checkShape(tls: unknown): TlsOptions {
  const hasOptions = isObject(tls) && !Array.isArray(tls);
  if (!hasOptions || classNameOf(tls) !== undefined) {
    throw new TypeError(
      `tls must be true, false or an object such as { ca, cert, key }${foreignObject('tls option', tls)}`,
    );
  }
  checkNames(tls, TLS_NAMES, 'tls option');
  return tls;
}

function checkTogether(given: TlsOptions): void {
  if (given.secureContext !== undefined) {
    const other = OF_CONTEXT.find((name) => given[name] !== undefined);
    if (other === undefined) return;
    throw new TypeError(
      `tls.secureContext replaces all certificate settings, so tls.${other} cannot be given with it`,
    );
  }
  if (given.pfx !== undefined && (given.cert !== undefined || given.key !== undefined)) {
    throw new TypeError(
      `${called('tls.pfx')} holds a certificate and its key; give it, or ${called('tls.cert')} and ${called('tls.key')}`,
    );
  }
  if ((given.cert === undefined) !== (given.key === undefined)) {
    const [has, lacks] = given.cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw new TypeError(`${called(`tls.${has}`)} needs ${called(`tls.${lacks}`)} with it: they are a pair`);
  }
  if (given.passphrase !== undefined && given.key === undefined && given.pfx === undefined) {
    throw new TypeError(
      `${called('tls.passphrase')} is for ${called('tls.key')} or ${called('tls.pfx')}, and neither is given`,
    );
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

/** The roots that the environment names for clients without a `ca` option. */
function rootsOf({ secureContext }: TlsOptions, environment: Environment): TlsSettings['ca'] {
  const file = environment[ROOTS_VARIABLE];
  if (secureContext !== undefined || file === undefined || file === '') return undefined;
  return [{ file, variable: ROOTS_VARIABLE }];
}

function checkPartialChain({ partialChain, allowPartialTrustChain }: TlsOptions): boolean | undefined {
  for (const [name, value] of Object.entries({ partialChain, allowPartialTrustChain })) {
    if (value !== undefined && typeof value !== 'boolean') {
      throw new TypeError(`tls.${name} must be true or false`);
    }
  }
  if (partialChain !== undefined && allowPartialTrustChain !== undefined) {
    throw new TypeError('tls.partialChain and tls.allowPartialTrustChain are the same; give one of them');
  }
  return partialChain ?? allowPartialTrustChain;
}

function checkPem(source: unknown, option: string): PemSource | undefined {
  if (source === undefined) return undefined;
  if (typeof source === 'string') {
    if (source.includes('-----BEGIN ')) return source;
    const names = option.startsWith('tls.ca') ? ", 'system' or 'bundled'" : '';
    throw new TypeError(
      `${option} is a string that contains no PEM; a string must be PEM${names}, and a path is given as { file: path }`,
    );
  }
  if (isBytes(source)) return ownBytes(source);
  if (isTlsFile(source)) return checkFile(source, option);
  throw new TypeError(`${option} must be PEM as text or bytes, or { file: path }`);
}

function checkPfx(pfx: unknown): Uint8Array | TlsFile | undefined {
  if (pfx === undefined) return pfx;
  if (isBytes(pfx)) return ownBytes(pfx);
  if (isTlsFile(pfx)) return checkFile(pfx, 'tls.pfx');
  throw new TypeError('tls.pfx must be PKCS#12 as bytes, or { file: path }');
}

function checkFile(source: TlsFileOption, option: string): TlsFile {
  const { file } = source;
  if (Object.keys(source).length === 1) {
    if (isUrl(file) && file.href.startsWith('file:')) return { file: fileURLToPath(file.href) };
    if (typeof file === 'string' && file !== '' && !file.includes('\0')) return { file };
  }
  throw new TypeError(`${option} must be { file: path }, with a path or file: URL and nothing else`);
}

function checkText(text: unknown, option: string): string | undefined {
  if (text === undefined || typeof text === 'string') return text;
  throw new TypeError(`${option} must be a string`);
}

function checkContext(context: unknown): SecureContext | undefined {
  if (context === undefined) return undefined;
  if (isObject(context) && 'context' in context) return context as SecureContext;
  throw new TypeError('tls.secureContext must be the result of tls.createSecureContext (node:tls)');
}

function checkServerName(name: unknown, option: string): string | undefined {
  if (name === undefined) return undefined;
  if (typeof name === 'string') {
    const host = nodeNet().isIP(name) === 0 ? asciiHostName(name) : name;
    if (host !== undefined) return host;
  }
  const isForeign = typeof name === 'string' && /[\x80-\uffff]/.test(name) && !/[\s:]/.test(name);
  throw new TypeError(
    isForeign
      ? `${option} is not a valid internationalised host name (RFC 5890)`
      : `${option} must be a host name or an IP address, without a port`,
  );
}

function keyLogFile(wanted: unknown, environment: Environment): string | undefined {
  if (wanted === undefined) return undefined;
  if (wanted === true) return environment['SSLKEYLOGFILE'] || undefined;
  if (typeof wanted === 'string' && wanted !== '') return wanted;
  throw new TypeError('tls.keyLogFile must be a path, or true for the one that SSLKEYLOGFILE names');
}
