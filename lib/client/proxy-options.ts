// The `proxy` option and the environment's proxies: their checks, and which proxy a target is reached through. Messages
// show neither user names nor passwords.

import { isInNoProxy } from '../channel/socket/no-proxy.ts';
import type { ProxyServer } from '../channel/socket/proxy.ts';
import { TlsCredentials } from '../channel/socket/tls-credentials.ts';
import type { Target } from '../channel/target/target.ts';
import { isThisMachine } from '../channel/target/this-machine.ts';
import { checkNames } from '../values/options/option-checks.ts';
import { isUrl } from '../values/realm.ts';
import { checkTls, type TlsOptions } from './tls-options.ts';

/** A proxy and its settings. See docs/proxies.md. */
export interface ProxyOptions {
  /**
   * `http://host:port` or `https://host:port` (HTTP CONNECT), or `socks5://host:port`; the default ports are 80, 443
   * and 1080. Required.
   */
  readonly url: string | URL;
  /** The user name, as plain text. Default: the one in the URL, where it is percent-encoded. */
  readonly username?: string | undefined;
  /** The password, as plain text. Default: the one in the URL, where it is percent-encoded. */
  readonly password?: string | undefined;
  /** TLS with an `https://` proxy itself; for the connection through it there is the client option `tls`. */
  readonly tls?: TlsOptions | undefined;
  /** Additional header fields of the CONNECT request. Default none. Only for HTTP proxies. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The checked `proxy` option: a proxy, none, or what the environment says. */
export type CheckedProxy =
  | { readonly kind: 'given'; readonly proxy: ProxyServer }
  | { readonly kind: 'none' }
  | { readonly kind: 'environment'; readonly environment: Environment };

const PROXY_NAMES = ['url', 'username', 'password', 'tls', 'headers'] as const;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'socks5:': 1080 };
/**
 * In gRPC Core's order, which knows only the names in lower case. HTTP_PROXY is missing on purpose: in a CGI program a
 * client can set it by sending a `Proxy:` header.
 */
const PROXY_VARIABLES = ['grpc_proxy', 'GRPC_PROXY', 'https_proxy', 'HTTPS_PROXY', 'http_proxy'] as const;
const NO_PROXY_VARIABLES = ['no_grpc_proxy', 'NO_GRPC_PROXY', 'no_proxy', 'NO_PROXY'] as const;
/** RFC 1929 §2: the length is one octet. */
const MAX_LOGIN_OCTETS = 255;
const SPELLINGS = "'http://host:port', 'https://host:port' or 'socks5://host:port'";

/** The checked `proxy` option. TypeError that names the option. */
export function checkProxy(
  proxy: string | URL | ProxyOptions | boolean | undefined,
  environment: Environment,
): CheckedProxy {
  if (proxy === undefined) return { kind: 'environment', environment };
  if (proxy === false) return { kind: 'none' };
  if (typeof proxy === 'string' || isUrl(proxy)) {
    return { kind: 'given', proxy: makeProxy({ url: proxy }, 'proxy', environment) };
  }
  if (proxy === null || typeof proxy !== 'object' || Array.isArray(proxy)) {
    throw new TypeError(`proxy must be ${SPELLINGS}, an object { url, … }, or false for none`);
  }
  checkNames(proxy, PROXY_NAMES, 'proxy option');
  return { kind: 'given', proxy: makeProxy(proxy, 'proxy.url', environment) };
}

/**
 * The proxy through which a target is reached, if any. TypeError if the target cannot be reached through a proxy, or
 * the environment is wrong.
 */
export function proxyFor({ address, text }: Target, checked: CheckedProxy): ProxyServer | undefined {
  if (checked.kind === 'none') return undefined;
  if (checked.kind === 'given') {
    if (address.kind === 'tcp') return checked.proxy;
    throw new TypeError(`${text} is a Unix socket, which cannot be reached through a proxy`);
  }
  if (address.kind !== 'tcp') return undefined;
  const { environment } = checked;
  const variable = PROXY_VARIABLES.find((name) => environment[name]);
  // Asked in this order, as telling loopback addresses by node:net's lists takes a millisecond the first time.
  if (variable === undefined || isThisMachine(address.host)) return undefined;
  const exceptions = NO_PROXY_VARIABLES.find((name) => environment[name] !== undefined);
  const list = exceptions === undefined ? '' : (environment[exceptions] ?? '');
  if (isInNoProxy(list, address.host, address.port)) return undefined;
  const value = environment[variable] ?? '';
  // As in curl and others, a proxy without a scheme is an http one.
  const url = value.includes('://') ? value : `http://${value}`;
  return makeProxy({ url }, `the environment variable ${variable}`, environment);
}

