// The start of a connection: what answers is no HTTP/2 server, or one that does not begin as it has to.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  ACK,
  answer,
  data,
  frame,
  goAway,
  headers,
  MAX_CONCURRENT_STREAMS,
  octets,
  PING,
  ping,
  REPLY,
  RESPONSE,
  SETTINGS,
  SETTINGS_ACK,
  settings,
  windowUpdate,
} from '../wire.ts';

const FIRST = 'RFC 9113 §3.4';
const PROMISE_HANG = 'docs/promises.md 1';
const PROMISE_CONNECT = 'docs/promises.md 2';
const PROMISE_UNSENT = 'docs/promises.md 8';

/** Whoever answers with these octets is no HTTP/2 server, and is named where it can be told. */
const WRONG_PEERS: readonly (readonly [name: string, octets: Uint8Array, details: RegExp])[] = [
  [
    'an HTTP/1.1 server',
    octets('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n'),
    /HTTP\/1\.1/,
  ],
  [
    'an HTTP/1.1 server with a page',
    octets('HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/html\r\n\r\n<html><body>502</body></html>'),
    /HTTP\/1\.1/,
  ],
  ['an HTTP/1.0 server', octets('HTTP/1.0 505 HTTP Version Not Supported\r\n\r\n'), /HTTP\/1/],
  [
    'an upgrade to HTTP/2',
    octets('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n', settings()),
    /HTTP\/1\.1/,
  ],
  ['a TLS alert', octets(0x15, 3, 1, 0, 2, 2, 70), /TLS/],
  ['a TLS handshake', octets(0x16, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3, Buffer.alloc(36, 7)), /TLS/],
  ['an SSH server', octets('SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), /SSH/],
  ['a mail server', octets('220 mail.example.com ESMTP ready\r\n'), /not HTTP\/2.*220 mail/],
  ['Redis', octets("-ERR unknown command 'PRI', with args beginning with:\r\n"), /not HTTP\/2/],
  ['a FTP server that says little', octets('220 \r\n'), /closed|not/],
  ["the client's own preface", octets('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', settings()), /not HTTP\/2/],
  ['garbage', Buffer.from('d1c2b3a4958677685949302a1b0c0d0e0ff0e1d2c3b4a5968778695a4b3c2d1e', 'hex'), /./],
  ['zeros', Buffer.alloc(1024), /./],
  ['a single octet', octets(0), /closed/],
];

const wrongPeers: readonly HostileCase[] = WRONG_PEERS.flatMap(([name, answers, details]) => [
  {
    name: `${name} answers and closes`,
    source: FIRST,
    server: (peer) => peer.end(answers),
    want: { code: 'UNAVAILABLE', origin: 'client', details, after: 'new' },
  } satisfies HostileCase,
]);

const stayingPeers: readonly HostileCase[] = WRONG_PEERS.slice(0, 9).map(([name, answers, details]) => ({
  name: `${name} answers and stays`,
  source: FIRST,
  server: (peer) => peer.send(answers),
  client: { connectTimeoutMs: 400 },
  // A TLS record of few octets may be told only when the connect timeout ends the wait for more.
  want: { code: 'UNAVAILABLE', details, withinMs: 500, after: 'new' },
}));

/** Right frames, but not SETTINGS, and so not a right start. */
const WRONG_FIRST_FRAMES: readonly (readonly [name: string, octets: Uint8Array])[] = [
  ['PING', ping()],
  ['GOAWAY', goAway(0, 0)],
  ['WINDOW_UPDATE', windowUpdate(0, 1)],
  ['HEADERS', headers(1, RESPONSE)],
  ['DATA', data(1, REPLY)],
  ['SETTINGS with ACK', SETTINGS_ACK],
  ['a frame of unknown type', frame(0xbe, 0, 0, octets('what?'))],
  ['a whole answer', answer(1)],
];

const wrongFirstFrames: readonly HostileCase[] = WRONG_FIRST_FRAMES.map(([name, first]) => ({
  name: `the first frame is ${name}`,
  source: FIRST,
  async server(peer: Peer) {
    peer.send(first, settings());
    await peer.preface();
    await peer.closed();
  },
  want: { code: 'UNAVAILABLE', after: 'new' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'nothing listens',
    source: PROMISE_CONNECT,
    server: 'not listening',
    want: { code: 'UNAVAILABLE', details: /ECONNREFUSED/, after: 'none' },
  },
  {
    name: 'closes at once',
    source: PROMISE_HANG,
    server: (peer) => peer.end(),
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'TCP reset at once',
    source: PROMISE_HANG,
    server: (peer) => peer.abort(),
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'closes when it has read the preface',
    source: PROMISE_HANG,
    async server(peer) {
      await peer.preface();
      peer.end();
    },
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'closes behind SETTINGS',
    source: PROMISE_HANG,
    server: (peer) => peer.end(settings()),
    // A call that was certainly never sent may be sent again.
    want: { code: ['UNAVAILABLE', 'OK'], after: 'new' },
  },
  {
    name: 'closes in the middle of SETTINGS',
    source: PROMISE_HANG,
    server: (peer) => peer.end(settings([MAX_CONCURRENT_STREAMS, 100]).subarray(0, 11)),
    want: { code: 'UNAVAILABLE', after: 'new' },
  },
  {
    name: 'half-closes behind SETTINGS, and reads on',
    source: PROMISE_HANG,
    async server(peer) {
      peer.end(settings(), SETTINGS_ACK);
      await peer.preface();
      await peer.closed();
    },
    want: { code: ['UNAVAILABLE', 'OK'], after: 'new' },
  },
  {
    name: 'no SETTINGS, and the call has a deadline',
    source: PROMISE_HANG,
    server: (peer) => peer.preface(),
    call: { timeoutMs: 300 },
    client: { connectTimeoutMs: 600 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'new' },
  },
  {
    name: 'no SETTINGS, and the call is cancelled',
    source: PROMISE_HANG,
    server: (peer) => peer.preface(),
    call: { cancelAfterMs: 200 },
    client: { connectTimeoutMs: 600 },
    want: { code: 'CANCELLED', origin: 'client', after: 'new' },
  },
  {
    name: 'no SETTINGS within the connect timeout',
    source: PROMISE_CONNECT,
    server: (peer) => peer.preface(),
    client: { connectTimeoutMs: 300 },
    want: { code: 'UNAVAILABLE', details: /SETTINGS/, withinMs: 400, after: 'new' },
  },
  {
    name: 'octets of SETTINGS drip, and the last never comes',
    source: PROMISE_CONNECT,
    async server(peer) {
      const first = settings([MAX_CONCURRENT_STREAMS, 100]);
      await peer.drip(first.subarray(0, first.length - 1), 10);
    },
    client: { connectTimeoutMs: 300 },
    want: { code: 'UNAVAILABLE', withinMs: 400, after: 'new' },
  },
  {
    name: 'a banner drips without end',
    source: PROMISE_CONNECT,
    server: (peer) => peer.drip(Buffer.alloc(100, 'hello '), 10),
    client: { connectTimeoutMs: 300 },
    want: { code: 'UNAVAILABLE', withinMs: 400, after: 'new' },
  },
  {
    name: 'SETTINGS octet by octet',
    source: FIRST,
    async server(peer) {
      await peer.preface();
      await peer.drip(octets(settings([MAX_CONCURRENT_STREAMS, 100]), SETTINGS_ACK));
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'SETTINGS before the preface is read, with everything a server may say at once',
    source: FIRST,
    async server(peer) {
      peer.send(settings(), windowUpdate(0, 1_000_000), ping(), settings([MAX_CONCURRENT_STREAMS, 9]));
      await peer.preface();
      peer.send(SETTINGS_ACK);
      await peer.frame('the ACK of PING', (one) => one.type === PING && one.flags === ACK);
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: "the client's SETTINGS are never acknowledged",
    source: 'RFC 9113 §6.5.3',
    async server(peer) {
      await peer.preface();
      peer.send(settings());
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'the whole answer and the end of the connection in one segment',
    source: 'RFC 9113 §8.1',
    async server(peer) {
      peer.end(answer(await peer.greetAndTakeRequest()));
    },
    // A call right behind it may still meet the connection that is about to end.
    want: { code: 'OK', replies: ['ok'], after: 'none' },
  },
  {
    name: 'SETTINGS and a graceful GOAWAY in one segment',
    source: PROMISE_UNSENT,
    async server(peer) {
      peer.send(settings(), SETTINGS_ACK, goAway(0, 0));
      await peer.preface();
    },
    want: { code: 'OK', after: 'new' },
  },
  {
    name: 'GOAWAY HTTP_1_1_REQUIRED behind SETTINGS, and closes',
    source: 'RFC 9113 §6.8',
    async server(peer) {
      peer.end(settings(), SETTINGS_ACK, goAway(0, 13));
      await peer.preface();
    },
    want: { code: ['UNAVAILABLE', 'OK'], after: 'new' },
  },
  {
    name: 'a server that closes every connection is not dialled for every call',
    source: PROMISE_CONNECT,
    server: (peer) => peer.end(),
    isEveryConnection: true,
    call: Array.from({ length: 60 }, () => ({})),
    spacingMs: 30,
    want: { code: 'UNAVAILABLE', maxConnections: 10, after: 'none' },
  },
  {
    name: 'a server that closes every connection behind SETTINGS is not dialled for every call',
    source: PROMISE_CONNECT,
    server: (peer) => peer.end(settings()),
    isEveryConnection: true,
    call: Array.from({ length: 60 }, () => ({})),
    spacingMs: 30,
    want: { code: 'UNAVAILABLE', maxConnections: 10, after: 'none' },
  },
  {
    name: 'a server that speaks HTTP/1.1 is not dialled for every call',
    source: PROMISE_CONNECT,
    server: (peer) => peer.end(WRONG_PEERS[0][1]),
    isEveryConnection: true,
    call: Array.from({ length: 60 }, () => ({})),
    spacingMs: 30,
    want: { code: 'UNAVAILABLE', details: /HTTP\/1\.1/, maxConnections: 10, after: 'none' },
  },
  {
    name: '100 calls at once share the one connection that fails',
    source: PROMISE_HANG,
    server: (peer) => peer.end(frame(SETTINGS, 0, 0, octets('short'))),
    call: Array.from({ length: 100 }, () => ({})),
    want: { code: 'UNAVAILABLE', maxConnections: 2, after: 'new' },
  },
];

export const CONNECTION_CASES: HostileGroup = {
  name: 'connection',
  cases: [...wrongPeers, ...stayingPeers, ...wrongFirstFrames, ...others],
};
