// One RPC on one stream: its request (exchange-request.ts), the messages of the reply, and, through outcome.ts, how the
// call ended. It knows neither schemas nor connections.

import { called } from '../values/options/option-words.ts';
import { StatusCode, statusCodeName } from '../values/status.ts';
import { answerOf, EXPECTED, OTHER_CODEC, outcomeOfOtherCodec } from './answer-codec.ts';
import type { CallExchange, ExchangeListener, ExchangePhase } from './call-exchange.ts';
import { type CompleteResponse, type ForeignAnswer, outcomeOfComplete } from './complete-response.ts';
import {
  BLOCKED,
  DONE,
  ExchangeRequest,
  READING,
  REPLIED,
  REPLY_STREAM,
  RESENDABLE,
} from './exchange-request.ts';
import { DEFAULT_MAX_RECEIVE_MESSAGE_BYTES, type ExchangeSettings } from './exchange-settings.ts';
import { fieldValue } from './field-list.ts';
import { HttpPage } from './http-page.ts';
import { decompressMessage } from './message-compression.ts';
import { outcomeOfFault } from './message-fault.ts';
import { isOneMessage, MESSAGE_HEADER_OCTETS, MessageReader } from './message-reader.ts';
import {
  clientOutcome,
  H2_CANCEL,
  H2_NO_ERROR,
  isUnprocessed,
  type Outcome,
  outcomeOfEnd,
  outcomeOfHttp,
} from './outcome.ts';
import { type ResendClock, Resends, refusalOf } from './resends.ts';
import type {
  FieldList,
  Peer,
  RequestHead,
  StreamEnd,
  StreamRequest,
  Transport,
  TransportStream,
} from './transport.ts';

export class StreamExchange extends ExchangeRequest implements StreamRequest, CallExchange, CompleteResponse {
  queuePlace = -1;
  trailers: FieldList | undefined;
  peer: Peer | undefined;
  foreign: ForeignAnswer | undefined;

  readonly #listener: ExchangeListener;
  /** Made when a message does not arrive alone and complete; most calls never need it. */
  #reader: MessageReader | undefined;
  readonly #resendClock: ResendClock;
  /** Made when the server refuses the call. */
  #resends: Resends | undefined;
  /** How many octets the message that the listener is reading took on the wire. */
  #delivering = 0;

  constructor(
    listener: ExchangeListener,
    transport: Transport,
    head: RequestHead,
    replyStream: boolean,
    settings: ExchangeSettings,
    resendClock: ResendClock,
  ) {
    super(transport, head, settings);
    this.flags = RESENDABLE | (replyStream ? REPLY_STREAM : READING);
    this.#listener = listener;
    this.#resendClock = resendClock;
  }

  /** Asks for a stream. */
  begin(): void {
    this.transport.open(this);
  }

  protected onWaiting(): void {
    this.transport.advance?.(this);
  }

  get maxMessageOctets(): number {
    return this.settings.maxReceiveMessageBytes ?? DEFAULT_MAX_RECEIVE_MESSAGE_BYTES;
  }

  get waitForReady(): boolean {
    return this.settings.waitForReady === true;
  }

  /** Whether the call may be sent once more after REFUSED_STREAM (gRFC A6). */
  get mayResend(): boolean {
    return (this.flags & RESENDABLE) !== 0;
  }

  set mayResend(mayResend: boolean) {
    this.#set(RESENDABLE, mayResend);
  }

