// Which server a word means, and whether it is spoken to in TLS: a scheme says so; without one this machine is
// plaintext and every other TLS; or whether it means schema files. It does not read options, and does not connect.

import { statSync } from 'node:fs';
import { isThisMachine } from '../../channel/target/this-machine.ts';
import { withArticle } from './article.ts';
import { UsageError } from './failure.ts';
import { isStdinPath } from './standard-input.ts';

export interface ServerTarget {
  /** As the library takes it. */
  readonly text: string;
  readonly isTls: boolean;
  /** This machine: nothing on the way can listen. */
  readonly isLocal: boolean;
}

const SCHEME = /^([a-z][a-z0-9+.-]*):(?:\/\/)?/i;
const TLS_SCHEMES = new Set(['https', 'grpcs']);
const SCHEMA_FILE = /\.(?:proto|protoset|binpb|pb|desc|fds|bin|json)$/i;
/** What is written as a path from here, the root or home. */
const PATH = /^(?:\.{1,2}|~)?\/|^\.{1,2}$/;
const PLAINTEXT_SCHEMES = new Set(['http', 'grpc']);
/** Schemes of a name, which leave open how it is spoken to. */
const NAME_SCHEMES = new Set(['dns', 'unix', 'unix-abstract', 'ipv4', 'ipv6']);

/** Whether a word can only be a target, and not the name of a symbol. */
export function looksLikeTarget(word: string): boolean {
  if (/^[-{["]|\s/.test(word)) return /^\[[\da-f:.]+\]/i.test(word);
  return word.includes(':') || word === 'localhost' || /^\d+(?:\.\d+){3}$/.test(word) || isPort(word);
}

/**
 * What a word is that names schema files, if it does: what is there on the disk goes before a host of the same name,
 * which is written with its port.
 */
export function schemaPath(
  word: string,
): 'schema file' | 'file' | 'directory' | 'standard input' | undefined {
  if (isStdinPath(word)) return 'standard input';
  if (looksLikeTarget(word) && !SCHEMA_FILE.test(word)) return undefined;
  const stat = statSync(word, { throwIfNoEntry: false });
  if (stat?.isDirectory()) return 'directory';
  if (SCHEMA_FILE.test(word)) return 'schema file';
  // No host is written so: whoever loads it says that it is not there.
  if (PATH.test(word)) return 'file';
  return stat === undefined || stat.isSocket() ? undefined : 'file';
}

/** @param wanted what --plaintext and --tls say */
export function serverTarget(word: string, wanted: 'plaintext' | 'tls' | undefined): ServerTarget {
  if (word === '') throw new UsageError('the target is empty; write host:port');
  const scheme = schemeOf(word);
  if (scheme === undefined) return bareTarget(word, wanted);
  const isLocal = isLocalTarget(word, scheme);
  if (NAME_SCHEMES.has(scheme)) return { text: word, isTls: isTls(wanted, isLocal), isLocal };
  if (TLS_SCHEMES.has(scheme) && wanted === 'plaintext') {
    throw new UsageError(`${scheme}:// means TLS, but --plaintext was given; leave one of them out`);
  }
  if (PLAINTEXT_SCHEMES.has(scheme) && wanted === 'tls') {
    throw new UsageError(
      `${scheme}:// means plaintext, but TLS was asked for; write https://, or leave ${scheme}:// out`,
    );
  }
  return { text: word, isTls: TLS_SCHEMES.has(scheme), isLocal };
}

/** A port alone, as servers print it: nobody's host is called by a number. */
const isPort = (word: string): boolean => /^\d{1,5}$/.test(word);

function bareTarget(word: string, wanted: 'plaintext' | 'tls' | undefined): ServerTarget {
  const schema = schemaPath(word);
  if (schema !== undefined) throw new UsageError(notServer(word, schema));
  const [, host] = /^[^/]*@([^/@]*)/.exec(word) ?? [];
  if (host !== undefined) {
    throw new UsageError(
      `the target '…@${host}' contains a user name; send credentials as metadata, with -H`,
    );
  }
  const port = /^[^:[\]/]+:([^:/]*)/.exec(word)?.[1];
  if (port !== undefined && !/^\d+$/.test(port)) {
    throw new UsageError(
      `the target '${word}': the port must be a whole number from 1 to 65535, not '${port}'`,
    );
  }
  // `:50051` is what servers print when they listen on every address.
  const spelled = /^:\d+$/.test(word) ? `localhost${word}` : isPort(word) ? `localhost:${word}` : word;
  const isLocal = isThisMachine(hostOf(spelled));
  const tls = isTls(wanted, isLocal);
  // A remote host without a port has that of https; of a local one nobody knows it.
  return { text: tls ? `https://${spelled}` : spelled, isTls: tls, isLocal };
}

function notServer(word: string, schema: NonNullable<ReturnType<typeof schemaPath>>): string {
  const what = schema === 'standard input' ? schema : withArticle(schema);
  const instead = {
    'schema file': 'the file with --proto or --protoset',
    file: 'the file with --proto or --protoset',
    directory: 'the directory with --proto',
    'standard input': 'a schema from there with --proto -',
  }[schema];
  return `'${word}' is ${what}, but this needs a server; write host:port first, and give ${instead}`;
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
  if (scheme === 'ipv4' || scheme === 'ipv6') {
    // A list is as local as the farthest of its addresses.
    const list = word.replace(SCHEME, '').replace(/^\/+/, '');
    return list.split(',').every((address) => isThisMachine(hostOf(address.trim())));
  }
  const rest = word.replace(SCHEME, '');
  const host = targetHost(word);
  // A name server of the user's choice may say anything of 'localhost'.
  const isAsked = scheme === 'dns' && /^[^/]+\/[^/]/.test(rest);
  return isThisMachine(host) && (!isAsked || /^[\d.]+$|:/.test(host));
}

/** The host that a target names; of `dns://server/host:port` not the server that is asked for it. */
export function targetHost(word: string): string {
  const scheme = schemeOf(word);
  if (scheme === undefined) return hostOf(word);
  const rest = word.replace(SCHEME, '');
  return hostOf(scheme === 'dns' ? rest.replace(/^[^/]*\/(?=[^/])/, '') : rest);
}

function hostOf(hostPort: string): string {
  const [authority] = hostPort.replace(/^\/+/, '').split('/');
  return /^\[([^\]]*)\]/.exec(authority)?.[1] ?? authority.replace(/:\d*$/, '');
}
