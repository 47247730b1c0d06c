// SOCKS5 proxies (RFC 1928) that do not make a tunnel: refusals by their codes, wrong versions, answers cut short.

import { setTimeout as delay } from 'node:timers/promises';
import {
  type Front,
  rawFront,
  SOCKS_SUCCESS,
  socksFront,
  takeSocksGreeting,
  takeSocksRequest,
} from '../fronts.ts';
import type { ClientPlan, HostileCase, Want } from '../hostile-case.ts';
import { type Octets, octets, settings } from '../wire.ts';

const SOCKS = 'RFC 1928';
const PROMISE_HANG = 'docs/promises.md 1';
const PROMISE_CONNECT = 'docs/promises.md 2';
const CLIENT: ClientPlan = { proxy: { scheme: 'socks5' } };
const KNOWN: ClientPlan = { proxy: { scheme: 'socks5', username: 'me', password: 's3cret' } };
const RIGHT = socksFront();
const CONNECT_TIMEOUT_MS = 400;
const TIMED_OUT_WITHIN_MS = 550;
const NO_SOCKS = 'grpc-js knows no SOCKS';
const NONE_ACCEPTABLE = 0xff;
const USERNAME_PASSWORD = 2;

const UNAVAILABLE = { code: 'UNAVAILABLE', origin: 'client', after: 'new' } satisfies Want;
const GOES_WELL = { code: 'OK', replies: ['ok'], after: 'same' } satisfies Want;

type Then = 'closes' | 'stays' | 'resets';

/** Answers the greeting, and then the request where there is an answer to it. */
function answering(then: Then, method: Octets, reply?: Octets): Front {
  return rawFront(async (wire) => {
    await takeSocksGreeting(wire);
    if (reply !== undefined) {
      wire.write(method);
      await takeSocksRequest(wire);
    }
    const last = reply ?? method;
    if (then === 'closes') wire.end(last);
    else if (then === 'stays') wire.write(last);
    else wire.write(last, () => wire.resetAndDestroy());
  });
}

const NO_AUTHENTICATION = Buffer.of(5, 0);

/** §6, and codes beyond it. */
const REPLIES: readonly (readonly [code: number, details: RegExp])[] = [
  [1, /general failure/],
  [2, /rules do not allow target\.test:50051/],
  [3, /network.*cannot be reached/],
  [4, /cannot be reached, or its name is not known/],
  [5, /nothing listens on target\.test:50051/],
  [6, /time to live expired/],
  [7, /does not know the command CONNECT/],
  [8, /does not support addresses of this type/],
  [9, /unknown to SOCKS5 \(reply 9\)/],
  [255, /unknown to SOCKS5 \(reply 255\)/],
];

const refusals: readonly Base[] = REPLIES.flatMap(([code, details]) =>
  (['closes', 'stays'] as const).map((then) => ({
    name: `SOCKS5 refuses with ${code}, and ${then}`,
    source: `${SOCKS} §6`,
    hostile: answering(then, NO_AUTHENTICATION, Buffer.of(5, code, 0, 1, 0, 0, 0, 0, 0, 0)),
    want: { ...UNAVAILABLE, details },
  })),
);

type Base = Omit<HostileCase, 'front' | 'notForGrpcJs'> & {
  readonly hostile?: Front;
  readonly right?: Front;
};

/** Answers to the greeting, and to the request where there are two. */
const WRONG: readonly (readonly [
  name: string,
  method: Octets,
  reply: Octets | undefined,
  details: RegExp,
  client?: ClientPlan,
])[] = [
  ['version 4 for the method', Buffer.of(4, 0), undefined, /./],
  ['version 0 for the method', Buffer.of(0, 90), undefined, /./],
  ['an HTTP answer for the method', octets('HTTP/1.1 400 Bad Request\r\n\r\n'), undefined, /HTTP/],
  ['a TLS alert for the method', Buffer.of(0x15, 3, 3, 0, 2, 2, 70), undefined, /./],
  ['no method that is acceptable', Buffer.of(5, NONE_ACCEPTABLE), undefined, /demands credentials/],
  [
    'no method that is acceptable, to credentials',
    Buffer.of(5, NONE_ACCEPTABLE),
    undefined,
    /accepts neither/,
    KNOWN,
  ],
  ['GSSAPI, which was not offered', Buffer.of(5, 1), undefined, /method 1, which was not offered/],
  [
    'credentials, which were not offered',
    Buffer.of(5, USERNAME_PASSWORD),
    undefined,
    /method 2, which was not offered/,
  ],
  ['version 4 in the reply', NO_AUTHENTICATION, Buffer.of(4, 0, 0, 1, 0, 0, 0, 0, 0, 0), /./],
  [
    'an address of unknown type',
    NO_AUTHENTICATION,
    Buffer.of(5, 0, 0, 2, 0, 0, 0, 0, 0, 0),
    /unknown type 2/,
  ],
  ['an HTTP answer in the reply', NO_AUTHENTICATION, octets('HTTP/1.1 502 Bad Gateway\r\n\r\n'), /HTTP/],
];

const wrong: readonly Base[] = WRONG.flatMap(([name, method, reply, details, client]) =>
  (['closes', 'stays'] as const).map((then) => ({
    name: `SOCKS5 answers ${name}, and ${then}`,
    source: `${SOCKS} §${reply === undefined ? 3 : 6}`,
    hostile: answering(then, method, reply),
    ...(client !== undefined && { client }),
    want: { ...UNAVAILABLE, details },
  })),
);

