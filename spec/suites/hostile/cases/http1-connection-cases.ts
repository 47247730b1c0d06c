// HTTP/1.1: the life of a connection. Closed at each moment, answers that come early or that nobody asked for, slowness and
// silence.

import type { CallPlan, HostileCase, Want } from '../hostile-case.ts';
import type { Http1Peer } from '../http1-peer.ts';
import { CONNECT, GRPC_WEB, type Http1Row, http1Case, LOST, REPLIED, STREAM } from '../http1-row.ts';
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
  sized,
} from '../http1-wire.ts';
import { endOfStream, note, octets, REPLY, trailersFrame } from '../wire.ts';

const SOURCE = 'RFC 9112 §9; docs/connections.md, HTTP/1.1';
const NOTE = note('ok');
const SAME: Want = { ...REPLIED, after: 'same' };
const LATE: Want = { code: 'DEADLINE_EXCEEDED' };
const SOON: CallPlan = { timeoutMs: 400 };
/** A request that goes on when the answer comes. */
const UPLOAD: CallPlan = { cardinality: 'stream_unary', isLeftOpen: true };
const LARGE: CallPlan = { requestOctets: 3_000_000 };

type Ending = 'FIN' | 'RST';
const ENDINGS: readonly Ending[] = ['FIN', 'RST'];

function close(peer: Http1Peer, ending: Ending): void {
  if (ending === 'FIN') peer.end();
  else peer.abort();
}

/** A script of its own, where a row does not do. */
function scripted(
  name: string,
  http1: (peer: Http1Peer) => Promise<void> | void,
  want: Want,
  more: Partial<HostileCase> = {},
): HostileCase {
  const notForGrpcJs = 'it speaks gRPC alone';
  return {
    name,
    source: SOURCE,
    notForGrpcJs,
    client: CONNECT,
    http1,
    want: { after: 'new', ...want },
    ...more,
  };
}

/** What happens between them has time for it, on a busy machine as well. */
const TWO_CALLS = { call: [{}, {}], isInTurn: true, spacingMs: 200 } as const;
const BOTH: Want = { ...REPLIED, otherCodes: 'OK', otherReplies: ['ok'] };

/** Behind a right answer, before the second call. */
const between = (
  name: string,
  act: (peer: Http1Peer) => Promise<void> | void,
  want: Want = BOTH,
): HostileCase =>
  scripted(
    `between calls: ${name}`,
    async (peer) => {
      await peer.wholeRequest();
      peer.send(connectReply());
      await peer.pause(20);
      await act(peer);
    },
    want,
    TWO_CALLS,
  );

/** In one piece with a right answer. */
const behind = (name: string, more: Uint8Array, want: Want = BOTH): HostileCase =>
  scripted(
    `behind an answer: ${name}`,
    async (peer) => {
      await peer.wholeRequest();
      peer.send(octets(connectReply(), more));
    },
    want,
    TWO_CALLS,
  );

const EVIL = connectReply('evil');

const MOMENTS: readonly HostileCase[] = [
  ...ENDINGS.flatMap((ending): HostileCase[] => [
    scripted(`closed by ${ending}: before the request`, (peer) => close(peer, ending), {
      code: ['OK', 'UNAVAILABLE'],
    }),
    scripted(
      `closed by ${ending}: behind the request's head`,
      async (peer) => {
        await peer.request();
        close(peer, ending);
      },
      LOST,
      { call: UPLOAD },
    ),
    scripted(
      `closed by ${ending}: in a request of 3 MB`,
      async (peer) => {
        await peer.request();
        close(peer, ending);
      },
      LOST,
      { call: LARGE },
    ),
    scripted(
      `closed by ${ending}: behind the request`,
      async (peer) => {
        await peer.wholeRequest();
        close(peer, ending);
      },
      LOST,
    ),
    scripted(
      `closed by ${ending}: behind the request, and again and again`,
      async (peer) => {
        await peer.request();
        close(peer, ending);
      },
      { ...LOST, after: 'none', maxConnections: 1 },
      { isEveryConnection: true },
    ),
    between(`closed by ${ending}`, (peer) => close(peer, ending)),
    scripted(
      `closed by ${ending}: on the second request`,
      async (peer) => {
        await peer.wholeRequest();
        peer.send(connectReply());
        await peer.request();
        close(peer, ending);
      },
      { ...REPLIED, otherCodes: 'UNAVAILABLE' },
      TWO_CALLS,
    ),
    scripted(
      `closed by ${ending}: within the second answer`,
      async (peer) => {
        await peer.wholeRequest();
        peer.send(connectReply());
        await peer.wholeRequest();
        peer.send(connectHead('Content-Length: 4'));
        await peer.pause(20);
        close(peer, ending);
      },
      { ...REPLIED, otherCodes: 'UNAVAILABLE' },
      TWO_CALLS,
    ),
  ]),
];

