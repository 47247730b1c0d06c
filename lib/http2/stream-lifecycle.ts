// The lives of one connection's streams (RFC 9113 §5.1): how they open, and the ways in which they end. Every stream is
// ended here, once. When the connection itself begins and ends is connection.ts's; what is in frames, frame-dispatch's.

import type { ConnectionLimits } from './connection-options.ts';
import { NO_ERROR, REFUSED_STREAM } from './error-code.ts';
import type { FloodMeter } from './flood-meter.ts';
import { FRAME_HEADER_OCTETS } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { FieldList, RequestHead, StreamEnd, StreamHandler } from './handlers.ts';
import type { HeaderEncoder } from './hpack/encoder.ts';
import type { HttpMessageHost } from './http-message.ts';
import type { Notifier } from './notifier.ts';
import type { ReceiveFlow } from './receive-flow.ts';
import { SendFlow, type SendFlowHost } from './send-flow.ts';
import { type SendQueue, Stream, type StreamOwner } from './stream.ts';
import type { StreamTable } from './stream-table.ts';

/** What the streams need of their connection. */
export interface StreamLifecycleHost {
  isClosed(): boolean;
  /** No new streams are taken from the peer. */
  isDrained(): boolean;
  /** The receive window that a new stream has now, as the peer sees it. */
  localInitialWindow(): number;
  /** Counts one more frame of ours that the peer caused; false if that ended the connection. */
  mayReply(): boolean;
  /** Does what was postponed. */
  settle(): void;
}

export interface StreamLifecycleParts {
  readonly isClient: boolean;
  readonly limits: ConnectionLimits;
  readonly host: StreamLifecycleHost;
  readonly streams: StreamTable;
  readonly writer: FrameWriter;
  readonly encoder: HeaderEncoder;
  readonly receiveFlow: ReceiveFlow;
  readonly meter: FloodMeter;
  readonly notifier: Notifier;
}

const COMPLETE: StreamEnd = { kind: 'complete' };

/** A stream's handler until the server's `onStream` has returned one. */
const NOBODY: StreamHandler = {
  onHeaders() {},
  onData() {},
  onTrailers() {},
  onWritable() {},
  onEnd() {},
};

/** Servers in use take this much of a request's fields, or of any one of them; some take no more. */
const USUAL_HEAD_OCTETS = 8192;

export class StreamLifecycle implements StreamOwner, SendFlowHost, HttpMessageHost {
  readonly sendFlow: SendFlow;
  /** The peer's limit of streams kept some from being opened, and there may be room now. */
  hasNewRoom = false;
  readonly #isClient: boolean;
  readonly #limits: ConnectionLimits;
  readonly #host: StreamLifecycleHost;
  readonly #streams: StreamTable;
  readonly #writer: FrameWriter;
  readonly #encoder: HeaderEncoder;
  readonly #receiveFlow: ReceiveFlow;
  readonly #meter: FloodMeter;
  readonly #notifier: Notifier;

  constructor(parts: StreamLifecycleParts) {
    this.#isClient = parts.isClient;
    this.#limits = parts.limits;
    this.#host = parts.host;
    this.#streams = parts.streams;
    this.#writer = parts.writer;
    this.#encoder = parts.encoder;
    this.#receiveFlow = parts.receiveFlow;
    this.#meter = parts.meter;
    this.#notifier = parts.notifier;
    this.sendFlow = new SendFlow(parts.writer, parts.limits.maxOutputOctets, this);
  }

  // --- opening

