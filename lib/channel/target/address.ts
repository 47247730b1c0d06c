// One place to dial: what a name was looked up to, or what a target spells. How addresses are written and read again.

import { asciiHostName } from './host-name.ts';

/** An address to dial. */
export type Address =
  | {
      readonly kind: 'tcp';
      /** An IP address, or a name that the dialler looks up. */
      readonly host: string;
      readonly port: number;
      /** The name that was looked up to this address: whom the certificate must be for. */
      readonly name?: string | undefined;
    }
  | {
      readonly kind: 'unix';
      /** The path of the socket; behind an octet 0 a name in Linux's abstract namespace. */
      readonly path: string;
    };

/** `127.0.0.1:50051`, `[::1]:50051`, `unix:/path` or `unix-abstract:name`. */
export function addressText(address: Address): string {
  if (address.kind === 'tcp') return `${hostText(address.host)}:${address.port}`;
  const { path } = address;
  return path.startsWith('\0') ? `unix-abstract:${path.slice(1)}` : `unix:${path}`;
}

/** A host as it stands before a port: IPv6 addresses in brackets. */
export function hostText(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** Reads what `addressText` writes; also `host:port` with a name. TypeError or RangeError, which begins with `where`. */
export function parseAddress(text: unknown, where: string): Address {
  if (typeof text !== 'string') throw new TypeError(`${where} must be a string, not ${String(text)}`);
  if (/^unix(?:-abstract)?:/.test(text)) return parseUnixAddress(text, where);
  const match = /^(?:\[([^\]]*)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? asciiHostName(match?.[2] ?? '');
  if (match === null || host === undefined || (match[1] !== undefined && !isIPv6(host))) {
    throw new TypeError(
      `${where} must be '127.0.0.1:50051', '[::1]:50051', 'unix:/path' or the like, not ${JSON.stringify(text)}`,
    );
  }
  const port = Number(match[3]);
  checkPort(port, `${where}, ${JSON.stringify(text)}`);
  return { kind: 'tcp', host, port };
}

/** Reads `unix:path`, `unix:///path` and `unix-abstract:name`. TypeError, which begins with `where`. */
export function parseUnixAddress(text: string, where: string): Address {
  const [, abstract, rest] = /^unix(-abstract)?:(.*)$/s.exec(text) ?? [];
  const path = abstract === undefined && rest?.startsWith('///') ? rest.slice(2) : (rest ?? '');
  if (path === '' || path.includes('\0') || (abstract === undefined && path.startsWith('//'))) {
    throw new TypeError(
      `${where} names no socket; give ${abstract === undefined ? 'unix:/path or unix:///path' : 'unix-abstract:name'}`,
    );
  }
  return { kind: 'unix', path: abstract === undefined ? path : `\0${path}` };
}

/** RangeError for anything that is not a port. */
export function checkPort(port: unknown, where: string): asserts port is number {
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65535) {
    const shown = typeof port === 'string' ? JSON.stringify(port) : String(port);
    const asNumber =
      typeof port === 'string' && /^\d{1,5}$/.test(port) ? `; give it as a number, ${Number(port)}` : '';
    throw new RangeError(
      `${where}: the port must be a whole number from 1 to 65535, not ${shown}${asNumber}`,
    );
  }
}

/** Loose on purpose: it tells an address from a name; dialling checks the rest. */
export function isIPv6(text: string): boolean {
  return /^[0-9a-fA-F:.]*:[0-9a-fA-F:.]*(%[\w.-]+)?$/.test(text) && (text.match(/:/g)?.length ?? 0) >= 2;
}

/** Whether it is four numbers from 0 to 255. */
export function isIPv4(text: string): boolean {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  return parts?.slice(1).every((part) => Number(part) <= 255) === true;
}

/** The addresses without those that were there already, in order. */
export function withoutRepeats(addresses: readonly Address[]): Address[] {
  const seen = new Set<string>();
  return addresses.filter((address) => {
    const text = addressText(address);
    return !seen.has(text) && seen.add(text);
  });
}

/**
 * The addresses with those of the two IP families in turn, beginning with the family of the first, so that a broken
 * family costs one attempt. Sources: RFC 8305 §4, gRFC A61.
 */
export function interleaveFamilies(addresses: readonly Address[]): Address[] {
  const isV6 = (address: Address): boolean => address.kind === 'tcp' && address.host.includes(':');
  const [first] = addresses;
  if (first === undefined) return [];
  const same = addresses.filter((address) => isV6(address) === isV6(first));
  const other = addresses.filter((address) => isV6(address) !== isV6(first));
  const result: Address[] = [];
  for (let i = 0; i < Math.max(same.length, other.length); i++) {
    if (i < same.length) result.push(same[i]);
    if (i < other.length) result.push(other[i]);
  }
  return result;
}
