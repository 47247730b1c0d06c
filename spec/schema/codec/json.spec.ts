import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';

interface Accepted {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  /** JSON text, as documents come. */
  readonly json: string;
  /** Canonical ProtoJSON text of the same message. */
  readonly canonical: string;
}

/** After the cases of protobuf's conformance suite (binary_json_conformance_suite.cc). */
const ACCEPTED: readonly Accepted[] = [
  { name: 'an empty document', json: '{}', canonical: '{}' },
  {
    name: 'names in snake case',
    json: '{"an_int32":1,"a_string":"x"}',
    canonical: '{"anInt32":1,"aString":"x"}',
  },
  {
    name: 'null for every kind of field',
    json: '{"anInt32":null,"aString":null,"someBytes":null,"aColor":null}',
    canonical: '{}',
  },
  {
    name: 'null for messages, lists and maps',
    type: 'kinds.Tree',
    json: '{"left":null,"children":null,"named":null}',
    canonical: '{}',
  },
  {
    name: 'defaults, which are then left out',
    json: '{"anInt32":0,"aString":"","aBool":false,"aColor":"COLOR_UNSPECIFIED","someBytes":"","aDouble":0}',
    canonical: '{}',
  },
  {
    name: 'defaults with presence, which stay',
    type: 'kinds.Presence',
    json: '{"count":0,"text":"","data":"","color":0}',
    canonical: '{"count":0,"text":"","data":"","color":"COLOR_UNSPECIFIED"}',
  },
  {
    name: 'the extremes of 32 bits',
    json: '{"anInt32":-2147483648,"aUint32":4294967295}',
    canonical: '{"anInt32":-2147483648,"aUint32":4294967295}',
  },
  {
    name: '32 bits as text',
    json: '{"anInt32":"2147483647","aUint32":"4294967295"}',
    canonical: '{"anInt32":2147483647,"aUint32":4294967295}',
  },
  {
    name: '32 bits with an exponent',
    json: '{"anInt32":1e5,"aUint32":"1E2"}',
    canonical: '{"anInt32":100000,"aUint32":100}',
  },
  {
    name: '32 bits with a zero fraction',
    json: '{"anInt32":5.0,"aSint32":"-5.000"}',
    canonical: '{"anInt32":5,"aSint32":-5}',
  },
  {
    name: 'the extremes of 64 bits',
    json: '{"anInt64":"-9223372036854775808","aUint64":"18446744073709551615"}',
    canonical: '{"anInt64":"-9223372036854775808","aUint64":"18446744073709551615"}',
  },
  {
    name: '64 bits as numbers',
    json: '{"anInt64":-5,"aUint64":9223372036854774784}',
    canonical: '{"anInt64":"-5","aUint64":"9223372036854774784"}',
  },
  {
    name: '64 bits as numbers that a double cannot hold',
    json: '{"anInt64":-9223372036854775808,"aUint64":18446744073709551615,"aSint64":9007199254740993}',
    canonical:
      '{"anInt64":"-9223372036854775808","aUint64":"18446744073709551615","aSint64":"9007199254740993"}',
  },
  {
    name: '64 bits with an exponent or fraction, as numbers',
    json: '{"anInt64":9.223372036854775807e18,"aUint64":1e18,"aFixed64":90071992547409930.0e-1,"aSint64":0e99}',
    canonical:
      '{"anInt64":"9223372036854775807","aUint64":"1000000000000000000","aFixed64":"9007199254740993"}',
  },
  {
    name: '32 bits with more digits than a double has',
    json: '{"anInt32":1.00000000000000000000,"aUint32":"42949672950.000000000000000000e-1","aSint32":-0e0}',
    canonical: '{"anInt32":1,"aUint32":4294967295}',
  },
  {
    name: 'an enum with more digits than a double has',
    json: '{"aColor":1.00000000000000000000}',
    canonical: '{"aColor":"RED"}',
  },
  {
    name: 'doubles with more digits than they have',
    type: 'kinds.Lists',
    json: '{"doubles":[9007199254740993,0.99999999999999999999,1e-400,"1e-400",1e308],"floats":[3.40282346638528859811704183484516925440e38]}',
    canonical: '{"doubles":[9007199254740992,1,0,0,1e+308],"floats":[3.4028235e+38]}',
  },
  {
    name: 'numbers in a Value, of which it holds the nearest double',
    type: 'kinds.WellKnown',
    json: '{"value":18446744073709551615,"list":[1e22],"struct":{"a":0.99999999999999999999}}',
    canonical: '{"struct":{"a":1},"value":18446744073709552000,"list":[1e+22]}',
  },
  {
    name: 'wrappers of numbers that a double cannot hold',
    type: 'kinds.WellKnown',
    json: '{"int64Value":-9223372036854775808,"uint64Value":18446744073709551615,"int32Value":1.0000000000000000}',
    canonical: '{"int64Value":"-9223372036854775808","uint64Value":"18446744073709551615","int32Value":1}',
  },
  {
    name: 'bytes in base64 without padding, and with bits to spare',
    type: 'kinds.Lists',
    json: '{"byteses":["AQI","AQJ","AQ","","_-8=","+/8"]}',
    canonical: '{"byteses":["AQI=","AQI=","AQ==","","/+8=","+/8="]}',
  },
  {
    name: '64 bits with an exponent or fraction, as text',
    json: '{"anInt64":"1.5e1","aUint64":"100e-1"}',
    canonical: '{"anInt64":"15","aUint64":"10"}',
  },
  {
    name: 'floats of every form',
    type: 'kinds.Lists',
    json: '{"floats":[1,"1",1.5,"1.5",1e2,"-1e-2","NaN","Infinity","-Infinity"]}',
    canonical: '{"floats":[1,1,1.5,1.5,100,-0.01,"NaN","Infinity","-Infinity"]}',
  },
  {
    name: 'the shortest text of a float',
    type: 'kinds.Lists',
    json: '{"floats":[0.1,16777216,3.4028235e38,1.17549e-38,1.401298464324817e-45]}',
    canonical: '{"floats":[0.1,16777216,3.4028235e+38,1.17549e-38,1e-45]}',
  },
  {
    name: 'the extremes of doubles',
    type: 'kinds.Lists',
    json: '{"doubles":[1.7976931348623157e308,5e-324,"NaN"]}',
    canonical: '{"doubles":[1.7976931348623157e+308,5e-324,"NaN"]}',
  },
  {
    name: 'enums by number, unknown ones too',
    type: 'kinds.Lists',
    json: '{"colors":[1,"RED",2,77,"-1"]}',
    canonical: '{"colors":["RED","RED","GREEN",77,"DARK"]}',
  },
  { name: 'an alias of an enum', json: '{"aColor":"CRIMSON"}', canonical: '{"aColor":"RED"}' },
  { name: 'bytes in base64', json: '{"someBytes":"+/8="}', canonical: '{"someBytes":"+/8="}' },
  {
    name: 'bytes in base64url without padding',
    json: '{"someBytes":"-_8"}',
    canonical: '{"someBytes":"+/8="}',
  },
  {
    name: 'text with every kind of escape',
    json: '{"aString":"\\u0041\\"\\\\\\/\\n\\ud83d\\ude00"}',
    canonical: '{"aString":"A\\"\\\\/\\n😀"}',
  },
  {
    name: 'map keys of every type',
    type: 'kinds.Maps',
    json: '{"byInt32":{"-1":{}},"byInt64":{"5":true},"byUint64":{"18446744073709551615":"AQ=="},"byBool":{"true":"x","false":"y"}}',
    canonical:
      '{"byInt32":{"-1":{}},"byInt64":{"5":true},"byUint64":{"18446744073709551615":"AQ=="},"byBool":{"true":"x","false":"y"}}',
  },
  {
    name: 'a oneof with a null beside it',
    type: 'kinds.Presence',
    json: '{"number":null,"name":"x"}',
    canonical: '{"name":"x"}',
  },
  {
    name: 'null as the member of a oneof',
    type: 'kinds.Presence',
    json: '{"nothing":null}',
    canonical: '{"nothing":null}',
  },
  {
    name: 'a wrapper that is null',
    type: 'kinds.WellKnown',
    json: '{"int32Value":null,"value":null}',
    canonical: '{"value":null}',
  },
  {
    name: 'wrappers as text where numbers may be',
    type: 'kinds.WellKnown',
    json: '{"int32Value":"5","doubleValue":"1.5"}',
    canonical: '{"doubleValue":1.5,"int32Value":5}',
  },
  {
    name: 'times with offsets',
    type: 'kinds.WellKnown',
    json: '{"time":"1970-01-01T08:00:01+08:00"}',
    canonical: '{"time":"1970-01-01T00:00:01Z"}',
  },
  {
    name: 'a leap day',
    type: 'kinds.WellKnown',
    json: '{"time":"2000-02-29T00:00:00.5Z"}',
    canonical: '{"time":"2000-02-29T00:00:00.500Z"}',
  },
  {
    name: 'an Any whose type comes last',
    type: 'kinds.WellKnown',
    json: '{"any":{"label":"x","@type":"type.googleapis.com/kinds.Tree"}}',
    canonical: '{"any":{"@type":"type.googleapis.com/kinds.Tree","label":"x"}}',
  },
  {
    name: 'extensions',
    type: 'old.Order',
    json: '{"id":1,"[old.priority]":7,"[old.parent]":{"id":2}}',
    canonical: '{"id":1,"[old.priority]":7,"[old.parent]":{"id":2}}',
  },
  {
    name: 'groups',
    type: 'old.Order',
    json: '{"id":1,"detail":{"text":"x"}}',
    canonical: '{"id":1,"detail":{"text":"x"}}',
  },
];

