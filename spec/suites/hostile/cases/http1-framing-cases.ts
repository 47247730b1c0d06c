// HTTP/1.1: where a body ends. Chunks that are cut short or lie about their size, and lengths that do.

import type { HostileCase, Want } from '../hostile-case.ts';
import {
  CONNECT,
  GRPC_WEB,
  type Http1Row,
  http1Case,
  LOST,
  MALFORMED,
  REPLIED,
  STREAM,
} from '../http1-row.ts';
import {
  chunk,
  chunks,
  connectHead,
  connectReply,
  connectStreamHead,
  grpcWebHead,
  head,
  IS_CHUNKED,
  LAST_CHUNK,
} from '../http1-wire.ts';
import { endOfStream, note, octets, REPLY, trailersFrame } from '../wire.ts';

const NOTE = note('ok');
const CHUNKED = connectHead(IS_CHUNKED);
const STREAMED = connectStreamHead(IS_CHUNKED);
const WEB_STREAMED = grpcWebHead(IS_CHUNKED);
const SAME: Want = { ...REPLIED, after: 'same' };
const DEADLINE = { call: { timeoutMs: 400 }, want: { code: 'DEADLINE_EXCEEDED' } } as const;

/** Node.js sends FIN before its RST: where the body ends so, whichever is read first decides. */
const RESET: Want = { code: ['UNAVAILABLE', 'OK'] };

const CUTS: readonly (readonly [where: string, sent: Uint8Array])[] = [
  ['before the first chunk', octets(CHUNKED)],
  ["in a chunk's size line", octets(CHUNKED, '4')],
  ["between the octets of a size line's end", octets(CHUNKED, '4\r')],
  ['behind a size line', octets(CHUNKED, '4\r\n')],
  ["in a chunk's data", octets(CHUNKED, '4\r\n', NOTE.subarray(0, 2))],
  ["behind a chunk's data", octets(CHUNKED, '4\r\n', NOTE)],
  ['before the last chunk', octets(CHUNKED, chunk(NOTE))],
  ['in the size line of the last chunk', octets(CHUNKED, chunk(NOTE), '0')],
  ['behind the size line of the last chunk', octets(CHUNKED, chunk(NOTE), '0\r\n')],
  ['in a trailer', octets(CHUNKED, chunk(NOTE), '0\r\nx-a: ')],
  ['behind a trailer', octets(CHUNKED, chunk(NOTE), '0\r\nx-a: b\r\n')],
  ["in the body's last line end", octets(CHUNKED, chunk(NOTE), '0\r\n\r')],
];

const TRUNCATED: readonly Http1Row[] = CUTS.flatMap(([where, send]) =>
  (['FIN', 'RST'] as const).map((ending): Http1Row => {
    return { name: `chunked: closed by ${ending} ${where}`, send, ending, want: LOST };
  }),
);

