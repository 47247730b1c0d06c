// The waist of a test server: what an exchange asks of the stream that it answers. An HTTP/2 stream is one, so are an
// HTTP/1.1 exchange and what makes another protocol look like gRPC. Events come up as http2/handlers.ts has them. Types only.

import type { FieldList } from '../../rpc/transport.ts';
import type { HttpRefusal } from './call-form.ts';

export interface ServerStream {
  /** The end of the response is on its way. */
  readonly localEnded: boolean;
  /** The response head, pseudo-header fields first. */
  headers(fields: FieldList, endStream: boolean): void;
  /** Sends `bytes[start, end)`; false when the writer should wait for `onWritable`. With `owned` it keeps the memory. */
  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean;
  /** Ends the response, behind all that was written. */
  trailers(fields: FieldList): void;
  /** The end that follows refuses the request: for protocols that say so with an HTTP status, and fields behind it. */
  refuse?(status: HttpRefusal | 404, fields: FieldList): void;
  /** Breaks it off, with an HTTP/2 error code. The handler hears nothing more. */
  reset(code: number): void;
  /** These octets of the request are held still, and more may come; `isAwaited`: who reads them waits. */
  credit(octets: number, isAwaited: boolean): void;
  /** These octets of the request are no longer held. */
  taken(octets: number): void;
}
