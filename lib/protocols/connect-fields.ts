// What gRPC says in header fields of a request, as Connect says it.

import type { FieldList } from '../rpc/transport.ts';

const MILLISECONDS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};
const MAX_TIMEOUT_MS = 9_999_999_999;

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
  const ms = Number.parseInt(grpcTimeout, 10) * MILLISECONDS[grpcTimeout.slice(-1)];
  return String(Math.min(Math.ceil(ms), MAX_TIMEOUT_MS));
}