const CHUNK_SIZES: readonly Http1Row[] = [
  { name: 'leading zeros', send: octets(chunk(NOTE, '000000000004'), LAST_CHUNK), want: SAME },
  { name: 'several zeros as the last one', send: octets(chunk(NOTE), '000\r\n\r\n'), want: SAME },
  { name: 'an extension', send: octets(chunk(NOTE, '4;a=b'), LAST_CHUNK), want: SAME },
  { name: 'a quoted extension', send: octets(chunk(NOTE, '4;a="b;c"'), '0;d\r\n\r\n'), want: SAME },
  {
    name: 'an extension of 100 KB',
    send: octets(chunk(NOTE, `4;a=${'b'.repeat(100_000)}`)),
    want: MALFORMED,
  },
  { name: 'an extension with NUL', send: octets(chunk(NOTE, '4;a=\0'), LAST_CHUNK), want: MALFORMED },
  { name: 'a negative one', send: octets(chunk(NOTE, '-4'), LAST_CHUNK), want: MALFORMED },
  { name: 'a sign', send: octets(chunk(NOTE, '+4'), LAST_CHUNK), want: MALFORMED },
  { name: 'the form 0x4', send: octets(chunk(NOTE, '0x4'), LAST_CHUNK), want: MALFORMED },
  { name: 'none', send: octets(chunk(NOTE, ''), LAST_CHUNK), want: MALFORMED },
  { name: 'a word', send: octets(chunk(NOTE, 'four'), LAST_CHUNK), want: MALFORMED },
  { name: 'a blank before it', send: octets(chunk(NOTE, ' 4'), LAST_CHUNK), want: MALFORMED },
  { name: 'a NUL behind it', send: octets(chunk(NOTE, '4\0'), LAST_CHUNK), want: MALFORMED },
  { name: '2^64', send: chunk(NOTE, '10000000000000000'), want: MALFORMED },
  {
    name: '2^64 + 4, which would be 4',
    send: octets(chunk(NOTE, '10000000000000004'), LAST_CHUNK),
    want: MALFORMED,
  },
  { name: '2^64 - 1, and nothing more', send: chunk(NOTE, 'ffffffffffffffff'), ...DEADLINE },
  { name: '2^32 + 4, and nothing more', send: octets(chunk(NOTE, '100000004'), LAST_CHUNK), ...DEADLINE },
  { name: 'a line end of LF alone', send: octets('4\n', NOTE, '\r\n', LAST_CHUNK), want: MALFORMED },
  { name: 'a line end of CR alone', send: octets('4\r', NOTE, '\r\n', LAST_CHUNK), want: MALFORMED },
  { name: 'data that ends with LF alone', send: octets('4\r\n', NOTE, '\n', LAST_CHUNK), want: MALFORMED },
  { name: 'data without a line end', send: octets('4\r\n', NOTE, LAST_CHUNK), want: MALFORMED },
  { name: 'less than the data', send: octets(chunk(NOTE, '2'), LAST_CHUNK), want: MALFORMED },
  { name: 'more than the data', send: octets(chunk(NOTE, '6'), LAST_CHUNK), want: MALFORMED },
  { name: 'one that takes in the last chunk', send: octets(chunk(NOTE, 'b'), LAST_CHUNK), ...DEADLINE },
].map((row) => ({ ...row, name: `chunk size: ${row.name}`, send: octets(CHUNKED, row.send) }) as Http1Row);

