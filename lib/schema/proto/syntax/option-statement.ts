// Options as written, before anybody knows what they mean (descriptor.proto's UninterpretedOption). Syntax only; schema/proto/linking/option-interpreter.ts gives them their
// meaning.

import type { StringValue } from '../../text/token-stream.ts';

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
  /** The numbers of the fields that it names, and of a repeated one which: known once it is interpreted. */
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
  /** An aggregate in '{ }', from its opening brace to behind its closing one: text format, which schema/text reads. */
  | { readonly kind: 'message'; readonly offset: number; readonly end: number };

/** `(a.b).c` */
export function optionName(parts: readonly OptionNamePart[]): string {
  return parts.map((part) => (part.isExtension ? `(${part.name})` : part.name)).join('.');
}
