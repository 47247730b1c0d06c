// Where a client connects to: parses the spellings of a target into an address, scheme, authority and path prefix.
// Source of the names: grpc doc/naming.md.

import { domainToASCII } from 'node:url';
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

/** What a resolver is asked for: a target in parts. */
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

/**
 * `new Client(target)`. TypeError or RangeError, with the spellings there are, when it is none of them.
 * @param hasResolver there is a resolver of the user's, which may know schemes that are unknown here
 */
export function parseTarget(text: string, hasResolver: boolean = false): Target {
  if (typeof text !== 'string' || text === '') {
    throw new TypeError(
      `the target must be a text such as ${EXAMPLES}, not ${JSON.stringify(text) ?? String(text)}`,
    );
  }
  if (!/^[\x21-\x7e\x80-\uffff]+$/.test(text)) {
    throw new TypeError(`the target ${JSON.stringify(text)} holds white space or control characters`);
  }
  const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):(.*)$/.exec(text);
  const name = scheme?.[1].toLowerCase();
  switch (name) {
    case 'http':
    case 'grpc':
    case 'https':
    case 'grpcs':
      if (scheme?.[2].startsWith('//')) return parseUrl(text);
      break;
    case 'dns':
      return parseDns(text, scheme?.[2] ?? '');
    case 'unix':
    case 'unix-abstract':
      return parseUnix(text);
    case 'ipv4':
    case 'ipv6':
      return parseList(text, name, scheme?.[2] ?? '');
    case 'xds':
    case 'vsock':
      if (hasResolver) return parseCustom(text, name, scheme?.[2] ?? '');
      throw new TypeError(
        `the target ${JSON.stringify(text)} has the scheme '${scheme?.[1]}', which is not supported; give ${EXAMPLES}`,
      );
    default:
      if (name !== undefined && hasResolver && !/^:\d+$/.test(text.slice(name.length))) {
        return parseCustom(text, name, scheme?.[2] ?? '');
      }
      if (text.includes('://')) {
        throw new TypeError(
          `the target ${JSON.stringify(text)} has an unknown scheme; give ${EXAMPLES}, or the option resolver`,
        );
      }
  }
  return parseHostPort('http', text, text, undefined, '');
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
  // What grpc's other implementations send, too: a socket's path is no legal :authority.
  return fromAddress('http', address, 'localhost', '', addressText(address));
}

/** `ipv4:10.0.0.1:50051,10.0.0.2` and `ipv6:[::1]:50051,::2`; the port is 443 where there is none. */
function parseList(text: string, family: 'ipv4' | 'ipv6', rest: string): Target {
  const where = `the target ${JSON.stringify(text)}`;
  const addresses = rest.split(',').map((part): Address => {
    const match = /^(?:\[([^\]]*)\]|([^:]*))(?::([^:]*))?$/.exec(part);
    const host = match === null ? part : (match[1] ?? match[2]);
    if (!(family === 'ipv4' ? isIPv4(host) : isIPv6(host))) {
      throw new TypeError(
        `${where} holds ${JSON.stringify(part)}, which is no ${family === 'ipv4' ? 'IPv4' : 'IPv6'} address; give ${family === 'ipv4' ? "'ipv4:10.0.0.1:50051,10.0.0.2:50051'" : "'ipv6:[::1]:50051,[::2]:50051'"}`,
      );
    }
    const digits = match?.[3] ?? String(DEFAULT_PORTS.https);
    const port = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
    checkPort(port, where);
    return { kind: 'tcp', host, port };
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
  const name = /^([\w.~-]+)(?::(\d{1,5}))?$/.exec(path);
  const address: Address = {
    kind: 'tcp',
    host: name?.[1] ?? 'localhost',
    port: Number(name?.[2] ?? DEFAULT_PORTS.https),
  };
  const forResolver = { scheme, authority: match?.[1] ?? '', path, text };
  return { ...fromAddress('http', address, name?.[0] ?? 'localhost', '', text), forResolver };
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
