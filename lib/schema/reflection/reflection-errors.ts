// How asking a server for its schema can fail, apart from a SchemaError about the schema itself.

import { SchemaError } from '../../values/errors.ts';
import type { StreamFailure } from './invoke.ts';

/** The server cannot be asked: the call that needs its schema fails with this status. */
export class ReflectionLost extends Error {
  override readonly name = 'ReflectionLost';
  readonly failure: StreamFailure;

  constructor(failure: StreamFailure) {
    super(failure.details, failure.error === undefined ? undefined : { cause: failure.error });
    this.failure = failure;
  }
}

/** The server has no reflection service, or does not allow us to use it. */
export class NoReflection extends SchemaError {}
