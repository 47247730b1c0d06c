// A request for a stream that wraps another one and passes everything on: the base class of wrappers that watch or
// change what passes. It decides nothing.

import type { RequestMessage } from './replay-buffer.ts';
import type { FieldList, Peer, RequestHead, StreamEnd, StreamRequest, TransportStream } from './transport.ts';

export class RelayedRequest implements StreamRequest {
  /** The request's head, or one that a subclass has put in its place before requesting the stream. */
  head: RequestHead;
  readonly waitForReady: boolean;
  queuePlace = -1;
  readonly #request: StreamRequest;

  constructor(request: StreamRequest) {
    this.head = request.head;
    this.waitForReady = request.waitForReady;
    this.#request = request;
  }

  get isAgain(): boolean | undefined {
    return this.#request.isAgain;
  }

  get maxMessageOctets(): number | undefined {
    return this.#request.maxMessageOctets;
  }

  get credentialFields(): FieldList | undefined {
    return this.#request.credentialFields;
  }

  wholeRequest(): RequestMessage | undefined {
    return this.#request.wholeRequest?.();
  }

  isExpired(): boolean {
    return this.#request.isExpired?.() === true;
  }

  callFields(): FieldList | undefined {
    return this.#request.callFields();
  }

  onOpen(stream: TransportStream, peer: Peer): void {
    this.#request.onOpen(stream, peer);
  }

  onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void {
    this.#request.onHeaders(fields, endStream, leading);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#request.onData(chunk, start, end);
  }

  onTrailers(fields: FieldList): void {
    this.#request.onTrailers(fields);
  }

  onWritable(): void {
    this.#request.onWritable();
  }

  onEnd(end: StreamEnd): void {
    this.#request.onEnd(end);
  }
}
