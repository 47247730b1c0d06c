// Connect over HTTP/2: errors of JSON of every wrong shape, ends of streams that are missing, doubled or lies, fields that
// would overrule the status, and servers of other protocols.

import { gzipSync } from 'node:zlib';
import type { CallPlan, ClientPlan, HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  CONNECT,
  CONNECT_STREAM,
  data,
  END_STREAM,
  endOfStream,
  errorCode,
  headers,
  message,
  note,
  OK,
  octets,
  REPLY,
  RESPONSE,
  reset,
} from '../wire.ts';

const SOURCE = 'connectrpc.com/docs/protocol';
const ALONE = 'it speaks gRPC alone';
const MEBIBYTE = 1024 * 1024;
const FRAME_OCTETS = 16_384;
const CLIENT: ClientPlan = { protocol: 'connect' };
const STREAM: CallPlan = { cardinality: 'unary_stream' };
const JSON_HEAD = (status: number): string[] => [
  ':status',
  String(status),
  'content-type',
  'application/json',
];

interface Row {
  readonly name: string;
  readonly body?: readonly Uint8Array[];
  readonly head?: readonly string[];
  readonly want: Want;
  readonly call?: CallPlan;
  readonly client?: ClientPlan;
  readonly ending?: (peer: Peer, id: number) => Promise<void> | void;
}

function caseOf({ name, body = [], head = CONNECT, want, call, client = CLIENT, ending }: Row): HostileCase {
  return {
    name,
    source: SOURCE,
    notForGrpcJs: ALONE,
    client,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const isEnded = ending === undefined;
      const last = body.length - 1;
      peer.send(
        headers(id, head, body.length === 0 && isEnded ? END_STREAM : 0),
        ...body.map((part, i) => data(id, part, i === last && isEnded ? END_STREAM : 0)),
      );
      await ending?.(peer, id);
    },
    ...(call !== undefined && { call }),
    want: { after: 'same', ...want },
  };
}

function slices(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_OCTETS) parts.push(bytes.subarray(at, at + FRAME_OCTETS));
  return parts;
}

const NOTE = note('ok');
const REPLIED: Want = { code: 'OK', replies: ['ok'], origin: 'server' };

