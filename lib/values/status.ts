// gRPC's status codes, and the status that a call ends with. Source: grpc doc/statuscodes.md.

import type { Metadata } from './metadata.ts';

/** gRPC's status codes by name. Source: grpc doc/statuscodes.md. */
export const StatusCode: {
  readonly OK: 0;
  readonly CANCELLED: 1;
  readonly UNKNOWN: 2;
  readonly INVALID_ARGUMENT: 3;
  readonly DEADLINE_EXCEEDED: 4;
  readonly NOT_FOUND: 5;
  readonly ALREADY_EXISTS: 6;
  readonly PERMISSION_DENIED: 7;
  readonly RESOURCE_EXHAUSTED: 8;
  readonly FAILED_PRECONDITION: 9;
  readonly ABORTED: 10;
  readonly OUT_OF_RANGE: 11;
  readonly UNIMPLEMENTED: 12;
  readonly INTERNAL: 13;
  readonly UNAVAILABLE: 14;
  readonly DATA_LOSS: 15;
  readonly UNAUTHENTICATED: 16;
} = {
  OK: 0,
  CANCELLED: 1,
  UNKNOWN: 2,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  RESOURCE_EXHAUSTED: 8,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  OUT_OF_RANGE: 11,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  DATA_LOSS: 15,
  UNAUTHENTICATED: 16,
};

/** The name of a status code, such as `NOT_FOUND`. */
export type StatusCodeName = keyof typeof StatusCode;

/** A status code, an integer from 0 to 16. */
export type StatusCodeValue = (typeof StatusCode)[StatusCodeName];

const NAMES = Object.keys(StatusCode) as readonly StatusCodeName[];

/** The name of a status code. */
export function statusCodeName(code: StatusCodeValue): StatusCodeName {
  return NAMES[code];
}

/** How a call ended. */
export interface Status {
  /** 0 for success. */
  readonly code: StatusCodeValue;
  /** The name of the code, such as `NOT_FOUND`. */
  readonly codeName: StatusCodeName;
  /** The server's text, or this library's text if `origin` is `client`. */
  readonly details: string;
  /** The trailing metadata; empty if the server sent none. */
  readonly metadata: Metadata;
  /** Who decided: the server with its trailers, or the client (deadline, cancellation, lost connection, …). */
  readonly origin: 'server' | 'client';
}
