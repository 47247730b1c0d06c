// Counts a client's calls and their messages. It is added to on every call, so it is a few numbers and nothing else.

import { StatusCode, type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';

const STATUS_CODES = 17;

/** What a client has done since it was made: `client.stats()`. */
export interface ClientStats {
  /** Calls of the client. */
  readonly calls: {
    /** All that were made. */
    readonly started: number;
    /** Those that have not ended yet. */
    readonly running: number;
    /** Ended with OK. */
    readonly succeeded: number;
    /** Ended with any other status. */
    readonly failed: number;
    /** How many ended with each status; statuses without calls are left out. */
    readonly byStatus: Readonly<Partial<Record<StatusCodeName, number>>>;
  };
  /** Messages of the client's calls. */
  readonly messages: { readonly sent: number; readonly received: number };
  /** Octets on the sockets of the client's channel, including HTTP/2 framing, without TLS's. */
  readonly octets: { readonly sent: number; readonly received: number };
}

export class CallStats {
  started = 0;
  sentMessages = 0;
  receivedMessages = 0;
  readonly #ended: number[] = new Array(STATUS_CODES).fill(0);

  onEnd(code: StatusCodeValue): void {
    this.#ended[code]++;
  }

  /** The counts now. */
  snapshot(octets: ClientStats['octets']): ClientStats {
    const byStatus: Partial<Record<StatusCodeName, number>> = {};
    let ended = 0;
    this.#ended.forEach((count, code) => {
      ended += count;
      if (count > 0) byStatus[statusCodeName(code as StatusCodeValue)] = count;
    });
    const { started } = this;
    const succeeded = this.#ended[StatusCode.OK];
    return {
      calls: { started, running: started - ended, succeeded, failed: ended - succeeded, byStatus },
      messages: { sent: this.sentMessages, received: this.receivedMessages },
      octets,
    };
  }
}
