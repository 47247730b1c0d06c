// Small gzip members against node:zlib: what is accepted is what node:zlib makes of it, whatever the octets are.

import { constants, gunzipSync, gzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import {
  gunzipSmall,
  MAX_SMALL_GZIP_OCTETS,
  MAX_SMALL_OCTETS,
} from '../../../lib/rpc/compression/small-gzip.ts';
import { atLeast } from '../../suites/fuzz/at-least.ts';

const { Z_FIXED, Z_DEFAULT_STRATEGY, Z_HUFFMAN_ONLY, Z_RLE } = constants;
const STRATEGIES = [Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE];

/** Octets of few values compress, and repeat themselves. */
const text = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .array(fc.constantFrom(...Buffer.from('abcdef\0\x0a\x12')), { maxLength: 1500 })
    .map((all) => Uint8Array.from(all)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.nat(400))
    .map(([part, times]) => Uint8Array.from(Array.from({ length: times }, () => [...part]).flat())),
);

const theirs = (bytes: Uint8Array): Buffer | undefined => {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
};

describe('Small gzip members (RFC 1951, RFC 1952)', () => {
  it('are inflated, of every kind of block', () => {
    let tried = 0;
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...STRATEGIES),
        fc.constantFrom(0, 1, 6, 9),
        (plain, strategy, level) => {
          const bytes = gzipSync(plain, { strategy, level });
          const got = gunzipSmall(bytes);
          const isSmall = bytes.length <= MAX_SMALL_GZIP_OCTETS && plain.length <= MAX_SMALL_OCTETS;
          if (isSmall) tried++;
          expect(got === undefined ? undefined : Buffer.from(got)).to.deep.equal(
            isSmall ? Buffer.from(plain) : undefined,
          );
        },
      ),
      { numRuns: atLeast(2000) },
    );
    expect(tried).to.be.above(500);
  });

  it('are never anything else than node:zlib makes of them', () => {
    fc.assert(
      fc.property(
        text,
        fc.constantFrom(...STRATEGIES),
        fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (plain, strategy, changes, isChecksumKept) => {
          const bytes = gzipSync(plain, { strategy });
          // The checksum would find most of what is changed before it.
          const last = isChecksumKept ? bytes.length - 8 : bytes.length;
          for (const [at, value] of changes) bytes[at % last] = value;
          const got = gunzipSmall(bytes);
          if (got !== undefined) expect(theirs(bytes)).to.deep.equal(Buffer.from(got));
        },
      ),
      { numRuns: atLeast(5000) },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
        const head = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
        const bytes = Uint8Array.from([...head, ...octets]);
        const got = gunzipSmall(bytes);
        if (got !== undefined) expect(theirs(bytes)).to.deep.equal(Buffer.from(got));
      }),
      { numRuns: atLeast(5000) },
    );
  });

  it('are left to node:zlib where they are cut off, or followed by anything', () => {
    const bytes = gzipSync('cut off '.repeat(9));
    expect(gunzipSmall(bytes)).to.have.lengthOf(72);
    for (let length = 0; length < bytes.length; length++)
      expect(gunzipSmall(bytes.subarray(0, length)), String(length)).to.equal(undefined);
    expect(gunzipSmall(Buffer.concat([bytes, Buffer.of(0)]))).to.equal(undefined);
    expect(gunzipSmall(Buffer.concat([bytes, bytes]))).to.equal(undefined);
  });

  it('have so many octets, and not one more, as they come and inflated', () => {
    for (const octets of [MAX_SMALL_OCTETS - 1, MAX_SMALL_OCTETS])
      expect(gunzipSmall(gzipSync(Buffer.alloc(octets, 7)))).to.have.lengthOf(octets);
    expect(gunzipSmall(gzipSync(Buffer.alloc(MAX_SMALL_OCTETS + 1, 7)))).to.equal(undefined);
    const stored = (octets: number): Buffer => gzipSync(Buffer.alloc(octets - 23, 7), { level: 0 });
    expect(stored(MAX_SMALL_GZIP_OCTETS)).to.have.lengthOf(MAX_SMALL_GZIP_OCTETS);
    expect(gunzipSmall(stored(MAX_SMALL_GZIP_OCTETS))).to.have.lengthOf(MAX_SMALL_GZIP_OCTETS - 23);
    expect(gunzipSmall(stored(MAX_SMALL_GZIP_OCTETS + 1))).to.equal(undefined);
  });

  it('are in memory of their own', () => {
    const one = gunzipSmall(gzipSync('one'));
    gunzipSmall(gzipSync('two'));
    expect(Buffer.from(one ?? []).toString()).to.equal('one');
  });
});
