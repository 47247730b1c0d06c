// The fields with which a server ends a call: grpc-status, grpc-message and the trailing metadata.
// Source: grpc doc/PROTOCOL-HTTP2.md, "Responses".

import { fieldsOfInput } from '../rpc/metadata-fields.ts';
import type { FieldList } from '../rpc/transport.ts';
import type { Metadata } from '../values/metadata.ts';

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
    const base64 = Buffer.from(errorDetails.buffer, errorDetails.byteOffset, errorDetails.length).toString(
      'base64',
    );
    fields.push('grpc-status-details-bin', base64.replace(/=+$/, ''));
  }
  fields.push(...(fieldsOfInput(metadata) ?? []));
  return fields;
}

/** The head of a response with its initial metadata, and what its messages are and are compressed with. */
export function headOf(
  metadata: Metadata,
  codec: 'json' | undefined,
  encoding: string | undefined,
  accepted: string,
): FieldList {
  const contentType = codec === undefined ? 'application/grpc' : `application/grpc+${codec}`;
  const fields = [':status', '200', 'content-type', contentType, 'grpc-accept-encoding', accepted];
  if (encoding !== undefined) fields.push('grpc-encoding', encoding);
  return [...fields, ...(fieldsOfInput(metadata) ?? [])];
}

/** Percent-encodes what is not printable ASCII, and `%` itself. */
function encodeGrpcMessage(text: string): string {
  if (/^[\x20-\x24\x26-\x7e]*$/.test(text)) return text;
  let encoded = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    encoded +=
      octet >= 0x20 && octet <= 0x7e && octet !== 0x25
        ? String.fromCharCode(octet)
        : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}
