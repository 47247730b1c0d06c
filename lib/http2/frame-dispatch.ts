// What each received frame means (RFC 9113 §5.1, §6): checks it, changes the state it is about, and tells the
// handlers. A connection error is thrown as a ConnectionFault; a stream error goes to the host. Runs once per
// frame, so it allocates no objects.

import {
  ConnectionFault,
  FLOW_CONTROL_ERROR,
  FRAME_SIZE_ERROR,
  PROTOCOL_ERROR,
  STREAM_CLOSED,
} from './error-code.ts';
import {
  EMPTY_DATA,
  type FloodMeter,
  IGNORED_FRAMES,
  PINGS,
  RESETS,
  SETTINGS_FRAMES,
  WINDOW_UPDATES,
} from './flood-meter.ts';
import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FLAG_PRIORITY,
  GOAWAY,
  HEADERS,
  PING,
  PRIORITY,
  PUSH_PROMISE,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from './frame.ts';
import type { FrameSink } from './frame-reader.ts';
import type { HeaderBlock } from './header-block.ts';
import type { HeaderDecoder } from './hpack/decoder.ts';
import { decodeLatin1 } from './hpack/latin1.ts';
import type { HttpMessages } from './http-message.ts';
import type { Notifier } from './notifier.ts';
import type { ReceiveFlow } from './receive-flow.ts';
import type { SendFlow } from './send-flow.ts';
import type { SettingsExchange } from './settings.ts';
import type { Stream } from './stream.ts';
import type { StreamLifecycle } from './stream-lifecycle.ts';
import { ENDED_BY_PEER, IDLE, RESET_BY_PEER, type StreamTable } from './stream-table.ts';

/** What the dispatch needs from the connection. */
export interface DispatchHost {
  isClosed(): boolean;
  settingsReceived(): void;
  pingReceived(bytes: Uint8Array, start: number): void;
  goAwayReceived(lastStreamId: number, code: number, debugData: string): void;
}

export interface DispatchParts {
  readonly isClient: boolean;
  readonly host: DispatchHost;
  readonly lifecycle: StreamLifecycle;
  readonly streams: StreamTable;
  readonly sendFlow: SendFlow;
  readonly receiveFlow: ReceiveFlow;
  readonly settings: SettingsExchange;
  readonly messages: HttpMessages;
  readonly meter: FloodMeter;
  readonly notifier: Notifier;
  readonly headerBlock: HeaderBlock;
  readonly decoder: HeaderDecoder;
}

/** How much of GOAWAY's debug data is kept. */
const MAX_DEBUG_OCTETS = 1024;

export class FrameDispatch implements FrameSink {
  readonly #isClient: boolean;
  readonly #host: DispatchHost;
  readonly #lifecycle: StreamLifecycle;
  readonly #streams: StreamTable;
  readonly #sendFlow: SendFlow;
  readonly #receiveFlow: ReceiveFlow;
  readonly #settings: SettingsExchange;
  readonly #messages: HttpMessages;
  readonly #meter: FloodMeter;
  readonly #notifier: Notifier;
  readonly #headerBlock: HeaderBlock;
  readonly #decoder: HeaderDecoder;
  #hasSettings = false;

  constructor(parts: DispatchParts) {
    this.#isClient = parts.isClient;
    this.#host = parts.host;
    this.#lifecycle = parts.lifecycle;
    this.#streams = parts.streams;
    this.#sendFlow = parts.sendFlow;
    this.#receiveFlow = parts.receiveFlow;
    this.#settings = parts.settings;
    this.#messages = parts.messages;
    this.#meter = parts.meter;
    this.#notifier = parts.notifier;
    this.#headerBlock = parts.headerBlock;
    this.#decoder = parts.decoder;
  }

  onFrame(type: number, flags: number, id: number, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#headerBlock.streamId !== 0 && type !== CONTINUATION) {
      throw new ConnectionFault(PROTOCOL_ERROR, 'a header block is interrupted by another frame');
    }
    if (!this.#hasSettings) this.#checkFirst(type, flags);
    switch (type) {
      case DATA:
        this.#onData(flags, id, bytes, start, end);
        break;
      case HEADERS:
        this.#onHeaders(flags, id, bytes, start, end);
        break;
      case PRIORITY:
        this.#onPriority(id, start, end);
        break;
      case RST_STREAM:
        this.#onRstStream(id, bytes, start, end);
        break;
      case SETTINGS:
        this.#onSettings(flags, id, bytes, start, end);
        break;
      case PUSH_PROMISE:
        // A client of ours sends ENABLE_PUSH 0, and a client may never push to a server.
        throw new ConnectionFault(PROTOCOL_ERROR, 'PUSH_PROMISE is not allowed');
      case PING:
        this.#onPing(flags, id, bytes, start, end);
        break;
      case GOAWAY:
        this.#onGoAway(id, bytes, start, end);
        break;
      case WINDOW_UPDATE:
        this.#onWindowUpdate(id, bytes, start, end);
        break;
      case CONTINUATION:
        this.#onContinuation(flags, id, bytes, start, end);
        break;
      default:
        // Unknown types are ignored (§5.5), up to a limit.
        this.#meter.count(IGNORED_FRAMES);
    }
    return !this.#host.isClosed();
  }

