// Options as written, before anybody knows what they mean (descriptor.proto's UninterpretedOption, with the
// aggregate value as a tree instead of text). Syntax only; option-interpreter.ts gives them their meaning.

import type { StringValue } from './string-literal.ts';

export interface OptionNamePart {
  /** Without parentheses; of an extension perhaps with a leading dot. */
  readonly name: string;
  readonly isExtension: boolean;
}

export interface OptionStatement {
  readonly name: readonly OptionNamePart[];
  readonly value: OptionValue;
  /** Where the name stands. */
  readonly offset: number;
}

export type OptionValue =
  | {
      readonly kind: 'identifier';
      readonly name: string;
      readonly isNegative: boolean;
      readonly offset: number;
    }
  | { readonly kind: 'integer'; readonly value: bigint; readonly offset: number }
  | { readonly kind: 'float'; readonly value: number; readonly offset: number }
  | { readonly kind: 'string'; readonly value: StringValue; readonly offset: number }
  | {
      readonly kind: 'message';
      readonly fields: readonly AggregateField[];
      readonly offset: number;
      /** After the closing brace. */
      readonly end: number;
    }
  | { readonly kind: 'list'; readonly values: readonly OptionValue[]; readonly offset: number };

/** A field of an aggregate: `name: value`, `[some.extension]: value` or `[host/some.Type] { … }` in an Any. */
export interface AggregateField {
  readonly name: string;
  readonly kind: 'field' | 'extension' | 'any';
  readonly value: OptionValue;
  readonly offset: number;
}

/** `(a.b).c` */
export function optionName(parts: readonly OptionNamePart[]): string {
  return parts.map((part) => (part.isExtension ? `(${part.name})` : part.name)).join('.');
}
