// What the specs of lib/schema/matching share: messages made by the codec, patterns compiled for them, what differs, and
// tables of all three.

import { expect } from 'chai';
import { formatDifferences } from '../../../lib/schema/matching/difference.ts';
import { compilePattern, type PatternOptions } from '../../../lib/schema/matching/pattern.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, encoded, KINDS, OLD, registryOf } from '../schemas.ts';

export const TREE = 'kinds.Tree';
export const LISTS = 'kinds.Lists';
export const MAPS = 'kinds.Maps';
export const PRESENCE = 'kinds.Presence';
export const WELL_KNOWN = 'kinds.WellKnown';

/** The message that a server would have sent, as a client has it. */
export function received(registry: Registry, type: string, fields: unknown): unknown {
  const codec = registry.message(type);
  return decoded(codec, encoded(codec, fields));
}

/** What differs, a line for each field. */
export function differences(
  registry: Registry,
  type: string,
  fields: unknown,
  pattern: unknown,
  options?: PatternOptions,
): string[] {
  const compiled = compilePattern(registry.plan(type), pattern, options);
  const text = formatDifferences(compiled.differences(received(registry, type, fields)));
  return text === '' ? [] : text.split('\n');
}

export interface PatternCase {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly fields: unknown;
  readonly pattern: unknown;
  readonly options?: PatternOptions;
  /** What differs, as it is shown; none by default. */
  readonly differs?: readonly string[];
}

/** A test for each case, in a `describe` of the group's name. */
export function describePatterns(group: string, cases: readonly PatternCase[]): void {
  describe(group, () => {
    let registry: Registry;
    before(async () => {
      registry = await registryOf([KINDS, OLD]);
    });
    for (const { name, type = 'kinds.Scalars', fields, pattern, options, differs = [] } of cases) {
      it(`${differs.length === 0 ? 'match' : 'show'} ${name}`, () => {
        expect(differences(registry, type, fields, pattern, options)).to.deep.equal(differs);
      });
    }
  });
}
