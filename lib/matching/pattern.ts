// The door of the room: a pattern for messages of a type, compiled once, and compared with any number of messages.

import type { Plan } from '../schema/codec/plan.ts';
import type { Difference } from './difference.ts';

/** How a pattern is read. */
export interface PatternOptions {
  /** No other field may be set, all the way down, as with `$exactly`. Default false. */
  readonly exactly?: boolean | undefined;
  /**
   * The pattern comes out of a document, JSON or YAML: numbers may be JsonNumber or text, bytes base64url, as ProtoJSON
   * has them. Default false: values as `client.request` takes them.
   */
  readonly json?: boolean | undefined;
}

/** A pattern that was found fit for its type. */
export interface Pattern<T = unknown> {
  /** What is different about a value; empty if it matches. At most MAX_DIFFERENCES. */
  differences(value: T): readonly Difference[];
}

/**
 * Compiles a pattern for messages of a type. Throws PatternError for a pattern that no message of the type could match:
 * unknown fields, values of a wrong type, operators that do not fit.
 */
export function compilePattern(plan: Plan, pattern: unknown, options?: PatternOptions): Pattern {
  throw new TypeError(`not yet: ${plan.typeName} ${String(pattern)} ${String(options)}`);
}

/**
 * Compiles a pattern for a list of messages, the replies of a stream: an array of patterns, in order, or operators for lists
 * (`$unordered`, `$contains`, `$each`, `$length`). Paths begin with the index: `[2].price`.
 */
export function compileListPattern(
  plan: Plan,
  pattern: unknown,
  options?: PatternOptions,
): Pattern<readonly unknown[]> {
  return compilePattern(plan, pattern, options);
}

/**
 * A pattern that a message matches with `exactly`, in plain JSON values, to be kept in a file and edited: compiled with
 * `json: true`. Its ProtoJSON, but for keys of maps that would be taken for operators.
 */
export function patternOf(plan: Plan, message: unknown): unknown {
  return [plan.typeName, message];
}
