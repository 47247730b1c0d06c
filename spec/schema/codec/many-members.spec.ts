import { expect } from 'chai';
import type { MessageCodec } from '../../../lib/schema/codec/method.ts';
import { decoded, encoded, registryOf } from '../schemas.ts';

/** A oneof of as many members, and another one beside it. */
const MEMBERS = 15_000;
const members = Array.from({ length: MEMBERS }, (_, i) => `int32 a${i} = ${i + 1};`).join(' ');
const required = Array.from({ length: MEMBERS }, (_, i) => `required int32 r${i} = ${i + 1};`).join(' ');
const oneofs = Array.from({ length: MEMBERS }, (_, i) => `oneof o${i} { int32 f${i} = ${i + 1}; }`).join(' ');
const SCHEMA = `
syntax = "proto2";
package many;
message M { oneof big { ${members} } oneof other { int32 b = 536870910; int32 c = 536870911; } }
message Required { ${required} }
message Outer { optional M m = 1; optional Required required = 2; }
message Oneofs { ${oneofs} }
`;
const TIMES = 100_000;

function repeated(octets: string): Uint8Array {
  const once = Buffer.from(octets, 'hex');
  return Buffer.concat(Array(TIMES).fill(once));
}

describe('Messages with thousands of members are read in time that grows with what came', () => {
  /** Microseconds of the processor, many times what one takes. */
  const MOST = 8_000_000;
  let started: NodeJS.CpuUsage;
  beforeEach(() => {
    started = process.cpuUsage();
  });
  afterEach(() => {
    expect(process.cpuUsage(started).user).to.be.below(MOST);
  });
  let codecOf: (type: string) => MessageCodec;
  before(async () => {
    const registry = await registryOf([SCHEMA]);
    codecOf = (type) => registry.message(`many.${type}`);
  });

  const ROWS: readonly { name: string; type: string; octets: string; tail?: string; value: unknown }[] = [
    {
      name: 'two oneofs by turns',
      type: 'M',
      // a0, a1, b, c
      octets: '08011002f0ffffff0f01f8ffffff0f02',
      value: { a1: 2, c: 2 },
    },
    {
      name: 'two members by turns',
      type: 'M',
      // a100, a101
      octets: 'a80601b00602',
      value: { a101: 2 },
    },
    {
      name: 'members by turns, after one in an earlier part of the message',
      type: 'Outer',
      // m: { a100 }, then m: { a101, a100 }
      octets: '0a03a806010a06b00602a80603',
      value: { m: { a100: 3 } },
    },
    {
      name: 'the first member once more after the other oneof',
      type: 'M',
      octets: '08011002f0ffffff0f01',
      tail: '0805',
      value: { a0: 5, b: 1 },
    },
    {
      name: 'a message in parts',
      type: 'Outer',
      // { a0 }, { a1 }
      octets: '0a0208010a021002',
      value: { m: { a1: 2 } },
    },
    {
      name: 'a message in parts, of which the last is another oneof',
      type: 'Outer',
      octets: '0a0208010a0210020a06f0ffffff0f01',
      value: { m: { a1: 2, b: 1 } },
    },
  ];
  for (const { name, type, octets, tail, value } of ROWS) {
    it(name, () => {
      const bytes = Buffer.concat([repeated(octets), Buffer.from(tail ?? '', 'hex')]);
      expect(JSON.parse(JSON.stringify(decoded(codecOf(type), bytes)))).to.deep.equal(value);
    });
  }

  it('a message with required fields in parts, the last of which comes at the end', () => {
    const all = Object.fromEntries(Array.from({ length: MEMBERS }, (_, i) => [`r${i}`, 1]));
    const whole = encoded(codecOf('Outer'), { required: all });
    const last = encoded(codecOf('Required'), all).subarray(-4);
    const length = whole.length - last.length - 4;
    const head = Buffer.from([0x12, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14]);
    const first = Buffer.concat([head, whole.subarray(4, whole.length - last.length)]);
    const bytes = Buffer.concat([first, repeated('1200'), Buffer.from([0x12, last.length]), last]);
    expect(decoded(codecOf('Outer'), bytes)).to.deep.equal({ required: all });
    expect(() => decoded(codecOf('Outer'), bytes.subarray(0, -6))).to.throw(`'r${MEMBERS - 1}'`);
  });

  it('each of thousands of oneofs', () => {
    const all = Object.fromEntries(Array.from({ length: MEMBERS }, (_, i) => [`f${i}`, i]));
    expect(decoded(codecOf('Oneofs'), encoded(codecOf('Oneofs'), all))).to.deep.equal(all);
  });
});
