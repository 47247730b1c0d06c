import { expect } from 'chai';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import { parseJson } from '../../../lib/values/text/json-text.ts';
import { decoded, EDITION, encoded, KINDS, OLD, registryOf, thrownBy } from '../schemas.ts';
import { ACCEPTED, REFUSED } from './json-documents.ts';

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

  it('shows what a message has itself, not what it inherits', () => {
    const codec = registry.message('kinds.Presence');
    const message = decoded(codec, encoded(codec, { count: 3 }));
    Object.defineProperty(Object.prototype, 'text', {
      value: 'inherited',
      enumerable: true,
      configurable: true,
    });
    let text = '';
    try {
      text = JSON.stringify(message);
    } finally {
      delete (Object.prototype as { text?: unknown }).text;
    }
    expect(text).to.equal('{"count":3}');
  });

  it('goes on as before when something threw in the middle of a message', () => {
    const codec = registry.message('kinds.Tree');
    const throwing = decoded(codec, new Uint8Array(0));
    Object.defineProperty(throwing, 'children', {
      enumerable: true,
      get: () => {
        throw new RangeError('not now');
      },
    });
    for (let i = 0; i < 300; i++) expect(() => JSON.stringify(throwing)).to.throw(RangeError, 'not now');
    const nested = decoded(codec, encoded(codec, { children: [{ children: [{}] }] }));
    expect(JSON.stringify(nested)).to.equal('{"children":[{"children":[{}]}]}');
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
