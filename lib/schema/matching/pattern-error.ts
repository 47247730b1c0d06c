// What is wrong with a pattern itself: found when it is compiled, before anything is sent. It must not know schemas.

/** A mistake in a pattern: its message names the place in the message, and the nearest name where one was mistyped. */
export class PatternError extends TypeError {
  override readonly name = 'PatternError';
  /**
   * Where it is in the pattern: the keys and indexes that lead to it, operators included, such as
   * `['items', '$contains', 'price']`.
   */
  readonly keys: readonly (string | number)[];

  constructor(message: string, keys: readonly (string | number)[], cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.keys = keys;
  }
}
