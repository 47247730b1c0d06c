// What gRPC says in header fields of a request, as Connect says it; and what of a response is not gRPC's to say there.

import { decodeGrpcTimeout } from '../rpc/grpc-timeout.ts';
import type { FieldList, StreamEnd } from '../rpc/transport.ts';

const MAX_TIMEOUT_MS = 9_999_999_999;
/** What these say to gRPC, Connect says otherwise: a server that sends them would speak with two tongues. */
const OF_GRPC: ReadonlySet<string> = new Set([
  'grpc-status',
  'grpc-message',
  'grpc-status-details-bin',
  'grpc-encoding',
]);

/**
 * The fields of a call, with gRPC's own as Connect has them.
 * @param encodingName the field that names the compression; undefined where it is not to be named
 */
export function connectFields(
  fields: FieldList | undefined,
  encodingName: string | undefined,
): string[] | undefined {
  if (fields === undefined) return undefined;
  const own: string[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const name = fields[i];
    const value = fields[i + 1];
    if (name === 'grpc-timeout') own.push('connect-timeout-ms', timeoutMs(value));
    else if (name !== 'grpc-encoding') own.push(name, value);
    else if (encodingName !== undefined) own.push(encodingName, value);
  }
  return own;
}

function timeoutMs(grpcTimeout: string): string {
  const ms = decodeGrpcTimeout(grpcTimeout) ?? MAX_TIMEOUT_MS;
  return String(Math.min(Math.ceil(ms), MAX_TIMEOUT_MS));
}

/** Whether a field of a response has a meaning in gRPC that it does not have in Connect. */
export function isOfGrpc(name: string): boolean {
  return OF_GRPC.has(name);
}

/** The end of a stream without the HTTP trailers that it may have come with. */
export function withoutLast(end: StreamEnd): StreamEnd {
  return end.kind === 'violation' && end.last !== undefined ? { ...end, last: undefined } : end;
}
