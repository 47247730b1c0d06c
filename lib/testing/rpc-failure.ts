// What a handler throws to end its call with a status: makes the error, and reads the status of whatever was thrown.

import { DecodeError } from '../schema/codec/wire/decode-error.ts';
import { Metadata } from '../values/metadata.ts';
import type { MetadataInput } from '../values/metadata-entries.ts';
import { isError } from '../values/realm.ts';
import { type ErrorDetail, RpcError } from '../values/rpc-error.ts';
import { StatusCode, type StatusCodeName, type StatusCodeValue, statusCodeName } from '../values/status.ts';
import type { CallForm } from './protocols/call-form.ts';
import { WrongReply } from './replies.ts';

/** What goes with a status. */
export interface RpcErrorOptions {
  /** Trailing metadata. */
  readonly metadata?: MetadataInput | undefined;
  /** The details of a google.rpc.Status: messages of google.rpc or of the server's own schema, each with its `@type`. */
  readonly errorDetails?: readonly ErrorDetail[] | undefined;
}

const DETAILS = new WeakMap<RpcError, readonly ErrorDetail[]>();

/**
 * The error that a handler throws to end its call: `throw rpcError('NOT_FOUND', 'no user 7')`.
 * Errors: TypeError for OK and for anything that is not a status code.
 */
export function rpcError(
  code: StatusCodeName | StatusCodeValue,
  details: string = '',
  options: RpcErrorOptions = {},
): RpcError {
  const value = typeof code === 'string' ? StatusCode[code] : code;
  if (!Number.isInteger(value) || value < 1 || value > 16) {
    throw new TypeError(
      `a call can fail with a code from 1 to 16 or its name, such as 'NOT_FOUND', not ${String(code)}`,
    );
  }
  const metadata = new Metadata(options.metadata);
  const status = {
    code: value,
    codeName: statusCodeName(value),
    details: String(details),
    metadata,
    origin: 'server',
  } as const;
  const error = new RpcError({ status, method: '', peer: undefined });
  if (options.errorDetails !== undefined) DETAILS.set(error, options.errorDetails);
  return error;
}

/** A status as it was thrown. */
export interface ThrownStatus {
  readonly code: StatusCodeValue;
  readonly details: string;
  readonly metadata: Metadata;
  readonly errorDetails: readonly ErrorDetail[] | undefined;
}

/**
 * The status for an error: an RpcError's own; that of a reply or request that is none; for anything else UNKNOWN with its
 * message, as in gRPC's own servers.
 */
export function statusOfThrown(error: unknown, protocol: CallForm['protocol']): ThrownStatus {
  if (RpcError.is(error)) {
    const { code, details, metadata } = error;
    return { code, details, metadata: new Metadata(ownEntries(metadata)), errorDetails: DETAILS.get(error) };
  }
  const own = (code: StatusCodeValue, details: string): ThrownStatus => ({
    code,
    details,
    metadata: new Metadata(),
    errorDetails: undefined,
  });
  if (error instanceof WrongReply) return own(StatusCode.INTERNAL, error.message);
  if (error instanceof DecodeError) {
    // Connect says so of what the caller got wrong; grpc's libraries say INTERNAL of any octets that they cannot read.
    const isMistake = protocol === 'connect' && error.status === StatusCode.INTERNAL;
    const code = isMistake ? StatusCode.INVALID_ARGUMENT : error.status;
    return own(code, `the request cannot be decoded: ${error.message}`);
  }
  return own(StatusCode.UNKNOWN, isError(error) ? `${error.name}: ${error.message}` : String(error));
}

/** The metadata of an error from another server that may be sent on. */
function* ownEntries(metadata: Metadata): Iterable<[string, string | Uint8Array]> {
  for (const entry of metadata) if (!entry[0].startsWith('grpc-')) yield entry;
}

/** The error for a handler that is still at work on a call that has ended, and for calls that the server itself ends. */
export function endedWith(code: StatusCodeValue, details: string, method: string): RpcError {
  const metadata = new Metadata();
  const status = { code, codeName: statusCodeName(code), details, metadata, origin: 'server' } as const;
  return new RpcError({ status, method, peer: undefined });
}
