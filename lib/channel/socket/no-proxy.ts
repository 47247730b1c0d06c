// Which hosts no_proxy lists, as those that the proxy of the environment is not for.

import { asciiHostName } from '../target/host-name.ts';
import { nodeNet } from '../target/node-net.ts';

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
  const { isIP } = nodeNet();
  const family = isIP(host);
  if (family !== 0) return family === isIP(name) && isInBlock(`${host}/${family === 4 ? 32 : 128}`, name);
  const spelled = host.replace(/^\*?\./, '').replace(/\.$/, '');
  const suffix = asciiHostName(spelled) ?? spelled;
  if (suffix === '') return false;
  return name.endsWith(`.${suffix}`) || (name === suffix && spelled === host.replace(/\.$/, ''));
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
  const { BlockList, isIP } = nodeNet();
  const family = isIP(address);
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN;
  // A malformed entry matches nothing, as everywhere.
  if (family === 0 || family !== isIP(name) || !(length <= (family === 4 ? 32 : 128))) return false;
  const block = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(address, length, type);
  return block.check(name, type);
}