const CHUNKS: readonly Http1Row[] = [
  {
    name: 'chunked: an octet a chunk',
    send: octets(CHUNKED, chunks(...Array.from(NOTE, (octet) => Uint8Array.of(octet))), LAST_CHUNK),
    want: SAME,
  },
  {
    name: 'chunked: octet by octet',
    ending: (peer) => peer.drip(octets(CHUNKED, chunk(NOTE), LAST_CHUNK)),
    want: { ...SAME, withinMs: 2000 },
  },
  {
    name: 'chunked: 5,000 messages, an octet a chunk',
    send: octets(
      STREAMED,
      chunks(
        ...Array.from(octets(...Array.from({ length: 5000 }, () => REPLY)), (octet) => Uint8Array.of(octet)),
        endOfStream(),
      ),
      LAST_CHUNK,
    ),
    call: STREAM,
    limits: { memoryMb: 96, cpuMs: 3000 },
    want: { code: 'OK', replies: 5000, after: 'same' },
  },
  {
    name: 'chunked: no chunk but the last one',
    send: octets(CHUNKED, LAST_CHUNK),
    want: { code: 'OK', replies: [''], after: 'same' },
  },
  {
    name: 'chunked: more behind the last chunk',
    send: octets(CHUNKED, chunk(NOTE), LAST_CHUNK, chunk(NOTE)),
    want: REPLIED,
  },
  {
    name: 'chunked: closed behind the last chunk',
    send: octets(CHUNKED, chunk(NOTE), LAST_CHUNK),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'chunked: trailers that say an error, which Connect does not have',
    send: octets(CHUNKED, chunk(NOTE), '0\r\ngrpc-status: 13\r\n\r\n'),
    want: SAME,
  },
  {
    name: 'chunked: trailers about the connection and the length',
    send: octets(
      CHUNKED,
      chunk(NOTE),
      '0\r\nconnection: close\r\ncontent-length: 9\r\ntransfer-encoding: chunked\r\n\r\n',
    ),
    want: { code: ['OK', 'INTERNAL'], after: 'any' },
  },
  {
    name: 'chunked: a trailer without a colon',
    send: octets(CHUNKED, chunk(NOTE), '0\r\nnonsense\r\n\r\n'),
    want: MALFORMED,
  },
  {
    name: 'chunked: a trailer with NUL',
    send: octets(CHUNKED, chunk(NOTE), '0\r\na: \0\r\n\r\n'),
    want: MALFORMED,
  },
  {
    name: 'chunked: trailers of 1 MB',
    send: octets(CHUNKED, chunk(NOTE), `0\r\na: ${'b'.repeat(1_000_000)}\r\n\r\n`),
    want: { code: 'RESOURCE_EXHAUSTED', details: /header list exceeds the limit of 65536 octets/ },
  },
  {
    name: 'chunked: the end frame of gRPC-Web, and closed before the last chunk',
    client: GRPC_WEB,
    send: octets(WEB_STREAMED, chunk(octets(REPLY, trailersFrame()))),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'chunked: the end frame of gRPC-Web, and a malformed chunk behind it',
    client: GRPC_WEB,
    send: octets(WEB_STREAMED, chunk(octets(REPLY, trailersFrame())), 'nonsense'),
    want: REPLIED,
  },
  {
    name: 'chunked: the end of a stream of Connect, and closed before the last chunk',
    call: STREAM,
    send: octets(STREAMED, chunk(octets(REPLY, endOfStream()))),
    ending: 'RST',
    want: REPLIED,
  },
  {
    name: 'chunked: HTTP trailers in place of the trailers frame',
    client: GRPC_WEB,
    send: octets(WEB_STREAMED, chunk(REPLY), '0\r\ngrpc-status: 5\r\ngrpc-message: gone\r\n\r\n'),
    want: { code: 'NOT_FOUND', details: /^gone$/, origin: 'server', after: 'same' },
  },
  {
    name: 'chunked: HTTP trailers that say another thing than the trailers frame',
    client: GRPC_WEB,
    send: octets(WEB_STREAMED, chunk(octets(REPLY, trailersFrame())), '0\r\ngrpc-status: 13\r\n\r\n'),
    want: SAME,
  },
  ...['gzip, chunked', 'chunked, gzip', 'chunked, chunked', 'xchunked', 'chunked;q=1', 'gzip'].map(
    (coding): Http1Row => ({
      name: `Transfer-Encoding: ${coding}`,
      send: octets(connectHead(`Transfer-Encoding: ${coding}`), chunk(NOTE), LAST_CHUNK),
      ending: 'FIN',
      want: { code: 'INTERNAL', details: /transfer-encoding "[\w, ;=]+", which nothing asked for/ },
    }),
  ),
  {
    name: 'Transfer-Encoding: two fields',
    send: octets(connectHead('Transfer-Encoding: gzip', IS_CHUNKED), chunk(NOTE), LAST_CHUNK),
    want: { code: 'INTERNAL', details: /transfer-encoding "gzip, chunked", which nothing asked for/ },
  },
  {
    name: 'Transfer-Encoding: identity',
    send: octets(connectHead('Transfer-Encoding: identity'), NOTE),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'Transfer-Encoding: identity, and RST',
    send: octets(connectHead('Transfer-Encoding: identity'), NOTE),
    ending: 'RST',
    want: RESET,
  },
  {
    name: 'Transfer-Encoding: CHUNKED',
    send: octets(connectHead('TRANSFER-ENCODING: CHUNKED'), chunk(NOTE), LAST_CHUNK),
    want: SAME,
  },
];

const length = (
  name: string,
  lines: readonly string[],
  want: Want,
  more: Partial<Http1Row> = {},
): Http1Row => ({
  name: `Content-Length: ${name}`,
  send: octets(connectHead(...lines), NOTE),
  want,
  ...more,
});

