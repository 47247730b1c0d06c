// Answers of proxies and other HTTP servers: the status of HTTP decides, unless gRPC's own is there.

import type { CodeName, HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, END_STREAM, type Fields, headers, octets, REPLY } from '../wire.ts';

const SOURCE = 'http-grpc-status-mapping.md';
const PAGE = octets('<html><body><h1>An error</h1></body></html>');

const MAPPING: readonly (readonly [status: string, code: CodeName])[] = [
  ['400', 'INTERNAL'],
  ['401', 'UNAUTHENTICATED'],
  ['403', 'PERMISSION_DENIED'],
  ['404', 'UNIMPLEMENTED'],
  ['429', 'UNAVAILABLE'],
  ['502', 'UNAVAILABLE'],
  ['503', 'UNAVAILABLE'],
  ['504', 'UNAVAILABLE'],
  ...['204', '206', '299', '301', '302', '304', '307', '402', '405', '408', '409', '411', '413'].map(
    (status) => [status, 'UNKNOWN'] as const,
  ),
  ...['415', '418', '421', '426', '428', '431', '451', '499', '500', '501', '505', '511', '599', '999'].map(
    (status) => [status, 'UNKNOWN'] as const,
  ),
];

const withPages: readonly HostileCase[] = MAPPING.map(([status, code]) => ({
  name: `${status} with a page`,
  source: SOURCE,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, [':status', status, 'content-type', 'text/html']), data(id, PAGE, END_STREAM));
  },
  want: { code, origin: 'client', details: new RegExp(status), after: 'same' },
}));

const bare: readonly HostileCase[] = MAPPING.slice(0, 10).map(([status, code]) => ({
  name: `${status} and nothing more`,
  source: SOURCE,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, [':status', status], END_STREAM));
  },
  want: { code, details: new RegExp(status), after: 'same' },
}));

type Answer = readonly [name: string, head: Fields, code: CodeName | readonly CodeName[]];

/** Trailers-only answers with another status than 200. "gRPC's status is used where it is present." */
const WITH_GRPC_STATUS: readonly Answer[] = [
  [
    '404 with grpc-status 12',
    [':status', '404', 'content-type', 'application/grpc', 'grpc-status', '12'],
    'UNIMPLEMENTED',
  ],
  [
    '503 with grpc-status 5',
    [':status', '503', 'content-type', 'application/grpc', 'grpc-status', '5'],
    ['NOT_FOUND', 'UNAVAILABLE'],
  ],
  [
    '401 with grpc-status 7',
    [':status', '401', 'content-type', 'application/grpc', 'grpc-status', '7'],
    ['PERMISSION_DENIED', 'UNAUTHENTICATED'],
  ],
  [
    '500 with grpc-status 0',
    [':status', '500', 'content-type', 'application/grpc', 'grpc-status', '0'],
    ['UNKNOWN', 'INTERNAL'],
  ],
  [
    '503 with grpc-status 0',
    [':status', '503', 'content-type', 'application/grpc', 'grpc-status', '0'],
    'UNAVAILABLE',
  ],
  [
    '503 with grpc-status 99',
    [':status', '503', 'content-type', 'application/grpc', 'grpc-status', '99'],
    ['UNKNOWN', 'UNAVAILABLE'],
  ],
];

const withGrpcStatus: readonly HostileCase[] = WITH_GRPC_STATUS.map(([name, head, code]) => ({
  name,
  source: `${SOURCE}; docs/promises.md 4, 5`,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, head, END_STREAM));
  },
  want: { code, after: 'same' },
}));

const others: readonly HostileCase[] = [
  {
    name: '500 with a gRPC message and grpc-status 0 in trailers',
    source: 'docs/promises.md 4',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, [':status', '500', 'content-type', 'application/grpc']),
        data(id, REPLY),
        headers(id, ['grpc-status', '0'], END_STREAM),
      );
    },
    want: { code: ['UNKNOWN', 'INTERNAL'], after: 'same' },
  },
  {
    name: '502 whose page never ends',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, [':status', '502', 'content-type', 'text/html']), data(id, PAGE));
    },
    want: { code: 'UNAVAILABLE', after: 'same' },
  },
  {
    name: '502 that promises a page and sends none',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, [':status', '502', 'content-type', 'text/html', 'content-length', '9']));
    },
    want: { code: 'UNAVAILABLE', details: /502/, withinMs: 1100, after: 'same' },
  },
  {
    name: '502 whose page says why',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const length = String(PAGE.length);
      peer.send(
        headers(id, [':status', '502', 'content-type', 'text/html', 'content-length', length]),
        data(id, PAGE, END_STREAM),
      );
    },
    want: { code: 'UNAVAILABLE', details: /; it says "An error"/, after: 'same' },
  },
  {
    name: '200 with a page of 1 MB in place of an answer',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, [':status', '200', 'content-type', 'text/html']));
      for (let i = 0; i < 64; i++) peer.send(data(id, Buffer.alloc(1000, 'x')));
    },
    want: { code: 'UNKNOWN', details: /text\/html/, after: 'same' },
  },
  {
    name: 'a redirect names where it leads',
    source: 'docs/promises.md 2; issue 5, "explains a wrong peer"',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, [':status', '302', 'location', 'https://login.example.com/'], END_STREAM));
    },
    want: { code: 'UNKNOWN', details: /302/, after: 'same' },
  },
];

export const HTTP_STATUS_CASES: HostileGroup = {
  name: 'http-status',
  cases: [...withPages, ...bare, ...withGrpcStatus, ...others],
};
