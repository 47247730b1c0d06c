// Keepalive on a connection whose other end is gone without a word, or has had enough of PINGs. The least interval there
// is takes ten seconds (gRFC A8), and so does each of these cases; they run at once.

import { connectFront, type Front, tlsFront } from '../fronts.ts';
import type { ClientPlan, HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  ACK,
  data,
  frame,
  goAway,
  HEADERS,
  headers,
  type Octets,
  octets,
  PING,
  ping,
  REPLY,
  RESPONSE,
  settings,
  windowUpdate,
} from '../wire.ts';

const A8 = 'gRFC A8';
const INTERVAL_MS = 10_000;
const TIMEOUT_MS = 400;
/** How long scripts wait for the PING. */
const PING_WITHIN_MS = INTERVAL_MS + 2000;
const GIVEN_UP_WITHIN_MS = INTERVAL_MS + TIMEOUT_MS + 250;
/** Behind the moment at which a dead connection would have been given up. */
const LATER_MS = INTERVAL_MS + 3 * TIMEOUT_MS;
const ENHANCE_YOUR_CALM = 11;

const CLIENT: ClientPlan = { keepalive: { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS } };

const GIVEN_UP: Want = {
  code: 'UNAVAILABLE',
  origin: 'client',
  details: /nothing came within keepalive\.timeoutMs 400|[Kk]eepalive|drop/,
  withinMs: GIVEN_UP_WITHIN_MS,
  after: 'new',
};
const LIVES: Want = { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'same' };

/** Waits for the PING of keepalive; gives what is in it. */
async function takePing(peer: Peer): Promise<Octets> {
  const { payload } = await peer.frame(
    'the PING of keepalive',
    (one) => one.type === PING && (one.flags & ACK) === 0,
    PING_WITHIN_MS,
  );
  return payload;
}

/** Takes a call and says `last`, then nothing: PINGs are read and not answered. */
function silentBehind(last: (id: number) => Octets): (peer: Peer) => Promise<void> {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.isAnsweringPings = false;
    peer.send(last(id));
    await takePing(peer);
    await peer.closed();
  };
}

/** Where the server falls silent. */
const SILENCES: readonly (readonly [name: string, last: (id: number) => Octets])[] = [
  ['the request', () => octets()],
  ['the head of the answer', (id) => headers(id, RESPONSE)],
  ['a message', (id) => octets(headers(id, RESPONSE), data(id, REPLY))],
  ['half of a frame', (id) => headers(id, RESPONSE).subarray(0, 12)],
];

const silences: readonly HostileCase[] = SILENCES.map(([name, last]) => ({
  name: `no acknowledgement of PING behind ${name}`,
  source: A8,
  server: silentBehind(last),
  call: { cardinality: 'unary_stream' },
  client: CLIENT,
  want: GIVEN_UP,
}));

/** Connections that are not what they seem, half open: they are written to, and nothing is read. */
const HALF_OPEN: readonly (readonly [name: string, front: Front | undefined, client: ClientPlan])[] = [
  ['on TCP', undefined, {}],
  ['on TLS', tlsFront(), { tls: { ca: 'root' } }],
  ['behind a proxy', connectFront(), { proxy: { scheme: 'http' } }],
];

const halfOpen: readonly HostileCase[] = HALF_OPEN.map(([name, front, client]) => ({
  name: `a peer that is gone without a word, ${name}`,
  source: A8,
  ...(front !== undefined && { front: { right: front } }),
  async server(peer: Peer) {
    await peer.greetAndTakeRequest();
    peer.wire.pause();
    peer.socket.pause();
    await peer.pause(GIVEN_UP_WITHIN_MS);
    peer.wire.resume();
    peer.socket.resume();
    await peer.closed();
  },
  call: { cardinality: 'unary_stream' },
  client: { ...CLIENT, ...client },
  want: GIVEN_UP,
}));

/** What comes instead of the acknowledgement, in time. */
const SIGNS_OF_LIFE: readonly (readonly [name: string, sign: Octets])[] = [
  ['a PING of its own', ping()],
  ['SETTINGS', settings()],
  ['WINDOW_UPDATE', windowUpdate(0, 1)],
  ['a frame of unknown type', frame(0xbe, 0, 0, octets('alive'))],
  ['an acknowledgement with other octets', ping(ACK, 'not this')],
];

const signsOfLife: readonly HostileCase[] = SIGNS_OF_LIFE.map(([name, sign]) => ({
  name: `${name} in place of the acknowledgement shows that the server lives`,
  source: A8,
  async server(peer: Peer) {
    await peer.greetAndTakeRequest();
    peer.isAnsweringPings = false;
    await takePing(peer);
    peer.send(sign);
    await peer.pause(LATER_MS - INTERVAL_MS);
    peer.isAnsweringPings = true;
  },
  call: { timeoutMs: LATER_MS },
  client: CLIENT,
  notForGrpcJs: 'grpc-js takes nothing but the acknowledgement, as gRFC A8 allows',
  want: LIVES,
}));

