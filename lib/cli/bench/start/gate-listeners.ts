// Where the start gate listens: on what the user named, and on nothing else.

import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { createServer, isIP, type Server } from 'node:net';
import { hostname } from 'node:os';
import { messageOf } from '../../../values/realm.ts';
import { LocalError } from '../../command/failure.ts';
import { type GateAddress, gateText } from './gate-words.ts';

/** All addresses of a name. */
export type Resolve = (host: string) => Promise<readonly string[]>;

const resolved: Resolve = async (host) => (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * An address is itself, and `localhost` those of the loopback interface. The name of this machine stands for all of its
 * addresses: what it knows itself by is often one of them alone, such as 127.0.1.1, which no other machine reaches; and a pod's
 * name is not in the DNS yet when it begins. Any other name stands for the addresses that it has.
 */
export async function gateAddresses(
  host: string,
  resolve: Resolve = resolved,
  ownName: string = hostname(),
): Promise<readonly (string | undefined)[]> {
  if (isIP(host) !== 0) return [host];
  if (firstLabel(host) !== 'localhost' && firstLabel(host) === firstLabel(ownName)) return [undefined];
  return [...new Set(await resolve(host))];
}

const firstLabel = (name: string): string => name.toLowerCase().split('.')[0];

/** Servers that listen there. Throws a LocalError that says why there are none. */
export async function gateListeners(
  { host, port }: GateAddress,
  resolve?: Resolve,
): Promise<readonly Server[]> {
  const servers: Server[] = [];
  let problem: unknown;
  try {
    for (const address of await gateAddresses(host, resolve)) {
      try {
        // Where any free one will do, it is the same at all addresses.
        servers.push(await listening(address, servers.length === 0 ? port : portOf(servers[0])));
      } catch (cause) {
        if (!isElsewhere(cause)) throw cause;
        problem = cause;
      }
    }
  } catch (cause) {
    for (const server of servers) server.close();
    throw new LocalError(
      `the start gate cannot be opened at ${gateText({ host, port })}: ${messageOf(cause)}`,
      {
        cause,
      },
    );
  }
  if (servers.length > 0) return servers;
  throw new LocalError(
    `the start gate cannot be opened at ${gateText({ host, port })}, which is no address of this machine: give shard 1 one that is, or 0.0.0.0 for all`,
    { cause: problem },
  );
}

async function listening(address: string | undefined, port: number): Promise<Server> {
  const server = createServer();
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

/** An address of another machine, or of a family that this one does not have. */
function isElsewhere(error: unknown): boolean {
  const { code } = error as { readonly code?: unknown };
  return code === 'EADDRNOTAVAIL' || code === 'EAFNOSUPPORT';
}

export function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
