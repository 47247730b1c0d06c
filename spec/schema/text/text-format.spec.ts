import { expect } from 'chai';
import fc from 'fast-check';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { fromText } from '../../../lib/schema/text/from-text.ts';
import { toText } from '../../../lib/schema/text/text-format.ts';
import { anyText } from '../../support/any-text.ts';
import { EDITION, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';

interface Case {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly text: string;
  /** The message in text format as we write it; default: as `text` has it. */
  readonly written?: string;
}

const ROUND_TRIPS: readonly Case[] = [
  { name: 'nothing', text: '' },
  {
    name: 'integers',
    text: 'an_int32: -5\nan_int64: -9223372036854775808\na_uint64: 18446744073709551615\n',
  },
  {
    name: 'hexadecimal and octal integers',
    text: 'an_int32: -0x1F a_uint32: 017',
    written: 'an_int32: -31\na_uint32: 15\n',
  },
  {
    name: 'floats in every spelling',
    text: 'a_double: .5e1f, a_float: 3F; ',
    written: 'a_double: 5\na_float: 3\n',
  },
  { name: 'the numbers that are none', text: 'a_double: -inf\na_float: nan\n' },
  { name: 'infinity by its other name', text: 'a_double: Infinity', written: 'a_double: inf\n' },
  { name: 'minus zero', text: 'a_double: -0\n' },
  { name: 'a float with the fewest digits', text: 'a_float: 0.1\n' },
  { name: 'what is too large for a float', text: 'a_float: 1e300', written: 'a_float: inf\n' },
  { name: 'true by its other names', text: 'a_bool: t', written: 'a_bool: true\n' },
  { name: 'false, which is the default', text: 'a_bool: 0', written: '' },
  { name: 'text with escapes', text: 'a_string: "a\\"b\\\\c\\n\\t\\001é😀"\n' },
  {
    name: 'text in pieces and quotes of both kinds',
    text: `a_string: "a" 'b"' # comment\n "c"`,
    written: 'a_string: "ab\\"c"\n',
  },
  {
    name: 'escapes of Unicode',
    text: String.raw`a_string: "\u00e9\U0001F600\x41\101"`,
    written: 'a_string: "é😀AA"\n',
  },
  {
    name: 'a character beyond 16 bits in one escape',
    text: String.raw`a_string: "\U0001F600"`,
    written: 'a_string: "😀"\n',
  },
  { name: 'bytes', text: 'some_bytes: "\\000\\377\\"a"\n' },
  { name: 'an enum', text: 'a_color: RED\n' },
  { name: 'an alias of an enum', text: 'a_color: CRIMSON', written: 'a_color: RED\n' },
  { name: 'an enum by number', text: 'a_color: 2', written: 'a_color: GREEN\n' },
  { name: 'a number that an open enum has not', text: 'a_color: -77\n' },
  {
    name: 'a list in brackets',
    type: 'kinds.Lists',
    text: 'int32s: [1, 2, 3]',
    written: 'int32s: 1\nint32s: 2\nint32s: 3\n',
  },
  { name: 'an empty list', type: 'kinds.Lists', text: 'int32s: []', written: '' },
  {
    name: 'a list of messages in brackets',
    type: 'kinds.Lists',
    text: 'scalars [{ an_int32: 1 }, < a_bool: true >]',
    written: 'scalars {\n  an_int32: 1\n}\nscalars {\n  a_bool: true\n}\n',
  },
  { name: 'an empty message', type: 'kinds.Tree', text: 'left {}\n' },
  {
    name: 'maps',
    type: 'kinds.Maps',
    text: 'strings {\n  key: "a"\n  value: "b"\n}\nby_int64 {\n  key: -5\n  value: true\n}\nby_bool {\n  key: true\n  value: "x"\n}\n',
  },
  {
    name: 'entries of maps that lack key or value',
    type: 'kinds.Maps',
    text: 'by_int32 { }',
    written: 'by_int32 {\n  key: 0\n  value {}\n}\n',
  },
  { name: 'presence', type: 'kinds.Presence', text: 'count: 0\ntext: ""\ncolor: COLOR_UNSPECIFIED\n' },
  { name: 'members of oneofs', type: 'kinds.Presence', text: 'name: "x"\nno: false\n' },
  { name: 'a NullValue', type: 'kinds.Presence', text: 'nothing: NULL_VALUE\n' },
  {
    name: 'times',
    type: 'kinds.WellKnown',
    text: 'time {\n  seconds: 5\n  nanos: 7\n}\nspan {\n  seconds: -1\n}\nmask {\n  paths: "foo_bar"\n  paths: "b"\n}\n',
  },
  {
    name: 'a Struct',
    type: 'kinds.WellKnown',
    text: 'struct {\n  fields {\n    key: "a"\n    value {\n      list_value {\n        values {\n          number_value: 1\n        }\n        values {\n          null_value: NULL_VALUE\n        }\n      }\n    }\n  }\n}\nvalue {\n  string_value: "x"\n}\nlist {\n  values {\n    bool_value: false\n  }\n}\n',
  },
  {
    name: 'wrappers',
    type: 'kinds.WellKnown',
    text: 'int64_value {\n  value: 5\n}\nbool_value {}\nbytes_value {\n  value: "a"\n}\n',
  },
  {
    name: 'an expanded Any',
    type: 'kinds.WellKnown',
    text: 'any {\n  [type.googleapis.com/kinds.Tree] {\n    label: "x"\n  }\n}\n',
  },
  {
    name: 'an expanded Any of a well-known type',
    type: 'kinds.WellKnown',
    text: 'any {\n  [type.googleapis.com/google.protobuf.Int32Value] {\n    value: 5\n  }\n}\n',
  },
  {
    name: 'an Any in its own form',
    type: 'kinds.WellKnown',
    text: 'any {\n  type_url: "type.googleapis.com/no.Such"\n  value: "\\377"\n}\n',
  },
  { name: 'a Value as the whole message', type: 'google.protobuf.Value', text: 'number_value: 1.5\n' },
  {
    name: 'groups, by type or field name',
    type: 'old.Order',
    text: 'id: 1 detail { text: "a" } Line { sku: "b" }',
    written: 'id: 1\nDetail {\n  text: "a"\n}\nLine {\n  sku: "b"\n}\n',
  },
  {
    name: 'extensions',
    type: 'old.Order',
    text: 'id: 1\n[old.priority]: 5\n[old.labels]: "a"\n[old.labels]: "b"\n[old.Scope.scoped]: LARGE\n',
  },
  {
    name: 'a message set, its member by the name of the type',
    type: 'old.Set',
    text: '[old.Member] {\n  text: "x"\n}\n',
  },
  {
    name: 'a message set, its member by the name of the extension',
    type: 'old.Set',
    text: '[old.Member.member] { text: "x" }',
    written: '[old.Member] {\n  text: "x"\n}\n',
  },
  {
    name: 'octal and hexadecimal integers with zeros before them',
    text: `an_int32: 0x${'0'.repeat(50)}1F a_uint32: 0${'0'.repeat(50)}17 a_uint64: 01777777777777777777777`,
    written: 'an_int32: 31\na_uint32: 15\na_uint64: 18446744073709551615\n',
  },
  {
    name: 'an integer of more digits than an integer has, as a double',
    text: `a_double: ${'9'.repeat(400)} a_float: 100000000000000000000000000000`,
    written: 'a_double: inf\na_float: 1e+29\n',
  },
  {
    name: 'quotes and line ends that are escaped',
    text: String.raw`a_string: "a\\" some_bytes: '\'"\\\n'`,
    written: 'a_string: "a\\\\"\nsome_bytes: "\'\\"\\\\\\n"\n',
  },
  {
    name: 'delimited messages of editions, under their field names',
    type: 'edition.Features',
    text: 'required: "x"\ndelimited {\n  required: "y"\n}\n',
  },
];

interface Refused {
  readonly name: string;
  readonly type?: string;
  readonly text: string;
  readonly error: RegExp;
}

const REFUSED: readonly Refused[] = [
  {
    name: 'an unknown field',
    text: '\n  an_int: 5',
    error: /^2:3: kinds\.Scalars has no field 'an_int'; did you mean 'an_int32'/,
  },
  {
    name: 'a field twice',
    text: 'a_bool: true a_bool: true',
    error: /^1:14: the field 'a_bool' is set twice/,
  },
  {
    name: 'two members of a oneof',
    type: 'kinds.Presence',
    text: 'number: 1 name: ""',
    error: /^1:11: 'name' and 'number' are in the same oneof/,
  },
  {
    name: 'an integer out of range',
    text: 'an_int32: 2147483648',
    error: /^1:11: 2147483648 is out of range/,
  },
  { name: 'a negative unsigned integer', text: 'a_uint64: -1', error: /^1:11: -1 is out of range/ },
  { name: 'minus zero without a sign', text: 'a_uint32: -0', error: /^1:11: -0 is out of range/ },
  {
    name: 'a fraction for an integer',
    text: 'an_int32: 1.5',
    error: /^1:11: found 1\.5, expected an integer/,
  },
  { name: 'text for a number', text: 'an_int32: "1"', error: /^1:11: found a string, expected an integer/ },
  { name: 'a word for text', text: 'a_string: x', error: /^1:11: found 'x', expected a string/ },
  {
    name: 'a name that an enum has not',
    text: 'a_color: REDD',
    error: /^1:10: kinds\.Color has no value 'REDD'; did you mean 'RED'/,
  },
  { name: 'a missing colon', text: 'an_int32 5', error: /^1:10: found 5, expected ':'/ },
  {
    name: 'a message that is not closed',
    type: 'kinds.Tree',
    text: 'left {',
    error: /^1:7: found the end, expected a field/,
  },
  {
    name: 'a message closed by the other bracket',
    type: 'kinds.Tree',
    text: 'left { >',
    error: /^1:8: found '>'/,
  },
  { name: 'a string that is not closed', text: 'a_string: "a\n"', error: /^1:11: this string is not closed/ },
  { name: 'a broken escape', text: 'a_string: "\\q"', error: /^1:12: found a malformed escape/ },
  {
    name: 'a surrogate pair in two escapes',
    text: 'a_string: "\\uD83D\\uDE00"',
    error: /^1:12: found a malformed escape/,
  },
  { name: 'half of a surrogate pair', text: 'a_string: "\\uD800"', error: /^1:12: found a malformed escape/ },
  {
    name: 'text that is not UTF-8',
    text: 'a_string: "\\377"',
    error: /^1:11: the text of 'a_string' is not UTF-8/,
  },
  { name: 'a number that is none', text: 'an_int32: 09', error: /^1:11: found 8 or 9 in an octal number/ },
  {
    name: 'an extension that is not loaded',
    type: 'old.Order',
    text: '[old.none]: 1',
    error: /^1:1: old\.Order has no loaded extension 'old\.none'/,
  },
  {
    name: 'an Any of a type that is not loaded',
    type: 'kinds.WellKnown',
    text: 'any { [a.b/c.D] {} }',
    error: /^1:7: message type 'c\.D' is not loaded/,
  },
  {
    name: 'a type where there is no Any',
    type: 'kinds.Tree',
    text: '[a.b/kinds.Tree] {}',
    error: /^1:1: .*only in a google\.protobuf\.Any/,
  },
  {
    name: 'a number that a closed enum has not',
    type: 'old.Order',
    text: 'id: 1 size: 9',
    error: /^1:13: 9 is not a number of old\.Size/,
  },
  {
    name: 'a missing required field',
    type: 'old.Order',
    text: 'note: ""',
    error: /required field is missing: 'id'/,
  },
  {
    name: 'a member of a message set that is not loaded',
    type: 'old.Set',
    text: '[old.Order] {}',
    error: /^1:1: old\.Set has no loaded extension 'old\.Order'/,
  },
  {
    name: 'a string whose line ends in a backslash',
    text: 'a_string: "a\\\n"',
    error: /^1:11: this string is not closed/,
  },
  {
    name: 'an integer of many digits',
    text: `an_int64: -${'9'.repeat(1000)}`,
    error: /^1:11: -9{40}… is out of range/,
  },
  {
    name: 'an enum of many digits',
    text: `a_color: ${'9'.repeat(1000)}`,
    error: /^1:10: 9{40}… is out of range/,
  },
  {
    name: 'a bool of many digits',
    text: `a_bool: 2${'0'.repeat(1000)}`,
    error: /^1:9: found 20{39}…, expected true or false/,
  },
  {
    name: 'a name of any length',
    text: 'a'.repeat(1000),
    error: /^1:1: kinds\.Scalars has no field 'a{40}…'/,
  },
  {
    name: 'nesting without end',
    type: 'kinds.Tree',
    text: 'left {'.repeat(200),
    error: /^1:\d+: messages nest more than 100 levels deep/,
  },
];

describe('text format (protobuf.dev/reference/protobuf/textformat-spec)', () => {
  let registry: Registry;
  let many: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD, EDITION]);
    many = await registryOf(['syntax = "proto3"; package many; message List { repeated List items = 1; }']);
  });

  for (const { name, type = 'kinds.Scalars', text, written = text } of ROUND_TRIPS) {
    it(`reads and writes ${name}`, () => {
      const message = fromText(registry, type, text);
      expect(toText(registry, type, message)).to.equal(written);
      expect(fromText(registry, type, written)).to.deep.equal(message);
    });
  }

  for (const { name, type = 'kinds.Scalars', text, error } of REFUSED) {
    it(`refuses ${name}`, () => {
      const thrown = thrownBy(() => fromText(registry, type, text));
      expect(thrown).to.be.an.instanceof(thrown.name === 'RangeError' ? RangeError : TypeError);
      expect(thrown.message).to.match(error);
    });
  }

  it('is written in a time that grows with its length, however many messages are empty', function () {
    this.timeout(20_000);
    const count = 300_000;
    const fields = Array.from({ length: count }, () => ({}));
    const text = toText(many, 'many.List', { items: fields });
    expect(text.length).to.equal(count * 'items {}\n'.length);
    expect(text.endsWith('items {}\nitems {}\n')).to.equal(true);
  });

  it('writes a message that has something in it after one that has nothing, wherever it stands', () => {
    for (const before of [0, 1, 4094, 4095, 4096, 4097]) {
      const items = [...Array.from({ length: before }, () => ({})), { items: [{}] }, {}];
      expect(toText(many, 'many.List', { items })).to.equal(
        `${'items {}\n'.repeat(before)}items {\n  items {}\n}\nitems {}\n`,
      );
    }
  });

  it('takes literals, gaps and comments of 8 MiB and more', () => {
    const octets = Buffer.alloc(8 << 20, 'a\\"\xff\n', 'latin1');
    const text = toText(registry, 'kinds.Scalars', { someBytes: octets });
    const { someBytes } = fromText(registry, 'kinds.Scalars', text) as { someBytes: Buffer };
    expect(octets.equals(someBytes)).to.equal(true);
    for (const gap of [' \n', '# comment\n', `#${'x'.repeat(64)}`]) {
      const long = gap.repeat((8 << 20) / gap.length);
      expect(
        toText(registry, 'kinds.Scalars', fromText(registry, 'kinds.Scalars', `${long}\nan_int32: 1`)),
      ).to.equal('an_int32: 1\n');
    }
    const pieces = fromText(registry, 'kinds.Scalars', `a_string: ${'"é" '.repeat(1 << 18)}`);
    expect(pieces).to.have.property('aString', 'é'.repeat(1 << 18));
    expect(
      thrownBy(() => fromText(registry, 'kinds.Scalars', `a_string: "${'x'.repeat(8 << 20)}`)).message,
    ).to.match(/not closed/);
  });

  it('gives back any bytes and any text', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), anyText({ maxLength: 40 }), (octets, string) => {
        const fields = { someBytes: octets, aString: string };
        const text = toText(registry, 'kinds.Scalars', fields);
        const { someBytes, aString } = fromText(registry, 'kinds.Scalars', text) as {
          someBytes: Buffer;
          aString: string;
        };
        expect([Buffer.from(octets).equals(someBytes), aString]).to.deep.equal([true, string]);
      }),
    );
  });

  it('writes fields as well as decoded messages', () => {
    expect(toText(registry, 'kinds.WellKnown', { time: '1970-01-01T00:00:05Z', value: null })).to.equal(
      'time {\n  seconds: 5\n}\nvalue {\n  null_value: NULL_VALUE\n}\n',
    );
  });

  it('is the same whatever form values have', async () => {
    const other = await registryOf([KINDS], {
      longs: String,
      enums: Number,
      bytes: String,
      keepCase: true,
      oneofs: true,
    });
    const text = 'an_int64: 5\nsome_bytes: "\\377"\na_color: RED\n';
    expect(toText(other, 'kinds.Scalars', fromText(other, 'kinds.Scalars', text))).to.equal(text);
    const presence = 'text: ""\nnumber: 0\n';
    expect(toText(other, 'kinds.Presence', fromText(other, 'kinds.Presence', presence))).to.equal(presence);
  });

  it('gives maps with keys that are properties of Object as any other', () => {
    const text = 'strings {\n  key: "__proto__"\n  value: "b"\n}\n';
    expect(toText(registry, 'kinds.Maps', fromText(registry, 'kinds.Maps', text))).to.equal(text);
  });

  it('takes time that grows with the message, also for empty messages', async () => {
    const lists = await registryOf(['syntax = "proto3"; message M { repeated M m = 1; }']);
    const m = Array.from({ length: 60_000 }, () => ({}));
    const started = process.cpuUsage();
    expect(toText(lists, 'M', { m })).to.equal('m {}\n'.repeat(m.length));
    expect(process.cpuUsage(started).user).to.be.below(5_000_000);
  });
});
