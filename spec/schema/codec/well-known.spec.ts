import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { decoded, encoded, hex, KINDS, registryOf, thrownBy, unhex } from '../schemas.ts';

interface Row {
  readonly name: string;
  /** Input that means the same. */
  readonly given: readonly object[];
  /** What comes back, as plain objects. */
  readonly value: object;
  /** Canonical ProtoJSON. */
  readonly json: object;
  /** The octets of the field's message, when they tell more than the values. */
  readonly bytes?: string;
}

const any = (type: string): string => `type.googleapis.com/${type}`;

const ROWS: readonly Row[] = [
  {
    name: 'Timestamp',
    given: [
      { time: new Date(1_700_000_000_120) },
      { time: '2023-11-14T22:13:20.12Z' },
      { time: '2023-11-15T00:13:20.120000000+02:00' },
      { time: { seconds: 1_700_000_000, nanos: 120_000_000 } },
      { time: { seconds: '1700000000', nanos: 120_000_000 } },
    ],
    value: { time: { seconds: 1_700_000_000n, nanos: 120_000_000 } },
    json: { time: '2023-11-14T22:13:20.120Z' },
    bytes: '0a0b 0880e2cfaa06 1080 9c9c39',
  },
  {
    name: 'the first Timestamp',
    given: [{ time: '0001-01-01T00:00:00Z' }],
    value: { time: { seconds: -62135596800n, nanos: 0 } },
    json: { time: '0001-01-01T00:00:00Z' },
  },
  {
    name: 'the last Timestamp',
    given: [{ time: '9999-12-31T23:59:59.999999999Z' }],
    value: { time: { seconds: 253402300799n, nanos: 999_999_999 } },
    json: { time: '9999-12-31T23:59:59.999999999Z' },
  },
  {
    name: 'a Timestamp before 1970',
    given: [{ time: new Date(-1) }, { time: '1969-12-31T23:59:59.999Z' }],
    value: { time: { seconds: -1n, nanos: 999_000_000 } },
    json: { time: '1969-12-31T23:59:59.999Z' },
  },
  {
    name: 'Timestamp 0',
    given: [{ time: new Date(0) }, { time: {} }],
    value: { time: { seconds: 0n, nanos: 0 } },
    json: { time: '1970-01-01T00:00:00Z' },
    bytes: '0a00',
  },
  {
    name: 'Duration',
    given: [{ span: '1.5s' }, { span: '1.500000000s' }, { span: { seconds: 1n, nanos: 500_000_000 } }],
    value: { span: { seconds: 1n, nanos: 500_000_000 } },
    json: { span: '1.500s' },
  },
  {
    name: 'a negative Duration',
    given: [{ span: '-0.000001s' }, { span: { nanos: -1000 } }],
    value: { span: { seconds: 0n, nanos: -1000 } },
    json: { span: '-0.000001s' },
  },
  {
    name: 'the longest Duration',
    given: [{ span: '315576000000s' }],
    value: { span: { seconds: 315576000000n, nanos: 0 } },
    json: { span: '315576000000s' },
  },
  {
    name: 'FieldMask',
    given: [
      { mask: 'user.display_name,photo' },
      { mask: 'user.displayName,photo' },
      { mask: { paths: ['user.display_name', 'photo'] } },
    ],
    value: { mask: { paths: ['user.display_name', 'photo'] } },
    json: { mask: 'user.displayName,photo' },
  },
  {
    name: 'an empty FieldMask',
    given: [{ mask: '' }, { mask: {} }],
    value: { mask: { paths: [] } },
    json: { mask: '' },
  },
  {
    name: 'Struct',
    given: [{ struct: { a: 1, b: null, c: [true, 'x', { d: {} }], e: undefined } }],
    value: { struct: { a: 1, b: null, c: [true, 'x', { d: {} }] } },
    json: { struct: { a: 1, b: null, c: [true, 'x', { d: {} }] } },
  },
  {
    name: 'Value: null',
    given: [{ value: null }],
    value: { value: null },
    json: { value: null },
    bytes: '3202 0800',
  },
  { name: 'Value: a number', given: [{ value: 1.5 }], value: { value: 1.5 }, json: { value: 1.5 } },
  { name: 'Value: text', given: [{ value: 'x' }], value: { value: 'x' }, json: { value: 'x' } },
  { name: 'Value: false', given: [{ value: false }], value: { value: false }, json: { value: false } },
  {
    name: 'Value: an object',
    given: [{ value: { a: [] } }],
    value: { value: { a: [] } },
    json: { value: { a: [] } },
  },
  {
    name: 'Value: a list',
    given: [{ value: [1, [2]] }],
    value: { value: [1, [2]] },
    json: { value: [1, [2]] },
  },
  {
    name: 'ListValue',
    given: [{ list: [1, null, 'x'] }],
    value: { list: [1, null, 'x'] },
    json: { list: [1, null, 'x'] },
  },
  {
    name: 'lists and maps of Value',
    given: [{ values: [null, 1], namedValues: { a: null, b: [] } }],
    value: { values: [null, 1], namedValues: { a: null, b: [] } },
    json: { values: [null, 1], namedValues: { a: null, b: [] } },
  },
  {
    name: 'the wrappers',
    given: [
      {
        doubleValue: 1.5,
        floatValue: 0.5,
        int64Value: 5,
        uint64Value: '6',
        int32Value: -7,
        uint32Value: 8,
        boolValue: true,
        stringValue: 'x',
        bytesValue: 'AQI=',
      },
      {
        doubleValue: { value: 1.5 },
        floatValue: { value: 0.5 },
        int64Value: { value: 5 },
        uint64Value: { value: 6 },
        int32Value: { value: -7 },
        uint32Value: { value: 8 },
        boolValue: { value: true },
        stringValue: { value: 'x' },
        bytesValue: { value: Buffer.from([1, 2]) },
      },
    ],
    value: {
      doubleValue: 1.5,
      floatValue: 0.5,
      int64Value: 5n,
      uint64Value: 6n,
      int32Value: -7,
      uint32Value: 8,
      boolValue: true,
      stringValue: 'x',
      bytesValue: Buffer.from([1, 2]),
    },
    json: {
      doubleValue: 1.5,
      floatValue: 0.5,
      int64Value: '5',
      uint64Value: '6',
      int32Value: -7,
      uint32Value: 8,
      boolValue: true,
      stringValue: 'x',
      bytesValue: 'AQI=',
    },
  },
  {
    name: 'the wrappers of defaults',
    given: [
      { doubleValue: 0, int64Value: 0, boolValue: false, stringValue: '', bytesValue: '' },
      { doubleValue: {}, int64Value: {}, boolValue: {}, stringValue: {}, bytesValue: {} },
    ],
    value: { doubleValue: 0, int64Value: 0n, boolValue: false, stringValue: '', bytesValue: Buffer.alloc(0) },
    json: { doubleValue: 0, int64Value: '0', boolValue: false, stringValue: '', bytesValue: '' },
    bytes: '4200 5200 7200 7a00 820100',
  },
  { name: 'Empty', given: [{ empty: {} }], value: { empty: {} }, json: { empty: {} } },
  { name: 'an empty Any', given: [{ any: {} }], value: { any: {} }, json: { any: {} } },
  {
    name: 'Any of a message',
    given: [
      { any: { '@type': any('kinds.Tree'), label: 'x', left: { label: 'y' } } },
      { any: { label: 'x', left: { label: 'y' }, '@type': any('kinds.Tree') } },
      { any: { typeUrl: any('kinds.Tree'), value: unhex('0a0178 12030a0179') } },
      { any: { '@type': any('kinds.Tree'), value: unhex('0a0178 12030a0179') } },
    ],
    value: { any: { '@type': any('kinds.Tree'), label: 'x', left: { label: 'y' } } },
    json: { any: { '@type': any('kinds.Tree'), label: 'x', left: { label: 'y' } } },
  },
  {
    name: 'Any of a message with another prefix',
    given: [{ any: { '@type': 'https://example.com/a/kinds.Tree', label: 'x' } }],
    value: { any: { '@type': 'https://example.com/a/kinds.Tree', label: 'x' } },
    json: { any: { '@type': 'https://example.com/a/kinds.Tree', label: 'x' } },
  },
  {
    name: 'Any of a Duration',
    given: [{ any: { '@type': any('google.protobuf.Duration'), value: '1.5s' } }],
    value: { any: { '@type': any('google.protobuf.Duration'), value: { seconds: 1n, nanos: 500_000_000 } } },
    json: { any: { '@type': any('google.protobuf.Duration'), value: '1.500s' } },
  },
  {
    name: 'Any of a Value',
    given: [{ any: { '@type': any('google.protobuf.Value'), value: null } }],
    value: { any: { '@type': any('google.protobuf.Value'), value: null } },
    json: { any: { '@type': any('google.protobuf.Value'), value: null } },
  },
  {
    name: 'Any of a wrapper',
    given: [
      { any: { '@type': any('google.protobuf.BytesValue'), value: 'AQI=' } },
      { any: { '@type': any('google.protobuf.BytesValue'), value: Buffer.from([1, 2]) } },
    ],
    value: { any: { '@type': any('google.protobuf.BytesValue'), value: Buffer.from([1, 2]) } },
    json: { any: { '@type': any('google.protobuf.BytesValue'), value: 'AQI=' } },
  },
  {
    name: 'Any of an Any',
    given: [
      { any: { '@type': any('google.protobuf.Any'), value: { '@type': any('kinds.Tree'), label: 'x' } } },
    ],
    value: {
      any: { '@type': any('google.protobuf.Any'), value: { '@type': any('kinds.Tree'), label: 'x' } },
    },
    json: { any: { '@type': any('google.protobuf.Any'), value: { '@type': any('kinds.Tree'), label: 'x' } } },
  },
  {
    name: 'Any of Empty',
    given: [
      { any: { '@type': any('google.protobuf.Empty') } },
      { any: { '@type': any('google.protobuf.Empty'), value: {} } },
    ],
    value: { any: { '@type': any('google.protobuf.Empty') } },
    json: { any: { '@type': any('google.protobuf.Empty') } },
  },
  {
    name: 'Any of a type that is not loaded',
    given: [
      { any: { '@type': any('un.Known'), value: Buffer.from([8, 1]) } },
      { any: { '@type': any('un.Known'), value: 'CAE=' } },
    ],
    value: { any: { '@type': any('un.Known'), value: Buffer.from([8, 1]) } },
    json: { any: { '@type': any('un.Known'), value: 'CAE=' } },
  },
  {
    name: 'lists of well-known types',
    given: [{ times: ['1970-01-01T00:00:01Z', new Date(2000)], anys: [{ '@type': any('kinds.Tree') }] }],
    value: {
      times: [
        { seconds: 1n, nanos: 0 },
        { seconds: 2n, nanos: 0 },
      ],
      anys: [{ '@type': any('kinds.Tree') }],
    },
    json: { times: ['1970-01-01T00:00:01Z', '1970-01-01T00:00:02Z'], anys: [{ '@type': any('kinds.Tree') }] },
  },
];

