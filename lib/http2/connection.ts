// One HTTP/2 connection (RFC 9113), sans-I/O: octets in become events, commands become octets out. Owns the parts
// and their lifetimes: when streams open and end, when the connection ends, and when postponed work is done.
// Knows no sockets, no time but what it is told, and nothing of gRPC.

import { type ConnectionLimits, type ConnectionOptions, connectionLimits } from './connection-options.ts';
import {
  ConnectionFault,
  ENHANCE_YOUR_CALM,
  errorCodeName,
  INTERNAL_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
  REFUSED_STREAM,
} from './error-code.ts';
import { FloodMeter } from './flood-meter.ts';
import { CLIENT_PREFACE, DEFAULT_HEADER_TABLE_OCTETS, FRAME_HEADER_OCTETS } from './frame.ts';
import { type DispatchHost, FrameDispatch } from './frame-dispatch.ts';
import { FrameReader } from './frame-reader.ts';
import type { FrameTap } from './frame-tap.ts';
import { FrameWriter } from './frame-writer.ts';
import type { ConnectionHandler, FieldList, RequestHead, StreamEnd, StreamHandler } from './handlers.ts';
import { HeaderBlock } from './header-block.ts';
import { printable } from './header-rules.ts';
import { HeaderDecoder } from './hpack/decoder.ts';
import { HeaderEncoder } from './hpack/encoder.ts';
import { type HttpMessageHost, HttpMessages } from './http-message.ts';
import { Notifier } from './notifier.ts';
import { PeerGreeting } from './peer-greeting.ts';
import { ReceiveFlow } from './receive-flow.ts';
import { SendFlow, type SendFlowHost } from './send-flow.ts';
import { SettingsExchange } from './settings.ts';
import { Stream, type StreamOwner } from './stream.ts';
import { StreamTable } from './stream-table.ts';

export type { ConnectionLimits, ConnectionOptions };

const COMPLETE: StreamEnd = { kind: 'complete' };

/** A stream's handler until the server's `onStream` has returned one. */
const NOBODY: StreamHandler = {
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onWritable() {},
  onEnd() {},
};

export class Connection {
  readonly #isClient: boolean;
  readonly #limits: ConnectionLimits;
  readonly #notifier: Notifier;
  readonly #writer: FrameWriter;
  readonly #encoder: HeaderEncoder;
  readonly #streams: StreamTable;
  readonly #sendFlow: SendFlow;
  readonly #receiveFlow: ReceiveFlow;
  readonly #settings: SettingsExchange;
  readonly #messages: HttpMessages;
  readonly #meter: FloodMeter;
  readonly #greeting: PeerGreeting;
  readonly #reader: FrameReader;
  readonly #owner: StreamOwner;

  #isReady = false;
  #isClosed = false;
  /** `drain` was called: our GOAWAY is out. */
  #isDrained = false;
  /** The peer's GOAWAY: the lowest last stream id it named, and its latest code and text. */
  #goAwayId = -1;
  #goAwayCode = NO_ERROR;
  #goAwayText = '';
  /** Own streams up to this id may have reached the peer: output was taken after they were opened. */
  #sentStreamId = 0;
  /** Our replies (ACKs, RST_STREAM for faults) that are waiting in the output. */
  #pendingReplies = 0;
  #isReceiving = false;
  /** Chunks that came while another was being processed. */
  #deferred: Uint8Array[] = [];
  #isTakingOutput = false;
  #capacityIsDue = false;

