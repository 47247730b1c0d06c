// RST_STREAM with every code and at every phase of a call.

import type { CodeName, HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  answer,
  data,
  END_STREAM,
  ERROR_CODES,
  errorCode,
  frame,
  goAway,
  headers,
  INITIAL_WINDOW_SIZE,
  message,
  note,
  OK,
  octets,
  PING,
  REPLY,
  RESPONSE,
  reset,
} from '../wire.ts';

const SOURCE = 'PROTOCOL-HTTP2.md, Errors';

/** "Mapping from HTTP2 error codes to GRPC status codes"; what it does not name is UNKNOWN or INTERNAL. */
const MAPPING: readonly (CodeName | readonly CodeName[])[] = [
  'INTERNAL',
  'INTERNAL',
  'INTERNAL',
  'INTERNAL',
  'INTERNAL',
  ['UNKNOWN', 'INTERNAL'],
  'INTERNAL',
  'UNAVAILABLE',
  'CANCELLED',
  'INTERNAL',
  'INTERNAL',
  'RESOURCE_EXHAUSTED',
  'PERMISSION_DENIED',
  ['UNKNOWN', 'INTERNAL', 'UNAVAILABLE'],
  ['UNKNOWN', 'INTERNAL'],
];

const REFUSED_STREAM = errorCode('REFUSED_STREAM');
const NAMES: readonly (readonly [number: number, name: string])[] = [
  ...ERROR_CODES.map((name, number) => [number, name] as const),
  [14, '14, which no RFC names'],
];

const PHASES: readonly (readonly [phase: string, frames: (id: number) => Uint8Array])[] = [
  ['before the head', () => octets()],
  ['behind the head', (id) => headers(id, RESPONSE)],
  ['behind the reply', (id) => octets(headers(id, RESPONSE), data(id, REPLY))],
];

const everyCode: readonly HostileCase[] = PHASES.flatMap(([phase, frames]) =>
  NAMES.map(([number, name]) => ({
    name: `${name} ${phase}`,
    source: SOURCE,
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(frames(id), reset(id, number));
      // A call that the server has certainly not run may be tried once more: refuse that, too.
      if (number !== REFUSED_STREAM || phase !== 'before the head') return;
      await peer.pause(50);
      if (peer.count(1) > 0) peer.send(reset(await peer.request(), number));
    },
    want: { code: MAPPING[number], after: 'same' },
  })),
);

const behindTheEnd: readonly HostileCase[] = NAMES.map(([number, name]) => ({
  name: `${name} behind the whole answer`,
  source: 'RFC 9113 §8.1; docs/promises.md 5',
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(answer(id), reset(id, number));
  },
  want: { code: 'OK', replies: ['ok'], after: 'same' },
}));

const streams: readonly HostileCase[] = NAMES.filter(([number]) => [0, 2, 8, 11].includes(number)).map(
  ([number, name]) => ({
    name: `${name} in a stream of replies`,
    source: SOURCE,
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, octets(REPLY, REPLY)));
      await peer.pause(30);
      peer.send(reset(id, number));
    },
    call: { cardinality: 'unary_stream' },
    want: { code: MAPPING[number], replies: ['ok', 'ok'], after: 'same' },
  }),
);

/** What ends the call comes in one segment with three replies, which come first all the same. */
const ENDS: readonly (readonly [
  name: string,
  end: (id: number) => Uint8Array,
  code: CodeName | readonly CodeName[],
])[] = [
  ['RST_STREAM', (id) => reset(id, 2), 'INTERNAL'],
  ['an error', (id) => headers(id, ['grpc-status', '7'], END_STREAM), 'PERMISSION_DENIED'],
  ['GOAWAY and RST_STREAM', (id) => octets(goAway(id, 0), reset(id, 8)), 'CANCELLED'],
  ['malformed trailers', (id) => headers(id, ['UPPER', 'x', ...OK], END_STREAM), ['INTERNAL', 'UNKNOWN']],
  [
    'a frame that breaks the connection',
    () => frame(PING, 0, 0, octets('short')),
    ['UNAVAILABLE', 'INTERNAL'],
  ],
  ['a message with a bad flag', (id) => data(id, message(note('x'), 9)), ['INTERNAL', 'UNKNOWN']],
  ['a message that is too large', (id) => data(id, message(octets(), 0, 2 ** 30)), 'RESOURCE_EXHAUSTED'],
];