const UNARY: readonly Row[] = [
  {
    name: 'unary: the reply octet by octet',
    body: Array.from(NOTE, (octet) => Uint8Array.of(octet)),
    want: REPLIED,
  },
  { name: 'unary: a head and nothing more is an empty message', want: { code: 'OK', replies: [''] } },
  {
    name: 'unary: an empty body in an encoding that nobody knows',
    head: [...CONNECT, 'content-encoding', 'lzma'],
    want: { code: 'OK', replies: [''] },
  },
  {
    name: 'unary: an encoding that nobody knows',
    head: [...CONNECT, 'content-encoding', 'lzma'],
    body: [NOTE],
    want: { code: 'INTERNAL', details: /"lzma"/ },
  },
  {
    name: 'unary: gzip that is none',
    head: [...CONNECT, 'content-encoding', 'gzip'],
    body: [NOTE],
    want: { code: 'INTERNAL', details: /cannot be decompressed/ },
  },
  {
    name: 'unary: a bomb',
    head: [...CONNECT, 'content-encoding', 'gzip'],
    body: slices(gzipSync(Buffer.alloc(64 * MEBIBYTE))),
    want: {
      code: 'RESOURCE_EXHAUSTED',
      details: /maxReceiveMessageBytes 4194304 when decompressed/,
      withinMs: 1000,
    },
  },
  {
    name: 'unary: a reply of the limit',
    client: { ...CLIENT, maxReceiveMessageBytes: 4 },
    body: [NOTE],
    want: REPLIED,
  },
  {
    name: 'unary: a reply of one octet more',
    client: { ...CLIENT, maxReceiveMessageBytes: 4 },
    body: [note('okk')],
    want: { code: 'RESOURCE_EXHAUSTED', details: /exceeds maxReceiveMessageBytes 4/, after: 'any' },
  },
  {
    name: 'unary: a body without end',
    body: [],
    ending: async (peer, id) => void (await peer.flood(data(id, Buffer.alloc(1024)), 1)),
    call: { timeoutMs: 200 },
    want: { code: 'DEADLINE_EXCEEDED' },
  },
  {
    name: 'unary: no protobuf',
    body: [octets(0x0e, 1)],
    want: { code: 'INTERNAL', details: /cannot be decoded/ },
  },
  { name: 'unary: frames of gRPC under its content-type', body: [REPLY], want: { code: 'INTERNAL' } },
  {
    name: 'unary: trailer-grpc-status',
    head: [...CONNECT, 'trailer-grpc-status', '7', 'trailer-grpc-message', 'no'],
    body: [NOTE],
    want: { ...REPLIED, details: /^$/ },
  },
  {
    name: 'unary: grpc-status and grpc-encoding in the head',
    head: [...CONNECT, 'grpc-status', '7', 'grpc-encoding', 'lzma'],
    body: [NOTE],
    want: REPLIED,
  },
  {
    name: 'unary: HTTP trailers with a status',
    body: [NOTE],
    ending: (peer, id) => peer.send(headers(id, ['grpc-status', '7'], END_STREAM)),
    want: REPLIED,
  },
  {
    name: 'unary: fewer octets than content-length',
    head: [...CONNECT, 'content-length', '9'],
    body: [NOTE],
    want: { code: 'INTERNAL', details: /content-length 9/ },
  },
  {
    name: 'unary: more octets than content-length',
    head: [...CONNECT, 'content-length', '1'],
    body: [NOTE],
    want: { code: 'INTERNAL', details: /content-length/ },
  },
  {
    name: 'unary: RST_STREAM before the end of the body',
    body: [NOTE],
    ending: (peer, id) => peer.send(reset(id, errorCode('INTERNAL_ERROR'))),
    want: { code: 'INTERNAL', origin: 'server' },
  },
  {
    name: 'unary: RST_STREAM(NO_ERROR) before the end of the body',
    body: [NOTE],
    ending: (peer, id) => peer.send(reset(id, 0)),
    want: { code: 'INTERNAL' },
  },
  {
    name: 'unary: the connection closed before the end of the body',
    body: [NOTE],
    ending: (peer) => peer.end(),
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
];

const failed = (
  name: string,
  status: number,
  body: string | Uint8Array,
  want: Want,
  more: readonly string[] = [],
): Row => ({
  name: `error: ${name}`,
  head: [...JSON_HEAD(status), ...more],
  body: octets(body).length === 0 ? [] : slices(octets(body)),
  want,
});

const ERRORS: readonly Row[] = [
  failed('as it should be', 404, '{"code":"not_found","message":"gone"}', {
    code: 'NOT_FOUND',
    details: /^gone$/,
    origin: 'server',
  }),
  failed('an array', 404, '[]', {
    code: 'UNIMPLEMENTED',
    details: /JSON that is not an error/,
    origin: 'client',
  }),
  failed('null', 503, 'null', { code: 'UNAVAILABLE', details: /JSON that is not an error/ }),
  failed('nothing', 503, '', { code: 'UNAVAILABLE', details: /503 and no error of Connect/ }),
  failed('half of it', 500, '{"code":"not_f', { code: 'UNKNOWN', details: /JSON that is not an error/ }),
  failed('octets', 500, Buffer.of(0xff, 0xfe, 0), { code: 'UNKNOWN', details: /JSON that is not an error/ }),
  failed('a code that is a number', 401, '{"code":5,"message":"m"}', {
    code: 'UNAUTHENTICATED',
    details: /401 and JSON that is not an error of Connect: .*; this is grpc-gateway or another JSON API/,
  }),
  failed('a code that nobody knows', 429, '{"code":"teapot"}', { code: 'UNAVAILABLE' }),
  failed('no code', 403, '{}', { code: 'PERMISSION_DENIED' }),
  failed('the code ok', 500, '{"code":"ok"}', { code: 'UNKNOWN' }),
  failed('a message that is an object', 404, '{"code":"not_found","message":{}}', {
    code: 'NOT_FOUND',
    details: /^$/,
  }),
  failed(
    'a message that would be header fields',
    404,
    '{"code":"not_found","message":"a\\r\\ngrpc-status: 0"}',
    { code: 'NOT_FOUND', details: /^a\r\ngrpc-status: 0$/ },
  ),
  failed('200,000 arrays in each other', 404, '['.repeat(200_000), { code: 'UNIMPLEMENTED', withinMs: 1000 }),
  failed(
    'details that are none',
    404,
    '{"code":"not_found","details":[1,null,"a",{"type":1},{"type":"a","value":"<"}]}',
    { code: 'NOT_FOUND' },
  ),
  failed('details that are no array', 404, '{"code":"not_found","details":"a"}', { code: 'NOT_FOUND' }),
  failed('1 MiB', 404, `{"code":"not_found"}${' '.repeat(MEBIBYTE - 20)}`, {
    code: 'NOT_FOUND',
    withinMs: 1000,
  }),
  failed('1 MiB and an octet', 404, `{"code":"not_found"}${' '.repeat(MEBIBYTE - 19)}`, {
    code: 'RESOURCE_EXHAUSTED',
    details: /the error of Connect is larger than 1048576/,
    withinMs: 1000,
    after: 'any',
  }),
  failed('10 MiB', 404, `{"message":"${'x'.repeat(10 * MEBIBYTE)}"}`, {
    code: 'RESOURCE_EXHAUSTED',
    withinMs: 1000,
    after: 'any',
  }),
  failed(
    'a bomb',
    404,
    gzipSync(Buffer.alloc(64 * MEBIBYTE, ' ')),
    { code: 'RESOURCE_EXHAUSTED', details: /when decompressed/, withinMs: 1000 },
    ['content-encoding', 'gzip'],
  ),
  failed('an encoding that nobody knows', 404, 'x', { code: 'INTERNAL', details: /"lzma"/ }, [
    'content-encoding',
    'lzma',
  ]),
  failed('trailer-grpc-status 0', 404, '{"code":"not_found"}', { code: 'NOT_FOUND' }, [
    'trailer-grpc-status',
    '0',
    'grpc-status',
    '0',
  ]),
  {
    name: 'error: RST_STREAM in the middle of it',
    head: JSON_HEAD(503),
    body: [octets('{"code":')],
    ending: (peer, id) => peer.send(reset(id, errorCode('INTERNAL_ERROR'))),
    want: { code: ['INTERNAL', 'UNAVAILABLE'] },
  },
];

const streamed = (name: string, body: readonly Uint8Array[], want: Want, more: Partial<Row> = {}): Row => ({
  name: `stream: ${name}`,
  head: CONNECT_STREAM,
  call: STREAM,
  body,
  want,
  ...more,
});
const AFTER_OK = { replies: ['ok'] } as const;
const BAD_END: Want = { code: 'INTERNAL', details: /the end-of-stream message of Connect is/, ...AFTER_OK };

const STREAMS: readonly Row[] = [
  streamed('message and end in one DATA', [octets(REPLY, endOfStream())], { code: 'OK', ...AFTER_OK }),
  streamed(
    'octet by octet',
    Array.from(octets(REPLY, endOfStream()), (octet) => Uint8Array.of(octet)),
    { code: 'OK', ...AFTER_OK },
  ),
  streamed('no end', [REPLY], { code: 'INTERNAL', details: /ended without the end-of-stream/, ...AFTER_OK }),
  streamed('nothing but a head', [], { code: 'INTERNAL', details: /ended without the end-of-stream/ }),
  streamed('an end cut short', [octets(REPLY, endOfStream().subarray(0, 6))], {
    code: 'INTERNAL',
    details: /ended inside the end-of-stream/,
    ...AFTER_OK,
  }),
  streamed('two ends', [octets(REPLY, endOfStream(), endOfStream())], {
    code: 'INTERNAL',
    details: /octets after the end-of-stream/,
  }),
  streamed('a message behind the end', [octets(endOfStream(), REPLY)], {
    code: 'INTERNAL',
    details: /octets after the end-of-stream/,
    replies: [],
  }),
  streamed('an empty end', [octets(REPLY, endOfStream(''))], BAD_END),
  streamed('an end that is an array', [octets(REPLY, endOfStream('[]'))], BAD_END),
  streamed('an end that is no JSON', [octets(REPLY, endOfStream('grpc-status: 0'))], BAD_END),
  streamed('an error that is an array', [octets(REPLY, endOfStream('{"error":[]}'))], BAD_END),
  streamed('an error that is a text', [octets(REPLY, endOfStream('{"error":"x"}'))], BAD_END),
  streamed('an empty error', [octets(REPLY, endOfStream('{"error":{}}'))], {
    code: 'UNKNOWN',
    origin: 'server',
    ...AFTER_OK,
  }),
  streamed('metadata with a number', [octets(REPLY, endOfStream('{"metadata":{"a":[1]}}'))], BAD_END),
  streamed(
    'metadata with a pseudo-header',
    [octets(REPLY, endOfStream('{"metadata":{":status":["500"]}}'))],
    BAD_END,
  ),
  streamed(
    'metadata with a line end',
    [octets(REPLY, endOfStream('{"metadata":{"a":["b\\r\\nc: d"]}}'))],
    BAD_END,
  ),
  streamed(
    'metadata with grpc-status',
    [octets(REPLY, endOfStream('{"metadata":{"grpc-status":["7"],"grpc-message":["no"]}}'))],
    { code: 'OK', details: /^$/, ...AFTER_OK },
  ),
  streamed('the flag 6', [octets(REPLY, endOfStream('{}', 6))], {
    code: 'INTERNAL',
    details: /flag byte 6 /,
  }),
  streamed('the flag of gRPC-Web’s trailers', [octets(REPLY, message(octets('grpc-status: 0'), 0x80))], {
    code: 'INTERNAL',
    details: /flag byte 128/,
  }),
  streamed('text under its content-type', [octets('response of another kind')], {
    code: 'INTERNAL',
    details: /flag byte 114/,
  }),
  streamed(
    'an end that says it has 2^32-1 octets',
    [octets(REPLY, message(octets('{}'), 2, 2 ** 32 - 1))],
    { code: 'RESOURCE_EXHAUSTED', ...AFTER_OK },
    { ending: (peer, id) => peer.expectReset(id, 'CANCEL') },
  ),
  streamed(
    'an end that is a bomb',
    slices(octets(REPLY, endOfStream(gzipSync(Buffer.alloc(64 * MEBIBYTE, ' ')), 3))),
    { code: 'RESOURCE_EXHAUSTED', details: /when decompressed/, withinMs: 1000 },
    { head: [...CONNECT_STREAM, 'connect-content-encoding', 'gzip'] },
  ),
  streamed(
    'grpc-status in head and HTTP trailers',
    [octets(REPLY, endOfStream())],
    { code: 'OK', ...AFTER_OK },
    {
      head: [...CONNECT_STREAM, 'grpc-status', '7'],
      ending: (peer, id) => peer.send(headers(id, ['grpc-status', '7'], END_STREAM)),
    },
  ),
  streamed(
    'RST_STREAM(NO_ERROR) behind the end',
    [octets(REPLY, endOfStream())],
    { code: 'OK', ...AFTER_OK },
    { ending: (peer, id) => peer.send(reset(id, 0)) },
  ),
  streamed(
    'RST_STREAM within the end',
    [octets(REPLY, endOfStream().subarray(0, 6))],
    { code: 'INTERNAL', origin: 'server', ...AFTER_OK },
    { ending: (peer, id) => peer.send(reset(id, errorCode('INTERNAL_ERROR'))) },
  ),
  streamed(
    'the connection closed within the end',
    [octets(REPLY, endOfStream().subarray(0, 6))],
    { code: 'UNAVAILABLE', after: 'new' },
    { ending: (peer) => peer.end() },
  ),
  streamed(
    'two replies to a stream of requests',
    [octets(REPLY, REPLY, endOfStream())],
    { code: 'UNIMPLEMENTED' },
    { call: { cardinality: 'stream_unary' } },
  ),
  streamed(
    'no reply to a stream of requests',
    [endOfStream()],
    { code: 'UNIMPLEMENTED' },
    { call: { cardinality: 'stream_unary' } },
  ),
];

const OTHERS: readonly Row[] = [
  {
    name: 'others: gRPC',
    head: RESPONSE,
    body: [REPLY],
    ending: (peer, id) => peer.send(headers(id, OK, END_STREAM)),
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc'/ },
  },
  {
    name: 'others: gRPC’s refusal of the content-type',
    head: [':status', '415', 'content-type', 'application/grpc', 'grpc-status', '13'],
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc'/ },
  },
  {
    name: 'others: 415 and nothing more',
    head: [':status', '415'],
    want: { code: 'UNKNOWN', details: /does not speak Connect: use protocol: 'grpc'/ },
  },
  {
    name: 'others: gRPC-Web',
    head: [':status', '200', 'content-type', 'application/grpc-web+proto'],
    body: [REPLY],
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc-web'/ },
  },
  {
    name: 'others: an API of JSON',
    head: JSON_HEAD(200),
    body: [octets('{"ok":true}')],
    want: { code: 'INTERNAL', details: /content-type "application\/json"/ },
  },
  {
    name: 'others: HTML',
    head: [':status', '200', 'content-type', 'text/html'],
    body: [octets('<html>sign in</html>')],
    want: { code: 'UNKNOWN', details: /a web server answered/ },
  },
  {
    name: 'others: 404 in text',
    head: [':status', '404', 'content-type', 'text/plain'],
    body: [octets('404 page not found')],
    want: { code: 'UNIMPLEMENTED', details: /404 page not found/ },
  },
  {
    name: 'others: a redirect',
    head: [':status', '307', 'location', 'https://elsewhere.test/'],
    want: { code: 'UNKNOWN', details: /redirects are not followed/ },
  },
];

const RETRIED: HostileCase = {
  name: 'error: UNAVAILABLE is tried again',
  source: `gRFC A6; ${SOURCE}`,
  notForGrpcJs: ALONE,
  client: { ...CLIENT, retry: { maxAttempts: 3, initialBackoffMs: 5 } },
  async server(peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, JSON_HEAD(503)));
    await peer.pause(20);
    peer.send(data(id, octets('{"code":"unavailable"}'), END_STREAM));
  },
  want: { code: 'OK', replies: ['ok'], after: 'same' },
};

export const CONNECT_CASES: HostileGroup = {
  name: 'Connect',
  cases: [...[...UNARY, ...ERRORS, ...STREAMS, ...OTHERS].map(caseOf), RETRIED],
};
