// A stream whose request head has not come: the head says which protocol its client speaks, and who answers. What comes while
// that is loaded waits here. It must not know how a call goes.

import type { StreamEnd, StreamHandler } from '../http2/handlers.ts';
import type { FieldList } from '../rpc/transport.ts';
import { Metadata } from '../values/metadata.ts';
import {
  acceptedTypes,
  type CallForm,
  formOf,
  type HttpRefusal,
  refusalFields,
} from './protocols/call-form.ts';
import type { ServerStream } from './protocols/server-stream.ts';
import { type ExchangeConnection, type ExchangeHost, ServerExchange } from './server-exchange.ts';
import { headOf, trailersOf } from './status-fields.ts';

export class ArrivingStream implements StreamHandler {
  readonly #stream: ServerStream;
  readonly #host: ExchangeHost;
  readonly #connection: ExchangeConnection;
  #handler: StreamHandler | undefined;
  /** Events until there is a handler. */
  #waiting: ((handler: StreamHandler) => void)[] = [];

  constructor(stream: ServerStream, host: ExchangeHost, connection: ExchangeConnection) {
    this.#stream = stream;
    this.#host = host;
    this.#connection = connection;
  }

  onHeaders(fields: FieldList, endStream: boolean): void {
    const form = formOf(fields);
    if (typeof form === 'number') this.#refuse(form, refusalFields(form, this.#accepted()));
    // A protocol of HTTP/2 alone, as it ends with trailers.
    else if (form.protocol === 'grpc' && this.#connection.httpVersion !== '2') this.#refuse(505, []);
    else if (form.protocol === 'grpc') this.#answer(this.#exchange(this.#stream, form), fields, endStream);
    // It is a part of this package: it cannot fail to load.
    else void this.#adapt(form, fields, endStream);
  }

  async #adapt(form: CallForm, fields: FieldList, endStream: boolean): Promise<void> {
    const { adapt } = await import('./protocols/adapt.ts');
    const { maxReceiveMessageBytes, compressions } = this.#host;
    const adapted = adapt(this.#stream, form, maxReceiveMessageBytes);
    const head = adapted.readHead(fields);
    if ('code' in head) {
      const metadata = new Metadata();
      const leading = headOf(metadata, undefined, compressions.acceptEncoding, form.codec);
      adapted.headers([...leading, ...trailersOf({ ...head, metadata })], true);
      this.#use(this.#nobody());
      return;
    }
    adapted.use(this.#exchange(adapted, form));
    this.#answer(adapted, head, endStream);
  }

  #exchange(stream: ServerStream, form: CallForm): ServerExchange {
    const exchange = new ServerExchange(stream, this.#host, this.#connection, form);
    this.#host.onBegin(exchange);
    return exchange;
  }

  #answer(handler: StreamHandler, head: FieldList, endStream: boolean): void {
    this.#handler = handler;
    handler.onHeaders(head, endStream);
    this.#use(handler);
  }

  #use(handler: StreamHandler): void {
    this.#handler = handler;
    for (const event of this.#waiting) event(handler);
    this.#waiting = [];
  }

  #accepted(): string[] {
    return acceptedTypes(this.#connection.httpVersion === '2', { isUnary: true, isStream: true });
  }

  #refuse(status: HttpRefusal | 505, fields: FieldList): void {
    this.#stream.headers([':status', String(status), ...fields], true);
    this.#use(this.#nobody());
  }

  /** The request was refused, and what comes of it is dropped. */
  #nobody(): StreamHandler {
    return {
      onHeaders() {},
      onData: (_chunk, start, end) => this.#stream.taken(end - start),
      onTrailers() {},
      onWritable() {},
      onEnd() {},
    };
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#handler !== undefined) this.#handler.onData(chunk, start, end);
    else {
      const octets = chunk.slice(start, end);
      this.#deliver((handler) => handler.onData(octets, 0, octets.length));
    }
  }

  onTrailers(fields: FieldList): void {
    this.#deliver((handler) => handler.onTrailers(fields));
  }

  onWritable(): void {
    this.#handler?.onWritable();
  }

  onEnd(end: StreamEnd): void {
    this.#deliver((handler) => handler.onEnd(end));
  }

  #deliver(event: (handler: StreamHandler) => void): void {
    if (this.#handler !== undefined) event(this.#handler);
    else this.#waiting.push(event);
  }
}
