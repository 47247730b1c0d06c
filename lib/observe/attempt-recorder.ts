// One attempt of a watched call: sits at the waist between an RPC and the channel, passes everything on, and records
// what passed and when. It decides nothing.

import { fieldValue, namesOf, without } from '../rpc/field-list.ts';
import { MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { outcomeOfEnd, outcomeOfHttp, outcomeOfTrailers } from '../rpc/outcome.ts';
import { RelayedRequest } from '../rpc/relayed-request.ts';
import type { FieldList, Peer, StreamEnd, StreamRequest, TransportStream } from '../rpc/transport.ts';
import { type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';
import { MessageCounter } from './message-counter.ts';
import type { CallAttempt } from './observed-call.ts';

/** The call that the attempt belongs to. */
export interface AttemptOwner {
  /** Milliseconds since the call was made. */
  elapsedMs(): number;
  /** Fields to send in addition to the request's own. */
  extraFields(own: FieldList, head: FieldList): FieldList;
  onStream(attempt: AttemptRecorder): void;
  onHeaders(attempt: AttemptRecorder): void;
  onMessage(attempt: AttemptRecorder, direction: 'sent' | 'received', octets: number): void;
  onAttemptEnd(attempt: AttemptRecorder): void;
}

export class AttemptRecorder extends RelayedRequest implements CallAttempt, TransportStream {
  readonly number: number;
  readonly startMs: number;
  streamMs: number | undefined;
  sentMs: number | undefined;
  headersMs: number | undefined;
  firstMessageMs: number | undefined;
  endMs: number | undefined;
  peer: Peer | undefined;
  sentMessages = 0;
  sentBytes = 0;
  receivedMessages = 0;
  receivedBytes = 0;
  code: StatusCodeValue | undefined;
  /** Whether the end of its stream is being reported to the RPC. */
  isEnding = false;
  readonly request: StreamRequest;
  /** The request's fields as sent, without credentials. */
  requestFields: FieldList = [];
  responseFields: FieldList = [];
  readonly #owner: AttemptOwner;
  readonly #counter = new MessageCounter();
  #stream: TransportStream | undefined;
  #trailers: FieldList | undefined;

  constructor(request: StreamRequest, owner: AttemptOwner, number: number) {
    super(request);
    this.request = request;
    this.number = number;
    this.startMs = owner.elapsedMs();
    this.#owner = owner;
  }

  get codeName(): StatusCodeName | undefined {
    return this.code === undefined ? undefined : statusCodeName(this.code);
  }

  /** Ends the attempt; later calls do nothing. */
  settle(code: StatusCodeValue): void {
    if (this.code !== undefined) return;
    this.code = code;
    this.endMs = this.#owner.elapsedMs();
    this.#owner.onAttemptEnd(this);
  }

  // --- the request, as the channel sees it

  override callFields(): FieldList | undefined {
    const own = super.callFields();
    const extra = this.#owner.extraFields(own ?? [], this.head.fields);
    const fields = extra.length === 0 ? own : (own ?? []).concat(extra);
    const sent = this.head.fields.concat(fields ?? []);
    const { credentialFields } = this.request;
    this.requestFields = credentialFields === undefined ? sent : without(sent, namesOf(credentialFields));
    return fields;
  }

  override onOpen(stream: TransportStream, peer: Peer): void {
    this.#stream = stream;
    this.peer = peer;
    this.streamMs = this.#owner.elapsedMs();
    this.#owner.onStream(this);
    super.onOpen(this, peer);
  }

  override onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void {
    this.responseFields = leading ?? fields;
    if (endStream) this.#trailers = fields;
    else {
      this.headersMs = this.#owner.elapsedMs();
      this.#owner.onHeaders(this);
    }
    super.onHeaders(fields, endStream, leading);
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    this.#counter.count(chunk, start, end, this.#onMessage);
    super.onData(chunk, start, end);
  }

  override onTrailers(fields: FieldList): void {
    this.#trailers = fields;
    super.onTrailers(fields);
  }

  override onEnd(end: StreamEnd): void {
    // If the call ends in here, its outcome counts; if it does not, it goes on with another attempt.
    this.isEnding = true;
    super.onEnd(end);
    this.isEnding = false;
    this.settle(this.#codeOf(end));
  }

  // --- the stream, as the RPC sees it

  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    const octets = end - start - MESSAGE_HEADER_OCTETS;
    this.sentMessages++;
    this.sentBytes += octets;
    this.#owner.onMessage(this, 'sent', octets);
    if (endStream) this.sentMs = this.#owner.elapsedMs();
    return this.#stream?.write(bytes, start, end, owned, endStream) ?? false;
  }

  get isWritten(): boolean | undefined {
    return this.#stream?.isWritten;
  }

  end(): void {
    this.sentMs = this.#owner.elapsedMs();
    this.#stream?.end();
  }

  reset(code: number): void {
    this.#stream?.reset(code);
  }

  credit(octets: number, isAwaited: boolean): void {
    this.#stream?.credit(octets, isAwaited);
  }

  taken(octets: number): void {
    this.#stream?.taken(octets);
  }

  readonly #onMessage = (octets: number): void => {
    this.receivedMessages++;
    this.receivedBytes += octets;
    this.firstMessageMs ??= this.#owner.elapsedMs();
    this.#owner.onMessage(this, 'received', octets);
  };

  #codeOf(end: StreamEnd): StatusCodeValue {
    if (end.kind !== 'complete') return outcomeOfEnd(end, false).code;
    const trailers = this.#trailers ?? [];
    if (fieldValue(trailers, 'grpc-status') === undefined) {
      return outcomeOfHttp(this.responseFields, '', this.head.protocol).code;
    }
    return outcomeOfTrailers(trailers).code;
  }
}
