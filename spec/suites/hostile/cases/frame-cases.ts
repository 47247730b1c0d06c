// Frames with wrong lengths, on wrong streams, badly padded, out of place; and odd ones that are right.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  ACK,
  answer,
  block,
  CONTINUATION,
  continuation,
  DATA,
  data,
  END_HEADERS,
  END_STREAM,
  type ErrorCode,
  frame,
  GOAWAY,
  goAway,
  HEADERS,
  headers,
  OK,
  octets,
  PADDED,
  PING,
  PRIORITY,
  PRIORITY_FLAG,
  PUSH_PROMISE,
  ping,
  REPLY,
  RESPONSE,
  RST_STREAM,
  reset,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
  windowUpdate,
} from '../wire.ts';

const RESPONSE_BLOCK = block(RESPONSE);
const HEAD = headers(1, RESPONSE);
/** A whole call is under way on stream 1; streams 3 and above are idle, and so is 2. */
const IDLE = 101;

type Fault = readonly [name: string, source: string, code: ErrorCode, bad: Uint8Array];

/** Each is a connection error. */
const CONNECTION_FAULTS: readonly Fault[] = [
  [
    'HEADERS larger than 16,384 octets',
    '§4.2',
    'FRAME_SIZE_ERROR',
    frame(HEADERS, END_HEADERS, 1, Buffer.alloc(16_385)),
  ],
  [
    'an unknown type larger than 16,384 octets',
    '§4.2',
    'FRAME_SIZE_ERROR',
    frame(0xbe, 0, 0, Buffer.alloc(100), 0xffffff),
  ],
  ['DATA on stream 0', '§6.1', 'PROTOCOL_ERROR', data(0, REPLY)],
  ['HEADERS on stream 0', '§6.2', 'PROTOCOL_ERROR', headers(0, RESPONSE)],
  ['PRIORITY on stream 0', '§6.3', 'PROTOCOL_ERROR', frame(PRIORITY, 0, 0, Buffer.alloc(5))],
  ['RST_STREAM on stream 0', '§6.4', 'PROTOCOL_ERROR', reset(0, 8)],
  ['CONTINUATION on stream 0', '§6.10', 'PROTOCOL_ERROR', continuation(0, RESPONSE_BLOCK, END_HEADERS)],
  ['SETTINGS on a stream', '§6.5', 'PROTOCOL_ERROR', frame(SETTINGS, 0, 1)],
  ['PING on a stream', '§6.7', 'PROTOCOL_ERROR', frame(PING, 0, 1, Buffer.alloc(8))],
  ['GOAWAY on a stream', '§6.8', 'PROTOCOL_ERROR', frame(GOAWAY, 0, 1, Buffer.alloc(8))],
  ['DATA on an idle stream', '§5.1', 'PROTOCOL_ERROR', data(IDLE, REPLY)],
  ['HEADERS on an idle stream', '§5.1', 'PROTOCOL_ERROR', headers(IDLE, RESPONSE)],
  ["HEADERS on an idle stream of the server's", '§5.1.1', 'PROTOCOL_ERROR', headers(2, RESPONSE)],
  ["DATA on an idle stream of the server's", '§5.1', 'PROTOCOL_ERROR', data(2, REPLY)],
  ['RST_STREAM on an idle stream', '§6.4', 'PROTOCOL_ERROR', reset(IDLE, 8)],
  ['WINDOW_UPDATE on an idle stream', '§5.1', 'PROTOCOL_ERROR', windowUpdate(IDLE, 1)],
  ['PING of 7 octets', '§6.7', 'FRAME_SIZE_ERROR', frame(PING, 0, 0, Buffer.alloc(7))],
  ['PING of 9 octets', '§6.7', 'FRAME_SIZE_ERROR', frame(PING, ACK, 0, Buffer.alloc(9))],
  ['RST_STREAM of 3 octets', '§6.4', 'FRAME_SIZE_ERROR', frame(RST_STREAM, 0, 1, Buffer.alloc(3))],
  ['RST_STREAM of 5 octets', '§6.4', 'FRAME_SIZE_ERROR', frame(RST_STREAM, 0, 1, Buffer.alloc(5))],
  ['WINDOW_UPDATE of 3 octets', '§6.9', 'FRAME_SIZE_ERROR', frame(WINDOW_UPDATE, 0, 1, Buffer.alloc(3))],
  ['WINDOW_UPDATE of 0 octets', '§6.9', 'FRAME_SIZE_ERROR', frame(WINDOW_UPDATE, 0, 0)],
  ['GOAWAY of 7 octets', '§6.8', 'FRAME_SIZE_ERROR', frame(GOAWAY, 0, 0, Buffer.alloc(7))],
  [
    'DATA with more padding than payload',
    '§6.1',
    'PROTOCOL_ERROR',
    octets(HEAD, frame(DATA, PADDED, 1, octets(5, 'abcd'))),
  ],
  [
    'DATA with as much padding as payload',
    '§6.1',
    'PROTOCOL_ERROR',
    octets(HEAD, frame(DATA, PADDED, 1, octets(4, 'abc'))),
  ],
  [
    'HEADERS with more padding than payload',
    '§6.2',
    'PROTOCOL_ERROR',
    frame(HEADERS, END_HEADERS | PADDED, 1, octets(255, RESPONSE_BLOCK)),
  ],
  ['CONTINUATION without HEADERS', '§6.10', 'PROTOCOL_ERROR', continuation(1, RESPONSE_BLOCK, END_HEADERS)],
  [
    'CONTINUATION behind a whole block',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(HEAD, continuation(1, RESPONSE_BLOCK, END_HEADERS)),
  ],
  [
    'CONTINUATION on another stream',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(frame(HEADERS, 0, 1, RESPONSE_BLOCK), continuation(3, octets(), END_HEADERS)),
  ],
  [
    'DATA inside a header block',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(frame(HEADERS, 0, 1, RESPONSE_BLOCK), data(1, REPLY)),
  ],
  [
    'HEADERS inside a header block',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(frame(HEADERS, 0, 1, RESPONSE_BLOCK), HEAD),
  ],
  [
    'PING inside a header block',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(frame(HEADERS, 0, 1, RESPONSE_BLOCK), ping()),
  ],
  [
    'an unknown type inside a header block',
    '§6.10',
    'PROTOCOL_ERROR',
    octets(frame(HEADERS, 0, 1, RESPONSE_BLOCK), frame(0xbe, 0, 1)),
  ],
  [
    'PUSH_PROMISE',
    '§6.6',
    'PROTOCOL_ERROR',
    frame(PUSH_PROMISE, END_HEADERS, 1, octets(uint32(2), RESPONSE_BLOCK)),
  ],
  [
    'PUSH_PROMISE for a stream of the client',
    '§6.6',
    'PROTOCOL_ERROR',
    frame(PUSH_PROMISE, END_HEADERS, 1, octets(uint32(3), RESPONSE_BLOCK)),
  ],
];

