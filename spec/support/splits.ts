// Ways to cut octets into chunks, for parsers that must not care how their input arrives.

import fc from 'fast-check';

/** `octets` cut after each of `positions`, which need neither be sorted nor unique. */
export function splitAt(octets: Uint8Array, positions: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(positions)].filter((at) => at > 0 && at < octets.length).sort((a, b) => a - b);
  const bounds = [0, ...cuts, octets.length];
  return bounds.slice(1).map((end, i) => octets.slice(bounds[i], end));
}

export function byteByByte(octets: Uint8Array): Uint8Array[] {
  return Array.from(octets, (octet) => Uint8Array.of(octet));
}

/** Positions to cut at, for `splitAt`. */
export function arbitraryCuts(length: number): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(Math.max(length, 1)), { maxLength: 12 });
}
