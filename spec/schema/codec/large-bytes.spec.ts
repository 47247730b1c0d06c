import { expect } from 'chai';
import type { MessageCodec } from '../../../lib/schema/codec/method.ts';
import { WireWriter } from '../../../lib/schema/codec/wire/wire-writer.ts';
import { registryOf } from '../schemas.ts';

const SOURCE = `syntax = "proto3"; package b;
  message Inner { bytes data = 1; }
  message Outer { Inner inner = 1; bytes other = 2; string text = 3; repeated int32 numbers = 4 [packed = false]; }`;

interface Outer {
  readonly inner: { readonly data: Uint8Array } | null;
  readonly other: Uint8Array;
}

const OCTETS = 100_000;

async function codecOf(): Promise<MessageCodec> {
  return (await registryOf([SOURCE])).message('b.Outer');
}

/** A message in memory of its own, behind the five octets of its header. */
function own(codec: MessageCodec, value: object): Uint8Array {
  const { bytes, start, end } = codec.encode(value, 5);
  return Uint8Array.from(bytes.subarray(start, end));
}

describe('Large bytes fields', () => {
  const rows = [
    { name: 'that are most of their message', inner: OCTETS, other: 100, isView: true },
    { name: 'that are a little more than half of it', inner: OCTETS, other: OCTETS - 100, isView: true },
    { name: 'that are less than half of it', inner: OCTETS, other: OCTETS + 100, isView: false },
  ];
  for (const { name, inner, other, isView } of rows) {
    it(`${name} are ${isView ? 'kept where they are' : 'copied'}, and the others copied, where the memory is the message's own`, async () => {
      const codec = await codecOf();
      const value = { inner: { data: new Uint8Array(inner).fill(7) }, other: new Uint8Array(other).fill(9) };
      const memory = own(codec, value);
      const got = codec.decode(memory, 5, memory.length, true) as Outer;
      const data = got.inner?.data ?? new Uint8Array();
      expect([data.length, data.every((octet) => octet === 7)]).to.deep.equal([inner, true]);
      expect([got.other.length, got.other.every((octet) => octet === 9)]).to.deep.equal([other, true]);
      expect(Buffer.isBuffer(data)).to.equal(true);
      expect([data.buffer === memory.buffer, got.other.buffer === memory.buffer]).to.deep.equal([
        isView,
        other > inner,
      ]);
    });
  }

  it('are copied out of memory that is not the message’s own, and by the next decode too.', async () => {
    const codec = await codecOf();
    const memory = own(codec, { inner: { data: new Uint8Array(OCTETS).fill(7) } });
    for (const isOwn of [false, true, undefined]) {
      const { inner } = codec.decode(memory, 5, memory.length, isOwn) as Outer;
      expect(inner?.data.buffer === memory.buffer).to.equal(isOwn === true);
    }
  });

  it('are written into memory of their own, which takes an eighth more than the message.', async () => {
    const codec = await codecOf();
    const body = new Uint8Array(10 * OCTETS).fill(7);
    // The first time, its lengths take more octets than were reserved for them.
    for (let i = 0; i < 2; i++) {
      const { bytes, end } = codec.encode({ inner: { data: body }, text: 'x'.repeat(100) }, 5);
      expect(bytes.length).to.be.within(end, 1.2 * body.length + 65_536);
    }
  });

  it('leave the messages around them as they were written, in the memory that small ones share.', async () => {
    const codec = await codecOf();
    const written: { readonly octets: Uint8Array; readonly text: string; readonly isLarge: boolean }[] = [];
    for (let i = 0; i < 200; i++) {
      const isLarge = i % 3 === 1;
      const data = new Uint8Array(isLarge ? OCTETS : i).fill(i);
      const text = `${i}`.repeat(i);
      const { bytes, start, end } = codec.encode({ inner: { data }, text }, 5);
      written.push({ octets: bytes.subarray(start + 5, end), text, isLarge });
    }
    for (const [i, { octets, text, isLarge }] of written.entries()) {
      const got = codec.decode(octets, 0, octets.length) as Outer & { readonly text: string };
      const data = got.inner?.data ?? new Uint8Array();
      expect([got.text, data.length, data.every((octet) => octet === i)]).to.deep.equal([
        text,
        isLarge ? OCTETS : i,
        true,
      ]);
    }
    // 133 small ones of 250 octets on average.
    const slabs = new Set(written.filter(({ isLarge }) => !isLarge).map(({ octets }) => octets.buffer));
    expect(slabs.size).to.be.at.most(3);
  });

  it('are not held by the writer once their message is finished, wherever in its memory that began.', () => {
    for (const before of [0, 30_000, 60_000]) {
      const writer = new WireWriter();
      for (const parts of [[before], [10_000, 10_000_000]]) {
        writer.start(5);
        for (const octets of parts) {
          writer.ensure(octets);
          writer.pos += octets;
        }
        writer.finish();
      }
      expect(writer.buf.length, `after ${before} octets`).to.be.below(200_000);
    }
  });

  it('grow with many values by doubling.', async () => {
    const codec = await codecOf();
    const numbers = Array.from({ length: 300_000 }, (_, i) => i);
    const { bytes, start, end } = codec.encode({ numbers }, 0);
    const got = codec.decode(bytes, start, end) as { readonly numbers: readonly number[] };
    expect(got.numbers).to.deep.equal(numbers);
  });
});
