// Counts the messages in the octets of a response, by their headers alone, since watching a call must not change how it
// is read. Source: grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message".

import { MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';

export class MessageCounter {
  /** How many octets of the current header have arrived; `#length` is the message length in them so far. */
  #headerOctets = 0;
  #length = 0;
  /** How many octets of the current message are still missing. */
  #missing = 0;

  /** Calls `onMessage` with the length of each message that ends in `bytes[start, end)`. */
  count(bytes: Uint8Array, start: number, end: number, onMessage: (octets: number) => void): void {
    let at = start;
    while (at < end) {
      if (this.#headerOctets < MESSAGE_HEADER_OCTETS) {
        // The first octet is the flag.
        if (this.#headerOctets > 0) this.#length = ((this.#length << 8) | bytes[at]) >>> 0;
        at++;
        if (++this.#headerOctets < MESSAGE_HEADER_OCTETS) continue;
        this.#missing = this.#length;
      }
      const taken = Math.min(this.#missing, end - at);
      at += taken;
      this.#missing -= taken;
      if (this.#missing > 0) return;
      const octets = this.#length;
      this.#headerOctets = 0;
      this.#length = 0;
      onMessage(octets);
    }
  }
}
