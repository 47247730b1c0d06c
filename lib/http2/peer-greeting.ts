// The first octets of a connection: whether the other end speaks HTTP/2 at all (RFC 9113 §3.4), and if not, what
// came instead, in words that help to explain a wrong port.

import { CLIENT_PREFACE, CONTINUATION, FRAME_HEADER_OCTETS } from './frame.ts';
import { printable } from './header-rules.ts';

/** Enough for the head of an HTTP/1 response and the beginning of its page. */
const KEPT_OCTETS = 1024;
/** Errors of this layer quote from this many of them. */
const TOLD_OCTETS = 128;
const NONE = new Uint8Array(0);

export class PeerGreeting {
  readonly #isClient: boolean;
  readonly #maxFrameOctets: number;
  #octets: Uint8Array = new Uint8Array(KEPT_OCTETS);
  #length = 0;
  /** How many octets of the client's preface have come, in the server role. */
  #matched = 0;
  #isRight = false;

  constructor(isClient: boolean, maxFrameOctets: number) {
    this.#isClient = isClient;
    this.#maxFrameOctets = maxFrameOctets;
  }

  /** The first octets that came, at most 1024; none once they are forgotten. */
  get octets(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  /** Whether enough has come to know that this is HTTP/2. */
  get isRight(): boolean {
    return this.#isRight;
  }

  /**
   * Looks at a chunk. Returns where its frames begin, or -1 when it is not HTTP/2. Need not be called again once
   * `isRight`.
   */
  receive(bytes: Uint8Array): number {
    const kept = Math.min(bytes.length, KEPT_OCTETS - this.#length);
    this.#octets.set(bytes.subarray(0, kept), this.#length);
    this.#length += kept;
    return this.#isClient ? this.#receiveSettings() : this.#receivePreface(bytes);
  }

  /** The peer has shown what it is: what it began with is of no more use. */
  forget(): void {
    this.#octets = NONE;
    this.#length = 0;
  }

  /** `"HTTP/1.1 400 Bad Request"`, or octets in hex where they are not text. */
  describe(): string {
    const { octets } = this;
    let text = '';
    for (const octet of octets.subarray(0, TOLD_OCTETS)) {
      if (octet === 0x0d || octet === 0x0a) break;
      text += String.fromCharCode(octet);
    }
    const isText = text.length > 0 && /^[\x20-\x7e\t]*$/.test(text);
    if (isText) return `"${printable(text)}"`;
    return Array.from(octets.subarray(0, 16), (octet) => octet.toString(16).padStart(2, '0')).join(' ');
  }

  /** A server's preface is a SETTINGS frame. */
  #receiveSettings(): number {
    const octets = this.#octets;
    const isTooLong = this.#length > 0 && octets[0] << 16 > this.#maxFrameOctets;
    if (isTooLong) return -1;
    if (this.#length < FRAME_HEADER_OCTETS) return 0;
    const length = (octets[0] << 16) | (octets[1] << 8) | octets[2];
    // A frame other than SETTINGS is a fault, but an HTTP/2 one: FrameDispatch reports it.
    if (length > this.#maxFrameOctets || octets[3] > CONTINUATION) return -1;
    this.#isRight = true;
    return 0;
  }

  #receivePreface(bytes: Uint8Array): number {
    let at = 0;
    while (at < bytes.length && this.#matched < CLIENT_PREFACE.length) {
      if (bytes[at++] !== CLIENT_PREFACE[this.#matched++]) return -1;
    }
    this.#isRight = this.#matched === CLIENT_PREFACE.length;
    return at;
  }
}
