// HTTP/1.1: what is in the body. Ends of streams that are missing, doubled, split or lies, errors of JSON of every wrong
// shape, compression that lies, base64 across chunks, and bodies without end.

import { gzipSync } from 'node:zlib';
import type { HostileCase, Want } from '../hostile-case.ts';
import type { Http1Peer } from '../http1-peer.ts';
import {
  CONNECT,
  GRPC_WEB,
  GRPC_WEB_TEXT,
  type Http1Row,
  http1Case,
  LOST,
  REPLIED,
  STREAM,
} from '../http1-row.ts';
import {
  chunk,
  chunks,
  connectHead,
  connectStreamHead,
  grpcWebHead,
  grpcWebTextHead,
  head,
  IS_CHUNKED,
  LAST_CHUNK,
  sized,
} from '../http1-wire.ts';
import { base64, endOfStream, message, note, octets, REPLY, trailersFrame } from '../wire.ts';

const MEBIBYTE = 1024 * 1024;
/** Much from little. */
const BOMB = gzipSync(Buffer.alloc(16 * MEBIBYTE, ' '));
const NOTE = note('ok');
const SAME: Want = { ...REPLIED, after: 'same' };
const octetsOf = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (octet) => Uint8Array.of(octet));

/** A whole response of chunks. */
function chunked(start: Uint8Array, ...pieces: readonly Uint8Array[]): Buffer {
  return octets(start, chunks(...pieces), LAST_CHUNK);
}

const web = (
  name: string,
  pieces: readonly Uint8Array[],
  want: Want,
  more: Partial<Http1Row> = {},
): Http1Row => ({
  name: `gRPC-Web: ${name}`,
  client: GRPC_WEB,
  send: chunked(grpcWebHead(IS_CHUNKED), ...pieces),
  want: { after: 'same', ...want },
  ...more,
});
const FRAME = trailersFrame();
const AFTER_FRAME: Want = { code: 'INTERNAL', details: /octets after the trailers frame/, after: 'any' };

const WEB: readonly Http1Row[] = [
  web('reply and trailers frame in one chunk', [octets(REPLY, FRAME)], SAME),
  web('reply and trailers frame, an octet a chunk', octetsOf(octets(REPLY, FRAME)), SAME),
  web(
    'the flag of the trailers frame with the reply',
    [octets(REPLY, FRAME.subarray(0, 1)), FRAME.subarray(1)],
    SAME,
  ),
  web('no trailers frame', [REPLY], { code: 'UNKNOWN', details: /without its trailers frame/ }),
  web('an empty body', [], { code: 'UNKNOWN', details: /without its trailers frame|without a grpc-status/ }),
  web('two trailers frames', [octets(REPLY, FRAME, FRAME)], AFTER_FRAME),
  web('a second trailers frame in a chunk of its own', [octets(REPLY, FRAME), FRAME], AFTER_FRAME),
  web('a message behind the trailers frame', [octets(FRAME, REPLY)], AFTER_FRAME),
  web('a trailers frame cut short', [octets(REPLY, FRAME.subarray(0, -3))], {
    code: 'INTERNAL',
    details: /ended inside the trailers frame/,
  }),
  web('a message cut short', [REPLY.subarray(0, -1)], { code: ['INTERNAL', 'UNKNOWN'] }),
  web('a message that says it has 2^32-1 octets', [message(NOTE, 0, 2 ** 32 - 1)], {
    code: 'RESOURCE_EXHAUSTED',
    details: /exceeds maxReceiveMessageBytes/,
    after: 'any',
  }),
  web(
    'a trailers frame, and silence',
    [],
    { code: 'DEADLINE_EXCEEDED', after: 'new' },
    {
      send: octets(grpcWebHead(IS_CHUNKED), chunk(octets(REPLY, FRAME))),
      call: { timeoutMs: 400 },
    },
  ),
];

const stream = (
  name: string,
  pieces: readonly Uint8Array[],
  want: Want,
  more: Partial<Http1Row> = {},
): Http1Row => ({
  name: `Connect: ${name}`,
  call: STREAM,
  send: chunked(connectStreamHead(IS_CHUNKED), ...pieces),
  want: { after: 'same', ...want },
  ...more,
});
const END = endOfStream();
const AFTER_END: Want = { code: 'INTERNAL', details: /octets after the end-of-stream/, after: 'any' };
const BAD_END: Want = {
  code: 'INTERNAL',
  details: /the end-of-stream message of Connect is/,
  replies: ['ok'],
  after: 'any',
};

