// A call that ended with a status other than OK, as its caller gets it.

import type { Metadata } from './metadata.ts';
import { type Status, type StatusCodeName, type StatusCodeValue, statusCodeName } from './status.ts';

// Registered symbol: an RpcError of another copy of this package is an RpcError too.
const BRAND: unique symbol = Symbol.for('stubless.RpcError') as never;

export interface RpcErrorInit {
  readonly status: Status;
  readonly method: string;
  readonly peer: string | undefined;
  readonly cause?: unknown;
}

/**
 * A call ended with a status other than OK.
 * The message is `NOT_FOUND: user 7`: the code first, then the text.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** gRPC status code, 1 to 16. */
  readonly code: StatusCodeValue;
  readonly codeName: StatusCodeName;
  /** The server's text as it came, or this library's when `origin` is `client`. */
  readonly details: string;
  /** The trailing metadata. */
  readonly metadata: Metadata;
  /** The path of the method, `/helloworld.Greeter/SayHello`, or the name as it was asked for. */
  readonly method: string;
  /** The address of the server, where the call got that far. */
  readonly peer: string | undefined;
  /** Who decided the status. */
  readonly origin: 'server' | 'client';

  constructor(init: RpcErrorInit) {
    const { status } = init;
    const codeName = statusCodeName(status.code);
    super(
      status.details === '' ? codeName : `${codeName}: ${status.details}`,
      init.cause === undefined ? undefined : { cause: init.cause },
    );
    this.code = status.code;
    this.codeName = codeName;
    this.details = status.details;
    this.metadata = status.metadata;
    this.method = init.method;
    this.peer = init.peer;
    this.origin = status.origin;
    Object.defineProperty(this, BRAND, { value: true });
    // What a log prints stays short: the name is in the stack's first line already.
    Object.defineProperty(this, 'name', { value: 'RpcError', enumerable: false });
  }

  /** Whether a value is an RpcError, of this or another copy of the package. */
  static is(value: unknown): value is RpcError {
    return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }
}
