// The request of one RPC on its stream: writes its messages, and keeps what may have to be sent again until the response
// begins. Every exchange has a request, so this is its base class rather than a separate object, which would be one more
// allocation a call. It knows nothing of replies.

import type { Compression } from './compression/compression.ts';
import { compressMessage } from './message-compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from './message-reader.ts';
import type { Outcome } from './outcome.ts';
import { HALF_CLOSE, type RequestMessage } from './replay-buffer.ts';
import type { FieldList, RequestHead, StreamRequest, Transport, TransportStream } from './transport.ts';

/**
 * How much of a request stream is kept until the response begins, in case it must be sent again because the server
 * certainly did not process it. (A retry policy keeps more, bounded by `maxRetryBufferBytesPerCall`.)
 */
const MAX_RESEND_OCTETS = 64 * 1024;

export abstract class ExchangeRequest implements Pick<StreamRequest, 'head' | 'wholeRequest'> {
  readonly head: RequestHead;
  headers: FieldList | undefined;
  protected readonly transport: Transport;
  protected stream: TransportStream | undefined;
  protected isDone = false;
  /** Whether the last message written has not left yet. */
  protected isBlocked = false;
  /** The algorithm that compresses the messages. */
  readonly #compression: Compression | undefined;
  /** Messages sent before there was a stream. */
  #waiting: RequestMessage[] | undefined;
  /** The whole request if it is a single message, kept until the response begins, in case it has to be sent again. */
  #bytes: Uint8Array | undefined;
  #start = 0;
  #endOfBytes = 0;
  /** The messages sent so far of a request stream, kept until the response begins. */
  #streamed: RequestMessage[] | undefined;
  #streamedOctets = 0;
  /** Whether more was sent than may be kept. */
  #isForgotten = false;
  #isEnded = false;
  /** A message must not be compressed. */
  #isPlain = false;

  constructor(transport: Transport, head: RequestHead, compression: Compression | undefined) {
    this.transport = transport;
    this.head = head;
    this.#compression = compression;
  }

  /** Ends the exchange with this outcome, because something in a message makes the rest worthless. */
  abstract fail(outcome: Outcome): void;

  /**
   * Sends a message: `bytes[start + MESSAGE_HEADER_OCTETS, end)`, preceded by room for the header, in memory that
   * nobody writes to again. It is compressed, if the exchange compresses, unless `mayCompress` is false. Returns false
   * if the next message should wait for `onWritable`, or if the call has just failed.
   */
  send(bytes: Uint8Array, start: number, end: number, endStream: boolean, mayCompress = true): boolean {
    if (this.isDone) return true;
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
    if (endStream) this.#isEnded = true;
    if (this.stream === undefined) {
      this.#waiting ??= [];
      this.#waiting.push({ bytes, start, end, endStream });
      this.onWaiting();
      return false;
    }
    return this.#write(this.stream, bytes, start, end, endStream);
  }

  /** More of the request waits for a stream than before. */
  protected abstract onWaiting(): void;

  /** Half-closes without a message. */
  endRequest(): void {
    if (this.isDone || this.#isEnded) return;
    this.#isEnded = true;
    if (this.stream !== undefined) this.stream.end();
    else {
      this.#waiting ??= [];
      this.#waiting.push(HALF_CLOSE);
      this.onWaiting();
    }
  }

  wholeRequest(): RequestMessage | undefined {
    const [first, second] = this.#waiting ?? [];
    const isWhole = first?.endStream === true || second?.endStream === true;
    if (!isWhole) return undefined;
    return this.#isPlain ? { ...first, mayCompress: false } : first;
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
    if (!hasRoom) this.isBlocked = true;
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

  /** Writes what waited for this stream. Returns whether a writer has waited as well, and there is room for more. */
  protected writeWaiting(stream: TransportStream): boolean {
    const waiting = this.#waiting;
    if (waiting === undefined) return false;
    this.#waiting = undefined;
    let hasRoom = true;
    for (const { bytes, start, end, endStream } of waiting) {
      if (start === end) stream.end();
      else hasRoom = this.#write(stream, bytes, start, end, endStream);
    }
    return hasRoom;
  }

  /** It will not be sent again. */
  protected forgetSent(): void {
    this.#bytes = undefined;
    this.#streamed = undefined;
  }

  /** Nor will what has not been sent. */
  protected forgetWaiting(): void {
    this.#waiting = undefined;
  }

  /** Whether all that was sent is kept. */
  protected get canRepeat(): boolean {
    return this.headers === undefined && !this.#isForgotten;
  }

  /** Puts back what was written, to be written again on another stream. */
  protected rewind(): void {
    const bytes = this.#bytes;
    const waiting = this.#streamed ?? [];
    if (bytes !== undefined)
      waiting.push({ bytes, start: this.#start, end: this.#endOfBytes, endStream: true });
    else if (this.#isEnded && waiting.at(-1)?.endStream !== true) waiting.push(HALF_CLOSE);
    this.#waiting = waiting.length === 0 ? undefined : waiting;
    this.forgetSent();
    this.#streamedOctets = 0;
    this.stream = undefined;
    this.isBlocked = false;
  }
}
