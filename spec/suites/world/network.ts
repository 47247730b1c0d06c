// The hosts of a world as a dial finds them: those that listen, refuse, let packets vanish or accept and say nothing;
// and TLS as far as identities go. Keeps a record of every dial.

import type { ByteSocket } from '../../../lib/channel/socket/byte-socket.ts';
import type { SocketHandler } from '../../../lib/channel/socket/dial.ts';
import type { TlsCredentials } from '../../../lib/channel/socket/tls-credentials.ts';
import { type Address, addressText } from '../../../lib/channel/target/address.ts';
import type { Chance } from './chance.ts';
import type { EventLoop } from './event-loop.ts';
import type { Path } from './pipe.ts';
import { VirtualSocket } from './socket.ts';

/** What meets a connection at a host. */
export interface Host {
  readonly address: string;
  path: Path;
  /** `down`: the kernel refuses; `gone`: packets vanish. */
  reach: 'up' | 'down' | 'gone';
  /** Who it says it is in TLS; undefined: it speaks plaintext only. */
  identity: string | undefined;
  /** A connection was made; gives who uses the far end of it. */
  accept(socket: VirtualSocket, isTls: boolean): void;
}

/** One attempt to connect, as the network saw it. */
export interface DialRecord {
  readonly address: string;
  readonly startMs: number;
  /** When it failed, was given up or the connection ended. */
  endMs: number | undefined;
  outcome: 'pending' | 'refused' | 'wrong-identity' | 'connected' | 'abandoned';
  /** When the server's SETTINGS went out on it. */
  readyMs: number | undefined;
  /** The server closed it at once, and said nothing. */
  wasTurnedAway: boolean;
  /** A stream was answered on it. */
  hasServed: boolean;
  /** When the server said GOAWAY. */
  drainMs: number | undefined;
  /** The client's end. */
  readonly socket: VirtualSocket;
  far: VirtualSocket | undefined;
  readonly isTls: boolean;
  /** Whose TLS session it offered, and to whom. */
  readonly offered: { readonly of: string; readonly to: string } | undefined;
}

export class VirtualNetwork {
  readonly dials: DialRecord[] = [];
  readonly #loop: EventLoop;
  readonly #chance: Chance;
  readonly #hosts = new Map<string, Host>();
  #port = 40_000;

  constructor(loop: EventLoop, chance: Chance) {
    this.#loop = loop;
    this.#chance = chance;
  }

  add(host: Host): void {
    this.#hosts.set(host.address, host);
  }

  /** Changes whether a host is reached, also by connections that there are. */
  reach(host: Host, reach: Host['reach']): void {
    host.reach = reach;
    for (const { address, socket, far } of this.dials) {
      if (address !== host.address || far === undefined) continue;
      socket.stall(reach === 'gone');
    }
  }

