// One call on one stream, seen from the server: reads its head, runs its handler, writes what the handler gives, and
// ends with exactly one status. It knows no connections but to break them when a fault says so.

import type { StreamEnd, StreamHandler } from '../http2/handlers.ts';
import type { Stream } from '../http2/stream.ts';
import { type Compression, type CompressionTable, IDENTITY } from '../rpc/compression/compression.ts';
import { decompressMessage } from '../rpc/message-compression.ts';
import type { MessageFault } from '../rpc/message-reader.ts';
import { metadataOfFields } from '../rpc/metadata-fields.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import { DecodeError } from '../schema/codec/wire/decode-error.ts';
import { timerMs } from '../values/clock.ts';
import { Metadata } from '../values/metadata.ts';
import { StatusCode, type StatusCodeValue, statusCodeName } from '../values/status.ts';
import { MAX_RECORDED_MESSAGES, type RecordedCall } from './call-log.ts';
import { encodeErrorDetails } from './error-details.ts';
import { codeOf, type Fault } from './faults.ts';
import type { ServerCall } from './handlers.ts';
import { repliesOf, WrongReply } from './replies.ts';
import { encodeReply } from './reply-frame.ts';
import { type GrpcRequest, readRequestHead } from './request-head.ts';
import { RequestMessages } from './request-messages.ts';
import { endedWith, statusOfThrown } from './rpc-failure.ts';
import type { Route } from './service-table.ts';
import { type CallEnd, headOf, trailersOf } from './status-fields.ts';

/** What a call needs of its server. */
export interface ExchangeHost {
  readonly maxReceiveMessageBytes: number;
  readonly maxSendMessageBytes: number;
  /** What replies are compressed with where the client takes it. */
  readonly compression: Compression | undefined;
  readonly compressions: CompressionTable;
  /** The method of a path; or why there is none. Waits for the schema. */
  route(path: string): Promise<Route | string>;
  /** The fault that hits this call. */
  fault(path: string): Fault | undefined;
  onCall(call: RecordedCall): void;
  onEnd(exchange: ServerExchange): void;
}

/** What a call may do to its connection. */
export interface ExchangeConnection {
  readonly peer: string;
  goAway(): void;
  disconnect(): void;
}

const H2_NO_ERROR = 0;
const H2_INTERNAL_ERROR = 2;
const H2_REFUSED_STREAM = 7;

/** The route of a call with messages of JSON. */
function withJson(route: Route): Route {
  return { ...route, method: route.method.json ?? route.method };
}

export class ServerExchange implements StreamHandler {
  readonly #stream: Stream;
  readonly #host: ExchangeHost;
  readonly #connection: ExchangeConnection;
  readonly #abort = new AbortController();
  readonly #responseHeaders = new Metadata();
  readonly #responseTrailers = new Metadata();
  #requests: RequestMessages | undefined;
  /** What came before the method was known. */
  #early: Uint8Array[] = [];
  #isRequestEnded = false;
  #isHeadSent = false;
  #isDone = false;
  #sentReplies = 0;
  #fault: Fault | undefined;
  #deadline: NodeJS.Timeout | undefined;
  #onWritable: (() => void) | undefined;
  #path = '';
  #compression: Compression | undefined;
  /** What messages are, as the client's content-type says. */
  #codec: 'json' | undefined;
  #record: MutableRecord | undefined;
  #onEnded: () => void = () => {};

