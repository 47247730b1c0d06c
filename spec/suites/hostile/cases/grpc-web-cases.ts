// gRPC-Web over HTTP/2: trailers frames that are missing, doubled, split, merged, malformed or lies; its text mode; and
// servers of other protocols.

import { gzipSync } from 'node:zlib';
import type { CallPlan, ClientPlan, HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  base64,
  data,
  END_STREAM,
  errorCode,
  GRPC_WEB,
  GRPC_WEB_TEXT,
  goAway,
  headers,
  message,
  note,
  OK,
  octets,
  REPLY,
  RESPONSE,
  reset,
  trailersFrame,
} from '../wire.ts';

const SOURCE = 'PROTOCOL-WEB.md';
const ALONE = 'it speaks gRPC alone';
const NOT_OK = ['INTERNAL', 'UNKNOWN'] as const;
const MEBIBYTE = 1024 * 1024;
const FRAME_OCTETS = 16_384;
const STREAM: CallPlan = { cardinality: 'unary_stream' };
const WEB: ClientPlan = { protocol: 'grpc-web' };
const TEXT: ClientPlan = { protocol: 'grpc-web', grpcWebText: true };

/** One DATA frame a part; `isEnded` by the last of them. */
function respond(
  peer: Peer,
  id: number,
  head: readonly string[],
  body: readonly Uint8Array[],
  isEnded = true,
): void {
  const last = body.length - 1;
  peer.send(
    headers(id, head, body.length === 0 && isEnded ? END_STREAM : 0),
    ...body.map((part, i) => data(id, part, i === last && isEnded ? END_STREAM : 0)),
  );
}

interface Row {
  readonly name: string;
  readonly body?: readonly Uint8Array[];
  readonly head?: readonly string[];
  readonly want: Want;
  readonly call?: CallPlan;
  readonly client?: ClientPlan;
  /** Behind the body, in place of END_STREAM. */
  readonly ending?: (peer: Peer, id: number) => Promise<void> | void;
}

function caseOf({ name, body = [], head = GRPC_WEB, want, call, client = WEB, ending }: Row): HostileCase {
  return {
    name,
    source: SOURCE,
    notForGrpcJs: ALONE,
    client,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      respond(peer, id, head, body, ending === undefined);
      await ending?.(peer, id);
    },
    ...(call !== undefined && { call }),
    want: { after: 'same', ...want },
  };
}

const OK_FRAME = trailersFrame();
const ERROR_FRAME = trailersFrame('grpc-status: 5\r\ngrpc-message: gone\r\n');
const GONE: Want = { code: 'NOT_FOUND', details: /^gone$/, origin: 'server' };
const octetsOf = (bytes: Uint8Array): Uint8Array[] => Array.from(bytes, (octet) => Uint8Array.of(octet));

function slices(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_OCTETS) parts.push(bytes.subarray(at, at + FRAME_OCTETS));
  return parts;
}

const RIGHT: readonly Row[] = [
  {
    name: 'the trailers frame in one DATA with the reply',
    body: [octets(REPLY, OK_FRAME)],
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'reply and trailers frame octet by octet',
    body: octetsOf(octets(REPLY, OK_FRAME)),
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'the header of the trailers frame with the reply, the rest apart',
    body: [octets(REPLY, OK_FRAME.subarray(0, 5)), OK_FRAME.subarray(5)],
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'the trailers frame and then an empty DATA',
    body: [octets(REPLY, OK_FRAME), octets()],
    want: { code: 'OK', replies: ['ok'] },
  },
  { name: 'an error without any reply', body: [ERROR_FRAME], want: GONE },
  {
    name: 'an error behind replies',
    body: [octets(REPLY, REPLY, ERROR_FRAME)],
    call: STREAM,
    want: { ...GONE, replies: ['ok', 'ok'] },
  },
  {
    name: 'an error in the head alone',
    head: [...GRPC_WEB, 'grpc-status', '5', 'grpc-message', 'gone'],
    want: GONE,
  },
  {
    name: 'an error in the head, and an empty body behind it',
    head: [...GRPC_WEB, 'grpc-status', '5', 'grpc-message', 'gone'],
    body: [octets()],
    want: GONE,
  },
  {
    name: 'RST_STREAM(NO_ERROR) behind the trailers frame',
    body: [octets(REPLY, OK_FRAME)],
    ending: (peer, id) => peer.send(reset(id, 0)),
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'HTTP trailers behind the trailers frame, which say another thing',
    body: [octets(REPLY, OK_FRAME)],
    ending: (peer, id) => peer.send(headers(id, ['grpc-status', '13'], END_STREAM)),
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'HTTP trailers in place of the trailers frame',
    body: [REPLY],
    ending: (peer, id) => peer.send(headers(id, OK, END_STREAM)),
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: '10,000 messages and the trailers frame in one go',
    body: slices(octets(...Array.from({ length: 10_000 }, () => REPLY), OK_FRAME)),
    call: STREAM,
    want: { code: 'OK', replies: 10_000, withinMs: 2000 },
  },
];

