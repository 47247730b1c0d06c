import { expect } from 'chai';
import { DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';

// Long lists are counted before they are read: what must not change is what comes out.

const SCHEMA = `syntax = "proto3"; package long;
message Item { int32 id = 1; repeated string tags = 2; map<string, int32> counts = 3; }
message Lists {
  repeated Item items = 1;
  repeated Item far_items = 2000;
  repeated Item farthest_items = 300000;
  repeated int32 integers = 3;
  repeated int64 longs = 4;
  repeated sint32 signed = 5;
  repeated bool flags = 6;
  string name = 7;
  oneof choice { Item one = 8; string two = 9; }
  oneof other { Item three = 10; string four = 11; }
}`;

const COUNT = 20_000;
const { files } = await loadProtoSource(SCHEMA, 'long.proto');
const registry = new Registry();
registry.add(files, 'the spec');
const codec = registry.message('long.Lists');
const times = <T>(make: (i: number) => T): T[] => Array.from({ length: COUNT }, (_, i) => make(i));

function encoded(fields: object): Uint8Array {
  const { bytes, start, end } = codec.encode(fields, 0);
  return bytes.slice(start, end);
}

const decoded = (bytes: Uint8Array): unknown => registry.toObject(codec.decode(bytes, 0, bytes.length));
const item = (id: number): object => ({ id, tags: [`t${id}`], counts: {} });

describe('Long lists (decode)', () => {
  const lists: Record<string, unknown[]> = {
    items: times(item),
    farItems: times(item),
    farthestItems: times(item),
    integers: times((i) => i - 5000),
    longs: times((i) => BigInt(i) ** 4n - 3n),
    signed: times((i) => (i % 2 === 0 ? i : -i)),
    flags: times((i) => i % 3 === 0),
  };
  for (const [name, list] of Object.entries(lists)) {
    it(`come out as they went in: ${name}`, () => {
      const reply = decoded(encoded({ [name]: list, name: 'after' }));
      expect(reply).to.deep.include({ [name]: list, name: 'after' });
    });

    it(`are one list when they come in two parts: ${name}`, () => {
      const bytes = encoded({ [name]: list });
      expect(decoded(Buffer.concat([bytes, encoded({ name: 'between' }), bytes]))).to.deep.include({
        [name]: [...list, ...list],
      });
    });

    it(`are refused when their end is missing: ${name}`, () => {
      const bytes = encoded({ [name]: list });
      for (const octets of [1, 2, 3]) {
        expect(() => decoded(bytes.subarray(0, bytes.length - octets))).to.throw(DecodeError, 'truncated');
      }
    });
  }

  it('have elements that share nothing', () => {
    const bytes = encoded({ items: times(() => ({})) });
    const { items } = codec.decode(bytes, 0, bytes.length) as {
      items: { tags: unknown[]; counts: Record<string, number> }[];
    };
    items[0].tags.push('mine');
    items[0].counts['mine'] = 1;
    expect(items[1]).to.deep.include({ tags: [], counts: {} });
    expect(items[1]).to.not.equal(items[2]);
  });

  it('give maps that are plain objects', () => {
    const bytes = encoded({ items: [{}] });
    const { items } = codec.decode(bytes, 0, bytes.length) as { items: { counts: object }[] };
    expect(Object.getPrototypeOf(items[0].counts)).to.equal(Object.prototype);
  });
});

describe('Oneofs of which members come again and again (decode)', () => {
  it('hold the last of each, however they are mixed', () => {
    const parts = [
      { one: { id: 1 } },
      { three: { id: 2 } },
      { two: 'x' },
      { four: 'y' },
      { four: 'z' },
      { one: { id: 3 } },
    ];
    const reply = decoded(Buffer.concat(parts.map(encoded)));
    expect(reply).to.deep.include({ one: { id: 3, tags: [], counts: {} }, four: 'z' });
    expect(reply).to.not.have.any.keys('two', 'three');
  });
});

describe('Unknown fields (kept)', () => {
  it('cost the same each, however many there are', () => {
    const keeping = new Registry({}, { keepUnknown: true });
    keeping.add(files, 'the spec');
    const bytes = new Uint8Array(3 * 200_000).map((_, i) => [0xa0, 0x06, i % 100][i % 3]);
    const again = keeping.message('long.Item');
    const message = again.decode(bytes, 0, bytes.length);
    const { bytes: out, start, end } = again.encode(message, 0);
    expect(Buffer.compare(out.subarray(start, end), bytes)).to.equal(0);
  });
});
