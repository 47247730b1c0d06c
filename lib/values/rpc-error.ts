// A call that ended with a status other than OK, as its caller gets it.

import { Metadata } from './metadata.ts';
import type { MetadataInput } from './metadata-entries.ts';
import { classNameOf, isBytes, isObject } from './realm.ts';
import {
  type Status,
  StatusCode,
  type StatusCodeName,
  type StatusCodeValue,
  statusCodeName,
} from './status.ts';
import { escapeLines } from './text/escaped-text.ts';

// A registered symbol, so that an RpcError from another copy of this package counts as one, too.
const BRAND: unique symbol = Symbol.for('stubless.RpcError') as never;

/**
 * What an RpcError is made of.
 * @inline
 */
export interface RpcErrorInit {
  /** How the call ended. */
  readonly status: Status;
  /** The path of the method. */
  readonly method: string;
  /** The address of the server. */
  readonly peer: string | undefined;
  /** The error that caused it, if any. */
  readonly cause?: unknown;
  /** What this side knows in addition to the server's words; appears only in the message. */
  readonly note?: string | undefined;
  /** Decodes the google.rpc.Status in the trailers; called on first use, and must not throw. */
  readonly decodeDetails?: ((status: Uint8Array) => ErrorDetails) | undefined;
}

/** The trailer in which servers send a google.rpc.Status. */
const STATUS_DETAILS = 'grpc-status-details-bin';
const NO_DETAILS: ErrorDetails = { details: [] };

/** One of an error's details: the fields of its message, or, for an unknown type, `value` with its bytes. */
export interface ErrorDetail {
  /** `type.googleapis.com/google.rpc.BadRequest` */
  readonly '@type': string;
  // biome-ignore lint/suspicious/noExplicitAny: as DynamicMessage, for messages whose type only the server knows
  readonly [field: string]: any;
}

/** As much of a google.rpc.Status as could be read. */
export interface ErrorDetails {
  readonly details: readonly ErrorDetail[];
  readonly problem?: string | undefined;
}

/** What `RpcError.of` takes in its third place. */
const OF_NAMES = ['metadata', 'cause', 'method'];
const FORM = "RpcError.of('NOT_FOUND', 'user 7')";

/** The status of what an RpcError is to be made of; TypeError where there is none. */
function statusIn(init: RpcErrorInit): Status {
  const status: unknown = isObject(init) ? init.status : undefined;
  if (!isObject(status)) {
    const given = isObject(init) ? 'an object without a status' : show(init);
    throw new TypeError(
      `new RpcError takes { status, method, peer }, which say how a call ended, not ${given}; for an error of your own write ${FORM}`,
    );
  }
  const { code, details, metadata } = status as Partial<Status>;
  const isCode = code !== undefined && statusCodeName(code) !== undefined;
  if (isCode && typeof details === 'string' && isMetadata(metadata)) return init.status;
  const wrong = isCode
    ? typeof details === 'string'
      ? `metadata is to be a Metadata, not ${show(metadata)}`
      : `details is to be text, not ${show(details)}`
    : `code is to be a number from 0 to 16, not ${show(code)}`;
  throw new TypeError(`the status of an RpcError: ${wrong}; for an error of your own write ${FORM}`);
}

/** Of this or another copy of the package. */
function isMetadata(value: unknown): boolean {
  return isObject(value) && typeof (value as Partial<Metadata>).getAll === 'function';
}

/** TypeError for what `RpcError.of` does not take in its third place, metadata itself say. */
function checkOptions(options: unknown): void {
  const name = isObject(options) ? classNameOf(options) : undefined;
  const unknown = isObject(options) ? Object.keys(options).find((one) => !OF_NAMES.includes(one)) : undefined;
  if (isObject(options) && name === undefined && unknown === undefined) return;
  const given = unknown === undefined ? show(options) : `'${unknown}'`;
  throw new TypeError(
    `the options of RpcError.of are an object of ${OF_NAMES.join(', ')}, such as { metadata: { 'retry-after': '5' } }, not ${given}`,
  );
}

/** What was given, short enough for an error. */
function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 40));
  if (!isObject(value)) return String(value);
  return `an object${classNameOf(value) === undefined ? '' : ` of the class ${classNameOf(value)}`}`;
}

/**
 * A call ended with a status other than OK. The message is of the form `NOT_FOUND: user 7`: the code's name, then the
 * status's text, with control characters and characters that change the direction of text escaped. For a server's
 * DEADLINE_EXCEEDED it adds in parentheses how long the call took, out of what limit, and what it was waiting for.
 */
