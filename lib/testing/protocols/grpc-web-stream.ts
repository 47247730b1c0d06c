// gRPC-Web on a stream, seen from the server: gRPC's message frames as they are, or all of it in base64, and the trailers as
// a last frame. Source: grpc doc/PROTOCOL-WEB.md.

import { GRPC_WEB_TEXT_TYPE, GRPC_WEB_TYPE, TRAILERS_FRAME_BIT } from '../../protocols/wire-names.ts';
import { without } from '../../rpc/field-list.ts';
import type { FieldList } from '../../rpc/transport.ts';
import { bufferOf } from '../../values/octets.ts';
import { AdaptedStream, endFrame } from './adapted-stream.ts';
import type { CallForm } from './call-form.ts';
import { withContentType } from './content-type.ts';
import type { ServerStream } from './server-stream.ts';

const OWN_FIELDS: ReadonlySet<string> = new Set(['x-grpc-web']);
/** Characters of base64 that stand for up to three octets. */
const GROUP_LENGTH = 4;

export class GrpcWebStream extends AdaptedStream {
  readonly #form: CallForm;
  /** In base64: characters of a group that is not complete. */
  #rest = '';

  constructor(stream: ServerStream, form: CallForm) {
    super(stream);
    this.#form = form;
  }

  readHead(fields: FieldList): FieldList {
    return withContentType(without(fields, OWN_FIELDS), `application/grpc+${this.#form.codec}`);
  }

  override onData(chunk: Uint8Array, start: number, end: number): void {
    if (!this.#form.isText) {
      super.onData(chunk, start, end);
      return;
    }
    this.stream.taken(end - start);
    const text = this.#rest + bufferOf(chunk, start, end).toString('latin1');
    const whole = text.length - (text.length % GROUP_LENGTH);
    this.#rest = text.slice(whole);
    const octets = decodeBase64(text.slice(0, whole));
    if (octets.length > 0) super.onData(octets, 0, octets.length);
  }

  override headers(fields: FieldList, endStream: boolean): void {
    const type = this.#form.isText ? GRPC_WEB_TEXT_TYPE : GRPC_WEB_TYPE;
    this.stream.headers(withContentType(fields, `${type}+${this.#form.codec}`), endStream);
  }

  override write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    if (!this.#form.isText) return super.write(bytes, start, end, owned, endStream);
    const text = Buffer.from(bufferOf(bytes, start, end).toString('base64'), 'latin1');
    return super.write(text, 0, text.length, true, endStream);
  }

  trailers(fields: FieldList): void {
    let lines = '';
    for (let i = 0; i < fields.length; i += 2) lines += `${fields[i]}: ${fields[i + 1]}\r\n`;
    const frame = endFrame(TRAILERS_FRAME_BIT, Buffer.from(lines, 'latin1'));
    this.write(frame, 0, frame.length, true, true);
  }

  /** In base64 the octets were given back as they came: what streams requests has no need of base64. */
  override credit(octets: number, isAwaited: boolean): void {
    if (!this.#form.isText) super.credit(octets, isAwaited);
  }

  override taken(octets: number): void {
    if (!this.#form.isText) super.taken(octets);
  }
}

/** There may be padding in the middle, wherever the sender flushed. */
function decodeBase64(text: string): Uint8Array {
  return Buffer.concat(Array.from(text.matchAll(/[^=]+={0,2}/g), ([part]) => Buffer.from(part, 'base64')));
}
