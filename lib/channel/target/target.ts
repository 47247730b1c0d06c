// Where a client connects to: parses the spellings of a target into an address, scheme, authority and path prefix.
// Source of the names: grpc doc/naming.md.

import { advice } from '../../values/options/option-words.ts';
import { isUrl } from '../../values/realm.ts';
import {
  type Address,
  addressText,
  checkPort,
  hostText,
  isIPv4,
  isIPv6,
  parseUnixAddress,
  withoutRepeats,
} from './address.ts';
import { asciiHostName } from './host-name.ts';
import { nodeNet } from './node-net.ts';

/** What a resolver resolves: a target in parts. */
export interface ResolverTarget {
  /** `dns`, or a resolver's own. */
  readonly scheme: string;
  /** What stands between `//` and `/`, mostly nothing. */
  readonly authority: string;
  /** The rest. */
  readonly path: string;
  /** All of it, as it was given. */
  readonly text: string;
}

export interface Target {
  /** Where it is, as it was spelled: a name that has to be looked up, or an address; the first one of a list. */
  readonly address: Address;
  /** Where it is a list, `ipv4:` or `ipv6:`: all of it. */
  readonly addresses?: readonly Address[] | undefined;
  /** `dns://server/host`: the name server to ask, an IP address that may have a port. */
  readonly dnsServer?: string | undefined;
  /** What a resolver of the user's is asked for. */
  readonly forResolver: ResolverTarget;
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
  "'localhost:50051', '[::1]:50051', 'dns:///host:port', 'ipv4:10.0.0.1:50051,10.0.0.2:50051', 'unix:/path', 'http://host:port' or 'https://host:port/prefix'";

/** `new Client(host, port)`. TypeError or RangeError when they are not a host and a port. */
export function targetOfHostPort(host: string, port: number): Target {
  if (typeof host !== 'string' || host === '') {
    throw new TypeError(
      `the host must be a name or an IP address, not ${JSON.stringify(host) ?? String(host)}`,
    );
  }
  const bare = host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
  if (bare.includes('/') || /\s/.test(bare) || bare.includes('@')) {
    throw new TypeError(
      `the host ${JSON.stringify(host)} is not a host name or IP address; give a whole target alone: new Client(${JSON.stringify(wholeTarget(host, port))})`,
    );
  }
  if (bare.includes(':') && !isIPv6(bare)) {
    throw new TypeError(
      `the host ${JSON.stringify(host)} contains a port as well; give new Client(${JSON.stringify(host)}), or the host and the port separately`,
    );
  }
  checkPort(port, `new Client(${JSON.stringify(host)}, port)`);
  return tcp('http', hostName(bare, `the host ${JSON.stringify(host)}`), port, '');
}

/** A URL without a port, and the port that was given beside it. */
function wholeTarget(host: string, port: unknown): string {
  return /^[a-z]+:\/\/[^/:]+$/i.test(host) && typeof port === 'number' ? `${host}:${port}` : host;
}

const UNSPACED = /^[\x21-\x7e\x80-\uffff]+$/;
/** Spaces, but not at the end. */
const SPACED = /^[\x20-\x7e\x80-\uffff]*[\x21-\x7e\x80-\uffff]$/;

/**
 * `new Client(target)`. TypeError or RangeError, with the supported spellings, when it is malformed.
 * @param hasResolver there is a resolver of the user's, which may know schemes that are unknown here
 */
export function parseTarget(text: string, hasResolver: boolean = false): Target {
  if (typeof text !== 'string' || text === '') throw noTarget(text);
  // A path may have spaces in it, of all targets.
  const allowed = /^unix(?:-abstract)?:/i.test(text) ? SPACED : UNSPACED;
  if (!allowed.test(text)) {
    throw new TypeError(`the target ${JSON.stringify(text)} contains white space or control characters`);
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(text);
  const name = scheme?.[1].toLowerCase();
  const rest = scheme?.[2] ?? '';
  switch (name) {
    case 'http':
    case 'grpc':
    case 'https':
    case 'grpcs':
      if (rest.startsWith('//')) return parseUrl(text);
      break;
    case 'dns':
      return parseDns(text, rest);
    case 'unix':
    case 'unix-abstract':
      return parseUnix(text);
    case 'ipv4':
    case 'ipv6':
      return parseList(text, name, rest);
    case 'xds':
    case 'vsock':
      if (hasResolver) return parseCustom(text, name, rest);
      throw new TypeError(
        `the target ${JSON.stringify(text)} has the scheme '${scheme?.[1]}', which is not supported; give ${EXAMPLES}`,
      );
    default:
      if (name !== undefined && hasResolver && !/^:\d+$/.test(text.slice(name.length))) {
        return parseCustom(text, name, rest);
      }
      if (text.includes('://')) {
        throw new TypeError(
          `the target ${JSON.stringify(text)} has an unknown scheme; give ${EXAMPLES}${advice().otherSchemes}`,
        );
      }
  }
  return parseHostPort('http', text, text, undefined, '');
}

function noTarget(given: unknown): TypeError {
  const isObject = typeof given === 'object' && given !== null;
  const shown = isObject ? 'an object' : (JSON.stringify(given) ?? String(given));
  return new TypeError(`the target must be a string such as ${EXAMPLES}, not ${shown}${insteadOf(given)}`);
}

function insteadOf(given: unknown): string {
  if (typeof given === 'number') return `; for port ${given} of this machine give 'localhost:${given}'`;
  if (isUrl(given)) return `; give its text, ${JSON.stringify(given.origin)}`;
  if (typeof given !== 'object' || given === null) return '';
  return "; it comes first and by itself, and options behind it: new Client('localhost:50051', { … })";
}

function parseDns(text: string, rest: string): Target {
  const match = /^(?:\/\/([^/]*)\/)?(.*)$/.exec(rest);
  const server = match?.[1] ?? '';
  const target = parseHostPort('http', text, match?.[2] ?? rest, DEFAULT_PORTS.https, '');
  if (server === '') return target;
  const host = /^(?:\[([^\]]*)\]|([^:]*))(?::\d{1,5})?$/.exec(server);
  if (host === null || !(isIPv4(host[2] ?? '') || isIPv6(host[1] ?? ''))) {
    throw new TypeError(
      `the target ${JSON.stringify(text)} names the DNS server ${JSON.stringify(server)}, which must be an IP address, with a port or without; give dns://1.1.1.1/host:port, or dns:///host:port for the system's`,
    );
  }
  return { ...target, dnsServer: server };
}

function parseUnix(text: string): Target {
  const address = parseUnixAddress(text, `the target ${JSON.stringify(text)}`);
  // What grpc's other implementations send, too: a socket's path is not a legal :authority.
  return fromAddress('http', address, 'localhost', '', addressText(address));
}

/** `ipv4:10.0.0.1:50051,10.0.0.2` and `ipv6:[::1]:50051,::2`; the port is 443 where it is left out. */
function parseList(text: string, family: 'ipv4' | 'ipv6', rest: string): Target {
  const where = `the target ${JSON.stringify(text)}`;
  const addresses = rest.split(',').map((part): Address => {
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(part);
    const host = match === null ? part : (match[1] ?? match[2]);
    if (!(family === 'ipv4' ? isIPv4(host) : isIPv6(host))) {
      throw new TypeError(
        `${where} contains ${JSON.stringify(part)}, which is not an ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address; give ${family === 'ipv4' ? "'ipv4:10.0.0.1:50051,10.0.0.2:50051'" : "'ipv6:[::1]:50051,[::2]:50051'"}`,
      );
    }
    const digits = match?.[3] ?? String(DEFAULT_PORTS.https);
    return { kind: 'tcp', host, port: portOf(digits, where) };
  });
  const [first] = addresses;
  return {
    ...fromAddress('http', first, authorityOf(first, 'http'), '', text),
    addresses: withoutRepeats(addresses),
  };
}

/** A target that only the user's resolver understands; its path, where that can be one, is the `:authority`. */
function parseCustom(text: string, scheme: string, rest: string): Target {
  const match = /^(?:\/\/([^/]*)\/)?(.*)$/.exec(rest);
  const path = match?.[2] ?? rest;
  const name = /^([^:]+)(?::(\d{1,5}))?$/.exec(path);
  const host = name === null ? undefined : asciiHostName(name[1]);
  const port = host === undefined ? undefined : name?.[2];
  const address: Address = {
    kind: 'tcp',
    host: host ?? 'localhost',
    port: Number(port ?? DEFAULT_PORTS.https),
  };
  const authority = `${address.host}${port === undefined ? '' : `:${port}`}`;
  const forResolver = { scheme, authority: match?.[1] ?? '', path, text };
  return { ...fromAddress('http', address, authority, '', text), forResolver };
}

function parseUrl(text: string): Target {
  const match = /^([a-z]+):\/\/([^/?#]*)(\/[^?#]*)?([?#].*)?$/i.exec(text);
  const name = match?.[1].toLowerCase();
  const scheme = name === 'https' || name === 'grpcs' ? 'https' : 'http';
  if (match === null || match[4] !== undefined) {
    // In a query there may be a token.
    const shown = hideUserInfo(text.replace(/[?#].*$/s, (query) => `${query[0]}…`));
    throw new TypeError(`the target ${shown} must be scheme://host:port/prefix, without ? or #`);
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
    if (isIPv6(hostPort)) throw bareIPv6(text, hostPort);
    throw new TypeError(`the target ${JSON.stringify(text)} is not host:port; give ${EXAMPLES}`);
  }
  const host = match[1] ?? match[2];
  if (host === '' || host.includes('/')) throw noHost(text);
  if (match[1] !== undefined && !isIPv6(host)) {
    throw new TypeError(`the target ${JSON.stringify(text)} has no IPv6 address in its brackets`);
  }
  if (match[3] === undefined && defaultPort === undefined) {
    throw noPort(text, host, hostPort);
  }
  const path = /^(\d{1,5})\/(.*)$/.exec(match[3] ?? '');
  if (path !== null) throw withPath(text, `${hostPort.slice(0, hostPort.indexOf('/'))}`, path[2]);
  const digits = match[3] ?? String(defaultPort);
  const where = `the target ${JSON.stringify(text)}`;
  const port = portOf(digits, where);
  return tcp(scheme, hostName(host, where), port, prefix);
}

/** An IPv6 address that is not in brackets; its last part may be meant for the port. */
function bareIPv6(text: string, hostPort: string): TypeError {
  const [, head = '', port = ''] = /^(.*):(\d{1,5})$/.exec(hostPort) ?? [];
  const shown = JSON.stringify(text);
  const { isIP } = nodeNet();
  if (isIP(head) === 6) {
    const orAddress = isIP(hostPort) === 0 ? '' : `, or '[${hostPort}]:port' where that is the whole address`;
    return new TypeError(
      `the target ${shown} is an IPv6 address without brackets; give '[${head}]:${port}' for port ${port}${orAddress}`,
    );
  }
  return new TypeError(`the target ${shown} has no port; give '[${hostPort}]:port'`);
}

function noHost(text: string): TypeError {
  const shown = JSON.stringify(text);
  if (/^:\d{1,5}$/.test(text))
    return new TypeError(`the target ${shown} names no host; give 'localhost${text}'`);
  if (text.startsWith('/') || text.startsWith('./')) {
    return new TypeError(`the target ${shown} names no host; give 'unix:${text}' for a Unix socket`);
  }
  return new TypeError(`the target ${shown} names no host; give ${EXAMPLES}`);
}

function noPort(text: string, host: string, hostPort: string): TypeError {
  const shown = JSON.stringify(text);
  if (/^\d{1,5}$/.test(host)) {
    return new TypeError(`the target ${shown} is a port alone; give 'localhost:${host}'`);
  }
  // A name with dots is likely that of a server elsewhere.
  const overTls = /\.[a-z]/i.test(host) ? `, or 'https://${hostPort}' for TLS on port 443` : '';
  return new TypeError(
    `the target ${shown} has no port; give '${hostPort}:50051'${advice().orPortOf(host)}${overTls}`,
  );
}

/** Only a URL has a path; what is behind the port is often the service. */
function withPath(text: string, hostPort: string, path: string): TypeError {
  const asUrl =
    path === '' ? '' : `, or 'http://${hostPort}/${path}' where a proxy wants this before each method`;
  return new TypeError(`the target ${JSON.stringify(text)} has a path; give '${hostPort}'${asUrl}`);
}

/** A port as it was spelled. RangeError for anything else, which shows it as text unless it is a number. */
function portOf(digits: string, where: string): number {
  const port = /^\d{1,5}$/.test(digits) ? Number(digits) : digits;
  checkPort(port, where);
  return port;
}

/** A host as it goes into `:authority`, which is ASCII: names of other letters in their `xn--` form (RFC 5890). */
function hostName(host: string, where: string): string {
  if (isIPv6(host)) return host;
  const name = asciiHostName(host);
  if (name !== undefined) return name;
  throw new TypeError(
    /[\x80-\uffff]/.test(host)
      ? `${where} is not a valid internationalised host name (RFC 5890)`
      : `${where} contains characters that are not allowed in a host name`,
  );
}

function tcp(scheme: 'http' | 'https', host: string, port: number, pathPrefix: string): Target {
  const address: Address = { kind: 'tcp', host, port };
  return fromAddress(scheme, address, authorityOf(address, scheme), pathPrefix, addressText(address));
}

function authorityOf(address: Address, scheme: 'http' | 'https'): string {
  if (address.kind === 'unix') return 'localhost';
  const host = hostText(address.host).replace(/%.*\]$/, ']');
  return address.port === DEFAULT_PORTS[scheme] ? host : `${host}:${address.port}`;
}

function fromAddress(
  scheme: 'http' | 'https',
  address: Address,
  authority: string,
  pathPrefix: string,
  text: string,
): Target {
  const forResolver = { scheme: address.kind === 'tcp' ? 'dns' : 'unix', authority: '', path: text, text };
  return { address, forResolver, scheme, authority, pathPrefix, text };
}

function hideUserInfo(text: string): string {
  return JSON.stringify(text.replace(/[^/]*@/, '…@'));
}
