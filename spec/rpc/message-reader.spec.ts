import { expect } from 'chai';
import fc from 'fast-check';
import type { MessageFault } from '../../lib/rpc/message-fault.ts';
import { isOneMessage, MessageReader } from '../../lib/rpc/message-reader.ts';
import { atLeast } from '../suites/fuzz/at-least.ts';
import { concat, frame } from '../support/messages.ts';
import { arbitraryCuts, byteByByte, splitAt } from '../support/splits.ts';

interface Read {
  readonly messages: string[];
  readonly fault: MessageFault | undefined;
  readonly isIncomplete: boolean;
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}

/** Reads everything; of each chunk at most `most()` messages while its memory is still the transport's. */
function read(
  reader: MessageReader,
  chunks: readonly Uint8Array[],
  most: () => number = () => Infinity,
): Read {
  const messages: string[] = [];
  const take = (limit: number): void => {
    for (let i = 0; i < limit && reader.next(); i++) {
      const flag = reader.isCompressed ? 'compressed ' : '';
      messages.push(`${flag}${hex(reader.bytes.subarray(reader.start, reader.end))}`);
    }
  };
  let fault: MessageFault | undefined;
  for (const chunk of chunks) {
    // As a socket gives it: somewhere in a buffer that is overwritten afterwards.
    const memory = new Uint8Array(chunk.length + 7).fill(0xee);
    memory.set(chunk, 3);
    fault = reader.accept(memory, 3, 3 + chunk.length);
    take(most());
    reader.keep();
    memory.fill(0xdd);
    take(most());
    if (fault !== undefined) break;
  }
  take(Infinity);
  return { messages, fault, isIncomplete: reader.isIncomplete };
}

const LIMIT = 300;

interface Case {
  readonly name: string;
  readonly octets: Uint8Array;
  readonly messages: readonly string[];
  readonly fault?: MessageFault;
  readonly isIncomplete?: boolean;
}

const cases: readonly Case[] = [
  { name: 'nothing', octets: concat(), messages: [] },
  { name: 'an empty message', octets: frame(0), messages: [''] },
  { name: 'one message', octets: frame(Uint8Array.of(1, 2, 3)), messages: ['010203'] },
  {
    name: 'several messages, empty ones among them',
    octets: concat(frame(Uint8Array.of(1)), frame(0), frame(0), frame(Uint8Array.of(2, 3))),
    messages: ['01', '', '', '0203'],
  },
  { name: 'a header that is cut off', octets: frame(0).slice(0, 4), messages: [], isIncomplete: true },
  {
    name: 'a message that is cut off',
    octets: concat(frame(Uint8Array.of(9)), frame(10).slice(0, 14)),
    messages: ['09'],
    isIncomplete: true,
  },
  { name: 'a message as large as the limit', octets: frame(LIMIT), messages: ['61'.repeat(LIMIT)] },
  {
    name: 'a message one octet past the limit',
    octets: concat(frame(Uint8Array.of(7)), frame(LIMIT + 1)),
    messages: ['07'],
    fault: { kind: 'size', octets: LIMIT + 1, header: '' },
    isIncomplete: true,
  },
  {
    name: 'the largest length there is',
    octets: Uint8Array.of(0, 0xff, 0xff, 0xff, 0xff),
    messages: [],
    fault: { kind: 'size', octets: 0xffff_ffff, header: '' },
    isIncomplete: true,
  },
  {
    name: 'messages marked compressed among others',
    octets: concat(frame(Uint8Array.of(7)), frame(Uint8Array.of(8), 1), frame(0, 1), frame(Uint8Array.of(9))),
    messages: ['07', 'compressed 08', 'compressed ', '09'],
  },
  {
    name: 'a message marked compressed, one octet past the limit',
    octets: frame(LIMIT + 1, 1),
    messages: [],
    fault: { kind: 'size', octets: LIMIT + 1, header: '' },
    isIncomplete: true,
  },
  {
    name: 'JSON where a message should be',
    octets: concat(Buffer.from('{"js": true}')),
    messages: [],
    fault: { kind: 'flag', flag: 0x7b, header: '{"js"' },
    isIncomplete: true,
  },
  ...['{\0', '{"js\x7f', '{"j\xe9"', '{"\0s"'].map((text) => ({
    name: `what begins like JSON and is none, ${JSON.stringify(text)}`,
    octets: concat(Buffer.from(text.padEnd(5, '\0'), 'latin1')),
    messages: [],
    fault: { kind: 'flag' as const, flag: 0x7b, header: '' },
    isIncomplete: true,
  })),
  ...[2, 3, 0x7f, 0x80, 0xff].map((flag) => ({
    name: `the flag byte ${flag}`,
    octets: frame(Uint8Array.of(1), flag),
    messages: [],
    fault: { kind: 'flag' as const, flag, header: '' },
    isIncomplete: true,
  })),
];