describe('well-known types (docs/values.md)', () => {
  let registry: Registry;
  let bare: Registry;
  before(async () => {
    registry = await registryOf([KINDS]);
    bare = await registryOf([KINDS], { defaults: false });
  });

  for (const { name, given, value, json, bytes } of ROWS) {
    it(`${name}: every form going out, one coming back, and ProtoJSON both ways`, () => {
      const codec = registry.message('kinds.WellKnown');
      const first = encoded(codec, given[0]);
      if (bytes !== undefined) expect(hex(first)).to.equal(hex(unhex(bytes)));
      for (const form of given) expect(hex(encoded(codec, form))).to.equal(hex(first));
      const sparse = withoutEmptyTimes(bare.toObject(decoded(bare.message('kinds.WellKnown'), first)), value);
      expect(sparse).to.deep.equal(value);
      const message = decoded(codec, first);
      expect(hex(encoded(codec, message))).to.equal(hex(first));
      expect(JSON.parse(JSON.stringify(message))).to.deep.equal(json);
      expect(hex(encoded(codec, json))).to.equal(hex(first));
      expect(JSON.stringify(registry.fromJson('kinds.WellKnown', json))).to.equal(JSON.stringify(message));
    });
  }

  it('give a Timestamp toDate and a Duration toMilliseconds, not enumerable', () => {
    const codec = registry.message('kinds.WellKnown');
    const message = decoded(codec, encoded(codec, { time: '1969-12-31T23:59:59.9999Z', span: '-1.5s' }));
    const { time, span } = message as { time: { toDate(): Date }; span: { toMilliseconds(): number } };
    expect(time.toDate().getTime()).to.equal(-1);
    expect(span.toMilliseconds()).to.equal(-1500);
    expect(Object.keys(time)).to.deep.equal(['seconds', 'nanos']);
  });

  const whole: readonly { type: string; fields: unknown; reply: unknown; json: string }[] = [
    { type: 'google.protobuf.StringValue', fields: 'x', reply: 'x', json: '"x"' },
    { type: 'google.protobuf.Int64Value', fields: 5, reply: 5n, json: '"5"' },
    { type: 'google.protobuf.Value', fields: null, reply: null, json: 'null' },
    { type: 'google.protobuf.Struct', fields: { a: [1] }, reply: { a: [1] }, json: '{"a":[1]}' },
    { type: 'google.protobuf.ListValue', fields: [1, 'x'], reply: [1, 'x'], json: '[1,"x"]' },
    { type: 'google.protobuf.Duration', fields: '1s', reply: { seconds: 1n, nanos: 0 }, json: '"1s"' },
    {
      type: 'google.protobuf.Timestamp',
      fields: new Date(0),
      reply: { seconds: 0n, nanos: 0 },
      json: '"1970-01-01T00:00:00Z"',
    },
  ];
  for (const { type, fields, reply, json } of whole) {
    it(`take ${type} as a whole request and give it as a whole reply`, () => {
      const codec = registry.message(type);
      const bytes = encoded(codec, fields);
      const message: unknown = decoded(codec, bytes);
      expect(registry.toObject(message)).to.deep.equal(reply);
      expect(JSON.stringify(registry.toJson(fields, type))).to.equal(json);
      expect(registry.toObject(registry.fromJson(type, JSON.parse(json)))).to.deep.equal(reply);
    });
  }

  it('are merged when they come in parts', () => {
    const codec = registry.message('kinds.WellKnown');
    const parts = [
      { struct: { a: 1, b: 2 }, list: [1], int32Value: 5, span: '1s', value: { x: 1 } },
      { struct: { b: 3 }, list: [2], int32Value: 0, span: '0.5s', value: { y: 2 } },
    ];
    const bytes = Buffer.concat(parts.map((part) => encoded(codec, part)));
    expect(registry.toJson(decoded(codec, bytes))).to.deep.equal({
      struct: { a: 1, b: 3 },
      list: [1, 2],
      int32Value: 5,
      span: '1.500s',
      value: { x: 1, y: 2 },
    });
  });

  it('are merged when an Any comes in parts', () => {
    const codec = registry.message('kinds.WellKnown');
    const tree = any('kinds.Tree');
    const whole = { '@type': tree, label: 'x' };
    const parts = [
      { first: { any: whole }, second: { any: {} }, both: whole },
      { first: { any: { typeUrl: tree } }, second: { any: { value: unhex('0a0178') } }, both: whole },
      {
        first: { any: whole },
        second: { any: { '@type': tree, label: 'y' } },
        both: { '@type': tree, label: 'y' },
      },
    ];
    for (const { first, second, both } of parts) {
      const bytes = Buffer.concat([encoded(codec, first), encoded(codec, second)]);
      expect(registry.toJson(decoded(codec, bytes))).to.deep.equal({ any: both });
    }
  });

  it('keep an Any whose type has no name in its own form', () => {
    const codec = registry.message('kinds.WellKnown');
    for (const typeUrl of ['type.googleapis.com/', '/', 'kinds.Tree/']) {
      const bytes = encoded(codec, { any: { typeUrl, value: unhex('0a0178') } });
      const message = decoded(codec, bytes);
      expect(registry.toObject(message['any'])).to.deep.equal({
        typeUrl,
        value: Buffer.from('0a0178', 'hex'),
      });
      expect(encoded(codec, message)).to.deep.equal(bytes);
    }
  });

  it('print a Timestamp out of range without throwing', () => {
    const codec = registry.message('kinds.WellKnown');
    // seconds = 2^60, as nobody should send
    const message = decoded(codec, unhex('0a0a 08808080808080808010'));
    expect(JSON.stringify(message)).to.equal('{"time":{"seconds":"1152921504606846976"}}');
    expect(thrownBy(() => registry.toJson(message))).to.be.instanceOf(TypeError);
    expect(hex(encoded(codec, message))).to.equal('0a0a08808080808080808010');
  });
});

/** Without defaults a zero of seconds or nanos is not there; the table has both. */
function withoutEmptyTimes(message: unknown, like: unknown): unknown {
  if (typeof message !== 'object' || message === null || Array.isArray(message) || Buffer.isBuffer(message)) {
    return Array.isArray(message) && Array.isArray(like)
      ? message.map((item, i) => withoutEmptyTimes(item, like[i]))
      : message;
  }
  const wanted = typeof like === 'object' && like !== null ? (like as Record<string, unknown>) : {};
  const entries = Object.entries(message).map(([key, item]) => [key, withoutEmptyTimes(item, wanted[key])]);
  const defaults = Object.entries({ seconds: 0n, nanos: 0, paths: [] }).filter(([key]) => key in wanted);
  return { ...Object.fromEntries(defaults), ...Object.fromEntries(entries) };
}
