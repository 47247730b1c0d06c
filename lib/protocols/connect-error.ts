// Connect's errors, which are JSON, as gRPC's trailers: code, message and details. Source: connectrpc.com/docs/protocol,
// "Error Codes", "Error End-Stream".

import { encodeGrpcMessage } from '../rpc/grpc-message.ts';
import { isBase64 } from '../rpc/metadata-fields.ts';
import { StatusCode, type StatusCodeValue } from '../values/status.ts';
import { isOfGrpc } from './connect-fields.ts';
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

/** Whether an object has anything of an error in it. Of one that has nothing, the call would fail and not say why. */
export function isErrorOfConnect(error: Readonly<Record<string, unknown>>): boolean {
  const { code, message, details } = error;
  if (isStatusOfGateway(error)) return false;
  return typeof code === 'string' || typeof message === 'string' || Array.isArray(details);
}

/** Whether an object is the google.rpc.Status of grpc-gateway: its code is a number. */
export function isStatusOfGateway(error: Readonly<Record<string, unknown>> | undefined): boolean {
  return typeof error?.['code'] === 'number';
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
  if (details === undefined || details === null) return fields;
  const anys = (Array.isArray(details) ? details : [details]).map(anyOf);
  if (anys.length > 0) {
    const status = Buffer.concat([varintField(1, code), bytesField(2, Buffer.from(message)), ...anys]);
    fields.push('grpc-status-details-bin', status.toString('base64'));
  }
  return fields;
}

const PLAIN = /^[\x20-\x7e]*$/;

/** Metadata in JSON, `{ name: [values] }`, as fields; undefined where it is no such thing. */
export function metadataFields(metadata: unknown): string[] | undefined {
  if (metadata === undefined || metadata === null) return [];
  if (!isObject(metadata)) return undefined;
  const fields: string[] = [];
  for (const [key, values] of Object.entries(metadata)) {
    // Before lower case, which makes ASCII of some letters that are none.
    if (!PLAIN.test(key)) return undefined;
    const name = key.toLowerCase();
    for (const text of Array.isArray(values) ? values : [values]) {
      if (typeof text !== 'string') return undefined;
      // An octet a character, as in header fields.
      const value = PLAIN.test(text) ? text : Buffer.from(text).toString('latin1');
      if (!isField(name, value)) return undefined;
      if (!isOfGrpc(name)) fields.push(name, value);
    }
  }
  return fields;
}

/**
 * A detail as a google.protobuf.Any in a google.rpc.Status. One that cannot be read is its JSON under no type, so that it
 * is there to be looked at, and named as a problem.
 */
function anyOf(detail: unknown): Uint8Array {
  const { type, value } = isObject(detail) ? detail : { type: undefined, value: undefined };
  const isRead = typeof type === 'string' && type !== '' && typeof value === 'string' && isBase64(value);
  const typeUrl = !isRead ? '' : type.includes('/') ? type : TYPE_PREFIX + type;
  const octets = isRead ? Buffer.from(value, 'base64') : Buffer.from(JSON.stringify(detail));
  return bytesField(3, Buffer.concat([bytesField(1, Buffer.from(typeUrl)), bytesField(2, octets)]));
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
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