const WRONG: readonly Row[] = [
  {
    name: 'no trailers frame',
    body: [REPLY],
    want: { code: 'UNKNOWN', details: /without its trailers frame/, origin: 'client' },
  },
  { name: 'nothing but a head', want: { code: 'UNKNOWN', details: /without a grpc-status/ } },
  {
    name: 'a message cut short and no trailers frame',
    body: [REPLY.subarray(0, -1)],
    want: { code: NOT_OK },
  },
  {
    name: 'a trailers frame cut short in its header',
    body: [octets(REPLY, OK_FRAME.subarray(0, 3))],
    want: { code: 'INTERNAL', details: /ended inside the trailers frame/ },
  },
  {
    name: 'a trailers frame cut short in its text',
    body: [octets(REPLY, OK_FRAME.subarray(0, -1))],
    want: { code: 'INTERNAL', details: /ended inside the trailers frame/ },
  },
  {
    name: 'two trailers frames',
    body: [octets(REPLY, OK_FRAME, OK_FRAME)],
    want: { code: 'INTERNAL', details: /octets after the trailers frame/ },
  },
  {
    name: 'a second trailers frame in a DATA of its own',
    body: [octets(REPLY, OK_FRAME), ERROR_FRAME],
    want: { code: 'INTERNAL', details: /octets after the trailers frame/ },
  },
  {
    name: 'a message behind the trailers frame',
    body: [octets(OK_FRAME, REPLY)],
    want: { code: 'INTERNAL', details: /octets after the trailers frame/ },
  },
  {
    name: 'a trailers frame between two messages',
    body: [octets(REPLY, OK_FRAME, REPLY)],
    call: STREAM,
    want: { code: 'INTERNAL', replies: ['ok'] },
  },
  {
    name: 'an empty trailers frame',
    body: [octets(REPLY, trailersFrame(''))],
    want: { code: 'UNKNOWN', details: /without a grpc-status/ },
  },
  {
    name: 'two statuses in the trailers frame',
    body: [octets(REPLY, trailersFrame('grpc-status: 0\r\ngrpc-status: 5\r\n'))],
    want: { code: 'UNKNOWN', details: /two grpc-status/ },
  },
  {
    name: 'a status that there is not',
    body: [octets(REPLY, trailersFrame('grpc-status: 99\r\n'))],
    want: { code: 'UNKNOWN', details: /invalid grpc-status/ },
  },
  {
    name: 'a line without a colon',
    body: [octets(REPLY, trailersFrame('grpc-status: 0\r\nnonsense\r\n'))],
    want: { code: 'INTERNAL', details: /malformed line/ },
  },
  {
    name: 'a pseudo-header in the trailers frame',
    body: [octets(REPLY, trailersFrame(':status: 200\r\ngrpc-status: 0\r\n'))],
    want: { code: 'INTERNAL', details: /malformed line/ },
  },
  {
    name: 'octets in place of lines',
    body: [octets(REPLY, trailersFrame(Buffer.alloc(64, 0)))],
    want: { code: 'INTERNAL', details: /malformed line/ },
  },
  {
    name: 'the flag 0x82',
    body: [octets(REPLY, trailersFrame('grpc-status: 0\r\n', 0x82))],
    want: { code: 'INTERNAL', details: /flag byte 130/ },
  },
  {
    name: 'the flag 0xff',
    body: [octets(REPLY, trailersFrame('grpc-status: 0\r\n', 0xff))],
    want: { code: 'INTERNAL', details: /flag byte 255/ },
  },
  {
    name: 'the flag of Connect’s end',
    body: [octets(REPLY, message(octets('{}'), 2))],
    want: { code: 'INTERNAL', details: /flag byte 2 / },
  },
  {
    name: 'a compressed trailers frame without an encoding',
    body: [octets(REPLY, trailersFrame(gzipSync('grpc-status: 0\r\n'), 0x81))],
    want: { code: 'INTERNAL', details: /without a grpc-encoding/ },
  },
  {
    name: 'a compressed trailers frame of an encoding that nobody knows',
    head: [...GRPC_WEB, 'grpc-encoding', 'lzma'],
    body: [octets(REPLY, trailersFrame('abc', 0x81))],
    want: { code: 'INTERNAL', details: /"lzma"/ },
  },
  {
    name: 'a status in the head and a message without a trailers frame',
    head: [...GRPC_WEB, 'grpc-status', '0'],
    body: [REPLY],
    want: { code: 'UNKNOWN' },
  },
  { name: 'OK without a reply', body: [OK_FRAME], want: { code: 'UNIMPLEMENTED' } },
  { name: 'two replies', body: [octets(REPLY, REPLY, OK_FRAME)], want: { code: 'UNIMPLEMENTED' } },
  {
    name: 'fewer octets than content-length',
    head: [...GRPC_WEB, 'content-length', '1000'],
    body: [REPLY],
    want: { code: 'INTERNAL', details: /content-length/ },
  },
  {
    name: 'RST_STREAM within the trailers frame',
    body: [octets(REPLY, OK_FRAME.subarray(0, 9))],
    ending: (peer, id) => peer.send(reset(id, errorCode('INTERNAL_ERROR'))),
    want: { code: 'INTERNAL', origin: 'server' },
  },
  {
    name: 'RST_STREAM between reply and trailers frame',
    body: [REPLY],
    ending: (peer, id) => peer.send(reset(id, errorCode('CANCEL'))),
    want: { code: 'CANCELLED', origin: 'server' },
  },
  {
    name: 'RST_STREAM behind the head',
    ending: (peer, id) => peer.send(reset(id, errorCode('ENHANCE_YOUR_CALM'))),
    want: { code: 'RESOURCE_EXHAUSTED' },
  },
  {
    name: 'the connection closed within the trailers frame',
    body: [octets(REPLY, OK_FRAME.subarray(0, 9))],
    ending: (peer) => peer.end(),
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'the connection closed behind the trailers frame',
    body: [octets(REPLY, OK_FRAME)],
    ending: (peer) => peer.end(),
    want: { code: 'OK', replies: ['ok'], after: 'new' },
  },
  {
    name: 'GOAWAY behind the trailers frame',
    body: [octets(REPLY, OK_FRAME)],
    ending: (peer, id) => peer.send(goAway(id, 0), data(id, octets(), END_STREAM)),
    want: { code: 'OK', after: 'new' },
  },
  {
    name: 'a trailers frame, and no end of the stream',
    body: [octets(REPLY, ERROR_FRAME)],
    ending: () => {},
    call: { timeoutMs: 200 },
    want: { code: 'DEADLINE_EXCEEDED' },
  },
];

