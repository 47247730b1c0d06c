// A call of Connect with one message each way: the bare message as the body of a plain HTTP request and response, trailers as
// header fields, an error as JSON. Where it may, it is a GET. Source: connectrpc.com/docs/protocol, "Unary RPCs".

import { type CompressionTable, IDENTITY } from '../rpc/compression/compression.ts';
import { fieldValue, without } from '../rpc/field-list.ts';
import { adviceForGateway } from '../rpc/http-answer.ts';
import { compressMessage } from '../rpc/message-compression.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from '../rpc/message-reader.ts';
import { clientOutcome, codeOfHttpStatus, outcomeOfHttpStatus } from '../rpc/outcome.ts';
import type { RequestMessage } from '../rpc/replay-buffer.ts';
import type { FieldList, StreamEnd, StreamRequest } from '../rpc/transport.ts';
import { bufferOf } from '../values/octets.ts';
import { called } from '../values/options/option-words.ts';
import { StatusCode } from '../values/status.ts';
import { AdaptedRequest } from './adapted-request.ts';
import { errorTrailers, isErrorOfConnect, isStatusOfGateway, jsonObject } from './connect-error.ts';
import { connectFields, isOfGrpc, withoutLast } from './connect-fields.ts';
import { decompressEnd } from './decompress-end.ts';
import { isField, mediaType } from './field-list.ts';
import { type GetUrls, saysTooLong } from './get-urls.ts';
import { GrowingBuffer } from './growing-buffer.ts';
import { CONNECT_ERROR_TYPE, TRAILER_PREFIX } from './wire-names.ts';

/** The largest error that is read, in octets, as it comes and decompressed. */
export const MAX_ERROR_OCTETS: number = 1024 * 1024;

const HIDDEN: ReadonlySet<string> = new Set(['content-encoding', 'accept-encoding', 'content-length']);

/** Fields that a GET, which has no body, does not have. */
const OF_BODIES: ReadonlySet<string> = new Set(['content-type', 'connect-protocol-version']);

export class ConnectUnary extends AdaptedRequest {
  readonly #compressions: CompressionTable;
  readonly #urls: GetUrls;
  #message: RequestMessage | undefined;
  /** The head, as gRPC has it, and the trailers that came in it. */
  #head: FieldList = [];
  #trailers: string[] = [];
  #body: GrowingBuffer | undefined;
  /** Octets of the body that were not given back to the stream. */
  #held = 0;
  #isError = false;
  #hasHead = false;

  constructor(request: StreamRequest, compressions: CompressionTable, urls: GetUrls) {
    super(request);
    this.#compressions = compressions;
    this.#urls = urls;
  }

  // --- the request

  /** Its compression, and all of it in a GET, stand in the head: it must be there first. */
  override prepare(): boolean {
    const whole = this.request.wholeRequest?.();
    if (whole === undefined) return false;
    const message = this.#compressed(whole);
    if (message === undefined) return false;
    this.#message = message;
    const path = this.head.protocol?.isSafe ? this.#pathOfGet(message) : undefined;
    if (path !== undefined) {
      const { head } = this;
      this.head = { ...head, method: 'GET', path, fields: without(head.fields, OF_BODIES) };
    }
    return true;
  }

