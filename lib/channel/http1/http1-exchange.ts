// One request and its response over HTTP/1.1, as a stream of the waist: node:http's client writes and parses, this turns its
// events into the waist's. What is written before the request has begun waits here. It must not know the socket.

import type { Agent, ClientRequest, IncomingMessage } from 'node:http';
import { ENHANCE_YOUR_CALM, INTERNAL_ERROR, NO_ERROR, PROTOCOL_ERROR } from '../../http2/error-code.ts';
import type { FieldList, StreamEnd, StreamRequest, TransportStream } from '../../rpc/transport.ts';
import { called } from '../../values/options/option-words.ts';
import { messageOf } from '../../values/realm.ts';
import { StatusCode } from '../../values/status.ts';
import { quoted } from '../../values/text/page-text.ts';
import { nodeHttp } from './node-http.ts';
import { ReceiveCredit } from './receive-credit.ts';
import { requestFields } from './request-fields.ts';
import { appendFields, isKnownCoding, keepAliveMs, listOctets } from './response-fields.ts';

/** So much of a request may wait to be taken before its writer should. */
const HIGH_WATER_OCTETS = 64 * 1024;

/** What llhttp counts of a head beside the fields of the list: the status line, fields about the connection. */
const UNLISTED_OCTETS = 4 * 1024;

/** More informational heads (1xx) than this before a response are a flood. */
const MAX_INFORMATIONAL = 100;

/** llhttp's error where the first octets are not `HTTP/`. */
const NOT_HTTP = 'HPE_INVALID_CONSTANT';

/** So much of a field's value is shown. */
const MAX_SHOWN = 100;

/** What it needs of its connection. */
export interface ExchangeHost {
  readonly maxHeaderListBytes: number;
  readonly maxBufferedBytes: number;
  /** node:http listens to the socket, and is about to write the request. */
  onSocketTaken(): void;
  /** The response head came. */
  onHead(): void;
  /** What came first on the connection is no HTTP/1.1: whether that is known for something else. */
  isWrongPeer(octets: Uint8Array): boolean;
  /**
   * The exchange is over, and its handler hears of that behind this, unless the end was its own wish.
   * @param reuseMs how long the connection may carry another one; 0 where it must not, undefined where the server said
   * nothing of it
   */
  onExchangeEnd(exchange: Http1Exchange, reuseMs: number | undefined): void;
}

/** Why a connection ended, for its exchange. */
export interface ConnectionLoss {
  readonly reason: string;
  readonly cause: unknown;
  /** Nothing was written for the exchange. */
  readonly isUnsent: boolean;
  /** There was no HTTP/1.1 server at all: nothing of the request was done. */
  readonly isUnopened: boolean;
}

export class Http1Exchange implements TransportStream {
  /** Whether it belongs to no call. */
  readonly isBackground: boolean;
  readonly #host: ExchangeHost;
  readonly #callFields: FieldList;
  readonly #credit: ReceiveCredit;
  /** Whom events go to, until there are no more. */
  #request: StreamRequest | undefined;
  #outgoing: ClientRequest | undefined;
  #incoming: IncomingMessage | undefined;
  /** What is written before the request has begun. */
  #waiting: Uint8Array[] = [];
  #waitingOctets = 0;
  /** Everything of the request was written. */
  #isEnding = false;
  #wantsWritable = false;
  #isPaused = false;
  /** No more will come: what came before goes up whether there is room or not. */
  #isFlushing = false;
  #wasReset = false;
  #informational = 0;
  #reuseMs: number | undefined;

  constructor(request: StreamRequest, callFields: FieldList, isBackground: boolean, host: ExchangeHost) {
    this.#request = request;
    this.#callFields = callFields;
    this.isBackground = isBackground;
    this.#host = host;
    this.#credit = new ReceiveCredit(host.maxBufferedBytes);
  }

  /** The whole request is known. */
  get isWhole(): boolean {
    return this.#isEnding;
  }

  /** Nothing more is told of it. */
  get isOver(): boolean {
    return this.#request === undefined;
  }

  get hasBegun(): boolean {
    return this.#outgoing !== undefined;
  }

  /** Its handler wanted no more of it. */
  get wasReset(): boolean {
    return this.#wasReset;
  }

  /** Octets of the response that came and were not read. */
  get unreadOctets(): number {
    return this.#credit.unread;
  }

  // --- the stream

  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    if (this.#isEnding || this.isOver) return false;
    const chunk = owned ? bytes.subarray(start, end) : new Uint8Array(bytes.subarray(start, end));
    if (endStream) this.#isEnding = true;
    const outgoing = this.#outgoing;
    let hasRoom: boolean;
    if (outgoing === undefined) {
      this.#waiting.push(chunk);
      this.#waitingOctets += chunk.length;
      hasRoom = this.#waitingOctets <= HIGH_WATER_OCTETS;
    } else hasRoom = send(outgoing, chunk, endStream);
    if (!hasRoom) this.#wantsWritable = true;
    return hasRoom;
  }

