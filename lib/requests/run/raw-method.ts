// A method of the schema as one of bytes: what it is called with, and what it answers, goes through no object of the
// library's, and how much that is can be counted. What its schema says of a call as a whole must not get lost on the way.

import { type Client, type MethodDescription, type RawMethod, RpcError, StatusCode } from '../../index.ts';
import { DecodeError } from '../../schema/codec/wire/decode-error.ts';

const IDEMPOTENCY = { NO_SIDE_EFFECTS: 'no_side_effects', IDEMPOTENT: 'idempotent' } as const;

/** What a method's `idempotency_level` says. */
export function idempotencyOf({ options }: MethodDescription): 'unknown' | 'no_side_effects' | 'idempotent' {
  const level = options['idempotencyLevel'];
  return level === 'NO_SIDE_EFFECTS' || level === 'IDEMPOTENT' ? IDEMPOTENCY[level] : 'unknown';
}

/** The method, for bytes. */
export function rawOf(client: Client, method: MethodDescription): RawMethod {
  return client.raw(method.path, { cardinality: method.cardinality, idempotency: idempotencyOf(method) });
}

/**
 * A reply of a type, decoded as calls of the library do: bytes that are not a message of the type are an RpcError with
 * INTERNAL, or RESOURCE_EXHAUSTED for one that would become too much.
 */
export function decodeReply(client: Client, type: string, bytes: Uint8Array): unknown {
  try {
    return client.decode(type, bytes);
  } catch (cause) {
    if (RpcError.is(cause) || !(cause instanceof Error)) throw cause;
    const code = cause instanceof DecodeError ? cause.status : StatusCode.INTERNAL;
    throw RpcError.of(code, `the reply cannot be decoded: ${cause.message}`, { cause });
  }
}
