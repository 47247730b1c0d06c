// SETTINGS, right and wrong, at the start and in mid-flight.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  ACK,
  data,
  ENABLE_PUSH,
  END_STREAM,
  type ErrorCode,
  frame,
  HEADER_TABLE_SIZE,
  headers,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  MAX_FRAME_SIZE,
  MAX_HEADER_LIST_SIZE,
  OK,
  octets,
  REPLY,
  RESPONSE,
  SETTINGS,
  SETTINGS_ACK,
  type Setting,
  settings,
  windowUpdate,
} from '../wire.ts';

const MOST_WINDOW = 2 ** 31 - 1;
const MOST_FRAME = 2 ** 24 - 1;
const MOST = 2 ** 32 - 1;
/** The RFC lets a client fail the connection here, and lets it go on. */
const EITHER = ['OK', 'UNAVAILABLE', 'INTERNAL'] as const;

const FAULTS: readonly (readonly [name: string, source: string, code: ErrorCode, bad: Uint8Array])[] = [
  ['a payload of 5 octets', '§6.5', 'FRAME_SIZE_ERROR', frame(SETTINGS, 0, 0, octets('short'))],
  ['a payload of 7 octets', '§6.5', 'FRAME_SIZE_ERROR', frame(SETTINGS, 0, 0, octets(0, 3, 0, 0, 0, 9, 0))],
  ['SETTINGS on stream 1', '§6.5', 'PROTOCOL_ERROR', frame(SETTINGS, 0, 1)],
  ['ENABLE_PUSH 2', '§6.5.2', 'PROTOCOL_ERROR', settings([ENABLE_PUSH, 2])],
  ['ENABLE_PUSH 1 from a server', '§6.5.2', 'PROTOCOL_ERROR', settings([ENABLE_PUSH, 1])],
  [
    'INITIAL_WINDOW_SIZE 2^31',
    '§6.5.2',
    'FLOW_CONTROL_ERROR',
    settings([INITIAL_WINDOW_SIZE, MOST_WINDOW + 1]),
  ],
  ['INITIAL_WINDOW_SIZE 2^32-1', '§6.5.2', 'FLOW_CONTROL_ERROR', settings([INITIAL_WINDOW_SIZE, MOST])],
  ['MAX_FRAME_SIZE 0', '§6.5.2', 'PROTOCOL_ERROR', settings([MAX_FRAME_SIZE, 0])],
  ['MAX_FRAME_SIZE 16,383', '§6.5.2', 'PROTOCOL_ERROR', settings([MAX_FRAME_SIZE, 16_383])],
  ['MAX_FRAME_SIZE 2^24', '§6.5.2', 'PROTOCOL_ERROR', settings([MAX_FRAME_SIZE, MOST_FRAME + 1])],
  [
    'a frame larger than 16,384 octets',
    '§4.2',
    'FRAME_SIZE_ERROR',
    frame(SETTINGS, 0, 0, Buffer.alloc(16_386, settings([0xf0f0, 1]).subarray(9))),
  ],
];

const faultsAtTheStart: readonly HostileCase[] = FAULTS.map(([name, source, code, bad]) => ({
  name: `${name}, in the first frame`,
  source: `RFC 9113 ${source}`,
  async server(peer: Peer) {
    await peer.preface();
    peer.send(bad);
    // What is wrong with the preface may be a PROTOCOL_ERROR in any case (§3.4).
    await peer.expectGoAway(...new Set([code, 'PROTOCOL_ERROR'] as const));
    await peer.closed();
  },
  want: { code: 'UNAVAILABLE', after: 'new' },
}));

const faultsDuringACall: readonly HostileCase[] = [
  ...FAULTS,
  [
    'ACK with a payload',
    '§6.5',
    'FRAME_SIZE_ERROR',
    frame(SETTINGS, ACK, 0, octets(0, 3, 0, 0, 0, 9)),
  ] as const,
].map(([name, source, code, bad]) => ({
  name: `${name}, during a call`,
  source: `RFC 9113 ${source}`,
  async server(peer: Peer) {
    await peer.greetAndTakeRequest();
    peer.send(bad);
    await peer.expectGoAway(code);
    await peer.closed();
  },
  want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
}));

const HARMLESS: readonly (readonly [name: string, entries: readonly Setting[]])[] = [
  ['no entries', []],
  ['INITIAL_WINDOW_SIZE 2^31-1', [[INITIAL_WINDOW_SIZE, MOST_WINDOW]]],
  ['MAX_FRAME_SIZE 2^24-1', [[MAX_FRAME_SIZE, MOST_FRAME]]],
  ['HEADER_TABLE_SIZE 0', [[HEADER_TABLE_SIZE, 0]]],
  ['HEADER_TABLE_SIZE 2^32-1', [[HEADER_TABLE_SIZE, MOST]]],
  ['ENABLE_PUSH 0', [[ENABLE_PUSH, 0]]],
  ['MAX_CONCURRENT_STREAMS 2^32-1', [[MAX_CONCURRENT_STREAMS, MOST]]],
  [
    'unknown identifiers',
    [
      [0, 1],
      [7, 2],
      [0xbeef, MOST],
      [0xffff, 0],
    ],
  ],
  [
    'extended CONNECT and no priorities',
    [
      [8, 1],
      [9, 1],
    ],
  ],
  [
    'the same setting twice, the last one open',
    [
      [INITIAL_WINDOW_SIZE, 0],
      [INITIAL_WINDOW_SIZE, 65_535],
    ],
  ],
  [
    'a stream limit of 0 that the same frame lifts',
    [
      [MAX_CONCURRENT_STREAMS, 0],
      [MAX_CONCURRENT_STREAMS, 5],
    ],
  ],
];

