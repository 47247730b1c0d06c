// Compressed messages: bombs, truncated and garbled ones, encodings that nobody offered. zstd's are octets made
// elsewhere, since Node 20, on which the server may run, has none.

import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, END_STREAM, headers, message, note, OK, octets, RESPONSE } from '../wire.ts';

const SOURCE = 'compression.md; docs/promises.md 6';
const MEBIBYTE = 1024 * 1024;
const LIMIT = 4 * MEBIBYTE;
const NOT_OK = ['INTERNAL', 'UNKNOWN'] as const;
const PLAIN = note('ok');
const GZIP = gzipSync(PLAIN);
const DEFLATED = deflateSync(PLAIN);
const BROTLI = brotliCompressSync(PLAIN);
/** A frame of a single segment with one raw block (RFC 8878 §3.1.1). */
const ZSTD = octets(Buffer.from('28b52ffd20', 'hex'), PLAIN.length, (PLAIN.length << 3) | 1, 0, 0, PLAIN);
const BOMB_LIMITS = { memoryMb: 48, cpuMs: 1000 } as const;

type Row = readonly [
  name: string,
  encoding: string | undefined,
  flag: number,
  body: () => Uint8Array,
  want: Want,
];

/** A gzip member with its checksum or length spoilt. */
function spoilt(fromEnd: number): Uint8Array {
  const bytes = Buffer.from(GZIP);
  bytes[bytes.length - fromEnd] ^= 0xff;
  return bytes;
}

const ROWS: readonly Row[] = [
  ['gzip', 'gzip', 1, () => GZIP, { code: 'OK', replies: ['ok'] }],
  ['deflate, which is zlib', 'deflate', 1, () => deflateSync(PLAIN), { code: 'OK', replies: ['ok'] }],
  ['deflate without its zlib header', 'deflate', 1, () => deflateRawSync(PLAIN), { code: ['OK', ...NOT_OK] }],
  ['an uncompressed message among compressed ones', 'gzip', 0, () => PLAIN, { code: 'OK', replies: ['ok'] }],
  ['an empty message in gzip', 'gzip', 1, () => gzipSync(octets()), { code: 'OK', replies: [''] }],
  [
    'gzip in two members',
    'gzip',
    1,
    () => octets(gzipSync(PLAIN), gzipSync(octets())),
    { code: ['OK', ...NOT_OK] },
  ],
  ['no octets, marked compressed', 'gzip', 1, () => octets(), { code: ['OK', ...NOT_OK] }],
  ['gzip cut short', 'gzip', 1, () => GZIP.subarray(0, -9), { code: NOT_OK }],
  ['gzip without its checksum', 'gzip', 1, () => GZIP.subarray(0, -8), { code: NOT_OK }],
  ['gzip with a wrong checksum', 'gzip', 1, () => spoilt(8), { code: NOT_OK }],
  ['gzip with a wrong length', 'gzip', 1, () => spoilt(1), { code: NOT_OK }],
  ['gzip and garbage behind it', 'gzip', 1, () => octets(GZIP, 'garbage'), { code: ['OK', ...NOT_OK] }],
  ['garbage', 'gzip', 1, () => octets('this is not gzip'), { code: NOT_OK }],
  ['the header of gzip only', 'gzip', 1, () => GZIP.subarray(0, 10), { code: NOT_OK }],
  ['an uncompressed message marked compressed', 'gzip', 1, () => PLAIN, { code: NOT_OK }],
  ['deflate called gzip', 'gzip', 1, () => deflateSync(PLAIN), { code: NOT_OK }],
  ['gzip without an encoding', undefined, 1, () => GZIP, { code: 'INTERNAL' }],
  ['gzip called identity', 'identity', 1, () => GZIP, { code: 'INTERNAL' }],
  [
    'gzip in an encoding that is not known',
    'x-nonsense',
    1,
    () => GZIP,
    { code: ['INTERNAL', 'UNIMPLEMENTED'] },
  ],
  ['a list of encodings', 'gzip, gzip', 1, () => GZIP, { code: ['INTERNAL', 'UNIMPLEMENTED'] }],
  ['gzip of a message that is none', 'gzip', 1, () => gzipSync(octets(0x0e, 1)), { code: 'INTERNAL' }],
  ['gzip and zeros behind it', 'gzip', 1, () => octets(GZIP, 0, 0, 0, 0), { code: NOT_OK }],
  ['gzip and half a member behind it', 'gzip', 1, () => octets(GZIP, GZIP.subarray(0, 12)), { code: NOT_OK }],
  [
    'gzip in two members that hold half a message each',
    'gzip',
    1,
    () => octets(gzipSync(PLAIN.subarray(0, 2)), gzipSync(PLAIN.subarray(2))),
    { code: 'OK', replies: ['ok'] },
  ],
  ['nothing but an empty member of gzip', 'gzip', 1, () => gzipSync(octets()), { code: 'OK', replies: [''] }],
  ['deflate cut short', 'deflate', 1, () => DEFLATED.subarray(0, -1), { code: NOT_OK }],
  ['deflate and garbage behind it', 'deflate', 1, () => octets(DEFLATED, 'garbage'), { code: NOT_OK }],
  ['br', 'br', 1, () => BROTLI, { code: 'OK', replies: ['ok'] }],
  ['br cut short', 'br', 1, () => BROTLI.subarray(0, -1), { code: NOT_OK }],
  ['br and garbage behind it', 'br', 1, () => octets(BROTLI, 'garbage'), { code: NOT_OK }],
  ['garbage called br', 'br', 1, () => octets('this is not brotli'), { code: NOT_OK }],
  // Where node:zlib has no zstd it is an encoding that is not accepted.
  ['zstd', 'zstd', 1, () => ZSTD, { code: ['OK', 'INTERNAL'] }],
  ['zstd cut short', 'zstd', 1, () => ZSTD.subarray(0, -1), { code: NOT_OK }],
  ['zstd and garbage behind it', 'zstd', 1, () => octets(ZSTD, 'garbage'), { code: NOT_OK }],
  [
    'zstd with a window of 2 GB',
    'zstd',
    1,
    () => octets(Buffer.from('28b52ffd00a8010000', 'hex')),
    { code: ['OK', ...NOT_OK] },
  ],
  ['the name of gzip in capitals', 'GZIP', 1, () => GZIP, { code: ['INTERNAL', 'UNIMPLEMENTED'] }],
  ['gzip with the flag 3', 'gzip', 3, () => GZIP, { code: NOT_OK }],
];

