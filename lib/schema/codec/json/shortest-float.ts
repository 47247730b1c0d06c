// The shortest decimal of a 32-bit float. JavaScript writes the digits of the double that holds it: 0.10000000149011612
// for 0.1.

/** Below this a float has fewer bits, and so fewer digits (FLT_MIN). */
const SMALLEST_NORMAL = 2 ** -126;
/** With fewer significant digits than this (FLT_DIG) nothing is gained: trailing zeros are dropped anyway. */
const SURE_DIGITS = 6;
/** As many digits as it takes to tell all floats apart (FLT_DECIMAL_DIG). */
const MOST_DIGITS = 9;

/** The double with the fewest decimal digits that is read back as the same float. */
export function shortestFloat(value: number): number {
  // Eighths below a thousand have at most six digits.
  if (Math.abs(value) < 1000 && Number.isInteger(value * 8)) return value;
  const float = Math.fround(value);
  for (let digits = Math.abs(value) < SMALLEST_NORMAL ? 1 : SURE_DIGITS; digits < MOST_DIGITS; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === float) return shorter;
  }
  return Number(value.toPrecision(MOST_DIGITS));
}