  /** What a client is given for sockets. */
  readonly dial = (
    address: Address,
    credentials: TlsCredentials | undefined,
    handler: SocketHandler,
  ): ByteSocket => {
    const loop = this.#loop;
    const text = addressText(address);
    const host = this.#hosts.get(text);
    const path = host?.path ?? NOWHERE;
    const chance = this.#chance.fork(this.dials.length);
    const [near, far] = VirtualSocket.pair(
      loop,
      path,
      chance,
      { process: loop.client, caller: loop.caller, allowsHalfOpen: false },
      { process: loop.world, caller: undefined, allowsHalfOpen: true },
    );
    near.isConnecting = true;
    const identity = {
      address: text,
      serverName: nameToVerify(address, credentials),
      protocol: 'h2',
    };
    const session = credentials?.session(identity, Date.now());
    const record: DialRecord = {
      address: text,
      startMs: loop.nowMs,
      endMs: undefined,
      outcome: 'pending',
      readyMs: undefined,
      wasTurnedAway: false,
      hasServed: false,
      drainMs: undefined,
      socket: near,
      far: undefined,
      isTls: credentials !== undefined,
      offered:
        session === undefined
          ? undefined
          : { of: session.octets.toString(), to: `${identity.serverName} at ${text}` },
    };
    this.dials.push(record);
    loop.note(this.dials.length);
    near.use({
      onRead: (octets) => {
        handler.onRead(octets);
        // A read buffer is used again.
        octets.fill(0xee);
      },
      onDrain: () => handler.onDrain(),
      onClose: (error) => {
        record.endMs = loop.nowMs;
        if (record.outcome === 'pending') record.outcome = 'abandoned';
        handler.onClose(error);
      },
    });
    const trip = 2 * path.latencyMs;
    // The first packet arrives: what the host is then decides.
    const onSyn = (again: number): void => {
      if (near.isClosed) return;
      if (host?.reach === 'gone') {
        const waitMs = 1000 * 2 ** again;
        if (again < SYN_RETRIES) loop.world.ioAt(loop.nowMs + waitMs, () => onSyn(again + 1));
        else loop.client.ioAt(loop.nowMs + waitMs, () => near.fail(timedOut(text)), near.side.caller);
        return;
      }
      if (host === undefined || host.reach === 'down') {
        loop.client.ioAt(loop.nowMs + path.latencyMs, () => {
          if (near.isClosed) return;
          record.outcome = 'refused';
          near.fail(refused(text));
        });
        return;
      }
      const isTls = credentials !== undefined;
      const shakesMs = isTls ? trip : 0;
      if (isTls && host.identity === undefined) {
        loop.client.ioAt(loop.nowMs + path.latencyMs + shakesMs, () => {
          record.outcome = 'wrong-identity';
          near.fail(new Error('the handshake failed: it speaks plaintext'));
        });
        return;
      }
      const expected = identity.serverName;
      if (isTls && host.identity !== expected) {
        loop.client.ioAt(loop.nowMs + path.latencyMs + shakesMs, () => {
          if (near.isClosed) return;
          record.outcome = 'wrong-identity';
          near.fail(new Error(`the certificate is for ${host.identity}, not for ${expected}`));
        });
        return;
      }
      record.far = far;
      far.remoteAddress = '10.9.9.9';
      far.remotePort = ++this.#port;
      loop.world.ioAt(loop.nowMs + shakesMs, () => {
        if (far.isClosed) return;
        if (host.reach === 'down') far.abort();
        else host.accept(far, isTls);
      });
      loop.client.ioAt(
        loop.nowMs + path.latencyMs,
        () => {
          if (near.isClosed) return;
          const connect = (): void => {
            if (near.isClosed) return;
            if (host.reach === 'gone') {
              // The answer is lost, and sent again.
              loop.client.ioAt(loop.nowMs + 1000, connect, near.side.caller);
              return;
            }
            if (!near.connected()) return;
            record.outcome = 'connected';
            near.remoteAddress = address.kind === 'tcp' ? address.host : undefined;
            near.remotePort = address.kind === 'tcp' ? address.port : undefined;
            const octets = Buffer.from(`${identity.serverName} at ${text}`);
            credentials?.keepSession(identity, { octets, certificate: undefined }, credentials.context());
            handler.onConnect(near, undefined);
          };
          if (!isTls) connect();
          else {
            handler.onPhase('handshake');
            loop.client.ioAt(loop.nowMs + shakesMs, connect, near.side.caller);
          }
        },
        near.side.caller,
      );
    };
    loop.world.ioAt(loop.nowMs + path.latencyMs, () => onSyn(0));
    return near;
  };
}

/** How often Linux sends a SYN again, each time after twice as long (tcp_syn_retries). */
const SYN_RETRIES = 6;

const NOWHERE: Path = {
  latencyMs: 1,
  jitterMs: 0,
  octetsPerMs: Infinity,
  roomOctets: 65536,
  pieces: 'written',
};

/** As lib/channel/socket/dial.ts has it: whom the certificate must be for. */
function nameToVerify(address: Address, credentials: TlsCredentials | undefined): string {
  const name = credentials?.settings.serverName;
  if (name !== undefined) return name;
  return address.kind === 'unix' ? 'localhost' : (address.name ?? address.host);
}

function refused(address: string): Error {
  return Object.assign(new Error(`connect ECONNREFUSED ${address}`), {
    code: 'ECONNREFUSED',
    syscall: 'connect',
    errno: -111,
  });
}

function timedOut(address: string): Error {
  return Object.assign(new Error(`connect ETIMEDOUT ${address}`), {
    code: 'ETIMEDOUT',
    syscall: 'connect',
    errno: -110,
  });
}
