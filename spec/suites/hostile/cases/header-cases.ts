// Response heads and trailers that HTTP/2 calls malformed, informational heads, content types and lengths.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  HEADERS,
  headers,
  OK,
  octets,
  REPLY,
  RESPONSE,
  string,
} from '../wire.ts';

const MALFORMED: readonly (readonly [name: string, source: string, head: readonly string[]])[] = [
  ['an upper-case name', '§8.2.1', [...RESPONSE, 'X-Upper', 'a']],
  ['connection', '§8.2.2', [...RESPONSE, 'connection', 'close']],
  ['keep-alive', '§8.2.2', [...RESPONSE, 'keep-alive', 'timeout=5']],
  ['proxy-connection', '§8.2.2', [...RESPONSE, 'proxy-connection', 'close']],
  ['transfer-encoding', '§8.2.2', [...RESPONSE, 'transfer-encoding', 'chunked']],
  ['upgrade', '§8.2.2', [...RESPONSE, 'upgrade', 'h2c']],
  ['no :status', '§8.3.2', ['content-type', 'application/grpc']],
  [':status twice', '§8.3', [':status', '200', ...RESPONSE]],
  [':status twice, differing', '§8.3', [':status', '500', ...RESPONSE]],
  [':status of two digits', '§8.3.2', [':status', '20', 'content-type', 'application/grpc']],
  [':status of four digits', '§8.3.2', [':status', '0200', 'content-type', 'application/grpc']],
  [':status without digits', '§8.3.2', [':status', 'abc', 'content-type', 'application/grpc']],
  [':status empty', '§8.3.2', [':status', '', 'content-type', 'application/grpc']],
  [':status with a sign', '§8.3.2', [':status', '+200', 'content-type', 'application/grpc']],
  [':status behind a field', '§8.3', ['content-type', 'application/grpc', ':status', '200']],
  [
    'an unknown pseudo-header field',
    '§8.3',
    [':status', '200', ':what', 'x', 'content-type', 'application/grpc'],
  ],
  [
    "a request's pseudo-header field",
    '§8.3.2',
    [':status', '200', ':path', '/', 'content-type', 'application/grpc'],
  ],
  ['a name with a space', '§8.2.1', [...RESPONSE, 'x a', 'b']],
  ['a name with a colon', '§8.2.1', [...RESPONSE, 'x:a', 'b']],
  ['a name without octets', '§8.2.1', [...RESPONSE, '', 'b']],
  ['a name with NUL', '§8.2.1', [...RESPONSE, 'x\0a', 'b']],
  ['a name that is not ASCII', '§8.2.1', [...RESPONSE, 'x\xe9', 'b']],
  ['a value with NUL', '§8.2.1', [...RESPONSE, 'x-a', 'b\0c']],
  ['a value with CR and LF', '§8.2.1', [...RESPONSE, 'x-a', 'b\r\ngrpc-status: 0']],
  ['a value with LF', '§8.2.1', [...RESPONSE, 'x-a', 'b\nc']],
  ['a content-length that is no number', '§8.1.1', [...RESPONSE, 'content-length', 'abc']],
  ['a negative content-length', '§8.1.1', [...RESPONSE, 'content-length', '-1']],
  ['two content-lengths', '§8.1.1', [...RESPONSE, 'content-length', '9', 'content-length', '10']],
  ['a content-length above the body', '§8.1.1', [...RESPONSE, 'content-length', '1000']],
  ['a content-length below the body', '§8.1.1', [...RESPONSE, 'content-length', '3']],
  [':status 101', '§8.6', [':status', '101']],
];

function answerWith(head: readonly string[], trailers: readonly string[]): HostileCase['server'] {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, head), data(id, REPLY), headers(id, trailers, END_STREAM));
  };
}

const malformedHeads: readonly HostileCase[] = MALFORMED.map(([name, source, head]) => ({
  name,
  source: `RFC 9113 ${source}`,
  server: answerWith(head, OK),
  want: { code: ['INTERNAL', 'UNKNOWN'], origin: 'client', after: 'same' },
}));

const malformedTrailers: readonly HostileCase[] = [
  MALFORMED[0],
  MALFORMED[1],
  MALFORMED[17],
  MALFORMED[22],
  MALFORMED[23],
].map(([name, source, head]) => ({
  name: `${name}, in trailers`,
  source: `RFC 9113 ${source}`,
  server: answerWith(RESPONSE, [...OK, ...head.slice(RESPONSE.length)]),
  want: { code: ['INTERNAL', 'UNKNOWN'], origin: 'client', after: 'same' },
}));

