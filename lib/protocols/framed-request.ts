// A response of message frames whose last one, marked by a bit of its flag, is no message but says how the call ended. gRPC's
// frames and so are gRPC-Web's and those of Connect's streams: messages go up as they came, and the end frame stays here.

import type { CompressionTable } from '../rpc/compression/compression.ts';
import { decompressMessage } from '../rpc/message-compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { clientOutcome } from '../rpc/outcome.ts';
import type { FieldList, StreamEnd, StreamRequest } from '../rpc/transport.ts';
import { StatusCode } from '../values/status.ts';
import { AdaptedRequest } from './adapted-request.ts';
import { GrowingBuffer } from './growing-buffer.ts';

/** The largest end frame that is taken, in octets, as it comes and decompressed: as much as it says is kept in memory. */
export const MAX_END_OCTETS: number = 1024 * 1024;

export abstract class FramedRequest extends AdaptedRequest {
  /** The bit of a frame's flag that makes it the end frame. */
  protected abstract readonly endBit: number;
  /** What the protocol calls the end frame. */
  protected abstract readonly endName: string;
  /** The response is not the protocol's: whatever comes goes up as it is. */
  protected isForeign = false;
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
  protected abstract readEnd(text: string): FieldList | undefined;
  /** The response ended without an end frame; `head` has not gone up where no message came. */
  protected abstract onMissingEnd(head: FieldList | undefined): void;

  // --- from the channel

  override onHeaders(fields: FieldList, endStream: boolean): void {
    const head = this.readHead(fields);
    if (head === undefined) {
      this.isForeign = true;
      super.onHeaders(fields, endStream);
      return;
    }
    this.#head = head;
    this.#hasHead = true;
    if (endStream) return;
    // A call that fails at once may be tried again as long as it has no headers: they wait for what comes with them.
    queueMicrotask(() => {
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
    let from = start;
    let at = start;
    while (at < end && this.#end === undefined) {
      if (this.#missing > 0) {
        const octets = Math.min(this.#missing, end - at);
        this.#missing -= octets;
        at += octets;
      } else if (this.#headerOctets === 0 && (chunk[at] & this.endBit) !== 0) {
        this.#passMessages(chunk, from, at);
        this.#end = new GrowingBuffer(MESSAGE_HEADER_OCTETS + MAX_END_OCTETS);
        from = at;
      } else at = this.#stepHeader(chunk, at);
    }
    if (this.#end === undefined) this.#passMessages(chunk, from, end);
    else if (from < end) this.#takeEnd(this.#end, chunk, from, end);
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
    if (start === end || this.isOver) return;
    this.#passHead();
    super.onData(chunk, start, end);
  }

  #takeEnd(frame: GrowingBuffer, chunk: Uint8Array, start: number, end: number): void {
    if (this.isOver) return;
    this.consumed(end - start);
    if (this.#trailers !== undefined) {
      this.#violated(`the server sent ${end - start} octets after the ${this.endName}`);
      return;
    }
    const isTaken = frame.append(chunk, start, end);
    if (isTaken && frame.length < MESSAGE_HEADER_OCTETS) return;
    const octets = frame.uint32At(1);
    if (!isTaken || octets > MAX_END_OCTETS) {
      const details = `the ${this.endName} is larger than ${MAX_END_OCTETS} octets, the most that is taken`;
      this.decide(clientOutcome(StatusCode.RESOURCE_EXHAUSTED, details));
      return;
    }
    const whole = MESSAGE_HEADER_OCTETS + octets;
    if (frame.length < whole) return;
    if (frame.length > whole) {
      this.#violated(`the server sent ${frame.length - whole} octets after the ${this.endName}`);
      return;
    }
    this.#trailers = this.#read(frame.bytes[0], frame.bytes.subarray(MESSAGE_HEADER_OCTETS, whole));
  }

  #read(flag: number, octets: Uint8Array): FieldList | undefined {
    if ((flag & ~(this.endBit | COMPRESSED_FLAG)) !== 0) {
      this.#violated(`the ${this.endName} begins with the invalid flag byte ${flag}`);
      return undefined;
    }
    let text = octets;
    if ((flag & COMPRESSED_FLAG) !== 0) {
      const plain = decompressMessage(this.#compressions, this.#head ?? [], octets, MAX_END_OCTETS);
      if (!(plain instanceof Uint8Array)) {
        this.decide({ ...plain, details: `the ${this.endName}: ${plain.details}` });
        return undefined;
      }
      text = plain;
    }
    return this.readEnd(Buffer.from(text.buffer, text.byteOffset, text.length).toString('utf8'));
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
      this.#violated(`the response ended inside the ${this.endName}`);
    } else this.onMissingEnd(this.#isHeadUp ? undefined : this.#head);
  }

  #violated(reason: string): void {
    this.decide(clientOutcome(StatusCode.INTERNAL, `the server broke the protocol: ${reason}`));
  }
}
