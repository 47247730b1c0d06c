// A method of the schema as one of bytes, which is how the command line calls all of them: what it is called with, and what
// it answers, goes through no object of the library's. What its schema says of a call as a whole must not get lost on the way.

import type { Client, MethodDescription, RawMethod } from '../../index.ts';

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