  constructor(stream: Stream, host: ExchangeHost, connection: ExchangeConnection) {
    this.#stream = stream;
    this.#host = host;
    this.#connection = connection;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  // --- from the stream

  onHeaders(fields: FieldList): void {
    const head = readRequestHead(fields);
    if ('kind' in head) {
      if (head.kind === 'http') {
        this.#isDone = true;
        this.#stream.headers([':status', String(head.status)], true);
        this.#host.onEnd(this);
        return;
      }
      this.#end({ code: StatusCode.INTERNAL, details: head.details, metadata: new Metadata() });
      return;
    }
    this.#path = head.path;
    const { compression } = this.#host;
    if (compression !== undefined && head.acceptedEncodings.includes(compression.name))
      this.#compression = compression;
    const metadata = metadataOfFields(fields);
    this.#begin(head, metadata);
    void this.#serve(head, metadata);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isDone) this.#stream.taken(end - start);
    else if (this.#requests === undefined) this.#early.push(chunk.slice(start, end));
    else this.#accept(this.#requests, chunk, start, end);
  }

  /** A client sends none; they end the request like END_STREAM, which follows. */
  onTrailers(): void {}

  onWritable(): void {
    this.#onWritable?.();
    this.#onWritable = undefined;
  }

  onEnd(end: StreamEnd): void {
    if (this.#isDone) return;
    if (end.kind === 'complete') {
      this.#isRequestEnded = true;
      if (this.#requests !== undefined) this.#endRequests(this.#requests);
      return;
    }
    const why =
      end.kind === 'reset' ? 'the client cancelled the call' : `the connection was lost: ${end.reason}`;
    this.#finish(StatusCode.CANCELLED, why);
  }

  /** Ends the call with UNAVAILABLE: its server is closing. */
  close(): void {
    this.#end({ code: StatusCode.UNAVAILABLE, details: 'the server was closed', metadata: new Metadata() });
  }

  // --- the call

  #begin(head: GrpcRequest, metadata: Metadata): void {
    const ended = new Promise<void>((resolve) => {
      this.#onEnded = resolve;
    });
    const { timeoutMs } = head;
    const method = head.path.slice(1).replace('/', '.');
    this.#record = {
      method,
      metadata,
      peer: this.#connection.peer,
      timeoutMs,
      requests: [],
      replies: [],
      status: undefined,
      error: undefined,
      ended,
    };
    this.#host.onCall(this.#record);
    if (timeoutMs === undefined) return;
    this.#deadline = setTimeout(() => {
      this.#end({
        code: StatusCode.DEADLINE_EXCEEDED,
        details: `the client's ${timeoutMs} ms are over`,
        metadata: new Metadata(),
      });
    }, timerMs(timeoutMs));
    this.#deadline.unref();
  }

  async #serve(head: GrpcRequest, metadata: Metadata): Promise<void> {
    try {
      this.#codec = head.codec;
      const found = await this.#host.route(head.path);
      if (this.#isDone) return;
      if (typeof found === 'string') {
        this.#fail(StatusCode.UNIMPLEMENTED, found);
        return;
      }
      const route = head.codec === undefined ? found : withJson(found);
      const { compressions } = this.#host;
      if (head.encoding !== IDENTITY && compressions.get(head.encoding) === undefined) {
        const known = compressions.names.join(', ');
        this.#fail(
          StatusCode.UNIMPLEMENTED,
          `messages compressed with '${head.encoding}' are not taken, only ${known}`,
        );
        return;
      }
      this.#fault = this.#host.fault(head.path);
      const requests = this.#openRequests(route.method, head.encoding);
      if (await this.#isStopped(this.#fault)) return;
      if (route.handler === undefined) {
        this.#fail(StatusCode.UNIMPLEMENTED, `${route.method.fullName} has no handler in this test server`);
        return;
      }
      await this.#run(route, requests, this.#callOf(route.method, head, metadata));
    } catch (error) {
      this.#failWith(error);
    }
  }

  async #run(route: Route, requests: RequestMessages, call: ServerCall): Promise<void> {
    const { method, handler } = route;
    if (handler === undefined) return;
    const request: unknown = method.requestStream ? requests : await this.#onlyRequest(method, requests);
    if (this.#isDone) return;
    const given: unknown = await handler(request, call);
    // An async generator that is made and never read would leave its `finally` undone: it has not begun.
    if (this.#isDone) return;
    const ended = endOf(this.#abort.signal);
    for await (const reply of repliesOf(method, given, ended)) {
      if (this.#isDone || !(await this.#send(method, reply))) return;
    }
    if (this.#isDone) return;
    this.#end({ code: StatusCode.OK, details: '', metadata: this.#responseTrailers });
  }

  /** Of a method with a single request: that there is exactly one. */
  async #onlyRequest(method: Method, requests: RequestMessages): Promise<unknown> {
    const request = await requests.next();
    if (request === undefined) {
      throw endedWith(
        StatusCode.INTERNAL,
        `${method.fullName} takes one request, and there was none`,
        this.#path,
      );
    }
    // The client ends its request at once; otherwise it is not a unary call.
    if ((await requests.next()) !== undefined) {
      throw endedWith(
        StatusCode.INTERNAL,
        `${method.fullName} takes one request, and there was a second`,
        this.#path,
      );
    }
    return request;
  }

  #callOf(method: Method, head: GrpcRequest, metadata: Metadata): ServerCall {
    const { timeoutMs } = head;
    return {
      method: method.fullName,
      cardinality: method.cardinality,
      metadata,
      signal: this.#abort.signal,
      deadline: timeoutMs === undefined ? undefined : new Date(Date.now() + timeoutMs),
      authority: head.authority,
      peer: this.#connection.peer,
      headers: this.#responseHeaders,
      trailers: this.#responseTrailers,
      sendHeaders: () => {
        if (!this.#isDone) this.#sendHead();
      },
    };
  }

  #openRequests(method: Method, encoding: string): RequestMessages {
    const { maxReceiveMessageBytes, compressions } = this.#host;
    const decompress = (message: Uint8Array): Uint8Array => {
      const plain = decompressMessage(
        compressions,
        ['grpc-encoding', encoding],
        message,
        maxReceiveMessageBytes,
      );
      if (plain instanceof Uint8Array) return plain;
      throw endedWith(plain.code, plain.details, this.#path);
    };
    const requests = new RequestMessages(
      method.request,
      maxReceiveMessageBytes,
      this.#stream,
      (message) => {
        const kept = this.#record?.requests;
        if (kept !== undefined && kept.length < MAX_RECORDED_MESSAGES) kept.push(message);
      },
      decompress,
    );
    this.#requests = requests;
    for (const chunk of this.#early) this.#accept(requests, chunk, 0, chunk.length);
    this.#early = [];
    if (this.#isRequestEnded) this.#endRequests(requests);
    return requests;
  }

  #accept(requests: RequestMessages, chunk: Uint8Array, start: number, end: number): void {
    const fault = requests.accept(chunk, start, end);
    if (fault !== undefined) this.#fail(...statusOfFault(fault, this.#host.maxReceiveMessageBytes));
  }

  #endRequests(requests: RequestMessages): void {
    if (!requests.end() && !this.#isDone)
      this.#fail(StatusCode.INTERNAL, 'the request ended inside a message');
  }

  /** Whether a fault takes the place of the handler. */
  async #isStopped(fault: Fault | undefined): Promise<boolean> {
    switch (fault?.kind) {
      case undefined:
      case 'truncate':
        return false;
      case 'delay':
        await new Promise((resolve) => setTimeout(resolve, timerMs(fault.ms)).unref());
        return this.#isDone;
      case 'goAway':
        this.#connection.goAway();
        return false;
      case 'status':
        this.#end({
          code: codeOf(fault.code) ?? StatusCode.UNKNOWN,
          details: fault.details ?? '',
          metadata: new Metadata(),
        });
        return true;
      case 'refuse':
        this.#reset(H2_REFUSED_STREAM, 'refused');
        return true;
      case 'silence':
        return true;
      case 'reset':
      case 'disconnect':
        return this.#breakAfter(0);
      default:
        return fault satisfies never;
    }
  }

  /** Breaks the call off if its fault says so after that many replies. */
  #breakAfter(replies: number): boolean {
    const fault = this.#fault;
    if (fault?.kind !== 'reset' && fault?.kind !== 'disconnect') return false;
    if ((fault.after ?? 0) !== replies) return false;
    if (fault.kind === 'reset') this.#reset(fault.code ?? H2_INTERNAL_ERROR, 'reset');
    else {
      this.#finish(StatusCode.UNAVAILABLE, 'injected: disconnected');
      this.#connection.disconnect();
    }
    return true;
  }

  #reset(code: number, what: string): void {
    this.#stream.reset(code);
    this.#finish(StatusCode.UNAVAILABLE, `injected: ${what}`);
  }

  /** Sends a reply, when there is room for the next; false when the call is over. */
  async #send(method: Method, reply: unknown): Promise<boolean> {
    const { maxSendMessageBytes } = this.#host;
    const { framed, octets } = encodeReply(method, reply, this.#compression);
    if (octets > maxSendMessageBytes) {
      const details = `message of ${octets} bytes exceeds maxSendMessageBytes ${maxSendMessageBytes}`;
      this.#fail(StatusCode.RESOURCE_EXHAUSTED, details);
      return false;
    }
    this.#sendHead();
    if (this.#fault?.kind === 'truncate' && (this.#fault.after ?? 0) === this.#sentReplies) {
      this.#stream.write(framed, 0, Math.floor(framed.length / 2), true, false);
      this.#end({ code: StatusCode.OK, details: '', metadata: this.#responseTrailers });
      return false;
    }
    const hasRoom = this.#stream.write(framed, 0, framed.length, true, false);
    this.#sentReplies++;
    const kept = this.#record?.replies;
    if (kept !== undefined && kept.length < MAX_RECORDED_MESSAGES) kept.push(reply);
    if (this.#breakAfter(this.#sentReplies)) return false;
    if (!hasRoom && !this.#isDone) {
      await new Promise<void>((resolve) => {
        this.#onWritable = resolve;
      });
    }
    return !this.#isDone;
  }

  #head(): FieldList {
    const { acceptEncoding } = this.#host.compressions;
    return headOf(this.#responseHeaders, this.#codec, this.#compression?.name, acceptEncoding);
  }

  #sendHead(): void {
    if (this.#isHeadSent) return;
    this.#isHeadSent = true;
    this.#stream.headers(this.#head(), false);
  }

  #failWith(error: unknown): void {
    if (this.#isDone) return;
    if (this.#record !== undefined) this.#record.error = error;
    if (error instanceof WrongReply) {
      this.#fail(StatusCode.INTERNAL, error.message);
      return;
    }
    if (error instanceof DecodeError) {
      this.#fail(error.status, `the request cannot be decoded: ${error.message}`);
      return;
    }
    const { code, details, metadata, errorDetails } = statusOfThrown(error);
    const all = new Metadata(this.#responseTrailers);
    for (const [name, value] of metadata) all.append(name, value);
    void this.#failWithDetails({ code, details, metadata: all }, errorDetails);
  }

  async #failWithDetails(
    end: CallEnd,
    details: Parameters<typeof encodeErrorDetails>[2] | undefined,
  ): Promise<void> {
    if (details === undefined) {
      this.#end(end);
      return;
    }
    try {
      const route = await this.#host.route(this.#path);
      if (typeof route === 'string') throw new Error(route);
      this.#end({ ...end, errorDetails: encodeErrorDetails(end.code, end.details, details, route.registry) });
    } catch (error) {
      if (this.#record !== undefined) this.#record.error = error;
      this.#fail(StatusCode.INTERNAL, `the handler's errorDetails cannot be encoded: ${String(error)}`);
    }
  }

  #fail(code: StatusCodeValue, details: string): void {
    this.#end({ code, details, metadata: this.#responseTrailers });
  }

  /** Writes the status, unless the call has ended. */
  #end(end: CallEnd): void {
    if (this.#isDone) return;
    if (this.#isHeadSent || end.code === StatusCode.OK || this.#responseHeaders.size > 0) {
      this.#sendHead();
      this.#stream.trailers(trailersOf(end));
    } else this.#stream.headers([...this.#head(), ...trailersOf(end)], true);
    const code = codeOf(end.code as StatusCodeValue) ?? StatusCode.UNKNOWN;
    // A response that is whole ends the call for good, though the request goes on (RFC 9113 §8.1).
    if (!this.#isRequestEnded && this.#stream.localEnded) this.#stream.reset(H2_NO_ERROR);
    this.#finish(code, end.details);
  }

  /** The end, however it came: once. */
  #finish(code: StatusCodeValue, details: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#deadline);
    const codeName = statusCodeName(code);
    if (this.#record !== undefined) this.#record.status = { code, codeName, details };
    const reason = endedWith(code, details, this.#path);
    this.#requests?.fail(reason);
    for (const chunk of this.#early) this.#stream.taken(chunk.length);
    this.#early = [];
    this.onWritable();
    if (code !== StatusCode.OK) this.#abort.abort(reason);
    this.#onEnded();
    this.#host.onEnd(this);
  }
}

/** A record while its call runs. */
interface MutableRecord extends RecordedCall {
  readonly requests: unknown[];
  readonly replies: unknown[];
  status: RecordedCall['status'];
  error: unknown;
}

/** Resolves when nobody waits for replies any more. */
function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function statusOfFault(fault: MessageFault, maxOctets: number): [StatusCodeValue, string] {
  switch (fault.kind) {
    case 'size':
      return [
        StatusCode.RESOURCE_EXHAUSTED,
        `message of ${fault.octets} bytes exceeds maxReceiveMessageBytes ${maxOctets}`,
      ];
    case 'flag':
      return [StatusCode.INTERNAL, `a message begins with the invalid flag byte ${fault.flag}`];
    default:
      return fault satisfies never;
  }
}
