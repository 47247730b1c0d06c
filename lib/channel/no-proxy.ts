// Which hosts are not reached through the proxy of the environment: the loopback, and what no_proxy lists.

import { BlockList, isIP } from 'node:net';

/** Whether a host is this machine. */
export function isLoopback(host: string): boolean {
  const name = host.replace(/%.*$|\.$/, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  if (isIP(name) === 4) return name.startsWith('127.');
  return isIP(name) === 6 && LOOPBACK.check(name, 'ipv6');
}

const LOOPBACK = new BlockList();
LOOPBACK.addAddress('::1', 'ipv6');
LOOPBACK.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');

/**
 * Whether a list, with commas or white space between its entries, names a host. An entry is `*`, a name (which means
 * the names below it, too; with `.` or `*.` before it only these), an IP address, or a CIDR block; `:port` may follow.
 */
export function isInNoProxy(list: string, host: string, port: number): boolean {
  const name = host.replace(/%.*$|\.$/, '').toLowerCase();
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .some((entry) => entry !== '' && matches(entry, name, port));
}

function matches(entry: string, name: string, port: number): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInBlock(entry, name);
  const { host, port: only } = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  if (host === '*') return true;
  const family = isIP(host);
  if (family !== 0) return family === isIP(name) && isInBlock(`${host}/${family === 4 ? 32 : 128}`, name);
  const suffix = host.replace(/^\*?\./, '').replace(/\.$/, '');
  if (suffix === '') return false;
  return name.endsWith(`.${suffix}`) || (name === suffix && suffix === host.replace(/\.$/, ''));
}

/** `host:port`, `[::1]:port`, and addresses of IPv6 without brackets, which have no port. */
function splitPort(entry: string): { readonly host: string; readonly port: number | undefined } {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry);
  if (match === null) return { host: entry, port: undefined };
  return { host: match[1] ?? match[2], port: match[3] === undefined ? undefined : Number(match[3]) };
}

function isInBlock(cidr: string, name: string): boolean {
  const [base, bits] = cidr.split('/');
  const address = base.replace(/^\[|\]$/g, '');
  const family = isIP(address);
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  // An entry that is none matches nothing, as everywhere.
  if (family === 0 || family !== isIP(name) || !(length <= (family === 4 ? 32 : 128))) return false;
  const block = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(address, length, type);
  return block.check(name, type);
}
