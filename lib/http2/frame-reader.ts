// Splits the received octets into frames (RFC 9113 §4.1). Frames are passed on where they lie in the received
// chunk; only a frame that is cut by the end of a chunk is put together in memory of the reader's own.
// Knows the frame header and the size limit; what a frame means is the sink's business.

import { ConnectionFault, FRAME_SIZE_ERROR } from './error-code.ts';
import { FRAME_HEADER_OCTETS, uint32 } from './frame.ts';
import type { FrameTap } from './frame-tap.ts';

export interface FrameSink {
  /**
   * One whole frame; its payload is `bytes[start, end)`, valid during the call.
   * Returns false when no more frames are wanted. Throws a ConnectionFault for a connection error.
   */
  onFrame(
    type: number,
    flags: number,
    streamId: number,
    bytes: Uint8Array,
    start: number,
    end: number,
  ): boolean;
}

export class FrameReader {
  /** Sees each frame before the sink does. */
  tap: FrameTap | undefined;
  readonly #sink: FrameSink;
  /** Our SETTINGS_MAX_FRAME_SIZE. */
  readonly #maxFrameOctets: number;
  /** The beginning of a frame whose rest has not arrived. */
  #carry: Uint8Array = new Uint8Array(0);
  #carried = 0;

  constructor(sink: FrameSink, maxFrameOctets: number) {
    this.#sink = sink;
    this.#maxFrameOctets = maxFrameOctets;
  }

  receive(bytes: Uint8Array, start: number): void {
    let at = start;
    if (this.#carried > 0) {
      at = this.#completeCarried(bytes, at);
      if (at < 0) return;
    }
    const available = bytes.length;
    while (available - at >= FRAME_HEADER_OCTETS) {
      const length = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
      if (length > this.#maxFrameOctets) throw this.#tooLarge(length);
      const payload = at + FRAME_HEADER_OCTETS;
      const end = payload + length;
      if (end > available) break;
      const streamId =
        ((bytes[at + 5] & 0x7f) << 24) | (bytes[at + 6] << 16) | (bytes[at + 7] << 8) | bytes[at + 8];
      if (this.tap !== undefined) {
        this.tap.onFrame('received', bytes[at + 3], bytes[at + 4], streamId, bytes, payload, end);
      }
      if (!this.#sink.onFrame(bytes[at + 3], bytes[at + 4], streamId, bytes, payload, end)) return;
      at = end;
    }
    if (at < available) this.#keep(bytes, at, available);
  }

  /** Completes the carried frame; returns where the next one begins, or -1 when there is nothing more to do. */
  #completeCarried(bytes: Uint8Array, at: number): number {
    if (this.#carried < FRAME_HEADER_OCTETS) {
      const headerEnd = Math.min(bytes.length, at + FRAME_HEADER_OCTETS - this.#carried);
      this.#keep(bytes, at, headerEnd);
      at = headerEnd;
      if (this.#carried < FRAME_HEADER_OCTETS) return -1;
    }
    const carry = this.#carry;
    const length = (carry[0] << 16) | (carry[1] << 8) | carry[2];
    if (length > this.#maxFrameOctets) throw this.#tooLarge(length);
    const total = FRAME_HEADER_OCTETS + length;
    const end = Math.min(bytes.length, at + total - this.#carried);
    this.#keep(bytes, at, end);
    if (this.#carried < total) return -1;
    this.#carried = 0;
    const streamId = uint32(this.#carry, 5) & 0x7fff_ffff;
    const { 3: type, 4: flags } = this.#carry;
    this.tap?.onFrame('received', type, flags, streamId, this.#carry, FRAME_HEADER_OCTETS, total);
    return this.#sink.onFrame(type, flags, streamId, this.#carry, FRAME_HEADER_OCTETS, total) ? end : -1;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const needed = this.#carried + end - start;
    if (needed > this.#carry.length) {
      // Frames that are cut are mostly full-sized: when the small size is not enough, take the largest at once.
      const size = needed <= SMALL_CARRY ? SMALL_CARRY : FRAME_HEADER_OCTETS + this.#maxFrameOctets;
      const grown = new Uint8Array(Math.min(size, Math.max(needed * 2, SMALL_CARRY)));
      grown.set(this.#carry.subarray(0, this.#carried));
      this.#carry = grown;
    }
    if (end - start <= SMALL_COPY) {
      for (let i = start; i < end; i++) this.#carry[this.#carried++] = bytes[i];
    } else {
      this.#carry.set(bytes.subarray(start, end), this.#carried);
      this.#carried += end - start;
    }
  }

  #tooLarge(length: number): ConnectionFault {
    return new ConnectionFault(
      FRAME_SIZE_ERROR,
      `a frame of ${length} octets exceeds SETTINGS_MAX_FRAME_SIZE ${this.#maxFrameOctets}`,
    );
  }
}

const SMALL_CARRY = 256;
const SMALL_COPY = 64;
