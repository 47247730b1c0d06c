// The transport of a client that speaks another protocol than gRPC: gives each request for a stream to an adapter, and that
// to the channel. Knows no protocol.

import type { FieldList, StreamRequest, Transport } from '../rpc/transport.ts';
import type { AdaptedRequest } from './adapted-request.ts';

export class AdaptingTransport implements Transport {
  readonly #channel: Transport;
  readonly #adapt: (request: StreamRequest) => AdaptedRequest;
  readonly #check: (fields: FieldList) => void;
  /** Requests without a stream, with what stands for them below. */
  readonly #waiting = new Map<StreamRequest, AdaptedRequest>();

  /** @param check throws what is wrong with metadata in the protocol */
  constructor(
    channel: Transport,
    adapt: (request: StreamRequest) => AdaptedRequest,
    check: (fields: FieldList) => void,
  ) {
    this.#channel = channel;
    this.#adapt = adapt;
    this.#check = check;
  }

  open(request: StreamRequest): void {
    const adapted = this.#adapt(request);
    adapted.onSettled = () => this.#waiting.delete(request);
    this.#waiting.set(request, adapted);
    try {
      // All others were checked where they were given.
      if (request.credentialFields !== undefined) this.#check(request.credentialFields);
    } catch (error) {
      adapted.refuse(error);
      return;
    }
    this.#openReady(adapted);
  }

  advance(request: StreamRequest): void {
    const adapted = this.#waiting.get(request);
    if (adapted !== undefined) this.#openReady(adapted);
  }

  withdraw(request: StreamRequest): void {
    const adapted = this.#waiting.get(request);
    if (adapted === undefined) return;
    this.#waiting.delete(request);
    if (adapted.isOpening) this.#channel.withdraw(adapted);
  }

  #openReady(adapted: AdaptedRequest): void {
    if (adapted.isOpening || !adapted.prepare()) return;
    adapted.isOpening = true;
    this.#channel.open(adapted);
  }
}
