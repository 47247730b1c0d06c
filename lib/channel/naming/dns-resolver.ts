// Looks host names up: A and AAAA records as the system gives them (hosts file, search domains), or from a name server
// that the target names; and, only where asked for, TXT records with a service config (gRFC A2).

import type { LookupAddress } from 'node:dns';
import type { Address } from '../target/address.ts';

/** The parts of node:dns that are used, so that specs can give their own. What is aborted may stay unanswered. */
export interface Dns {
  /** As dns.promises.lookup with `all`. */
  lookup(host: string, signal: AbortSignal): Promise<readonly LookupAddress[]>;
  /** Asks a name server itself. */
  resolve(host: string, server: string, signal: AbortSignal): Promise<readonly LookupAddress[]>;
  /** Each record the list of its character strings. */
  resolveTxt(
    host: string,
    server: string | undefined,
    signal: AbortSignal,
  ): Promise<readonly (readonly string[])[]>;
}

/** node:dns, fetched when a name is first looked up. */
function nodeDns(): typeof import('node:dns').promises {
  return process.getBuiltinModule('node:dns').promises;
}

/** A resolver that asks a name server, until the signal is aborted: a question that is open keeps the process alive. */
function asking(
  server: string | undefined,
  signal: AbortSignal,
): InstanceType<ReturnType<typeof nodeDns>['Resolver']> {
  const { Resolver } = nodeDns();
  const resolver = new Resolver();
  if (server !== undefined) resolver.setServers([server]);
  signal.addEventListener('abort', () => resolver.cancel(), { once: true });
  return resolver;
}

export const NODE_DNS: Dns = {
  // The system's own look-up (getaddrinfo) cannot be taken back: it ends by its own time limits (resolv.conf).
  lookup: (host) => nodeDns().lookup(host, { all: true, verbatim: true }),
  async resolve(host, server, signal) {
    const resolver = asking(server, signal);
    const found = await bothFamilies(resolver.resolve6(host), resolver.resolve4(host));
    // The family that is still to come is no longer wanted.
    resolver.cancel();
    return found;
  },
  resolveTxt: (host, server, signal) => asking(server, signal).resolveTxt(host),
};

interface FamilyAnswer {
  readonly addresses: readonly LookupAddress[];
  readonly failure: unknown;
}

const NO_ANSWER: FamilyAnswer = { addresses: [], failure: undefined };

/** What there is of both families. One that has addresses is not kept waiting for the other for long. */
async function bothFamilies(
  v6: Promise<readonly string[]>,
  v4: Promise<readonly string[]>,
): Promise<LookupAddress[]> {
  const six = ofFamily(6, v6);
  const four = ofFamily(4, v4);
  const { addresses } = await Promise.race([six, four]);
  const waitMs = addresses.length > 0 ? OTHER_FAMILY_WAIT_MS : Infinity;
  const answers = await Promise.all([orAfter(six, waitMs, NO_ANSWER), orAfter(four, waitMs, NO_ANSWER)]);
  const found = answers.flatMap((answer) => answer.addresses);
  const { failure } = answers[1];
  if (found.length === 0 && failure !== undefined) throw failure;
  return found;
}

async function ofFamily(family: 4 | 6, answer: Promise<readonly string[]>): Promise<FamilyAnswer> {
  try {
    const addresses = (await answer).map((address) => ({ address, family }));
    return { addresses, failure: undefined };
  } catch (failure) {
    return { addresses: [], failure };
  }
}

/** What a promise brings, or another value when that takes too long. */
async function orAfter<T, U>(promise: Promise<T>, ms: number, otherwise: U): Promise<T | U> {
  if (ms === Infinity) return promise;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<U>((resolve) => {
    timer = setTimeout(resolve, ms, otherwise);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

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
  /** Empty where there are none; undefined where they were not asked for, or did not come in time. */
  readonly txt: readonly (readonly string[])[] | undefined;
}

/** What comes before a name whose TXT records hold a service config. Source: gRFC A2. */
const TXT_PREFIX = '_grpc_config.';

/** How long addresses of one family wait for those of the other, and addresses for a service config. */
const OTHER_FAMILY_WAIT_MS = 1000;
const TXT_WAIT_MS = 2000;

/** One look-up. Rejects when there are no addresses; TXT records that cannot be read count as absent. */
export async function lookUp(
  { host, port, server, wantsTxt }: DnsQuestion,
  dns: Dns,
  signal: AbortSignal,
): Promise<DnsAnswer> {
  const txt = wantsTxt ? dns.resolveTxt(`${TXT_PREFIX}${host}`, server, signal).catch(() => []) : undefined;
  const found = await (server === undefined ? dns.lookup(host, signal) : dns.resolve(host, server, signal));
  if (found.length === 0) throw new Error(`the host name '${host}' has no addresses`);
  const addresses = found.map(({ address }): Address => ({ kind: 'tcp', host: address, port, name: host }));
  // Addresses that are known are not kept back for a config that does not come.
  return { addresses, txt: txt === undefined ? undefined : await orAfter(txt, TXT_WAIT_MS, undefined) };
}
