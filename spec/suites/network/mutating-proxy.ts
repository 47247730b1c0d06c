// A proxy that does to octets what networks do: splits, delays, stops, cuts. It reads nothing of what goes through.

import net from 'node:net';

/** What happens to one direction of a connection. All numbers are drawn anew for each piece or connection. */
export interface Mutation {
  /** Pieces have from one to so many octets. Default as they come. */
  readonly maxPieceOctets?: number;
  /** A piece waits up to so many milliseconds. Default none. */
  readonly maxDelayMs?: number;
  /** After up to so many octets something happens, once. */
  readonly after?: { readonly maxOctets: number; readonly what: 'close' | 'reset' | 'stop' | 'pause' };
}

export interface MutatingProxy {
  readonly port: number;
  /** What happens to connections from now on: undefined for nothing. */
  set(mutations: { readonly up?: Mutation; readonly down?: Mutation } | undefined): void;
  /** Cuts every connection. */
  cut(): void;
  close(): Promise<void>;
}

/** How long a pause is. */
const PAUSE_MS = 80;

/** @param random from 0 to 1, as Math.random: a case is repeated by its seed */
export async function startMutatingProxy(target: number, random: () => number): Promise<MutatingProxy> {
  let mutations: { readonly up?: Mutation; readonly down?: Mutation } | undefined;
  const sockets = new Set<net.Socket>();
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    const upstream = net.connect({ host: '127.0.0.1', port: target, allowHalfOpen: true });
    const both = [client, upstream];
    for (const socket of both) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {}); // told by the close that follows
      socket.on('close', () => {
        sockets.delete(socket);
        for (const other of both) other.destroy();
      });
    }
    new Direction(client, upstream, mutations?.up ?? {}, random);
    new Direction(upstream, client, mutations?.down ?? {}, random);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as net.AddressInfo).port,
    set(next) {
      mutations = next;
    },
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

class Direction {
  readonly #to: net.Socket;
  readonly #from: net.Socket;
  readonly #mutation: Mutation;
  readonly #random: () => number;
  #left: number;
  #isStopped = false;
  #waiting: Buffer[] = [];
  #isBusy = false;
  #hasEnded = false;

  constructor(from: net.Socket, to: net.Socket, mutation: Mutation, random: () => number) {
    this.#from = from;
    this.#to = to;
    this.#mutation = mutation;
    this.#random = random;
    this.#left = mutation.after === undefined ? Infinity : Math.floor(random() * mutation.after.maxOctets);
    from.on('data', (octets) => {
      this.#waiting.push(octets);
      this.#next();
    });
    from.on('end', () => {
      this.#hasEnded = true;
      this.#next();
    });
  }

  #next(): void {
    if (this.#isBusy || this.#isStopped || this.#to.destroyed) return;
    const first = this.#waiting.shift();
    if (first === undefined) {
      if (this.#hasEnded) this.#to.end();
      return;
    }
    const { maxPieceOctets, maxDelayMs } = this.#mutation;
    const most =
      maxPieceOctets === undefined ? first.length : 1 + Math.floor(this.#random() * maxPieceOctets);
    const piece = first.subarray(0, Math.min(most, this.#left));
    if (piece.length < first.length) this.#waiting.unshift(first.subarray(piece.length));
    this.#left -= piece.length;
    this.#isBusy = true;
    const send = (): void => {
      this.#isBusy = false;
      if (piece.length > 0) this.#to.write(piece);
      if (this.#left <= 0) this.#strike();
      this.#next();
    };
    if (maxDelayMs === undefined) setImmediate(send);
    else setTimeout(send, this.#random() * maxDelayMs);
  }

  #strike(): void {
    this.#left = Infinity;
    switch (this.#mutation.after?.what) {
      case 'close':
        this.#isStopped = true;
        this.#to.end();
        this.#from.destroySoon();
        break;
      case 'reset':
        this.#isStopped = true;
        this.#to.resetAndDestroy();
        break;
      case 'stop':
        // Half open: both ends believe in the connection, and nothing comes any more.
        this.#isStopped = true;
        break;
      case 'pause':
        this.#isStopped = true;
        setTimeout(() => {
          this.#isStopped = false;
          this.#next();
        }, PAUSE_MS);
        break;
      case undefined:
    }
  }
}
