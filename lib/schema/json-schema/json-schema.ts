// The JSON Schema of a type: one document with everything that it refers to, or a document for each type of a schema. It is
// what our own ProtoJSON accepts or gives; docs/json-schema.md lists what JSON Schema cannot say.

import { SchemaError } from '../../values/errors.ts';
import { lastPart, parentScope, withArticle } from '../descriptors/names.ts';
import { resolveType } from '../descriptors/symbol-table.ts';
import { SymbolNames } from '../print/symbol-names.ts';
import { writeTexts } from '../print/write-texts.ts';
import type { Registry } from '../registry/registry.ts';
import { Definitions } from './definitions.ts';
import { DocumentSize } from './document-size.ts';
import type { JsonSchema, JsonSchemaOptions, SchemaForm } from './schema-form.ts';

/** Options of `writeJsonSchemas`. */
export interface WriteJsonSchemasOptions extends JsonSchemaOptions {
  /** Replace existing files that differ. Default false: they are an error, and nothing is written. */
  readonly overwrite?: boolean | undefined;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
function formOf({ direction, protoNames }: JsonSchemaOptions, place: (name: string) => string): SchemaForm {
  const isInput = direction !== 'output';
  return { isInput, protoNames: !isInput && protoNames === true, isContract: false, place };
}

/** The schema of a message, of an enum, or of a method's request or reply. */
export function jsonSchema(registry: Registry, symbol: string, options: JsonSchemaOptions = {}): JsonSchema {
  const name = new SymbolNames(registry).find(symbol, (exact) => typeNamed(registry, exact, options));
  const definitions = new Definitions(
    registry,
    formOf(options, (one) => `#/$defs/${one}`),
  );
  const root = definitions.refer(name);
  const size = new DocumentSize(`the JSON Schema of ${name}`, 'write one file for each type instead');
  return { $schema: DIALECT, ...root, $defs: definitions.within(size) };
}

/** The type that a symbol means; undefined for a name that means nothing. */
function typeNamed(registry: Registry, name: string, { direction }: JsonSchemaOptions): string | undefined {
  const definition = registry.find(name);
  if (definition?.kind === 'message' || definition?.kind === 'enum') return name;
  const kind = definition?.kind;
  if (kind !== undefined) {
    throw new SchemaError(`${name} is ${withArticle(kind)}; messages, enums and methods have a JSON Schema`);
  }
  const parent = registry.find(parentScope(name));
  if (parent?.kind !== 'service') return undefined;
  const method = parent.proto.method?.find((one) => one.name === lastPart(name));
  if (method === undefined) return undefined;
  const type = direction === 'output' ? method.outputType : method.inputType;
  return resolveType(registry.model.table, type, parent.fullName)?.fullName;
}

/**
 * Writes a file for each message and enum into the directory, `package.Type.json`, which refer to each other; returns their
 * names.
 */
export async function writeJsonSchemas(
  registry: Registry,
  directory: string,
  options: WriteJsonSchemasOptions = {},
): Promise<readonly string[]> {
  const place = (name: string): string => `${name}.json`;
  const definitions = new Definitions(registry, formOf(options, place));
  for (const { kind, fullName, proto } of registry.model.table.symbols.values()) {
    const isEntry = kind === 'message' && proto.options?.['mapEntry'] === true;
    if ((kind === 'message' || kind === 'enum') && !isEntry) definitions.refer(fullName);
  }
  const texts = new Map<string, string>();
  for (const [name, schema] of definitions.all()) {
    const document = { $schema: DIALECT, $id: place(name), ...schema };
    texts.set(place(name), `${JSON.stringify(document, undefined, 2)}\n`);
  }
  return writeTexts(
    directory,
    new Map([...texts].sort(([a], [b]) => (a < b ? -1 : 1))),
    '.json',
    options.overwrite === true,
  );
}
