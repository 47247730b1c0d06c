// Options as written, before it is known what they mean (descriptor.proto's UninterpretedOption). Syntax only;
// schema/proto/linking/option-interpreter.ts interprets them.

import type { StringValue } from '../../text/token-stream.ts';

export interface OptionNamePart {
  /** Without parentheses; an extension's may have a leading dot. */
  readonly name: string;
  readonly isExtension: boolean;
}

export interface OptionStatement {
  readonly name: readonly OptionNamePart[];
  readonly value: OptionValue;
  /** Where the name stands. */
  readonly offset: number;
  /** The numbers of the fields that it names, and the index in a repeated one; known once it is interpreted. */
  path: readonly number[] | undefined;
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
  /**
   * An aggregate in '{ }', from its opening brace to just after its closing one: text format, which schema/text reads.
   */
  | { readonly kind: 'message'; readonly offset: number; readonly end: number };

/** `(a.b).c` */
export function optionName(parts: readonly OptionNamePart[]): string {
  return parts.map((part) => (part.isExtension ? `(${part.name})` : part.name)).join('.');
}
