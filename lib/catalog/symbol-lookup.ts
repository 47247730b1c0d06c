// Describes a symbol, asking the server for one that is not loaded: by its full name, or by a name that lacks one of
// the packages that the server is known to have.

import { parentScope, symbolName } from '../schema/descriptors/names.ts';
import type { Description } from '../schema/print/description.ts';
import { describe } from '../schema/print/provided-introspection.ts';
import type { Registry } from '../schema/registry/registry.ts';
import { SchemaError } from '../values/errors.ts';

/** In how many packages a short name is looked for. */
const MAX_PACKAGES = 5;

export interface SymbolSource {
  /** What errors call the server. */
  readonly server: string;
  /** Everything known so far. */
  registry(): Registry;
  /** Asks the server for a symbol; returns the reason if that fails. */
  fetch(symbol: string, isThere: () => boolean): Promise<string | undefined>;
  /** The error, or a better one if we know why the symbol is missing. */
  explained(error: unknown): unknown;
}

/** The description of a symbol. SchemaError with the server's answer if neither side knows it. */
export async function findSymbol(known: Registry, name: string, source: SymbolSource): Promise<Description> {
  let failure: unknown;
  const look = (registry: Registry, symbol: string): Description | undefined => {
    try {
      return describe(registry, symbol);
    } catch (error) {
      if (!(error instanceof SchemaError) || error.message.includes('means more than one')) throw error;
      failure ??= error;
      return undefined;
    }
  };
  const found = look(known, name);
  if (found !== undefined) return found;
  const wanted = symbolName(name);
  let reason: string | undefined;
  for (const symbol of [wanted, ...inPackages(wanted, known)]) {
    const isThere = (): boolean => look(source.registry(), symbol) !== undefined;
    const why = await asked(source, symbol, isThere, known.files.length > 0 ? failure : undefined);
    const description = look(source.registry(), symbol);
    if (description !== undefined) return description;
    reason ??= why;
  }
  const explained = source.explained(failure);
  if (explained !== failure || reason === undefined || !(failure instanceof SchemaError)) throw explained;
  throw new SchemaError(`${failure.message} (${source.server} was asked by reflection: ${reason})`);
}

/** The full names that a short name may stand for. */
function inPackages(name: string, { services }: Registry): string[] {
  const packages = new Set(services.map(({ fullName }) => parentScope(fullName)));
  const others = [...packages].filter(
    (one) => one !== '' && !one.startsWith('grpc.') && !name.startsWith(`${one}.`),
  );
  return others.slice(0, MAX_PACKAGES).map((one) => `${one}.${name}`);
}

/** Asks for a symbol. If files are loaded and the server has no reflection, `failure` explains more. */
async function asked(
  source: SymbolSource,
  symbol: string,
  isThere: () => boolean,
  failure: unknown,
): Promise<string | undefined> {
  try {
    return await source.fetch(symbol, isThere);
  } catch (error) {
    throw error instanceof SchemaError && failure !== undefined ? source.explained(failure) : error;
  }
}