/** The RFC leaves open whether these end the connection or the stream only. */
const FAULTS: readonly (readonly [name: string, source: string, bad: Uint8Array])[] = [
  ['DATA larger than 16,384 octets', '§4.2', octets(HEAD, data(1, Buffer.alloc(16_385)))],
  ['PRIORITY of 4 octets', '§6.3', frame(PRIORITY, 0, 1, Buffer.alloc(4))],
  ['padded DATA without a pad length', '§6.1', octets(HEAD, frame(DATA, PADDED, 1))],
  ['padded HEADERS without a pad length', '§6.2', frame(HEADERS, END_HEADERS | PADDED, 1)],
  [
    'HEADERS too short for its priority',
    '§6.2',
    frame(HEADERS, END_HEADERS | PRIORITY_FLAG, 1, Buffer.alloc(4)),
  ],
];

function whileCalling(bad: Uint8Array, then?: (peer: Peer) => Promise<void>): HostileCase['server'] {
  return async (peer) => {
    await peer.greetAndTakeRequest();
    peer.send(bad);
    await then?.(peer);
  };
}

const connectionFaults: readonly HostileCase[] = CONNECTION_FAULTS.map(([name, source, code, bad]) => ({
  name,
  source: `RFC 9113 ${source}`,
  server: whileCalling(bad, async (peer) => {
    await peer.expectGoAway(code);
    await peer.closed();
  }),
  want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
}));

const faults: readonly HostileCase[] = FAULTS.map(([name, source, bad]) => ({
  name,
  source: `RFC 9113 ${source}`,
  server: whileCalling(bad),
  want: { code: ['UNAVAILABLE', 'INTERNAL'] },
}));

