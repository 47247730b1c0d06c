// ProtoJSON documents of the messages of KINDS and OLD (../schemas.ts): those that are taken, and those that are refused.

export interface Accepted {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  /** JSON text, as documents come. */
  readonly json: string;
  /** Canonical ProtoJSON text of the same message. */
  readonly canonical: string;
}

/** After the cases of protobuf's conformance suite (binary_json_conformance_suite.cc). */
export const ACCEPTED: readonly Accepted[] = [
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

export interface Refused {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly json: string;
  /** It is only that the schema does not know what is there. */
  readonly isUnknown?: boolean;
}

export const REFUSED: readonly Refused[] = [
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
  { name: 'an unknown enum name', json: '{"aColor":"BLUE"}', isUnknown: true },
  { name: 'broken base64', json: '{"someBytes":"-_="}' },
  { name: 'an unknown field', json: '{"nope":1}', isUnknown: true },
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
    isUnknown: true,
  },
  {
    name: 'an Any of a wrong field',
    type: 'kinds.WellKnown',
    json: '{"any":{"@type":"type.googleapis.com/kinds.Tree","a":1}}',
    isUnknown: true,
  },
  {
    name: 'a bare word for the type of an Any',
    type: 'kinds.WellKnown',
    json: '{"any":{"@type":"word","value":""}}',
  },
  { name: 'text for a message', json: '"x"' },
  { name: 'a list for a message', json: '[]' },
];