/** The target for the proxy to look up: its name stays as it was written, and nobody here resolves it. */
export function lookedUpByProxy(target: Target): Target {
  return { ...target, addresses: target.addresses ?? [target.address] };
}

function makeProxy(options: ProxyOptions, where: string, environment: Environment): ProxyServer {
  const url = parseUrl(options.url, where);
  const isSocks = url.protocol.startsWith('socks');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = url.port === '' ? DEFAULT_PORTS[isSocks ? 'socks5:' : url.protocol] : Number(url.port);
  if (options.tls !== undefined && url.protocol !== 'https:') {
    throw new TypeError(`proxy.tls is for https:// proxies, and ${where} is ${url.protocol}//…`);
  }
  if (options.headers !== undefined && isSocks) {
    throw new TypeError('proxy.headers is for HTTP proxies: SOCKS5 has no header fields');
  }
  return {
    kind: isSocks ? 'socks5' : 'http',
    host,
    port,
    tls: url.protocol === 'https:' ? credentialsOf(options.tls, environment) : undefined,
    login: loginOf(options, url, where, isSocks),
    headers: headersOf(options.headers),
    text: `${url.protocol}//${url.hostname}:${port}`,
  };
}

function parseUrl(given: unknown, where: string): URL {
  const text = isUrl(given) ? given.href : given;
  const url =
    typeof text === 'string' && /^[a-z0-9]+:\/\//i.test(text) && URL.canParse(text)
      ? new URL(text)
      : undefined;
  if (url === undefined) throw new TypeError(`${where} must be a URL such as ${SPELLINGS}`);
  if (!/^(?:https?|socks5?h?):$/.test(url.protocol)) {
    throw new TypeError(
      `${where} has the scheme ${JSON.stringify(url.protocol)}, which is not supported; give ${SPELLINGS}`,
    );
  }
  if (url.hostname === '' || url.port === '0')
    throw new TypeError(`${where} must name a host and port: ${SPELLINGS}`);
  if (!/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '') {
    throw new TypeError(
      `${where} must be ${SPELLINGS}, without a path; percent-encode special characters in a password`,
    );
  }
  return url;
}

function credentialsOf(tls: TlsOptions | undefined, environment: Environment): TlsCredentials {
  try {
    return new TlsCredentials(checkTls(tls, undefined, environment).settings);
  } catch (error) {
    // These are the TLS options again, one level down.
    throw error instanceof TypeError ? new TypeError(`proxy: ${error.message}`, { cause: error }) : error;
  }
}

function loginOf(options: ProxyOptions, url: URL, where: string, isSocks: boolean): ProxyServer['login'] {
  const username = options.username ?? decoded(url.username, where);
  const password = options.password ?? decoded(url.password, where);
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new TypeError('proxy.username and proxy.password must be strings');
  }
  if (username === '' && password === '') return undefined;
  if (username.includes(':') && !isSocks) {
    throw new TypeError('the user name of an HTTP proxy cannot contain a colon (RFC 7617 §2)');
  }
  if (isSocks && [username, password].some((text) => !isLoginLength(text))) {
    throw new TypeError(
      `the user name and password of a SOCKS5 proxy must have 1 to ${MAX_LOGIN_OCTETS} bytes each`,
    );
  }
  return { username, password };
}

function isLoginLength(text: string): boolean {
  const octets = Buffer.byteLength(text);
  return octets >= 1 && octets <= MAX_LOGIN_OCTETS;
}

function decoded(text: string, where: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A cause would show the secret.
    throw new TypeError(`${where} has a user name or password that is not correctly percent-encoded`);
  }
}

function headersOf(headers: unknown): readonly string[] {
  if (headers === undefined) return [];
  if (headers === null || typeof headers !== 'object' || Array.isArray(headers)) {
    throw new TypeError("proxy.headers must be an object like { 'x-name': 'value' }");
  }
  return Object.entries(headers).flatMap(([name, value]) => {
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
      throw new TypeError(`proxy.headers contains ${JSON.stringify(name)}, which is not a valid header name`);
    }
    if (/^(?:host|content-length|transfer-encoding)$/i.test(name)) {
      throw new TypeError(`proxy.headers cannot contain '${name}', which CONNECT sets itself`);
    }
    if (typeof value !== 'string' || !/^[\x20-\x7e\t]*$/.test(value)) {
      throw new TypeError(`proxy.headers: '${name}' must be a string of printable ASCII`);
    }
    return [name, value];
  });
}
