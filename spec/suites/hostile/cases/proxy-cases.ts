// HTTP proxies that do not make a tunnel, or a bad one: what CONNECT is answered with, and when. TLS with the proxy, and
// with the target behind it.

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { pair } from '../../../channel/socket/tls/certificate-files.ts';
import { behind, connectFront, type Front, rawFront, takeConnect, tlsFront } from '../fronts.ts';
import type { ClientPlan, HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import { type Octets, octets, settings } from '../wire.ts';
import { SOCKS_CASES } from './socks-cases.ts';

const CONNECT = 'RFC 9110 §9.3.6';
const AUTHENTICATION = 'RFC 9110 §11.7';
const PROMISE_CONNECT = 'docs/promises.md 2';
const PROMISE_HANG = 'docs/promises.md 1';
const PROMISE_MEMORY = 'docs/promises.md 7';
const CLIENT: ClientPlan = { proxy: { scheme: 'http' } };
const KNOWN: ClientPlan = { proxy: { scheme: 'http', username: 'me', password: 's3cret' } };
const RIGHT = connectFront();
const CONNECT_TIMEOUT_MS = 400;
const TIMED_OUT_WITHIN_MS = 550;
const MAX_HEAD_OCTETS = 16 * 1024;
const NO_CONNECT_TIMEOUT = 'grpc-js has no connect timeout of its own';
const NO_TLS_PROXY = 'grpc-js speaks with proxies in plaintext alone';

const UNAVAILABLE = { code: 'UNAVAILABLE', origin: 'client', after: 'new' } satisfies Want;
const GOES_WELL = { code: 'OK', replies: ['ok'], after: 'same' } satisfies Want;

/** Answers CONNECT with what is no tunnel. */
function answering(answer: string | Octets, then: 'closes' | 'stays' | 'resets' = 'closes'): Front {
  return rawFront(async (wire) => {
    await takeConnect(wire);
    if (then === 'closes') wire.end(answer);
    else if (then === 'stays') wire.write(answer);
    else wire.write(answer, () => wire.resetAndDestroy());
  });
}

/** A head with this status line and these lines behind it. */
function head(status: string, ...lines: readonly string[]): string {
  return `HTTP/1.1 ${[status, ...lines].join('\r\n')}\r\n\r\n`;
}

/** A right head of so many octets. */
function headOf(size: number): string {
  const start = 'HTTP/1.1 200 OK\r\nx-filler: ';
  return `${start}${'x'.repeat(size - start.length - 4)}\r\n\r\n`;
}

const PAGE = '<html><body><h1>502 Bad Gateway</h1></body></html>';

/** Refusals; no message may hold the password. */
const REFUSALS: readonly (readonly [name: string, answer: string, details: RegExp, client?: ClientPlan])[] = [
  ['407 without a scheme', head('407 Proxy Authentication Required'), /407|credentials/],
  [
    '407 Basic',
    head('407 Proxy Authentication Required', 'Proxy-Authenticate: Basic realm="x"'),
    /username, password/,
  ],
  [
    '407 Basic to credentials',
    head('407 No', 'Proxy-Authenticate: Basic realm="x"'),
    /does not accept/,
    KNOWN,
  ],
  [
    '407 Negotiate and NTLM',
    head('407 No', 'Proxy-Authenticate: Negotiate', 'Proxy-Authenticate: NTLM'),
    /Negotiate, NTLM.*none of them supported/,
  ],
  ['403', head('403 Forbidden', 'content-length: 0'), /refuses to connect to target\.test:50051 \(403/],
  ['400', head('400 Bad Request'), /400/],
  ['401', head('401 Unauthorized', 'WWW-Authenticate: Basic'), /401/],
  ['404', head('404 Not Found'), /404/],
  ['405', head('405 Method Not Allowed', 'allow: GET'), /405/],
  ['429', head('429 Too Many Requests', 'retry-after: 60'), /429/],
  ['500', head('500 Internal Server Error'), /500/],
  [
    '502 with a body',
    `${head('502 Bad Gateway', `content-length: ${PAGE.length}`)}${PAGE}`,
    /could not reach.*502/,
  ],
  [
    '502 with a body in chunks',
    `${head('502 Bad Gateway', 'transfer-encoding: chunked')}5\r\nhello\r\n`,
    /502/,
  ],
  ['503', head('503 Service Unavailable'), /503/],
  ['504', head('504 Gateway Timeout'), /504/],
  ['a redirect', head('302 Found', 'location: http://login.corp/'), /302.*redirects to.*login\.corp/],
  ['304', head('304 Not Modified'), /304/],
  ['599 without a phrase', head('599'), /599/],
  ['999', head('999 What'), /999/],
  ['a phrase of control characters', head('403 \x1b[31mno\x07'), /403 \?\[31mno\?/],
  ['a phrase of 4 KB', head(`403 ${'no '.repeat(1365)}`), /^.{0,600}$/s],
];

const refusals: readonly HostileCase[] = REFUSALS.flatMap(([name, answer, details, client]) =>
  (['closes', 'stays'] as const).map((then) => ({
    name: `CONNECT is answered by ${name}, and the proxy ${then}`,
    source: name.startsWith('407') ? AUTHENTICATION : CONNECT,
    front: { right: RIGHT, hostile: answering(answer, then) },
    client: client ?? CLIENT,
    want: { ...UNAVAILABLE, details },
  })),
);

/** What is no HTTP at all. */
const GARBAGE: readonly (readonly [name: string, answer: string | Octets, details: RegExp])[] = [
  ['HTTP/2 SETTINGS', settings(), /not HTTP/],
  ['an HTTP/2.0 status line', 'HTTP/2.0 200 OK\r\n\r\n', /not HTTP/],
  ['a status line with a code of two digits', 'HTTP/1.1 20 OK\r\n\r\n', /not HTTP/],
  ['a status line with a code of four digits', 'HTTP/1.1 2000 OK\r\n\r\n', /not HTTP/],
  ['a status line without a code', 'HTTP/1.1 OK\r\n\r\n', /not HTTP/],
  ['a status line with two spaces', 'HTTP/1.1  200 OK\r\n\r\n', /not HTTP/],
  ['its own CONNECT', 'CONNECT target.test:50051 HTTP/1.1\r\n\r\n', /not HTTP/],
  ['an SSH banner', 'SSH-2.0-OpenSSH_9.2p1\r\n', /SSH|not HTTP/],
  ['a SOCKS5 answer', Buffer.of(5, 0), /not HTTP/],
  ['a TLS alert', Buffer.of(0x15, 3, 3, 0, 2, 2, 70), /TLS.*https:/],
  ['zeros', Buffer.alloc(64), /not HTTP/],
  ['an empty line', '\r\n\r\n', /not HTTP/],
  ['a page without a head', PAGE, /not HTTP/],
];

const garbage: readonly HostileCase[] = GARBAGE.flatMap(([name, answer, details]) =>
  (['closes', 'stays'] as const).map((then) => ({
    name: `CONNECT is answered by ${name}, and the proxy ${then}`,
    source: CONNECT,
    front: { right: RIGHT, hostile: answering(answer, then) },
    client: CLIENT,
    ...(then === 'stays' && { notForGrpcJs: NO_CONNECT_TIMEOUT }),
    want: { ...UNAVAILABLE, details },
  })),
);

/** Where an answer stops. */
const STOPS: readonly (readonly [name: string, answer: string])[] = [
  ['nothing', ''],
  ['one octet', 'H'],
  ['half a status line', 'HTTP/1.1 20'],
  ['a status line', 'HTTP/1.1 200 OK\r\n'],
  ['half a head', 'HTTP/1.1 200 OK\r\nvia: x\r\n'],
  ['an informational head', head('100 Continue')],
];

const stops: readonly HostileCase[] = STOPS.flatMap(([name, answer]): HostileCase[] => [
  {
    name: `${name} to CONNECT, then silence`,
    source: PROMISE_CONNECT,
    front: { right: RIGHT, hostile: answering(answer, 'stays') },
    client: { ...CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
    want: { ...UNAVAILABLE, details: /connectTimeoutMs 400/, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: `${name} to CONNECT, then the proxy closes`,
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(answer) },
    client: CLIENT,
    want: { ...UNAVAILABLE, details: /closed/ },
  },
  {
    name: `${name} to CONNECT, then the proxy resets`,
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(answer, 'resets') },
    client: CLIENT,
    want: UNAVAILABLE,
  },
]);

/** Octets without end, as fast as the client takes them; `start` goes first. */
function flooding(start: string, again: string, times: number): Front {
  const chunk = Buffer.from(again.repeat(Math.ceil(65_536 / again.length)));
  return rawFront(async (wire) => {
    await takeConnect(wire);
    wire.resume();
    wire.write(start);
    for (let i = 0; i < times && isOpen(wire); i++) {
      if (!wire.write(chunk))
        await Promise.race([new Promise((done) => wire.once('drain', done)), delay(100)]);
    }
  });
}

/** A piece now and then, without end. */
function dripping(start: string, again: string): Front {
  return rawFront(async (wire) => {
    await takeConnect(wire);
    wire.resume();
    wire.write(start);
    for (; isOpen(wire); await delay(10)) wire.write(again);
  });
}

function isOpen(wire: Socket): boolean {
  return wire.writable && !wire.readableEnded;
}

/** 64 MB, if all of it were taken. */
const FLOOD_CHUNKS = 1000;

const FLOODS: readonly (readonly [name: string, start: string, again: string, details: RegExp])[] = [
  ['a head without end', 'HTTP/1.1 200 OK\r\n', 'x-more: and more\r\n', /more than 16384 bytes/],
  ['a field without end', 'HTTP/1.1 200 OK\r\nx-long: ', 'x', /more than 16384 bytes/],
  ['a status line without end', 'HTTP/1.1 200 ', 'x', /more than 16384 bytes/],
  ['informational heads without end', '', head('100 Continue'), /more than 16384 bytes/],
  ['a body of 64 MB behind 502', head('502 Bad Gateway', 'content-length: 64000000'), 'x', /502/],
];

const floods: readonly HostileCase[] = FLOODS.map(([name, start, again, details]) => ({
  name: `CONNECT is answered by ${name}`,
  source: PROMISE_MEMORY,
  front: { right: RIGHT, hostile: flooding(start, again, FLOOD_CHUNKS) },
  client: CLIENT,
  limits: { memoryMb: 40, cpuMs: 1500 },
  notForGrpcJs: 'a head without end ends no call of grpc-js without a deadline',
  want: { ...UNAVAILABLE, details },
}));

const drips: readonly HostileCase[] = FLOODS.slice(0, 4).map(([name, start, again]) => ({
  name: `CONNECT is answered by ${name}, slowly`,
  source: PROMISE_CONNECT,
  front: { right: RIGHT, hostile: dripping(start, again) },
  client: { ...CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
  notForGrpcJs: NO_CONNECT_TIMEOUT,
  want: { ...UNAVAILABLE, details: /connectTimeoutMs 400/, withinMs: TIMED_OUT_WITHIN_MS },
}));

/** Odd answers that are right, and open a tunnel. */
const ODD: readonly (readonly [name: string, answer: string, source?: string])[] = [
  ['201', head('201 Created')],
  ['299', head('299 Whatever')],
  ['200 without a phrase', head('200')],
  ['200 of HTTP/1.0', 'HTTP/1.0 200 Connection established\r\n\r\n'],
  ['200 with a content-length, which means nothing', head('200 OK', 'content-length: 1000')],
  ['200 with transfer-encoding, which means nothing', head('200 OK', 'transfer-encoding: chunked')],
  ['200 behind 100 and 103', head('100 Continue') + head('103 Early Hints', 'link: </x>') + head('200 OK')],
  ['200 with bare line feeds', 'HTTP/1.1 200 OK\nvia: x\n\n', 'RFC 9112 §2.2'],
  ['a head of 16 KiB', headOf(MAX_HEAD_OCTETS), 'docs/proxies.md'],
];

const odd: readonly HostileCase[] = ODD.map(([name, answer, source = CONNECT]) => ({
  name: `CONNECT is answered by ${name}`,
  source,
  front: { right: connectFront(answer) },
  client: CLIENT,
  want: GOES_WELL,
}));

/** The tunnel is there, and what comes out of it is not HTTP/2 for long. */
const tunnels: readonly HostileCase[] = [
  {
    name: 'the tunnel is closed right behind the handshake',
    source: PROMISE_HANG,
    front: { right: RIGHT },
    server: (peer) => peer.end(),
    client: CLIENT,
    want: UNAVAILABLE,
  },
  {
    name: 'the tunnel is reset right behind the handshake',
    source: PROMISE_HANG,
    front: { right: RIGHT },
    server: (peer) => peer.abort(),
    client: CLIENT,
    want: UNAVAILABLE,
  },
  {
    name: 'the head and the end of the tunnel in one segment',
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering(head('200 OK')) },
    client: CLIENT,
    want: UNAVAILABLE,
  },
  {
    name: 'the head and SETTINGS in one segment',
    source: CONNECT,
    front: { right: connectFront(octets(head('200 OK'), settings())) },
    client: CLIENT,
    want: GOES_WELL,
  },
  {
    name: 'the tunnel is silent',
    source: PROMISE_CONNECT,
    front: { right: RIGHT },
    server: (peer) => peer.preface(),
    client: { ...CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    notForGrpcJs: 'grpc-js takes a connection for ready before SETTINGS, and the call has no deadline',
    want: { ...UNAVAILABLE, details: /SETTINGS/, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: 'the tunnel leads to an HTTP/1.1 server',
    source: PROMISE_CONNECT,
    front: { right: RIGHT },
    server: (peer) => peer.end(octets(head('400 Bad Request'))),
    client: CLIENT,
    want: { ...UNAVAILABLE, details: /HTTP\/1\.1|closed|drop|Protocol/ },
  },
  {
    name: 'the tunnel is closed with a call in it',
    source: PROMISE_HANG,
    front: { right: RIGHT },
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.end();
    },
    client: CLIENT,
    want: UNAVAILABLE,
  },
];

const TLS_TARGET: ClientPlan = { ...CLIENT, tls: { ca: 'root', serverName: 'localhost' } };
const TLS_RIGHT = behind(RIGHT, tlsFront());

const tlsTargets: readonly HostileCase[] = [
  {
    name: 'TLS with the target, through the tunnel',
    source: CONNECT,
    front: { right: TLS_RIGHT },
    client: TLS_TARGET,
    want: GOES_WELL,
  },
  {
    name: 'the tunnel leads to a certificate of another host',
    source: 'RFC 9525 §6',
    front: { right: TLS_RIGHT, hostile: behind(RIGHT, tlsFront(pair('elsewhere'))) },
    client: TLS_TARGET,
    want: { ...UNAVAILABLE, details: /localhost/ },
  },
  {
    name: 'the tunnel leads to plaintext where TLS is wanted',
    source: PROMISE_CONNECT,
    front: { right: TLS_RIGHT, hostile: answering(octets(head('200 OK'), settings(), Buffer.alloc(64))) },
    client: TLS_TARGET,
    want: UNAVAILABLE,
  },
  {
    name: 'the tunnel is closed before TLS in it',
    source: PROMISE_HANG,
    front: { right: TLS_RIGHT, hostile: answering(head('200 OK')) },
    client: TLS_TARGET,
    want: UNAVAILABLE,
  },
  {
    name: 'the tunnel is silent in the TLS handshake',
    source: PROMISE_CONNECT,
    front: { right: TLS_RIGHT, hostile: answering(head('200 OK'), 'stays') },
    client: { ...TLS_TARGET, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
    want: { ...UNAVAILABLE, details: /TLS handshake/, withinMs: TIMED_OUT_WITHIN_MS },
  },
];

const HTTPS: ClientPlan = { proxy: { scheme: 'https' } };
const HTTPS_RIGHT = behind(tlsFront({ ALPNProtocols: ['http/1.1'] }), RIGHT);

const tlsProxies: readonly HostileCase[] = [
  { name: 'a right proxy over TLS', front: undefined, want: GOES_WELL },
  {
    name: 'a proxy over TLS that is self-signed',
    front: tlsFront({ ...pair('self-signed'), ALPNProtocols: ['http/1.1'] }),
    want: { ...UNAVAILABLE, details: /TLS with the proxy.*self-signed/ },
  },
  {
    name: 'a proxy over TLS that speaks HTTP/2 alone',
    front: tlsFront(),
    want: { ...UNAVAILABLE, details: /the proxy took none of the ALPN protocols offered, http\/1\.1/ },
  },
  {
    name: 'a proxy over TLS that is in plaintext',
    front: rawFront((wire) => void wire.end(head('400 Bad Request'))),
    want: { ...UNAVAILABLE, details: /TLS with the proxy/ },
  },
  {
    name: 'a proxy over TLS that closes in the handshake',
    front: rawFront((wire) => void wire.once('data', () => wire.end()).resume()),
    want: { ...UNAVAILABLE, details: /prox/ },
  },
  {
    name: 'a proxy over TLS that is silent',
    front: rawFront(() => {}),
    want: { ...UNAVAILABLE, details: /connectTimeoutMs 400/, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: 'a proxy over TLS that refuses',
    front: behind(tlsFront({ ALPNProtocols: ['http/1.1'] }), answering(head('403 Forbidden'))),
    want: { ...UNAVAILABLE, details: /403/ },
  },
].map(
  ({ name, front, want }): HostileCase => ({
    name,
    source: 'docs/proxies.md',
    front: { right: HTTPS_RIGHT, ...(front !== undefined && { hostile: front }) },
    client: { ...HTTPS, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    notForGrpcJs: NO_TLS_PROXY,
    want: want as Want,
  }),
);

const others: readonly HostileCase[] = [
  {
    name: 'a head of 16 KiB and an octet',
    source: 'docs/proxies.md',
    front: { right: RIGHT, hostile: answering(headOf(MAX_HEAD_OCTETS + 1)) },
    client: CLIENT,
    want: { ...UNAVAILABLE, details: /more than 16384 bytes/ },
  },
  {
    name: 'a right answer to CONNECT, octet by octet',
    source: CONNECT,
    front: {
      right: async (wire) => {
        await takeConnect(wire);
        for (const octet of Buffer.from(head('200 OK', 'via: x'))) {
          wire.write(Buffer.of(octet));
          await delay(1);
        }
        return wire;
      },
    },
    client: CLIENT,
    want: GOES_WELL,
  },
  {
    name: 'silence to CONNECT, and the call has a deadline',
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: answering('', 'stays') },
    call: { timeoutMs: 250 },
    client: { ...CLIENT, connectTimeoutMs: 600 },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'new' },
  },
  {
    name: 'silence to CONNECT, and the call is cancelled',
    source: 'docs/promises.md 9',
    front: { right: RIGHT, hostile: answering('', 'stays') },
    call: { cancelAfterMs: 150 },
    client: { ...CLIENT, connectTimeoutMs: 600 },
    notForGrpcJs: NO_CONNECT_TIMEOUT,
    want: { code: 'CANCELLED', origin: 'client', after: 'new' },
  },
  {
    name: 'the proxy closes before CONNECT',
    source: PROMISE_HANG,
    front: { right: RIGHT, hostile: rawFront((wire) => void wire.end()) },
    client: CLIENT,
    want: { ...UNAVAILABLE, details: /closed/ },
  },
  {
    name: 'no message shows the password',
    source: 'docs/proxies.md',
    front: { right: RIGHT, hostile: answering(head('407 No', 'Proxy-Authenticate: Basic')) },
    client: KNOWN,
    want: { ...UNAVAILABLE, details: /^(?!.*(s3cret|bWU6czNjcmV0)).*$/s },
  },
  {
    name: 'no proxy listens',
    source: PROMISE_CONNECT,
    server: 'not listening',
    client: CLIENT,
    want: { code: 'UNAVAILABLE', details: /ECONNREFUSED/, after: 'none' },
  },
  {
    name: 'a proxy that refuses is not asked for every call',
    source: PROMISE_CONNECT,
    front: { right: answering(head('403 Forbidden')) },
    client: CLIENT,
    call: Array.from({ length: 40 }, () => ({})),
    spacingMs: 30,
    want: { code: 'UNAVAILABLE', details: /403/, maxConnections: 10, after: 'none' },
  },
];

export const PROXY_CASES: HostileGroup = {
  name: 'proxy',
  cases: [
    ...refusals,
    ...garbage,
    ...stops,
    ...drips,
    ...odd,
    ...tunnels,
    ...tlsTargets,
    ...tlsProxies,
    ...others,
    ...SOCKS_CASES,
    ...floods,
  ],
};
