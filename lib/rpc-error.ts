// A call that ended with a status other than OK, as its caller gets it.

import { Metadata } from './metadata.ts';
import type { MetadataInput } from './metadata-entries.ts';
import {
  type Status,
  StatusCode,
  type StatusCodeName,
  type StatusCodeValue,
  statusCodeName,
} from './status.ts';

// Registered symbol: an RpcError of another copy of this package is an RpcError too.
const BRAND: unique symbol = Symbol.for('stubless.RpcError') as never;

export interface RpcErrorInit {
  readonly status: Status;
  readonly method: string;
  readonly peer: string | undefined;
  readonly cause?: unknown;
  /** Reads the google.rpc.Status of the trailers; called when somebody first asks, and must not throw. */
  readonly decodeDetails?: ((status: Uint8Array) => ErrorDetails) | undefined;
}

/** The trailer in which servers send a google.rpc.Status. */
const STATUS_DETAILS = 'grpc-status-details-bin';
const NO_DETAILS: ErrorDetails = { details: [] };

/** One of an error's details: the fields of its message; where its type is not known, `value` is its bytes. */
export interface ErrorDetail {
  /** `type.googleapis.com/google.rpc.BadRequest` */
  readonly '@type': string;
  // biome-ignore lint/suspicious/noExplicitAny: as DynamicMessage, for messages whose type only the server knows
  readonly [field: string]: any;
}

/** What could be read of a google.rpc.Status. */
export interface ErrorDetails {
  readonly details: readonly ErrorDetail[];
  readonly problem?: string | undefined;
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
  readonly #decodeDetails: RpcErrorInit['decodeDetails'];
  #decoded: ErrorDetails | undefined;

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
    this.#decodeDetails = init.decodeDetails;
    Object.defineProperty(this, BRAND, { value: true });
    // What a log prints stays short: the name is in the stack's first line already.
    Object.defineProperty(this, 'name', { value: 'RpcError', enumerable: false });
  }

  /**
   * The details of the google.rpc.Status that the server sent: BadRequest, RetryInfo and the other types of google.rpc,
   * and types of the loaded schema, as `{ '@type', … }`; of unknown types `{ '@type', value: bytes }`. Empty when there
   * are none, and when they cannot be read.
   */
  get errorDetails(): readonly ErrorDetail[] {
    return this.#detailsOnce().details;
  }

  /** Why `errorDetails` lacks something that the server sent; undefined when all of it could be read. */
  get errorDetailsProblem(): string | undefined {
    return this.#detailsOnce().problem;
  }

  #detailsOnce(): ErrorDetails {
    if (this.#decoded === undefined) {
      const octets = this.metadata.get(STATUS_DETAILS);
      this.#decoded =
        octets instanceof Uint8Array && this.#decodeDetails !== undefined
          ? this.#decodeDetails(octets)
          : NO_DETAILS;
    }
    return this.#decoded;
  }

  /**
   * An error of a program's own making, for an interceptor to throw: `RpcError.of('UNAVAILABLE', 'try later')`.
   * Errors: TypeError for a code that is none, or OK.
   */
  static of(
    code: StatusCodeName | StatusCodeValue,
    details: string = '',
    options: {
      /** Trailing metadata. */
      readonly metadata?: MetadataInput | undefined;
      readonly cause?: unknown;
      /** The path of the method. */
      readonly method?: string | undefined;
    } = {},
  ): RpcError {
    const value = typeof code === 'string' ? StatusCode[code] : code;
    if (!Number.isInteger(value) || value < 1 || value > StatusCode.UNAUTHENTICATED) {
      throw new TypeError(
        `an RpcError has a code from 1 to 16 or its name, such as 'NOT_FOUND', not ${String(code)}`,
      );
    }
    const { metadata, cause, method = '' } = options;
    const codeName = statusCodeName(value);
    const status: Status = {
      code: value,
      codeName,
      details: String(details),
      metadata: new Metadata(metadata),
      origin: 'client',
    };
    return new RpcError({ status, method, peer: undefined, cause });
  }

  /** Whether a value is an RpcError, of this or another copy of the package. */
  static is(value: unknown): value is RpcError {
    return typeof value === 'object' && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }
}
