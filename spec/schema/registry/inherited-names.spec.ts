import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { fromText } from '../../../lib/schema/text/from-text.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { decoded, encoded, hex, registryOf, thrownBy, unhex } from '../schemas.ts';

/** Fields that are called like the members that every object inherits. */
const SCHEMA = `
syntax = "proto2";
package own;
import "google/protobuf/any.proto";
message Names {
  optional string constructor = 1;
  repeated int32 valueOf = 2;
  map<string, int32> hasOwnProperty = 3;
  optional Names toString = 4;
  oneof isPrototypeOf {
    int32 toLocaleString = 5;
    string propertyIsEnumerable = 6;
  }
  optional int32 other = 7;
}
message Outer { optional google.protobuf.Any any = 1; }
message Methods { optional int32 other = 1; repeated string toJSON = 2; map<string, int32> toDate = 3; }
message One { optional int32 other = 1; optional Methods toJSON = 2; }
message Needs { required int32 constructor = 1; }
`;

describe('Fields called like members of every object', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([SCHEMA]);
  });

  const CASES: Record<string, string> = {
    none: '',
    'one of them, after another': '38011001',
    'a list in pieces, after a later field': '380110011002',
    'a map after a later field': '38011a050a016110011a050a01621002',
    'a message after a later field': '380122023803',
    'the second member of a oneof after the first': '2805320161',
    all: '0a0161100110021a050a016110012202380128053807',
  };
  for (const [name, octets] of Object.entries(CASES)) {
    it(`are unset unless they came: ${name}`, () => {
      const codec = registry.message('own.Names');
      const message = decoded(codec, unhex(octets));
      const again = encoded(codec, message);
      expect(decoded(codec, again)).to.deep.equal(message);
      expect(encoded(codec, { ...message })).to.deep.equal(again);
      const text = toText(registry, 'own.Names', message);
      expect(text).not.to.contain('function');
      expect(fromText(registry, 'own.Names', text)).to.deep.equal(message);
      const json = registry.toJson(message, 'own.Names', { emitDefaults: true });
      expect(registry.fromJson('own.Names', json)).to.deep.equal(message);
      expect(JSON.stringify(message)).to.equal(JSON.stringify(registry.toJson(message)));
    });
  }

  it('read as undefined when unset', () => {
    const message = decoded(registry.message('own.Names'), new Uint8Array());
    expect([message['constructor'], message['toString'], message['toLocaleString']]).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('are unset in an Any', () => {
    const any = { '@type': 'type.googleapis.com/own.Names', other: 1 };
    const codec = registry.message('own.Outer');
    const message = decoded(codec, encoded(codec, { any }));
    expect(toText(registry, 'own.Outer', message)).to.equal(
      'any {\n  [type.googleapis.com/own.Names] {\n    other: 1\n  }\n}\n',
    );
    expect(registry.toJson(message, 'own.Outer', { emitDefaults: true })).to.deep.equal({
      any: { '@type': 'type.googleapis.com/own.Names', valueOf: [], hasOwnProperty: {}, other: 1 },
    });
  });

  it('are unset where their class has a method of that name', () => {
    const rows = {
      'own.Methods': ['080112016108021201 62', '0801'],
      'own.One': ['0801120208010802', '0801'],
    };
    for (const [type, bytes] of Object.entries(rows)) {
      const codec = registry.message(type);
      for (const octets of bytes) {
        const message = decoded(codec, unhex(octets));
        expect(decoded(codec, encoded(codec, message))).to.deep.equal(message);
        expect(fromText(registry, type, toText(registry, type, message))).to.deep.equal(message);
      }
    }
  });

  it('are missing where they are required', () => {
    const codec = registry.message('own.Needs');
    expect(thrownBy(() => encoded(codec, {})).message).to.contain(`missing: 'constructor'`);
    expect(hex(encoded(codec, { constructor: 5 }))).to.equal('0805');
  });
});
