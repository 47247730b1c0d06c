// Whether a JSON Schema and our ProtoJSON agree on a document; the differences that docs/json-schema.md lists are none.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { MAX_ANY_TYPES } from '../../../lib/schema/json-schema/any-contents.ts';
import { jsonSchema } from '../../../lib/schema/json-schema/json-schema.ts';
import type { JsonSchemaOptions } from '../../../lib/schema/json-schema/schema-form.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { messageOf } from '../../../lib/values/realm.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';

/** What JSON Schema cannot say, by the error of our ProtoJSON. */
const DIFFERENCES: readonly RegExp[] = [
  // Base64 with too few characters or too much padding, and text in quotes with an exponent.
  /base64 text/,
  /'-?[0-9.]+[eE][+-]?[0-9]+' is/,
  // What a double cannot hold, and text with half a character.
  /is out of range for double/,
  /lone surrogate/,
  /is out of range: google\.protobuf\.Timestamp/,
  /more than 100 levels/,
];

/** A validator as strict as can be; `ownProperties`, since a field may be called `constructor`. */
export function validatorOf(registry: Registry, type: string, options?: JsonSchemaOptions): ValidateFunction {
  const schema = jsonSchema(registry, type, options);
  const settings = { strict: true, strictTypes: false, strictRequired: false, ownProperties: true } as const;
  return new Ajv2020(settings).compile(JSON.parse(JSON.stringify(schema)));
}

function isLarge(registry: Registry): boolean {
  const symbols = [...registry.model.table.symbols.values()];
  return symbols.filter(({ kind }) => kind === 'message').length > MAX_ANY_TYPES;
}

/** Undefined where they agree. */
export function disagreement(
  registry: Registry,
  type: string,
  validate: ValidateFunction,
  document: unknown,
): string | undefined {
  const json = JSON.stringify(document);
  const isValid = validate(JSON.parse(json));
  let refusal: string | undefined;
  try {
    registry.fromJson(type, parseJson(json));
  } catch (error) {
    refusal = messageOf(error);
  }
  if (isValid === (refusal === undefined)) return undefined;
  if (refusal === undefined) {
    const [error] = validate.errors ?? [];
    return `${type}: ${json} is accepted, but not valid: ${error?.instancePath} ${error?.message}`;
  }
  // What an Any holds is described of the types that are loaded, unless those are many.
  const isOpen =
    json.includes('"@type"') && (/is not loaded|'@type' must be like/.test(refusal) || isLarge(registry));
  const isKnown = isOpen || DIFFERENCES.some((difference) => difference.test(refusal));
  return isKnown ? undefined : `${type}: ${json} is valid, but refused: ${refusal}`;
}
