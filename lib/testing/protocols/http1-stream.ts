// One request and its response over HTTP/1.1, as node:http has them, in the shape of an HTTP/2 stream.

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { StreamHandler } from '../../http2/handlers.ts';
import type { FieldList } from '../../rpc/transport.ts';
import { nextTurn } from '../../values/turn.ts';
import type { ServerStream } from './server-stream.ts';

/** What a client may send ahead of the handler's reading. */
const WINDOW_OCTETS = 64 * 1024;

const H2_NO_ERROR = 0;

/** What HTTP/1.1 needs for its connections and bodies; and `host`, which is :authority. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

export class Http1Stream implements ServerStream {
  localEnded = false;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #isDraining: () => boolean;
  #handler: StreamHandler | undefined;
  /** Octets of the request that are held above, and those of an incomplete message that more may follow all the same. */
  #held = 0;
  #credited = 0;
  /** Octets that the head of the response promised, less those that came. */
  #missing = 0;
  #hasWritten = false;

  /** @param isDraining whether the connection takes no more requests */
  constructor(request: IncomingMessage, response: ServerResponse, isDraining: () => boolean) {
    this.#request = request;
    this.#response = response;
    this.#isDraining = isDraining;
  }

  /** Gives the request to its handler. */
  begin(handler: StreamHandler): void {
    const request = this.#request;
    const response = this.#response;
    this.#handler = handler;
    handler.onHeaders(headOf(request), false);
    request.on('data', (chunk: Buffer) => this.#receive(chunk));
    request.on('end', () => this.#handler?.onEnd({ kind: 'complete' }));
    // What failed is told by the close that follows.
    request.on('error', () => {});
    response.on('error', () => {});
    response.on('drain', () => this.#handler?.onWritable());
    response.on('close', () => {
      if (this.localEnded) return;
      // The one way there is to cancel a call.
      this.#handler?.onEnd({ kind: 'lost', code: 0, reason: 'the client closed it', processed: undefined });
    });
  }

  #receive(chunk: Buffer): void {
    if (this.#handler === undefined) return;
    this.#held += chunk.length;
    this.#handler.onData(chunk, 0, chunk.length);
    this.#regulate();
  }

  #regulate(): void {
    if (this.#held - this.#credited > WINDOW_OCTETS) this.#request.pause();
    else this.#request.resume();
  }

  credit(octets: number): void {
    this.#credited += octets;
    this.#regulate();
  }

  taken(octets: number): void {
    this.#held -= octets;
    this.#credited = Math.max(0, this.#credited - octets);
    this.#regulate();
  }

  headers(fields: FieldList, endStream: boolean): void {
    const response = this.#response;
    if (this.localEnded || response.destroyed) return;
    const [, status, ...rest] = fields;
    const length = rest.indexOf('content-length');
    if (length >= 0) this.#missing = Number(rest[length + 1]);
    if (this.#isDraining()) response.shouldKeepAlive = false;
    response.writeHead(Number(status), rest);
    if (endStream) this.#end();
    // In one packet with what is written at once, and alone where nothing is.
    else nextTurn(() => this.#flush());
  }

  #flush(): void {
    if (!this.#hasWritten && !this.localEnded && !this.#response.destroyed) this.#response.flushHeaders();
  }

  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    const response = this.#response;
    if (this.localEnded || response.destroyed) return false;
    const octets = owned ? bytes.subarray(start, end) : bytes.slice(start, end);
    this.#missing -= octets.length;
    this.#hasWritten = true;
    // An empty chunk would be the last one.
    const hasRoom = octets.length === 0 || response.write(octets);
    if (endStream) this.#end();
    return hasRoom;
  }

  /** There are none in the protocols of HTTP/1.1. */
  trailers(): void {
    this.#end();
  }

  #end(): void {
    this.localEnded = true;
    this.#response.end();
    // A body that is shorter than its head says ends with the connection.
    if (this.#missing > 0) this.#request.socket.destroySoon();
  }

  /** HTTP/1.1 can break off no request alone. One whose response is whole may go on to be read and dropped. */
  reset(code: number): void {
    this.#handler = undefined;
    if (code === H2_NO_ERROR && this.localEnded) this.#request.resume();
    else this.#request.socket.destroySoon();
  }
}

function headOf({ method = '', url = '', headers, rawHeaders, socket }: IncomingMessage): FieldList {
  const scheme = 'encrypted' in socket ? 'https' : 'http';
  const fields = [':method', method, ':scheme', scheme, ':authority', headers.host ?? '', ':path', url];
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i].toLowerCase();
    if (!OWN_FIELDS.has(name)) fields.push(name, rawHeaders[i + 1]);
  }
  return fields;
}
