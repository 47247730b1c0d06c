// A field whose number is known and whose wire type is another one than the schema's: an unknown field, as in C++, Go,
// Java and Python, since servers and schemas move on at different times. Refused with strictWireTypes.

import diagnosticsChannel from 'node:diagnostics_channel';
import { expect } from 'chai';
import fc from 'fast-check';
import { DecodeError } from '../../../lib/schema/codec/wire/decode-error.ts';
import type { Registry } from '../../../lib/schema/registry/registry.ts';
import type { WireTypeMismatched } from '../../../lib/values/warnings.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';
import { decoded, encoded, KINDS, OLD, registryOf, thrownBy, unhex } from '../schemas.ts';

interface Row {
  readonly name: string;
  /** Default kinds.Scalars. */
  readonly type?: string;
  readonly bytes: string;
  /** What is read, as ProtoJSON. */
  readonly json: unknown;
  /** What strictness says behind the place. */
  readonly refusal: string;
}

const HINT = "is the schema a different version from the sender's?";

const ROWS: readonly Row[] = [
  {
    name: 'a length where a varint belongs, and another field behind',
    bytes: '1a 01 78 72 01 68',
    json: { aString: 'h' },
    refusal: `kinds.Scalars at anInt32, octet 1: field 3 'anInt32' came as length-delimited, not as a varint; ${HINT}`,
  },
  {
    name: 'a varint where text belongs',
    bytes: '18 05 70 01',
    json: { anInt32: 5 },
    refusal: `kinds.Scalars at aString, octet 3: field 14 'aString' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'a varint where text belongs, after another member of the oneof',
    type: 'kinds.Presence',
    bytes: '30 01 38 05',
    json: { number: 1 },
    refusal: `kinds.Presence at name, octet 3: field 7 'name' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: '32 bits where 64 belong',
    bytes: '0d 0000803f',
    json: {},
    refusal: `kinds.Scalars at aDouble, octet 1: field 1 'aDouble' came as 32 bits, not as 64 bits; ${HINT}`,
  },
  {
    name: '64 bits where 32 belong',
    bytes: '11 0000000000000000',
    json: {},
    refusal: `kinds.Scalars at aFloat, octet 1: field 2 'aFloat' came as 64 bits, not as 32 bits; ${HINT}`,
  },
  {
    name: 'the right form before, and another behind',
    bytes: '18 05 1a 01 78',
    json: { anInt32: 5 },
    refusal: `kinds.Scalars at anInt32, octet 3: field 3 'anInt32' came as length-delimited, not as a varint; ${HINT}`,
  },
  {
    name: 'another form before, and the right one behind',
    bytes: '1a 01 78 18 05',
    json: { anInt32: 5 },
    refusal: `kinds.Scalars at anInt32, octet 1: field 3 'anInt32' came as length-delimited, not as a varint; ${HINT}`,
  },
  {
    name: 'a varint where a message belongs, nested',
    type: 'kinds.Tree',
    bytes: '12 02 10 01',
    json: { left: {} },
    refusal: `kinds.Tree at left.left, octet 3: field 2 'left' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'a varint in a list of doubles',
    type: 'kinds.Lists',
    bytes: '08 01 09 000000000000f83f',
    json: { doubles: [1.5] },
    refusal: `kinds.Lists at doubles, octet 1: field 1 'doubles' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'a varint in a list of texts',
    type: 'kinds.Lists',
    bytes: '70 01 72 01 61',
    json: { strings: ['a'] },
    refusal: `kinds.Lists at strings, octet 1: field 14 'strings' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: '32 bits in an unpacked list of varints',
    type: 'kinds.Lists',
    bytes: '9501 01000000 9001 07',
    json: { unpacked: [7] },
    refusal: `kinds.Lists at unpacked, octet 2: field 18 'unpacked' came as 32 bits, not as a varint; ${HINT}`,
  },
  {
    name: 'a group where a message belongs',
    type: 'kinds.Tree',
    bytes: '13 0a 01 78 14 0a 01 79',
    json: { label: 'y' },
    refusal: `kinds.Tree at left, octet 1: field 2 'left' came as a group, not as length-delimited; ${HINT}`,
  },
  {
    name: 'a length where a group belongs',
    type: 'old.Order',
    bytes: '08 01 32 00',
    json: { id: 1 },
    refusal: `old.Order at detail, octet 3: field 6 'detail' came as length-delimited, not as a group; ${HINT}`,
  },
  {
    name: 'a varint where a map belongs',
    type: 'kinds.Maps',
    bytes: '08 01 0a 06 0a 01 61 12 01 62',
    json: { strings: { a: 'b' } },
    refusal: `kinds.Maps at strings, octet 1: field 1 'strings' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'the key of a map as something else',
    type: 'kinds.Maps',
    bytes: '0a 05 08 01 12 01 62',
    json: { strings: { '': 'b' } },
    refusal: `kinds.Maps at strings, octet 3: field 1 'key' of an entry of the map 'strings' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'the value of a map as something else',
    type: 'kinds.Maps',
    bytes: '0a 05 0a 01 61 10 01',
    json: { strings: { a: '' } },
    refusal: `kinds.Maps at strings, octet 6: field 2 'value' of an entry of the map 'strings' came as a varint, not as length-delimited; ${HINT}`,
  },
  {
    name: 'the value of a wrapper as something else',
    type: 'kinds.WellKnown',
    bytes: '62 02 0a 00',
    json: { int32Value: 0 },
    refusal: `kinds.WellKnown at int32Value.value, octet 3: field 1 'value' came as length-delimited, not as a varint; ${HINT}`,
  },
];

async function warningsOf(work: () => unknown): Promise<Error[]> {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => {
    if ('code' in warning && warning.code === 'STUBLESS_WIRE_TYPE') warnings.push(warning);
  };
  process.on('warning', onWarning);
  try {
    await work();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('warning', onWarning);
  }
  return warnings;
}

describe('a field of another wire type', () => {
  let registry: Registry;
  let strict: Registry;
  let keeping: Registry;
  before(async () => {
    registry = await registryOf([KINDS, OLD]);
    strict = await registryOf([KINDS, OLD], { strictWireTypes: true });
    keeping = await registryOf([KINDS, OLD], {}, { keepUnknown: true });
  });

  for (const { name, type = 'kinds.Scalars', bytes, json, refusal } of ROWS) {
    it(`counts as unknown: ${name}`, () => {
      expect(registry.toJson(decoded(registry.message(type), unhex(bytes)))).to.deep.equal(json);
    });

    it(`is refused with strictWireTypes: ${name}`, () => {
      const error = thrownBy(() => decoded(strict.message(type), unhex(bytes)));
      expect(error).to.be.instanceOf(DecodeError);
      expect(error.message).to.equal(`not a valid ${refusal}`);
    });
  }

  it('is written again where unknown fields are kept', () => {
    const codec = keeping.message('kinds.Scalars');
    const bytes = encoded(codec, decoded(codec, unhex('1a 01 78 72 01 68')));
    expect(Buffer.from(bytes).toString('hex')).to.equal('7201681a0178');
  });

  it('takes lists packed and unpacked, whichever is declared', () => {
    const codec = strict.message('kinds.Lists');
    const message = decoded(codec, unhex('18 01 1a 02 02 03 9001 04 9201 02 05 06'));
    expect(strict.toJson(message)).to.deep.equal({ int32s: [1, 2, 3], unpacked: [4, 5, 6] });
  });

  it('leaves every other field as it is, in any order', () => {
    const right = ['18 07', '68 01', '7a 01 41'].map(unhex);
    const wrong = ['1a 01 78', '1d 00000000', '6a 00', '78 05', '0d 00000000'].map(unhex);
    const property = fc.property(
      fc.shuffledSubarray(right),
      fc.array(fc.tuple(fc.nat(), fc.constantFrom(...wrong))),
      (fields, others) => {
        const parts = [...fields];
        for (const [at, other] of others) parts.splice(at % (parts.length + 1), 0, other);
        const codec = registry.message('kinds.Scalars');
        expect(decoded(codec, Buffer.concat(parts))).to.deep.equal(decoded(codec, Buffer.concat(fields)));
      },
    );
    fc.assert(property, { numRuns: atLeast(500) });
  });

  it('is warned of once, and told on a channel', async () => {
    const fresh = await registryOf([KINDS]);
    const told: WireTypeMismatched[] = [];
    const onTold = (message: unknown): void => void told.push(message as WireTypeMismatched);
    diagnosticsChannel.subscribe('stubless:schema.mismatch', onTold);
    const codec = fresh.message('kinds.Scalars');
    const warnings = await warningsOf(() => {
      for (let i = 0; i < 3; i++) decoded(codec, unhex('1a 01 78'));
    });
    diagnosticsChannel.unsubscribe('stubless:schema.mismatch', onTold);
    const text = `field 3 'anInt32' came as length-delimited, not as a varint; ${HINT}`;
    expect(warnings.map(({ message }) => message)).to.deep.equal([`kinds.Scalars: ${text}`]);
    expect(told).to.deep.equal([
      { type: 'kinds.Scalars', field: 'anInt32', number: 3, expectedWireType: 0, wireType: 2, text },
    ]);
  });

  it('is told of as the key or the value of an entry, where it is that of a map', async () => {
    const fresh = await registryOf([KINDS]);
    const told: WireTypeMismatched[] = [];
    const onTold = (message: unknown): void => void told.push(message as WireTypeMismatched);
    diagnosticsChannel.subscribe('stubless:schema.mismatch', onTold);
    const codec = fresh.message('kinds.Maps');
    const warnings = await warningsOf(() => decoded(codec, unhex('0a 05 08 01 12 01 62')));
    diagnosticsChannel.unsubscribe('stubless:schema.mismatch', onTold);
    const text = `field 1 'key' of an entry of the map 'strings' came as a varint, not as length-delimited; ${HINT}`;
    const type = 'kinds.Maps.StringsEntry';
    expect(warnings.map(({ message }) => message)).to.deep.equal([`${type}: ${text}`]);
    expect(told).to.deep.equal([{ type, field: 'key', number: 1, expectedWireType: 2, wireType: 0, text }]);
  });

  for (const [fields, count] of [
    [10, 10],
    [11, 10],
  ]) {
    it(`is warned of for ten fields of a schema at most: ${fields}`, async () => {
      const fresh = await registryOf([KINDS]);
      const codec = fresh.message('kinds.Scalars');
      const numbers = [3, 4, 5, 6, 7, 8, 13, 16, 1, 2, 9].slice(0, fields);
      const warnings = await warningsOf(() => {
        for (const number of numbers) {
          decoded(codec, number < 16 ? Uint8Array.of(number * 8 + 2, 0) : Uint8Array.of(0x82, 1, 0));
        }
      });
      expect(warnings).to.have.length(count);
    });
  }
});