/** Odd, and right: the call ends well and the connection stays. */
const HARMLESS: readonly (readonly [name: string, source: string, frames: Uint8Array])[] = [
  ['an unknown type on stream 0', '§5.5', octets(frame(0xbe, 0xff, 0, octets('what?')), answer(1))],
  [
    'an unknown type on the stream',
    '§5.5',
    octets(HEAD, frame(0xbe, 0xff, 1), data(1, REPLY), headers(1, OK, END_STREAM)),
  ],
  ['an unknown type on an idle stream', '§5.5', octets(frame(0xbe, 0, IDLE), answer(1))],
  [
    'ALTSVC and ORIGIN',
    'RFC 7838, RFC 8336',
    octets(frame(0xa, 0, 0, octets(0, 0, 'h2=":1"')), frame(0xc, 0, 0), answer(1)),
  ],
  [
    'undefined flags',
    '§4.1',
    octets(
      headers(1, RESPONSE, 0xd2 & ~0x20 & ~PADDED & ~1),
      frame(DATA, 0xd6, 1, REPLY),
      headers(1, OK, END_STREAM),
    ),
  ],
  [
    'the reserved bit of the stream id',
    '§4.1',
    octets(headers(0x80000001, RESPONSE), data(0x80000001, REPLY), headers(0x80000001, OK, END_STREAM)),
  ],
  [
    'PRIORITY on the stream, an idle and an ended one',
    '§6.3',
    octets(...[1, 7, 2].map((id) => frame(PRIORITY, 0, id, Buffer.alloc(5))), answer(1)),
  ],
  [
    'HEADERS with a priority',
    '§6.2',
    octets(
      frame(HEADERS, END_HEADERS | PRIORITY_FLAG, 1, octets(uint32(0), 15, RESPONSE_BLOCK)),
      data(1, REPLY),
      headers(1, OK, END_STREAM),
    ),
  ],
  [
    'padding to the full',
    '§6.1',
    octets(
      frame(HEADERS, END_HEADERS | PADDED, 1, octets(255, RESPONSE_BLOCK, Buffer.alloc(255))),
      frame(DATA, PADDED, 1, octets(255, REPLY, Buffer.alloc(255))),
      headers(1, OK, END_STREAM),
    ),
  ],
  [
    'DATA of padding only',
    '§6.1',
    octets(
      HEAD,
      frame(DATA, PADDED, 1, octets(9, Buffer.alloc(9))),
      frame(DATA, PADDED, 1, octets(0)),
      data(1, REPLY),
      headers(1, OK, END_STREAM),
    ),
  ],
  [
    'a block in one HEADERS and many CONTINUATIONs',
    '§6.10',
    octets(
      frame(HEADERS, 0, 1),
      ...[...RESPONSE_BLOCK].map((one) => continuation(1, octets(one))),
      continuation(1, octets(), END_HEADERS),
      data(1, REPLY),
      headers(1, OK, END_STREAM),
    ),
  ],
  [
    'trailers in HEADERS and CONTINUATION',
    '§6.10',
    octets(HEAD, data(1, REPLY), frame(HEADERS, END_STREAM, 1), continuation(1, block(OK), END_HEADERS)),
  ],
  ['an ACK of a PING that nobody sent', '§6.7', octets(ping(ACK), answer(1))],
  [
    'WINDOW_UPDATE and RST_STREAM on the stream that ended',
    '§5.1',
    octets(answer(1), windowUpdate(1, 9), reset(1, 0), windowUpdate(1, 9)),
  ],
  [
    'empty DATA between',
    '§6.1',
    octets(HEAD, data(1, octets()), data(1, REPLY), data(1, octets()), headers(1, OK, END_STREAM)),
  ],
  [
    'CONTINUATION with an undefined flag',
    '§6.10',
    octets(
      frame(HEADERS, 0, 1),
      frame(CONTINUATION, END_HEADERS | 0xf0, 1, RESPONSE_BLOCK),
      data(1, REPLY),
      headers(1, OK, END_STREAM),
    ),
  ],
];

