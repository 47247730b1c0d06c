// The requests of an intercepted call that its caller writes one by one: checked here, so that a mistake is its
// write's, and then kept until the interceptor reads them.

import { checkWriteOptions, type WriteOptions } from './options/write-options.ts';
import { RequestPipe, requestMessages } from './request-pipe.ts';
import type { Method } from './schema/method.ts';

/** An interceptor may make other messages of what is written, so that nothing can be said of one alone. */
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

export class InterceptedRequests {
  readonly #method: Method;
  /** Where a single request goes, once it is written. */
  #onSingle: ((fields: unknown) => void) | undefined;
  readonly #pipe: RequestPipe | undefined;

  /** @param begin called with the requests of a stream at once, with a single one when it has been written */
  constructor(method: Method, begin: (request: unknown) => void) {
    this.#method = method;
    if (method.requestStream) {
      const pipe = new RequestPipe();
      this.#pipe = pipe;
      begin(requestMessages(() => pipe, method.path));
    } else this.#onSingle = begin;
  }

  /** `write` and `end`. Throws what is wrong with them; resolves when there is room for the next. */
  write(fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> {
    // What does not fit is known before an interceptor sees it.
    if (hasFields) this.#method.request.encode(fields ?? {}, 0);
    if (this.#pipe === undefined) this.#writeSingle(fields, hasFields);
    else return this.#writeTo(this.#pipe, fields, hasFields, isLast);
    return Promise.resolve();
  }

  /** Nobody will read what waits. */
  leave(): void {
    this.#pipe?.leave();
  }

  #writeSingle(fields: unknown, hasFields: boolean): void {
    const begin = this.#onSingle;
    const { path } = this.#method;
    if (begin === undefined) {
      if (!hasFields) return;
      throw new TypeError(`${path} takes a single request, which was written`);
    }
    if (!hasFields) throw new TypeError(`${path} takes a single request: write it before the end`);
    this.#onSingle = undefined;
    begin(fields);
  }

  #writeTo(pipe: RequestPipe, fields: unknown, hasFields: boolean, isLast: boolean): Promise<void> {
    const { path } = this.#method;
    if (hasFields && pipe.isEnded) throw new TypeError(`write after the request of ${path} was ended`);
    if (hasFields && pipe.isLeft) throw new TypeError(`an interceptor reads no more requests of ${path}`);
    const written = hasFields ? pipe.write(fields) : Promise.resolve();
    if (isLast) pipe.end();
    return written;
  }
}
