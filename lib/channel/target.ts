// Where a client connects to: parses the spellings of a target into an address, scheme, authority and path prefix.
// Source of the names: grpc doc/naming.md.

import { domainToASCII } from 'node:url';

/** An address to dial. */
export type Address =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

export interface Target {
  readonly address: Address;
  readonly scheme: 'http' | 'https';
  /** The `:authority` of requests, IPv6 addresses in brackets. */
  readonly authority: string;
  /** Comes before every method's path: empty, or `/prefix` without a slash at its end. */
  readonly pathPrefix: string;
  /** How errors name it. */
  readonly text: string;
}

const DEFAULT_PORTS = { http: 80, https: 443 } as const;
const EXAMPLES =
  "'localhost:50051', '[::1]:50051', 'dns:///host:port', 'unix:/path', 'http://host:port' or 'https://host:port/prefix'";

/** `new Client(host, port)`. TypeError or RangeError when they are no host and port. */
export function targetOfHostPort(host: string, port: number): Target {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(
      `the host must be a name or an IP address, not ${JSON.stringify(host) ?? String(host)}`,
    );
  }
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (bare.includes('/') || /\s/.test(bare) || bare.includes('@')) {
    throw new TypeError(
      `the host ${JSON.stringify(host)} is not a host name or IP address; a whole target is given alone: new Client(${JSON.stringify(host)})`,
    );
  }
  if (bare.includes(':') && !isIPv6(bare)) {
    throw new TypeError(
      `the host ${JSON.stringify(host)} holds a port as well; give new Client(${JSON.stringify(host)}) or the host and the port apart`,
    );
  }
  checkPort(port, `new Client(${JSON.stringify(host)}, port)`);
  return tcp('http', hostName(bare, `the host ${JSON.stringify(host)}`), port, '');
}

/** `new Client(target)`. TypeError or RangeError, with the spellings there are, when it is none of them. */
export function parseTarget(text: string): Target {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(
      `the target must be a text such as ${EXAMPLES}, not ${JSON.stringify(text) ?? String(text)}`,
    );
  }
  if (!/^[\x21-\x7e\x80-\uffff]+$/.test(text)) {
    throw new TypeError(`the target ${JSON.stringify(text)} holds white space or control characters`);
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(text);
  switch (scheme?.[1].toLowerCase()) {
    case 'http':
    case 'grpc':
    case 'https':
    case 'grpcs':
      if (scheme?.[2].startsWith('//')) return parseUrl(text);
      break;
    case 'dns':
      return parseDns(text, scheme?.[2] ?? '');
    case 'unix':
      return parseUnix(text, scheme?.[2] ?? '');
    case 'ipv4':
    case 'ipv6':
    case 'unix-abstract':
    case 'xds':
    case 'vsock':
      throw new TypeError(
        `the target ${JSON.stringify(text)} has the scheme '${scheme?.[1]}', which is not supported; give ${EXAMPLES}`,
      );
    default:
      if (text.includes('://')) {
        throw new TypeError(`the target ${JSON.stringify(text)} has an unknown scheme; give ${EXAMPLES}`);
      }
  }
  return parseHostPort('http', text, text, undefined, '');
}

function parseDns(text: string, rest: string): Target {
  // dns://authority/host asks a DNS server of its own, which node:dns cannot do for a connection.
  const match = /^(?:\/\/([^/]*)\/)?(.*)$/.exec(rest);
  if (match?.[1]) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} names a DNS server, which is not supported; give dns:///host:port`,
    );
  }
  return parseHostPort('http', text, match?.[2] ?? rest, DEFAULT_PORTS.https, '');
}

function parseUnix(text: string, rest: string): Target {
  const path = rest.startsWith('///') ? rest.slice(2) : rest;
  if (path === '' || path.startsWith('//') || path.includes('\0')) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} names no socket; give unix:/path or unix:///path`,
    );
  }
  // What grpc's other implementations send, too: a socket's path is no legal :authority.
  return {
    address: { kind: 'unix', path },
    scheme: 'http',
    authority: 'localhost',
    pathPrefix: '',
    text: `unix:${path}`,
  };
}