const harmless: readonly HostileCase[] = HARMLESS.map(([name, source, frames]) => ({
  name,
  source: source.startsWith('§') ? `RFC 9113 ${source}` : source,
  server: whileCalling(frames),
  want: { code: 'OK', replies: ['ok'], after: 'same' },
}));

/** The call is complete; what follows breaks a rule, and cannot change how it ended. */
const AFTER_THE_END: readonly (readonly [name: string, late: Uint8Array])[] = [
  ['DATA after END_STREAM', data(1, REPLY)],
  ['HEADERS after END_STREAM', HEAD],
  ['trailers twice', headers(1, ['grpc-status', '13'], END_STREAM)],
  ['a whole second answer', answer(1)],
  ['PUSH_PROMISE behind the answer', frame(PUSH_PROMISE, END_HEADERS, 1, octets(uint32(2), RESPONSE_BLOCK))],
  ['garbage behind the answer', Buffer.alloc(64, 0xa5)],
];

const afterTheEnd: readonly HostileCase[] = AFTER_THE_END.map(([name, late]) => ({
  name,
  source: 'RFC 9113 §5.1; docs/promises.md 5',
  server: whileCalling(octets(answer(1), late)),
  want: { code: 'OK', replies: ['ok'], after: 'any' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'PING is answered with its octets',
    source: 'RFC 9113 §6.7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(ping(0, '12345678'));
      const { payload } = await peer.frame(
        'the ACK of PING',
        (one) => one.type === PING && one.flags === ACK,
      );
      if (payload.toString() !== '12345678') throw new Error(`PING was answered with ${payload}`);
      peer.answer(id);
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'a PRIORITY that depends on itself',
    source: 'RFC 7540 §5.3.1; RFC 9113 §5.3.2',
    server: whileCalling(octets(frame(PRIORITY, 0, 1, octets(uint32(1), 1)), answer(1))),
    want: { code: ['OK', 'INTERNAL', 'UNAVAILABLE'] },
  },
  {
    name: 'padding that is not zeros',
    source: 'RFC 9113 §6.1',
    server: whileCalling(
      octets(HEAD, frame(DATA, PADDED, 1, octets(3, REPLY, 'abc')), headers(1, OK, END_STREAM)),
    ),
    want: { code: ['OK', 'INTERNAL', 'UNAVAILABLE'] },
  },
  {
    name: 'the whole answer octet by octet',
    source: 'RFC 9113 §4.1',
    async server(peer) {
      await peer.drip(answer(await peer.greetAndTakeRequest()));
    },
    want: { code: 'OK', replies: ['ok'], withinMs: 1000, after: 'same' },
  },
  {
    name: 'answers to three calls, interleaved and in the reverse order',
    source: 'RFC 9113 §5',
    async server(peer) {
      await peer.greet();
      const ids = [await peer.wholeRequest(), await peer.wholeRequest(), await peer.wholeRequest()];
      for (const id of ids) peer.send(headers(id, RESPONSE));
      for (const id of ids.reverse()) peer.send(data(id, REPLY.subarray(0, 4)));
      for (const id of ids) peer.send(data(id, REPLY.subarray(4)));
      for (const id of ids) peer.send(headers(id, OK, END_STREAM));
    },
    call: [{}, {}, {}],
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'a fault on one stream leaves the other alone',
    source: 'RFC 9113 §5.4.2',
    async server(peer) {
      await peer.greet();
      const first = await peer.wholeRequest();
      const second = await peer.wholeRequest();
      peer.send(data(first, REPLY));
      await peer.expectReset(first, 'PROTOCOL_ERROR');
      peer.answer(second);
    },
    call: [{}, {}],
    want: { code: ['INTERNAL', 'UNKNOWN'], otherCodes: 'OK', after: 'same' },
  },
  {
    name: 'a fault of the connection fails every call on it',
    source: 'docs/promises.md 1',
    async server(peer) {
      await peer.greet();
      for (let i = 0; i < 3; i++) await peer.wholeRequest();
      peer.send(goAway(0x7fff_ffff, 0), frame(PING, 0, 0, Buffer.alloc(7)));
    },
    call: [{}, { cardinality: 'unary_stream' }, { cardinality: 'stream_unary' }],
    want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
];

export const FRAME_CASES: HostileGroup = {
  name: 'frames',
  cases: [...connectionFaults, ...faults, ...harmless, ...afterTheEnd, ...others],
};