  #set(flag: number, isSet: boolean): void {
    this.flags = isSet ? this.flags | flag : this.flags & ~flag;
  }

  /** Set while the call wants the next message as soon as it is complete. */
  get isReading(): boolean {
    return (this.flags & READING) !== 0;
  }

  set isReading(isReading: boolean) {
    if (isReading === this.isReading) return;
    this.#set(READING, isReading);
    if (this.#reader?.isIncomplete === true) this.stream?.credit(0, isReading);
  }

  /** A call that was refused goes before new ones. */
  get isAgain(): boolean {
    return this.#resends !== undefined;
  }

  get phase(): ExchangePhase {
    if (this.headers !== undefined) return 'reading';
    if (this.stream === undefined) return this.#resends?.isWaiting ? 'refused' : 'queued';
    return (this.flags & BLOCKED) !== 0 ? 'writing' : 'waiting';
  }

  get attempts(): number {
    return 1;
  }

  get lastFailure(): string {
    const refusal = this.#resends?.refusal;
    return refusal === undefined ? '' : `${statusCodeName(refusal.code)}: ${refusal.details}`;
  }

  /** Delivers the next message that has already arrived; false if there is none. */
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

  /** Ends the exchange from this side: sends RST_STREAM if there is a stream, stops all events, and drops replies. */
  abandon(): void {
    this.#end(H2_CANCEL);
    this.dropMessages();
  }

  /** Drops what has arrived but was not read. */
  dropMessages(): void {
    const held = this.#reader?.held ?? 0;
    this.#reader?.clear();
    if (held > 0 && !this.isDone) this.stream?.taken(held);
  }

  isExpired(): boolean {
    return this.#listener.isExpired();
  }

  callFields(): FieldList | undefined {
    return this.#listener.callFields();
  }

  onOpen(stream: TransportStream, peer: Peer): void {
    this.stream = stream;
    this.peer = peer;
    // A writer that ended the request with its last message waits for room as well.
    if (this.writeWaiting(stream)) this.#listener.onWritable();
  }

  onHeaders(fields: FieldList, endStream: boolean, leading?: FieldList): void {
    if (endStream) {
      // Trailers-only: `onEnd` follows.
      this.headers = leading;
      this.trailers = fields;
      return;
    }
    this.headers = fields;
    this.forgetSent();
    const contentType = fieldValue(fields, 'content-type');
    const answer = answerOf(contentType, this.head.codec);
    if (answer === EXPECTED) this.#listener.onHeaders();
    else if (answer === OTHER_CODEC && contentType !== undefined) {
      // Nothing that comes is read; an error that follows is believed all the same.
      this.#answerIs({ otherCodec: contentType });
      this.#listener.onHeaders();
    } else {
      const page = HttpPage.behind(fields, this.#resendClock.timers, () => this.#finishPage(H2_CANCEL));
      if (page === undefined) this.#finishPage(H2_CANCEL);
      else this.#answerIs({ page });
    }
  }

  #answerIs(foreign: ForeignAnswer): void {
    this.foreign = foreign;
    // With a reader, nothing that arrives is taken for a message that needs none.
    this.#reader = new MessageReader(0);
  }

  #onForeign({ page, otherCodec }: ForeignAnswer, chunk: Uint8Array, start: number, end: number): void {
    this.stream?.taken(end - start);
    if (page === undefined) this.#finish(outcomeOfOtherCodec(otherCodec, this.head.codec), H2_CANCEL);
    else if (page.take(chunk, start, end)) this.#finishPage(H2_CANCEL);
  }

  #finishPage(resetCode: number | undefined): void {
    this.#finish(this.outcomeOfHttp(this.headers ?? []), resetCode);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.isDone) {
      this.stream?.taken(end - start);
      return;
    }
    const maxOctets = this.maxMessageOctets;
    if (this.#reader === undefined && this.isReading && isOneMessage(chunk, start, end, maxOctets)) {
      this.#deliver(chunk, start + MESSAGE_HEADER_OCTETS, end, end - start, false);
      return;
    }
    if (this.foreign !== undefined) {
      this.#onForeign(this.foreign, chunk, start, end);
      return;
    }
    this.#reader ??= new MessageReader(maxOctets);
    const reader = this.#reader;
    const fault = reader.accept(chunk, start, end);
    while (this.isReading && !this.isDone && reader.next()) this.#deliverNext(reader);
    reader.keep();
    if (this.isDone) return;
    if (fault !== undefined)
      this.#finish(outcomeOfFault(fault, called('maxReceiveMessageBytes', maxOctets)), H2_CANCEL);
    else this.#credit();
  }

  onTrailers(fields: FieldList): void {
    this.trailers = fields;
  }

  onWritable(): void {
    this.flags &= ~BLOCKED;
    if (!this.isDone) this.#listener.onWritable();
  }

  onEnd(end: StreamEnd): void {
    if (this.isDone) return;
    if (end.kind === 'complete') this.#finish(outcomeOfComplete(this), undefined);
    else if (this.foreign?.page !== undefined) this.#finishPage(undefined);
    else if (!isUnprocessed(end) || !this.#restart(end)) this.#finish(this.#outcomeOfEnd(end), undefined);
  }

  #outcomeOfEnd(end: Exclude<StreamEnd, { kind: 'complete' }>): Outcome {
    const outcome = outcomeOfEnd(end, this.isExpired());
    return isUnprocessed(end) && this.#resends !== undefined ? this.#resends.countedIn(outcome) : outcome;
  }

  fail(outcome: Outcome): void {
    this.#finish(outcome, H2_CANCEL);
  }

  /**
   * Begins again if the server certainly did not process the request (RFC 9113 §8.7, gRFC A6 "Transparent Retries"):
   * at once and as often as it takes if nothing left this side or another form of it will, otherwise as resends.ts decides.
   */
  #restart(end: Exclude<StreamEnd, { kind: 'complete' }>): boolean {
    if (end.kind === 'unopened' || !this.canRepeat) return false;
    // The large head most likely made the server end the connection: sent again, it would end another one, with all
    // its calls.
    if (end.kind === 'lost' && end.code !== H2_NO_ERROR && end.largeHeadOctets !== undefined) return false;
    const stream = this.stream;
    const { peer } = this;
    // What was refused for its head alone waits where it was.
    if (stream !== undefined) this.rewind();
    if (end.kind === 'refused' || (end.kind === 'lost' && end.isUnsent === true)) {
      this.begin();
      return true;
    }
    this.#resends ??= new Resends(this.#resendClock);
    this.#resends.refusal = outcomeOfEnd(end, false);
    if (this.#resend(end, this.#resends)) return true;
    // The last stream decides the call's outcome, and what is unread on it is credited at the end.
    this.stream = stream;
    this.peer = peer;
    return false;
  }

  #resend(end: StreamEnd, resends: Resends): boolean {
    if (end.kind === 'lost') {
      return resends.onLeftOut(refusalOf(end), this.#listener.hasDeadline, () => this.begin());
    }
    // REFUSED_STREAM is about this call: the connection stays, and would refuse it again just as quickly.
    if (!this.mayResend) return false;
    this.mayResend = false;
    this.begin();
    return true;
  }

  protected override rewind(): void {
    super.rewind();
    this.trailers = undefined;
    this.peer = undefined;
  }

  #deliverNext(reader: MessageReader): void {
    const { bytes, start, end, isOwn } = reader;
    const octets = end - start + MESSAGE_HEADER_OCTETS;
    if (!reader.isCompressed) {
      this.#deliver(bytes, start, end, octets, isOwn);
      return;
    }
    const compressed = bytes.subarray(start, end);
    const { compressions } = this.settings;
    const message = decompressMessage(compressions, this.headers ?? [], compressed, this.maxMessageOctets);
    if (message instanceof Uint8Array) {
      this.#deliver(message, 0, message.length, octets, false);
      return;
    }
    // Counts as held until the call ends.
    this.#delivering = octets;
    this.#listener.onBadMessage(message);
    this.#delivering = 0;
  }

  /**
   * @param octets what the message took on the wire
   * @param isOwn its memory holds nothing else and may be kept
   */
  #deliver(bytes: Uint8Array, start: number, end: number, octets: number, isOwn: boolean): void {
    this.#delivering = octets;
    if (this.#reader !== undefined) this.#reader.credited = 0;
    const isStream = this.isReplyStream;
    if (isStream) this.flags &= ~READING;
    if (this.hasReply && !isStream) {
      const reason = 'the server sent a second reply to a call with a single reply';
      this.#finish(clientOutcome(StatusCode.UNIMPLEMENTED, reason), H2_CANCEL);
    } else {
      this.flags |= REPLIED;
      this.#listener.onMessage(bytes, start, end, isOwn);
    }
    this.#delivering = 0;
    if (!this.isDone) this.stream?.taken(octets);
  }

  /** Credits the octets of an incomplete message: otherwise one larger than the window would never become complete. */
  #credit(): void {
    const reader = this.#reader;
    if (reader === undefined || !reader.isIncomplete || reader.hasMessage) return;
    const { held, credited } = reader;
    if (held <= credited) return;
    reader.credited = held;
    this.stream?.credit(held - credited, this.isReading);
  }

  // --- what complete-response.ts asks

  get isReplyStream(): boolean {
    return (this.flags & REPLY_STREAM) !== 0;
  }

  get hasReply(): boolean {
    return (this.flags & REPLIED) !== 0;
  }

  get endsInsideMessage(): boolean {
    return this.#reader?.isIncomplete === true;
  }

  get hasBody(): boolean {
    return this.hasReply || this.hasMessage || this.endsInsideMessage;
  }

  outcomeOfHttp(head: FieldList): Outcome {
    return outcomeOfHttp(head, this.foreign?.page?.text, this.head.protocol, this.isExpired());
  }

  // --- ending

  #finish(outcome: Outcome, resetCode: number | undefined): void {
    if (this.isDone) return;
    this.#end(resetCode);
    this.#listener.onOutcome(outcome);
  }

  #end(resetCode: number | undefined): void {
    if (this.isDone) return;
    this.flags |= DONE;
    this.#resends?.stop();
    this.foreign?.page?.stop();
    this.forgetWaiting();
    this.forgetSent();
    if (this.stream === undefined) {
      this.transport.withdraw(this);
      return;
    }
    // What is unread no longer counts against the connection: a call that nobody reads must not use up its budget
    // forever.
    const held = (this.#reader?.held ?? 0) + this.#delivering;
    if (held > 0) this.stream.taken(held);
    if (resetCode !== undefined) this.stream.reset(resetCode);
  }
}
