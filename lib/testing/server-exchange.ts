// One call on one stream, seen from the server: reads its head, runs its handler, sends what the handler gives, and ends
// with exactly one status. response-writer.ts writes what goes back, fault-injection.ts does what a fault does to it. It
// knows no other call.

import type { StreamEnd, StreamHandler } from '../http2/handlers.ts';
import { type Compression, type CompressionTable, IDENTITY } from '../rpc/compression/compression.ts';
import { decompressMessage } from '../rpc/message-compression.ts';
import { statusOfFault } from '../rpc/message-fault.ts';
import { metadataOfFields } from '../rpc/metadata-fields.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { Method } from '../schema/codec/method.ts';
import { LongTimer } from '../values/clock.ts';
import { Metadata } from '../values/metadata.ts';
import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { CallRecording, type RecordedCall } from './call-log.ts';
import { encodeErrorDetails } from './error-details.ts';
import { FaultInjection } from './fault-injection.ts';
import { codeOf, type Fault } from './faults.ts';
import type { ServerCall } from './handlers.ts';
import {
  acceptedTypes,
  type CallForm,
  type HttpRefusal,
  mismatch,
  refusalFields,
} from './protocols/call-form.ts';
import type { ServerStream } from './protocols/server-stream.ts';
import { repliesOf } from './replies.ts';
import { encodeReply } from './reply-frame.ts';
import { type GrpcRequest, readRequestHead } from './request-head.ts';
import { onlyRequest, RequestMessages } from './request-messages.ts';
import { ResponseWriter } from './response-writer.ts';
import { endedWith, statusOfThrown } from './rpc-failure.ts';
import type { Route } from './service-table.ts';
import type { CallEnd } from './status-fields.ts';

/** What a call needs of its server. */
export interface ExchangeHost {
  readonly maxReceiveMessageBytes: number;
  readonly maxSendMessageBytes: number;
  /** What replies are compressed with if the client accepts it. */
  readonly compression: Compression | undefined;
  readonly compressions: CompressionTable;
  /** The method of a path, or why it cannot be called. Waits for the schema. */
  route(path: string): Promise<Route | string>;
  /** The fault that hits this call. */
  fault(path: string): Fault | undefined;
  onCall(call: RecordedCall): void;
  onBegin(exchange: ServerExchange): void;
  onEnd(exchange: ServerExchange): void;
}

/** What a call may do to its connection. */
export interface ExchangeConnection {
  readonly peer: string;
  readonly httpVersion: '1.1' | '2';
  goAway(): void;
  disconnect(): void;
}

const H2_NO_ERROR = 0;

export class ServerExchange implements StreamHandler {
  readonly #stream: ServerStream;
  readonly #host: ExchangeHost;
  readonly #connection: ExchangeConnection;
  readonly #form: CallForm;
  readonly #abort = new AbortController();
  readonly #response: ResponseWriter;
  #requests: RequestMessages | undefined;
  /** What came before the method was known. */
  #early: Uint8Array[] = [];
  #isRequestEnded = false;
  #isDone = false;
  #sentReplies = 0;
  #deadline: LongTimer | undefined;
  #path = '';
  #recording: CallRecording | undefined;

