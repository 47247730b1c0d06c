// A response of message frames whose last one, marked by a bit of its flag, is no message but says how the call ended. gRPC's
// frames and so are gRPC-Web's and those of Connect's streams: messages go up as they came, and the end frame stays here.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { clientOutcome, outcomeOfCutShort } from '../rpc/outcome.ts';
import type { FieldList, StreamEnd, StreamRequest } from '../rpc/transport.ts';
import { bufferOf } from '../values/octets.ts';
import { StatusCode } from '../values/status.ts';
import { nextTurn } from '../values/turn.ts';
import { AdaptedRequest } from './adapted-request.ts';
import { decompressEnd } from './decompress-end.ts';
import { GrowingBuffer } from './growing-buffer.ts';

/** The largest end frame that is taken, in octets, as it comes and decompressed: as much as it says is kept in memory. */
export const MAX_END_OCTETS: number = 1024 * 1024;

export abstract class FramedRequest extends AdaptedRequest {
  /** The bit of a frame's flag that makes it the end frame. */
  protected abstract readonly endBit: number;
  /** What the protocol calls the end frame. */
  protected abstract readonly endName: string;
  readonly #compressions: CompressionTable;
  /** The response head, as gRPC has it, until it goes up. */
  #head: FieldList | undefined;
  #hasHead = false;
  #isHeadUp = false;
  /** Octets that have come of a message's header, and the length they say so far. */
  #headerOctets = 0;
  #length = 0;
  /** Octets of the present message that have not come. */
  #missing = 0;
  /** The end frame, as far as it has come. */
  #end: GrowingBuffer | undefined;
  /** How the call ended, as gRPC's trailers, once the end frame is complete. */
  #trailers: FieldList | undefined;

  constructor(request: StreamRequest, compressions: CompressionTable) {
    super(request);
    this.#compressions = compressions;
  }

  // --- for the protocol

  /** The head as gRPC has it; undefined for one that is not the protocol's. */
  protected abstract readHead(fields: FieldList): FieldList | undefined;
  /** What the end frame says, as gRPC's trailers; it calls `decide` where it cannot be read. */
  protected abstract readEnd(octets: Buffer): FieldList | undefined;
  /** The response ended without an end frame; `head` has not gone up where no message came. */
  protected abstract onMissingEnd(head: FieldList | undefined): void;

  // --- from the channel

