// Counts a client's calls and their messages. It is updated on every call, so it is nothing but a few numbers.

import { StatusCode, type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';

const STATUS_CODES = 17;

/** What a client has done since it was made: `client.stats()`. */
export interface ClientStats {
  /** The client's calls. */
  readonly calls: {
    /** How many were made. */
    readonly started: number;
    /** How many have not ended yet. */
    readonly running: number;
    /** How many ended with OK. */
    readonly succeeded: number;
    /** How many ended with any other status. */
    readonly failed: number;
    /** How many ended with each status; statuses without calls are left out. */
    readonly byStatus: Readonly<Partial<Record<StatusCodeName, number>>>;
  };
  /** The messages of its calls. */
  readonly messages: {
    /** How many were sent. */
    readonly sent: number;
    /** How many were received. */
    readonly received: number;
  };
  /** Octets on the sockets of the client's channel, with HTTP/2 framing but without that of TLS. */
  readonly octets: {
    /** How many were sent. */
    readonly sent: number;
    /** How many were received. */
    readonly received: number;
  };
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
