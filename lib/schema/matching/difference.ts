// What is different about a message from what a pattern asks for, as data and as text to be read: a line for each field,
// whose values are short and safe to print. It must not know patterns.

/** One place of a value that is not what a pattern asks for. */
export interface Difference {
  /** The place, such as `items[2].price` or `labels["x"]`; empty for the value as a whole. */
  readonly path: string;
  /** What the pattern asks for: short, on one line, and safe to print. */
  readonly expected: string;
  /** What is there instead, likewise. */
  readonly actual: string;
  /**
   * The keys and indexes that lead to the operator in the pattern, or to the value inside of one, that asks for it: `['price',
   * '$above']`. Left out where the path leads there as well.
   */
  readonly keys?: readonly (string | number)[];
}

/** How many differences of a value are looked for: after that many, the rest of it is not compared. */
export const MAX_DIFFERENCES = 50;

/** Lines that are longer than this are broken before what is expected and what came. */
const MAX_LINE = 100;

/** How `formatDifferences` writes. */
export interface FormatOptions {
  /** What stands before each line. Default none. */
  readonly indent?: string | undefined;
  /** What the value as a whole is called. Default `the message`. */
  readonly whole?: string | undefined;
}

/** `items[2].price: expected at least 5, got 3`, a line for each difference; long ones take three. */
export function formatDifferences(differences: readonly Difference[], options: FormatOptions = {}): string {
  const { indent = '', whole = 'the message' } = options;
  const lines = differences.flatMap((difference) => linesOf(difference, indent, whole));
  if (differences.length >= MAX_DIFFERENCES) {
    lines.push(`${indent}only the first ${MAX_DIFFERENCES} differences are shown`);
  }
  return lines.join('\n');
}

function linesOf({ path, expected, actual }: Difference, indent: string, whole: string): string[] {
  const place = path === '' ? whole : path;
  const line = `${indent}${place}: expected ${expected}, got ${actual}`;
  if (line.length <= MAX_LINE) return [line];
  return [`${indent}${place}:`, `${indent}  expected ${expected}`, `${indent}  got ${actual}`];
}
