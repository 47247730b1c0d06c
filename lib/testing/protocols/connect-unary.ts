// A call of Connect with one message each way, seen from the server: the bare message as the body of a plain HTTP request, or
// in the query of a GET, and the whole response at its end, since trailers stand in its head.
// Source: connectrpc.com/docs/protocol, "Unary RPCs".

import type { StreamEnd } from '../../http2/handlers.ts';
import { GrowingBuffer } from '../../protocols/growing-buffer.ts';
import { CONNECT_ERROR_TYPE, TRAILER_PREFIX } from '../../protocols/wire-names.ts';
import { fieldValue } from '../../rpc/field-list.ts';
import { COMPRESSED_FLAG, MESSAGE_HEADER_OCTETS } from '../../rpc/message-reader.ts';
import type { FieldList } from '../../rpc/transport.ts';
import { StatusCode } from '../../values/status.ts';
import { AdaptedStream, type HeadProblem } from './adapted-stream.ts';
import type { CallForm } from './call-form.ts';
import { connectEnd } from './connect-end.ts';
import { type ConnectHead, connectHead, grpcHead, UNARY_NAMES } from './connect-fields.ts';
import type { ServerStream } from './server-stream.ts';

const NOTHING = new Uint8Array(0);

export class ConnectUnary extends AdaptedStream {
  readonly #form: CallForm;
  readonly #body: GrowingBuffer;
  /** What came is too large: so much of it, and nothing of it was kept. */
  #excessOctets = 0;
  #isCompressed = false;
  /** The response, until it goes. */
  #head: ConnectHead | undefined;
  #reply: Uint8Array[] = [];
  #refusal: { readonly status: number; readonly fields: FieldList } | undefined;

  /** @param maxOctets the largest request that is taken */
  constructor(stream: ServerStream, form: CallForm, maxOctets: number) {
    super(stream);
    this.#form = form;
    this.#body = new GrowingBuffer(maxOctets);
  }

  // --- the request

  readHead(fields: FieldList): FieldList | HeadProblem {
    const head = grpcHead(fields, this.#form, UNARY_NAMES);
    const { query } = this.#form;
    const whole = query !== undefined && Array.isArray(head) ? this.#headOfGet(head, query) : head;
    if (Array.isArray(whole)) this.#isCompressed = fieldValue(whole, 'grpc-encoding') !== undefined;
    return whole;
  }

  #headOfGet(fields: string[], query: URLSearchParams): string[] | HeadProblem {
    const message = query.get('message');
    if (message === null || (query.has('connect') && query.get('connect') !== 'v1')) {
      const details = `a GET of Connect has connect=v1, encoding=… and message=… in its query, not ${JSON.stringify(query.toString())}`;
      return { code: StatusCode.INVALID_ARGUMENT, details };
    }
    this.#keep(Buffer.from(message, query.get('base64') === '1' ? 'base64' : 'utf8'));
    const own: string[] = [];
    for (let i = 0; i < fields.length; i += 2) {
      if (fields[i] === ':path') own.push(':path', fields[i + 1].replace(/\?.*/, ''));
      else if (fields[i] === ':method') own.push(':method', 'POST');
      else if (fields[i] !== 'grpc-encoding') own.push(fields[i], fields[i + 1]);
    }
    const compression = query.get('compression');
    if (compression !== null && compression !== '') own.push('grpc-encoding', compression);
    return own;
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    // Kept here, where it is bounded: nothing is gained by holding the client back.
    this.stream.taken(end - start);
    if (this.#form.httpMethod === 'POST') this.#keep(chunk.subarray(start, end));
  }

  #keep(octets: Uint8Array): void {
    if (this.#excessOctets > 0 || !this.#body.append(octets, 0, octets.length))
      this.#excessOctets = (this.#excessOctets || this.#body.length) + octets.length;
  }

  override onEnd(end: StreamEnd): void {
    if (end.kind === 'complete') this.#deliver();
    super.onEnd(end);
  }

  /** The request in a frame; of one that is too large the frame's header says so. */
  #deliver(): void {
    const octets = this.#excessOctets > 0 ? NOTHING : this.#body.bytes;
    const framed = new Uint8Array(MESSAGE_HEADER_OCTETS + octets.length);
    framed[0] = this.#isCompressed && octets.length > 0 ? COMPRESSED_FLAG : 0;
    new DataView(framed.buffer).setUint32(1, this.#excessOctets || octets.length);
    framed.set(octets, MESSAGE_HEADER_OCTETS);
    super.onData(framed, 0, framed.length);
  }

  override credit(): void {}

  override taken(): void {}

  // --- the response

  refuse(status: number, fields: FieldList): void {
    this.#refusal = { status, fields };
  }

  override headers(fields: FieldList, endStream: boolean): void {
    const head = connectHead(fields, UNARY_NAMES);
    this.#head = endStream ? { ...head, metadata: [] } : head;
    if (endStream) this.trailers(head.metadata);
  }

  override write(bytes: Uint8Array, start: number, end: number): boolean {
    this.#reply.push(bytes.slice(start, end));
    return true;
  }

  trailers(fields: FieldList): void {
    const { error, httpStatus, metadata } = connectEnd(fields);
    const frame = Buffer.concat(this.#reply);
    const body =
      error === undefined ? frame.subarray(MESSAGE_HEADER_OCTETS) : Buffer.from(JSON.stringify(error));
    const length = error === undefined ? lengthOf(frame) : body.length;
    const type = error === undefined ? `application/${this.#form.codec}` : CONNECT_ERROR_TYPE;
    const { own = [], encoding, metadata: leading = [] } = this.#head ?? {};
    const { status, fields: more } = this.#refusal ?? { status: httpStatus, fields: [] };
    const head = [':status', String(status), 'content-type', type, ...more, ...own];
    if (encoding !== undefined && error === undefined && frame[0] === COMPRESSED_FLAG)
      head.push(UNARY_NAMES.encoding, encoding);
    head.push('content-length', String(length), ...leading);
    for (let i = 0; i < metadata.length; i += 2) head.push(TRAILER_PREFIX + metadata[i], metadata[i + 1]);
    this.stream.headers(head, body.length === 0);
    if (body.length > 0) this.stream.write(body, 0, body.length, true, true);
  }
}

/** What a frame's header says: more than follows it, where a fault has cut the reply off. */
function lengthOf(frame: Buffer): number {
  return frame.length < MESSAGE_HEADER_OCTETS ? 1 : frame.readUInt32BE(1);
}
