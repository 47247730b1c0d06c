// The TCP connection ends in every phase of a call, by FIN and by RST.

import type { HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { answer, data, frame, HEADERS, headers, OK, octets, REPLY, RESPONSE } from '../wire.ts';

const SOURCE = 'statuscodes.md (UNAVAILABLE); docs/promises.md 1, 5';

const PHASES: readonly (readonly [phase: string, frames: (id: number) => Uint8Array, replies: number])[] = [
  ['behind the request', () => octets(), 0],
  ['in a frame header', (id) => headers(id, RESPONSE).subarray(0, 5), 0],
  ['in a HEADERS frame', (id) => headers(id, RESPONSE).subarray(0, 20), 0],
  ['in a header block', (id) => frame(HEADERS, 0, id, headers(id, RESPONSE).subarray(9)), 0],
  ['behind the head', (id) => headers(id, RESPONSE), 0],
  ['in the header of a message', (id) => octets(headers(id, RESPONSE), data(id, REPLY.subarray(0, 3))), 0],
  ['in a message', (id) => octets(headers(id, RESPONSE), data(id, REPLY.subarray(0, 7))), 0],
  ['in a DATA frame', (id) => octets(headers(id, RESPONSE), data(id, REPLY).subarray(0, 14)), 0],
  ['behind the reply', (id) => octets(headers(id, RESPONSE), data(id, REPLY)), 1],
  ['behind two replies', (id) => octets(headers(id, RESPONSE), data(id, octets(REPLY, REPLY))), 2],
  [
    'in the trailers',
    (id) => octets(headers(id, RESPONSE), data(id, REPLY), headers(id, OK).subarray(0, 12)),
    1,
  ],
];

const phases: readonly HostileCase[] = PHASES.flatMap(([phase, frames, replies]) =>
  (['FIN', 'RST'] as const).flatMap((how) =>
    (['unary_unary', 'unary_stream'] as const)
      // Two replies to a unary call are a fault of another kind.
      .filter((cardinality) => replies < 2 || cardinality === 'unary_stream')
      .map(
        (cardinality) =>
          ({
            name: `${how} ${phase}, ${cardinality}`,
            source: SOURCE,
            async server(peer: Peer) {
              peer.send(frames(await peer.greetAndTakeRequest()));
              // What was sent before a RST may be lost with it unless it was read.
              await peer.pause(30);
              if (how === 'FIN') peer.end();
              else peer.abort();
            },
            call: { cardinality },
            want: {
              code: 'UNAVAILABLE',
              origin: 'client',
              ...(cardinality === 'unary_stream' && { replies }),
              after: 'new',
            } satisfies Want,
          }) satisfies HostileCase,
      ),
  ),
);

const others: readonly HostileCase[] = (['FIN', 'RST'] as const).flatMap((how) => {
  const close = (peer: Peer): void => (how === 'FIN' ? peer.end() : peer.abort());
  return [
    {
      name: `${how} behind the whole answer`,
      source: SOURCE,
      async server(peer) {
        peer.send(answer(await peer.greetAndTakeRequest()));
        await peer.pause(30);
        close(peer);
      },
      // A call right behind it may still meet the connection that is about to end.
      want: { code: 'OK', replies: ['ok'], after: 'none' },
    },
    {
      name: `${how} while the request is written`,
      source: SOURCE,
      async server(peer) {
        await peer.greet();
        await peer.request();
        close(peer);
      },
      call: { requestOctets: 200_000 },
      want: { code: 'UNAVAILABLE', after: 'new' },
    },
    {
      name: `${how} while both sides stream`,
      source: SOURCE,
      async server(peer) {
        await peer.greet();
        const id = await peer.request();
        peer.send(headers(id, RESPONSE), data(id, REPLY));
        await peer.pause(30);
        close(peer);
      },
      call: { cardinality: 'stream_stream', isLeftOpen: true },
      want: { code: 'UNAVAILABLE', replies: ['ok'], after: 'new' },
    },
    {
      name: `${how} under 50 calls`,
      source: SOURCE,
      async server(peer) {
        await peer.greet();
        for (let i = 0; i < 50; i++) await peer.request();
        close(peer);
      },
      call: Array.from({ length: 50 }, () => ({})),
      want: { code: 'UNAVAILABLE', maxConnections: 2, after: 'new' },
    },
    {
      name: `${how} of an idle connection`,
      source: SOURCE,
      async server(peer) {
        peer.answer(await peer.greetAndTakeRequest());
        await peer.pause(20);
        close(peer);
      },
      call: [{}, {}],
      spacingMs: 150,
      want: { code: 'OK', otherCodes: 'OK', after: 'new' },
    },
  ] satisfies HostileCase[];
});

export const CLOSE_CASES: HostileGroup = { name: 'closes', cases: [...phases, ...others] };
