// Options as words of a command line again: what `parse` of their definitions reads back as the same values.

import { longFlag, type OptionDefinition, optionName } from '../command/command-definition.ts';
import { parseDuration, writeDuration } from '../command/quantity.ts';

/** One option as a line says it: its long flag, and the text of its value where it takes one. */
export interface WrittenOption {
  readonly flag: string;
  readonly text: string | undefined;
  readonly value: unknown;
  readonly definition: OptionDefinition;
}

/** The options that have a value, in the order of their definitions; one that is given several times is several words. */
export function writtenOptions(
  options: object,
  definitions: readonly OptionDefinition[],
): readonly WrittenOption[] {
  return definitions.flatMap((definition): WrittenOption[] => {
    const { flags, isRepeated } = definition;
    const value: unknown = Reflect.get(options, optionName(flags));
    if (value === undefined) return [];
    const flag = longFlag(flags);
    if (!flags.includes('<')) {
      return value === !flag.startsWith('--no-') ? [{ flag, text: undefined, value, definition }] : [];
    }
    // Of --no-proxy, which shares the name of --proxy.
    if (typeof value === 'boolean') return [];
    const values: readonly unknown[] = isRepeated === true ? (value as unknown[]) : [value];
    return values.map((one) => ({ flag, text: textOf(one, definition), value: one, definition }));
  });
}

function textOf(value: unknown, { parse, write }: OptionDefinition): string {
  if (write !== undefined) return write(value);
  if (value === Number.POSITIVE_INFINITY) return 'none';
  return parse === parseDuration ? writeDuration(value) : String(value);
}