const STREAMS: readonly Http1Row[] = [
  stream('message and end in one chunk', [octets(REPLY, END)], SAME),
  stream('message and end, an octet a chunk', octetsOf(octets(REPLY, END)), SAME),
  stream(
    'the header of the end with the message, its text apart',
    [octets(REPLY, END.subarray(0, 5)), END.subarray(5)],
    SAME,
  ),
  stream('no end', [REPLY], {
    code: 'INTERNAL',
    details: /ended without the end-of-stream/,
    replies: ['ok'],
  }),
  stream('two ends', [octets(REPLY, END, END)], AFTER_END),
  stream('two ends, a chunk each', [octets(REPLY, END), END], AFTER_END),
  stream('a message behind the end', [END, REPLY], { ...AFTER_END, replies: [] }),
  stream('an end cut short', [octets(REPLY, END.subarray(0, 6))], {
    code: 'INTERNAL',
    details: /ended inside the end-of-stream/,
  }),
  stream('an empty end', [octets(REPLY, endOfStream(''))], BAD_END),
  stream('an end that is an array', [octets(REPLY, endOfStream('[]'))], BAD_END),
  stream('an end that is no JSON', [octets(REPLY, endOfStream('grpc-status: 0'))], BAD_END),
  stream(
    'an error in the end',
    [octets(REPLY, endOfStream('{"error":{"code":"not_found","message":"gone"}}'))],
    {
      code: 'NOT_FOUND',
      details: /^gone$/,
      origin: 'server',
      replies: ['ok'],
    },
  ),
  stream('the flag of gRPC-Web’s trailers', [octets(REPLY, FRAME)], {
    code: 'INTERNAL',
    details: /flag byte 128/,
    after: 'any',
  }),
  stream('an end of 2^32-1 octets', [octets(REPLY, message(octets('{}'), 2, 2 ** 32 - 1))], {
    code: 'RESOURCE_EXHAUSTED',
    details: /larger than 1048576/,
    after: 'any',
  }),
  stream(
    'an end that is a bomb',
    [],
    {
      code: 'RESOURCE_EXHAUSTED',
      details: /when decompressed/,
      replies: ['ok'],
      withinMs: 1000,
      after: 'any',
    },
    {
      send: chunked(
        connectStreamHead(IS_CHUNKED, 'Connect-Content-Encoding: gzip'),
        octets(REPLY, endOfStream(BOMB, 3)),
      ),
    },
  ),
];

const failed = (
  name: string,
  status: number,
  json: string | Uint8Array,
  want: Want,
  ...lines: string[]
): Http1Row => ({
  name: `error: ${name}`,
  send: sized(
    (...more) => head(`HTTP/1.1 ${status} x`, 'Content-Type: application/json', ...lines, ...more),
    octets(json),
  ),
  want: { after: 'same', ...want },
});
const NO_ERROR = /JSON that is not an error/;

