// One HTTP/2 connection (RFC 9113), sans-I/O: octets in become events, commands become octets out. Owns the parts, and
// decides when the connection ends and when postponed work is done; when its streams open and end is
// stream-lifecycle.ts's. Knows no sockets, no time but what it is told, and nothing of gRPC.

import { type ConnectionLimits, type ConnectionOptions, connectionLimits } from './connection-options.ts';
import {
  ConnectionFault,
  ENHANCE_YOUR_CALM,
  INTERNAL_ERROR,
  NO_ERROR,
  PROTOCOL_ERROR,
} from './error-code.ts';
import { FloodMeter } from './flood-meter.ts';
import { CLIENT_PREFACE, DEFAULT_HEADER_TABLE_OCTETS } from './frame.ts';
import { type DispatchHost, FrameDispatch } from './frame-dispatch.ts';
import { FrameReader } from './frame-reader.ts';
import type { FrameTap } from './frame-tap.ts';
import { FrameWriter } from './frame-writer.ts';
import type { ConnectionHandler, FieldList, RequestHead, StreamHandler } from './handlers.ts';
import { HeaderBlock } from './header-block.ts';
import { HeaderDecoder } from './hpack/decoder.ts';
import { HeaderEncoder } from './hpack/encoder.ts';
import { HttpMessages } from './http-message.ts';
import { Notifier } from './notifier.ts';
import { PeerGoAway } from './peer-go-away.ts';
import { PeerGreeting } from './peer-greeting.ts';
import { ReceiveFlow } from './receive-flow.ts';
import type { SendFlow } from './send-flow.ts';
import { SettingsExchange } from './settings.ts';
import type { Stream } from './stream.ts';
import { StreamLifecycle, type StreamLifecycleHost } from './stream-lifecycle.ts';
import { StreamTable } from './stream-table.ts';

export type { ConnectionLimits, ConnectionOptions };

export class Connection {
  readonly #isClient: boolean;
  readonly #limits: ConnectionLimits;
  readonly #notifier: Notifier;
  readonly #writer: FrameWriter;
  readonly #encoder: HeaderEncoder;
  readonly #streams: StreamTable;
  readonly #lifecycle: StreamLifecycle;
  readonly #sendFlow: SendFlow;
  readonly #receiveFlow: ReceiveFlow;
  readonly #settings: SettingsExchange;
  readonly #messages: HttpMessages;
  readonly #meter: FloodMeter;
  readonly #greeting: PeerGreeting;
  readonly #reader: FrameReader;

  #isReady = false;
  #isClosed = false;
  /** `drain` was called: our GOAWAY is out. */
  #isDrained = false;
  readonly #peerGoAway = new PeerGoAway();
  /** Own streams up to this id may have reached the peer: output was taken after they were opened. */
  #sentStreamId = 0;
  /** Our replies (ACKs, RST_STREAM for faults) that are waiting in the output. */
  #pendingReplies = 0;
  #isReceiving = false;
  /** Chunks that came while another was being processed. */
  #deferred: Uint8Array[] = [];
  #isTakingOutput = false;

  constructor(handler: ConnectionHandler, options: ConnectionOptions = {}) {
    const limits = connectionLimits(options);
    const host = this.#host();
    this.#limits = limits;
    this.#isClient = options.role !== 'server';
    this.#notifier = new Notifier(handler, options.onHandlerError, (stream, error) => {
      this.#lifecycle.violate(stream, INTERNAL_ERROR, `the handler of the stream threw ${String(error)}`);
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
    this.#receiveFlow = new ReceiveFlow(this.#writer, limits);
    const parts = {
      isClient: this.#isClient,
      limits,
      host,
      streams: this.#streams,
      writer: this.#writer,
      encoder: this.#encoder,
      decoder,
      receiveFlow: this.#receiveFlow,
      meter: this.#meter,
      notifier: this.#notifier,
    };
    this.#lifecycle = new StreamLifecycle(parts);
    this.#sendFlow = this.#lifecycle.sendFlow;
    this.#settings = new SettingsExchange({ ...parts, sendFlow: this.#sendFlow });
    this.#messages = new HttpMessages(
      this.#isClient,
      limits.maxHeaderListOctets,
      limits.maxHeaderListName,
      this.#lifecycle,
      this.#notifier,
      this.#meter,
    );
    const dispatch = new FrameDispatch({
      ...parts,
      lifecycle: this.#lifecycle,
      sendFlow: this.#sendFlow,
      settings: this.#settings,
      messages: this.#messages,
      headerBlock: new HeaderBlock(limits.maxHeaderBlockOctets, limits.maxEmptyContinuations),
    });
    this.#reader = new FrameReader(dispatch, limits.maxFrameOctets);
    this.#greeting = new PeerGreeting(this.#isClient, limits.maxFrameOctets);
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
    return this.#isClosed || this.#isDrained || this.#peerGoAway.hasCome || !this.#streams.hasIdsLeft;
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

  /** The first octets the peer sent, at most 1024, until it has sent its SETTINGS. */
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
    this.#lifecycle.hasNewRoom = true;
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
    return this.#lifecycle.open(head, callFields, handler, endStream);
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
    if (this.#peerGoAway.hasCome) text += `; the peer had sent GOAWAY ${this.#peerGoAway.describe()}`;
    this.#end(this.#peerGoAway.code, text);
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
    this.#lifecycle.loseAll(code, reason, this.#sentStreamId, this.#peerGoAway.hasCome);
    this.#notifier.connectionEnd(code, reason);
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
    if (this.#lifecycle.hasNewRoom) {
      this.#lifecycle.hasNewRoom = false;
      if (this.canOpen) this.#notifier.capacity();
    }
  }

  #host(): StreamLifecycleHost & DispatchHost {
    return {
      isClosed: () => this.#isClosed,
      isDrained: () => this.#isDrained,
      localInitialWindow: () => this.#settings.localInitialWindow,
      mayReply: () => this.#mayReply(),
      settle: () => this.#settle(),
      settingsReceived: () => this.#settingsReceived(),
      pingReceived: (bytes, start) => {
        if (this.#mayReply()) this.#writer.pingAck(bytes, start);
      },
      goAwayReceived: (lastStreamId, code, debugData) => this.#goAwayReceived(lastStreamId, code, debugData),
    };
  }

  #settingsReceived(): void {
    if (!this.#mayReply()) return;
    this.#writer.settingsAck();
    if (this.#isReady) {
      this.#lifecycle.hasNewRoom = true;
    } else {
      this.#isReady = true;
      this.#greeting.forget();
      this.#notifier.ready();
    }
  }

  #goAwayReceived(lastStreamId: number, code: number, debugData: string): void {
    this.#peerGoAway.receive(lastStreamId, code, debugData);
    const lowestId = this.#peerGoAway.lastStreamId;
    // Told before the streams that it excludes end: their requests ask for a new stream at once, and not here.
    this.#notifier.goAway(code, lowestId, debugData);
    if (this.#isClient)
      this.#lifecycle.leaveOut(lowestId, code, `the peer sent GOAWAY ${this.#peerGoAway.describe()}`);
  }
}
