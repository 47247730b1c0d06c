// One connection as a hostile server sees it, whatever is spoken on it: sends what the script of a case says as it is,
// and lets scripts wait.

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Octets } from './wire.ts';

/** How long a script waits for what it expects before it says that it did not come: long enough for a busy machine. */
export const WAIT_MS = 10_000;
const FLOOD_CHUNK_OCTETS = 64 * 1024;

export abstract class PeerSocket {
  readonly socket: Socket;
  /** The connection itself, where `socket` is TLS on it. */
  readonly wire: Socket;
  /** Whether the client has closed the connection, or this side has. */
  isClosed = false;
  readonly #waiting = new Set<() => void>();

  constructor(socket: Socket, wire: Socket = socket) {
    this.socket = socket;
    this.wire = wire;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    // What goes wrong on the socket is the client's doing and shows as `isClosed`.
    socket.on('error', () => {});
    const onGone = (): void => {
      this.isClosed = true;
      this.wake();
    };
    socket.on('end', onGone);
    socket.on('close', onGone);
    socket.on('drain', () => this.wake());
  }

  // --- for the protocol

  /** What came from the client. */
  protected abstract receive(chunk: Buffer): void;

  /** Waits for anything to happen. */
  protected change(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, timeoutMs);
      this.#waiting.add(wake);
    });
  }

  protected wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  // --- steps of a script

  send(...parts: readonly Octets[]): void {
    if (this.socket.writable) this.socket.write(Buffer.concat(parts));
  }

  /** Sends octet by octet, each on its own. */
  async drip(bytes: Octets, gapMs = 0): Promise<void> {
    for (let i = 0; i < bytes.length && !this.isClosed; i++) {
      this.socket.write(bytes.subarray(i, i + 1));
      await delay(gapMs);
    }
  }

  /** Waits until something is so; an Error when the client closes, or nothing happens, before it is. */
  async until(what: string, isSo: () => boolean, timeoutMs: number = WAIT_MS): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!isSo()) {
      if (this.isClosed) throw new Error(`the client closed the connection before ${what}`);
      const leftMs = giveUpMs - performance.now();
      if (leftMs <= 0) throw new Error(`${what} did not come within ${timeoutMs} ms`);
      await this.change(leftMs);
    }
  }

  /** Waits until the client has closed the connection. */
  async closed(timeoutMs: number = WAIT_MS): Promise<void> {
    const giveUpMs = performance.now() + timeoutMs;
    while (!this.isClosed) {
      const leftMs = giveUpMs - performance.now();
      if (leftMs <= 0) throw new Error(`the client did not close the connection within ${timeoutMs} ms`);
      await this.change(leftMs);
    }
  }

  pause(ms: number): Promise<void> {
    return delay(ms);
  }

  /** Sends the same octets again and again, as fast as the client reads, until it closes. Gives how many went out. */
  async flood(bytes: Octets, times: number): Promise<number> {
    const atOnce = Math.max(1, Math.floor(FLOOD_CHUNK_OCTETS / bytes.length));
    const chunk = Buffer.concat(Array.from({ length: Math.min(atOnce, times) }, () => bytes));
    let sent = 0;
    while (sent < times && !this.isClosed) {
      const more = Math.min(atOnce, times - sent);
      sent += more;
      const hasRoom = this.socket.write(more === atOnce ? chunk : chunk.subarray(0, more * bytes.length));
      if (hasRoom) await delay(0);
      while (this.socket.writableNeedDrain && !this.isClosed) await this.change(WAIT_MS);
    }
    return sent;
  }

  /** Closes in the orderly way of TCP. */
  end(...last: readonly Octets[]): void {
    this.send(...last);
    this.socket.end();
  }

  /** TCP RST. */
  abort(): void {
    this.wire.resetAndDestroy();
  }
}
