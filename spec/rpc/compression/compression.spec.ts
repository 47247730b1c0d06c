// The compressions that come with the library, each against node:zlib's own output and against what is wrong with it.

import zlib from 'node:zlib';
import { expect } from 'chai';
import {
  BUILT_IN_COMPRESSIONS,
  type Compression,
  CompressionTable,
} from '../../../lib/rpc/compression/compression.ts';
import { hasZstd, ZLIB_COMPRESSIONS } from '../../../lib/rpc/compression/zlib-compression.ts';
import { zstdFrames } from '../../../lib/rpc/compression/zstd-frames.ts';

const LIMIT = 100_000;
const KNOWN = ZLIB_COMPRESSIONS.filter(({ name }) => name !== 'zstd' || hasZstd());

function octets(length: number): Uint8Array {
  // Neither all the same nor all different.
  return Uint8Array.from({ length }, (_, i) => (i * i) >>> 7);
}

/** node:zlib's own, where they are faster than ours: what is made of it stays a bomb. */
const FASTEST: Readonly<Record<string, ((plain: Uint8Array) => Uint8Array) | undefined>> = {
  gzip: (plain) => zlib.gzipSync(plain, { level: 1 }),
  deflate: (plain) => zlib.deflateSync(plain, { level: 1 }),
};

const SIZES = [0, 1, 5, 1000, 65_535, 65_536, 65_537, 300_000];

