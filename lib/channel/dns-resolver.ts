// Looks host names up: A and AAAA records as the system gives them (hosts file, search domains), or from a name server
// that the target names; and, only where asked for, TXT records with a service config (gRFC A2).

import type { LookupAddress } from 'node:dns';
import type { Address } from './address.ts';

/** The parts of node:dns that are used, so that specs can give their own. */
export interface Dns {
  /** As dns.promises.lookup with `all`. */
  lookup(host: string): Promise<readonly LookupAddress[]>;
  /** Asks a name server itself. */
  resolve(host: string, server: string): Promise<readonly LookupAddress[]>;
  /** Each record the list of its character strings. */
  resolveTxt(host: string, server: string | undefined): Promise<readonly (readonly string[])[]>;
}

/** node:dns, fetched when a name is first looked up. */
function nodeDns(): typeof import('node:dns').promises {
  return process.getBuiltinModule('node:dns').promises;
}

function asking(server: string): InstanceType<ReturnType<typeof nodeDns>['Resolver']> {
  const { Resolver } = nodeDns();
  const resolver = new Resolver();
  resolver.setServers([server]);
  return resolver;
}

export const NODE_DNS: Dns = {
  lookup: (host) => nodeDns().lookup(host, { all: true, verbatim: true }),
  async resolve(host, server) {
    const resolver = asking(server);
    const [v6, v4] = await Promise.allSettled([resolver.resolve6(host), resolver.resolve4(host)]);
    const found = [
      ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
      ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ];
    if (found.length === 0 && v4.status === 'rejected') throw v4.reason;
    return found;
  },
  resolveTxt: (host, server) => (server === undefined ? nodeDns() : asking(server)).resolveTxt(host),
};

export interface DnsQuestion {
  readonly host: string;
  readonly port: number;
  /** The name server to ask; undefined for the system's ways. */
  readonly server: string | undefined;
  /** Whether TXT records are wanted, too. */
  readonly wantsTxt: boolean;
}

export interface DnsAnswer {
  readonly addresses: readonly Address[];
  /** Empty where there are none, or were not asked for. */
  readonly txt: readonly (readonly string[])[];
}

/** What comes before a name whose TXT records hold a service config. Source: gRFC A2. */
const TXT_PREFIX = '_grpc_config.';

/** One look-up. Rejects when there are no addresses; TXT records that cannot be had are none. */
export async function lookUp({ host, port, server, wantsTxt }: DnsQuestion, dns: Dns): Promise<DnsAnswer> {
  const txt = wantsTxt ? dns.resolveTxt(`${TXT_PREFIX}${host}`, server).catch(() => []) : [];
  const found = await (server === undefined ? dns.lookup(host) : dns.resolve(host, server));
  if (found.length === 0) throw new Error(`the host name '${host}' has no addresses`);
  const addresses = found.map(({ address }): Address => ({ kind: 'tcp', host: address, port, name: host }));
  return { addresses, txt: await txt };
}
