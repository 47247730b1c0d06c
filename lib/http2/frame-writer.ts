// The output: frames written one after the other into large blocks, which are taken out as segments. Memory that was
// taken out is never written again. Writes what it is told; windows, states and turns are decided elsewhere.

import {
  CONTINUATION,
  DATA,
  FLAG_ACK,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FRAME_HEADER_OCTETS,
  GOAWAY,
  HEADERS,
  MIN_MAX_FRAME_OCTETS,
  PING,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from './frame.ts';
import type { FrameTap } from './frame-tap.ts';
import { encodeLatin1 } from './hpack/latin1.ts';

/** Each block is twice as large as the one before, up to what a busy connection needs: most connections are idle. */
const FIRST_BLOCK_OCTETS = 2_048;
const BLOCK_OCTETS = 65_536;
/** Up to this, copying octet by octet is cheaper than making a view for `set`. */
const SMALL_COPY = 128;

export class FrameWriter {
  /** Octets that are written and not yet taken. */
  octets = 0;
  /** Octets that were taken so far. */
  takenOctets = 0;
  /** The block that is being written, for encoders that write in place between `reserve` and `headers`. */
  block: Uint8Array = new Uint8Array(FIRST_BLOCK_OCTETS);
  /** The peer's SETTINGS_MAX_FRAME_SIZE. */
  maxFrameOctets: number = MIN_MAX_FRAME_OCTETS;
  /** Sees each frame when it is whole. */
  tap: FrameTap | undefined;
  #position = 0;
  /** How much of the block was taken already. */
  #taken = 0;
  /** Complete segments that come before the block, from `#next` on. */
  #segments: Uint8Array[] = [];
  #next = 0;
  /** Called when the output goes from empty to not empty. */
  readonly #onOutput: () => void;

  constructor(onOutput: () => void) {
    this.#onOutput = onOutput;
  }

  /** The next octets to send, or undefined when there are none. */
  takeSegment(): Uint8Array | undefined {
    let segment: Uint8Array;
    if (this.#next < this.#segments.length) {
      segment = this.#segments[this.#next++];
      if (this.#next === this.#segments.length) {
        this.#segments = [];
        this.#next = 0;
      }
    } else if (this.#position > this.#taken) {
      segment = this.block.subarray(this.#taken, this.#position);
      this.#taken = this.#position;
    } else {
      return undefined;
    }
    this.octets -= segment.length;
    this.takenOctets += segment.length;
    return segment;
  }

  /** Forgets what was not taken. Only at the end of the connection: nothing that builds on it may follow. */
  discard(): void {
    this.#segments = [];
    this.#next = 0;
    this.#taken = this.#position;
    this.octets = 0;
  }

  /** Makes sure that `octets` can be written at the position returned, in `block`. */
  reserve(octets: number): number {
    if (this.#position + octets > this.block.length) {
      this.#cut();
      this.block = new Uint8Array(Math.max(octets, Math.min(BLOCK_OCTETS, this.block.length * 2)));
      this.#position = 0;
      this.#taken = 0;
    }
    return this.#position;
  }

  /** How much to reserve for a header block of at most `bound` octets with the frame headers it needs. */
  headersBound(bound: number): number {
    return bound + FRAME_HEADER_OCTETS * (1 + Math.ceil(bound / this.maxFrameOctets));
  }

  /**
   * Completes HEADERS whose block was written from `at + FRAME_HEADER_OCTETS` up to `end`; `at` is what
   * `reserve` returned. A block longer than a frame is spread over CONTINUATION frames.
   */
  headers(streamId: number, at: number, end: number, endStream: boolean): void {
    const length = end - at - FRAME_HEADER_OCTETS;
    const flags = endStream ? FLAG_END_STREAM : 0;
    if (length <= this.maxFrameOctets) {
      this.#frameHeader(at, length, HEADERS, flags | FLAG_END_HEADERS, streamId);
      this.#commit(end);
      return;
    }
    const frames = Math.ceil(length / this.maxFrameOctets);
    const blockStart = at + FRAME_HEADER_OCTETS;
    // From the last fragment back to the second, each moves right to make room for the frame headers before it.
    for (let i = frames - 1; i > 0; i--) {
      const fragment = blockStart + i * this.maxFrameOctets;
      const fragmentEnd = Math.min(end, fragment + this.maxFrameOctets);
      const target = fragment + i * FRAME_HEADER_OCTETS;
      this.block.copyWithin(target, fragment, fragmentEnd);
      const isLast = i === frames - 1;
      this.#frameHeader(
        target - FRAME_HEADER_OCTETS,
        fragmentEnd - fragment,
        CONTINUATION,
        isLast ? FLAG_END_HEADERS : 0,
        streamId,
      );
    }
    this.#frameHeader(at, this.maxFrameOctets, HEADERS, flags, streamId);
    this.#commit(end + (frames - 1) * FRAME_HEADER_OCTETS);
  }

  /** One DATA frame with a copy of `bytes[start, end)`. */
  data(streamId: number, bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    const length = end - start;
    const at = this.reserve(FRAME_HEADER_OCTETS + length);
    this.#frameHeader(at, length, DATA, endStream ? FLAG_END_STREAM : 0, streamId);
    const payload = at + FRAME_HEADER_OCTETS;
    if (length <= SMALL_COPY) {
      const { block } = this;
      for (let i = 0; i < length; i++) block[payload + i] = bytes[start + i];
    } else {
      this.block.set(length === bytes.length ? bytes : bytes.subarray(start, end), payload);
    }
    this.#commit(payload + length);
  }

  /** One DATA frame whose payload goes out as it is, without a copy. The payload must never change again. */
  dataByReference(streamId: number, bytes: Uint8Array, start: number, end: number, endStream: boolean): void {
    const at = this.reserve(FRAME_HEADER_OCTETS);
    this.#frameHeader(at, end - start, DATA, endStream ? FLAG_END_STREAM : 0, streamId);
    this.tap?.onFrame('sent', DATA, this.block[at + 4], streamId, bytes, start, end);
    this.#position = at + FRAME_HEADER_OCTETS;
    this.#cut();
    this.#segments.push(bytes.subarray(start, end));
    this.#grew(FRAME_HEADER_OCTETS + end - start);
  }

  rstStream(streamId: number, code: number): void {
    const at = this.reserve(FRAME_HEADER_OCTETS + 4);
    this.#frameHeader(at, 4, RST_STREAM, 0, streamId);
    this.#uint32(at + FRAME_HEADER_OCTETS, code);
    this.#commit(at + FRAME_HEADER_OCTETS + 4);
  }

  /** `entries`: id, value, id, value, … */
  settings(entries: readonly number[]): void {
    const length = entries.length * 3;
    const at = this.reserve(FRAME_HEADER_OCTETS + length);
    this.#frameHeader(at, length, SETTINGS, 0, 0);
    let position = at + FRAME_HEADER_OCTETS;
    for (let i = 0; i < entries.length; i += 2) {
      this.block[position] = entries[i] >>> 8;
      this.block[position + 1] = entries[i];
      this.#uint32(position + 2, entries[i + 1]);
      position += 6;
    }
    this.#commit(position);
  }

  settingsAck(): void {
    const at = this.reserve(FRAME_HEADER_OCTETS);
    this.#frameHeader(at, 0, SETTINGS, FLAG_ACK, 0);
    this.#commit(at + FRAME_HEADER_OCTETS);
  }

  ping(opaque: bigint): void {
    const at = this.reserve(FRAME_HEADER_OCTETS + 8);
    this.#frameHeader(at, 8, PING, 0, 0);
    this.#uint32(at + FRAME_HEADER_OCTETS, Number((opaque >> 32n) & 0xffff_ffffn));
    this.#uint32(at + FRAME_HEADER_OCTETS + 4, Number(opaque & 0xffff_ffffn));
    this.#commit(at + FRAME_HEADER_OCTETS + 8);
  }

  /** Answers a PING with its own 8 octets, `bytes[start, start + 8)`. */
  pingAck(bytes: Uint8Array, start: number): void {
    const at = this.reserve(FRAME_HEADER_OCTETS + 8);
    this.#frameHeader(at, 8, PING, FLAG_ACK, 0);
    for (let i = 0; i < 8; i++) this.block[at + FRAME_HEADER_OCTETS + i] = bytes[start + i];
    this.#commit(at + FRAME_HEADER_OCTETS + 8);
  }

  goAway(lastStreamId: number, code: number, debugData: string): void {
    const length = 8 + debugData.length;
    const at = this.reserve(FRAME_HEADER_OCTETS + length);
    this.#frameHeader(at, length, GOAWAY, 0, 0);
    this.#uint32(at + FRAME_HEADER_OCTETS, lastStreamId);
    this.#uint32(at + FRAME_HEADER_OCTETS + 4, code);
    this.#commit(encodeLatin1(debugData, this.block, at + FRAME_HEADER_OCTETS + 8));
  }

  windowUpdate(streamId: number, increment: number): void {
    const at = this.reserve(FRAME_HEADER_OCTETS + 4);
    this.#frameHeader(at, 4, WINDOW_UPDATE, 0, streamId);
    this.#uint32(at + FRAME_HEADER_OCTETS, increment);
    this.#commit(at + FRAME_HEADER_OCTETS + 4);
  }

  /** Octets that are not a frame: the client's preface. */
  raw(bytes: Uint8Array): void {
    const at = this.reserve(bytes.length);
    this.block.set(bytes, at);
    this.#position = at + bytes.length;
    this.#grew(bytes.length);
  }

  #frameHeader(at: number, length: number, type: number, flags: number, streamId: number): void {
    const { block } = this;
    block[at] = length >>> 16;
    block[at + 1] = length >>> 8;
    block[at + 2] = length;
    block[at + 3] = type;
    block[at + 4] = flags;
    this.#uint32(at + 5, streamId);
  }

  #uint32(at: number, value: number): void {
    const { block } = this;
    block[at] = value >>> 24;
    block[at + 1] = value >>> 16;
    block[at + 2] = value >>> 8;
    block[at + 3] = value;
  }

  /** Frames are complete up to `position`. */
  #commit(position: number): void {
    if (this.tap !== undefined) this.#show(this.tap, position);
    const octets = position - this.#position;
    this.#position = position;
    this.#grew(octets);
  }

  /** Shows the frames from what was last committed up to `position`: HEADERS may have CONTINUATION after it. */
  #show(tap: FrameTap, position: number): void {
    const { block } = this;
    for (let at = this.#position; at < position; ) {
      const payload = at + FRAME_HEADER_OCTETS;
      const end = payload + ((block[at] << 16) | (block[at + 1] << 8) | block[at + 2]);
      tap.onFrame('sent', block[at + 3], block[at + 4], uint32(block, at + 5), block, payload, end);
      at = end;
    }
  }

  #grew(octets: number): void {
    const wasEmpty = this.octets === 0;
    this.octets += octets;
    if (wasEmpty && octets > 0) this.#onOutput();
  }

  /** Makes a segment of what has been written of the block so far. */
  #cut(): void {
    if (this.#position === this.#taken) return;
    this.#segments.push(this.block.subarray(this.#taken, this.#position));
    this.#taken = this.#position;
  }
}