const repliesFirst: readonly HostileCase[] = ENDS.map(([name, end, code]) => ({
  name: `${name}, in one segment with three replies of a stream`,
  source: 'docs/promises.md 7: replies received before the end are delivered first',
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, RESPONSE), data(id, octets(REPLY, REPLY)), data(id, REPLY), end(id));
  },
  call: { cardinality: 'unary_stream' },
  want: { code, replies: ['ok', 'ok', 'ok'], after: 'any' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'a code of 2^32-1',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(reset(id, 2 ** 32 - 1));
    },
    want: { code: ['UNKNOWN', 'INTERNAL'], after: 'same' },
  },
  {
    name: 'REFUSED_STREAM once: the call is sent again',
    source: 'RFC 9113 §8.7; docs/promises.md 8',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(reset(id, REFUSED_STREAM));
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'REFUSED_STREAM again and again is not tried for ever',
    source: 'docs/promises.md 8',
    async server(peer) {
      await peer.greet();
      for (let i = 0; i < 2; i++) peer.send(reset(await peer.wholeRequest(), REFUSED_STREAM));
    },
    want: { code: 'UNAVAILABLE', after: 'same' },
  },
  {
    name: 'NO_ERROR behind the whole answer, the request not ended',
    source: 'RFC 9113 §8.1',
    async server(peer) {
      await peer.greet();
      const id = await peer.request();
      peer.send(answer(id), reset(id, errorCode('NO_ERROR')));
    },
    call: { cardinality: 'stream_unary', isLeftOpen: true },
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'NO_ERROR behind the whole answer, the request stopped by its window',
    source: 'RFC 9113 §8.1',
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 10]);
      const id = await peer.request();
      peer.send(answer(id), reset(id, errorCode('NO_ERROR')));
    },
    call: { requestOctets: 100_000 },
    want: { code: 'OK', replies: ['ok'], after: 'any' },
  },
  {
    name: 'an error and NO_ERROR, the request not ended',
    source: 'RFC 9113 §8.1',
    async server(peer) {
      await peer.greet();
      const id = await peer.request();
      peer.send(
        headers(id, [...RESPONSE, 'grpc-status', '8', 'grpc-message', 'enough'], END_STREAM),
        reset(id, errorCode('NO_ERROR')),
      );
    },
    call: { cardinality: 'stream_stream', isLeftOpen: true },
    want: { code: 'RESOURCE_EXHAUSTED', details: /enough/, after: 'same' },
  },
  {
    name: 'CANCEL at the deadline',
    source: 'PROTOCOL-HTTP2.md, Errors (CANCEL); docs/promises.md 5',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      await peer.pause(205);
      peer.send(reset(id, errorCode('CANCEL')));
    },
    call: { timeoutMs: 200 },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'CANCEL long before the deadline',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(reset(id, errorCode('CANCEL')));
    },
    call: { timeoutMs: 2000 },
    want: { code: 'CANCELLED', origin: 'server', withinMs: 250, after: 'same' },
  },
  {
    name: 'twice',
    source: 'RFC 9113 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(reset(id, 2), reset(id, 8), reset(id, 2));
    },
    want: { code: 'INTERNAL', after: 'same' },
  },
  {
    name: 'and then an answer on the same stream',
    source: 'RFC 9113 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(reset(id, 2), answer(id));
    },
    want: { code: 'INTERNAL', replies: [], after: 'any' },
  },
  {
    name: 'an answer and a RST_STREAM that cross a cancellation',
    source: 'RFC 9113 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      await peer.expectReset(id, 'CANCEL');
      peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, OK, END_STREAM), reset(id, 8));
    },
    call: { cancelAfterMs: 100 },
    want: { code: 'CANCELLED', origin: 'client', after: 'same' },
  },
  {
    name: 'one of three calls',
    source: 'RFC 9113 §5.4.2',
    async server(peer) {
      await peer.greet();
      const first = await peer.wholeRequest();
      peer.send(reset(first, 2));
      for (let i = 0; i < 2; i++) peer.answer(await peer.wholeRequest());
    },
    call: [{}, {}, {}],
    want: { code: 'INTERNAL', otherCodes: 'OK', after: 'same' },
  },
];

export const RESET_CASES: HostileGroup = {
  name: 'reset',
  cases: [...everyCode, ...behindTheEnd, ...streams, ...repliesFirst, ...others],
};