const REFUSED: readonly { name: string; type?: string; json: string }[] = [
  { name: 'a number as text with spaces', json: '{"anInt32":" 1"}' },
  { name: 'text of digits and more', json: '{"anInt32":"1x"}' },
  { name: 'hexadecimal digits', json: '{"anInt32":"0x1"}' },
  { name: 'a fraction', json: '{"anInt32":0.5}' },
  { name: 'a fraction as text', json: '{"anInt64":"0.5"}' },
  { name: 'an int32 out of range', json: '{"anInt32":2147483648}' },
  { name: 'an int32 out of range as text', json: '{"anInt32":"2147483648"}' },
  { name: 'an int64 out of range', json: '{"anInt64":"9223372036854775808"}' },
  { name: 'a negative uint64', json: '{"aUint64":"-1"}' },
  { name: 'an exponent beyond measure', json: '{"anInt64":"1e999999999"}' },
  { name: 'a double out of range', json: '{"aDouble":1.8e308}' },
  { name: 'a double out of range as text', json: '{"aDouble":"-1.8e308"}' },
  { name: 'a float out of range', json: '{"aFloat":3.5e38}' },
  { name: 'a double far out of range', json: '{"aDouble":1e400}' },
  { name: 'a float far out of range', json: '{"aFloat":-1e400}' },
  { name: 'a number far out of range in a Value', type: 'kinds.WellKnown', json: '{"value":1e400}' },
  { name: 'a fraction that a double rounds away', json: '{"anInt32":1.00000000000000000001}' },
  { name: 'a fraction that a double rounds away, as text', json: '{"anInt32":"1.00000000000000000001"}' },
  { name: 'a fraction that a double rounds to zero', json: '{"aUint32":1e-400}' },
  { name: 'a fraction beyond 2^53', json: '{"anInt64":9007199254740992.5}' },
  { name: 'an int64 out of range by one, as a number', json: '{"anInt64":9223372036854775808}' },
  { name: 'a uint64 out of range by one, as a number', json: '{"aUint64":18446744073709551616}' },
  { name: 'an int32 far out of range', json: '{"anInt32":1e400}' },
  { name: 'an enum out of range', json: '{"aColor":9007199254740993}' },
  { name: 'a number of many digits for text', json: '{"aString":9007199254740993}' },
  { name: 'a number of many digits for a bool', json: '{"aBool":9007199254740993}' },
  { name: 'a number of many digits for bytes', json: '{"someBytes":9007199254740993}' },
  { name: 'a number of many digits for a message', type: 'kinds.Tree', json: '{"left":9007199254740993}' },
  { name: 'a number of many digits for a list', type: 'kinds.Lists', json: '{"int64s":9007199254740993}' },
  { name: 'a number of many digits for a map', type: 'kinds.Maps', json: '{"strings":9007199254740993}' },
  { name: 'a number of many digits for a time', type: 'kinds.WellKnown', json: '{"time":9007199254740993}' },
  { name: 'a number of many digits for a span', type: 'kinds.WellKnown', json: '{"span":9007199254740993}' },
  { name: 'a number of many digits for a mask', type: 'kinds.WellKnown', json: '{"mask":9007199254740993}' },
  { name: 'a number of many digits for an Any', type: 'kinds.WellKnown', json: '{"any":9007199254740993}' },
  {
    name: 'a number of many digits for a Struct',
    type: 'kinds.WellKnown',
    json: '{"struct":9007199254740993}',
  },
  {
    name: 'a number of many digits for a StringValue',
    type: 'kinds.WellKnown',
    json: '{"stringValue":9007199254740993}',
  },
  { name: 'base64 of half an octet', json: '{"someBytes":"A"}' },
  { name: 'base64 with too much padding', json: '{"someBytes":"AQI=="}' },
  { name: 'base64 with white space', json: '{"someBytes":"AQ I"}' },
  { name: 'base64 padded in the middle', json: '{"someBytes":"AQ==AQ=="}' },
  { name: 'text for a bool', json: '{"aBool":"true"}' },
  { name: 'a number for a bool', json: '{"aBool":1}' },
  { name: 'a number for text', json: '{"aString":1}' },
  { name: 'a lone surrogate', json: '{"aString":"\\ud800"}' },
  { name: 'an unknown enum name', json: '{"aColor":"BLUE"}' },
  { name: 'broken base64', json: '{"someBytes":"-_="}' },
  { name: 'an unknown field', json: '{"nope":1}' },
  { name: 'both spellings', json: '{"anInt32":1,"an_int32":1}' },
  { name: 'null in a list', type: 'kinds.Lists', json: '{"int32s":[1,null]}' },
  { name: 'null in a list of messages', type: 'kinds.Lists', json: '{"scalars":[null]}' },
  { name: 'a list in a list', type: 'kinds.Lists', json: '{"int32s":[[1]]}' },
  { name: 'null in a map', type: 'kinds.Maps', json: '{"strings":{"a":null}}' },
  { name: 'a bool key that is none', type: 'kinds.Maps', json: '{"byBool":{"1":"x"}}' },
  { name: 'two members of a oneof', type: 'kinds.Presence', json: '{"number":1,"name":"x"}' },
  { name: 'a time without an offset', type: 'kinds.WellKnown', json: '{"time":"1970-01-01T00:00:00"}' },
  { name: 'a time with lower case', type: 'kinds.WellKnown', json: '{"time":"1970-01-01t00:00:00z"}' },
  { name: 'a time with a short offset', type: 'kinds.WellKnown', json: '{"time":"1970-01-01T00:00:00+01"}' },
  { name: 'a time of the year 0', type: 'kinds.WellKnown', json: '{"time":"0000-01-01T00:00:00Z"}' },
  { name: 'a time of the year 10000', type: 'kinds.WellKnown', json: '{"time":"10000-01-01T00:00:00Z"}' },
  {
    name: 'a time that its offset moves out of range',
    type: 'kinds.WellKnown',
    json: '{"time":"9999-12-31T23:59:59-01:00"}',
  },
  {
    name: 'a time with ten digits of a second',
    type: 'kinds.WellKnown',
    json: '{"time":"1970-01-01T00:00:00.0000000001Z"}',
  },
  { name: 'a duration without s', type: 'kinds.WellKnown', json: '{"span":"1"}' },
  { name: 'a duration out of range', type: 'kinds.WellKnown', json: '{"span":"-315576000001s"}' },
  {
    name: 'a duration with ten digits of a second',
    type: 'kinds.WellKnown',
    json: '{"span":"1.0000000001s"}',
  },
  { name: 'a mask in snake case', type: 'kinds.WellKnown', json: '{"mask":"foo_bar"}' },
  {
    name: 'an Any of an unknown type',
    type: 'kinds.WellKnown',
    json: '{"any":{"@type":"type.googleapis.com/un.Known","a":1}}',
  },
  {
    name: 'an Any of a wrong field',
    type: 'kinds.WellKnown',
    json: '{"any":{"@type":"type.googleapis.com/kinds.Tree","a":1}}',
  },
  {
    name: 'a bare word for the type of an Any',
    type: 'kinds.WellKnown',
    json: '{"any":{"@type":"word","value":""}}',
  },
  { name: 'text for a message', json: '"x"' },
  { name: 'a list for a message', json: '[]' },
];

