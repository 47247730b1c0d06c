// Introspection for callers that cannot wait. It is a tenth of the package's code and useful only once a schema is loaded,
// so loading one provides it first, and a program that merely imports the package does not read it. Where it can be read
// without waiting, not even a program that loads a schema does, until it asks.

import { SchemaError } from '../../values/errors.ts';
import { hasLateModules, requireLate } from '../../values/late-module.ts';
import { checkSymbol } from '../descriptors/names.ts';
import type { Registry } from '../registry/registry.ts';
import type { Description } from './description.ts';
import { framed } from './types-frame.ts';

type Introspection = typeof import('./introspection.ts');

/** Its chunk in the published package (scripts/bundle.js), which exports it under its own name. */
const FILE = 'introspection.js';

let provided: Introspection | undefined;
/** A schema was loaded, and it is read when somebody asks. */
let isDue = false;

/** Must be awaited before anything is added to a registry. */
export async function provideIntrospection(): Promise<void> {
  if (hasLateModules()) isDue = true;
  else provided ??= await import('./introspection.ts');
}

/**
 * Must precede an `import()` of what imports parts of it: Node refuses to require a module that is being imported.
 */
export function readIntrospection(): Introspection | undefined {
  if (isDue) provided ??= (requireLate(FILE) as { introspection: Introspection }).introspection;
  return provided;
}

/** Like `describe` in describe.ts. */
export function describe(registry: Registry, symbol: string): Description {
  const introspection = readIntrospection();
  if (introspection !== undefined) return introspection.describe(registry, symbol);
  checkSymbol(symbol);
  throw new SchemaError(`there is no symbol '${symbol}': nothing is loaded`);
}

/** Like `typesOf` in types.ts. */
export function typesOf(registry: Registry): string {
  return readIntrospection()?.typesOf(registry) ?? framed([], '', '', '');
}

/** Like `fromText` in from-text.ts. */
export function fromText(registry: Registry, typeName: string, text: string): unknown {
  if (typeof text !== 'string') throw new TypeError(`fromText takes text, not ${typeof text}`);
  const introspection = readIntrospection();
  // Nothing is loaded: this throws, and names the type.
  if (introspection === undefined) return registry.plan(typeName);
  return introspection.fromText(registry, typeName, text);
}