const UNASKED: readonly HostileCase[] = [
  between('a whole response', (peer) => peer.send(EVIL)),
  // Read in one piece with the answer, it is dropped.
  between('half a response', (peer) => peer.send(EVIL.subarray(0, 30)), { ...BOTH, after: 'any' }),
  between('the head of a response', (peer) => peer.send(connectHead('Content-Length: 4'))),
  between('408 and FIN', (peer) => peer.end(head('HTTP/1.1 408 Request Timeout', 'Connection: close'))),
  between('100 Continue', (peer) => peer.send(head('HTTP/1.1 100 Continue'))),
  between('an empty line', (peer) => peer.send(octets('\r\n')), { ...BOTH, after: 'any' }),
  between('NUL', (peer) => peer.send(octets('\0'))),
  between('an octet', (peer) => peer.send(octets('x'))),
  between('1 MB', (peer) => peer.send(Buffer.alloc(1_000_000, 'x'))),
  behind('a second one', EVIL),
  behind('a hundred of them', octets(...Array.from({ length: 100 }, () => EVIL))),
  // node:http drops what comes behind an answer and is no head; what is left of it cannot be taken for an answer.
  behind('half a second one', EVIL.subarray(0, 30), { ...BOTH, after: 'any' }),
  behind('an empty line', octets('\r\n'), { ...BOTH, after: 'any' }),
  scripted(
    'behind an answer: half a second one, and its rest behind the next request',
    async (peer) => {
      await peer.wholeRequest();
      peer.send(octets(connectReply(), EVIL.subarray(0, 30)));
      await peer.wholeRequest();
      peer.send(EVIL.subarray(30));
    },
    { ...REPLIED, otherCodes: ['INTERNAL', 'UNAVAILABLE'], otherReplies: [] },
    TWO_CALLS,
  ),
  behind('408', head('HTTP/1.1 408 Request Timeout', 'Connection: close')),
  behind('garbage', octets('\0\xff garbage')),
  behind('a chunk', octets(chunk(NOTE), LAST_CHUNK)),
  scripted(
    'behind an answer: a second one, and FIN',
    async (peer) => {
      await peer.wholeRequest();
      peer.end(connectReply(), EVIL);
    },
    BOTH,
    TWO_CALLS,
  ),
  scripted(
    'unasked: a whole response before the request',
    async (peer) => {
      // Whether it comes before the request was written is a race.
      peer.send(EVIL);
    },
    { code: ['OK', 'UNAVAILABLE'], details: /^$|nothing had asked for/, after: 'any' },
  ),
  scripted(
    'unasked: another response to the second request than the answer to it',
    async (peer) => {
      await peer.wholeRequest();
      peer.send(connectReply());
      await peer.wholeRequest();
      peer.send(octets(connectReply(), EVIL));
    },
    BOTH,
    TWO_CALLS,
  ),
  scripted(
    'Connection: close, and another answer',
    async (peer) => {
      await peer.wholeRequest();
      peer.send(
        octets(
          sized((...lines) => connectHead('Connection: close', ...lines), NOTE),
          EVIL,
        ),
      );
    },
    BOTH,
    TWO_CALLS,
  ),
  scripted(
    'Connection: close, and the server leaves it open',
    async (peer) => {
      await peer.wholeRequest();
      peer.send(sized((...lines) => connectHead('Connection: close', ...lines), NOTE));
      await peer.closed();
    },
    REPLIED,
  ),
  ...['CLOSE', 'keep-alive, close', 'close, close', 'x-a,close'].map((value) =>
    scripted(
      `Connection: ${value}`,
      async (peer) => {
        await peer.wholeRequest();
        peer.send(sized((...lines) => connectHead(`Connection: ${value}`, ...lines), NOTE));
      },
      REPLIED,
    ),
  ),
];

const EARLY: readonly Http1Row[] = [
  {
    name: 'early: an answer before the request has ended',
    call: UPLOAD,
    isEarly: true,
    send: octets(connectStreamHead(IS_CHUNKED), chunk(octets(REPLY, endOfStream())), LAST_CHUNK),
    want: REPLIED,
  },
  {
    name: 'early: an error before the request has ended',
    call: UPLOAD,
    isEarly: true,
    send: octets(
      connectStreamHead(IS_CHUNKED),
      chunk(endOfStream('{"error":{"code":"resource_exhausted","message":"too much"}}')),
      LAST_CHUNK,
    ),
    want: { code: 'RESOURCE_EXHAUSTED', details: /^too much$/, origin: 'server' },
  },
  {
    name: 'early: 413 in a request of 3 MB',
    call: LARGE,
    isEarly: true,
    send: head('HTTP/1.1 413 Too Large', 'Content-Length: 0'),
    // Whether all of it had been sent by then is a race.
    want: { code: 'UNKNOWN', details: /requests of this size/, after: 'any' },
  },
  {
    name: 'early: 413 in a request of 3 MB, and FIN',
    call: LARGE,
    isEarly: true,
    send: head('HTTP/1.1 413 Too Large', 'Content-Length: 0', 'Connection: close'),
    ending: 'FIN',
    want: { code: 'UNKNOWN', details: /requests of this size/ },
  },
  {
    name: 'early: 413 in a request of 3 MB, and RST',
    call: LARGE,
    isEarly: true,
    send: head('HTTP/1.1 413 Too Large', 'Content-Length: 0', 'Connection: close'),
    ending: 'RST',
    want: { code: ['UNKNOWN', 'UNAVAILABLE'] },
  },
  {
    name: 'early: the head of an answer, and RST',
    call: UPLOAD,
    isEarly: true,
    send: connectStreamHead(IS_CHUNKED),
    ending: 'RST',
    want: LOST,
  },
  {
    name: 'early: an answer of gRPC-Web to both streams',
    client: GRPC_WEB,
    call: { cardinality: 'stream_stream', isLeftOpen: true },
    isEarly: true,
    send: octets(grpcWebHead(IS_CHUNKED), chunk(octets(REPLY, trailersFrame())), LAST_CHUNK),
    want: REPLIED,
  },
  {
    name: 'early: 505 to both streams',
    call: { cardinality: 'stream_stream', isLeftOpen: true },
    isEarly: true,
    send: head('HTTP/1.1 505 HTTP Version Not Supported', 'Content-Length: 0'),
    want: { code: 'UNKNOWN', details: /both sides cannot stream at once over HTTP\/1\.1/ },
  },
];

