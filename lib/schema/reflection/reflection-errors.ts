// How asking a server for its schema fails, beside a SchemaError about the schema itself.

import { SchemaError } from '../../values/errors.ts';
import type { StreamFailure } from './invoke.ts';

/** The server cannot be asked: the call that wanted to know fails with this status. */
export class ReflectionLost extends Error {
  override readonly name = 'ReflectionLost';
  readonly failure: StreamFailure;

  constructor(failure: StreamFailure) {
    super(failure.details, failure.error === undefined ? undefined : { cause: failure.error });
    this.failure = failure;
  }
}

/** The server has no reflection service, or does not let us use it. */
export class NoReflection extends SchemaError {}