/** Where an answer is cut off. */
const CUTS: readonly (readonly [name: string, method: Octets, reply?: Octets])[] = [
  ['before the method', octets()],
  ['in the method', Buffer.of(5)],
  ['before the reply', NO_AUTHENTICATION, octets()],
  ['behind the version of the reply', NO_AUTHENTICATION, Buffer.of(5)],
  ['behind the code of the reply', NO_AUTHENTICATION, Buffer.of(5, 0)],
  ['before the address', NO_AUTHENTICATION, Buffer.of(5, 0, 0, 1)],
  ['in an address of IPv4', NO_AUTHENTICATION, Buffer.of(5, 0, 0, 1, 127, 0)],
  ['in an address of IPv6', NO_AUTHENTICATION, Buffer.of(5, 0, 0, 4, 1, 2, 3, 4, 5, 6, 7, 8)],
  ['in a name of 255 octets', NO_AUTHENTICATION, octets(5, 0, 0, 3, 255, 'proxy')],
  ['in the port', NO_AUTHENTICATION, SOCKS_SUCCESS.subarray(0, 9)],
];

const cuts: readonly Base[] = CUTS.flatMap(([name, method, reply]): Base[] => [
  {
    name: `SOCKS5 is cut off ${name}`,
    source: PROMISE_HANG,
    hostile: answering('closes', method, reply),
    want: { ...UNAVAILABLE, details: /closed/ },
  },
  {
    name: `SOCKS5 is reset ${name}`,
    source: PROMISE_HANG,
    hostile: answering('resets', method, reply),
    want: UNAVAILABLE,
  },
  {
    name: `SOCKS5 is silent ${name}`,
    source: PROMISE_CONNECT,
    hostile: answering('stays', method, reply),
    client: { ...CLIENT, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    want: { ...UNAVAILABLE, details: /connectTimeoutMs 400/, withinMs: TIMED_OUT_WITHIN_MS },
  },
]);

/** Replies that are right, and open a tunnel. */
const RIGHTS: readonly (readonly [name: string, front: Front])[] = [
  ['an address of IPv4', RIGHT],
  ['an address of IPv6', socksFront(octets(5, 0, 0, 4, Buffer.alloc(16), 0, 0))],
  ['a name', socksFront(octets(5, 0, 0, 3, 5, 'proxy', 0, 0))],
  ['a name of no octets', socksFront(Buffer.of(5, 0, 0, 3, 0, 0, 0))],
  ['a name of 255 octets', socksFront(octets(5, 0, 0, 3, 255, Buffer.alloc(255, 'x'), 0, 0))],
  ['a reserved octet that is not 0', socksFront(Buffer.of(5, 0, 7, 1, 0, 0, 0, 0, 0, 0))],
  ['SETTINGS in the same segment', socksFront(octets(SOCKS_SUCCESS, settings()))],
  [
    'octet by octet',
    async (wire) => {
      await takeSocksGreeting(wire);
      for (const octet of NO_AUTHENTICATION) {
        wire.write(Buffer.of(octet));
        await delay(1);
      }
      await takeSocksRequest(wire);
      for (const octet of SOCKS_SUCCESS) {
        wire.write(Buffer.of(octet));
        await delay(1);
      }
      return wire;
    },
  ],
];

const rights: readonly Base[] = RIGHTS.map(([name, right]) => ({
  name: `SOCKS5 opens the tunnel: ${name}`,
  source: `${SOCKS} §6`,
  right,
  want: GOES_WELL,
}));

const others: readonly Base[] = [
  {
    name: 'SOCKS5 does not accept the user name and password',
    source: 'RFC 1929 §2',
    hostile: rawFront(async (wire) => {
      await takeSocksGreeting(wire);
      wire.write(Buffer.of(5, USERNAME_PASSWORD));
      wire.once('data', () => wire.end(Buffer.of(1, 1))).resume();
    }),
    client: KNOWN,
    want: { ...UNAVAILABLE, details: /^(?!.*s3cret).*does not accept the user name and password/ },
  },
  {
    name: 'SOCKS5 is silent to the user name and password',
    source: 'RFC 1929 §2',
    hostile: rawFront(async (wire) => {
      await takeSocksGreeting(wire);
      wire.write(Buffer.of(5, USERNAME_PASSWORD));
    }),
    client: { ...KNOWN, connectTimeoutMs: CONNECT_TIMEOUT_MS },
    want: { ...UNAVAILABLE, details: /^(?!.*s3cret).*connectTimeoutMs 400/, withinMs: TIMED_OUT_WITHIN_MS },
  },
  {
    name: 'the tunnel of SOCKS5 is closed right behind the reply',
    source: PROMISE_HANG,
    hostile: answering('closes', NO_AUTHENTICATION, SOCKS_SUCCESS),
    want: UNAVAILABLE,
  },
  {
    name: 'the tunnel of SOCKS5 leads to an HTTP/1.1 server',
    source: PROMISE_CONNECT,
    hostile: answering(
      'closes',
      NO_AUTHENTICATION,
      octets(SOCKS_SUCCESS, 'HTTP/1.1 400 Bad Request\r\n\r\n'),
    ),
    want: { ...UNAVAILABLE, details: /HTTP\/1\.1/ },
  },
  {
    name: 'SOCKS5 is silent, and the call has a deadline',
    source: PROMISE_HANG,
    hostile: answering('stays', NO_AUTHENTICATION, octets()),
    call: { timeoutMs: 250 },
    client: { ...CLIENT, connectTimeoutMs: 600 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'new' },
  },
];

export const SOCKS_CASES: readonly HostileCase[] = [...refusals, ...wrong, ...cuts, ...rights, ...others].map(
  ({ hostile, right = RIGHT, ...one }) => ({
    client: CLIENT,
    ...one,
    front: { right, ...(hostile !== undefined && { hostile }) },
    notForGrpcJs: NO_SOCKS,
  }),
);
