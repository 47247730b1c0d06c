// What the head of a request says, read strictly: the path, the deadline, the compressions.
// Source: grpc doc/PROTOCOL-HTTP2.md, "Requests".

import { IDENTITY } from '../rpc/compression/compression.ts';
import { fieldValue } from '../rpc/field-list.ts';
import { decodeGrpcTimeout } from '../rpc/grpc-timeout.ts';
import type { FieldList } from '../rpc/transport.ts';

export interface GrpcRequest {
  readonly path: string;
  readonly authority: string;
  /** Milliseconds; undefined when the client set no deadline. */
  readonly timeoutMs: number | undefined;
  /** How the client's messages are compressed. */
  readonly encoding: string;
  /** How replies may be compressed. */
  readonly acceptedEncodings: readonly string[];
}

/** A head that is malformed, and why. */
export interface HeadFault {
  readonly problem: string;
}

export function readRequestHead(fields: FieldList): GrpcRequest | HeadFault {
  const timeout = fieldValue(fields, 'grpc-timeout');
  let timeoutMs: number | undefined;
  if (timeout !== undefined) {
    timeoutMs = decodeGrpcTimeout(timeout);
    if (timeoutMs === undefined)
      return { problem: `the grpc-timeout ${JSON.stringify(timeout)} is malformed` };
  }
  return {
    path: fieldValue(fields, ':path') ?? '',
    authority: fieldValue(fields, ':authority') ?? fieldValue(fields, 'host') ?? '',
    timeoutMs,
    encoding: fieldValue(fields, 'grpc-encoding') ?? IDENTITY,
    acceptedEncodings: (fieldValue(fields, 'grpc-accept-encoding') ?? '').split(',').map((one) => one.trim()),
  };
}
