// What the peer has said by GOAWAY (RFC 9113 §6.8): up to which stream it goes on, and why it ends the connection.

import { errorCodeName, NO_ERROR } from './error-code.ts';
import { printable } from './header-rules.ts';

export class PeerGoAway {
  /** The lowest last stream id that it named; below zero while no GOAWAY has come. */
  lastStreamId: number = -1;
  /** Its latest code. */
  code: number = NO_ERROR;
  #debugData = '';

  get hasCome(): boolean {
    return this.lastStreamId >= 0;
  }

  receive(lastStreamId: number, code: number, debugData: string): void {
    // A later one may lower the last stream id, never raise it.
    this.lastStreamId = this.hasCome ? Math.min(this.lastStreamId, lastStreamId) : lastStreamId;
    this.code = code;
    this.#debugData = debugData;
  }

  /** Its code by name, and its debug data, for people. */
  describe(): string {
    const debugData = this.#debugData === '' ? '' : ` "${printable(this.#debugData)}"`;
    return `${errorCodeName(this.code)}${debugData}`;
  }
}
