// The request of one RPC on its stream: writes its messages, and keeps what may have to be sent again until the response
// begins. Every exchange has a request, so this is its base class rather than a separate object, which would be one more
// allocation a call. It knows nothing of replies.

import type { ExchangeSettings } from './exchange-settings.ts';
import { compressMessage } from './message-compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from './message-reader.ts';
import type { Outcome } from './outcome.ts';
import { HALF_CLOSE, type RequestMessage } from './replay-buffer.ts';
import type { FieldList, RequestHead, StreamRequest, Transport, TransportStream } from './transport.ts';

// What is true of an exchange: a bit each of one field. As fields of their own they would take eight octets each, of every
// call in flight; V8 copies all of that twice for each call that outlives a scavenge, and marks and sweeps it later.

/** It has ended. */
export const DONE: number = 1 << 0;
/** The last message written has not left yet. */
export const BLOCKED: number = 1 << 1;
/** The request was half-closed. */
const ENDED: number = 1 << 2;
/** More of the request was sent than may be kept. */
const FORGOTTEN: number = 1 << 3;
/** A message of the request must not be compressed. */
const PLAIN: number = 1 << 4;
/** The call may be sent once more after REFUSED_STREAM (gRFC A6). */
export const RESENDABLE: number = 1 << 5;
/** There may be any number of replies. */
export const REPLY_STREAM: number = 1 << 6;
/** The call wants the next message as soon as it is complete. */
export const READING: number = 1 << 7;
/** One reply has been delivered. */
export const REPLIED: number = 1 << 8;
/** The request was written on another stream before. */
const REWRITTEN: number = 1 << 9;

/**
 * How much of a request stream is kept until the response begins, in case it must be sent again because the server
 * certainly did not process it. (A retry policy keeps more, bounded by `maxRetryBufferBytesPerCall`.)
 */
const MAX_RESEND_OCTETS = 64 * 1024;

interface StreamedRequest {
  readonly messages: RequestMessage[];
  octets: number;
}

export abstract class ExchangeRequest implements Pick<StreamRequest, 'head' | 'wholeRequest'> {
  readonly head: RequestHead;
  headers: FieldList | undefined;
  protected readonly transport: Transport;
  protected stream: TransportStream | undefined;
  protected readonly settings: ExchangeSettings;
  /** What is true of it, a bit each. */
  protected flags = 0;
  /** Messages sent before there was a stream. */
  #waiting: RequestMessage[] | undefined;
  /** The whole request if it is a single message, kept until the response begins, in case it has to be sent again. */
  #bytes: Uint8Array | undefined;
  #start = 0;
  #endOfBytes = 0;
  /** What was sent so far of a request stream, kept until the response begins. */
  #streamed: StreamedRequest | undefined;

  constructor(transport: Transport, head: RequestHead, settings: ExchangeSettings) {
    this.transport = transport;
    this.head = head;
    this.settings = settings;
  }

  protected get isDone(): boolean {
    return (this.flags & DONE) !== 0;
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
    const { compression } = this.settings;
    if (!mayCompress) this.flags |= PLAIN;
    else if (compression !== undefined) {
      const compressed = compressMessage(compression, bytes, start, end);
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
    if (endStream) this.flags |= ENDED;
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
    if ((this.flags & (DONE | ENDED)) !== 0) return;
    this.flags |= ENDED;
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
    return (this.flags & PLAIN) !== 0 ? { ...first, mayCompress: false } : first;
  }

  #write(
    stream: TransportStream,
    bytes: Uint8Array,
    start: number,
    end: number,
    endStream: boolean,
  ): boolean {
    if (this.canRepeat) {
      if (endStream && this.#streamed === undefined) {
        this.#bytes = bytes;
        this.#start = start;
        this.#endOfBytes = end;
      } else this.#keep({ bytes, start, end, endStream });
    }
    const hasRoom = stream.write(bytes, start, end, true, endStream);
    if (!hasRoom) this.flags |= BLOCKED;
    return hasRoom;
  }

  #keep(message: RequestMessage): void {
    this.#streamed ??= { messages: [], octets: 0 };
    const streamed = this.#streamed;
    streamed.octets += message.end - message.start;
    if (streamed.octets > MAX_RESEND_OCTETS) {
      this.flags |= FORGOTTEN;
      this.#streamed = undefined;
    } else streamed.messages.push(message);
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
    return this.headers === undefined && (this.flags & FORGOTTEN) === 0;
  }

  /** Whether what was sent is needed no more, neither to be sent again nor by the stream. */
  get isRequestSpent(): boolean {
    return this.isDone && (this.flags & REWRITTEN) === 0 && this.stream?.isWritten === true;
  }

  /** Puts back what was written, to be written again on another stream. */
  protected rewind(): void {
    this.flags |= REWRITTEN;
    const bytes = this.#bytes;
    const waiting = this.#streamed?.messages ?? [];
    if (bytes !== undefined)
      waiting.push({ bytes, start: this.#start, end: this.#endOfBytes, endStream: true });
    else if ((this.flags & ENDED) !== 0 && waiting.at(-1)?.endStream !== true) waiting.push(HALF_CLOSE);
    this.#waiting = waiting.length === 0 ? undefined : waiting;
    this.forgetSent();
    this.stream = undefined;
    this.flags &= ~BLOCKED;
  }
}
