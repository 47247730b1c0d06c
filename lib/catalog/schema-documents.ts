// JSON Schema and OpenAPI of what is loaded, with the checks of their options. One module, so that it can be imported on
// demand: few programs ask for them.

import { describeValue } from '../schema/codec/encoder.ts';
import { checkSymbol } from '../schema/descriptors/names.ts';
import * as schemas from '../schema/json-schema/json-schema.ts';
import type { JsonSchema, JsonSchemaOptions } from '../schema/json-schema/schema-form.ts';
import * as openApis from '../schema/openapi/open-api.ts';
import type { Registry } from '../schema/registry/registry.ts';
import { checkNames } from '../values/options/option-checks.ts';
import { checkFlags } from './schema-options.ts';

const DIRECTIONS = ['input', 'output'] as const;
const PATHS = ['all', 'http', 'connect'] as const;
const OPEN_API_TEXTS = ['title', 'version', 'server'] as const;

function checkJsonSchemaOptions(options: JsonSchemaOptions | undefined): void {
  if (options === undefined) return;
  checkFlags(options, ['protoNames'], ['direction'], 'jsonSchema option');
  checkDirection(options);
}

function checkWriteJsonSchemasOptions(options: schemas.WriteJsonSchemasOptions | undefined): void {
  if (options === undefined) return;
  checkFlags(options, ['protoNames', 'overwrite'], ['direction'], 'writeJsonSchemas option');
  checkDirection(options);
}

function checkDirection({ direction, protoNames }: JsonSchemaOptions): void {
  checkChoice('direction', direction, DIRECTIONS);
  if (protoNames === true && direction !== 'output') {
    throw new TypeError("protoNames is for direction: 'output'; both spellings of a name are input");
  }
}

function checkOpenApiOptions(options: openApis.OpenApiOptions | undefined): void {
  if (options === undefined) return;
  checkNames(options, ['services', 'paths', ...OPEN_API_TEXTS], 'openApi option');
  checkChoice('paths', options.paths, PATHS);
  const { services } = options;
  const areNames = Array.isArray(services) && services.every((one) => typeof one === 'string');
  if (services !== undefined && !areNames) {
    throw new TypeError('services must be an array of full names of services');
  }
  for (const name of OPEN_API_TEXTS) {
    const text: unknown = options[name];
    if (text !== undefined && typeof text !== 'string') throw new TypeError(`${name} must be text`);
  }
}

function checkChoice(name: string, value: unknown, choices: readonly string[]): void {
  if (value === undefined || choices.some((one) => one === value)) return;
  const all = choices.map((one) => `'${one}'`).join(' or ');
  throw new TypeError(`${name} must be ${all}, not ${describeValue(value)}`);
}

export function jsonSchema(registry: Registry, symbol: string, options?: JsonSchemaOptions): JsonSchema {
  checkJsonSchemaOptions(options);
  checkSymbol(symbol);
  return schemas.jsonSchema(registry, symbol, options);
}

export async function writeJsonSchemas(
  registry: Registry,
  directory: string,
  options?: schemas.WriteJsonSchemasOptions,
): Promise<readonly string[]> {
  checkWriteJsonSchemasOptions(options);
  return schemas.writeJsonSchemas(registry, directory, options);
}

export function openApi(registry: Registry, options?: openApis.OpenApiOptions): openApis.OpenApiDocument {
  checkOpenApiOptions(options);
  return openApis.openApi(registry, options);
}
