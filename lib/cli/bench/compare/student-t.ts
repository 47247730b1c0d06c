// Student's t distribution: how far a mean of few may lie from the truth.

/**
 * The value that a t-distributed number exceeds in either direction with a probability of `1 - confidence`.
 * G. W. Hill, Algorithm 396, Communications of the ACM 13 (1970): exact for one and two degrees of freedom, and to 4 digits
 * for more.
 * @param freedom degrees of freedom, at least 1
 * @param confidence between 0 and 1, as 0.95
 */
export function studentT(freedom: number, confidence: number): number {
  const p = 1 - confidence;
  if (freedom < 2) return 1 / Math.tan((p * Math.PI) / 2);
  if (freedom < 3) return Math.sqrt(2 / (p * (2 - p)) - 2);
  const n = freedom;
  const a = 1 / (n - 0.5);
  const b = (48 / a) * (1 / a);
  let c = ((20700 * a) / b - 98) * a - 16;
  c = c * a + 96.36;
  const d = ((94.5 / (b + c) - 3) / b + 1) * Math.sqrt((a * Math.PI) / 2) * n;
  let x = d * p;
  let y = x ** (2 / n);
  if (y > 0.05 + a) {
    x = normalQuantile(p / 2);
    y = x * x;
    if (n < 5) c += 0.3 * (n - 4.5) * (x + 0.6);
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c;
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x;
    y = Math.expm1(a * y * y);
  } else {
    y =
      ((1 / (((n + 6) / (n * y) - 0.089 * d - 0.822) * (n + 2) * 3) + 0.5 / (n + 4)) * y - 1) *
        ((n + 1) / (n + 2)) +
      1 / y;
  }
  return Math.sqrt(n * y);
}

/** The standard normal's, for a lower tail below one half. Acklam's rational approximations, within 1.2e-9. */
function normalQuantile(p: number): number {
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  const polynomial = (factors: readonly number[], x: number): number =>
    factors.reduce((sum, factor) => sum * x + factor, 0);
  const TAIL = 0.02425;
  if (p < TAIL) {
    const q = Math.sqrt(-2 * Math.log(p));
    return polynomial(c, q) / (polynomial(d, q) * q + 1);
  }
  const q = p - 0.5;
  return (polynomial(a, q * q) * q) / (polynomial(b, q * q) * q * q + 1);
}