  /** The message in the compression of the call, whether that makes it smaller or not: no message says its own. */
  #compressed(message: RequestMessage): RequestMessage | undefined {
    const { bytes, start, end, endStream, mayCompress } = message;
    const compression = mayCompress === false ? undefined : this.#compressions.get(this.#encoding);
    if (compression === undefined || end === start || bytes[start] === COMPRESSED_FLAG) return message;
    const compressed = compressMessage(compression, bytes, start, end, false);
    if (compressed instanceof Uint8Array) {
      compressed[0] = COMPRESSED_FLAG;
      return { bytes: compressed, start: 0, end: compressed.length, endStream };
    }
    if (compressed !== undefined) this.decide(compressed);
    return undefined;
  }

  get #isCompressed(): boolean {
    const message = this.#message;
    return (
      message !== undefined && message.end > message.start && message.bytes[message.start] === COMPRESSED_FLAG
    );
  }

  /** The path with the message in it; undefined where that is too long. */
  #pathOfGet({ bytes, start, end }: RequestMessage): string | undefined {
    const octets = bytes.subarray(Math.min(start + MESSAGE_HEADER_OCTETS, end), end);
    if (!this.#urls.mayHave(octets.length)) return undefined;
    const encoding = this.head.protocol?.contentType.replace('application/', '') ?? '';
    const isText = encoding === 'json' && !this.#isCompressed;
    const buffer = bufferOf(octets);
    // In the order that the protocol recommends, so that caches see one address for one request.
    const query = [
      'connect=v1',
      ...(isText ? [] : ['base64=1']),
      ...(this.#isCompressed ? [`compression=${encodeURIComponent(this.#encoding)}`] : []),
      `encoding=${encoding}`,
      `message=${isText ? encodeURIComponent(buffer.toString('utf8')) : buffer.toString('base64url')}`,
    ];
    const path = `${this.head.path}?${query.join('&')}`;
    return this.#urls.mayHave(path.length) ? path : undefined;
  }

  get #isGet(): boolean {
    return this.head.method === 'GET';
  }

  /** The URL is too long for the server: the call is to come again, when it is not taken for a GET any more. */
  #beginAsPost(said: string): void {
    this.#urls.refused(this.head.path.length);
    this.endUnprocessed(`the URL of the GET, of ${this.head.path.length} octets, is too long: ${said}`);
  }

  get #encoding(): string {
    return fieldValue(super.callFields() ?? [], 'grpc-encoding') ?? IDENTITY;
  }

  override callFields(): FieldList | undefined {
    const isNamed = this.#isCompressed && !this.#isGet;
    return connectFields(super.callFields(), isNamed ? 'content-encoding' : undefined);
  }

  override write(
    _bytes: Uint8Array,
    _start: number,
    _end: number,
    owned: boolean,
    endStream: boolean,
  ): boolean {
    const message = this.#message;
    if (this.#isGet || message === undefined) {
      if (endStream) this.end();
      return true;
    }
    return super.write(message.bytes, message.start + MESSAGE_HEADER_OCTETS, message.end, owned, endStream);
  }

  // --- the response

  override onHeaders(fields: FieldList, endStream: boolean): void {
    const status = fieldValue(fields, ':status') ?? '';
    if (this.#isGet && saysTooLong(status)) {
      this.#beginAsPost(`HTTP status ${status}`);
      return;
    }
    const type = mediaType(fieldValue(fields, 'content-type'));
    const wanted = this.head.protocol?.contentType;
    this.#isError = status !== '200';
    if (this.#isError ? type !== CONNECT_ERROR_TYPE : type !== wanted) {
      this.passForeign(fields, endStream);
      return;
    }
    this.#hasHead = true;
    this.#split(fields);
    if (!this.#isError) super.onHeaders(this.#head, false);
  }

  #split(fields: FieldList): void {
    const { codec } = this.head;
    const contentType = codec === undefined ? 'application/grpc' : `application/grpc+${codec}`;
    const head: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      const name = fields[i];
      const value = fields[i + 1];
      if (name.startsWith(TRAILER_PREFIX)) this.#addTrailer(name.slice(TRAILER_PREFIX.length), value);
      else if (isOfGrpc(name)) continue;
      else if (name === 'content-type') head.push(name, contentType);
      else if (name === 'content-encoding') head.push('grpc-encoding', value);
      else if (!HIDDEN.has(name)) head.push(name, value);
    }
    this.#head = head;
  }

  #addTrailer(name: string, value: string): void {
    if (isField(name, value) && !isOfGrpc(name)) this.#trailers.push(name, value);
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.isForeign) {
      super.onData(chunk, start, end);
      return;
    }
    if (this.isOver) return;
    // As of any message that is not whole yet: what many calls hold together has a limit.
    this.#held += end - start;
    super.credit(end - start, true);
    const limit = this.#isError ? MAX_ERROR_OCTETS : this.#maxOctets;
    this.#body ??= new GrowingBuffer(limit);
    if (this.#body.append(chunk, start, end)) return;
    const details = this.#isError
      ? `the error of Connect is larger than ${limit} octets, the most that is taken`
      : `message of more than ${limit} bytes exceeds ${called('maxReceiveMessageBytes', limit)}`;
    this.decide(clientOutcome(StatusCode.RESOURCE_EXHAUSTED, details));
  }

  get #maxOctets(): number {
    return this.request.maxMessageOctets ?? Infinity;
  }

  /** Connect has no HTTP trailers. */
  override onTrailers(fields: FieldList): void {
    if (this.isForeign) super.onTrailers(fields);
  }

  override onEnd(end: StreamEnd): void {
    if (this.#isGet && end.kind === 'unopened' && end.isHeadTooLarge === true) {
      this.#beginAsPost(end.reason);
      return;
    }
    // All of it is here; what the call gives back of the message is none of the stream's.
    this.consumed(this.#held);
    this.#held = 0;
    if (this.isOver || this.isForeign || !this.#hasHead || end.kind !== 'complete')
      super.onEnd(withoutLast(end));
    else if (this.#isError) this.#concludeError();
    else this.#concludeMessage();
  }

  #concludeMessage(): void {
    const octets = this.#body?.bytes ?? new Uint8Array(0);
    const encoding = fieldValue(this.#head, 'grpc-encoding') ?? IDENTITY;
    const framed = new Uint8Array(MESSAGE_HEADER_OCTETS + octets.length);
    new DataView(framed.buffer).setUint32(1, octets.length);
    // Nothing is nothing in every encoding.
    if (encoding !== IDENTITY && octets.length > 0) framed[0] = COMPRESSED_FLAG;
    framed.set(octets, MESSAGE_HEADER_OCTETS);
    super.onData(framed, 0, framed.length);
    this.conclude(['grpc-status', '0', ...this.#trailers]);
  }

  override taken(octets: number): void {
    if (this.isForeign) super.taken(octets);
  }

  override credit(octets: number, isAwaited: boolean): void {
    if (this.isForeign) super.credit(octets, isAwaited);
  }

  #concludeError(): void {
    const status = fieldValue(this.#head, ':status') ?? '';
    const body = this.#body?.bytes ?? new Uint8Array(0);
    const isCompressed = (fieldValue(this.#head, 'grpc-encoding') ?? IDENTITY) !== IDENTITY;
    const plain = isCompressed
      ? decompressEnd(this.#compressions, this.#head, body, MAX_ERROR_OCTETS, 'the error of Connect')
      : body;
    if (!(plain instanceof Uint8Array)) {
      this.decide(plain);
      return;
    }
    const text = bufferOf(plain).toString('utf8');
    const error = jsonObject(text);
    if (error === undefined || !isErrorOfConnect(error)) {
      const what =
        text === ''
          ? 'no error of Connect behind it'
          : `JSON that is not an error of Connect: ${JSON.stringify(text.slice(0, 100))}`;
      const advised = isStatusOfGateway(error) ? adviceForGateway('Connect') : '';
      const details = `the server answered with HTTP status ${status} and ${what}${advised}`;
      const outcome = outcomeOfHttpStatus(status, details, this.isExpired());
      this.decide({ ...outcome, isForeign: advised !== '' });
      return;
    }
    const trailers = errorTrailers(error, codeOfHttpStatus(status));
    this.concludeAtOnce(this.#head, [...trailers, ...this.#trailers]);
  }
}
