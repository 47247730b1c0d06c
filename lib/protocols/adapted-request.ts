// A request for a stream as another protocol has it: between the call above, which speaks gRPC, and the channel's stream
// below. The base of the adapters: it passes everything on, and ends the call where the response is not one of its protocol.

import { wrongMetadata } from '../rpc/call-credentials.ts';
import { fieldValue } from '../rpc/field-list.ts';
import { decodeGrpcMessage } from '../rpc/grpc-message.ts';
import { labelOf } from '../rpc/http-answer.ts';
import { H2_CANCEL, type Outcome, outcomeOfHttp } from '../rpc/outcome.ts';
import { RelayedRequest } from '../rpc/relayed-request.ts';
import type { FieldList, Peer, StreamEnd, StreamRequest, TransportStream } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';

export abstract class AdaptedRequest extends RelayedRequest implements TransportStream {
  /** The channel has been asked for its stream. */
  isOpening = false;
  /** Called once, when it has its stream or will have none. */
  onSettled: () => void = () => {};
  /** That of who stands below. */
  onLastFields: (fields: FieldList) => void = () => {};
  /** Nothing goes up any more. */
  protected isOver = false;
  /** The response is not the protocol's: whatever comes goes up as it is. */
  protected isForeign = false;
  protected readonly request: StreamRequest;
  #stream: TransportStream | undefined;

  constructor(request: StreamRequest) {
    super(request);
    this.request = request;
  }

  /** Ends the call before it asks for a stream: its credentials are metadata that the protocol has no place for. */
  refuse(mistake: unknown): void {
    this.decide({ code: StatusCode.INTERNAL, details: wrongMetadata(mistake), cause: mistake });
  }

  /** Whether a stream can be asked for now. Where it needs the whole request first, it is asked again as that grows. */
  prepare(): boolean {
    return true;
  }

  // --- from the channel

  override onOpen(stream: TransportStream, peer: Peer): void {
    this.#stream = stream;
    this.onSettled();
    super.onOpen(this, peer);
  }

  override onEnd(end: StreamEnd): void {
    this.onSettled();
    if (this.isOver) return;
    this.isOver = true;
    super.onEnd(end);
  }

  // --- the stream, as the call sees it

  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    return this.#stream?.write(bytes, start, end, owned, endStream) ?? false;
  }

  end(): void {
    this.#stream?.end();
  }

  reset(code: number): void {
    this.isOver = true;
    this.#stream?.reset(code);
  }

  credit(octets: number, isAwaited: boolean): void {
    this.#stream?.credit(octets, isAwaited);
  }

  taken(octets: number): void {
    this.#stream?.taken(octets);
  }

  // --- for adapters

  /** What was received here and goes no further, so that the server may send as much again. */
  protected consumed(octets: number): void {
    if (octets > 0) this.#stream?.taken(octets);
  }

  /** The head of a response that is not the protocol's. */
  protected passForeign(fields: FieldList, endStream: boolean): void {
    this.isForeign = true;
    const spoken = labelOf(fields);
    if (spoken === undefined || spoken === this.head.protocol?.label) super.onHeaders(fields, endStream);
    else {
      // The call would take gRPC for its own; and a status of another protocol says less than that it is another.
      const said = decodeGrpcMessage(fieldValue(fields, 'grpc-message') ?? '');
      this.decide(outcomeOfHttp(fields, said, this.head.protocol, this.isExpired()));
    }
  }

  /** Ends the call with a status of this side, and the stream unless it has ended. */
  protected decide({
    code,
    details,
    cause,
    isForeign,
  }: Pick<Outcome, 'code' | 'details' | 'cause' | 'isForeign'>): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onSettled();
    this.#stream?.reset(H2_CANCEL);
    super.onEnd({ kind: 'decided', code, reason: details, cause, ...(isForeign && { isForeign }) });
  }

  /** Ends the stream, unless it has none: the server did nothing of the call, which is to be sent again, in another form. */
  protected endUnprocessed(reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    this.onSettled();
    this.#stream?.reset(H2_CANCEL);
    super.onEnd({ kind: 'refused', reason });
  }

  /** Ends the call with a status of the server's, as gRPC's trailers say it. */
  protected conclude(trailers: FieldList): void {
    if (this.isOver) return;
    this.onLastFields(trailers);
    super.onTrailers(trailers);
    this.#complete();
  }

  /** The same where the response has nothing but its head, of which the call may still try another attempt. */
  protected concludeAtOnce(head: FieldList | undefined, trailers: FieldList): void {
    if (this.isOver) return;
    this.onLastFields(trailers);
    super.onHeaders(trailers, true, head);
    this.#complete();
  }

  /** Unless what was told last made the call reset the stream. */
  #complete(): void {
    if (this.isOver) return;
    this.isOver = true;
    super.onEnd({ kind: 'complete' });
  }
}