/** What the server says is taken, though values begin or end with blanks (grpc-go and grpc's C core send such). */
const EDGES: readonly (readonly [name: string, field: readonly string[]])[] = [
  ['text that ends with a space', ['grpc-message', 'user 7: ']],
  ['text that begins with a space', ['grpc-message', ' user 7']],
  ['text of one space', ['grpc-message', ' ']],
  ['a value that ends with a tab', ['x-a', 'b\t']],
  ['a value that begins with a space', ['x-a', ' b']],
  ['a binary value between spaces', ['x-bin', ' AQ ']],
];

const edges: readonly HostileCase[] = EDGES.flatMap(([name, field]) => [
  {
    name: `NOT_FOUND with ${name}`,
    source: 'PROTOCOL-HTTP2.md, Status-Message, ASCII-Value',
    server: answerWith(RESPONSE, ['grpc-status', '5', ...field]),
    want: { code: 'NOT_FOUND', origin: 'server', after: 'same' },
  },
  {
    name: `OK with ${name}`,
    source: 'PROTOCOL-HTTP2.md, Status-Message, ASCII-Value',
    server: answerWith([...RESPONSE, ...field], [...OK, ...field]),
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
]);

/** An error that the server names is believed, whatever else is wrong in the trailers that name it. */
const believed: readonly HostileCase[] = [
  MALFORMED[0],
  MALFORMED[1],
  MALFORMED[17],
  MALFORMED[22],
  MALFORMED[23],
].map(([name, source, head]) => ({
  name: `${name}, in trailers with NOT_FOUND`,
  source: `RFC 9113 ${source}`,
  server: answerWith(RESPONSE, [
    'grpc-status',
    '5',
    'grpc-message',
    'user 7',
    ...head.slice(RESPONSE.length),
  ]),
  want: { code: 'NOT_FOUND', details: /^user 7$/, origin: 'server', after: 'same' },
  notForGrpcJs: 'nghttp2 resets the stream for some of them',
}));

/** Content types of a 200 that has a gRPC message and grpc-status 0 in it all the same. */
const WRONG_CONTENT_TYPES: readonly (string | undefined)[] = [
  undefined,
  '',
  'text/html',
  'application/json',
  'application/grpc-web',
  'application/grpc-web+proto',
  'application/grpcfoo',
  'application/x-protobuf',
  'xapplication/grpc',
];

const wrongContentTypes: readonly HostileCase[] = WRONG_CONTENT_TYPES.map((type) => ({
  name: type === undefined ? 'no content-type' : `content-type "${type}"`,
  source: 'PROTOCOL-HTTP2.md, Responses; http-grpc-status-mapping.md; docs/promises.md 4',
  server: answerWith([':status', '200', ...(type === undefined ? [] : ['content-type', type])], OK),
  want: { code: 'UNKNOWN', origin: 'client', after: 'same' },
}));

const rightContentTypes: readonly HostileCase[] = [
  'application/grpc+proto',
  'application/grpc;charset=utf-8',
  'application/grpc; x=y',
  'Application/GRPC',
].map((type) => ({
  name: `content-type "${type}"`,
  source: 'PROTOCOL-HTTP2.md, Responses',
  server: answerWith([':status', '200', 'content-type', type], OK),
  want: { code: 'OK', replies: ['ok'], after: 'same' },
}));

const SHAPES: readonly (readonly [
  name: string,
  source: string,
  frames: (id: number) => Uint8Array,
  code: HostileCase['want']['code'],
])[] = [
  [
    'trailers without END_STREAM',
    'RFC 9113 §8.1',
    (id) => octets(headers(id, RESPONSE), data(id, REPLY), headers(id, OK)),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    ':status in trailers',
    'RFC 9113 §8.1',
    (id) =>
      octets(headers(id, RESPONSE), data(id, REPLY), headers(id, [':status', '200', ...OK], END_STREAM)),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'DATA before HEADERS',
    'RFC 9113 §8.1',
    (id) => octets(data(id, REPLY), headers(id, RESPONSE), headers(id, OK, END_STREAM)),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'DATA with END_STREAM before HEADERS',
    'RFC 9113 §8.1',
    (id) => data(id, REPLY, END_STREAM),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'two final heads',
    'RFC 9113 §8.1',
    (id) =>
      octets(headers(id, RESPONSE), headers(id, RESPONSE), data(id, REPLY), headers(id, OK, END_STREAM)),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'an informational head with END_STREAM',
    'RFC 9113 §8.1',
    (id) => headers(id, [':status', '103'], END_STREAM),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'an informational head behind the final one',
    'RFC 9113 §8.1',
    (id) =>
      octets(
        headers(id, RESPONSE),
        headers(id, [':status', '103']),
        data(id, REPLY),
        headers(id, OK, END_STREAM),
      ),
    ['INTERNAL', 'UNKNOWN'],
  ],
  [
    'informational heads before the final one',
    'RFC 9113 §8.1; RFC 9110 §15.2',
    (id) =>
      octets(
        headers(id, [':status', '100']),
        ...Array.from({ length: 10 }, () => headers(id, [':status', '103', 'link', '</x>; rel=preload'])),
        headers(id, RESPONSE),
        data(id, REPLY),
        headers(id, OK, END_STREAM),
      ),
    'OK',
  ],
  [
    'an informational head that is trailers-only of a sort',
    'RFC 9113 §8.1',
    (id) =>
      octets(
        headers(id, [':status', '103', 'content-type', 'application/grpc', 'grpc-status', '5']),
        headers(id, RESPONSE),
        data(id, REPLY),
        headers(id, OK, END_STREAM),
      ),
    'OK',
  ],
  [
    'a content-length that fits',
    'RFC 9113 §8.1.1',
    (id) =>
      octets(
        headers(id, [...RESPONSE, 'content-length', String(REPLY.length)]),
        data(id, REPLY),
        headers(id, OK, END_STREAM),
      ),
    'OK',
  ],
  [
    'values with octets above 127',
    'RFC 9110 §5.5',
    (id) =>
      octets(
        headers(id, [...RESPONSE, 'x-text', 'caf\xc3\xa9 \xff']),
        data(id, REPLY),
        headers(id, [...OK, 'x-text', '\x80'], END_STREAM),
      ),
    'OK',
  ],
  [
    'binary metadata that is no base64',
    'PROTOCOL-HTTP2.md, Custom-Metadata',
    (id) =>
      octets(
        headers(id, [...RESPONSE, 'x-bin', '!!!not base64!!!']),
        data(id, REPLY),
        headers(id, [...OK, 'y-bin', 'A'], END_STREAM),
      ),
    ['OK', 'INTERNAL', 'UNKNOWN'],
  ],
  [
    'names that are the traps of JavaScript',
    'docs/promises.md 10',
    (id) =>
      octets(
        headers(id, [...RESPONSE, '__proto__', 'x', 'constructor', 'y', 'then', 'z', 'hasownproperty', 'w']),
        data(id, REPLY),
        headers(id, [...OK, '__proto__', 'x'], END_STREAM),
      ),
    'OK',
  ],
  [
    '150 fields',
    'RFC 9113 §10.5.1',
    (id) =>
      octets(
        headers(id, [...RESPONSE, ...Array.from({ length: 150 }, (_, i) => [`x-${i}`, 'value']).flat()]),
        data(id, REPLY),
        headers(id, OK, END_STREAM),
      ),
    // Peers may limit the number of fields; ours does not.
    'OK',
  ],
];

const shapes: readonly HostileCase[] = SHAPES.map(([name, source, frames, code]) => ({
  name,
  source,
  async server(peer: Peer) {
    peer.send(frames(await peer.greetAndTakeRequest()));
  },
  want: { code, after: 'same' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'a header list larger than 64 KiB',
    source: 'RFC 9113 §10.5.1; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const fields = Array.from({ length: 5 }, (_, i) => [`x-${i}`, 'v'.repeat(15_000)]).flat();
      const all = block([...RESPONSE, ...fields]);
      peer.send(frame(HEADERS, 0, id, all.subarray(0, 16_000)));
      for (let at = 16_000; at < all.length; at += 16_000) {
        const isLast = at + 16_000 >= all.length;
        peer.send(continuation(id, all.subarray(at, at + 16_000), isLast ? END_HEADERS : 0));
      }
      peer.send(data(id, REPLY), headers(id, OK, END_STREAM));
    },
    want: { code: ['RESOURCE_EXHAUSTED', 'INTERNAL'], after: 'any' },
  },
  {
    name: 'a literal name of 10,000 octets',
    source: 'RFC 9113 §8.2.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const long = octets(0x00, string('n'.repeat(10_000)), string('v'));
      peer.send(headers(id, octets(block(RESPONSE), long)));
      peer.send(data(id, REPLY), headers(id, OK, END_STREAM));
    },
    want: { code: ['OK', 'INTERNAL', 'RESOURCE_EXHAUSTED'] },
  },
];

export const HEADER_CASES: HostileGroup = {
  name: 'headers',
  cases: [
    ...malformedHeads,
    ...malformedTrailers,
    ...edges,
    ...believed,
    ...wrongContentTypes,
    ...rightContentTypes,
    ...shapes,
    ...others,
  ],
};
