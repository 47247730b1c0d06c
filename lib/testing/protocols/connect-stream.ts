// A stream of Connect, seen from the server: message frames both ways, and a last frame of JSON that says how the call ended.
// Source: connectrpc.com/docs/protocol, "Streaming RPCs".

import { CONNECT_ERROR_TYPE, CONNECT_STREAM_TYPE, END_OF_STREAM_BIT } from '../../protocols/wire-names.ts';
import type { FieldList } from '../../rpc/transport.ts';
import { AdaptedStream, endFrame, type HeadProblem } from './adapted-stream.ts';
import type { CallForm } from './call-form.ts';
import { connectEnd } from './connect-end.ts';
import { connectHead, grpcHead, STREAM_NAMES } from './connect-fields.ts';
import type { ServerStream } from './server-stream.ts';

export class ConnectStream extends AdaptedStream {
  readonly #form: CallForm;
  #refusal: { readonly status: number; readonly fields: FieldList } | undefined;

  constructor(stream: ServerStream, form: CallForm) {
    super(stream);
    this.#form = form;
  }

  readHead(fields: FieldList): FieldList | HeadProblem {
    return grpcHead(fields, this.#form, STREAM_NAMES);
  }

  /** Of a method that there is not, the last frame says more than 404 would. */
  refuse(status: number, fields: FieldList): void {
    if (status !== 404) this.#refusal = { status, fields };
  }

  override headers(fields: FieldList, endStream: boolean): void {
    if (this.#refusal !== undefined) {
      this.#endRefused(this.#refusal, fields);
      return;
    }
    const { own, encoding, metadata } = connectHead(fields, STREAM_NAMES);
    const type = `${CONNECT_STREAM_TYPE}+${this.#form.codec}`;
    const head = [':status', '200', 'content-type', type, ...own];
    if (encoding !== undefined) head.push(STREAM_NAMES.encoding, encoding);
    this.stream.headers(endStream ? head : [...head, ...metadata], false);
    if (endStream) this.trailers(metadata);
  }

  /** No stream, but a plain error. */
  #endRefused({ status, fields }: { status: number; fields: FieldList }, trailers: FieldList): void {
    const body = Buffer.from(JSON.stringify(connectEnd(trailers).error));
    const head = [':status', String(status), 'content-type', CONNECT_ERROR_TYPE, ...fields];
    this.stream.headers([...head, 'content-length', String(body.length)], false);
    this.stream.write(body, 0, body.length, true, true);
  }

  trailers(fields: FieldList): void {
    const { error, metadata: entries } = connectEnd(fields);
    const metadata = new Map<string, string[]>();
    for (let i = 0; i < entries.length; i += 2) {
      metadata.set(entries[i], [...(metadata.get(entries[i]) ?? []), entries[i + 1]]);
    }
    const end = { error, ...(metadata.size === 0 ? {} : { metadata: Object.fromEntries(metadata) }) };
    const frame = endFrame(END_OF_STREAM_BIT, Buffer.from(JSON.stringify(end)));
    this.write(frame, 0, frame.length, true, true);
  }
}