const ERRORS: readonly Http1Row[] = [
  failed('as it should be', 404, '{"code":"not_found","message":"gone"}', {
    code: 'NOT_FOUND',
    details: /^gone$/,
    origin: 'server',
  }),
  failed('under 200', 200, '{"code":"not_found"}', {
    code: 'INTERNAL',
    details: /application\/json/,
    after: 'any',
  }),
  failed('an array', 404, '[]', { code: 'UNIMPLEMENTED', details: NO_ERROR, origin: 'client' }),
  failed('null', 503, 'null', { code: 'UNAVAILABLE', details: NO_ERROR }),
  failed('a text', 401, '"not_found"', { code: 'UNAUTHENTICATED', details: NO_ERROR }),
  failed('nothing', 503, '', { code: 'UNAVAILABLE', details: /503 and no error of Connect/ }),
  failed('half of it', 500, '{"code":"not_f', { code: 'UNKNOWN', details: NO_ERROR }),
  failed('two of them', 500, '{"code":"not_found"}{"code":"internal"}', {
    code: 'UNKNOWN',
    details: NO_ERROR,
  }),
  failed('a byte order mark', 500, '\xef\xbb\xbf{"code":"not_found"}', { code: ['UNKNOWN', 'NOT_FOUND'] }),
  failed('octets', 500, Buffer.of(0xff, 0xfe, 0), { code: 'UNKNOWN', details: NO_ERROR }),
  failed('a code that is a number', 401, '{"code":5,"message":"m"}', {
    code: 'UNAUTHENTICATED',
    details: /401 and JSON that is not an error of Connect: .*; this is grpc-gateway or another JSON API/,
  }),
  failed('a code that is __proto__', 429, '{"code":"__proto__"}', { code: 'UNAVAILABLE' }),
  failed('no code', 403, '{}', { code: 'PERMISSION_DENIED' }),
  failed('the code ok', 500, '{"code":"ok"}', { code: 'UNKNOWN' }),
  failed('a message that is an object', 404, '{"code":"not_found","message":{}}', {
    code: 'NOT_FOUND',
    details: /^$/,
  }),
  failed('details that are none', 404, '{"code":"not_found","details":[1,null,{"type":1},[[]]]}', {
    code: 'NOT_FOUND',
  }),
  failed('200,000 arrays in each other', 404, '['.repeat(200_000), { code: 'UNIMPLEMENTED', withinMs: 1000 }),
  failed('10 MiB', 404, `{"message":"${'x'.repeat(10 * MEBIBYTE)}"}`, {
    code: 'RESOURCE_EXHAUSTED',
    details: /larger than 1048576/,
    withinMs: 1000,
    after: 'any',
  }),
  failed(
    'gzip that is none',
    404,
    '{"code":"not_found"}',
    { code: 'INTERNAL', details: /cannot be decompressed/ },
    'Content-Encoding: gzip',
  ),
  failed(
    'a bomb',
    404,
    BOMB,
    {
      code: 'RESOURCE_EXHAUSTED',
      details: /when decompressed/,
      withinMs: 1000,
    },
    'Content-Encoding: gzip',
  ),
  {
    name: 'error: closed in the middle of it',
    send: octets(
      head('HTTP/1.1 404 x', 'Content-Type: application/json', 'Content-Length: 20'),
      '{"code":"no',
    ),
    ending: 'FIN',
    want: LOST,
  },
  {
    name: 'error: an octet a chunk',
    send: octets(
      head('HTTP/1.1 404 x', 'Content-Type: application/json', IS_CHUNKED),
      chunks(...octetsOf(octets('{"code":"not_found"}'))),
      LAST_CHUNK,
    ),
    want: { code: 'NOT_FOUND', after: 'same' },
  },
];

const GZIP = 'Content-Encoding: gzip';
const zipped = (name: string, lines: readonly string[], body: Uint8Array, want: Want): Http1Row => ({
  name: `compression: ${name}`,
  send: sized((...more) => connectHead(...lines, ...more), body),
  want: { after: 'same', ...want },
});
const UNZIPPABLE: Want = { code: 'INTERNAL', details: /cannot be decompressed/ };

const COMPRESSED: readonly Http1Row[] = [
  zipped('gzip', [GZIP], gzipSync(NOTE), SAME),
  zipped('gzip that is none', [GZIP], NOTE, UNZIPPABLE),
  zipped('gzip cut short', [GZIP], gzipSync(NOTE).subarray(0, -9), UNZIPPABLE),
  zipped(
    'gzip with a wrong checksum',
    [GZIP],
    octets(gzipSync(NOTE).subarray(0, -8), Buffer.alloc(8)),
    UNZIPPABLE,
  ),
  zipped('gzip with more behind it', [GZIP], octets(gzipSync(NOTE), 'and more'), {
    code: ['INTERNAL', 'OK'],
  }),
  zipped('gzip within gzip', [GZIP], gzipSync(gzipSync(NOTE)), {
    code: 'INTERNAL',
    details: /cannot be decoded/,
  }),
  zipped('gzip that nobody names', [], gzipSync(NOTE), { code: 'INTERNAL', details: /cannot be decoded/ }),
  zipped('two codings', ['Content-Encoding: gzip, gzip'], gzipSync(gzipSync(NOTE)), {
    code: 'INTERNAL',
    details: /"gzip, gzip"/,
  }),
  zipped('a coding that was not asked for', ['Content-Encoding: lzma'], NOTE, {
    code: 'INTERNAL',
    details: /"lzma"/,
  }),
  zipped('a bomb', [GZIP], BOMB, {
    code: 'RESOURCE_EXHAUSTED',
    details: /maxReceiveMessageBytes 4194304 when decompressed/,
    withinMs: 1000,
  }),
  {
    name: 'compression: a compressed message in a stream of none',
    call: STREAM,
    send: chunked(connectStreamHead(IS_CHUNKED), octets(message(gzipSync(NOTE), 1), END)),
    want: { code: 'INTERNAL', after: 'any' },
  },
  {
    name: 'compression: messages of a stream that are none',
    call: STREAM,
    send: chunked(
      connectStreamHead(IS_CHUNKED, 'Connect-Content-Encoding: gzip'),
      octets(message(NOTE, 1), END),
    ),
    want: { code: 'INTERNAL', details: /cannot be decompressed/, after: 'any' },
  },
];