  #checkFirst(type: number, flags: number): void {
    if (type !== SETTINGS || (flags & FLAG_ACK) !== 0) {
      const what = type === SETTINGS ? 'a SETTINGS ACK' : `of type ${type}`;
      throw new ConnectionFault(PROTOCOL_ERROR, `the first frame is ${what}, not SETTINGS`);
    }
    this.#hasSettings = true;
  }

  #onData(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'DATA on stream 0');
    const frameOctets = end - start;
    if ((flags & FLAG_PADDED) !== 0) {
      end = endWithoutPadding(bytes, start, end);
      start++;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      this.#checkMissing(id, 'DATA');
      this.#receiveFlow.connectionReceived(frameOctets);
      return;
    }
    this.#receiveFlow.connectionReceived(frameOctets);
    const octets = end - start;
    const endStream = (flags & FLAG_END_STREAM) !== 0;
    if (!this.#messages.body(stream, octets)) return;
    if (!this.#receiveFlow.received(stream, frameOctets, octets)) {
      this.#lifecycle.violate(stream, FLOW_CONTROL_ERROR, 'DATA exceeds the window of the stream');
      return;
    }
    if (octets > 0) {
      this.#meter.progress();
      this.#notifier.data(stream, bytes, start, end);
      if (endStream && stream.isOpen) this.#messages.end(stream);
    } else if (endStream) {
      this.#messages.end(stream);
    } else {
      this.#meter.count(EMPTY_DATA);
    }
  }

  #onHeaders(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'HEADERS on stream 0');
    if ((flags & FLAG_PADDED) !== 0) {
      end = endWithoutPadding(bytes, start, end);
      start++;
    }
    if ((flags & FLAG_PRIORITY) !== 0) {
      start += 5;
      if (start > end) throw new ConnectionFault(FRAME_SIZE_ERROR, 'HEADERS too short for its priority');
    }
    if ((flags & FLAG_END_HEADERS) !== 0) {
      this.#headerBlock.checkSize(end - start);
      this.#onBlock(flags, id, bytes, start, end);
    } else {
      this.#headerBlock.begin(id, flags);
      this.#headerBlock.append(bytes, start, end);
    }
  }

  #onContinuation(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    const block = this.#headerBlock;
    if (block.streamId === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'CONTINUATION without HEADERS');
    if (id !== block.streamId) throw new ConnectionFault(PROTOCOL_ERROR, 'CONTINUATION on another stream');
    block.continue(bytes, start, end);
    if ((flags & FLAG_END_HEADERS) === 0) return;
    const { octets, length } = block;
    block.finish();
    this.#onBlock(block.flags, id, octets, 0, length);
  }

  /** A whole header block. It is decoded whatever the state of its stream, or the table would get out of step. */
  #onBlock(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    const fields = this.#decoder.decode(bytes, start, end);
    const overflowed = this.#decoder.listOverflowed;
    const stream = this.#streams.get(id) ?? this.#newStream(id);
    if (stream === undefined) return;
    this.#messages.block(stream, fields, overflowed, (flags & FLAG_END_STREAM) !== 0);
  }

  #newStream(id: number): Stream | undefined {
    const isNew = !this.#isClient && (id & 1) === 1 && id > this.#streams.lastPeerId;
    if (isNew) return this.#lifecycle.accept(id);
    this.#checkMissing(id, 'HEADERS');
    return undefined;
  }

  #onPriority(id: number, start: number, end: number): void {
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'PRIORITY on stream 0');
    if (end - start !== 5) {
      const stream = this.#streams.get(id);
      // A stream error where the stream is open; RST_STREAM on an idle one would be our own protocol error.
      if (stream === undefined) throw new ConnectionFault(FRAME_SIZE_ERROR, 'PRIORITY of the wrong length');
      this.#lifecycle.violate(stream, FRAME_SIZE_ERROR, 'PRIORITY of the wrong length');
      return;
    }
    this.#meter.count(IGNORED_FRAMES);
  }

  #onRstStream(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'RST_STREAM on stream 0');
    if (end - start !== 4) throw new ConnectionFault(FRAME_SIZE_ERROR, 'RST_STREAM of the wrong length');
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      const state = this.#streams.stateOfMissing(id);
      if (state === IDLE) throw new ConnectionFault(PROTOCOL_ERROR, 'RST_STREAM on an idle stream');
      // What comes after it concerns this stream alone: grpc's C core answers an expired call twice, each time with
      // END_STREAM and RST_STREAM.
      if (state === ENDED_BY_PEER) this.#streams.closed.rememberReset(id);
      this.#meter.count(RESETS);
      return;
    }
    // A server can only reset what we opened; a client could open and reset streams for ever.
    if (!this.#isClient) this.#meter.count(RESETS);
    this.#streams.closed.rememberReset(id);
    this.#lifecycle.finish(stream, { kind: 'reset', code: uint32(bytes, start) });
  }

  #onSettings(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'SETTINGS on a stream');
    this.#meter.count(SETTINGS_FRAMES);
    if ((flags & FLAG_ACK) !== 0) {
      if (end !== start) throw new ConnectionFault(FRAME_SIZE_ERROR, 'a SETTINGS ACK with a payload');
      this.#settings.acknowledged();
      return;
    }
    if ((end - start) % 6 !== 0) throw new ConnectionFault(FRAME_SIZE_ERROR, 'SETTINGS of the wrong length');
    this.#settings.receive(bytes, start, end);
    this.#host.settingsReceived();
  }

  #onPing(flags: number, id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'PING on a stream');
    if (end - start !== 8) throw new ConnectionFault(FRAME_SIZE_ERROR, 'PING of the wrong length');
    this.#meter.count(PINGS);
    if ((flags & FLAG_ACK) === 0) {
      this.#host.pingReceived(bytes, start);
    } else {
      const opaque = (BigInt(uint32(bytes, start)) << 32n) | BigInt(uint32(bytes, start + 4));
      if (!this.#receiveFlow.pingAnswered(opaque)) this.#notifier.pingAck(opaque);
    }
  }

  #onGoAway(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (id !== 0) throw new ConnectionFault(PROTOCOL_ERROR, 'GOAWAY on a stream');
    if (end - start < 8) throw new ConnectionFault(FRAME_SIZE_ERROR, 'GOAWAY of the wrong length');
    this.#meter.count(IGNORED_FRAMES);
    const debugEnd = Math.min(end, start + 8 + MAX_DEBUG_OCTETS);
    const debugData = decodeLatin1(bytes, start + 8, debugEnd);
    this.#host.goAwayReceived(uint32(bytes, start) & 0x7fff_ffff, uint32(bytes, start + 4), debugData);
  }

  #onWindowUpdate(id: number, bytes: Uint8Array, start: number, end: number): void {
    if (end - start !== 4) throw new ConnectionFault(FRAME_SIZE_ERROR, 'WINDOW_UPDATE of the wrong length');
    this.#meter.count(WINDOW_UPDATES);
    const increment = uint32(bytes, start) & 0x7fff_ffff;
    if (id === 0) {
      if (increment === 0) throw new ConnectionFault(PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
      if (!this.#sendFlow.growConnection(increment)) {
        throw new ConnectionFault(
          FLOW_CONTROL_ERROR,
          'WINDOW_UPDATE makes the connection window exceed 2^31-1',
        );
      }
      return;
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) {
      if (this.#streams.stateOfMissing(id) === IDLE) {
        throw new ConnectionFault(PROTOCOL_ERROR, 'WINDOW_UPDATE on an idle stream');
      }
    } else if (increment === 0) {
      this.#lifecycle.violate(stream, PROTOCOL_ERROR, 'WINDOW_UPDATE of 0');
    } else if (!this.#sendFlow.growStream(stream, increment)) {
      this.#lifecycle.violate(stream, FLOW_CONTROL_ERROR, 'WINDOW_UPDATE makes the window exceed 2^31-1');
    }
  }

  /** HEADERS or DATA for a stream that is not open (§5.1). */
  #checkMissing(id: number, frame: string): void {
    switch (this.#streams.stateOfMissing(id)) {
      case IDLE:
        throw new ConnectionFault(PROTOCOL_ERROR, `${frame} on an idle stream`);
      case ENDED_BY_PEER:
        throw new ConnectionFault(STREAM_CLOSED, `${frame} after END_STREAM`);
      case RESET_BY_PEER:
        this.#meter.count(IGNORED_FRAMES);
        this.#lifecycle.refuse(id, STREAM_CLOSED);
        break;
      default:
        // It was under way when we reset the stream.
        this.#meter.count(IGNORED_FRAMES);
    }
  }
}

function endWithoutPadding(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) throw new ConnectionFault(FRAME_SIZE_ERROR, 'a padded frame without its pad length');
  const padding = bytes[start];
  if (padding > end - start - 1) throw new ConnectionFault(PROTOCOL_ERROR, 'padding exceeds its frame');
  return end - padding;
}
