// Decodes replies as calls of the library do: bytes that are not a message of the type fail the call.

import { type Client, RpcError, StatusCode } from '../../index.ts';
import { DecodeError } from '../../schema/codec/wire/decode-error.ts';

/** A reply of a type. RpcError with INTERNAL, or RESOURCE_EXHAUSTED for one that would become too much. */
export function decodeReply(client: Client, type: string, bytes: Uint8Array): unknown {
  try {
    return client.decode(type, bytes);
  } catch (cause) {
    if (RpcError.is(cause) || !(cause instanceof Error)) throw cause;
    const code = cause instanceof DecodeError ? cause.status : StatusCode.INTERNAL;
    throw RpcError.of(code, `the reply cannot be decoded: ${cause.message}`, { cause });
  }
}