const harmless: readonly HostileCase[] = HARMLESS.map(([name, entries]) => ({
  name,
  source: 'RFC 9113 §6.5.2, §6.5.3',
  async server(peer: Peer) {
    await peer.greet(...entries);
    await peer.frame('the ACK of SETTINGS', (one) => one.type === SETTINGS && one.flags === ACK);
  },
  want: { code: 'OK', after: 'same' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'each SETTINGS is acknowledged',
    source: 'RFC 9113 §6.5.3',
    async server(peer) {
      await peer.greet();
      for (let i = 0; i < 4; i++) peer.send(settings([MAX_CONCURRENT_STREAMS, 10 + i]));
      const isAck = (): boolean => peer.count(SETTINGS) === 5;
      await peer.until('five ACKs of SETTINGS', isAck);
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'an ACK that nothing asked for',
    source: 'RFC 9113 §6.5.3',
    async server(peer) {
      await peer.greet();
      peer.send(SETTINGS_ACK, SETTINGS_ACK);
    },
    want: { code: EITHER },
  },
  {
    name: '2,700 entries in one frame',
    source: 'RFC 9113 §10.5',
    async server(peer) {
      await peer.preface();
      const entries = Array.from({ length: 2700 }, (_, i): Setting => [0x1000 + i, i]);
      peer.send(settings(...entries), SETTINGS_ACK);
    },
    want: { code: EITHER },
  },
  {
    name: 'a header list limit of 1 octet, which no request meets',
    source: 'RFC 9113 §6.5.2',
    server: (peer) => peer.greet([MAX_HEADER_LIST_SIZE, 1]),
    // Advice, which a client may also not take; who takes it has nothing that it could call there.
    want: { code: ['OK', 'INTERNAL', 'RESOURCE_EXHAUSTED'], after: 'none' },
  },
  {
    name: 'MAX_CONCURRENT_STREAMS 0, and the call has a deadline',
    source: 'RFC 9113 §5.1.2',
    server: (peer) => peer.greet([MAX_CONCURRENT_STREAMS, 0]),
    call: { timeoutMs: 300 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'none' },
  },
  {
    name: 'MAX_CONCURRENT_STREAMS 0, and the call is cancelled',
    source: 'RFC 9113 §5.1.2',
    server: (peer) => peer.greet([MAX_CONCURRENT_STREAMS, 0]),
    call: { cancelAfterMs: 200 },
    want: { code: 'CANCELLED', after: 'none' },
  },
  {
    name: 'MAX_CONCURRENT_STREAMS 0 for a while',
    source: 'RFC 9113 §5.1.2',
    async server(peer) {
      await peer.greet([MAX_CONCURRENT_STREAMS, 0]);
      await peer.pause(100);
      peer.send(settings([MAX_CONCURRENT_STREAMS, 1]));
    },
    call: [{}, {}, {}],
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'MAX_CONCURRENT_STREAMS 1, and never more than one stream is open',
    source: 'RFC 9113 §5.1.2',
    async server(peer) {
      await peer.greet([MAX_CONCURRENT_STREAMS, 1]);
      for (let i = 0; i < 5; i++) {
        const id = await peer.wholeRequest();
        await peer.pause(10);
        if (peer.count(1) > 0) throw new Error('a second stream was opened');
        peer.answer(id);
      }
    },
    call: [{}, {}, {}, {}, {}],
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'MAX_CONCURRENT_STREAMS shrinks to 0 under a running call',
    source: 'RFC 9113 §5.1.2',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(settings([MAX_CONCURRENT_STREAMS, 0]));
      peer.answer(id);
      await peer.pause(50);
      peer.send(settings([MAX_CONCURRENT_STREAMS, 10]));
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'MAX_FRAME_SIZE grows, and frames with it',
    source: 'RFC 9113 §4.2',
    async server(peer) {
      await peer.greet([MAX_FRAME_SIZE, MOST_FRAME], [INITIAL_WINDOW_SIZE, MOST_WINDOW]);
      peer.send(windowUpdate(0, MOST_FRAME));
      const id = await peer.wholeRequest();
      peer.answer(id);
    },
    call: { requestOctets: 1_000_000 },
    want: { code: 'OK', withinMs: 1000, after: 'same' },
  },
  {
    name: 'settings change between the head of the answer and its message',
    source: 'RFC 9113 §6.5.3',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, RESPONSE),
        settings([HEADER_TABLE_SIZE, 0], [INITIAL_WINDOW_SIZE, 0], [MAX_FRAME_SIZE, 20_000]),
        data(id, REPLY),
        settings([HEADER_TABLE_SIZE, 4096], [INITIAL_WINDOW_SIZE, 65_535]),
        headers(id, OK, END_STREAM),
      );
    },
    want: { code: 'OK', after: 'same' },
  },
];

export const SETTINGS_CASES: HostileGroup = {
  name: 'settings',
  cases: [...faultsAtTheStart, ...faultsDuringACall, ...harmless, ...others],
};
