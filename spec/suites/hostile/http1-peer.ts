// The same connection where HTTP/1.1 is spoken on it: what the client sends is taken apart into requests, what the script
// of a case says is sent octet for octet. After its script it answers every further request.

import type { Socket } from 'node:net';
import { PeerSocket, WAIT_MS } from './peer-socket.ts';
import type { Octets } from './wire.ts';

const HEAD_END = '\r\n\r\n';

export class Http1Peer extends PeerSocket {
  /** Heads of requests that have come, and requests that have come to their end. */
  heads = 0;
  requests = 0;
  readonly #onAnswer: () => void;
  readonly #ordinary: Octets;
  #octets: Buffer = Buffer.alloc(0);
  /** Octets of the present body that have not come; undefined between requests. */
  #missing: number | 'chunked' | undefined;
  #takenHeads = 0;
  #takenRequests = 0;

  /** @param ordinary a whole response */
  constructor(socket: Socket, onAnswer: () => void, wire: Socket, ordinary: Octets) {
    super(socket, wire);
    this.#onAnswer = onAnswer;
    this.#ordinary = ordinary;
  }

  // --- steps of a script

  /** Waits for the head of the next request, which the script answers. */
  async request(): Promise<void> {
    const index = this.#takenHeads++;
    await this.until('a request', () => this.heads > index);
  }

  /** Waits for all of the next request, which the script answers. */
  async wholeRequest(): Promise<void> {
    await this.request();
    const index = this.#takenHeads;
    await this.until('the end of a request', () => this.requests >= index);
  }

  /** Answers in the ordinary way. */
  answer(): void {
    this.#onAnswer();
    this.send(this.#ordinary);
  }

  // --- after the script

  /** Answers every whole request that no script has taken, until the connection ends. */
  async serve(): Promise<void> {
    this.#takenRequests = this.#takenHeads;
    while (!this.isClosed) {
      if (this.requests <= this.#takenRequests) await this.change(WAIT_MS);
      else {
        this.#takenRequests++;
        this.answer();
      }
    }
  }

  protected receive(chunk: Buffer): void {
    this.#octets = this.#octets.length === 0 ? chunk : Buffer.concat([this.#octets, chunk]);
    while (this.#missing === undefined ? this.#takeHead() : this.#takeBody());
    this.wake();
  }

  #takeHead(): boolean {
    const end = this.#octets.indexOf(HEAD_END);
    if (end < 0) return false;
    const head = this.#octets.toString('latin1', 0, end);
    this.#octets = this.#octets.subarray(end + HEAD_END.length);
    this.heads++;
    this.#missing = /^transfer-encoding: chunked$/im.test(head)
      ? 'chunked'
      : Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
    return true;
  }

  /** Takes what has come of the body; false when there is no more of it for now. */
  #takeBody(): boolean {
    if (this.#missing === 'chunked') return this.#takeChunk();
    const octets = Math.min(this.#missing ?? 0, this.#octets.length);
    this.#octets = this.#octets.subarray(octets);
    this.#missing = (this.#missing ?? 0) - octets;
    if (this.#missing === 0) this.#endRequest();
    return this.#missing === undefined;
  }

  #takeChunk(): boolean {
    const line = this.#octets.indexOf('\r\n');
    if (line < 0) return false;
    const size = Number.parseInt(this.#octets.toString('latin1', 0, line), 16);
    const end = line + 2 + size + 2;
    if (this.#octets.length < end) return false;
    this.#octets = this.#octets.subarray(end);
    // The client sends no trailers.
    if (size === 0) this.#endRequest();
    return true;
  }

  #endRequest(): void {
    this.#missing = undefined;
    this.requests++;
  }
}