const text = (
  name: string,
  pieces: readonly Uint8Array[],
  want: Want,
  more: Partial<Http1Row> = {},
): Http1Row => ({
  name: `text: ${name}`,
  client: GRPC_WEB_TEXT,
  send: chunked(grpcWebTextHead(IS_CHUNKED), ...pieces),
  want: { after: 'same', ...want },
  ...more,
});
const BASE64 = base64(REPLY, FRAME);

function inThrees(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / 3) }, (_, i) => bytes.subarray(3 * i, 3 * i + 3));
}

const TEXTS: readonly Http1Row[] = [
  text('a character a chunk', octetsOf(BASE64), SAME),
  text(
    'chunks that end within groups',
    [BASE64.subarray(0, 6), BASE64.subarray(6, 13), BASE64.subarray(13)],
    SAME,
  ),
  text(
    'each octet by itself, in chunks of three characters',
    inThrees(base64(...octetsOf(octets(REPLY, FRAME)))),
    SAME,
  ),
  text('a body that ends within a group', [BASE64, octets('AA')], {
    code: 'INTERNAL',
    details: /2 characters into a group/,
    after: 'any',
  }),
  text('closed within a group', [], LOST, {
    send: octets(grpcWebTextHead(IS_CHUNKED), chunk(BASE64.subarray(0, 6))),
    ending: 'FIN',
    want: { ...LOST, after: 'new' },
  }),
  text('octets under the name of text', [octets(REPLY, FRAME)], {
    code: 'INTERNAL',
    details: /is not base64/,
    after: 'any',
  }),
  text('padding in a chunk of its own', [octets('===='), BASE64], { code: 'INTERNAL', after: 'any' }),
  text('a line end between groups', [base64(REPLY), octets('\r\n'), base64(FRAME)], {
    code: 'INTERNAL',
    after: 'any',
  }),
];

const LIMITS = { memoryMb: 96, cpuMs: 4000 } as const;
const BLOCK = Buffer.alloc(16_384, 'x');
const MUCH = 16_384;
const TOO_LARGE: Want = { code: 'RESOURCE_EXHAUSTED', details: /exceeds maxReceiveMessageBytes/ };

const endless = (
  name: string,
  start: Uint8Array,
  block: Uint8Array,
  want: Want,
  more: Partial<Http1Row> = {},
): Http1Row => ({
  name: `endless: ${name}`,
  send: start,
  ending: async (peer: Http1Peer) =>
    void (await peer.flood(block, Math.ceil((MUCH * BLOCK.length) / block.length))),
  limits: LIMITS,
  want,
  ...more,
});

