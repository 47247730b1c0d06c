// Connect's errors, which are JSON, as gRPC's trailers: code, message and details. Source: connectrpc.com/docs/protocol,
// "Error Codes", "Error End-Stream".

import { encodeGrpcMessage } from '../rpc/grpc-message.ts';
import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { isField } from './field-list.ts';

/** What Connect calls the codes, but OK. */
export const CODES: ReadonlyMap<string, StatusCodeValue> = new Map([
  ['canceled', StatusCode.CANCELLED],
  ['unknown', StatusCode.UNKNOWN],
  ['invalid_argument', StatusCode.INVALID_ARGUMENT],
  ['deadline_exceeded', StatusCode.DEADLINE_EXCEEDED],
  ['not_found', StatusCode.NOT_FOUND],
  ['already_exists', StatusCode.ALREADY_EXISTS],
  ['permission_denied', StatusCode.PERMISSION_DENIED],
  ['resource_exhausted', StatusCode.RESOURCE_EXHAUSTED],
  ['failed_precondition', StatusCode.FAILED_PRECONDITION],
  ['aborted', StatusCode.ABORTED],
  ['out_of_range', StatusCode.OUT_OF_RANGE],
  ['unimplemented', StatusCode.UNIMPLEMENTED],
  ['internal', StatusCode.INTERNAL],
  ['unavailable', StatusCode.UNAVAILABLE],
  ['data_loss', StatusCode.DATA_LOSS],
  ['unauthenticated', StatusCode.UNAUTHENTICATED],
]);

/** What Connect leaves out of the type of a detail. */
export const TYPE_PREFIX: string = 'type.googleapis.com/';

/** The text of a JSON document as an object; undefined where it is none. */
export function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * An error as gRPC's trailers.
 * @param otherwise the code where the error has none that is known
 */
export function errorTrailers(
  error: Readonly<Record<string, unknown>>,
  otherwise: StatusCodeValue,
): string[] {
  const { code: name, message: text, details } = error;
  const code = (typeof name === 'string' ? CODES.get(name) : undefined) ?? otherwise;
  const message = typeof text === 'string' ? text : '';
  const fields = ['grpc-status', String(code), 'grpc-message', encodeGrpcMessage(message)];
  const anys = Array.isArray(details) ? details.flatMap(anyOf) : [];
  if (anys.length > 0) {
    const status = Buffer.concat([varintField(1, code), bytesField(2, Buffer.from(message)), ...anys]);
    fields.push('grpc-status-details-bin', status.toString('base64'));
  }
  return fields;
}

/** Metadata in JSON, `{ name: [values] }`, as fields; undefined where it is no such thing. */
export function metadataFields(metadata: unknown): string[] | undefined {
  if (metadata === undefined || metadata === null) return [];
  if (!isObject(metadata)) return undefined;
  const fields: string[] = [];
  for (const [key, values] of Object.entries(metadata)) {
    const name = key.toLowerCase();
    for (const value of Array.isArray(values) ? values : [values]) {
      if (typeof value !== 'string' || !isField(name, value)) return undefined;
      fields.push(name, value);
    }
  }
  return fields;
}

/** A detail as a google.protobuf.Any in a google.rpc.Status; none where it cannot be read. */
function anyOf(detail: unknown): Uint8Array[] {
  if (!isObject(detail)) return [];
  const { type, value } = detail;
  if (typeof type !== 'string' || typeof value !== 'string' || !BASE64.test(value)) return [];
  const any = [bytesField(1, Buffer.from(TYPE_PREFIX + type)), bytesField(2, Buffer.from(value, 'base64'))];
  return [bytesField(3, Buffer.concat(any))];
}

/** In either alphabet, padded or not. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function varintField(number: number, value: number): Uint8Array {
  return Uint8Array.from([number << 3, ...varint(value)]);
}

function bytesField(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([(number << 3) | 2, ...varint(bytes.length)]), bytes]);
}

function varint(value: number): number[] {
  const octets: number[] = [];
  while (value > 0x7f) {
    octets.push((value & 0x7f) | 0x80);
    value >>>= 7;
  }
  octets.push(value);
  return octets;
}
