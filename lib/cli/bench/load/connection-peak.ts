// The most connections of HTTP/1.1 that a load has at once, one a call in flight, as the library's diagnostics channels tell.
// At its end some have been closed already.

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ConnectionClosed, ConnectionReady } from '../../../index.ts';

export class ConnectionPeak {
  #most = 0;
  readonly #open = new Set<number>();

  /** Counts from now on. */
  constructor() {
    subscribe('stubless:connection.ready', this.#onReady);
    subscribe('stubless:connection.close', this.#onClose);
  }

  /** Forgets what was before: connections that are open are used further. */
  restart(): void {
    this.#most = this.#open.size;
  }

  get most(): number {
    return this.#most;
  }

  stop(): void {
    unsubscribe('stubless:connection.ready', this.#onReady);
    unsubscribe('stubless:connection.close', this.#onClose);
  }

  readonly #onReady = (message: unknown): void => {
    const { connection, httpVersion } = message as ConnectionReady;
    if (httpVersion !== '1.1') return;
    this.#open.add(connection.id);
    this.#most = Math.max(this.#most, this.#open.size);
  };

  readonly #onClose = (message: unknown): void => {
    this.#open.delete((message as ConnectionClosed).connection.id);
  };
}
