// Reads the head of a request strictly: the path, the deadline, and whether it is gRPC at all.
// Source: grpc doc/PROTOCOL-HTTP2.md, "Requests".

import { isJsonContentType } from '../rpc/answer-codec.ts';
import { IDENTITY } from '../rpc/compression/compression.ts';
import { fieldValue, isGrpcContentType } from '../rpc/outcome.ts';
import type { FieldList } from '../rpc/transport.ts';

export interface GrpcRequest {
  readonly path: string;
  readonly authority: string;
  /** Milliseconds; undefined when the client set no deadline. */
  readonly timeoutMs: number | undefined;
  /** What messages are; undefined for protobuf's wire format. */
  readonly codec: 'json' | undefined;
  /** How the client's messages are compressed. */
  readonly encoding: string;
  /** How replies may be compressed. */
  readonly acceptedEncodings: readonly string[];
}

/** A request that is not gRPC, or malformed. */
export type RequestFault =
  | { readonly kind: 'http'; readonly status: 405 | 415 }
  | { readonly kind: 'malformed'; readonly details: string };

const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

export function readRequestHead(fields: FieldList): GrpcRequest | RequestFault {
  if (fieldValue(fields, ':method') !== 'POST') return { kind: 'http', status: 405 };
  const contentType = fieldValue(fields, 'content-type');
  if (contentType === undefined || !isGrpcContentType(contentType)) return { kind: 'http', status: 415 };
  const timeout = fieldValue(fields, 'grpc-timeout');
  let timeoutMs: number | undefined;
  if (timeout !== undefined) {
    const match = /^(\d{1,8})([HMSmun])$/.exec(timeout);
    if (match === null)
      return { kind: 'malformed', details: `the grpc-timeout ${JSON.stringify(timeout)} is malformed` };
    timeoutMs = Number(match[1]) * UNIT_MS[match[2]];
  }
  return {
    path: fieldValue(fields, ':path') ?? '',
    authority: fieldValue(fields, ':authority') ?? fieldValue(fields, 'host') ?? '',
    timeoutMs,
    codec: isJsonContentType(contentType) ? 'json' : undefined,
    encoding: fieldValue(fields, 'grpc-encoding') ?? IDENTITY,
    acceptedEncodings: (fieldValue(fields, 'grpc-accept-encoding') ?? '').split(',').map((one) => one.trim()),
  };
}
