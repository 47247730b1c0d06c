// Decimal numbers as text (`-12.5e3`), parsed without rounding, since JavaScript's numbers hold only 53 bits. Linear in
// the length of the text, whatever the exponent. Knows nothing of JSON or fields.

/** The digits of a number without leading and trailing zeros, and the power of ten to multiply them by. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const ZERO = 48;

/** Parses a number, which must have JSON's syntax. */
export function decimalOf(text: string): Decimal {
  const isNegative = text.startsWith('-');
  const e = Math.max(text.indexOf('e'), text.indexOf('E'));
  const mantissa = text.slice(isNegative ? 1 : 0, e < 0 ? text.length : e);
  const point = mantissa.indexOf('.');
  const all = point < 0 ? mantissa : mantissa.slice(0, point) + mantissa.slice(point + 1);
  let start = 0;
  let end = all.length;
  while (start < end && all.charCodeAt(start) === ZERO) start++;
  while (start < end && all.charCodeAt(end - 1) === ZERO) end--;
  const places = point < 0 ? 0 : mantissa.length - point - 1;
  const exponent = (e < 0 ? 0 : Number(text.slice(e + 1))) - places + (all.length - end);
  return { isNegative, digits: all.slice(start, end), exponent };
}

/** Whether a number is whole, such as `1.0` and `12.5e1`. */
export function isWhole({ digits, exponent }: Decimal): boolean {
  return digits === '' || exponent >= 0;
}

/**
 * The integer that the text stands for; undefined if it has a fraction, or more than `maxDigits` digits, which would
 * cost needless time and memory.
 */
export function exactInteger(text: string, maxDigits: number): bigint | undefined {
  const decimal = decimalOf(text);
  const { isNegative, digits, exponent } = decimal;
  if (digits === '') return 0n;
  if (!isWhole(decimal) || digits.length + exponent > maxDigits) return undefined;
  const magnitude = BigInt(digits) * 10n ** BigInt(exponent);
  return isNegative ? -magnitude : magnitude;
}
