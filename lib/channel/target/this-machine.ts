// Whether a host is this machine, as far as its spelling says: what goes there meets no proxy, and nobody can listen.

import type { BlockList } from 'node:net';
import { nodeNet } from './node-net.ts';

/**
 * Whether a host is this machine: `localhost` and the names below it, the loopback, and the unspecified address, under
 * which servers print that they listen on all addresses, and which connects to this machine.
 */
export function isThisMachine(host: string): boolean {
  const name = host.replace(/%.*$|\.$/, '').toLowerCase();
  if (name === 'localhost' || name.endsWith('.localhost')) return true;
  const family = nodeNet().isIP(name);
  return family !== 0 && thisMachine().check(name, family === 4 ? 'ipv4' : 'ipv6');
}

let addresses: BlockList | undefined;

function thisMachine(): BlockList {
  if (addresses !== undefined) return addresses;
  addresses = new (nodeNet().BlockList)();
  addresses.addSubnet('127.0.0.0', 8, 'ipv4');
  addresses.addAddress('0.0.0.0', 'ipv4');
  addresses.addAddress('::1', 'ipv6');
  addresses.addAddress('::', 'ipv6');
  // As IPv6 writes them.
  addresses.addSubnet('::ffff:127.0.0.0', 104, 'ipv6');
  addresses.addAddress('::ffff:0.0.0.0', 'ipv6');
  return addresses;
}
