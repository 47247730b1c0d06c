// Calls the handlers, and keeps what they throw out of the connection: such an error ends their stream and
// goes to onHandlerError. Holds no protocol state.

import type { ConnectionHandler, FieldList, StreamEnd, StreamHandler } from './handlers.ts';
import type { Stream } from './stream.ts';

export class Notifier {
  readonly #handler: ConnectionHandler;
  readonly #onHandlerError: ((error: unknown) => void) | undefined;
  /** Ends a stream whose handler threw. */
  readonly #abandon: (stream: Stream, error: unknown) => void;

  constructor(
    handler: ConnectionHandler,
    onHandlerError: ((error: unknown) => void) | undefined,
    abandon: (stream: Stream, error: unknown) => void,
  ) {
    this.#handler = handler;
    this.#onHandlerError = onHandlerError;
    this.#abandon = abandon;
  }

  /** Octets of the output that were taken and have not left this process. */
  get heldOctets(): number {
    return this.#handler.heldOctets ?? Number.POSITIVE_INFINITY;
  }

  headers(stream: Stream, fields: FieldList, endStream: boolean): void {
    try {
      stream.handler.onHeaders(fields, endStream);
    } catch (error) {
      this.#streamFailed(stream, error);
    }
  }

  data(stream: Stream, bytes: Uint8Array, start: number, end: number): void {
    try {
      stream.handler.onData(bytes, start, end);
    } catch (error) {
      this.#streamFailed(stream, error);
    }
  }

  trailers(stream: Stream, fields: FieldList): void {
    try {
      stream.handler.onTrailers(fields);
    } catch (error) {
      this.#streamFailed(stream, error);
    }
  }

  writable(stream: Stream): void {
    try {
      stream.handler.onWritable();
    } catch (error) {
      this.#streamFailed(stream, error);
    }
  }

  end(stream: Stream, end: StreamEnd): void {
    try {
      stream.handler.onEnd(end);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Server role: the handler of a new stream, or undefined when there is no onStream or it threw. */
  stream(stream: Stream): StreamHandler | undefined {
    try {
      return this.#handler.onStream?.(stream);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  output(): void {
    try {
      this.#handler.onOutput();
    } catch (error) {
      this.#failed(error);
    }
  }

  ready(): void {
    try {
      this.#handler.onReady();
    } catch (error) {
      this.#failed(error);
    }
  }

  capacity(): void {
    try {
      this.#handler.onCapacity();
    } catch (error) {
      this.#failed(error);
    }
  }

  goAway(code: number, lastStreamId: number, debugData: string): void {
    try {
      this.#handler.onGoAway(code, lastStreamId, debugData);
    } catch (error) {
      this.#failed(error);
    }
  }

  pingAck(opaque: bigint): void {
    try {
      this.#handler.onPingAck(opaque);
    } catch (error) {
      this.#failed(error);
    }
  }

  connectionEnd(code: number, reason: string): void {
    try {
      this.#handler.onConnectionEnd(code, reason);
    } catch (error) {
      this.#failed(error);
    }
  }

  #streamFailed(stream: Stream, error: unknown): void {
    this.#failed(error);
    this.#abandon(stream, error);
  }

  #failed(error: unknown): void {
    try {
      this.#onHandlerError?.(error);
    } catch {
      // The hook was the last resort; nobody is left to tell.
    }
  }
}
