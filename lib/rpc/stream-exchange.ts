// One RPC on one stream: writes the request's messages, finds the reply's, and decides through outcome.ts how
// it ended. It knows neither schemas nor connections.
//
// Longer than other files: the request that it may have to send again, the reply and the end are the state of one object,
// since objects of their own would be three more allocations a call.

import { called } from '../values/options/option-words.ts';
import { StatusCode, statusCodeName } from '../values/status.ts';
import { quoted } from '../values/text/page-text.ts';
import type { CallExchange, ExchangeListener, ExchangePhase } from './call-exchange.ts';
import { BUILT_IN_COMPRESSIONS, type Compression, type CompressionTable } from './compression/compression.ts';
import { HttpPage } from './http-page.ts';
import { compressMessage, decompressMessage } from './message-compression.ts';
import {
  COMPRESSED_FLAG,
  isOneMessage,
  MESSAGE_HEADER_OCTETS,
  type MessageFault,
  MessageReader,
} from './message-reader.ts';
import {
  clientOutcome,
  fieldValue,
  H2_CANCEL,
  H2_NO_ERROR,
  isGrpcContentType,
  isUnprocessed,
  type Outcome,
  outcomeOfEnd,
  outcomeOfHttp,
  outcomeOfTrailers,
} from './outcome.ts';
import { HALF_CLOSE, type RequestMessage } from './replay-buffer.ts';
import { MAX_RESENDS_WITHOUT_DEADLINE, type RefusalKind, type ResendClock, Resends } from './resends.ts';
import type {
  FieldList,
  Peer,
  RequestHead,
  StreamEnd,
  StreamRequest,
  Transport,
  TransportStream,
} from './transport.ts';

/**
 * So much of a request stream is kept until the response begins, in case that the server certainly did nothing of it.
 * (What a retry policy keeps is more, and bounded by `maxRetryBufferBytesPerCall`.)
 */
const MAX_RESEND_OCTETS = 64 * 1024;

export class StreamExchange implements StreamRequest, CallExchange {
  readonly head: RequestHead;
  readonly waitForReady: boolean;
  queuePlace = -1;
  /** Whether the call may go once more after REFUSED_STREAM (gRFC A6). */
  mayResend = true;
  headers: FieldList | undefined;
  trailers: FieldList | undefined;
  peer: Peer | undefined;

  readonly #listener: ExchangeListener;
  readonly #transport: Transport;
  readonly #maxOctets: number;
  /** What the request's messages are compressed with. */
  readonly #compression: Compression | undefined;
  /** What the reply's may be. */
  readonly #compressions: CompressionTable;
  /** Made when a message does not come alone and whole: most calls never need it. */
  #reader: MessageReader | undefined;
  readonly #replyStream: boolean;
  readonly #resendClock: ResendClock;
  /** Made when the server refuses the call. */
  #resends: Resends | undefined;
  #isReading: boolean;
  #stream: TransportStream | undefined;
  /** What was sent before there was a stream. */
  #waiting: RequestMessage[] | undefined;
  /** The whole request where it is one message, until the response begins; in case it has to be sent again. */
  #bytes: Uint8Array | undefined;
  #start = 0;
  #endOfBytes = 0;
  /** What was sent of a request stream, until the response begins. */
  #streamed: RequestMessage[] | undefined;
  #streamedOctets = 0;
  /** More was sent than is kept. */
  #isForgotten = false;
  /** What was written last has not left yet. */
  #isBlocked = false;
  #isRequestEnded = false;
  /** A message must not be compressed. */
  #isPlain = false;
  #isDone = false;
  /** What an HTTP server sends in place of an answer. */
  #page: HttpPage | undefined;
  /** Whether one reply has been delivered. */
  #hasReply = false;
  /** Octets of the message that the listener is looking at. */
  #delivering = 0;
  /** Octets of the incomplete message that were credited already. */
  #credited = 0;

