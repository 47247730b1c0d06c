import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { jsonSchema } from '../../../lib/schema/json-schema/json-schema.ts';
import type { JsonSchemaOptions } from '../../../lib/schema/json-schema/schema-form.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { MESSAGES, MORE_MESSAGES } from '../codec/arbitrary-messages.ts';
import { ACCEPTED, REFUSED } from '../codec/json-documents.ts';
import { EDITION, KINDS, OLD, registryOf } from '../schemas.ts';

export function validatorOf(registry: Registry, type: string, options?: JsonSchemaOptions): ValidateFunction {
  const schema = jsonSchema(registry, type, options);
  return new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, ownProperties: true }).compile(
    JSON.parse(JSON.stringify(schema)),
  );
}

describe('jsonSchema', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });
  const validators = new Map<string, ValidateFunction>();
  const isValid = (type: string, json: string, direction: 'input' | 'output' = 'input'): boolean => {
    const key = `${direction} ${type}`;
    const validate = validators.get(key) ?? validatorOf(registry, type, { direction });
    validators.set(key, validate);
    return validate(JSON.parse(json));
  };

  for (const { name, type = 'kinds.Scalars', json, canonical } of ACCEPTED) {
    it(`takes ${name}`, () => {
      expect(isValid(type, json)).to.equal(true);
      expect(isValid(type, canonical)).to.equal(true);
      expect(isValid(type, canonical, 'output')).to.equal(true);
    });
  }
  for (const { name, type = 'kinds.Scalars', json } of REFUSED) {
    it(`refuses ${name}`, () => {
      let parsed: unknown;
      try { parsed = parseJson(json); } catch { return; }
      void parsed;
      expect(isValid(type, json)).to.equal(false);
    });
  }
  for (const { type, fields } of [...MESSAGES, ...MORE_MESSAGES]) {
    it(`describes what is given and taken of ${type}`, () => {
      fc.assert(
        fc.property(fields, (value) => {
          const json = registry.toJsonText(value, type);
          expect(isValid(type, json, 'output'), json).to.equal(true);
          expect(isValid(type, json), json).to.equal(true);
        }),
      );
    });
  }
});