export class RpcError extends Error {
  override readonly name = 'RpcError';
  /** The gRPC status code, 1 to 16. Source: grpc doc/statuscodes.md. */
  readonly code: StatusCodeValue;
  /** The code's name, such as `NOT_FOUND`. */
  readonly codeName: StatusCodeName;
  /** The server's text, unchanged; or this library's text if `origin` is `client`. */
  readonly details: string;
  /** The trailing metadata; empty if the server sent none. */
  readonly metadata: Metadata;
  /** The path of the method, `/helloworld.Greeter/SayHello`; or the name that the caller used, if it was not found. */
  readonly method: string;
  /** The address of the server; undefined if the call did not get that far. */
  readonly peer: string | undefined;
  /** Who decided the status: the server, or the client (deadline, cancellation, lost connection, …). */
  readonly origin: 'server' | 'client';
  readonly #decodeDetails: RpcErrorInit['decodeDetails'];
  #decoded: ErrorDetails | undefined;

  /**
   * What calls make; in a program of your own `RpcError.of` is shorter.
   * @throws TypeError for anything but such an object, with a whole status in it
   */
  constructor(init: RpcErrorInit) {
    const status = statusIn(init);
    const { note } = init;
    const codeName = statusCodeName(status.code);
    // Messages end up in terminals and logs, so they are escaped. The server's raw text is in `details`.
    const details = escapeLines(status.details);
    const text = details === '' ? codeName : `${codeName}: ${details}`;
    super(
      note === undefined ? text : `${text} (${note})`,
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
    // Keeps log output short: the name is already in the first line of the stack.
    Object.defineProperty(this, 'name', { value: 'RpcError', enumerable: false });
  }

  /**
   * The details of the google.rpc.Status that the server sent: BadRequest, RetryInfo and the other types of
   * google.rpc, and types of the loaded schema, as `{ '@type', … }`; for unknown types `{ '@type', value: bytes }`,
   * which `client.resolve(error)` can ask the server about. They are messages like an Any in a reply, so
   * JSON.stringify produces their ProtoJSON. Empty if there are none, or if they cannot be read
   * (`errorDetailsProblem`).
   */
  get errorDetails(): readonly ErrorDetail[] {
    return this.#detailsOnce().details;
  }

  /** @internal Replaces the details by the same ones with further types decoded, and adds what was wrong with those. */
  static replaceDetails(error: RpcError, details: readonly ErrorDetail[], problem: string | undefined): void {
    const problems = [error.#detailsOnce().problem, problem].filter((text) => text !== undefined);
    error.#decoded = { details, problem: problems.length === 0 ? undefined : problems.join('; ') };
  }

  /** Why `errorDetails` lacks something that the server sent; undefined if everything could be read. */
  get errorDetailsProblem(): string | undefined {
    return this.#detailsOnce().problem;
  }

  #detailsOnce(): ErrorDetails {
    if (this.#decoded === undefined) {
      const octets = this.metadata.get(STATUS_DETAILS);
      this.#decoded =
        isBytes(octets) && this.#decodeDetails !== undefined ? this.#decodeDetails(octets) : NO_DETAILS;
    }
    return this.#decoded;
  }

  /**
   * An error of your own, for an interceptor to throw: `RpcError.of('UNAVAILABLE', 'try later')`. Its `origin` is
   * `client`. Errors: TypeError for OK and for anything that is not a status code, and for an unknown option.
   * @param code a code from 1 to 16, or its name
   * @param details the status's text
   */
  static of(
    code: StatusCodeName | StatusCodeValue,
    details: string = '',
    options: {
      /** The trailing metadata. Default none. */
      readonly metadata?: MetadataInput | undefined;
      /** The error that caused it. Default none. */
      readonly cause?: unknown;
      /** The path of the method. Default empty. */
      readonly method?: string | undefined;
    } = {},
  ): RpcError {
    const value = typeof code === 'string' ? StatusCode[code] : code;
    if (!Number.isInteger(value) || value < 1 || value > StatusCode.UNAUTHENTICATED) {
      throw new TypeError(
        `an RpcError needs a code from 1 to 16, or its name such as 'NOT_FOUND', not ${isObject(code) ? `${show(code)}; write ${FORM}` : String(code)}`,
      );
    }
    checkOptions(options);
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

  /** Whether a value is an RpcError, from this or another copy of the package. */
  static is(value: unknown): value is RpcError {
    return isObject(value) && (value as { [BRAND]?: unknown })[BRAND] === true;
  }
}

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

// console.log shows only own properties, but the details are decoded on first use: this is such a use.
Object.defineProperty(RpcError.prototype, INSPECT, {
  value(this: RpcError): object {
    // The prototype itself has no state to show.
    const details = Object.hasOwn(this, 'metadata') ? this.errorDetails : [];
    if (details.length === 0) return this;
    const prototype: object = Object.create(Object.getPrototypeOf(this), { [INSPECT]: { value: undefined } });
    return Object.create(prototype, {
      ...Object.getOwnPropertyDescriptors(this),
      stack: { value: this.stack },
      errorDetails: { value: details, enumerable: true },
    });
  },
  configurable: true,
  writable: true,
});
