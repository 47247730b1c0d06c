// What may stand at a place of a message, as far as a pattern for it needs to know: which operators fit, and how anything
// but operators is read. It must not know operators' meanings.

import type { Check } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import type { ScalarKind } from './scalar-kinds.ts';
import { shownValue } from './shown-value.ts';

export interface Kind {
  /** What errors call it: `a list`, `int32`. */
  readonly word: string;
  /** `null` is one of its values, and does not mean that it is not set. */
  readonly takesNull: boolean;
  /** Beside operators an object may also hold fields, members or entries. */
  readonly takesMembers: boolean;
  /** Text can be searched. */
  readonly isText: boolean;
  /** It has a number of elements, entries, characters or bytes. */
  readonly hasLength: boolean;
  /** Of one value, how it is read; undefined for messages, lists and maps. */
  readonly scalar: ScalarKind | undefined;
  /** How values are compared with bounds; undefined where there is no order. */
  readonly ordered: ScalarKind | undefined;
  /** What its elements are; undefined for what is not a list. */
  readonly element: Kind | undefined;
  /** Compiles a pattern without operators. Refuses, through the compiler, what could not match. */
  literal(c: Compiler, pattern: unknown): Check;
  /** A value of it, for an error or a difference. */
  show(value: unknown): string;
}

/** Something made of others, which an object names; each kind says what is different about it. */
export abstract class ComposedKind implements Kind {
  abstract readonly word: string;
  readonly takesNull: boolean = false;
  readonly takesMembers: boolean = true;
  readonly isText: boolean = false;
  readonly hasLength: boolean = false;
  readonly scalar: ScalarKind | undefined = undefined;
  readonly ordered: ScalarKind | undefined = undefined;
  readonly element: Kind | undefined = undefined;

  abstract literal(c: Compiler, pattern: unknown): Check;

  show(actual: unknown): string {
    return shownValue(actual);
  }
}