  /** Opens a stream of our own; its HEADERS are in the output when this returns. */
  open(
    head: RequestHead,
    callFields: FieldList | undefined,
    handler: StreamHandler,
    endStream: boolean,
  ): Stream {
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

  /** Server role: the peer opens a stream; undefined if it is refused. */
  accept(streamId: number): Stream | undefined {
    const stream = this.#newStream(streamId, NOBODY);
    this.#streams.addPeers(stream);
    const isWelcome = !this.#host.isDrained() && this.#streams.size <= this.#limits.maxConcurrentStreams;
    const handler = isWelcome ? this.#notifier.stream(stream) : undefined;
    if (handler !== undefined) {
      stream.handler = handler;
      return stream.isOpen ? stream : undefined;
    }
    if (!stream.isOpen) return undefined;
    this.refuse(streamId, REFUSED_STREAM);
    this.#remove(stream);
    return undefined;
  }

  /** RST_STREAM for a stream that is not open. */
  refuse(streamId: number, code: number): void {
    if (this.#host.mayReply()) this.#writer.rstStream(streamId, code);
  }

  #newStream(id: number, handler: StreamHandler): Stream {
    const localInitialWindow = this.#host.localInitialWindow();
    const target = this.#limits.initialWindowOctets;
    return new Stream(id, handler, this, this.sendFlow.initialWindow, localInitialWindow, target);
  }

  // --- commands of a stream

  write(
    stream: Stream,
    bytes: Uint8Array,
    start: number,
    end: number,
    owned: boolean,
    endStream: boolean,
  ): boolean {
    if (!stream.isOpen || stream.isEnding || this.#host.isClosed()) return false;
    if (endStream) stream.isEnding = true;
    return this.sendFlow.write(stream, bytes, start, end, owned, endStream);
  }

  reset(stream: Stream, code: number): void {
    this.#receiveFlow.drop(stream);
    if (!stream.isOpen) return;
    this.#writer.rstStream(stream.id, code);
    this.#remove(stream);
    this.#host.settle();
  }

  credit(stream: Stream, octets: number, isAwaited: boolean): void {
    this.#receiveFlow.credit(stream, octets, isAwaited);
  }

  taken(stream: Stream, octets: number): void {
    this.#receiveFlow.taken(stream, octets);
  }

  hasLeft(position: number): boolean {
    return position <= this.#writer.takenOctets - this.#notifier.heldOctets;
  }

  respond(stream: Stream, fields: FieldList, endStream: boolean): void {
    if (!stream.isOpen || stream.isEnding) return;
    if (endStream) stream.isEnding = true;
    if (stream.waiting === undefined) this.#sendFields(stream, fields, endStream);
    else stream.waiting.trailers = fields;
  }

  #sendFields(stream: Stream, fields: FieldList, endStream: boolean): void {
    const at = this.#writer.reserve(this.#writer.headersBound(this.#encoder.fieldsBound(fields)));
    const end = this.#encoder.encodeFields(fields, this.#writer.block, at + FRAME_HEADER_OCTETS);
    this.#writer.headers(stream.id, at, end, endStream);
    if (endStream) this.sendEnded(stream);
  }

  // --- what happens to a stream

  dataSent(): void {
    this.#meter.progress();
  }

  queueEmptied({ stream, trailers, wantsWritable }: SendQueue): void {
    if (trailers !== undefined) this.#sendFields(stream, trailers, true);
    if (wantsWritable) this.#notifier.writable(stream);
  }

  /** Our END_STREAM is in the output. */
  sendEnded(stream: Stream): void {
    stream.localEnded = true;
    // A server's stream that the peer had already ended is over now; its handler has been told of that end.
    if (!stream.remoteEnded || !stream.isOpen) return;
    this.#meter.completed();
    this.#remove(stream);
    this.#host.settle();
  }

  /** The peer's side of the stream ended in good order. */
  remoteEnded(stream: Stream): void {
    this.#streams.closed.rememberEnd(stream.id);
    // A client's END_STREAM alone is no progress: it could open, end and reset streams for ever.
    if (this.#isClient || stream.localEnded) this.#meter.completed();
    if (this.#isClient) {
      // The rest of a request does not matter once its response is complete (RFC 9113 §8.1).
      if (!stream.localEnded) this.#writer.rstStream(stream.id, NO_ERROR);
      this.finish(stream, COMPLETE);
    } else if (stream.localEnded) {
      this.finish(stream, COMPLETE);
    } else {
      this.#notifier.end(stream, COMPLETE);
    }
  }

  /** A stream error: RST_STREAM, and its handler hears of a violation. */
  violate(stream: Stream, code: number, reason: string, last?: FieldList): void {
    if (!stream.isOpen) return;
    if (!this.#host.mayReply()) return;
    this.#writer.rstStream(stream.id, code);
    this.finish(stream, { kind: 'violation', code, reason, last });
  }

  /** The stream is over; its handler hears how. */
  finish(stream: Stream, end: StreamEnd): void {
    this.#remove(stream);
    this.#notifier.end(stream, end);
    this.#host.settle();
  }

  /** Removes the stream; nothing is sent or received on it from now on. */
  #remove(stream: Stream): void {
    stream.isOpen = false;
    if (!this.#streams.isBelowPeerLimit) this.hasNewRoom = true;
    this.#streams.remove(stream);
    if (stream.waiting !== undefined) this.sendFlow.drop(stream);
    this.#receiveFlow.ended(stream);
  }

  // --- what happens to their connection

  /** The peer's GOAWAY excludes our streams above this id: it has not processed them. */
  leaveOut(lastStreamId: number, code: number, reason: string): void {
    const tookOthers = lastStreamId > 0;
    for (const stream of this.#streams.values()) {
      if (stream.id <= lastStreamId || !stream.isOpen) continue;
      const end = { kind: 'lost', code, reason, processed: false, tookOthers, ...largeHead(stream) } as const;
      this.finish(stream, end);
    }
  }

  /**
   * The connection is closed: all streams are lost.
   * @param sentStreamId those of our own above it were never sent
   * @param wasWarned the peer had sent GOAWAY
   */
  loseAll(code: number, reason: string, sentStreamId: number, wasWarned: boolean): void {
    for (const stream of this.#streams.values()) {
      if (!stream.isOpen) continue;
      const isUnsent = this.#isClient && stream.id > sentStreamId;
      const end = isUnsent
        ? ({ kind: 'lost', code, reason, processed: false, isUnsent } as const)
        : ({
            kind: 'lost',
            code,
            reason,
            processed: undefined,
            ...(wasWarned && largeHead(stream)),
          } as const);
      this.finish(stream, end);
    }
  }
}

function largeHead({ headOctets }: Stream): { readonly largeHeadOctets?: number } {
  return headOctets > USUAL_HEAD_OCTETS ? { largeHeadOctets: headOctets } : {};
}
