// How header blocks, body and END_STREAM make up one HTTP message on a stream (RFC 9113 §8.1): heads and
// trailers in their places and no larger than allowed, informational heads skipped, content-length checked. A malformed
// message is a stream error. Knows field lists and octet counts, no frames.

import { ENHANCE_YOUR_CALM, PROTOCOL_ERROR, STREAM_CLOSED } from './error-code.ts';
import { type FloodMeter, IGNORED_FRAMES } from './flood-meter.ts';
import type { FieldList } from './handlers.ts';
import { checkRequestHead, checkResponseHead, checkTrailers, type Head } from './header-rules.ts';
import type { Notifier } from './notifier.ts';
import type { Stream } from './stream.ts';

export interface HttpMessageHost {
  /**
   * A stream error: RST_STREAM, and the handler is told of a violation; `last` are the malformed fields that should
   * have ended the response.
   */
  violate(stream: Stream, code: number, reason: string, last?: FieldList): void;
  /** The peer's side of the stream ended in good order. */
  remoteEnded(stream: Stream): void;
}

/** A response with this status has the content-length of a body that does not follow (RFC 9110 §8.6). */
const NOT_MODIFIED = 304;
const SWITCHING_PROTOCOLS = 101;
const FIRST_FINAL_STATUS = 200;

export class HttpMessages {
  /** How many streams have had their head: a well-formed, final one. */
  heads = 0;
  readonly #isClient: boolean;
  readonly #maxListOctets: number;
  readonly #maxListName: string;
  readonly #host: HttpMessageHost;
  readonly #notifier: Notifier;
  readonly #meter: FloodMeter;
  readonly #head: Head = { fault: '', status: 0, contentLength: -1 };
  /** The last lists found good: the decoder returns the same list for the same octets, call after call. */
  #goodHead: FieldList | undefined = undefined;
  #goodTrailers: FieldList | undefined = undefined;

  constructor(
    isClient: boolean,
    maxListOctets: number,
    maxListName: string,
    host: HttpMessageHost,
    notifier: Notifier,
    meter: FloodMeter,
  ) {
    this.#isClient = isClient;
    this.#maxListOctets = maxListOctets;
    this.#maxListName = maxListName;
    this.#host = host;
    this.#notifier = notifier;
    this.#meter = meter;
  }

  /** A decoded header block; `overflowed` when its list is larger than the limit and was cut short. */
  block(stream: Stream, fields: FieldList, overflowed: boolean, endStream: boolean): void {
    if (stream.remoteEnded) {
      this.#host.violate(stream, STREAM_CLOSED, 'HEADERS after END_STREAM');
    } else if (overflowed) {
      const reason = `the header list exceeds the limit of ${this.#maxListOctets} octets (${this.#maxListName})`;
      this.#host.violate(stream, ENHANCE_YOUR_CALM, reason);
    } else if (stream.headReceived) {
      this.#trailers(stream, fields, endStream);
    } else {
      this.#headOf(stream, fields, endStream);
    }
  }

  /** Octets of the body arrived; false when they make the message malformed and the stream is over. */
  body(stream: Stream, octets: number): boolean {
    if (stream.remoteEnded) {
      this.#host.violate(stream, STREAM_CLOSED, 'DATA after END_STREAM');
      return false;
    }
    if (!stream.headReceived) {
      this.#host.violate(stream, PROTOCOL_ERROR, 'malformed message: DATA before HEADERS');
      return false;
    }
    stream.bodyOctets += octets;
    if (stream.contentLength >= 0 && stream.bodyOctets > stream.contentLength) {
      this.#contentLengthMismatch(stream);
      return false;
    }
    return true;
  }

  /** END_STREAM. */
  end(stream: Stream): void {
    if (!this.#checkLength(stream)) return;
    stream.remoteEnded = true;
    this.#host.remoteEnded(stream);
  }

  #headOf(stream: Stream, fields: FieldList, endStream: boolean): void {
    if (fields !== this.#goodHead && !this.#checkHead(stream, fields, endStream)) return;
    stream.headReceived = true;
    this.heads++;
    if (endStream && !this.#checkLength(stream, fields)) return;
    // A client opened the stream itself, so an answer is progress; a request that reaches a server is not.
    if (this.#isClient) this.#meter.progress();
    this.#notifier.headers(stream, fields, endStream);
    if (endStream && stream.isOpen) this.end(stream);
  }

  /** Whether the list is a well-formed, final head; notes in the stream what matters of it. */
  #checkHead(stream: Stream, fields: FieldList, endStream: boolean): boolean {
    const head = this.#head;
    if (this.#isClient) checkResponseHead(fields, head);
    else checkRequestHead(fields, head);
    const isInformational = this.#isClient && head.fault === '' && head.status < FIRST_FINAL_STATUS;
    if (isInformational && endStream) head.fault = 'END_STREAM on an informational response';
    if (isInformational && head.status === SWITCHING_PROTOCOLS) head.fault = ':status 101 in HTTP/2';
    if (head.fault !== '') {
      this.#malformed(stream, head.fault, endStream ? fields : undefined);
      return false;
    }
    if (isInformational) {
      this.#meter.count(IGNORED_FRAMES);
      return false;
    }
    if (head.status !== NOT_MODIFIED) stream.contentLength = head.contentLength;
    if (head.contentLength < 0) this.#goodHead = fields;
    return true;
  }

  #trailers(stream: Stream, fields: FieldList, endStream: boolean): void {
    const head = this.#head;
    head.fault = endStream ? '' : 'trailers without END_STREAM';
    if (endStream && fields !== this.#goodTrailers) checkTrailers(fields, this.#isClient, head);
    if (head.fault !== '') {
      this.#malformed(stream, head.fault, endStream ? fields : undefined);
      return;
    }
    this.#goodTrailers = fields;
    if (!this.#checkLength(stream, fields)) return;
    this.#meter.progress();
    this.#notifier.trailers(stream, fields);
    if (stream.isOpen) this.end(stream);
  }

  /** Whether a body that ends now is as long as its head said. */
  #checkLength(stream: Stream, last?: FieldList): boolean {
    if (stream.contentLength < 0 || stream.bodyOctets === stream.contentLength) return true;
    this.#contentLengthMismatch(stream, last);
    return false;
  }

  #contentLengthMismatch(stream: Stream, last?: FieldList): void {
    const { contentLength, bodyOctets } = stream;
    const than = bodyOctets > contentLength ? 'more' : 'fewer';
    this.#malformed(stream, `${than} octets than content-length ${contentLength}`, last);
  }

  #malformed(stream: Stream, fault: string, last?: FieldList): void {
    this.#host.violate(stream, PROTOCOL_ERROR, `malformed message: ${fault}`, last);
  }
}
