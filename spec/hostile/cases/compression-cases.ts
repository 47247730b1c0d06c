// Compressed messages: bombs, truncated and garbled ones, encodings that nobody offered. Pending until the
// client takes compressed messages.

import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import type { HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, END_STREAM, headers, message, note, OK, octets, RESPONSE } from '../wire.ts';

const SOURCE = 'compression.md; DESIGN promise 6';
const MEBIBYTE = 1024 * 1024;
const LIMIT = 4 * MEBIBYTE;
const NOT_OK = ['INTERNAL', 'UNKNOWN'] as const;
const PLAIN = note('ok');
const GZIP = gzipSync(PLAIN);
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

const ENCODINGS: readonly (readonly [name: string, compress: Compress])[] = [
  ['gzip', gzipSync],
  ['deflate', deflateSync],
];

const bombs: readonly HostileCase[] = ENCODINGS.flatMap(
  ([encoding, compress]) =>
    [
      {
        name: `a bomb of 256 KB that inflates to 256 MB, ${encoding}`,
        source: SOURCE,
        server: (peer) => answerWith(encoding, bomb(compress, 256 * MEBIBYTE))(peer),
        limits: BOMB_LIMITS,
        want: { code: 'RESOURCE_EXHAUSTED', after: 'same' },
      },
      {
        name: `a message that inflates to one octet above the limit, ${encoding}`,
        source: SOURCE,
        server: (peer) => answerWith(encoding, bomb(compress, LIMIT + 1))(peer),
        limits: BOMB_LIMITS,
        want: { code: 'RESOURCE_EXHAUSTED', after: 'same' },
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
        want: { code: 'RESOURCE_EXHAUSTED', replies: [], after: 'same' },
      },
    ] satisfies HostileCase[],
);

export const COMPRESSION_CASES: HostileGroup = { name: 'compression', cases: [...rows, ...bombs] };
