import type { ValidateFunction } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import fc from 'fast-check';
import { MAX_ANY_TYPES } from '../../../lib/schema/json-schema/any-contents.ts';
import { jsonSchema } from '../../../lib/schema/json-schema/json-schema.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { chance } from '../../support/chance.ts';
import { needEval } from '../../support/eval.ts';
import { MESSAGES, MORE_MESSAGES } from '../codec/arbitrary-messages.ts';
import { ACCEPTED, REFUSED } from '../codec/json-documents.ts';
import { EDITION, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';
import { disagreement, validatorOf } from './agreement.ts';
import { RandomDocuments } from './random-documents.ts';

/** What JSON Schema cannot say (docs/json-schema.md). */
const ONLY_OURS = new Set([
  'an exponent beyond measure',
  'a double out of range as text',
  'a number far out of range in a Value',
  'a fraction that a double rounds away',
  'a fraction that a double rounds to zero',
  'a fraction beyond 2^53',
  'an int64 out of range by one, as a number',
  'a uint64 out of range by one, as a number',
  'base64 of half an octet',
  'base64 with too much padding',
  'a lone surrogate',
  'broken base64',
  'a time that its offset moves out of range',
  'an Any of an unknown type',
  'a bare word for the type of an Any',
]);
const RANDOM_RUNS = 40;

/** Names that objects of JavaScript have, comments, and rules of fields. */
const SHOP = `
syntax = "proto3";
package shop;
import "google/api/field_behavior.proto";
// What is sold.
//
// Of any kind.
message Item {
  option deprecated = true;
  // Its name.
  string item_name = 1 [(google.api.field_behavior) = REQUIRED];
  int32 id = 2 [deprecated = true, (google.api.field_behavior) = OUTPUT_ONLY]; // Given by us.
  Color color = 3;
  Item inner = 4;
  string __proto__ = 5 [json_name = "__proto__"];
  string constructor = 6;
  bool to_string = 7 [json_name = "to/str~%\\"ing"];
}
// Of things.
enum Color {
  UNKNOWN = 0;
  RED = 1; // As blood.
}
service Shop { rpc Find(Item) returns (Reply); rpc Watch(stream Item) returns (Item); }
message Reply { Item item = 1; }
`;

describe('jsonSchema', () => {
  let registry: Registry;
  before(async function () {
    // ajv makes code of a schema.
    needEval(this);
    registry = await registryOf([KINDS, OLD, EDITION, SHOP]);
  });
  const validators = new Map<string, ValidateFunction>();
  const validatorFor = (type: string, direction: 'input' | 'output'): ValidateFunction => {
    const key = `${direction} ${type}`;
    const validate = validators.get(key) ?? validatorOf(registry, type, { direction });
    validators.set(key, validate);
    return validate;
  };
  const isValid = (type: string, json: string, direction: 'input' | 'output' = 'input'): boolean =>
    validatorFor(type, direction)(JSON.parse(json));
  const definition = (name: string, direction?: 'input' | 'output'): Record<string, unknown> => {
    const { $defs } = jsonSchema(registry, name, { direction });
    return (Object($defs) as Record<string, Record<string, unknown>>)[name];
  };

  describe('of an Any', () => {
    const HOLDER = `syntax = "proto3"; package held;
import "google/protobuf/any.proto"; import "google/protobuf/duration.proto"; import "google/protobuf/empty.proto";
message Holder { google.protobuf.Any any = 1; int32 number = 2; map<string, int32> numbers = 3; google.protobuf.Duration span = 4; google.protobuf.Empty nothing = 5; }
`;
    const URL = 'type.googleapis.com/';
    const rows: readonly (readonly [boolean, string])[] = [
      [true, `{"@type":"${URL}held.Holder","number":1,"numbers":{"a":1}}`],
      [true, '{"number":1,"@type":"held.Holder"}'],
      [true, `{"@type":"x/y/held.Holder","any":{"@type":"${URL}held.Holder","number":"7"}}`],
      [false, `{"@type":"${URL}held.Holder","nummber":1}`],
      [false, `{"@type":"${URL}held.Holder","number":"x"}`],
      [false, `{"@type":"${URL}held.Holder","any":{"@type":"held.Holder","number":[]}}`],
      [true, `{"@type":"${URL}google.protobuf.Duration","value":"1.5s"}`],
      [false, `{"@type":"${URL}google.protobuf.Duration","value":"soon"}`],
      [false, `{"@type":"${URL}google.protobuf.Duration"}`],
      [false, `{"@type":"${URL}google.protobuf.Duration","value":"1s","more":1}`],
      [true, `{"@type":"${URL}google.protobuf.Empty"}`],
      [true, `{"@type":"${URL}google.protobuf.Empty","value":{}}`],
      [true, `{"@type":"${URL}google.protobuf.Any","value":{"@type":"${URL}held.Holder"}}`],
    ];
    let held: Registry;
    before(async () => {
      held = await registryOf([HOLDER]);
    });
    for (const [isRight, any] of rows) {
      it(`${isRight ? 'takes' : 'refuses'} ${any}, as ProtoJSON does`, () => {
        const json = `{"any":${any}}`;
        expect(validatorOf(held, 'held.Holder', {})(JSON.parse(json))).to.equal(isRight);
        if (isRight) held.fromJson('held.Holder', JSON.parse(json));
        else expect(() => held.fromJson('held.Holder', JSON.parse(json))).to.throw();
        if (!isRight) return;
        const given = JSON.parse(
          held.toJsonText(held.fromJson('held.Holder', JSON.parse(json)), 'held.Holder'),
        );
        expect(validatorOf(held, 'held.Holder', { direction: 'output' })(given)).to.equal(true);
      });
    }

    it('leaves a type open that is not loaded', () => {
      const json = { any: { '@type': `${URL}other.Type`, whatever: 1 } };
      expect(validatorOf(held, 'held.Holder', {})(json)).to.equal(true);
    });

    it(`is described in schemas of at most ${MAX_ANY_TYPES} messages`, async () => {
      type Defs = Readonly<Record<string, { readonly allOf?: readonly unknown[] }>>;
      const defsOf = async (count: number): Promise<Defs> => {
        // Beside these, M and Any.
        const messages = Array.from({ length: count - 2 }, (_, i) => `message M${i} { M${i} own = 1; }`);
        const many = await registryOf([
          `syntax = "proto3"; package many; import "google/protobuf/any.proto"; message M { google.protobuf.Any any = 1; } ${messages.join(' ')}`,
        ]);
        return Object(jsonSchema(many, 'many.M', {})['$defs']);
      };
      const most = await defsOf(MAX_ANY_TYPES);
      expect(most['google.protobuf.Any'].allOf).to.have.length(MAX_ANY_TYPES);
      expect(most).to.include.keys('many.M0');
      const more = await defsOf(MAX_ANY_TYPES + 1);
      expect(more['google.protobuf.Any'].allOf).to.equal(undefined);
      expect(Object.keys(more).filter((name) => name.startsWith('many.M'))).to.deep.equal(['many.M']);
    });
  });

  describe('and what ProtoJSON accepts', () => {
    for (const { name, type = 'kinds.Scalars', json, canonical } of ACCEPTED) {
      it(`has ${name}`, () => {
        expect(isValid(type, json)).to.equal(true);
        expect(isValid(type, canonical)).to.equal(true);
        expect(isValid(type, canonical, 'output')).to.equal(true);
      });
    }
    for (const { name, type = 'kinds.Scalars', json } of REFUSED) {
      it(`has ${ONLY_OURS.has(name) ? 'no word against' : 'not'} ${name}`, () => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(json);
        } catch {
          // No document at all.
          return;
        }
        // What JSON.parse drops, a validator never sees.
        if (JSON.stringify(parsed).length < json.length - 8 && !ONLY_OURS.has(name)) return;
        expect(isValid(type, json)).to.equal(ONLY_OURS.has(name));
      });
    }

    for (const { type, fields } of [...MESSAGES, ...MORE_MESSAGES]) {
      it(`has every message of ${type}, as it is given`, () => {
        fc.assert(
          fc.property(fields, (value) => {
            const json = registry.toJsonText(value, type);
            expect(isValid(type, json, 'output'), json).to.equal(true);
            expect(isValid(type, json), json).to.equal(true);
          }),
          { numRuns: RANDOM_RUNS },
        );
      });
    }

    const types = [
      'kinds.Scalars',
      'kinds.Lists',
      'kinds.Maps',
      'kinds.Presence',
      'kinds.Tree',
      'kinds.WellKnown',
    ];
    for (const type of [...types, 'old.Order', 'edition.Features', 'shop.Item']) {
      it(`agrees on documents made up for ${type}, and on broken ones`, () => {
        const plan = registry.plan(type);
        const documents = new RandomDocuments(chance(7));
        for (let i = 0; i < 200; i++) {
          const document = documents.of(plan);
          for (const one of [document, documents.mutated(document, plan)]) {
            const found = disagreement(registry, type, validatorFor(type, 'input'), one);
            if (found !== undefined) expect.fail(found);
          }
        }
      });
    }
  });

  describe('of a message', () => {
    it('takes both spellings of a field, and not both at once', () => {
      const type = 'shop.Item';
      for (const json of ['{"itemName":"x"}', '{"item_name":"x"}', '{"itemName":null,"item_name":"x"}']) {
        expect(isValid(type, json), json).to.equal(true);
      }
      expect(isValid(type, '{"itemName":"x","item_name":"x"}')).to.equal(false);
    });

    it('has one spelling among its properties, which is what editors suggest', () => {
      expect(Object.keys(Object(definition('shop.Item')['properties']))).to.deep.equal([
        'itemName',
        'id',
        'color',
        'inner',
        'constructor',
        'to/str~%"ing',
      ]);
    });

    it('takes names that objects have by nature', () => {
      const type = 'shop.Item';
      expect(isValid(type, '{"__proto__":"x","constructor":"y"}')).to.equal(true);
      expect(isValid(type, '{"__proto__":1}')).to.equal(false);
      expect(isValid(type, '{"constructor":1}')).to.equal(false);
      expect(isValid(type, '{"toString":1}')).to.equal(false);
    });

    it('says what its authors say', () => {
      const item = definition('shop.Item');
      expect(item['description']).to.equal('What is sold.\n\nOf any kind.');
      expect(item['deprecated']).to.equal(true);
      const { itemName, id } = Object(item['properties']) as Record<string, Record<string, unknown>>;
      expect(itemName['description']).to.equal('Its name.\n\nRequired.');
      expect(id).to.include({ description: 'Given by us.', deprecated: true, readOnly: true });
      expect(definition('shop.Color')['description']).to.equal('Of things.\n\n- RED: As blood.');
    });

    it('is the same whatever it is asked after', () => {
      const first = JSON.stringify(jsonSchema(registry, 'old.Order'));
      jsonSchema(registry, 'kinds.WellKnown');
      expect(JSON.stringify(jsonSchema(registry, 'old.Order'))).to.equal(first);
    });

    it('gives only what toJson gives', () => {
      expect(isValid('shop.Item', '{"item_name":"x"}', 'output')).to.equal(false);
      expect(isValid('kinds.Scalars', '{"anInt64":5}', 'output')).to.equal(false);
      expect(isValid('kinds.Scalars', '{"aColor":"CRIMSON"}', 'output')).to.equal(false);
      expect(isValid('kinds.Scalars', '{"aColor":77}', 'output')).to.equal(true);
      expect(isValid('kinds.Scalars', '{"aString":null}', 'output')).to.equal(false);
      const named = jsonSchema(registry, 'shop.Item', { direction: 'output', protoNames: true });
      expect(JSON.stringify(named)).to.contain('"item_name"').and.not.contain('"itemName"');
    });
  });

  it('is that of a request, or of a reply, for a method', () => {
    expect(jsonSchema(registry, 'Find')['$ref']).to.equal('#/$defs/shop.Item');
    expect(jsonSchema(registry, 'shop.Shop/Find', { direction: 'output' })['$ref']).to.equal(
      '#/$defs/shop.Reply',
    );
  });

  it('is that of an enum, and of a well-known type', () => {
    expect(isValid('shop.Color', '"RED"')).to.equal(true);
    expect(isValid('shop.Color', '"BLUE"')).to.equal(false);
    expect(isValid('google.protobuf.Timestamp', '"2026-01-31T12:00:00Z"')).to.equal(true);
    expect(isValid('google.protobuf.Timestamp', '"2026-02-29T12:00:00Z"')).to.equal(false);
    expect(isValid('google.protobuf.Timestamp', '"2024-02-29T12:00:00Z"')).to.equal(true);
  });

  it('names what is near, for what is not loaded', () => {
    const error = thrownBy(() => jsonSchema(registry, 'shop.Itm'));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.equal("there is no symbol 'shop.Itm'; did you mean 'shop.Item'?");
  });

  it('is not to be had of a service', () => {
    expect(thrownBy(() => jsonSchema(registry, 'shop.Shop')).message).to.equal(
      'shop.Shop is a service; messages, enums and methods have a JSON Schema',
    );
  });
});