  end(): void {
    if (this.#isEnding || this.isOver) return;
    this.#isEnding = true;
    this.#outgoing?.end();
  }

  reset(_code: number): void {
    if (this.isOver) return;
    this.#wasReset = true;
    this.#request = undefined;
    this.#waiting = [];
    this.#host.onExchangeEnd(this, this.hasBegun ? 0 : undefined);
  }

  credit(octets: number, isAwaited: boolean): void {
    this.#credit.lend(octets, isAwaited);
    this.#steer();
  }

  taken(octets: number): void {
    this.#credit.taken(octets);
    this.#steer();
  }

  // --- from the connection

  /** Writes the request to the socket of the agent. */
  begin(agent: Agent): void {
    const request = this.#request;
    if (request === undefined) return;
    const { path, method = 'POST' } = request.head;
    const bodyOctets = this.#isEnding ? this.#waitingOctets : undefined;
    let outgoing: ClientRequest;
    try {
      outgoing = nodeHttp().request({
        agent,
        method,
        path,
        headers: requestFields(request.head, this.#callFields, bodyOctets),
        maxHeaderSize: this.#host.maxHeaderListBytes + UNLISTED_OCTETS,
        insecureHTTPParser: false,
      });
    } catch (error) {
      // A field that HTTP/1.1 cannot carry.
      const reason = `the request cannot be sent over HTTP/1.1: ${messageOf(error)}`;
      this.#finish({ kind: 'unopened', code: StatusCode.INTERNAL, reason, cause: error }, undefined);
      return;
    }
    this.#outgoing = outgoing;
    // The octets are what is limited.
    outgoing.maxHeadersCount = 0;
    outgoing.on('socket', this.#onSocket);
    outgoing.on('response', this.#onResponse);
    outgoing.on('error', this.#onError);
    outgoing.on('drain', this.#onWritable);
    outgoing.on('finish', this.#onWritable);
    outgoing.on('information', this.#onInformation);
    outgoing.on('upgrade', this.#onUpgrade);
    this.#sendWaiting(outgoing);
  }

  #sendWaiting(outgoing: ClientRequest): void {
    const waiting = this.#waiting;
    const isLast = this.#isEnding;
    this.#waiting = [];
    let hasRoom = true;
    for (const [i, chunk] of waiting.entries())
      hasRoom = send(outgoing, chunk, isLast && i === waiting.length - 1);
    if (isLast && waiting.length === 0) outgoing.end();
    // What cannot wait for a write: the head.
    else if (!isLast && waiting.length === 0) outgoing.flushHeaders();
    if (hasRoom) this.#onWritable();
  }

  /** The connection has ended; whether the exchange goes on by what has come of it. */
  onConnectionEnd(loss: ConnectionLoss): void {
    // What is complete goes on to its end without the connection.
    if (this.#incoming?.complete === true && !this.#isCutOff) return;
    this.#flush();
    if (this.isOver) return;
    const { reason, cause, isUnsent, isUnopened } = loss;
    if (isUnopened) this.#finish({ kind: 'unopened', reason, cause }, 0);
    else if (isUnsent) this.#finish({ kind: 'lost', code: NO_ERROR, reason, processed: false, isUnsent }, 0);
    else this.#finish({ kind: 'lost', code: NO_ERROR, reason, processed: undefined }, 0);
  }

  /**
   * Whether the connection broke down in a body that only its orderly end would have ended: node:http takes either for the
   * end of the body, and part of a message would be taken for all of it (RFC 9112 §8).
   */
  get #isCutOff(): boolean {
    const incoming = this.#incoming;
    const socket = this.#outgoing?.socket;
    if (incoming === undefined || !socket?.errored || socket.readableEnded) return false;
    const { statusCode, headers } = incoming;
    const isDelimited =
      'content-length' in headers || headers['transfer-encoding']?.toLowerCase() === 'chunked';
    return !isDelimited && statusCode !== 204 && statusCode !== 304;
  }

  /** Passes on what has come of the body: node:http holds it for a moment, or for a reader that has paused it. */
  #flush(): void {
    const incoming = this.#incoming;
    this.#isFlushing = true;
    while (incoming !== undefined && incoming.readableLength > 0 && !this.isOver) incoming.read();
  }

  // --- from node:http

  readonly #onSocket = (): void => this.#host.onSocketTaken();

  readonly #onResponse = (incoming: IncomingMessage): void => {
    const { statusCode = 0, rawHeaders } = incoming;
    if (this.isOver) return;
    this.#incoming = incoming;
    // What it says when it is destroyed was told before.
    incoming.on('error', () => {});
    if (statusCode < 200) {
      this.#violate(PROTOCOL_ERROR, `status ${statusCode} that nothing asked for`);
      return;
    }
    const fields = appendFields([':status', String(statusCode)], rawHeaders);
    if (this.#isTooLarge(fields)) return;
    const coding = incoming.headers['transfer-encoding'];
    if (coding !== undefined && !isKnownCoding(coding)) {
      this.#violate(
        PROTOCOL_ERROR,
        `transfer-encoding ${quoted(coding, MAX_SHOWN)}, which nothing asked for`,
      );
      return;
    }
    this.#reuseMs = keepAliveMs(incoming.headers['keep-alive'] as string | undefined);
    this.#host.onHead();
    incoming.on('data', this.#onData);
    incoming.on('end', this.#onEnd);
    const isEmpty = statusCode === 204 || statusCode === 304 || incoming.headers['content-length'] === '0';
    this.#tell((request) => request.onHeaders(fields, isEmpty));
  };

  readonly #onData = (chunk: Buffer): void => {
    if (this.isOver) return;
    this.#credit.received(chunk.length);
    this.#tell((request) => request.onData(chunk, 0, chunk.length));
    this.#steer();
  };

  readonly #onEnd = (): void => {
    const { rawTrailers = [] } = this.#incoming ?? {};
    // Where it was cut off, the end of the connection follows.
    if (this.isOver || this.#isCutOff) return;
    if (rawTrailers.length > 0) {
      const fields = appendFields([], rawTrailers);
      if (this.#isTooLarge(fields)) return;
      this.#tell((request) => request.onTrailers(fields));
    }
    const outgoing = this.#outgoing;
    // A server that has answered need not read the rest of the request; where it would end is no longer known.
    const mayReuse =
      outgoing?.writableFinished === true && outgoing.shouldKeepAlive && outgoing.socket?.destroyed === false;
    this.#finish({ kind: 'complete' }, mayReuse ? this.#reuseMs : 0);
  };

  readonly #onError = (error: Error & { code?: unknown; reason?: unknown; rawPacket?: unknown }): void => {
    const { code, reason, rawPacket } = error;
    // Errors of the socket are told with its end.
    if (typeof code !== 'string' || !code.startsWith('HPE_')) return;
    // What comes behind the response concerns nobody but the connection, which node:http has destroyed.
    if (this.#incoming?.complete === true) return;
    this.#flush();
    const isFirst = code === NOT_HTTP && this.#incoming === undefined;
    if (isFirst && rawPacket instanceof Uint8Array && this.#host.isWrongPeer(rawPacket)) return;
    if (code === 'HPE_HEADER_OVERFLOW') this.#violateLimit();
    else {
      const text = typeof reason === 'string' ? reason : error.message;
      this.#violate(PROTOCOL_ERROR, `malformed HTTP/1.1: ${text} (${code})`);
    }
  };

  readonly #onWritable = (): void => {
    if (!this.#wantsWritable || this.isOver) return;
    this.#wantsWritable = false;
    this.#tell((request) => request.onWritable());
  };

  readonly #onInformation = (): void => {
    if (++this.#informational > MAX_INFORMATIONAL)
      this.#violate(ENHANCE_YOUR_CALM, `more than ${MAX_INFORMATIONAL} informational responses (1xx)`);
  };

  readonly #onUpgrade = (): void => {
    this.#violate(PROTOCOL_ERROR, 'status 101 that nothing asked for');
  };

  // --- ends

  #isTooLarge(fields: FieldList): boolean {
    if (listOctets(fields) <= this.#host.maxHeaderListBytes) return false;
    this.#violateLimit();
    return true;
  }

  #violateLimit(): void {
    const limit = this.#host.maxHeaderListBytes;
    this.#violate(
      ENHANCE_YOUR_CALM,
      `the header list exceeds the limit of ${limit} octets (${called('maxHeaderListBytes')})`,
    );
  }

  #violate(code: number, reason: string): void {
    if (this.isOver) return;
    this.#finish({ kind: 'violation', code, reason }, 0);
  }

  /** Passes an event on. What a handler throws must not get into the parser. */
  #tell(event: (request: StreamRequest) => void): void {
    const request = this.#request;
    if (request === undefined) return;
    try {
      event(request);
    } catch (error) {
      this.#violate(INTERNAL_ERROR, `the handler of the stream threw ${String(error)}`);
    }
  }

  #finish(end: StreamEnd, reuseMs: number | undefined): void {
    const request = this.#request;
    this.#request = undefined;
    this.#waiting = [];
    // First: whoever hears of the end may ask for the next stream.
    this.#host.onExchangeEnd(this, reuseMs);
    try {
      request?.onEnd(end);
    } catch {
      // There is nobody left to tell.
    }
  }

  /** Reads on, or not, as there is room. */
  #steer(): void {
    const incoming = this.#incoming;
    const isPaused = this.#credit.isUsedUp && !this.#isFlushing;
    if (incoming === undefined || this.isOver || isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) incoming.pause();
    else incoming.resume();
  }
}

/** Gives a chunk to node:http; false when the next one should wait. */
function send(outgoing: ClientRequest, chunk: Uint8Array, isLast: boolean): boolean {
  if (!isLast) return chunk.length === 0 || outgoing.write(chunk);
  if (chunk.length === 0) outgoing.end();
  else outgoing.end(chunk);
  return chunk.length <= HIGH_WATER_OCTETS;
}