function parseUrl(text: string): Target {
  const match = /^([a-z]+):\/\/([^/?#]*)(\/[^?#]*)?([?#].*)?$/i.exec(text);
  const name = match?.[1].toLowerCase();
  const scheme = name === 'https' || name === 'grpcs' ? 'https' : 'http';
  if (match === null || match[4] !== undefined) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} must be scheme://host:port/prefix, without ? or #`,
    );
  }
  const prefix = (match[3] ?? '').replace(/\/+$/, '');
  if (!/^[\x21-\x7e]*$/.test(prefix)) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} has a prefix that is not ASCII; percent-encode it`,
    );
  }
  return parseHostPort(scheme, text, match[2], DEFAULT_PORTS[scheme], prefix);
}

function parseHostPort(
  scheme: 'http' | 'https',
  text: string,
  hostPort: string,
  defaultPort: number | undefined,
  prefix: string,
): Target {
  if (hostPort.includes('@')) {
    throw new TypeError(`the target ${hideUserInfo(text)} holds a user name; send credentials as metadata`);
  }
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(hostPort);
  if (match === null) {
    if (isIPv6(hostPort)) {
      throw new TypeError(`the target ${JSON.stringify(text)} has no port; give '[${hostPort}]:port'`);
    }
    throw new TypeError(`the target ${JSON.stringify(text)} is not host:port; give ${EXAMPLES}`);
  }
  const host = match[1] ?? match[2];
  if (host === '' || host.includes('/')) {
    throw new TypeError(`the target ${JSON.stringify(text)} names no host; give ${EXAMPLES}`);
  }
  if (match[1] !== undefined && !isIPv6(host)) {
    throw new TypeError(`the target ${JSON.stringify(text)} has no IPv6 address in its brackets`);
  }
  if (match[3] === undefined && defaultPort === undefined) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} has no port; give '${hostPort}:50051' or new Client('${host}', port)`,
    );
  }
  const digits = match[3] ?? String(defaultPort);
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  checkPort(port, `the target ${JSON.stringify(text)}`);
  return tcp(scheme, hostName(host, `the target ${JSON.stringify(text)}`), port, prefix);
}

/** A host as it goes into `:authority`, which is ASCII: names of other letters in their `xn--` form (RFC 5890). */
function hostName(host: string, where: string): string {
  if (isIPv6(host)) return host;
  const name = /^[\x21-\x7e]*$/.test(host) ? host : domainToASCII(host);
  if (!/^[\w.~-]+$/.test(name)) throw new TypeError(`${where} holds characters that no host name has`);
  return name;
}

function tcp(scheme: 'http' | 'https', host: string, port: number, pathPrefix: string): Target {
  const shown = host.includes(':') ? `[${host}]` : host;
  return {
    address: { kind: 'tcp', host, port },
    scheme,
    authority:
      port === DEFAULT_PORTS[scheme]
        ? shown.replace(/%.*\]$/, ']')
        : `${shown.replace(/%.*\]$/, ']')}:${port}`,
    pathPrefix,
    text: `${shown}:${port}`,
  };
}

function checkPort(port: unknown, where: string): void {
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    throw new RangeError(
      `${where}: the port must be a whole number from 1 to 65535, not ${typeof port === 'string' ? JSON.stringify(port) : String(port)}`,
    );
  }
}

/** Loose on purpose: it tells an address from a name; dialling checks the rest. */
function isIPv6(text: string): boolean {
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[\w.-]+)?$/.test(text) && (text.match(/:/g)?.length ?? 0) >= 2;
}

function hideUserInfo(text: string): string {
  return JSON.stringify(text.replace(/[^/]*@/, '…@'));
}
