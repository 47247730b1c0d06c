// The door of the room: a pattern for messages of a type, compiled once, and compared with any number of messages.

import { refuseCycle } from '../codec/cycle.ts';
import type { Plan } from '../codec/plan.ts';
import { TOO_DEEP } from '../codec/wire/nesting.ts';
import { ListKind } from './collection-kinds.ts';
import { type Check, Comparison } from './comparison.ts';
import { Compiler } from './compiler.ts';
import type { Difference } from './difference.ts';
import type { Kind } from './kind.ts';
import { kindOfType } from './message-kinds.ts';
import { UNKNOWN_KIND } from './open-kind.ts';
import { compileAt } from './operators.ts';
import { PatternError } from './pattern-error.ts';

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
  return compileKind(kindOfType(plan), pattern, options);
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
  return compileKind(new ListKind(kindOfType(plan)), pattern, options);
}

/**
 * Compiles a pattern for a value whose type is not known. It is compared by what the values are: names of fields as they are
 * spelled, 64-bit integers, bytes and times in any of their spellings, enums as they are.
 */
export function compileStructuralPattern(pattern: unknown, options?: PatternOptions): Pattern {
  return compileKind(UNKNOWN_KIND, pattern, options);
}

/** Compiles a pattern for whatever stands at a place. */
export function compileKind(kind: Kind, pattern: unknown, options: PatternOptions = {}): Pattern {
  const c = new Compiler(options.exactly === true, options.json === true);
  let check: Check;
  try {
    check = compileAt(c, { kind }, pattern);
  } catch (error) {
    const explained = c.explained(error);
    if (explained instanceof PatternError && explained.message.endsWith(TOO_DEEP)) refuseCycle(pattern);
    throw explained;
  }
  return {
    differences: (value) => {
      const comparison = new Comparison();
      check.run(comparison, value === null && !kind.takesNull ? undefined : value);
      return comparison.differences;
    },
  };
}
