// A stream as another protocol has it: between the exchange above, which speaks gRPC, and the stream below. The base of the
// adapters, the mirror of a client's in lib/protocols: it passes everything on.

import type { StreamEnd, StreamHandler } from '../../http2/handlers.ts';
import { MESSAGE_HEADER_OCTETS } from '../../rpc/message-reader.ts';
import type { FieldList } from '../../rpc/transport.ts';
import type { StatusCodeValue } from '../../values/status.ts';
import type { ServerStream } from './server-stream.ts';

/** Why a request cannot be answered, though it is of the protocol. */
export interface HeadProblem {
  readonly code: StatusCodeValue;
  readonly details: string;
}

export abstract class AdaptedStream implements ServerStream, StreamHandler {
  protected readonly stream: ServerStream;
  #handler: StreamHandler | undefined;

  constructor(stream: ServerStream) {
    this.stream = stream;
  }

  /** The request head as gRPC has it. */
  abstract readHead(fields: FieldList): FieldList | HeadProblem;

  /** Who answers: the events go there. */
  use(handler: StreamHandler): void {
    this.#handler = handler;
  }

  // --- from the stream below

  /** The head as `readHead` gave it. */
  onHeaders(head: FieldList, endStream: boolean): void {
    this.#handler?.onHeaders(head, endStream);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#handler?.onData(chunk, start, end);
  }

  onTrailers(fields: FieldList): void {
    this.#handler?.onTrailers(fields);
  }

  onWritable(): void {
    this.#handler?.onWritable();
  }

  onEnd(end: StreamEnd): void {
    this.#handler?.onEnd(end);
  }

  // --- the stream, as the exchange sees it

  get localEnded(): boolean {
    return this.stream.localEnded;
  }

  /** With `endStream` also its trailers. */
  abstract headers(fields: FieldList, endStream: boolean): void;

  abstract trailers(fields: FieldList): void;

  write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    return this.stream.write(bytes, start, end, owned, endStream);
  }

  reset(code: number): void {
    this.stream.reset(code);
  }

  credit(octets: number, isAwaited: boolean): void {
    this.stream.credit(octets, isAwaited);
  }

  taken(octets: number): void {
    this.stream.taken(octets);
  }
}

/** The frame with which a response ends: a message's header, with a bit in its flag that no message has. */
export function endFrame(flag: number, body: Uint8Array): Uint8Array {
  const frame = new Uint8Array(MESSAGE_HEADER_OCTETS + body.length);
  frame[0] = flag;
  new DataView(frame.buffer).setUint32(1, body.length);
  frame.set(body, MESSAGE_HEADER_OCTETS);
  return frame;
}