describe('MessageReader (PROTOCOL-HTTP2.md, Length-Prefixed-Message)', () => {
  for (const c of cases) {
    const expected = { messages: c.messages, fault: c.fault, isIncomplete: c.isIncomplete ?? false };

    it(`reads ${c.name}, whole`, () => {
      expect(read(new MessageReader(LIMIT), [c.octets])).to.deep.equal(expected);
    });

    it(`reads ${c.name}, byte by byte`, () => {
      expect(read(new MessageReader(LIMIT), byteByByte(c.octets))).to.deep.equal(expected);
    });

    it(`reads ${c.name}, split anywhere`, () => {
      const property = fc.property(arbitraryCuts(c.octets.length), (cuts) => {
        expect(read(new MessageReader(LIMIT), splitAt(c.octets, cuts))).to.deep.equal(expected);
      });
      fc.assert(property, { numRuns: atLeast(50) });
    });
  }

  it('gives the same messages however its input is split and whenever they are read', () => {
    const property = fc.property(
      fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 8 }),
      fc.array(fc.nat(3000), { maxLength: 20 }),
      fc.infiniteStream(fc.nat(3)),
      (bodies, cuts, mosts) => {
        const octets = concat(...bodies.map((body) => frame(body)));
        const result = read(new MessageReader(3000), splitAt(octets, cuts), () => mosts.next().value);
        expect(result).to.deep.equal({ messages: bodies.map(hex), fault: undefined, isIncomplete: false });
      },
    );
    fc.assert(property, { numRuns: atLeast(200) });
  });

  it('gives the same messages, small and large, however its input is split and whenever they are read', () => {
    const sizes = fc.array(fc.oneof(fc.nat(2000), fc.integer({ min: 30_000, max: 150_000 })), {
      maxLength: 8,
    });
    const property = fc.property(
      sizes.chain((lengths) => {
        const messages = lengths.map((length, i) => frame(new Uint8Array(length).fill(i + 1), i & 1));
        const octets = concat(...messages);
        return fc.tuple(fc.constant(octets), arbitraryCuts(octets.length), fc.infiniteStream(fc.nat(3)));
      }),
      ([octets, cuts, most]) => {
        const whole = read(new MessageReader(Infinity), [octets]);
        const reader = new MessageReader(Infinity);
        expect(read(reader, splitAt(octets, cuts), () => most.next().value)).to.deep.equal(whole);
        expect([reader.held, reader.hasMessage]).to.deep.equal([0, false]);
      },
    );
    fc.assert(property, { numRuns: atLeast(50) });
  });

  it('holds a large message in memory of its own, of exactly its size, between small ones', () => {
    const reader = new MessageReader(Infinity);
    const octets = concat(frame(3), frame(100_000), frame(5));
    for (let at = 0; at < octets.length; at += 16_384) {
      reader.accept(octets, at, Math.min(octets.length, at + 16_384));
      reader.keep();
    }
    expect([reader.held, reader.isIncomplete]).to.deep.equal([octets.length, false]);
    const found: [octets: number, isOwn: boolean][] = [];
    let memory: Uint8Array = new Uint8Array();
    while (reader.next()) {
      found.push([reader.end - reader.start, reader.isOwn]);
      if (reader.isOwn) memory = new Uint8Array(reader.bytes.buffer);
    }
    expect(found).to.deep.equal([
      [3, false],
      [100_000, true],
      [5, false],
    ]);
    expect(memory.length).to.equal(100_005);
    // What comes later is written elsewhere.
    reader.accept(frame(90_000), 0, 50_000);
    reader.keep();
    expect(Buffer.compare(memory, octets.subarray(8, 8 + 100_005))).to.equal(0);
  });

  it('drops a large message of which a part has come', () => {
    const reader = new MessageReader(Infinity);
    reader.accept(frame(100_000), 0, 60_000);
    reader.keep();
    expect([reader.held, reader.isIncomplete]).to.deep.equal([60_000, true]);
    reader.clear();
    expect([reader.held, reader.isIncomplete, reader.hasMessage]).to.deep.equal([0, false, false]);
  });

  it('neither throws nor loops on random octets', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(200)), (octets, cuts) => {
      read(new MessageReader(64), splitAt(octets, cuts));
    });
    fc.assert(property, { numRuns: atLeast(500) });
  });

  it('tells what it holds: all that was accepted and neither read nor dropped', () => {
    const reader = new MessageReader(LIMIT);
    const octets = concat(frame(10), frame(20), frame(30).slice(0, 12));
    reader.accept(octets, 0, octets.length);
    reader.keep();
    expect([reader.held, reader.hasMessage, reader.isIncomplete]).to.deep.equal([52, true, true]);
    reader.next();
    expect([reader.held, reader.hasMessage]).to.deep.equal([37, true]);
    reader.next();
    expect([reader.held, reader.hasMessage]).to.deep.equal([12, false]);
    reader.clear();
    expect([reader.held, reader.hasMessage, reader.isIncomplete]).to.deep.equal([0, false, false]);
  });

  it('reads a message that lies whole in a chunk in place', () => {
    const reader = new MessageReader(LIMIT);
    const octets = concat(Uint8Array.of(0xaa), frame(3), Uint8Array.of(0xbb));
    reader.accept(octets, 1, 9);
    expect(reader.next()).to.equal(true);
    expect(reader.bytes).to.equal(octets);
    expect([reader.start, reader.end]).to.deep.equal([6, 9]);
  });

  it('reads in place again after all was dropped, also inside what was borrowed', () => {
    const reader = new MessageReader(LIMIT);
    const octets = frame(3);
    reader.accept(frame(9), 0, 10);
    reader.clear();
    reader.accept(octets, 0, octets.length);
    expect(reader.next()).to.equal(true);
    expect(reader.bytes).to.equal(octets);
  });

  // The first buffer is of 1,024 octets. Of it `read` octets have been read, then `held` come and `more`.
  const memories: readonly (readonly [
    name: string,
    read: number,
    held: number,
    more: number,
    isSame: boolean,
  ])[] = [
    ['what just fits', 6, 594, 424, true],
    ['what is one octet too long', 6, 594, 425, false],
    ['what fits where it is moved to the front, into half of it', 900, 100, 412, true],
    ['what would fill more than half of it', 900, 100, 413, false],
  ];
  for (const [name, readOctets, held, more, isSame] of memories) {
    it(`takes ${isSame ? 'no new' : 'new'} memory for ${name}`, () => {
      const reader = new MessageReader(2000);
      const accept = (octets: Uint8Array): void => {
        expect(reader.accept(octets, 0, octets.length)).to.equal(undefined);
        reader.keep();
      };
      // A message of one octet that comes in two pieces shows which memory there is.
      const first = frame(1);
      accept(first.subarray(0, 3));
      const gone = readOctets === first.length ? concat() : frame(readOctets - first.length - 5);
      const body = frame(held + more - 5);
      accept(concat(first.subarray(3), gone, body.subarray(0, held)));
      expect(reader.next()).to.equal(true);
      const memory = reader.bytes;
      if (gone.length > 0) expect(reader.next()).to.equal(true);
      accept(body.subarray(held));
      expect(reader.next()).to.equal(true);
      expect(reader.end - reader.start).to.equal(held + more - 5);
      expect(reader.bytes === memory).to.equal(isSame);
    });
  }

  for (const [octets, isKept] of [
    [64 * 1024, true],
    [64 * 1024 + 2, false],
  ] as const) {
    it(`${isKept ? 'keeps' : 'lets go of'} memory of ${octets} octets when it has been read`, () => {
      const reader = new MessageReader(Infinity);
      // In two pieces: what lies whole in a chunk needs no memory, and the second makes it twice as large as both.
      const take = (octets: Uint8Array, cut: number): Uint8Array => {
        for (const piece of [octets.subarray(0, cut), octets.subarray(cut)]) {
          reader.accept(piece, 0, piece.length);
          reader.keep();
        }
        expect(reader.next()).to.equal(true);
        return reader.bytes;
      };
      const memory = take(frame(octets / 2 - 5), 2000);
      expect(memory.length).to.equal(octets);
      expect(take(frame(100), 50) === memory).to.equal(isKept);
    });
  }

  it('spends no memory on a length that is only promised', () => {
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 100 }, () => {
      const reader = new MessageReader(Infinity);
      // Two gigabytes are announced, and nothing of them comes.
      reader.accept(Uint8Array.of(0, 0x7f, 0xff, 0xff, 0xff), 0, 5);
      reader.keep();
      return reader;
    });
    expect(process.memoryUsage().arrayBuffers - before).to.be.below(1 << 20);
    expect(readers.every((reader) => reader.isIncomplete)).to.equal(true);
  });

  it('takes any size without a limit', () => {
    const reader = new MessageReader(Infinity);
    const octets = frame(5 << 20);
    expect(read(reader, splitAt(octets, [1000, 70_000, 3_000_000])).messages[0].length).to.equal(10 << 20);
  });
});

describe('isOneMessage', () => {
  const ones: readonly (readonly [name: string, octets: Uint8Array, is: boolean])[] = [
    ['a message', frame(3), true],
    ['an empty message', frame(0), true],
    ['a message as large as the limit', frame(LIMIT), true],
    ['a message one octet past the limit', frame(LIMIT + 1), false],
    ['a compressed message', frame(3, 1), false],
    ['nothing', concat(), false],
    ['most of a header', frame(0).subarray(0, 4), false],
    ['a message that is cut off', frame(3).subarray(0, 7), false],
    ['a header alone', frame(3).subarray(0, 5), false],
    ['a message and an octet', concat(frame(3), Uint8Array.of(0)), false],
    ['two messages', concat(frame(3), frame(3)), false],
  ];
  for (const [name, octets, is] of ones) {
    it(`is ${is} of ${name}, wherever it lies`, () => {
      expect(isOneMessage(octets, 0, octets.length, LIMIT)).to.equal(is);
      const memory = concat(Uint8Array.of(0, 9, 9), octets, Uint8Array.of(9));
      expect(isOneMessage(memory, 3, 3 + octets.length, LIMIT)).to.equal(is);
    });
  }
});