describe('ProtoJSON (protobuf.dev/programming-guides/json)', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
  });

  describe('takes', () => {
    for (const { name, type = 'kinds.Scalars', json, canonical } of ACCEPTED) {
      it(`${name}`, () => {
        const message = registry.fromJson(type, parseJson(json));
        expect(JSON.stringify(message)).to.equal(canonical);
        expect(JSON.stringify(registry.toJson(message))).to.equal(canonical);
        // What is canonical is also legal where fields are given.
        const codec = registry.message(type);
        expect(JSON.stringify(decoded(codec, encoded(codec, JSON.parse(canonical))))).to.equal(canonical);
      });
    }
  });

  describe('refuses', () => {
    for (const { name, type = 'kinds.Scalars', json } of REFUSED) {
      it(`${name}`, () => {
        const error = thrownBy(() => registry.fromJson(type, parseJson(json)));
        expect(error.name).to.be.oneOf(['TypeError', 'RangeError']);
        expect(error.message).to.match(/\S/);
      });
    }
  });

  for (const field of ['anInt64', 'aUint64', 'aSint64', 'aFixed64', 'anSfixed64']) {
    it(`refuses a number for ${field} that JSON.parse has rounded`, () => {
      const error = thrownBy(() =>
        registry.fromJson('kinds.Scalars', JSON.parse(`{"${field}":9007199254740993}`)),
      );
      expect(error).to.be.instanceOf(RangeError);
      expect(error.message).to.match(
        new RegExp(`^${field}: 9007199254740992 is not a safe integer; .*fromJsonString`),
      );
    });
  }

  it('quotes a number as it was written, and not at any length', () => {
    const refused = (json: string): string =>
      thrownBy(() => registry.fromJson('kinds.Scalars', parseJson(json))).message;
    expect(refused('{"anInt32":9007199254740993}')).to.match(/^anInt32: 9007199254740993 is out of range/);
    expect(refused('{"aDouble":1e400}')).to.match(/^aDouble: 1e400 is out of range/);
    expect(refused(`{"anInt64":${'9'.repeat(5000)}}`)).to.have.length.below(200);
  });

  it('takes bytes of any length in base64', () => {
    for (const mebibytes of [1, 4, 9]) {
      const octets = Buffer.alloc((mebibytes << 20) + 1, 0xfb);
      for (const text of [octets.toString('base64'), octets.toString('base64url')]) {
        const message = registry.fromJson('kinds.Scalars', { someBytes: text }) as { someBytes: Buffer };
        expect(octets.equals(message.someBytes)).to.equal(true);
      }
      expect(
        encoded(registry.message('kinds.Scalars'), { someBytes: octets.toString('base64') }),
      ).to.have.length.above(octets.length);
      const any = { any: { '@type': 'x.test/un.Known', value: octets.toString('base64') } };
      expect(encoded(registry.message('kinds.WellKnown'), any)).to.have.length.above(octets.length);
    }
  });

  it('takes a mask with a path of any length', () => {
    const mask = Array.from({ length: 1 << 20 }, () => 'fooBar').join('.');
    const message = registry.fromJson('kinds.WellKnown', { mask });
    expect(registry.toJson(message)).to.deep.equal({ mask });
  });

  const unprintable: readonly { name: string; fields: object; shown: string }[] = [
    { name: 'NaN in a Value', fields: { value: Number.NaN }, shown: '{"value":"NaN"}' },
    {
      name: 'a mask whose paths would not come back',
      fields: { mask: { paths: ['fooBar', 'foo__bar', 'foo_3'] } },
      shown: '{"mask":{"paths":["fooBar","foo__bar","foo_3"]}}',
    },
    {
      name: 'an Any of a type that is not loaded',
      fields: { any: { '@type': 'x/un.Known', value: Buffer.from([1]) } },
      shown: '{"any":{"@type":"x/un.Known","value":"AQ=="}}',
    },
    {
      name: 'an Any without a type',
      fields: { any: { value: Buffer.from([1]) } },
      shown: '{"any":{"value":"AQ=="}}',
    },
  ];
  for (const { name, fields, shown } of unprintable) {
    it(`is refused by toJson, and shown as it is by JSON.stringify, for ${name}`, () => {
      const codec = registry.message('kinds.WellKnown');
      const message = decoded(codec, encoded(codec, fields));
      expect(() => registry.toJson(message)).to.throw(TypeError, 'has no form in ProtoJSON');
      expect(JSON.stringify(message)).to.equal(shown);
    });
  }

  it('never throws out of JSON.stringify, whatever a user has put into a reply', () => {
    const codec = registry.message('kinds.WellKnown');
    const message = decoded(codec, new Uint8Array(0));
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const [key, value] of Object.entries({
      time: 'x',
      span: 5n,
      mask: [1],
      any: cycle,
      struct: cycle,
      list: Symbol('x'),
      int64Value: () => 1,
      times: 7,
      namedValues: [5n],
      value: Number.NaN,
    })) {
      message[key] = value;
    }
    expect(JSON.parse(JSON.stringify(message))).to.be.an('object');
  });

  it('takes fields by the name of their type', () => {
    expect(registry.toJson({ aString: 'x', anInt64: 5n }, 'kinds.Scalars')).to.deep.equal({
      aString: 'x',
      anInt64: '5',
    });
    expect(thrownBy(() => registry.toJson({}))).to.be.instanceOf(TypeError);
  });

  it('uses JSON names whatever the shape of the values', async () => {
    const kept = await registryOf([KINDS], {
      keepCase: true,
      longs: Number,
      enums: Number,
      bytes: Array,
      oneofs: true,
    });
    const codec = kept.message('kinds.Scalars');
    const message = decoded(
      codec,
      encoded(codec, { an_int64: 5, a_color: 1, some_bytes: [1], a_string: 'x' }),
    );
    expect(JSON.stringify(message)).to.equal(
      '{"anInt64":"5","aString":"x","someBytes":"AQ==","aColor":"RED"}',
    );
    const presence = kept.message('kinds.Presence');
    const picked = decoded(presence, encoded(presence, { number: 5 }));
    expect(picked['choice']).to.equal('number');
    expect(JSON.stringify(picked)).to.equal('{"number":5}');
  });
});
