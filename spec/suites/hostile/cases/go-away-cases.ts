// GOAWAY: graceful and abrupt, with calls below and above its last stream id, and against the rules.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  answer,
  data,
  END_STREAM,
  ERROR_CODES,
  goAway,
  headers,
  MAX_CONCURRENT_STREAMS,
  OK,
  octets,
  REPLY,
  RESPONSE,
} from '../wire.ts';

const SOURCE = 'RFC 9113 §6.8';
const LAST = 2 ** 31 - 1;

const closing: readonly HostileCase[] = ERROR_CODES.map((name, code) => ({
  name: `${name}, and closes`,
  source: `${SOURCE}; docs/promises.md 5`,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.end(goAway(id, code, `why: ${name}`));
  },
  want: { code: 'UNAVAILABLE', origin: 'client', details: new RegExp(name), after: 'new' },
}));

const finishing: readonly HostileCase[] = ERROR_CODES.filter((_, code) => code % 3 === 0).map((name) => ({
  name: `${name}, and the running call is answered`,
  source: SOURCE,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(goAway(id, ERROR_CODES.indexOf(name)));
    peer.answer(id);
    await peer.closed();
  },
  want: { code: 'OK', after: 'new' },
}));

/** The call runs on stream 1 and is answered at the end of each. */
const HARMLESS: readonly (readonly [name: string, frames: Uint8Array])[] = [
  ['in two steps', octets(goAway(LAST, 0), goAway(1, 0))],
  ['twice the same', octets(goAway(1, 0), goAway(1, 0))],
  ['with a last id that is not in use', goAway(101, 0)],
  ['with the reserved bit', goAway(0x8000_0001, 0)],
  ['with 10,000 octets of debug data', goAway(1, 0, 'd'.repeat(10_000))],
  ['with debug data that is no text', goAway(1, 0, Buffer.alloc(64, 0xff))],
  ['with a code that no RFC names', goAway(1, 0xdead_beef)],
];

const harmless: readonly HostileCase[] = HARMLESS.map(([name, frames]) => ({
  name,
  source: SOURCE,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(frames);
    peer.answer(id);
    await peer.closed();
  },
  want: { code: 'OK', after: 'new' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'the call is above its last id: it is sent again',
    source: 'RFC 9113 §6.8; docs/promises.md 8',
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.send(goAway(0, 0));
    },
    want: { code: 'OK', maxConnections: 2, after: 'new' },
  },
  {
    name: 'one call below and two above its last id',
    source: 'RFC 9113 §6.8; docs/promises.md 8',
    async server(peer) {
      await peer.greet();
      const ids = [await peer.wholeRequest(), await peer.wholeRequest(), await peer.wholeRequest()];
      peer.send(goAway(ids[0], 0));
      peer.answer(ids[0]);
    },
    call: [{}, {}, {}],
    want: { code: 'OK', maxConnections: 2, after: 'new' },
  },
  {
    name: 'every connection refuses the call: it is not tried for ever',
    source: 'docs/promises.md 8',
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.send(goAway(0, 0));
    },
    isEveryConnection: true,
    want: { code: 'UNAVAILABLE', maxConnections: 4, after: 'none', withinMs: 2500 },
  },
  {
    name: 'calls that wait for a stream go to a new connection',
    source: 'docs/promises.md 8',
    async server(peer) {
      await peer.greet([MAX_CONCURRENT_STREAMS, 1]);
      const id = await peer.wholeRequest();
      peer.send(goAway(id, 0));
      peer.answer(id);
    },
    call: [{}, {}, {}],
    want: { code: 'OK', maxConnections: 2, after: 'new' },
  },
  {
    name: 'during a stream of replies, which goes on',
    source: 'RFC 9113 §6.8; docs/promises.md 8',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY), goAway(id, 0));
      await peer.pause(50);
      peer.send(data(id, octets(REPLY, REPLY)), headers(id, OK, END_STREAM));
      await peer.closed();
    },
    call: { cardinality: 'unary_stream' },
    want: { code: 'OK', replies: 3, after: 'new' },
  },
  {
    name: 'with a last id that rises',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(goAway(id, 0), goAway(id + 2, 0));
      peer.answer(id);
    },
    want: { code: ['OK', 'UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: "with a last id of the server's",
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(goAway(2, 0));
      peer.answer(id);
    },
    want: { code: ['OK', 'UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: 'and then silence, with a deadline',
    source: 'docs/promises.md 1',
    async server(peer) {
      peer.send(goAway(await peer.greetAndTakeRequest(), 0));
    },
    call: { timeoutMs: 300 },
    want: { code: 'DEADLINE_EXCEEDED', after: 'new' },
  },
  {
    name: 'and then silence, and the call is cancelled',
    source: 'docs/promises.md 1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(goAway(id, 0));
      await peer.expectReset(id, 'CANCEL');
    },
    call: { cancelAfterMs: 150 },
    want: { code: 'CANCELLED', after: 'new' },
  },
  {
    name: 'and then a TCP reset',
    source: 'docs/promises.md 5',
    async server(peer) {
      peer.send(goAway(await peer.greetAndTakeRequest(), 0));
      await peer.pause(30);
      peer.abort();
    },
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'and an answer on a stream above its last id',
    source: SOURCE,
    async server(peer) {
      await peer.greet();
      const first = await peer.wholeRequest();
      const second = await peer.wholeRequest();
      peer.send(goAway(first, 0), answer(second));
      peer.answer(first);
    },
    call: [{}, {}],
    want: { code: ['OK', 'UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: 'behind the answer, on an idle connection',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.answer(id);
      peer.send(goAway(id, 0));
      await peer.closed();
    },
    want: { code: 'OK', after: 'new' },
  },
];

export const GO_AWAY_CASES: HostileGroup = {
  name: 'goaway',
  cases: [...closing, ...finishing, ...harmless, ...others],
};