const ENDLESS: readonly Http1Row[] = [
  endless('a reply of a terabyte', connectHead('Content-Length: 1000000000000'), BLOCK, TOO_LARGE),
  endless('a reply of chunks', connectHead(IS_CHUNKED), chunk(BLOCK), TOO_LARGE),
  endless('a reply that nothing but FIN ends', connectHead(), BLOCK, TOO_LARGE),
  endless(
    'an error of JSON',
    head('HTTP/1.1 404 x', 'Content-Type: application/json', IS_CHUNKED),
    chunk(BLOCK),
    {
      code: 'RESOURCE_EXHAUSTED',
      details: /larger than 1048576/,
    },
  ),
  endless('a page with 502', head('HTTP/1.1 502 x', 'Content-Type: text/html'), BLOCK, {
    code: 'UNAVAILABLE',
    details: /a proxy or load balancer answered/,
  }),
  endless('a page with 200', head('HTTP/1.1 200 x', 'Content-Type: text/html', IS_CHUNKED), chunk(BLOCK), {
    code: 'UNKNOWN',
    details: /a web server answered/,
  }),
  endless(
    'chunks of one octet',
    connectHead(IS_CHUNKED),
    octets(...Array.from({ length: 1000 }, () => chunk('x'))),
    TOO_LARGE,
    // Each costs as much as a large one.
    { client: { ...CONNECT, maxReceiveMessageBytes: 200_000 } },
  ),
  endless("a chunk's extension", octets(connectHead(IS_CHUNKED), '4;a='), BLOCK, {
    code: 'INTERNAL',
    details: /HPE_/,
  }),
  endless('trailers', octets(connectHead(IS_CHUNKED), '0\r\n'), octets('x-a: b\r\n'.repeat(1000)), {
    code: 'RESOURCE_EXHAUSTED',
  }),
  endless('one trailer', octets(connectHead(IS_CHUNKED), '0\r\nx-a: '), BLOCK, {
    code: 'RESOURCE_EXHAUSTED',
  }),
  endless('fields of a head', octets('HTTP/1.1 200 OK\r\n'), octets('x-a: b\r\n'.repeat(1000)), {
    code: 'RESOURCE_EXHAUSTED',
  }),
  endless('one field of a head', octets('HTTP/1.1 200 OK\r\nx-a: '), BLOCK, { code: 'RESOURCE_EXHAUSTED' }),
  endless('a status line', octets('HTTP/1.1 200 '), BLOCK, { code: 'RESOURCE_EXHAUSTED' }),
  endless('a blank before a chunk', octets(connectHead(IS_CHUNKED)), octets(' '.repeat(1000)), {
    code: 'INTERNAL',
    details: /HPE_/,
  }),
  endless(
    'zeros of a chunk size',
    connectHead(IS_CHUNKED),
    octets('0'.repeat(1000)),
    { code: ['INTERNAL', 'DEADLINE_EXCEEDED'] },
    {
      call: { timeoutMs: 500 },
    },
  ),
  endless('1xx', octets(), head('HTTP/1.1 103 x'), { code: 'RESOURCE_EXHAUSTED', details: /informational/ }),
  endless('1xx of 10 KB', octets(), head('HTTP/1.1 103 x', `Link: ${'l'.repeat(10_000)}`), {
    code: 'RESOURCE_EXHAUSTED',
  }),
  endless(
    'a trailers frame',
    octets(grpcWebHead(IS_CHUNKED), chunk(message(octets(), 0x80, MEBIBYTE))),
    chunk(BLOCK),
    { code: 'INTERNAL', details: /malformed line|octets after the trailers frame/ },
    { client: GRPC_WEB },
  ),
  endless(
    'replies that nobody reads',
    connectStreamHead(IS_CHUNKED),
    chunks(...Array.from({ length: 100 }, () => REPLY)),
    {
      code: 'DEADLINE_EXCEEDED',
    },
    { call: { ...STREAM, isUnread: true, timeoutMs: 500 } },
  ),
  endless('octets behind a right answer', octets(connectHead('Content-Length: 4'), NOTE), BLOCK, REPLIED),
  endless('right answers that nobody asked for', octets(), sized(connectHead, NOTE), REPLIED),
  endless(
    'responses to a call that was cancelled',
    connectStreamHead(IS_CHUNKED),
    chunks(REPLY),
    { code: 'CANCELLED' },
    {
      client: CONNECT,
      call: { ...STREAM, cancelAfterMs: 50 },
    },
  ),
];

const SOURCE = 'connectrpc.com/docs/protocol; PROTOCOL-WEB.md; docs/promises.md 6';

export const HTTP1_BODY_CASES: readonly HostileCase[] = [
  ...WEB,
  ...STREAMS,
  ...ERRORS,
  ...COMPRESSED,
  ...TEXTS,
  ...ENDLESS,
].map((row) => http1Case(SOURCE, row));
