// The requests of an intercepted call that its caller writes one by one: checked here, so that a mistake rejects the
// write that made it, and then kept until the interceptor reads them.

import { rejectedWrite } from '../call/rejected-write.ts';
import { mayWrite, type RequestOwner } from '../call/request-writer.ts';
import { checkWriteOptions, type WriteOptions } from '../call/write-options.ts';
import type { Method } from '../schema/codec/method.ts';
import { RequestPipe, requestMessages } from './request-pipe.ts';

/** An interceptor may turn what is written into other messages, so an option cannot apply to a single one. */
export function checkInterceptedWrite(
  options: WriteOptions,
  compression: string | undefined,
  method: string,
): void {
  if (checkWriteOptions(options, compression) || compression === undefined) return;
  throw new TypeError(
    `compress: false cannot be kept for one message of ${method}, which goes through interceptors; set the call's compression to 'identity'`,
  );
}

const WRITTEN = Promise.resolve();

export class WrittenRequests {
  readonly #call: Pick<RequestOwner, 'isDone' | 'failure'>;
  readonly #method: Method;
  /** What a single request is passed to, once it is written. */
  #onSingle: ((fields: unknown) => void) | undefined;
  readonly #pipe: RequestPipe | undefined;

  /** @param begin called at once with the requests of a stream, or with a single request once it has been written */
  constructor(
    call: Pick<RequestOwner, 'isDone' | 'failure'>,
    method: Method,
    begin: (request: unknown) => void,
  ) {
    this.#call = call;
    this.#method = method;
    if (method.requestStream) {
      const pipe = new RequestPipe(method.path);
      this.#pipe = pipe;
      begin(requestMessages(() => pipe, method.path));
    } else this.#onSingle = begin;
  }

  /** Whether a single request has yet to be written. */
  get isUnwritten(): boolean {
    return this.#onSingle !== undefined;
  }

  /** The call's `write` and `end`. Rejects if the write is wrong; resolves when there is room for the next. */
  write(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> {
    try {
      const written = this.#write(fields, hasFields, isLast).then(() => {
        // If the call ended with an error, messages that were still waiting to be sent are lost with it.
        const error = hasFields && this.#call.isDone ? this.#call.failure() : undefined;
        if (error !== undefined) throw error;
      });
      // It fails only if the call does, and the call reports that itself.
      written.catch(() => {});
      return written;
    } catch (error) {
      return rejectedWrite(this.#method.path, error);
    }
  }

  #write(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> {
    const method = this.#method;
    const pipe = this.#pipe;
    const isEnded = pipe === undefined ? this.#onSingle === undefined : pipe.isEnded;
    if (!mayWrite(method, isEnded, this.#call, hasFields, isLast)) return WRITTEN;
    // A value that does not fit is refused before an interceptor sees it.
    if (hasFields) method.request.encode(fields ?? {}, 0);
    if (pipe === undefined) {
      const begin = this.#onSingle;
      this.#onSingle = undefined;
      begin?.(fields);
      return WRITTEN;
    }
    if (hasFields && pipe.isLeft) {
      throw new TypeError(`an interceptor reads no more requests of ${method.path}`);
    }
    const written = hasFields ? pipe.write(fields) : WRITTEN;
    if (isLast) pipe.end();
    return written;
  }

  /** Nobody will read what is waiting. */
  leave(): void {
    this.#pipe?.leave();
  }
}