const others: readonly HostileCase[] = [
  {
    name: 'the acknowledgement comes late, but in time',
    source: A8,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.isAnsweringPings = false;
      const opaque = await takePing(peer);
      await peer.pause(TIMEOUT_MS / 2);
      peer.send(frame(PING, ACK, 0, opaque));
    },
    call: { timeoutMs: LATER_MS },
    client: CLIENT,
    want: LIVES,
  },
  {
    name: 'no PING while something comes now and then',
    source: A8,
    async server(peer) {
      await peer.greetAndTakeRequest();
      for (let i = 0; i < 12; i++) {
        peer.send(windowUpdate(0, 1));
        await peer.pause(INTERVAL_MS / 10);
      }
      if (peer.count(PING) > 0) throw new Error('the client sent PING, though the server was not silent');
    },
    call: { timeoutMs: 12 * (INTERVAL_MS / 10) + TIMEOUT_MS },
    client: CLIENT,
    notForGrpcJs: 'grpc-js sends PINGs in any case',
    want: LIVES,
  },
  {
    name: 'GOAWAY too_many_pings at the first PING',
    source: A8,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.isAnsweringPings = false;
      await takePing(peer);
      peer.end(goAway(2 ** 31 - 1, ENHANCE_YOUR_CALM, 'too_many_pings'));
    },
    call: { cardinality: 'unary_stream' },
    client: CLIENT,
    want: {
      code: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'],
      details: /too_many_pings|drop/,
      withinMs: GIVEN_UP_WITHIN_MS,
      after: 'new',
    },
  },
  {
    name: 'GOAWAY too_many_pings on every connection, at once',
    source: A8,
    async server(peer) {
      await peer.greet();
      await peer.frame('a request', (one) => one.type === HEADERS);
      peer.end(goAway(2 ** 31 - 1, ENHANCE_YOUR_CALM, 'too_many_pings'));
    },
    isEveryConnection: true,
    call: Array.from({ length: 20 }, () => ({})),
    spacingMs: 30,
    client: CLIENT,
    want: { code: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'], details: /too_many_pings|drop/, after: 'none' },
  },
  {
    name: 'GOAWAY too_many_pings to a client without keepalive',
    source: A8,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.end(goAway(2 ** 31 - 1, ENHANCE_YOUR_CALM, 'too_many_pings'));
    },
    want: { code: ['UNAVAILABLE', 'RESOURCE_EXHAUSTED'], details: /too_many_pings|drop/, after: 'new' },
  },
  {
    name: 'a connection that drains gets no PING, and is not given up',
    source: 'gRFC A9',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.isAnsweringPings = false;
      peer.send(goAway(id, 0));
      await peer.pause(LATER_MS);
      if (peer.count(PING) > 0) throw new Error('the client sent PING on a connection that drains');
      peer.answer(id);
    },
    client: CLIENT,
    notForGrpcJs: 'grpc-js goes on with PINGs on a connection that drains',
    want: { code: 'OK', replies: ['ok'], withinMs: LATER_MS + 500, after: 'any' },
  },
  {
    name: 'no PING without calls',
    source: A8,
    async server(peer) {
      peer.answer(await peer.greetAndTakeRequest());
      await peer.pause(INTERVAL_MS + TIMEOUT_MS);
      if (peer.count(PING) > 0) throw new Error('the client sent PING without calls');
    },
    call: [{}, {}],
    spacingMs: LATER_MS,
    client: CLIENT,
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'PING without calls where it is wanted, and no acknowledgement',
    source: A8,
    async server(peer) {
      peer.answer(await peer.greetAndTakeRequest());
      peer.isAnsweringPings = false;
      await takePing(peer);
      await peer.closed();
    },
    call: [{}, {}],
    spacingMs: LATER_MS,
    client: { keepalive: { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS, withoutCalls: true } },
    want: { code: 'OK', replies: ['ok'], after: 'new' },
  },
  {
    name: 'no acknowledgement, and the deadline passes before the connection is given up',
    source: 'docs/promises.md 1',
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.isAnsweringPings = false;
    },
    call: { timeoutMs: INTERVAL_MS + TIMEOUT_MS / 4 },
    client: CLIENT,
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'any' },
  },
  {
    name: 'the server half-closes and says no more',
    source: 'RFC 9113 §5.4.1',
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.end();
    },
    call: { cardinality: 'unary_stream' },
    client: CLIENT,
    want: { code: 'UNAVAILABLE', origin: 'client', after: 'new' },
  },
];

export const KEEPALIVE_CASES: HostileGroup = {
  name: 'keepalive',
  cases: [...silences, ...halfOpen, ...signsOfLife, ...others],
};