  constructor(
    listener: ExchangeListener,
    transport: Transport,
    head: RequestHead,
    replyStream: boolean,
    maxReceiveMessageOctets: number,
    waitForReady: boolean,
    resendClock: ResendClock,
    compression: Compression | undefined = undefined,
    compressions: CompressionTable = BUILT_IN_COMPRESSIONS,
  ) {
    this.head = head;
    this.waitForReady = waitForReady;
    this.#isReading = !replyStream;
    this.#listener = listener;
    this.#transport = transport;
    this.#replyStream = replyStream;
    this.#maxOctets = maxReceiveMessageOctets;
    this.#resendClock = resendClock;
    this.#compression = compression;
    this.#compressions = compressions;
  }

  /** Asks for a stream. */
  begin(): void {
    this.#transport.open(this);
  }

  /**
   * Sends a message: `bytes[start + MESSAGE_HEADER_OCTETS, end)`, with room for the header before it, in memory that
   * is never written again. It is compressed, if the exchange compresses, unless `mayCompress` is false.
   * Returns false when the next one should wait for `onWritable`, or when the call has just failed.
   */
  send(bytes: Uint8Array, start: number, end: number, endStream: boolean, mayCompress = true): boolean {
    if (this.#isDone) return true;
    if (!mayCompress) this.#isPlain = true;
    else if (this.#compression !== undefined) {
      const compressed = compressMessage(this.#compression, bytes, start, end);
      if (compressed instanceof Uint8Array)
        return this.#send(compressed, 0, compressed.length, endStream, COMPRESSED_FLAG);
      if (compressed !== undefined) {
        this.fail(compressed);
        return false;
      }
    }
    return this.#send(bytes, start, end, endStream, 0);
  }

  #send(bytes: Uint8Array, start: number, end: number, endStream: boolean, flag: number): boolean {
    const size = end - start - MESSAGE_HEADER_OCTETS;
    bytes[start] = flag;
    bytes[start + 1] = size >>> 24;
    bytes[start + 2] = size >>> 16;
    bytes[start + 3] = size >>> 8;
    bytes[start + 4] = size;
    if (endStream) this.#isRequestEnded = true;
    if (this.#stream === undefined) {
      this.#waiting ??= [];
      this.#waiting.push({ bytes, start, end, endStream });
      this.#transport.advance?.(this);
      return false;
    }
    return this.#write(this.#stream, bytes, start, end, endStream);
  }

  /** Half-closes without a message. */
  endRequest(): void {
    if (this.#isDone || this.#isRequestEnded) return;
    this.#isRequestEnded = true;
    if (this.#stream !== undefined) this.#stream.end();
    else {
      this.#waiting ??= [];
      this.#waiting.push(HALF_CLOSE);
      this.#transport.advance?.(this);
    }
  }

  wholeRequest(): RequestMessage | undefined {
    const [first, second] = this.#waiting ?? [];
    const isWhole = first?.endStream === true || second?.endStream === true;
    if (!isWhole) return undefined;
    return this.#isPlain ? { ...first, mayCompress: false } : first;
  }

  get maxMessageOctets(): number {
    return this.#maxOctets;
  }

  #write(
    stream: TransportStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): boolean {
    if (this.headers === undefined && !this.#isForgotten) {
      if (endStream && this.#streamed === undefined) {
        this.#bytes = bytes;
        this.#start = start;
        this.#endOfBytes = end;
      } else this.#keep({ bytes, start, end, endStream });
    }
    const hasRoom = stream.write(bytes, start, end, true, endStream);
    if (!hasRoom) this.#isBlocked = true;
    return hasRoom;
  }

  #keep(message: RequestMessage): void {
    this.#streamedOctets += message.end - message.start;
    if (this.#streamedOctets > MAX_RESEND_OCTETS) {
      this.#isForgotten = true;
      this.#streamed = undefined;
      return;
    }
    this.#streamed ??= [];
    this.#streamed.push(message);
  }

  /** Set while the call wants the next message as soon as it is whole. */
  get isReading(): boolean {
    return this.#isReading;
  }

  set isReading(isReading: boolean) {
    if (isReading === this.#isReading) return;
    this.#isReading = isReading;
    if (this.#reader?.isIncomplete === true) this.#stream?.credit(0, isReading);
  }

  /** Who was refused goes before those that are new. */
  get isAgain(): boolean {
    return this.#resends !== undefined;
  }

  get phase(): ExchangePhase {
    if (this.headers !== undefined) return 'reading';
    if (this.#stream === undefined) return this.#resends?.isWaiting ? 'refused' : 'queued';
    return this.#isBlocked ? 'writing' : 'waiting';
  }

  get attempts(): number {
    return 1;
  }

  get lastFailure(): string {
    const refusal = this.#resends?.refusal;
    return refusal === undefined ? '' : `${statusCodeName(refusal.code)}: ${refusal.details}`;
  }

  /** Delivers the next message that is already here; false when there is none. */
  pull(): boolean {
    const reader = this.#reader;
    if (reader === undefined || !reader.next()) return false;
    this.#deliverNext(reader);
    this.#credit();
    return true;
  }

  /** Whether `pull` would deliver a message. */
  get hasMessage(): boolean {
    return this.#reader?.hasMessage === true;
  }

  /** Ends the exchange from this side: RST_STREAM if there is a stream, no more events, replies dropped. */
  abandon(): void {
    this.#end(H2_CANCEL);
    this.dropMessages();
  }

  /** Lets go of what arrived and was not read. */
  dropMessages(): void {
    const held = this.#reader?.held ?? 0;
    this.#reader?.clear();
    if (held > 0 && !this.#isDone) this.#stream?.taken(held);
  }

  callFields(): FieldList | undefined {
    return this.#listener.callFields();
  }

  onOpen(stream: TransportStream, peer: Peer): void {
    this.#stream = stream;
    this.peer = peer;
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    let hasRoom = true;
    for (const { bytes, start, end, endStream } of waiting) {
      if (start === end) stream.end();
      else hasRoom = this.#write(stream, bytes, start, end, endStream);
    }
    // Who ended the request with its last message waits for room, too.
    if (hasRoom) this.#listener.onWritable();
  }

  onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void {
    if (endStream) {
      // Trailers-only: `onEnd` follows.
      this.headers = leading;
      this.trailers = fields;
      return;
    }
    this.headers = fields;
    this.#bytes = undefined;
    this.#streamed = undefined;
    if (!isGrpcContentType(fieldValue(fields, 'content-type'))) {
      const { timers } = this.#resendClock;
      this.#page = HttpPage.behind(fields, timers, () => this.#finishPage(H2_CANCEL));
      if (this.#page === undefined) this.#finishPage(H2_CANCEL);
      // Now nothing that comes is taken for a message that needs no reader.
      else this.#reader = new MessageReader(0);
      return;
    }
    this.#listener.onHeaders();
  }

  #onPage(page: HttpPage, chunk: Uint8Array, start: number, end: number): void {
    this.#stream?.taken(end - start);
    if (page.take(chunk, start, end)) this.#finishPage(H2_CANCEL);
  }

  #finishPage(resetCode: number | undefined): void {
    this.#finish(outcomeOfHttp(this.headers ?? [], this.#page?.text, this.head.protocol), resetCode);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isDone) {
      this.#stream?.taken(end - start);
      return;
    }
    if (this.#reader === undefined && this.#isReading && isOneMessage(chunk, start, end, this.#maxOctets)) {
      this.#deliver(chunk, start + MESSAGE_HEADER_OCTETS, end, end - start);
      return;
    }
    if (this.#page !== undefined) {
      this.#onPage(this.#page, chunk, start, end);
      return;
    }
    this.#reader ??= new MessageReader(this.#maxOctets);
    const reader = this.#reader;
    const fault = reader.accept(chunk, start, end);
    while (this.#isReading && !this.#isDone && reader.next()) this.#deliverNext(reader);
    reader.keep();
    if (this.#isDone) return;
    if (fault !== undefined) this.#finish(this.#outcomeOfFault(fault), H2_CANCEL);
    else this.#credit();
  }

  onTrailers(fields: FieldList): void {
    this.trailers = fields;
  }

  onWritable(): void {
    this.#isBlocked = false;
    if (!this.#isDone) this.#listener.onWritable();
  }

  onEnd(end: StreamEnd): void {
    if (this.#isDone) return;
    if (end.kind === 'complete') this.#finish(this.#outcomeOfComplete(), undefined);
    else if (this.#page !== undefined) this.#finishPage(undefined);
    else if (!isUnprocessed(end) || !this.#restart(end)) this.#finish(this.#outcomeOfEnd(end), undefined);
  }

  #outcomeOfEnd(end: Exclude<StreamEnd, { kind: 'complete' }>): Outcome {
    const outcome = outcomeOfEnd(end, this.#listener.isExpired());
    const refusals = this.#resends?.count ?? 0;
    if (refusals < MAX_RESENDS_WITHOUT_DEADLINE || !isUnprocessed(end)) return outcome;
    return { ...outcome, details: `${outcome.details}; it was refused ${refusals + 1} times` };
  }

  /** Ends the exchange with an outcome of the caller's: what it saw in a message makes the rest worthless. */
  fail(outcome: Outcome): void {
    this.#finish(outcome, H2_CANCEL);
  }

  /**
   * Begins again where the server certainly did nothing (RFC 9113 §8.7, gRFC A6 "Transparent Retries"): at once and as
   * often as it takes where nothing left this side, else as resends.ts has it.
   */
  #restart(end: Exclude<StreamEnd, { kind: 'complete' }>): boolean {
    if (end.kind === 'unopened' || this.headers !== undefined || this.#isForgotten) return false;
    // The others of the connection must not be ended again by what it was most likely ended for.
    if (end.kind === 'lost' && end.code !== H2_NO_ERROR && end.largeHeadOctets !== undefined) return false;
    const stream = this.#stream;
    const { peer } = this;
    this.#rewind();
    if (end.kind === 'lost' && end.isUnsent === true) {
      this.begin();
      return true;
    }
    this.#resends ??= new Resends(this.#resendClock);
    this.#resends.refusal = outcomeOfEnd(end, false);
    if (this.#resend(end, this.#resends)) return true;
    // The last one is what became of the call, and what is still unread there is given back at the end.
    this.#stream = stream;
    this.peer = peer;
    return false;
  }

  #resend(end: StreamEnd, resends: Resends): boolean {
    if (end.kind === 'lost') {
      return resends.onLeftOut(refusalOf(end), this.#listener.hasDeadline, () => this.begin());
    }
    // REFUSED_STREAM is about this call: the connection stays, and would refuse it as fast again.
    if (!this.mayResend) return false;
    this.mayResend = false;
    this.begin();
    return true;
  }

  /** What was written waits to be written again. */
  #rewind(): void {
    const bytes = this.#bytes;
    const waiting = this.#streamed ?? [];
    if (bytes !== undefined)
      waiting.push({ bytes, start: this.#start, end: this.#endOfBytes, endStream: true });
    else if (this.#isRequestEnded && waiting.at(-1)?.endStream !== true) waiting.push(HALF_CLOSE);
    this.#waiting = waiting.length === 0 ? undefined : waiting;
    this.#bytes = undefined;
    this.#streamed = undefined;
    this.#streamedOctets = 0;
    this.#stream = undefined;
    this.#isBlocked = false;
    this.trailers = undefined;
    this.peer = undefined;
  }

  #deliverNext(reader: MessageReader): void {
    const { bytes, start, end } = reader;
    const octets = end - start + MESSAGE_HEADER_OCTETS;
    if (!reader.isCompressed) {
      this.#deliver(bytes, start, end, octets);
      return;
    }
    const compressed = bytes.subarray(start, end);
    const message = decompressMessage(this.#compressions, this.headers ?? [], compressed, this.#maxOctets);
    if (message instanceof Uint8Array) {
      this.#deliver(message, 0, message.length, octets);
      return;
    }
    // Still held until the call's end counts it.
    this.#delivering = octets;
    this.#listener.onBadMessage(message);
    this.#delivering = 0;
  }

  /** `octets`: what the message took on the wire. */
  #deliver(bytes: Uint8Array, start: number, end: number, octets: number): void {
    this.#delivering = octets;
    this.#credited = 0;
    if (this.#replyStream) this.#isReading = false;
    if (this.#hasReply && !this.#replyStream) {
      this.#finish(
        clientOutcome(
          StatusCode.UNIMPLEMENTED,
          'the server sent a second reply to a call with a single reply',
        ),
        H2_CANCEL,
      );
    } else {
      this.#hasReply = true;
      this.#listener.onMessage(bytes, start, end);
    }
    this.#delivering = 0;
    if (!this.#isDone) this.#stream?.taken(octets);
  }

  /** Octets of a message that cannot be read yet are credited, or one larger than the window never gets whole. */
  #credit(): void {
    const reader = this.#reader;
    if (reader === undefined || !reader.isIncomplete || reader.hasMessage) return;
    const held = reader.held;
    if (held > this.#credited) {
      const octets = held - this.#credited;
      this.#credited = held;
      this.#stream?.credit(octets, this.#isReading);
    }
  }

  #outcomeOfComplete(): Outcome {
    const { headers, trailers } = this;
    const last = trailers ?? [];
    const status = fieldValue(last, 'grpc-status');
    const head = headers ?? last;
    // A head that is not gRPC's makes OK impossible; an error that the server names is believed all the same.
    const isGrpc =
      fieldValue(head, ':status') === '200' &&
      (headers === undefined
        ? isGrpcContentType(fieldValue(head, 'content-type'))
        : this.#page === undefined);
    if (status === undefined && headers !== undefined && !this.#hasBody) {
      // Some answer with an error where they should with trailers-only, but without END_STREAM on it: believed as well,
      // but where a body follows (Connect's conformance suite: "ignore-header-if-body-present").
      const said = outcomeOfTrailers(headers);
      if (said.origin === 'server' && said.code !== StatusCode.OK) return said;
    }
    if (!isGrpc && (status === undefined || status === '0')) {
      return outcomeOfHttp(head, this.#page?.text, this.head.protocol);
    }
    const outcome = outcomeOfTrailers(last);
    if (outcome.code !== StatusCode.OK) return outcome;
    if (this.#reader?.isIncomplete) {
      return clientOutcome(
        StatusCode.INTERNAL,
        'the response ended inside a message, though the server sent OK',
      );
    }
    if (!this.#replyStream && !this.#hasReply) {
      return clientOutcome(StatusCode.UNIMPLEMENTED, 'the server ended the call with OK but sent no reply');
    }
    return outcome;
  }

  #outcomeOfFault(fault: MessageFault): Outcome {
    switch (fault.kind) {
      case 'size':
        return clientOutcome(
          StatusCode.RESOURCE_EXHAUSTED,
          `message of ${fault.octets} bytes exceeds ${called('maxReceiveMessageBytes', this.#maxOctets)}${looksLike(fault.header)}`,
        );
      case 'flag':
        return clientOutcome(
          StatusCode.INTERNAL,
          `a message begins with the invalid flag byte ${fault.flag} (0 and 1 are known)${looksLike(fault.header)}`,
        );
      default:
        return fault satisfies never;
    }
  }

  /** Whether any of a message came. */
  get #hasBody(): boolean {
    return this.#hasReply || this.#reader?.hasMessage === true || this.#reader?.isIncomplete === true;
  }

  #finish(outcome: Outcome, resetCode: number | undefined): void {
    if (this.#isDone) return;
    this.#end(resetCode);
    this.#listener.onOutcome(outcome);
  }

  #end(resetCode: number | undefined): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#resends?.stop();
    this.#page?.stop();
    this.#waiting = undefined;
    this.#bytes = undefined;
    this.#streamed = undefined;
    if (this.#stream === undefined) {
      this.#transport.withdraw(this);
      return;
    }
    // What is still unread is the caller's from here on: a call nobody reads must not use up the connection's
    // budget forever.
    const held = (this.#reader?.held ?? 0) + this.#delivering;
    if (held > 0) this.#stream.taken(held);
    if (resetCode !== undefined) this.#stream.reset(resetCode);
  }
}

function refusalOf(end: Extract<StreamEnd, { kind: 'lost' }>): RefusalKind {
  if (end.code !== H2_NO_ERROR) return 'connection with an error';
  return end.tookOthers === true ? 'connection that took others' : 'connection';
}

/** Bytes that are text were most likely never gRPC: say so, since the numbers made of them mislead. */
function looksLike(header: string): string {
  return header === '' ? '' : `; its first bytes are the text ${quoted(header)}: the response is not gRPC's`;
}