function answerWith(encoding: string | undefined, body: Uint8Array): (peer: Peer) => Promise<void> {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, encoding === undefined ? RESPONSE : [...RESPONSE, 'grpc-encoding', encoding]));
    for (let at = 0; at < body.length; at += 16_384) {
      await peer.sendWithinWindow(id, data(id, body.subarray(at, at + 16_384)));
    }
    peer.send(headers(id, OK, END_STREAM));
  };
}

const rows: readonly HostileCase[] = ROWS.map(([name, encoding, flag, body, want]) => ({
  name,
  source: SOURCE,
  server: answerWith(encoding, message(body(), flag)),
  want: { after: 'same', ...want },
}));

type Compress = (bytes: Uint8Array) => Uint8Array;

/** A message that inflates to so much. Made when it is needed, since it takes a while. */
function bomb(compress: Compress, inflated: number): Uint8Array {
  return message(compress(Buffer.alloc(inflated)), 1);
}

/** Octets of zero, in blocks of one octet repeated (RFC 8878 §3.1.1.2.2), each of 128 KiB but the last. */
function zstdOfZeros(plain: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [Buffer.from('28b52ffd0038', 'hex')];
  for (let left = plain.length; left > 0; left -= ZSTD_BLOCK_OCTETS) {
    const header = (Math.min(left, ZSTD_BLOCK_OCTETS) << 3) | 2 | (left > ZSTD_BLOCK_OCTETS ? 0 : 1);
    blocks.push(Uint8Array.of(header, header >>> 8, header >>> 16, 0));
  }
  return octets(...blocks);
}

const ENCODINGS: readonly (readonly [name: string, compress: Compress])[] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
  ['br', (plain) => brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 2 } })],
  ['zstd', zstdOfZeros],
];
const ZSTD_BLOCK_OCTETS = 128 * 1024;

/** How a bomb ends; zstd's, where node:zlib has no zstd, as any message in an encoding that is not accepted. */
function codeOfBomb(encoding: string): Want['code'] {
  return encoding === 'zstd' ? ['RESOURCE_EXHAUSTED', 'INTERNAL'] : 'RESOURCE_EXHAUSTED';
}

const bombs: readonly HostileCase[] = ENCODINGS.flatMap(
  ([encoding, compress]) =>
    [
      {
        name: `a bomb that inflates to 256 MB, ${encoding}`,
        source: SOURCE,
        server: (peer) => answerWith(encoding, bomb(compress, 256 * MEBIBYTE))(peer),
        limits: BOMB_LIMITS,
        want: { code: codeOfBomb(encoding), after: 'same' },
      },
      {
        name: `a message that inflates to one octet above the limit, ${encoding}`,
        source: SOURCE,
        server: (peer) => answerWith(encoding, bomb(compress, LIMIT + 1))(peer),
        limits: BOMB_LIMITS,
        want: { code: codeOfBomb(encoding), after: 'same' },
      },
      {
        name: `bombs on a stream of replies, ${encoding}`,
        source: SOURCE,
        async server(peer) {
          const one = bomb(compress, 16 * MEBIBYTE);
          await answerWith(encoding, octets(one, one, one))(peer);
        },
        call: { cardinality: 'unary_stream' },
        limits: BOMB_LIMITS,
        want: { code: codeOfBomb(encoding), replies: [], after: 'same' },
      },
    ] satisfies HostileCase[],
);

export const COMPRESSION_CASES: HostileGroup = { name: 'compression', cases: [...rows, ...bombs] };
