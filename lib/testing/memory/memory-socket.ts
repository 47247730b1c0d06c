// Two sockets joined in memory: what is written to one comes out of the other. It is as much of a socket as a connection
// needs, and knows nothing of HTTP/2.

import type { ByteSocket } from '../../channel/socket/byte-socket.ts';
import { keepAlive, letGo, nextTurn } from '../../values/turn.ts';
import type { Network, Pipe } from './network.ts';

/** What a socket reports to its user. */
export interface MemorySocketHandler {
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  onClose(error: Error | undefined): void;
}

/** As with the operating system's sockets, a little unsent data does not stop the writer. */
const HIGH_WATER_OCTETS = 16 * 1024;

export class MemorySocket implements ByteSocket {
  readonly isInMemory = true;
  #handler: MemorySocketHandler | undefined;
  #out: Pipe | undefined;
  #other: MemorySocket | undefined;
  #needsDrain = false;
  #isClosed = false;
  /** A real socket keeps the process alive by itself; in memory it takes a timer. */
  #alive: NodeJS.Timeout | undefined;

  private constructor() {}

  /** Both ends of a connection on a network. Each waits for its handler before anything comes out. */
  static pair(network: Network): readonly [MemorySocket, MemorySocket] {
    const a = new MemorySocket();
    const b = new MemorySocket();
    a.#join(b, network);
    b.#join(a, network);
    return [a, b];
  }

  /** Sets the handler of events. To be called before anything is written. */
  use(handler: MemorySocketHandler): void {
    this.#handler = handler;
  }

  get writableLength(): number {
    return this.#out?.octets ?? 0;
  }

  write(octets: Uint8Array): boolean {
    if (this.#isClosed || this.#out === undefined) return false;
    this.#out.push(octets);
    const hasRoom = this.#out.octets < HIGH_WATER_OCTETS;
    if (!hasRoom) this.#needsDrain = true;
    return hasRoom;
  }

  cork(): void {}
  uncork(): void {}

  ref(): void {
    if (!this.#isClosed) this.#alive ??= keepAlive();
  }

  unref(): void {
    letGo(this.#alive);
    this.#alive = undefined;
  }

  /** Closes at once; the other side sees the connection reset, and loses what is on its way. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#out?.destroy();
    const other = this.#other;
    this.#finish(undefined);
    nextTurn(() => {
      if (other !== undefined) other.#finish(new Error('the connection was reset'));
    });
  }

  /** Closes because the connection could not be made. */
  fail(error: Error): void {
    this.#finish(error);
  }

  /** Closes once what was written has gone out. */
  destroySoon(): void {
    if (this.#isClosed) return;
    this.#out?.end();
    this.#finish(undefined);
  }

  #join(other: MemorySocket, network: Network): void {
    this.#other = other;
    this.#out = network.pipe({
      onOctets: (octets) => {
        if (!other.#isClosed) other.#handler?.onRead(octets);
      },
      onDrain: () => {
        if (!this.#needsDrain || this.#isClosed) return;
        this.#needsDrain = false;
        this.#handler?.onDrain();
      },
      onEnd: () => other.#finish(undefined),
    });
  }

  #finish(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.unref();
    // What this side has written still reaches the other, which ends after it.
    this.#out?.end();
    nextTurn(() => this.#handler?.onClose(error));
  }
}
