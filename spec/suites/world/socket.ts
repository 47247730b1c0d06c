// The two ends of a connection of a world, each as net.Socket behaves: half-closed by the peer it ends itself when
// what it wrote has gone, written to after the peer is gone it is reset. It knows no octet's meaning.

import type { ByteSocket } from '../../../lib/channel/socket/byte-socket.ts';
import type { Chance } from './chance.ts';
import type { EventLoop, VirtualProcess } from './event-loop.ts';
import { type Path, Pipe } from './pipe.ts';

/** As with the operating system's sockets, a small rest does not stop the writer. */
const HIGH_WATER_OCTETS = 16 * 1024;

export interface SocketUser {
  onRead(octets: Uint8Array): void;
  onDrain(): void;
  /** The other side writes no more. */
  onEnd?(): void;
  onClose(error: Error | undefined): void;
}

export interface SocketSide {
  readonly process: VirtualProcess;
  /** The context its events run in: that of who opened it. */
  readonly caller: string | undefined;
  /** Whether it goes on writing when the other side has ended. */
  readonly allowsHalfOpen: boolean;
}

export class VirtualSocket implements ByteSocket {
  readonly isInMemory = true;
  remoteAddress: string | undefined;
  remotePort: number | undefined;
  isRef = true;
  isClosed = false;
  /** Not connected yet: to close it softly waits for that. */
  isConnecting = false;
  readonly side: SocketSide;
  #user: SocketUser | undefined;
  #out: Pipe | undefined;
  #in: Pipe | undefined;
  #other: VirtualSocket | undefined;
  readonly #latencyMs: number;
  #needsDrain = false;
  #isEnding = false;
  #isDestroying = false;

  private constructor(side: SocketSide, latencyMs: number) {
    this.side = side;
    this.#latencyMs = latencyMs;
  }

  static pair(
    loop: EventLoop,
    path: Path,
    chance: Chance,
    near: SocketSide,
    far: SocketSide,
  ): readonly [VirtualSocket, VirtualSocket] {
    const a = new VirtualSocket(near, path.latencyMs);
    const b = new VirtualSocket(far, path.latencyMs);
    a.#join(b, loop, path, chance);
    b.#join(a, loop, path, chance);
    return [a, b];
  }

  use(user: SocketUser): void {
    this.#user = user;
  }

  get writableLength(): number {
    return this.#out?.unsentOctets ?? 0;
  }

  write(octets: Uint8Array): boolean {
    if (this.isClosed || this.#isEnding || this.#out === undefined) return false;
    if (this.#other?.isClosed === true) {
      // The other side's kernel answers with a reset.
      this.#out.drop(false);
      this.#later(2 * this.#latencyMs, () => this.#finish(reset()));
      return true;
    }
    this.#out.write(octets);
    const hasRoom = this.#out.unsentOctets < HIGH_WATER_OCTETS;
    if (!hasRoom) this.#needsDrain = true;
    return hasRoom;
  }

  cork(): void {}
  uncork(): void {}

  ref(): void {
    this.isRef = true;
  }

  unref(): void {
    this.isRef = false;
  }

  /** Closes at once. What the kernel has still goes out; with unread octets the other side is reset instead. */
  destroy(): void {
    if (this.isClosed) return;
    const isAbrupt = this.#in?.hasUnread === true;
    this.#out?.drop(false);
    if (isAbrupt) this.#resetOther();
    else this.#out?.end();
    this.#close(undefined);
  }

  /** Closes behind what was written. */
  destroySoon(): void {
    if (this.isClosed || this.#isDestroying) return;
    this.#isDestroying = true;
    if (this.isConnecting) return;
    this.end();
    if (this.writableLength === 0) this.#close(undefined);
  }

  /** The connection was made. False where it was only waited for to be closed. */
  connected(): boolean {
    this.isConnecting = false;
    if (!this.#isDestroying) return !this.isClosed;
    this.#isDestroying = false;
    this.destroySoon();
    return false;
  }

  /** Writes no more; reads on. */
  end(): void {
    if (this.isClosed || this.#isEnding) return;
    this.#isEnding = true;
    this.#out?.end();
  }

  /** Both sides lose it at once, as when a server is killed or a firewall says so. */
  abort(): void {
    this.#resetOther();
    this.#close(reset());
  }

  /** No connection came about. */
  fail(error: Error): void {
    this.#close(error);
  }

  /** Nothing goes either way, and nobody is told. */
  stall(isStalled: boolean): void {
    this.#in?.stall(isStalled);
    this.#out?.stall(isStalled);
  }

  /** Does not read what comes. */
  pause(isPaused: boolean): void {
    this.#in?.pause(isPaused);
  }

  #join(other: VirtualSocket, loop: EventLoop, path: Path, chance: Chance): void {
    this.#other = other;
    this.#out = new Pipe(loop, path, chance, {
      reader: other.side.process,
      readerCaller: other.side.caller,
      onRead: (octets) => {
        if (!other.isClosed) other.#user?.onRead(octets);
      },
      onEnd: () => other.#onEnd(),
      onEmpty: () => this.#later(this.#latencyMs, () => this.#onEmpty()),
    });
    other.#in = this.#out;
  }

  #onEmpty(): void {
    if (this.isClosed || this.writableLength > 0) return;
    if (this.#isDestroying || (this.#isEnding && !this.side.allowsHalfOpen)) {
      this.#close(undefined);
      return;
    }
    if (!this.#needsDrain) return;
    this.#needsDrain = false;
    this.#user?.onDrain();
  }

  #onEnd(): void {
    if (this.isClosed) return;
    this.#user?.onEnd?.();
    if (this.side.allowsHalfOpen || this.isClosed) return;
    this.end();
    if (this.writableLength === 0) this.#close(undefined);
  }

  #resetOther(): void {
    const other = this.#other;
    if (other === undefined || other.isClosed) return;
    this.#out?.drop(true);
    other.#later(this.#latencyMs, () => other.#finish(reset()));
  }

  #finish(error: Error): void {
    this.#out?.drop(true);
    this.#in?.drop(true);
    this.#close(error);
  }

  #close(error: Error | undefined): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.isRef = false;
    this.#later(0, () => this.#user?.onClose(error));
  }

  #later(ms: number, run: () => void): void {
    const { process, caller } = this.side;
    process.ioAt(process.loop.nowMs + ms, run, caller);
  }
}

function reset(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read', errno: -104 });
}