describe('The compressions of node:zlib (grpc doc/compression.md)', () => {
  it('are offered where the runtime has them, identity first', () => {
    const zstd = 'zstdCompressSync' in zlib ? ',zstd' : '';
    expect(BUILT_IN_COMPRESSIONS.acceptEncoding).to.equal(`identity,gzip,deflate,br${zstd}`);
  });

  for (const { name, compress, decompress } of KNOWN) {
    describe(name, () => {
      for (const size of SIZES) {
        it(`gives ${size} bytes back`, () => {
          const plain = octets(size);
          expect(Buffer.from(decompress(compress(plain), Infinity)).equals(plain)).to.equal(true);
        });
      }

      for (const size of [1, LIMIT]) {
        it(`gives as many bytes as the limit of ${size} allows, and a RangeError for one more`, () => {
          expect(decompress(compress(octets(size)), size).length).to.equal(size);
          expect(() => decompress(compress(octets(size + 1)), size)).to.throw(RangeError);
        });
      }

      it('takes a limit of 0, and those that are larger than any memory', () => {
        expect(decompress(compress(octets(0)), 0).length).to.equal(0);
        for (const limit of [2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
          expect(decompress(compress(octets(10)), limit).length).to.equal(10);
        }
      });

      it('stops inflating at the limit', () => {
        const zeros = new Uint8Array(256 * 1024 * 1024);
        const bomb = FASTEST[name]?.(zeros) ?? compress(zeros);
        const before = process.memoryUsage().arrayBuffers;
        expect(() => decompress(bomb, LIMIT)).to.throw(RangeError);
        expect(process.memoryUsage().arrayBuffers - before).to.be.below(10 * LIMIT);
      }).timeout(20_000);

      it('refuses what ends early, wherever that is', () => {
        for (const size of [0, 1, 1000]) {
          const whole = compress(octets(size));
          for (let length = 0; length < whole.length; length++) {
            expect(() => decompress(whole.subarray(0, length), LIMIT), `${length} of ${whole.length}`)
              .to.throw()
              .that.is.not.instanceOf(RangeError);
          }
        }
      });

      const tails: Readonly<Record<string, Uint8Array>> = {
        'a zero': Uint8Array.of(0),
        'four zeros': new Uint8Array(4),
        text: Buffer.from('garbage'),
      };
      for (const [what, tail] of Object.entries(tails)) {
        it(`refuses ${what} behind its end`, () => {
          for (const size of [0, 1000]) {
            expect(() => decompress(Buffer.concat([compress(octets(size)), tail]), LIMIT)).to.throw();
          }
        });
      }

      it('refuses garbage', () => {
        expect(() => decompress(Buffer.from('this is not compressed'), LIMIT)).to.throw();
      });

      it('works on a part of a larger memory', () => {
        const compressed = compress(octets(1000));
        const memory = Buffer.concat([Uint8Array.of(1, 2), compressed, Uint8Array.of(3)]);
        const plain = decompress(memory.subarray(2, 2 + compressed.length), LIMIT);
        expect(Buffer.from(plain).equals(octets(1000))).to.equal(true);
      });
    });
  }

  /** Which of them hold several members or frames one behind the other, as their formats allow. */
  const SEVERAL: Readonly<Record<string, boolean | undefined>> = { gzip: true, zstd: true };
  for (const { name, compress, decompress } of KNOWN) {
    it(`${SEVERAL[name] ? 'takes' : 'refuses'} several streams of ${name} in one message`, () => {
      const twice = Buffer.concat([compress(octets(600)), compress(octets(400))]);
      if (SEVERAL[name]) {
        expect(decompress(twice, 1000).length).to.equal(1000);
        expect(() => decompress(twice, 999)).to.throw(RangeError);
      } else expect(() => decompress(twice, 1000)).to.throw();
    });
  }

  it('check the sums of gzip and deflate', () => {
    for (const [name, at] of [
      ['gzip', 8],
      ['gzip', 1],
      ['deflate', 1],
    ] as const) {
      const { compress, decompress } = BUILT_IN_COMPRESSIONS.get(name) as Compression;
      const spoilt = Buffer.from(compress(octets(1000)));
      spoilt[spoilt.length - at] ^= 1;
      expect(() => decompress(spoilt, LIMIT), `${name}, ${at} from its end`).to.throw(Error);
    }
  });
});

describe('The frames of Zstandard (RFC 8878 §3)', () => {
  const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
  const count = (text: string): number => zstdFrames(hex(text)).length;
  const MAGIC = '28b52ffd';

  const whole: readonly (readonly [name: string, octets: string, frames: number])[] = [
    ['an empty frame of a single segment', `${MAGIC} 20 00 010000`, 1],
    ['a window descriptor', `${MAGIC} 00 58 010000`, 1],
    ['a content size of two octets', `${MAGIC} 60 0000 010000`, 1],
    ['a content size of eight octets', `${MAGIC} c0 58 0000000000000000 010000`, 1],
    ['a dictionary id of four octets', `${MAGIC} 23 01020304 00 010000`, 1],
    ['a raw block and its octets', `${MAGIC} 20 02 110000 6161`, 1],
    ['a block of one octet repeated', `${MAGIC} 20 09 4b0000 61`, 1],
    ['two blocks', `${MAGIC} 20 02 080000 61 090000 62`, 1],
    ['a checksum', `${MAGIC} 24 00 010000 99e9d851`, 1],
    ['two frames', `${MAGIC} 20 00 010000 ${MAGIC} 20 00 010000`, 2],
    ['a skippable frame before another', `5f2a4d18 02000000 ffff ${MAGIC} 20 00 010000`, 1],
  ];
  for (const [name, text, frames] of whole) {
    it(`are found with ${name}`, () => {
      expect(count(text)).to.equal(frames);
    });

    it(`are missed where ${name} is cut off`, () => {
      const octets = hex(text);
      const last = octets.length - (zstdFrames(octets).at(-1)?.length ?? 0);
      for (let length = last + 1; length < octets.length; length++) {
        expect(() => zstdFrames(octets.subarray(0, length)), `${length}`).to.throw(/end of file/);
      }
    });
  }

  const wrong: readonly (readonly [name: string, octets: string, error: RegExp])[] = [
    ['nothing', '', /end of file/],
    ['a skippable frame alone', '502a4d18 00000000', /end of file/],
    ['a skippable frame longer than all', '502a4d18 ffffffff 00', /end of file/],
    ['text', '68656c6c6f', /does not start/],
    ['text behind a frame', `${MAGIC} 20 00 010000 68656c6c6f`, /garbage/],
    ['the reserved type of block', `${MAGIC} 20 00 070000`, /reserved/],
  ];
  for (const [name, text, error] of wrong) {
    it(`are none in ${name}`, () => {
      expect(() => count(text)).to.throw(error);
    });
  }
});

describe('A table of compressions', () => {
  const own = (name: string): Compression => ({ name, compress: (b) => b, decompress: (b) => b });

  it('holds the built-in ones and those of the caller', () => {
    const snappy = own('snappy');
    const table = new CompressionTable([snappy]);
    expect(table.get('snappy')).to.equal(snappy);
    expect(table.get('gzip')?.name).to.equal('gzip');
    expect(table.acceptEncoding).to.equal(`${BUILT_IN_COMPRESSIONS.acceptEncoding},snappy`);
    expect(table.get('identity')).to.equal(undefined);
  });

  it("takes the caller's in place of a built-in one of the same name", () => {
    const gzip = own('gzip');
    const table = new CompressionTable([gzip]);
    expect(table.get('gzip')).to.equal(gzip);
    expect(table.acceptEncoding).to.equal(BUILT_IN_COMPRESSIONS.acceptEncoding);
  });
});