const LENGTHS: readonly Http1Row[] = [
  length('the right one among blanks', ['Content-Length:   4  '], SAME),
  length('leading zeros', ['Content-Length: 0004'], SAME),
  length('too short', ['Content-Length: 2'], { code: 'INTERNAL', details: /cannot be decoded/ }),
  length('0, and a body', ['Content-Length: 0'], { code: 'OK', replies: [''] }),
  length('too long, and silence', ['Content-Length: 5'], DEADLINE.want, { call: DEADLINE.call }),
  length('too long, and FIN', ['Content-Length: 5'], LOST, { ending: 'FIN' }),
  length('too long, and RST', ['Content-Length: 5'], LOST, { ending: 'RST' }),
  length('2^63 - 1, and FIN', ['Content-Length: 9223372036854775807'], LOST, { ending: 'FIN' }),
  length('2^64 + 4', ['Content-Length: 18446744073709551620'], MALFORMED),
  length('twice the same', ['Content-Length: 4', 'Content-Length: 4'], MALFORMED),
  length('two that differ', ['Content-Length: 4', 'Content-Length: 2'], MALFORMED),
  length('a list', ['Content-Length: 4, 4'], MALFORMED),
  length('negative', ['Content-Length: -4'], MALFORMED),
  length('a sign', ['Content-Length: +4'], MALFORMED),
  length('hexadecimal', ['Content-Length: 0x4'], MALFORMED),
  length('a fraction', ['Content-Length: 4.0'], MALFORMED),
  length('a blank within', ['Content-Length: 1 4'], MALFORMED),
  length('a word', ['Content-Length: four'], MALFORMED),
  length('empty', ['Content-Length:'], MALFORMED),
  length('with chunks, before', ['Content-Length: 4', IS_CHUNKED], MALFORMED),
  length('with chunks, behind', [IS_CHUNKED, 'Content-Length: 4'], MALFORMED),
  {
    name: 'Content-Length: with an error of JSON that is longer',
    send: octets(
      head('HTTP/1.1 404 Not Found', 'Content-Type: application/json', 'Content-Length: 9'),
      '{"code":"not_found"}',
    ),
    want: { code: 'UNIMPLEMENTED', details: /JSON that is not an error/ },
  },
  {
    name: 'Content-Length: one that cuts off the trailers frame',
    client: GRPC_WEB,
    send: octets(grpcWebHead(`Content-Length: ${REPLY.length}`), REPLY, trailersFrame()),
    want: { code: 'UNKNOWN', details: /without its trailers frame/ },
  },
  {
    name: 'Content-Length: one that cuts the trailers frame',
    client: GRPC_WEB,
    send: octets(grpcWebHead(`Content-Length: ${REPLY.length + 7}`), REPLY, trailersFrame()),
    want: { code: 'INTERNAL', details: /ended inside the trailers frame/ },
  },
  {
    name: 'neither length nor chunks: the connection closed behind the body',
    send: octets(connectHead(), NOTE),
    ending: 'FIN',
    want: REPLIED,
  },
  {
    name: 'neither length nor chunks: reset in the body',
    send: octets(connectHead(), NOTE),
    ending: 'RST',
    want: RESET,
  },
  { name: 'neither length nor chunks, and silence', send: octets(connectHead(), NOTE), ...DEADLINE },
  {
    name: 'neither length nor chunks: a stream of Connect without its end',
    call: STREAM,
    send: octets(connectStreamHead(), REPLY),
    ending: 'FIN',
    want: { code: 'INTERNAL', details: /ended without the end-of-stream/, replies: ['ok'] },
  },
  {
    name: 'neither length nor chunks: gRPC-Web without its trailers frame',
    client: GRPC_WEB,
    send: octets(grpcWebHead(), REPLY),
    ending: 'FIN',
    want: { code: 'UNKNOWN', details: /without its trailers frame/ },
  },
  {
    name: 'neither length nor chunks: a second response behind the body',
    client: CONNECT,
    send: octets(connectHead(), NOTE, connectReply('evil')),
    ending: 'FIN',
    want: { code: ['INTERNAL', 'OK'] },
  },
];

const SOURCE = 'RFC 9112 §6, §7';

export const HTTP1_FRAMING_CASES: readonly HostileCase[] = [
  ...TRUNCATED,
  ...CHUNK_SIZES,
  ...CHUNKS,
  ...LENGTHS,
].map((row) => http1Case(SOURCE, row));
