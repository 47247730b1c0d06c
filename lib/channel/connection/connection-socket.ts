// The socket of one connection, from its dial to its end: what was dialled, and what stands on it where that is TLS or a
// tunnel. Decides how both are closed; when, and what is written, is the connection's.

import type { ByteSocket } from '../socket/byte-socket.ts';

/** So long a closed connection waits for the other end to take what was written, GOAWAY behind it. */
const CLOSE_LINGER_MS = 500;

export class ConnectionSocket {
  /** What octets are written to. */
  current: ByteSocket;
  /** What was dialled. */
  readonly #wire: ByteSocket;
  #isHeld = true;
  #lingerTimer: NodeJS.Timeout | undefined;

  constructor(wire: ByteSocket) {
    this.#wire = wire;
    this.current = wire;
  }

  /** Whether it keeps the process alive. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.current.ref();
    // With TLS inside TLS the one on top does not reach it.
    this.#wire.ref();
  }

  letGo(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.current.unref();
    this.#wire.unref();
  }

  /** Closes it once the last GOAWAY is written, or a moment later where the peer does not take that. */
  closeSoon(): void {
    this.current.destroySoon();
    this.#lingerTimer = setTimeout(() => this.destroy(), CLOSE_LINGER_MS);
    // What is to be written keeps the process alive by itself.
    this.#lingerTimer.unref();
  }

  destroy(): void {
    this.onClose();
    this.current.destroy();
    this.#wire.destroy();
  }

  /** It is closed. */
  onClose(): void {
    clearTimeout(this.#lingerTimer);
  }
}