  /** @param form the protocol that the client speaks; the stream below makes it look like gRPC */
  constructor(stream: ServerStream, host: ExchangeHost, connection: ExchangeConnection, form: CallForm) {
    this.#stream = stream;
    this.#host = host;
    this.#connection = connection;
    this.#form = form;
    this.#response = new ResponseWriter(stream, host.compressions.acceptEncoding, form.codec);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  // --- from the stream

  onHeaders(fields: FieldList): void {
    const head = readRequestHead(fields);
    if ('problem' in head) {
      this.#end({ code: StatusCode.INTERNAL, details: head.problem, metadata: new Metadata() });
      return;
    }
    this.#path = head.path;
    const { compression } = this.#host;
    if (compression !== undefined && head.acceptedEncodings.includes(compression.name))
      this.#response.compression = compression;
    const metadata = metadataOfFields(fields);
    this.#begin(head, metadata);
    void this.#serve(head, metadata);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#isDone) this.#stream.taken(end - start);
    else if (this.#requests === undefined) this.#early.push(chunk.slice(start, end));
    else this.#accept(this.#requests, chunk, start, end);
  }

  /** A client does not send trailers; if it does, they end the request like END_STREAM, which follows. */
  onTrailers(): void {}

  onWritable(): void {
    this.#response.onRoom();
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

  /** Ends the call with UNAVAILABLE, as its server is closing. */
  close(): void {
    this.#end({ code: StatusCode.UNAVAILABLE, details: 'the server was closed', metadata: new Metadata() });
  }

  // --- the call

  #begin(head: GrpcRequest, metadata: Metadata): void {
    const { timeoutMs } = head;
    this.#recording = new CallRecording({
      method: head.path.slice(1).replace('/', '.'),
      metadata,
      peer: this.#connection.peer,
      timeoutMs,
      protocol: this.#form.protocol,
      codec: this.#form.codec,
      httpVersion: this.#connection.httpVersion,
      httpMethod: this.#form.httpMethod,
    });
    this.#host.onCall(this.#recording.call);
    if (timeoutMs === undefined) return;
    this.#deadline = new LongTimer(() => {
      this.#end({
        code: StatusCode.DEADLINE_EXCEEDED,
        details: `the client's timeout of ${timeoutMs} ms has passed`,
        metadata: new Metadata(),
      });
    }, timeoutMs);
    this.#deadline.unref();
  }

  async #serve(head: GrpcRequest, metadata: Metadata): Promise<void> {
    try {
      const found = await this.#host.route(head.path);
      if (this.#isDone) return;
      if (typeof found === 'string') {
        this.#refuse({ status: 404, details: found }, []);
        return;
      }
      const refusal = mismatch(this.#form, found.method);
      if (refusal !== undefined) {
        this.#refuse(refusal, refusalFields(refusal.status, this.#acceptedFor(found.method)));
        return;
      }
      const { method } = found;
      const route = this.#form.codec === 'json' ? { ...found, method: method.json ?? method } : found;
      const { compressions } = this.#host;
      if (head.encoding !== IDENTITY && compressions.get(head.encoding) === undefined) {
        const known = compressions.names.join(', ');
        this.#fail(
          StatusCode.UNIMPLEMENTED,
          `messages compressed with '${head.encoding}' are not accepted, only ${known}`,
        );
        return;
      }
      const fault = this.#injection(head.path);
      const requests = this.#openRequests(route.method, head.encoding);
      if (await fault?.replacesHandler()) return;
      if (route.handler === undefined) {
        this.#fail(StatusCode.UNIMPLEMENTED, `${route.method.fullName} has no handler in this test server`);
        return;
      }
      await this.#run(route, requests, this.#callOf(route.method, head, metadata), fault);
    } catch (error) {
      this.#failWith(error);
    }
  }

  #refuse({ status, details }: { status: HttpRefusal | 404; details: string }, fields: FieldList): void {
    this.#stream.refuse?.(status, fields);
    this.#fail(StatusCode.UNIMPLEMENTED, details);
  }

  #acceptedFor({ requestStream, responseStream }: Method): string[] {
    const isStream = requestStream || responseStream;
    return acceptedTypes(this.#connection.httpVersion === '2', { isUnary: !isStream, isStream });
  }

  async #run(
    route: Route,
    requests: RequestMessages,
    call: ServerCall,
    fault: FaultInjection | undefined,
  ): Promise<void> {
    const { method, handler } = route;
    if (handler === undefined) return;
    const request: unknown = method.requestStream
      ? requests
      : await onlyRequest(requests, method, this.#path);
    if (this.#isDone) return;
    const given: unknown = await handler(request, call);
    // An async generator that is never read need not be closed: it has not begun, so its `finally` does not run.
    if (this.#isDone) return;
    const ended = endOf(this.#abort.signal);
    for await (const reply of repliesOf(method, given, ended)) {
      if (this.#isDone || !(await this.#send(method, reply, fault))) return;
    }
    if (this.#isDone) return;
    this.#end({ code: StatusCode.OK, details: '', metadata: this.#response.trailers });
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
      headers: this.#response.headers,
      trailers: this.#response.trailers,
      sendHeaders: () => {
        if (!this.#isDone) this.#response.sendHead();
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
      (message) => this.#recording?.onRequest(message),
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
    if (fault !== undefined)
      this.#fail(...statusOfFault(fault, `maxReceiveMessageBytes ${this.#host.maxReceiveMessageBytes}`));
  }

  #endRequests(requests: RequestMessages): void {
    if (!requests.end() && !this.#isDone)
      this.#fail(StatusCode.INTERNAL, 'the request ended inside a message');
  }

  /** The fault that hits the call, if one does. */
  #injection(path: string): FaultInjection | undefined {
    const fault = this.#host.fault(path);
    if (fault === undefined) return undefined;
    const exchange = this;
    return new FaultInjection(fault, {
      get isDone() {
        return exchange.#isDone;
      },
      end: (end) => this.#end(end),
      reset: (code) => this.#stream.reset(code),
      breakOff: (details) => this.#finish(StatusCode.UNAVAILABLE, details),
      goAway: () => this.#connection.goAway(),
      disconnect: () => this.#connection.disconnect(),
    });
  }

  /** Sends a reply and waits until there is room for the next; false when the call is over. */
  async #send(method: Method, reply: unknown, fault: FaultInjection | undefined): Promise<boolean> {
    const { maxSendMessageBytes } = this.#host;
    const response = this.#response;
    const { framed, octets } = encodeReply(method, reply, response.compression);
    if (octets > maxSendMessageBytes) {
      const details = `message of ${octets} bytes exceeds maxSendMessageBytes ${maxSendMessageBytes}`;
      this.#fail(StatusCode.RESOURCE_EXHAUSTED, details);
      return false;
    }
    if (fault?.cutsOff(this.#sentReplies)) {
      response.writeHalf(framed);
      this.#end({ code: StatusCode.OK, details: '', metadata: response.trailers });
      return false;
    }
    const hasRoom = response.write(framed);
    this.#sentReplies++;
    this.#recording?.onReply(reply);
    if (fault?.breaksAfter(this.#sentReplies)) return false;
    if (!hasRoom && !this.#isDone) await response.room();
    return !this.#isDone;
  }

  #failWith(error: unknown): void {
    if (this.#isDone) return;
    this.#recording?.onError(error);
    const { code, details, metadata, errorDetails } = statusOfThrown(error, this.#form.protocol);
    const all = new Metadata(this.#response.trailers);
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
      this.#recording?.onError(error);
      this.#fail(StatusCode.INTERNAL, `the handler's errorDetails cannot be encoded: ${String(error)}`);
    }
  }

  #fail(code: StatusCodeValue, details: string): void {
    this.#end({ code, details, metadata: this.#response.trailers });
  }

  /** Writes the status, unless the call has ended. */
  #end(end: CallEnd): void {
    if (this.#isDone) return;
    this.#response.end(end);
    const code = codeOf(end.code as StatusCodeValue) ?? StatusCode.UNKNOWN;
    // A complete response ends the call for good, even if the request goes on (RFC 9113 §8.1).
    if (!this.#isRequestEnded && this.#stream.localEnded) this.#stream.reset(H2_NO_ERROR);
    this.#finish(code, end.details);
  }

  /** The end, however it came: once. */
  #finish(code: StatusCodeValue, details: string): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#deadline?.clear();
    this.#recording?.onStatus(code, details);
    const reason = endedWith(code, details, this.#path);
    this.#requests?.fail(reason);
    for (const chunk of this.#early) this.#stream.taken(chunk.length);
    this.#early = [];
    this.#response.onRoom();
    if (code !== StatusCode.OK) this.#abort.abort(reason);
    this.#recording?.onEnded();
    this.#host.onEnd(this);
  }
}

/** Resolves when nobody waits for replies any more. */
function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
