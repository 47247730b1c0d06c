// Which server a word means, and whether it is spoken to in TLS: a scheme says so; without one this machine is
// plaintext and every other TLS. It does not read options, and does not connect.

import { UsageError } from './failure.ts';

export interface ServerTarget {
  /** As the library takes it. */
  readonly text: string;
  readonly isTls: boolean;
  /** This machine: nothing on the way can listen. */
  readonly isLocal: boolean;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):(?:\/\/)?/i;
const TLS_SCHEMES = new Set(['https', 'grpcs']);
const SCHEMA_FILE = /\.(?:proto|protoset|binpb)$/i;
const PLAINTEXT_SCHEMES = new Set(['http', 'grpc']);
/** Schemes of a name, which leave open how it is spoken to. */
const NAME_SCHEMES = new Set(['dns', 'unix', 'unix-abstract', 'ipv4', 'ipv6']);

/** Whether a word can only be a target, and not the name of a symbol. */
export function looksLikeTarget(word: string): boolean {
  return word.includes(':') || word === 'localhost' || /^\d+(?:\.\d+){3}$/.test(word);
}

/** @param wanted what --plaintext and --tls say */
export function serverTarget(word: string, wanted: 'plaintext' | 'tls' | undefined): ServerTarget {
  if (word === '') throw new UsageError('the target is empty; write host:port');
  const scheme = schemeOf(word);
  if (scheme === undefined) return bareTarget(word, wanted);
  const isLocal = isLocalTarget(word, scheme);
  if (NAME_SCHEMES.has(scheme)) return { text: word, isTls: isTls(wanted, isLocal), isLocal };
  if (TLS_SCHEMES.has(scheme) && wanted === 'plaintext') {
    throw new UsageError(`${scheme}:// means TLS, --plaintext the contrary; leave one of them out`);
  }
  if (PLAINTEXT_SCHEMES.has(scheme) && wanted === 'tls') {
    throw new UsageError(
      `${scheme}:// means plaintext, and TLS was asked for; write https://, or leave ${scheme}:// out`,
    );
  }
  return { text: word, isTls: TLS_SCHEMES.has(scheme), isLocal };
}

function bareTarget(word: string, wanted: 'plaintext' | 'tls' | undefined): ServerTarget {
  if (SCHEMA_FILE.test(word)) {
    throw new UsageError(
      `'${word}' is a schema file, and this needs a server; write host:port first, and give the file with --proto or --protoset`,
    );
  }
  const port = /^[^:[\]/]+:([^:/]*)/.exec(word)?.[1];
  if (port !== undefined && !/^\d+$/.test(port)) {
    throw new UsageError(
      `the target '${word}': the port must be a whole number from 1 to 65535, not '${port}'`,
    );
  }
  // `:50051` is what servers print when they listen on every address.
  const spelled = /^:\d+$/.test(word) ? `localhost${word}` : word;
  const isLocal = isLoopback(hostOf(spelled));
  const tls = isTls(wanted, isLocal);
  // A remote host without a port has that of https; of a local one nobody knows it.
  return { text: tls ? `https://${spelled}` : spelled, isTls: tls, isLocal };
}

const isTls = (wanted: 'plaintext' | 'tls' | undefined, isLocal: boolean): boolean =>
  wanted === undefined ? !isLocal : wanted === 'tls';

/** The scheme of `scheme:…`; `host:port` has none. */
function schemeOf(word: string): string | undefined {
  const found = SCHEME.exec(word);
  if (found === null) return undefined;
  const name = found[1].toLowerCase();
  const isKnown = TLS_SCHEMES.has(name) || PLAINTEXT_SCHEMES.has(name) || NAME_SCHEMES.has(name);
  return isKnown || found[0].endsWith('//') ? name : undefined;
}

function isLocalTarget(word: string, scheme: string): boolean {
  if (scheme === 'unix' || scheme === 'unix-abstract') return true;
  return isLoopback(hostOf(word.replace(SCHEME, '').replace(/^[^/]*\/(?=[^/])/, '')));
}

function hostOf(hostPort: string): string {
  const [authority] = hostPort.replace(/^\/+/, '').split('/');
  return /^\[([^\]]*)\]/.exec(authority)?.[1] ?? authority.replace(/:\d*$/, '');
}

function isLoopback(host: string): boolean {
  return (
    /^(?:.+\.)?localhost\.?$/i.test(host) ||
    /^127(?:\.\d{1,3}){3}$/.test(host) ||
    host === '::1' ||
    host === '0.0.0.0' ||
    host === '::'
  );
}
