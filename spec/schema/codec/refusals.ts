// Fields that are refused instead of being encoded, and with which words: tables of the specs of strict input.

import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { EDITION, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';

export interface Refusal {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly fields: unknown;
  readonly error?: 'TypeError' | 'RangeError';
  readonly message: string;
}

/** A test for each refusal. */
export function describeRefusals(group: string, refusals: readonly Refusal[]): void {
  describe('strict input (docs/values.md)', () => {
    let registry: Registry;
    before(async () => {
      registry = await registryOf([KINDS, OLD, EDITION]);
    });

    describe(`refuses ${group}`, () => {
      for (const { name, type = 'kinds.Scalars', fields, error = 'TypeError', message } of refusals) {
        it(`${name}`, () => {
          const thrown = thrownBy(() => registry.message(type).encode(fields, 0));
          expect(thrown.message).to.equal(message);
          expect(thrown.name).to.equal(error);
        });
      }
    });
  });
}

/** A message of as many levels. */
export function deep(levels: number): object {
  let value: Record<string, unknown> = {};
  for (let i = 0; i < levels; i++) value = { left: value };
  return value;
}
