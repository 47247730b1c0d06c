// Decimal numbers as text (`-12.5e3`), taken apart without rounding: JavaScript's numbers hold no more than 53 bits of
// one. Linear in the length of the text, whatever the exponent. Knows nothing of JSON or of fields.

/** The digits of a number without leading and trailing zeros, and the power of ten that they are multiplied with. */
export interface Decimal {
  readonly isNegative: boolean;
  /** Empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const ZERO = 48;

/** Takes a number apart. `text` must be one as JSON has it. */
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

/** Whether the number is a whole one, such as `1.0` and `12.5e1`. */
export function isWhole({ digits, exponent }: Decimal): boolean {
  return digits === '' || exponent >= 0;
}

/**
 * The integer that the text stands for: undefined when it has a fraction, or more than `maxDigits` digits (which would
 * take time and memory that nobody asked for).
 */
export function exactInteger(text: string, maxDigits: number): bigint | undefined {
  const decimal = decimalOf(text);
  const { isNegative, digits, exponent } = decimal;
  if (digits === '') return 0n;
  if (!isWhole(decimal) || digits.length + exponent > maxDigits) return undefined;
  const magnitude = BigInt(digits) * 10n ** BigInt(exponent);
  return isNegative ? -magnitude : magnitude;
}
