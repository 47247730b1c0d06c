// How a call of gRPC ended, from its trailers, as Connect says it: an error of JSON, its HTTP status, and metadata.
// Source: connectrpc.com/docs/protocol, "Error Codes", "Error End-Stream".

import { CODES, TYPE_PREFIX } from '../../protocols/connect-error.ts';
import { fieldValue } from '../../rpc/field-list.ts';
import { decodeGrpcMessage } from '../../rpc/grpc-message.ts';
import type { FieldList } from '../../rpc/transport.ts';
import type { MessageCodec } from '../../schema/codec/method.ts';
import { statusFile } from '../../schema/registry/error-details.ts';
import { Registry } from '../../schema/registry/registry.ts';
import { StatusCode, type StatusCodeValue } from '../../values/status.ts';

interface ConnectError {
  readonly code: string;
  readonly message?: string;
  readonly details?: readonly { readonly type: string; readonly value: string }[];
}

export interface ConnectEnd {
  /** Undefined for OK. */
  readonly error: ConnectError | undefined;
  readonly httpStatus: number;
  /** Trailing metadata. */
  readonly metadata: FieldList;
}

/** By status code. */
const HTTP_STATUSES: Readonly<Record<StatusCodeValue, number>> = {
  [StatusCode.OK]: 200,
  [StatusCode.CANCELLED]: 499,
  [StatusCode.UNKNOWN]: 500,
  [StatusCode.INVALID_ARGUMENT]: 400,
  [StatusCode.DEADLINE_EXCEEDED]: 504,
  [StatusCode.NOT_FOUND]: 404,
  [StatusCode.ALREADY_EXISTS]: 409,
  [StatusCode.PERMISSION_DENIED]: 403,
  [StatusCode.RESOURCE_EXHAUSTED]: 429,
  [StatusCode.FAILED_PRECONDITION]: 400,
  [StatusCode.ABORTED]: 409,
  [StatusCode.OUT_OF_RANGE]: 400,
  [StatusCode.UNIMPLEMENTED]: 501,
  [StatusCode.INTERNAL]: 500,
  [StatusCode.UNAVAILABLE]: 503,
  [StatusCode.DATA_LOSS]: 500,
  [StatusCode.UNAUTHENTICATED]: 401,
};

const NAMES: ReadonlyMap<StatusCodeValue, string> = new Map(
  Array.from(CODES, ([name, code]) => [code, name]),
);

const OWN_FIELDS: ReadonlySet<string> = new Set(['grpc-status', 'grpc-message', 'grpc-status-details-bin']);

export function connectEnd(trailers: FieldList): ConnectEnd {
  const code = Number(fieldValue(trailers, 'grpc-status')) as StatusCodeValue;
  const message = decodeGrpcMessage(fieldValue(trailers, 'grpc-message') ?? '');
  const details = fieldValue(trailers, 'grpc-status-details-bin');
  const metadata = trailers.filter((_, i) => !OWN_FIELDS.has(trailers[i - (i % 2)]));
  const name = NAMES.get(code);
  if (name === undefined) return { error: undefined, httpStatus: HTTP_STATUSES[StatusCode.OK], metadata };
  const error = {
    code: name,
    ...(message === '' ? {} : { message }),
    ...(details === undefined ? {} : { details: detailsOf(Buffer.from(details, 'base64')) }),
  };
  return { error, httpStatus: HTTP_STATUSES[code], metadata };
}

let statusCodec: MessageCodec | undefined;

function detailsOf(octets: Uint8Array): { type: string; value: string }[] {
  if (statusCodec === undefined) {
    const registry = new Registry();
    registry.add([statusFile()], 'the package itself');
    statusCodec = registry.message('google.rpc.Status');
  }
  const { details } = statusCodec.decode(octets, 0, octets.length) as {
    readonly details: readonly { readonly typeUrl: string; readonly value: Uint8Array }[];
  };
  return details.map(({ typeUrl, value }) => ({
    type: typeUrl.replace(TYPE_PREFIX, ''),
    value: Buffer.from(value).toString('base64').replace(/=+$/, ''),
  }));
}