const LARGE: readonly Row[] = [
  {
    name: 'a trailers frame of 1 MiB',
    body: slices(
      octets(REPLY, trailersFrame(`grpc-status: 5\r\ngrpc-message: gone\r\nx: ${'y'.repeat(MEBIBYTE - 39)}`)),
    ),
    want: { ...GONE, withinMs: 1000 },
  },
  {
    name: 'a trailers frame that says it has 2^32-1 octets',
    body: [octets(REPLY, message(octets('grpc-status: 0\r\n'), 0x80, 2 ** 32 - 1))],
    ending: (peer, id) => peer.expectReset(id, 'CANCEL'),
    want: { code: 'RESOURCE_EXHAUSTED', details: /larger than 1048576 octets/ },
  },
  {
    name: 'a trailers frame of 64 MiB in 64 KiB',
    head: [...GRPC_WEB, 'grpc-encoding', 'gzip'],
    body: slices(octets(REPLY, trailersFrame(gzipSync(Buffer.alloc(64 * MEBIBYTE, '\n')), 0x81))),
    want: { code: 'RESOURCE_EXHAUSTED', details: /when decompressed/, withinMs: 1000 },
  },
];

const TEXT_ROWS: readonly Row[] = [
  { name: 'text: one piece', body: [base64(octets(REPLY, OK_FRAME))], want: { code: 'OK', replies: ['ok'] } },
  {
    name: 'text: padding between the frames, and splits at each character',
    body: octetsOf(base64(REPLY, OK_FRAME)),
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'text: padding within the header of the trailers frame',
    body: [base64(octets(REPLY, OK_FRAME.subarray(0, 2)), OK_FRAME.subarray(2))],
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'text: each octet by itself',
    body: [base64(...octetsOf(octets(REPLY, OK_FRAME)))],
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'text: octets in answer',
    head: GRPC_WEB,
    body: [octets(REPLY, OK_FRAME)],
    want: { code: 'OK', replies: ['ok'] },
  },
  {
    name: 'text: octets under the name of text',
    body: [octets(REPLY, OK_FRAME)],
    want: { code: 'INTERNAL', details: /is not base64/ },
  },
  {
    name: 'text: a group cut short',
    body: [base64(REPLY, OK_FRAME), octets('AA')],
    want: { code: 'INTERNAL', details: /2 characters into a group/ },
  },
  { name: 'text: HTML', body: [octets('<html>no</html>')], want: { code: 'INTERNAL', details: /<html>/ } },
  { name: 'text: padding alone', body: [octets('====')], want: { code: 'INTERNAL' } },
  {
    name: 'text: a line end between groups',
    body: [base64(REPLY), octets('\r\n'), base64(OK_FRAME)],
    want: { code: 'INTERNAL' },
  },
].map((row) => ({ client: TEXT, head: GRPC_WEB_TEXT, ...row }) as Row);

