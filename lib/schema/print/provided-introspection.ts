// Introspection for callers that cannot wait. It is a tenth of the package's code, and only of use where a schema is
// loaded: whoever loads one provides it first, and programs that import the package never read it before that.

import { SchemaError } from '../../values/errors.ts';
import { checkSymbol } from '../descriptors/names.ts';
import type { Registry } from '../registry/registry.ts';
import type { Description } from './description.ts';
import { framed } from './types-frame.ts';

let provided: typeof import('./introspection.ts') | undefined;

/** To be awaited before anything is added to a registry. */
export async function provideIntrospection(): Promise<void> {
  provided ??= await import('./introspection.ts');
}

/** As `describe` of describe.ts. */
export function describe(registry: Registry, symbol: string): Description {
  if (provided !== undefined) return provided.describe(registry, symbol);
  checkSymbol(symbol);
  throw new SchemaError(`there is no symbol '${symbol}': nothing is loaded`);
}

/** As `typesOf` of types.ts. */
export function typesOf(registry: Registry): string {
  return provided === undefined ? framed([], '', '', '') : provided.typesOf(registry);
}

/** As `fromText` of from-text.ts. */
export function fromText(registry: Registry, typeName: string, text: string): unknown {
  if (typeof text !== 'string') throw new TypeError(`fromText takes text, not ${typeof text}`);
  // Nothing is loaded, and this says so of the type.
  if (provided === undefined) return registry.plan(typeName);
  return provided.fromText(registry, typeName, text);
}