  override onHeaders(fields: FieldList, endStream: boolean): void {
    const head = this.readHead(fields);
    if (head === undefined) {
      this.passForeign(fields, endStream);
      return;
    }
    this.#head = head;
    this.#hasHead = true;
    if (endStream) return;
    // A call that fails at once may be tried again as long as it has no headers: they wait until all that came with them
    // was read, since servers and TLS cut between head and body.
    nextTurn(() => {
      if (this.#end === undefined && !this.waitsForEnd(head)) this.#passHead();
    });
  }

  /** Whether a head is held back until it is known what follows it. */
  protected waitsForEnd(_head: FieldList): boolean {
    return false;
  }

  #passHead(): void {
    const head = this.#head;
    if (head === undefined || this.#isHeadUp || this.isOver) return;
    this.#isHeadUp = true;
    super.onHeaders(head, false);
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.isForeign) {
      super.onData(chunk, start, end);
      return;
    }
    let at = start;
    while (at < end && this.#end === undefined && !this.isOver) {
      if (this.#missing > 0) {
        const octets = Math.min(this.#missing, end - at);
        this.#missing -= octets;
        at += octets;
      } else if (this.#headerOctets === 0 && (chunk[at] & this.endBit) !== 0) {
        this.#passMessages(chunk, start, at);
        this.#end = new GrowingBuffer(MESSAGE_HEADER_OCTETS + MAX_END_OCTETS);
        this.#takeEnd(this.#end, chunk, at, end);
        return;
      } else at = this.#stepHeader(chunk, at);
    }
    if (this.#end === undefined) this.#passMessages(chunk, start, end);
    else this.#takeEnd(this.#end, chunk, start, end);
  }

  #stepHeader(chunk: Uint8Array, at: number): number {
    // The first octet is the flag.
    if (this.#headerOctets > 0) this.#length = ((this.#length << 8) | chunk[at]) >>> 0;
    this.#headerOctets++;
    if (this.#headerOctets === MESSAGE_HEADER_OCTETS) {
      this.#missing = this.#length;
      this.#headerOctets = 0;
      this.#length = 0;
    }
    return at + 1;
  }

  #passMessages(chunk: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.#passHead();
    // Who is told of the head may have had enough.
    if (!this.isOver) super.onData(chunk, start, end);
  }

  #takeEnd(frame: GrowingBuffer, chunk: Uint8Array, start: number, end: number): void {
    if (this.isOver) return;
    this.consumed(end - start);
    let at = start;
    const take = (whole: number): boolean => {
      const octets = Math.min(whole - frame.length, end - at);
      frame.append(chunk, at, at + octets);
      at += octets;
      return frame.length === whole;
    };
    if (frame.length < MESSAGE_HEADER_OCTETS) {
      if (!take(MESSAGE_HEADER_OCTETS)) return;
      if (!this.#isEndHeader(frame)) return;
    }
    const isRead = this.#trailers !== undefined;
    if (!take(MESSAGE_HEADER_OCTETS + frame.uint32At(1))) return;
    if (at < end) this.#violated(`the server sent ${end - at} octets after the ${this.endName}`);
    else if (!isRead) this.#trailers = this.#read(frame);
  }

  /** Whether the header of the end frame can be one; otherwise it ends the call. */
  #isEndHeader(frame: GrowingBuffer): boolean {
    const [flag] = frame.bytes;
    if ((flag & ~(this.endBit | COMPRESSED_FLAG)) !== 0) {
      const known = [0, COMPRESSED_FLAG, this.endBit, this.endBit | COMPRESSED_FLAG].join(', ');
      this.#violated(`a frame begins with the invalid flag byte ${flag} (${known} are known)`);
      return false;
    }
    if (frame.uint32At(1) <= MAX_END_OCTETS) return true;
    const details = `the ${this.endName} is larger than ${MAX_END_OCTETS} octets, the most that is taken`;
    this.decide(clientOutcome(StatusCode.RESOURCE_EXHAUSTED, details));
    return false;
  }

  #read({ bytes }: GrowingBuffer): FieldList | undefined {
    const octets = bytes.subarray(MESSAGE_HEADER_OCTETS);
    if ((bytes[0] & COMPRESSED_FLAG) === 0) return this.readEnd(bufferOf(octets));
    const plain = decompressEnd(
      this.#compressions,
      this.#head ?? [],
      octets,
      MAX_END_OCTETS,
      `the ${this.endName}`,
    );
    if (plain instanceof Uint8Array) return this.readEnd(bufferOf(plain));
    this.decide(plain);
    return undefined;
  }

  override onEnd(end: StreamEnd): void {
    if (this.isOver || this.isForeign || !this.#hasHead) {
      super.onEnd(end);
      return;
    }
    const trailers = this.#trailers;
    // The end frame is the end: what happens to the stream after it changes nothing.
    if (trailers !== undefined) {
      if (this.#isHeadUp) this.conclude(trailers);
      else this.concludeAtOnce(this.#head ?? [], trailers);
    } else if (end.kind !== 'complete') {
      this.#passHead();
      super.onEnd(end);
    } else if (this.#end !== undefined) {
      const details = `the server broke the protocol: the response ended inside the ${this.endName}`;
      this.decide(outcomeOfCutShort(StatusCode.INTERNAL, details, this.isExpired()));
    } else this.onMissingEnd(this.#isHeadUp ? undefined : this.#head);
  }

  #violated(reason: string): void {
    this.decide(clientOutcome(StatusCode.INTERNAL, `the server broke the protocol: ${reason}`));
  }
}