const WHOLE = octets(connectHead(IS_CHUNKED), chunk(NOTE), LAST_CHUNK);
const DRIPPED = octets(connectStreamHead(IS_CHUNKED), chunks(REPLY, REPLY, endOfStream()));

const SLOW: readonly Http1Row[] = [
  {
    name: 'slow: an answer in drips',
    ending: (peer) => peer.drip(WHOLE, 1),
    want: { ...SAME, withinMs: 2000 },
  },
  {
    name: 'slow: a deadline in the drips of a head',
    ending: (peer) => peer.drip(WHOLE, 20),
    call: SOON,
    want: LATE,
  },
  {
    name: 'slow: a deadline in the drips of a body',
    send: connectHead('Content-Length: 4000'),
    ending: (peer) => peer.drip(Buffer.alloc(4000), 10),
    call: SOON,
    want: LATE,
  },
  {
    name: 'slow: a deadline in the drips of a stream',
    send: DRIPPED.subarray(0, -9),
    ending: (peer) => peer.drip(DRIPPED.subarray(-9), 100),
    call: { ...STREAM, ...SOON },
    want: { ...LATE, replies: ['ok', 'ok'] },
  },
  {
    name: 'slow: drips of 1xx',
    ending: async (peer) => {
      while (!peer.isClosed) {
        peer.send(head('HTTP/1.1 102 Processing'));
        await peer.pause(20);
      }
    },
    call: SOON,
    want: LATE,
  },
  { name: 'silence: behind the request', ending: (peer) => peer.closed(), call: SOON, want: LATE },
  {
    name: 'silence: behind part of a status line',
    send: octets('HTTP/1.'),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: within the head',
    send: octets('HTTP/1.1 200 OK\r\nx-a'),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: behind the head',
    send: connectHead('Content-Length: 4'),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: within a chunk',
    send: octets(connectHead(IS_CHUNKED), '4\r\n', NOTE.subarray(0, 2)),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: before the last chunk',
    send: WHOLE.subarray(0, -5),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: until the call is cancelled',
    send: connectHead('Content-Length: 4'),
    ending: (peer) => peer.closed(),
    call: { cancelAfterMs: 100 },
    want: { code: 'CANCELLED' },
  },
  {
    name: 'silence: a request of 3 MB that nobody reads',
    isEarly: true,
    ending: async (peer) => {
      peer.socket.pause();
      await peer.pause(800);
      peer.socket.resume();
    },
    call: { ...LARGE, ...SOON },
    want: LATE,
  },
  {
    name: 'silence: an error of JSON that does not end',
    send: octets(head('HTTP/1.1 404 x', 'Content-Type: application/json', IS_CHUNKED), chunk('{"code":')),
    ending: (peer) => peer.closed(),
    call: SOON,
    want: LATE,
  },
  {
    name: 'silence: half a page with 502',
    send: octets(head('HTTP/1.1 502 x', 'Content-Type: text/html', 'Content-Length: 5000'), '<h1>no'),
    call: SOON,
    want: { code: ['UNAVAILABLE', 'DEADLINE_EXCEEDED'] },
  },
];

const RETRIED: HostileCase = scripted(
  'an error at once is tried again',
  async (peer) => {
    await peer.wholeRequest();
    peer.send(head('HTTP/1.1 503 x', 'Content-Type: application/json', 'Content-Length: 22'));
    await peer.pause(20);
    peer.send(octets('{"code":"unavailable"}'));
  },
  { ...REPLIED, after: 'same' },
  { client: { ...CONNECT, retry: { maxAttempts: 3, initialBackoffMs: 5 } } },
);

export const HTTP1_CONNECTION_CASES: readonly HostileCase[] = [
  ...MOMENTS,
  ...UNASKED,
  ...[...EARLY, ...SLOW].map((row) => http1Case(SOURCE, row)),
  RETRIED,
];
