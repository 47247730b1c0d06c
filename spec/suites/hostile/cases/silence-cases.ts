// Servers that fall silent, or drip, at every phase; the call ends by its deadline or by being cancelled.

import type { Cardinality, HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, frame, HEADERS, headers, OK, octets, ping, REPLY, RESPONSE } from '../wire.ts';

const SOURCE = 'docs/promises.md 1';
const TIMEOUT_MS = 250;
const CANCEL_AFTER_MS = 150;

/** What the server says on the stream before it falls silent. */
const PHASES: readonly (readonly [phase: string, frames: (id: number) => Uint8Array, replies: number])[] = [
  ['nothing', () => octets(), 0],
  ['half of a frame header', (id) => headers(id, RESPONSE).subarray(0, 5), 0],
  ['half of a HEADERS frame', (id) => headers(id, RESPONSE).subarray(0, 20), 0],
  ['HEADERS without END_HEADERS', (id) => frame(HEADERS, 0, id, headers(id, RESPONSE).subarray(9)), 0],
  ['an informational head', (id) => headers(id, [':status', '103']), 0],
  ['the head', (id) => headers(id, RESPONSE), 0],
  [
    'half of the header of a message',
    (id) => octets(headers(id, RESPONSE), data(id, REPLY.subarray(0, 3))),
    0,
  ],
  ['half of a message', (id) => octets(headers(id, RESPONSE), data(id, REPLY.subarray(0, 7))), 0],
  ['half of a DATA frame', (id) => octets(headers(id, RESPONSE), data(id, REPLY).subarray(0, 14)), 0],
  ['a message', (id) => octets(headers(id, RESPONSE), data(id, REPLY)), 1],
  [
    'a message and half of the trailers',
    (id) => octets(headers(id, RESPONSE), data(id, REPLY), headers(id, OK).subarray(0, 12)),
    1,
  ],
];

/** After half a frame the connection is good for nothing but that frame's rest. */
function isBroken(phase: string): boolean {
  return (
    (phase.startsWith('half of a') && !phase.includes('message')) || phase.includes('half of the trailers')
  );
}

const silences: readonly HostileCase[] = PHASES.flatMap(([phase, frames, replies]) =>
  (['unary_unary', 'unary_stream'] as const).flatMap((cardinality: Cardinality) => {
    const isStream = cardinality === 'unary_stream';
    const server = async (peer: Peer): Promise<void> => {
      const id = await peer.greetAndTakeRequest();
      peer.send(frames(id));
      await peer.expectReset(id, 'CANCEL');
    };
    const after = isBroken(phase) || phase.includes('END_HEADERS') ? 'none' : 'same';
    const seen = isStream ? { replies } : {};
    return [
      {
        name: `silence behind ${phase}, ${cardinality}, with a deadline`,
        source: SOURCE,
        server,
        call: { cardinality, timeoutMs: TIMEOUT_MS },
        want: { code: 'DEADLINE_EXCEEDED', origin: 'client', ...seen, after },
      },
      {
        name: `silence behind ${phase}, ${cardinality}, and the call is cancelled`,
        source: 'docs/promises.md 9',
        server,
        call: { cardinality, cancelAfterMs: CANCEL_AFTER_MS },
        want: { code: 'CANCELLED', origin: 'client', ...seen, after },
      },
    ] satisfies HostileCase[];
  }),
);

/** Sends again and again until the client gives the call up. */
async function again(peer: Peer, gapMs: number, step: (i: number) => Uint8Array): Promise<void> {
  for (let i = 0; !peer.isClosed && peer.count(3) === 0; i++) {
    peer.send(step(i));
    await peer.pause(gapMs);
  }
}

const drips: readonly HostileCase[] = [
  {
    name: 'PING every 5 ms and nothing more',
    source: SOURCE,
    async server(peer) {
      await peer.greetAndTakeRequest();
      await again(peer, 5, () => ping());
    },
    call: { timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'informational heads every 5 ms',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      await again(peer, 5, () => headers(id, [':status', '103']));
    },
    call: { timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'empty DATA every 5 ms',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      await again(peer, 5, () => data(id, octets()));
    },
    call: { timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'a message that drips, and would take a minute',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, octets(0, 0, 0, 0x30, 0)));
      await again(peer, 5, () => data(id, octets('x')));
    },
    call: { timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'messages without end, to a unary call',
    source: 'docs/promises.md 4',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      await again(peer, 5, () => data(id, REPLY));
    },
    call: { timeoutMs: TIMEOUT_MS },
    want: { code: ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'], after: 'same' },
  },
  {
    name: 'messages without end, to a stream with a deadline',
    source: 'docs/promises.md 7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      await again(peer, 1, () => data(id, octets(REPLY, REPLY, REPLY)));
    },
    call: { cardinality: 'unary_stream', timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'the server reads nothing, and the request is large',
    source: SOURCE,
    async server(peer) {
      await peer.greet([4, 2 ** 31 - 1]);
      peer.socket.pause();
    },
    call: { requestOctets: 8_000_000, timeoutMs: 600 },
    want: { code: 'DEADLINE_EXCEEDED', after: 'none' },
  },
  {
    name: 'the server reads nothing, and a stream of large requests is cancelled',
    source: SOURCE,
    async server(peer) {
      await peer.greet([4, 2 ** 31 - 1]);
      peer.socket.pause();
    },
    call: { cardinality: 'stream_unary', requests: 20, requestOctets: 400_000, cancelAfterMs: 500 },
    want: { code: 'CANCELLED', after: 'none' },
  },
  {
    name: 'an open stream of requests is answered by nothing',
    source: SOURCE,
    async server(peer) {
      await peer.greet();
      const id = await peer.request();
      await peer.expectReset(id, 'CANCEL');
    },
    call: { cardinality: 'stream_stream', isLeftOpen: true, timeoutMs: TIMEOUT_MS },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: '50 calls in silence, each with its deadline',
    source: SOURCE,
    async server(peer) {
      await peer.greet();
      for (let i = 0; i < 50; i++) await peer.request();
    },
    call: Array.from({ length: 50 }, (_, i) => ({ timeoutMs: 100 + 8 * i })),
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
];

export const SILENCE_CASES: HostileGroup = { name: 'silence', cases: [...silences, ...drips] };
