import {
  create,
  createFileRegistry,
  fromBinary,
  fromJson,
  type Message,
  toBinary,
  toJson,
} from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { expect } from 'chai';
import fc from 'fast-check';
import protobuf from 'protobufjs';
import { encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { needEval } from '../../support/eval.ts';
import { decoded, encoded, KINDS, registryOf } from '../schemas.ts';
import { MESSAGES } from './arbitrary-messages.ts';

const RUNS = atLeast(200);

/** As `deep.equal`, which looks at each octet by itself: it is asked only for the words of a difference. */
function expectOctets(actual: Uint8Array, wanted: Uint8Array): void {
  if (Buffer.compare(actual, wanted) !== 0) expect(actual).to.deep.equal(wanted);
}

describe('the codec beside others', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS]);
  });

  describe('protobuf-es', () => {
    let types: ReturnType<typeof createFileRegistry>;
    before(() => {
      types = createFileRegistry(fromBinary(FileDescriptorSetSchema, encodeDescriptorSet(registry.files)));
    });

    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} as it was given, and is read as what it wrote`, () => {
        const schema = types.getMessage(type);
        if (schema === undefined) throw new Error(`no ${type}`);
        const codec = registry.message(type);
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const theirs: Message = fromBinary(schema, ours);
            const json = JSON.parse(JSON.stringify(decoded(codec, ours)));
            const fromOurs = toBinary(schema, fromJson(schema, json, { registry: types }));
            expectOctets(encoded(codec, decoded(codec, fromOurs)), ours);
            expectOctets(encoded(codec, toJson(schema, theirs, { registry: types })), ours);
            const back = toBinary(schema, theirs);
            expectOctets(encoded(codec, decoded(codec, back)), ours);
          }),
          { numRuns: RUNS },
        );
      });
    }

    it('makes the same of an empty message of each type', () => {
      for (const type of [
        'kinds.Scalars',
        'kinds.Lists',
        'kinds.Maps',
        'kinds.Presence',
        'kinds.WellKnown',
      ]) {
        const schema = types.getMessage(type);
        if (schema === undefined) throw new Error(`no ${type}`);
        expect(toBinary(schema, create(schema))).to.have.length(0);
        expect(registry.toJson(decoded(registry.message(type), new Uint8Array(0)))).to.deep.equal({});
      }
    });
  });

  describe('protobufjs', () => {
    let root: protobuf.Root;
    before(function () {
      needEval(this);
      // Its bundled well-known types lack some of those that the schema imports; the messages here need none.
      const source = KINDS.replace(/import "[^"]*";/g, '').replace(/message WellKnown \{[^}]*\}/, '');
      root = protobuf.parse(source.replace(/google\.protobuf\.NullValue nothing = 9;/, '')).root;
    });

    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} as it was given, and is read as what it wrote`, () => {
        const peer = root.lookupType(type);
        const codec = registry.message(type);
        const shape = { longs: String, enums: String, bytes: String, json: true };
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const theirs = peer.decode(ours);
            const back = peer.encode(theirs).finish();
            expectOctets(encoded(codec, decoded(codec, back)), ours);
            const plain = peer.toObject(theirs, shape);
            expectOctets(encoded(codec, plain), ours);
          }),
          { numRuns: RUNS },
        );
      });
    }
  });

  describe('itself', () => {
    for (const { type, fields } of MESSAGES) {
      it(`reads ${type} through ProtoJSON as the same octets`, () => {
        const codec = registry.message(type);
        fc.assert(
          fc.property(fields, (value) => {
            const ours = encoded(codec, value);
            const message = decoded(codec, ours);
            expectOctets(encoded(codec, message), ours);
            const json: unknown = JSON.parse(JSON.stringify(message));
            expect(registry.toJson(registry.fromJson(type, json))).to.deep.equal(json);
            expect(registry.toJson(decoded(codec, encoded(codec, json)))).to.deep.equal(json);
          }),
          { numRuns: RUNS },
        );
      });
    }
  });
});
