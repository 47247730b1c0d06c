// Introspection for callers that cannot wait. It is a tenth of the package's code and useful only once a schema is loaded,
// so loading one provides it first, and a program that merely imports the package does not read it.

import { SchemaError } from '../../values/errors.ts';
import { checkSymbol } from '../descriptors/names.ts';
import type { Registry } from '../registry/registry.ts';
import type { Description } from './description.ts';
import { framed } from './types-frame.ts';

let provided: typeof import('./introspection.ts') | undefined;

/** Must be awaited before anything is added to a registry. */
export async function provideIntrospection(): Promise<void> {
  provided ??= await import('./introspection.ts');
}

/** Like `describe` in describe.ts. */
export function describe(registry: Registry, symbol: string): Description {
  if (provided !== undefined) return provided.describe(registry, symbol);
  checkSymbol(symbol);
  throw new SchemaError(`there is no symbol '${symbol}': nothing is loaded`);
}

/** Like `typesOf` in types.ts. */
export function typesOf(registry: Registry): string {
  return provided === undefined ? framed([], '', '', '') : provided.typesOf(registry);
}

/** Like `fromText` in from-text.ts. */
export function fromText(registry: Registry, typeName: string, text: string): unknown {
  if (typeof text !== 'string') throw new TypeError(`fromText takes text, not ${typeof text}`);
  // Nothing is loaded: this throws, and names the type.
  if (provided === undefined) return registry.plan(typeName);
  return provided.fromText(registry, typeName, text);
}
