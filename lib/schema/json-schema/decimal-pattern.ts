// Regular expressions for decimal numbers within limits: JSON Schema can compare numbers, but not numbers in quotes. Only
// what every dialect of regular expressions has. Knows nothing of schemas.

/** JSON's own syntax of a number. */
export const NUMBER_TEXT = '-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?';

const digit = (from: number, to: number): string => (from === to ? String(from) : `[${from}-${to}]`);
const digits = (count: number): string => (count === 0 ? '' : count === 1 ? '[0-9]' : `[0-9]{${count}}`);

/** The numbers with as many digits as `max` that are no larger; their first digit is at least `first`. */
export function sameLengthUpTo(max: string, first: 0 | 1): string {
  const alternatives: string[] = [];
  for (let i = 0; i < max.length; i++) {
    const least = i === 0 ? first : 0;
    const below = Number(max[i]) - 1;
    if (below >= least) alternatives.push(max.slice(0, i) + digit(least, below) + digits(max.length - i - 1));
  }
  return [...alternatives, max].join('|');
}

/** The integers from 0 to `max`, which has more than one digit, without leading zeros. */
function upTo(max: bigint): string {
  const text = String(max);
  return `0|[1-9][0-9]{0,${text.length - 2}}|${sameLengthUpTo(text, 1)}`;
}

/** The integers of a type with so many bits, in decimal, without anchors. Negative zero is zero. */
export function integerPattern(bits: 32 | 64, isSigned: boolean): string {
  if (!isSigned) return `(-0|${upTo(2n ** BigInt(bits) - 1n)})`;
  const magnitude = 2n ** BigInt(bits - 1);
  return `(-?(${upTo(magnitude - 1n)})|-${magnitude})`;
}
