// The socket of one connection, from its dial to its end: what was dialled, and what stands on it where that is TLS or a
// tunnel. Decides how both keep the process alive and are closed; when, and what is written, is the connection's.

import type { ByteSocket } from '../socket/byte-socket.ts';

/** So long a closed connection waits for the other end to take what was written, GOAWAY behind it. */
const CLOSE_LINGER_MS = 500;

/** How long a connection without streams still keeps the process alive. */
const IDLE_CHECK_MS = 10;

export class ConnectionSocket {
  /** What octets are written to. */
  current: ByteSocket;
  /** What was dialled. */
  readonly #wire: ByteSocket;
  readonly #isUnused: () => boolean;
  #isHeld = true;
  #idleTimer: NodeJS.Timeout | undefined;
  #lingerTimer: NodeJS.Timeout | undefined;

  /** @param isUnused whether nothing on it needs the process to live */
  constructor(wire: ByteSocket, isUnused: () => boolean) {
    this.#wire = wire;
    this.current = wire;
    this.#isUnused = isUnused;
  }

  /** Keeps the process alive. */
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

  /** Lets the process end when no more calls come. Not at once: the next call mostly follows in this turn. */
  letGoSoon(): void {
    if (this.#idleTimer !== undefined || !this.#isHeld) return;
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#isUnused()) this.letGo();
    }, IDLE_CHECK_MS);
    this.#idleTimer.unref();
  }

  /** Closes it once the last GOAWAY is written, or a moment later where the peer does not take that. */
  closeSoon(): void {
    clearTimeout(this.#idleTimer);
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