  constructor(handler: ConnectionHandler, options: ConnectionOptions = {}) {
    const limits = connectionLimits(options);
    this.#limits = limits;
    this.#isClient = options.role !== 'server';
    this.#notifier = new Notifier(handler, options.onHandlerError, (stream, error) => {
      this.#violate(stream, INTERNAL_ERROR, `the handler of the stream threw ${String(error)}`);
    });
    this.#writer = new FrameWriter(() => {
      if (!this.#isTakingOutput) this.#notifier.output();
    });
    this.#encoder = new HeaderEncoder(
      DEFAULT_HEADER_TABLE_OCTETS,
      limits.maxEncoderTableOctets,
      limits.neverIndexed,
    );
    // Until the peer acknowledges our SETTINGS, it may use the table size that HTTP/2 starts with.
    const decoderTableOctets = Math.max(limits.headerTableOctets, DEFAULT_HEADER_TABLE_OCTETS);
    const decoder = new HeaderDecoder(decoderTableOctets, limits.maxHeaderListOctets);
    this.#streams = new StreamTable(this.#isClient, limits.firstStreamId);
    this.#meter = new FloodMeter(limits);
    this.#sendFlow = new SendFlow(this.#writer, limits.maxOutputOctets, this.#sendFlowHost());
    this.#receiveFlow = new ReceiveFlow(this.#writer, limits);
    this.#settings = new SettingsExchange({
      isClient: this.#isClient,
      limits,
      writer: this.#writer,
      encoder: this.#encoder,
      decoder,
      streams: this.#streams,
      sendFlow: this.#sendFlow,
    });
    this.#messages = new HttpMessages(
      this.#isClient,
      limits.maxHeaderListOctets,
      limits.maxHeaderListName,
      this.#messageHost(),
      this.#notifier,
      this.#meter,
    );
    const dispatch = new FrameDispatch({
      isClient: this.#isClient,
      host: this.#dispatchHost(),
      streams: this.#streams,
      sendFlow: this.#sendFlow,
      receiveFlow: this.#receiveFlow,
      settings: this.#settings,
      messages: this.#messages,
      meter: this.#meter,
      notifier: this.#notifier,
      headerBlock: new HeaderBlock(limits.maxHeaderBlockOctets, limits.maxEmptyContinuations),
      decoder,
    });
    this.#reader = new FrameReader(dispatch, limits.maxFrameOctets);
    this.#greeting = new PeerGreeting(this.#isClient, limits.maxFrameOctets);
    this.#owner = this.#streamOwner();
    this.frameTap = options.frameTap;
    if (this.#isClient) this.#writer.raw(CLIENT_PREFACE);
    this.#settings.send();
    this.#receiveFlow.begin();
  }

  /** Whether a stream may be opened right now. */
  get canOpen(): boolean {
    return this.#isReady && !this.isDraining && !this.#sendFlow.isBlocked && this.#streams.isBelowPeerLimit;
  }

  /** Whether no stream can ever be opened here again: GOAWAY was sent or received, ids are used up, or it is closed. */
  get isDraining(): boolean {
    return this.#isClosed || this.#isDrained || this.#goAwayId >= 0 || !this.#streams.hasIdsLeft;
  }

  /** The largest header list the peer takes, by its SETTINGS_MAX_HEADER_LIST_SIZE; Infinity if it did not say. */
  get peerMaxHeaderListOctets(): number {
    return this.#settings.peerMaxHeaderListOctets;
  }

  /** The size of a request's header list, as the peer counts it (RFC 9113 §6.5.2). */
  requestListOctets(head: RequestHead, callFields: FieldList | undefined): number {
    return this.#encoder.requestListOctets(head, callFields);
  }

  /** Whether as many streams are open as the peer's MAX_CONCURRENT_STREAMS allows. */
  get isAtStreamLimit(): boolean {
    return !this.#streams.isBelowPeerLimit;
  }

  /** Sees every frame from now on. */
  get frameTap(): FrameTap | undefined {
    return this.#reader.tap;
  }

  set frameTap(tap: FrameTap | undefined) {
    this.#reader.tap = tap;
    this.#writer.tap = tap;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get openStreams(): number {
    return this.#streams.size;
  }

  /** How many streams have had a well-formed, final head from the peer: to a client, the head of a response. */
  get headsReceived(): number {
    return this.#messages.heads;
  }

  /** Octets of DATA that the peer lets us send now, over all streams. */
  get sendWindow(): number {
    return this.#sendFlow.window;
  }

  /** The settings that were sent, by id: ours here, and the peer's below. */
  get localSettings(): ReadonlyMap<number, number> {
    return this.#settings.local;
  }

  get peerSettings(): ReadonlyMap<number, number> {
    return this.#settings.peer;
  }

  /** Octets that arrived and have not been taken, over all streams. */
  get bufferedOctets(): number {
    return this.#receiveFlow.bufferedOctets;
  }

  /** What the connection's receive window will be once the peer has been given all its credit. */
  get receiveWindow(): number {
    return this.#receiveFlow.connectionWindow;
  }

  /** The first octets the peer sent, at most 1024. */
  get firstOctets(): Uint8Array {
    return this.#greeting.octets;
  }

  get outputOctets(): number {
    return this.#writer.octets;
  }

  /** Set while the socket holds too much: no DATA is written and no stream is opened. Clearing it resumes both. */
  get outputBlocked(): boolean {
    return this.#sendFlow.isBlocked;
  }

  set outputBlocked(isBlocked: boolean) {
    if (isBlocked === this.#sendFlow.isBlocked) return;
    this.#sendFlow.isBlocked = isBlocked;
    if (isBlocked || this.#isClosed) return;
    this.#capacityIsDue = true;
    this.#settle();
  }

  /**
   * Takes octets from the peer. `nowMs` is any clock that runs forward. Never throws: a connection error puts
   * GOAWAY in the output and ends in `onConnectionEnd`.
   */
  receive(bytes: Uint8Array, nowMs: number): void {
    if (this.#isClosed) return;
    this.#meter.nowMs = nowMs;
    this.#receiveFlow.nowMs = nowMs;
    if (this.#isReceiving) {
      this.#deferred.push(new Uint8Array(bytes));
      return;
    }
    this.#isReceiving = true;
    try {
      this.#receive(bytes);
      for (let i = 0; i < this.#deferred.length && !this.#isClosed; i++) this.#receive(this.#deferred[i]);
    } catch (error) {
      this.#fault(error);
    }
    if (this.#deferred.length > 0) this.#deferred = [];
    this.#isReceiving = false;
    this.#settle();
  }

  /** Opens a stream; its HEADERS are in the output when this returns. Only while `canOpen`. */
  open(
    head: RequestHead,
    callFields: FieldList | undefined,
    handler: StreamHandler,
    endStream: boolean,
  ): Stream {
    if (!this.canOpen) throw new Error('no stream can be opened on this HTTP/2 connection now');
    const stream = this.#newStream(this.#streams.nextId, handler);
    this.#streams.addOwn(stream);
    stream.isEnding = endStream;
    stream.localEnded = endStream;
    const bound = this.#encoder.requestBound(head, callFields);
    const at = this.#writer.reserve(this.#writer.headersBound(bound));
    const end = this.#encoder.encodeRequest(head, callFields, this.#writer.block, at + FRAME_HEADER_OCTETS);
    stream.headOctets = end - at - FRAME_HEADER_OCTETS;
    this.#writer.headers(stream.id, at, end, endStream);
    return stream;
  }

  /** The next octets for the socket; call until undefined. Their memory is never written to again. */
  nextOutput(): Uint8Array | undefined {
    let segment = this.#writer.takeSegment();
    if (segment === undefined && this.#sendFlow.isReady) {
      // The output is kept short while data is waiting, so more of it is written as soon as there is room.
      this.#isTakingOutput = true;
      this.#sendFlow.pump();
      this.#isTakingOutput = false;
      segment = this.#writer.takeSegment();
    }
    if (segment !== undefined) {
      this.#sentStreamId = this.#streams.nextId - 2;
      if (this.#writer.octets === 0) this.#pendingReplies = 0;
    }
    return segment;
  }

  ping(opaque: bigint): void {
    if (!this.#isClosed) this.#writer.ping(opaque);
  }

  /** No new streams: GOAWAY with NO_ERROR tells the peer so. Open streams go on. */
  drain(): void {
    if (this.#isClosed || this.#isDrained) return;
    this.#isDrained = true;
    this.#writer.goAway(this.#streams.lastPeerId, NO_ERROR, '');
  }

  /** Ends the connection: sends GOAWAY, ends every stream as lost, then calls `onConnectionEnd`. */
  close(code: number, reason: string): void {
    if (this.#isClosed) return;
    this.#dropUnsent();
    this.#writer.goAway(this.#streams.lastPeerId, code, reason);
    this.#end(code, reason);
  }

  /** The socket is gone: ends every stream as lost, then calls `onConnectionEnd`. */
  transportEnded(reason: string): void {
    if (this.#isClosed) return;
    this.#dropUnsent();
    let text = reason;
    if (!this.#isReady && this.#greeting.octets.length > 0) {
      text += `; the peer had sent ${this.#greeting.describe()} and no HTTP/2 SETTINGS`;
    }
    if (this.#goAwayId >= 0) {
      const debugData = this.#goAwayText === '' ? '' : ` "${printable(this.#goAwayText)}"`;
      text += `; the peer had sent GOAWAY ${errorCodeName(this.#goAwayCode)}${debugData}`;
    }
    this.#end(this.#goAwayCode, text);
  }

  #receive(bytes: Uint8Array): void {
    let start = 0;
    if (!this.#greeting.isRight) {
      start = this.#greeting.receive(bytes);
      if (start < 0) {
        const reason = `the peer does not speak HTTP/2: it sent ${this.#greeting.describe()}`;
        throw new ConnectionFault(PROTOCOL_ERROR, reason);
      }
    }
    this.#reader.receive(bytes, start);
  }

  #fault(error: unknown): void {
    if (error instanceof ConnectionFault) {
      this.close(error.code, error.message);
      return;
    }
    // A bug of ours. The state of the connection is then unknown, so it ends as well.
    this.close(INTERNAL_ERROR, `stubless failed: ${String(error)}`);
  }

  /** Streams of which nothing was sent are opened again elsewhere, so nothing of them may be sent here any more. */
  #dropUnsent(): void {
    if (this.#isClient && this.#streams.nextId - 2 > this.#sentStreamId) this.#writer.discard();
  }

  #end(code: number, reason: string): void {
    this.#isClosed = true;
    for (const stream of this.#streams.values()) {
      if (!stream.isOpen) continue;
      const isUnsent = this.#isClient && stream.id > this.#sentStreamId;
      this.#finish(
        stream,
        isUnsent
          ? { kind: 'lost', code, reason, processed: false, isUnsent }
          : {
              kind: 'lost',
              code,
              reason,
              processed: undefined,
              ...(this.#goAwayId >= 0 && largeHead(stream)),
            },
      );
    }
    this.#notifier.connectionEnd(code, reason);
  }

  #newStream(id: number, handler: StreamHandler): Stream {
    const { localInitialWindow } = this.#settings;
    const target = this.#limits.initialWindowOctets;
    return new Stream(id, handler, this.#owner, this.#sendFlow.initialWindow, localInitialWindow, target);
  }

  /** Removes the stream; nothing is sent or received on it from now on. */
  #remove(stream: Stream): void {
    stream.isOpen = false;
    if (!this.#streams.isBelowPeerLimit) this.#capacityIsDue = true;
    this.#streams.remove(stream);
    if (stream.waiting !== undefined) this.#sendFlow.drop(stream);
    this.#receiveFlow.ended(stream);
  }

  #finish(stream: Stream, end: StreamEnd): void {
    this.#remove(stream);
    this.#notifier.end(stream, end);
    this.#settle();
  }

  #violate(stream: Stream, code: number, reason: string, last?: FieldList): void {
    if (!stream.isOpen) return;
    if (!this.#mayReply()) return;
    this.#writer.rstStream(stream.id, code);
    this.#finish(stream, { kind: 'violation', code, reason, last });
  }

  #remoteEnded(stream: Stream): void {
    this.#streams.closed.rememberEnd(stream.id);
    // A client's END_STREAM alone is no progress: it could open, end and reset streams for ever.
    if (this.#isClient || stream.localEnded) this.#meter.completed();
    if (this.#isClient) {
      // The rest of a request does not matter once its response is complete (RFC 9113 §8.1).
      if (!stream.localEnded) this.#writer.rstStream(stream.id, NO_ERROR);
      this.#finish(stream, COMPLETE);
    } else if (stream.localEnded) {
      this.#finish(stream, COMPLETE);
    } else {
      this.#notifier.end(stream, COMPLETE);
    }
  }

  /**
   * Counts one more frame of ours that the peer caused. They must not pile up if it never reads them: past the limit
   * the connection ends, and this returns false.
   */
  #mayReply(): boolean {
    const { maxPendingReplies } = this.#limits;
    if (++this.#pendingReplies > maxPendingReplies) {
      this.close(ENHANCE_YOUR_CALM, `more than maxPendingReplies ${maxPendingReplies} replies left unread`);
    }
    return !this.#isClosed;
  }

  /** Does what was postponed while handlers ran; nothing while a chunk is still being read. */
  #settle(): void {
    if (this.#isReceiving || this.#isClosed) return;
    this.#sendFlow.pump();
    if (this.#capacityIsDue) {
      this.#capacityIsDue = false;
      if (this.canOpen) this.#notifier.capacity();
    }
  }

  #streamOwner(): StreamOwner {
    return {
      write: (stream, bytes, start, end, owned, endStream) => {
        if (!stream.isOpen || stream.isEnding || this.#isClosed) return false;
        if (endStream) stream.isEnding = true;
        return this.#sendFlow.write(stream, bytes, start, end, owned, endStream);
      },
      reset: (stream, code) => {
        this.#receiveFlow.drop(stream);
        if (!stream.isOpen) return;
        this.#writer.rstStream(stream.id, code);
        this.#remove(stream);
        this.#settle();
      },
      credit: (stream, octets, isAwaited) => this.#receiveFlow.credit(stream, octets, isAwaited),
      taken: (stream, octets) => this.#receiveFlow.taken(stream, octets),
      respond: (stream, fields, endStream) => this.#respond(stream, fields, endStream),
    };
  }

  #respond(stream: Stream, fields: FieldList, endStream: boolean): void {
    if (!stream.isOpen || stream.isEnding) return;
    if (endStream) stream.isEnding = true;
    if (stream.waiting === undefined) this.#sendFields(stream, fields, endStream);
    else stream.waitingTrailers = fields;
  }

  #sendFields(stream: Stream, fields: FieldList, endStream: boolean): void {
    const at = this.#writer.reserve(this.#writer.headersBound(this.#encoder.fieldsBound(fields)));
    const end = this.#encoder.encodeFields(fields, this.#writer.block, at + FRAME_HEADER_OCTETS);
    this.#writer.headers(stream.id, at, end, endStream);
    if (endStream) this.#localEnded(stream);
  }

  #localEnded(stream: Stream): void {
    stream.localEnded = true;
    // A server's stream that the peer had already ended is over now; its handler has been told of that end.
    if (!stream.remoteEnded || !stream.isOpen) return;
    this.#meter.completed();
    this.#remove(stream);
    this.#settle();
  }

  #sendFlowHost(): SendFlowHost {
    return {
      dataSent: () => this.#meter.progress(),
      sendEnded: (stream) => this.#localEnded(stream),
      queueEmptied: (stream) => {
        if (stream.waitingTrailers !== undefined) this.#sendFields(stream, stream.waitingTrailers, true);
        if (!stream.wantsWritable) return;
        stream.wantsWritable = false;
        this.#notifier.writable(stream);
      },
    };
  }

  #messageHost(): HttpMessageHost {
    return {
      violate: (stream, code, reason, last) => this.#violate(stream, code, reason, last),
      remoteEnded: (stream) => this.#remoteEnded(stream),
    };
  }

  #dispatchHost(): DispatchHost {
    const connection = this;
    return {
      get isClosed() {
        return connection.#isClosed;
      },
      violate: (stream, code, reason) => this.#violate(stream, code, reason),
      refuse: (streamId, code) => this.#refuse(streamId, code),
      finish: (stream, end) => this.#finish(stream, end),
      accept: (streamId) => this.#accept(streamId),
      settingsReceived: () => this.#settingsReceived(),
      pingReceived: (bytes, start) => {
        if (this.#mayReply()) this.#writer.pingAck(bytes, start);
      },
      goAwayReceived: (lastStreamId, code, debugData) => this.#goAwayReceived(lastStreamId, code, debugData),
    };
  }

  #refuse(streamId: number, code: number): void {
    if (this.#mayReply()) this.#writer.rstStream(streamId, code);
  }

  #accept(streamId: number): Stream | undefined {
    const stream = this.#newStream(streamId, NOBODY);
    this.#streams.addPeers(stream);
    const isWelcome = !this.#isDrained && this.#streams.size <= this.#limits.maxConcurrentStreams;
    const handler = isWelcome ? this.#notifier.stream(stream) : undefined;
    if (handler !== undefined) {
      stream.handler = handler;
      return stream.isOpen ? stream : undefined;
    }
    if (!stream.isOpen) return undefined;
    this.#refuse(streamId, REFUSED_STREAM);
    this.#remove(stream);
    return undefined;
  }

  #settingsReceived(): void {
    if (!this.#mayReply()) return;
    this.#writer.settingsAck();
    if (this.#isReady) {
      this.#capacityIsDue = true;
    } else {
      this.#isReady = true;
      this.#notifier.ready();
    }
  }

  #goAwayReceived(lastStreamId: number, code: number, debugData: string): void {
    // A later GOAWAY may lower the last stream id, never raise it (RFC 9113 §6.8).
    this.#goAwayId = this.#goAwayId < 0 ? lastStreamId : Math.min(this.#goAwayId, lastStreamId);
    this.#goAwayCode = code;
    this.#goAwayText = debugData;
    // Told before the streams that it excludes end: their requests ask for a new stream at once, and not here.
    this.#notifier.goAway(code, this.#goAwayId, debugData);
    if (this.#isClient) {
      const text = debugData === '' ? '' : ` "${printable(debugData)}"`;
      const reason = `the peer sent GOAWAY ${errorCodeName(code)}${text}`;
      const tookOthers = this.#goAwayId > 0;
      for (const stream of this.#streams.values()) {
        if (stream.id > this.#goAwayId && stream.isOpen) {
          const end = {
            kind: 'lost',
            code,
            reason,
            processed: false,
            tookOthers,
            ...largeHead(stream),
          } as const;
          this.#finish(stream, end);
        }
      }
    }
  }
}

/** Servers in use take this much of a request's fields, or of any one of them; some take no more. */
const USUAL_HEAD_OCTETS = 8192;

function largeHead({ headOctets }: Stream): { readonly largeHeadOctets?: number } {
  return headOctets > USUAL_HEAD_OCTETS ? { largeHeadOctets: headOctets } : {};
}
