// The fields with which a server ends a call: grpc-status, grpc-message and the trailing metadata.
// Source: grpc doc/PROTOCOL-HTTP2.md, "Responses".

import type { CodecName } from '../protocols/protocol.ts';
import { encodeGrpcMessage } from '../rpc/grpc-message.ts';
import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { Metadata } from '../values/metadata.ts';
import { bufferOf } from '../values/octets.ts';

/** How a call ends, before it is written. */
export interface CallEnd {
  readonly code: number;
  readonly details: string;
  readonly metadata: Metadata;
  /** google.rpc.Status, encoded. */
  readonly errorDetails?: Uint8Array | undefined;
}

/** The trailers of a call. */
export function trailersOf({ code, details, metadata, errorDetails }: CallEnd): FieldList {
  const fields = ['grpc-status', String(code)];
  if (details !== '') fields.push('grpc-message', encodeGrpcMessage(details));
  if (errorDetails !== undefined) {
    const base64 = bufferOf(errorDetails).toString('base64');
    fields.push('grpc-status-details-bin', base64.replace(/=+$/, ''));
  }
  fields.push(...(fieldsOfInput(metadata) ?? []));
  return fields;
}

/** The head of a response with its initial metadata, and how its messages are compressed. */
export function headOf(
  metadata: Metadata,
  encoding: string | undefined,
  accepted: string,
  codec: CodecName,
): FieldList {
  const type = codec === 'proto' ? 'application/grpc' : `application/grpc+${codec}`;
  const fields = [':status', '200', 'content-type', type, 'grpc-accept-encoding', accepted];
  if (encoding !== undefined) fields.push('grpc-encoding', encoding);
  return [...fields, ...(fieldsOfInput(metadata) ?? [])];
}
