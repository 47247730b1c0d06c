// Patterns for headers and trailers: names without regard to case, each with a value or a list of values.

import type { Metadata } from '../../values/metadata.ts';
import { isBytes, isMap, isObject, ownBytes } from '../../values/realm.ts';
import { fromBase64 } from '../../values/text/base64.ts';
import { shortened } from '../../values/text/shortened-text.ts';
import type { Encoder } from '../codec/encoder.ts';
import { ListKind } from './collection-kinds.ts';
import { type Check, type Comparison, NOTHING } from './comparison.ts';
import type { Compiler } from './compiler.ts';
import { ComposedKind, type Kind } from './kind.ts';
import { compileAt } from './operators.ts';
import { compileKind, type Pattern, type PatternOptions } from './pattern.ts';
import { PlainScalar, type Scalar } from './scalar-kinds.ts';
import { shownBytes, shownValue } from './shown-value.ts';
import { TEXT_KIND } from './text-kind.ts';
import { ValueKind } from './value-kind.ts';

/**
 * Compiles a pattern for metadata: an object of names to what their value is to be: text, bytes for names ending in
 * `-bin`, operators for these; `$present: false` or null for none; an array, or operators for lists, where a name has
 * several values. Names that are not in the pattern may have any values. Throws PatternError.
 */
export function compileMetadataPattern(pattern: unknown, options?: PatternOptions): Pattern<Metadata> {
  return compileKind(new MetadataKind(), pattern, options);
}

class BinaryKind extends PlainScalar {
  readonly word = 'bytes';
  override readonly isBytes = true;

  read(w: Encoder, value: unknown): Scalar {
    const bytes = isBytes(value)
      ? ownBytes(value)
      : typeof value === 'string'
        ? fromBase64(value)
        : undefined;
    return bytes ?? w.refuse(`expected bytes, a Uint8Array or base64 text, got ${shownValue(value)}`);
  }

  show(value: Scalar): string {
    return isBytes(value) ? shownBytes(value) : shownValue(value);
  }
}

const BYTES_KIND: Kind = new ValueKind(new BinaryKind());

/** The operators for lists alone: with one of these, a pattern is for all values of a name. */
const FOR_LISTS = ['$contains', '$unordered', '$each'];

/** Whether a pattern is for all values of a name rather than for its only one. `$contains` of text is a part of that. */
function isForList(pattern: unknown): boolean {
  if (Array.isArray(pattern)) return true;
  if (!isObject(pattern) || isBytes(pattern)) return false;
  const keys = Object.keys(pattern);
  if (keys.some((key) => key === '$not' || key === '$exactly')) {
    return Object.values(pattern).some((operand) => isForList(operand));
  }
  const { $contains } = pattern as { $contains?: unknown };
  return keys.some((key) => FOR_LISTS.includes(key)) && typeof $contains !== 'string';
}

interface NameCheck {
  readonly name: string;
  readonly check: Check;
  readonly isForList: boolean;
}

class MetadataKind extends ComposedKind {
  readonly word = 'metadata';

  literal(c: Compiler, pattern: unknown): Check {
    if (!isObject(pattern) || Array.isArray(pattern) || isBytes(pattern)) {
      return c.refuse(`expected an object of names and values, got ${shownValue(pattern)}`);
    }
    const given = isMap(pattern) ? [...pattern] : Object.entries(pattern);
    const checks = new Map<string, NameCheck>();
    for (const [key, item] of given) {
      if (item === undefined) continue;
      const name = String(key).toLowerCase();
      if (checks.has(name)) {
        const problem = `'${shortened(name)}' is there twice, with capital letters and without`;
        c.atKey(String(key), () => c.refuse(problem));
      }
      checks.set(
        name,
        c.atField(name, String(key), () => this.#name(c, name, item)),
      );
    }
    return new MetadataCheck([...checks.values()], c.isExact, pattern);
  }

  #name(c: Compiler, name: string, item: unknown): NameCheck {
    if (!/^[0-9a-z_.-]+$/.test(name)) {
      c.refuse('is not a name of metadata: those consist of letters, digits and the characters _ - .');
    }
    const value = name.endsWith('-bin') ? BYTES_KIND : TEXT_KIND;
    const forList = isForList(item);
    return {
      name,
      check: compileAt(c, { kind: forList ? new ListKind(value) : value }, item),
      isForList: forList,
    };
  }

  override show(actual: unknown): string {
    return shownValue((actual as Metadata).toJSON());
  }
}

class MetadataCheck implements Check {
  readonly needsValue = true;
  readonly #names: readonly NameCheck[];
  readonly #isExact: boolean;
  readonly #pattern: unknown;

  constructor(names: readonly NameCheck[], isExact: boolean, pattern: unknown) {
    this.#names = names;
    this.#isExact = isExact;
    this.#pattern = pattern;
  }

  get wanted(): string {
    return shownValue(this.#pattern);
  }

  run(c: Comparison, actual: unknown): void {
    const metadata = actual as Metadata;
    for (const { name, check, isForList: forList } of this.#names) {
      const values = metadata.getAll(name);
      // Several values where one is meant are all shown.
      const item = forList ? values : values.length > 1 ? values : values[0];
      c.runAt(name, check, item);
    }
    if (this.#isExact) this.#runOthers(c, metadata);
  }

  #runOthers(c: Comparison, metadata: Metadata): void {
    const named = new Set(this.#names.map(({ name }) => name));
    for (const [name, value] of metadata) {
      if (named.has(name)) continue;
      c.reportAt(name, NOTHING, () => shownValue(value));
    }
  }
}