const OTHERS: readonly Row[] = [
  {
    name: 'gRPC in answer',
    head: RESPONSE,
    body: [REPLY],
    ending: (peer, id) => peer.send(headers(id, OK, END_STREAM)),
    want: { code: 'UNKNOWN', details: /use protocol: 'grpc'/ },
  },
  {
    name: 'gRPC’s refusal of the content-type',
    head: [
      ':status',
      '415',
      'content-type',
      'application/grpc',
      'grpc-status',
      '13',
      'grpc-message',
      'invalid content-type',
    ],
    want: { code: 'UNKNOWN', details: /it says "invalid content-type"; .*grpc_web filter/ },
  },
  {
    name: 'Connect in answer',
    head: [':status', '200', 'content-type', 'application/proto'],
    body: [note('ok')],
    want: { code: 'UNKNOWN', details: /use protocol: 'connect'/ },
  },
  {
    name: 'HTML with 200',
    head: [':status', '200', 'content-type', 'text/html'],
    body: [octets('<html>sign in</html>')],
    want: { code: 'UNKNOWN', details: /a web server answered/ },
  },
  {
    name: '404 in text',
    head: [':status', '404', 'content-type', 'text/plain'],
    body: [octets('404 page not found')],
    want: { code: 'UNIMPLEMENTED', details: /404 page not found/ },
  },
  {
    name: '503 of a proxy',
    head: [':status', '503', 'content-type', 'text/html'],
    body: [octets('<h1>503</h1>')],
    want: { code: 'UNAVAILABLE', details: /a proxy or load balancer/ },
  },
  {
    name: '415 with what it accepts',
    head: [':status', '415', 'accept-post', 'application/proto, application/connect+proto'],
    want: { code: 'UNKNOWN', details: /accepts Connect: use protocol: 'connect'/ },
  },
  {
    name: 'a codec that was not asked for',
    head: [':status', '200', 'content-type', 'application/grpc-web+json'],
    body: [octets(REPLY, OK_FRAME)],
    want: { code: 'INTERNAL', details: /grpc-web\+json/ },
  },
];

const RETRIED: HostileCase = {
  name: 'an error at once is tried again, though its head and its frame come apart',
  source: 'gRFC A6; PROTOCOL-WEB.md',
  notForGrpcJs: ALONE,
  client: { ...WEB, retry: { maxAttempts: 3, initialBackoffMs: 5 } },
  async server(peer) {
    const id = await peer.greetAndTakeRequest();
    respond(peer, id, GRPC_WEB, [trailersFrame('grpc-status: 14\r\n')]);
  },
  want: { code: 'OK', replies: ['ok'], after: 'same' },
};

export const GRPC_WEB_CASES: HostileGroup = {
  name: 'gRPC-Web',
  cases: [...[...RIGHT, ...WRONG, ...LARGE, ...TEXT_ROWS, ...OTHERS].map(caseOf), RETRIED],
};
