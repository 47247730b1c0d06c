// Coverage as lines: what never came, by name.

import type { Coverage, Covered } from '../../requests/run/coverage.ts';
import { escapeText } from '../command/escape.ts';

export function coverageLines({ methods, oneofs, enums }: Coverage): readonly string[] {
  return [
    ...linesOf('methods called', methods),
    ...linesOf('members of oneofs in replies', oneofs),
    ...linesOf('values of enums in replies', enums),
  ];
}

function linesOf(what: string, covered: readonly Covered[]): readonly string[] {
  const seen = covered.reduce((sum, one) => sum + one.seen.length, 0);
  const missing = covered.reduce((sum, one) => sum + one.missing.length, 0);
  if (seen + missing === 0) return [];
  const lines = covered
    .filter((one) => one.missing.length > 0)
    .map((one) => escapeText(`    ${one.of}: not ${one.missing.join(', ')}`));
  return [`  ${what}: ${seen} of ${seen + missing}`, ...lines];
}
