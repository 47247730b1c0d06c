// grpc-status and grpc-message, right, wrong, missing and twice.

import { CODE_NAMES, type CodeName, type HostileCase, type HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, END_STREAM, headers, message, note, octets, REPLY, RESPONSE } from '../wire.ts';

const STRICT = 'PROTOCOL-HTTP2.md, Status; docs/promises.md 3';
const MESSAGE = 'PROTOCOL-HTTP2.md, Status-Message; docs/promises.md 4';

function withTrailers(trailers: readonly string[]): HostileCase['server'] {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, trailers, END_STREAM));
  };
}

function trailersOnly(fields: readonly string[]): HostileCase['server'] {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, [...RESPONSE, ...fields], END_STREAM));
  };
}

const everyCode: readonly HostileCase[] = CODE_NAMES.flatMap((code, number) => [
  {
    name: `${number} in trailers`,
    source: 'statuscodes.md',
    server: withTrailers(['grpc-status', String(number), 'grpc-message', `says ${number}`]),
    want: {
      code,
      ...(number > 0 && { details: new RegExp(`^says ${number}$`), origin: 'server' }),
      after: 'same',
    },
  } satisfies HostileCase,
  ...(number === 0
    ? []
    : [
        {
          name: `${number} in trailers-only`,
          source: 'PROTOCOL-HTTP2.md, Trailers-Only; statuscodes.md',
          server: trailersOnly(['grpc-status', String(number), 'grpc-message', `says ${number}`]),
          want: { code, details: new RegExp(`^says ${number}$`), origin: 'server', after: 'same' },
        } satisfies HostileCase,
      ]),
]);

/** Not statuses, whatever they resemble. */
const INVALID = [
  '',
  '00',
  '05',
  '016',
  '+1',
  '-1',
  '-0',
  '17',
  '18',
  '255',
  '4294967296',
  '99999999999999999999',
];
const STRANGE = [
  '1e1',
  '0x5',
  '1.0',
  '0.0',
  'abc',
  'OK',
  'NOT_FOUND',
  'NaN',
  '0;',
  '0, 0',
  '0 0',
  '\xd9\xa3',
  'null',
];
/** With blanks at an end the field itself is malformed (RFC 9113 §8.2.1): never OK. */
const BLANK = [' 0', '0 ', '\t0', ' '];

const invalid: readonly HostileCase[] = [
  ...[...INVALID, ...STRANGE].map((value) => [value, 'UNKNOWN'] as const),
  ...BLANK.map((value) => [value, ['UNKNOWN', 'INTERNAL']] as const),
].flatMap(([value, code]) => [
  {
    name: `the status ${JSON.stringify(value)}`,
    source: STRICT,
    server: withTrailers(['grpc-status', value]),
    want: { code, after: 'same' },
  } satisfies HostileCase,
]);

const invalidTrailersOnly: readonly HostileCase[] = ['', '00', '17', 'abc'].map((value) => ({
  name: `the status ${JSON.stringify(value)}, trailers-only`,
  source: STRICT,
  server: trailersOnly(['grpc-status', value]),
  want: { code: 'UNKNOWN', after: 'same' },
}));

const WRONG_PLACES: readonly (readonly [
  name: string,
  server: HostileCase['server'],
  code: CodeName | readonly CodeName[],
])[] = [
  ['no status in trailers', withTrailers(['x-a', 'b']), 'UNKNOWN'],
  ['no status in trailers-only', trailersOnly(['x-a', 'b']), 'UNKNOWN'],
  ['empty trailers', withTrailers([]), 'UNKNOWN'],
  [
    'END_STREAM on DATA, and so no trailers',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY, END_STREAM));
    },
    ['UNKNOWN', 'INTERNAL'],
  ],
  [
    'END_STREAM on empty DATA',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY), data(id, octets(), END_STREAM));
    },
    ['UNKNOWN', 'INTERNAL'],
  ],
  [
    'the status in the head of the response only',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, [...RESPONSE, 'grpc-status', '0']),
        data(id, REPLY),
        headers(id, ['x-a', 'b'], END_STREAM),
      );
    },
    'UNKNOWN',
  ],
  [
    'OK in the head, an error in the trailers',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, [...RESPONSE, 'grpc-status', '0']),
        data(id, REPLY),
        headers(id, ['grpc-status', '7'], END_STREAM),
      );
    },
    'PERMISSION_DENIED',
  ],
  [
    'an error in the head, OK in the trailers',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, [...RESPONSE, 'grpc-status', '7']),
        data(id, REPLY),
        headers(id, ['grpc-status', '0'], END_STREAM),
      );
    },
    // Only trailers have a status; a client that takes it from the head as well is strict, not wrong.
    ['OK', 'PERMISSION_DENIED', 'UNKNOWN'],
  ],
  ['the same status twice', withTrailers(['grpc-status', '0', 'grpc-status', '0']), ['OK', 'UNKNOWN']],
  [
    'OK and then an error',
    withTrailers(['grpc-status', '0', 'grpc-status', '5']),
    ['UNKNOWN', 'NOT_FOUND', 'INTERNAL'],
  ],
  [
    'an error and then OK',
    withTrailers(['grpc-status', '5', 'grpc-status', '0']),
    ['UNKNOWN', 'NOT_FOUND', 'INTERNAL'],
  ],
  [
    'an error and its message, and then another',
    withTrailers(['grpc-status', '5', 'grpc-message', 'a', 'grpc-message', 'b']),
    'NOT_FOUND',
  ],
  ['OK without a reply', trailersOnly(['grpc-status', '0']), ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN']],
  [
    'OK behind a head and no reply',
    async (peer) => {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), headers(id, ['grpc-status', '0'], END_STREAM));
    },
    ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'],
  ],
  ['an error without a reply', trailersOnly(['grpc-status', '9']), 'FAILED_PRECONDITION'],
  ['OK with a message', withTrailers(['grpc-status', '0', 'grpc-message', 'all is well']), 'OK'],
  [
    'details of a status that are no message',
    withTrailers(['grpc-status', '5', 'grpc-status-details-bin', 'AAAA////']),
    'NOT_FOUND',
  ],
  [
    'details of a status that are no base64',
    withTrailers(['grpc-status', '5', 'grpc-status-details-bin', '%%%']),
    'NOT_FOUND',
  ],
  [
    'details that name another code',
    withTrailers(['grpc-status', '5', 'grpc-status-details-bin', 'CAASAm9r']),
    'NOT_FOUND',
  ],
  [
    'details that name an error, of a call that is OK',
    withTrailers(['grpc-status', '0', 'grpc-status-details-bin', 'CAU=']),
    'OK',
  ],
];

const wrongPlaces: readonly HostileCase[] = WRONG_PLACES.map(([name, server, code]) => ({
  name,
  source: STRICT,
  server,
  want: { code, after: 'same' },
}));

const MESSAGES: readonly (readonly [name: string, sent: string, details: RegExp])[] = [
  ['a percent sign alone', '100%', /^100%$/],
  ['a percent sign with one digit', 'a%2', /^a%2$/],
  ['a percent sign without digits', 'a%zzb', /^a%zzb$/],
  ['octets that are no UTF-8', 'a%ff%feb', /^a.+b$/],
  ['a surrogate', 'a%ed%a0%80b', /^a.+b$/],
  ['a truncated character', 'a%e2%82', /^a.+$/],
  ['a euro sign', 'a%E2%82%ACb', /^a€b$/],
  ['lower-case digits', 'a%e2%82%acb', /^a€b$/],
  ['an emoji', '%F0%9F%98%80', /^😀$/u],
  ['NUL', 'a%00b', /^a.b$/s],
  ['CR and LF', 'a%0D%0Ab', /^a\r\nb$/],
  ['percent twice', '%2541', /^%41$/],
  ['UTF-8 that is not encoded', 'caf\xc3\xa9', /^caf/],
  ['blanks', 'a b  c', /^a b {2}c$/],
  ['a status of its own', 'grpc-status: 0', /^grpc-status: 0$/],
  ['nothing', '', /^$/],
  ['8,000 octets', 'm'.repeat(8000), /^m{8000}$/],
  ['5,000 encoded octets', '%41'.repeat(5000), /^A{5000}$/],
  ['5,000 percent signs', '%'.repeat(5000), /^%{5000}$/],
];

const messages: readonly HostileCase[] = MESSAGES.map(([name, sent, details]) => ({
  name: `the message has ${name}`,
  source: MESSAGE,
  server: trailersOnly(['grpc-status', '5', 'grpc-message', sent]),
  want: { code: 'NOT_FOUND', details, origin: 'server', after: 'same' },
}));

const streams: readonly HostileCase[] = [
  {
    name: 'replies of a stream come before its error',
    source: 'PROTOCOL-HTTP2.md, Responses',
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, RESPONSE),
        data(id, octets(message(note('a')), message(note('b')))),
        headers(id, ['grpc-status', '5'], END_STREAM),
      );
    },
    call: { cardinality: 'unary_stream' },
    want: { code: 'NOT_FOUND', replies: ['a', 'b'], after: 'same' },
  },
  {
    name: 'a stream without replies is OK',
    source: 'PROTOCOL-HTTP2.md, Trailers-Only',
    server: trailersOnly(['grpc-status', '0']),
    call: { cardinality: 'unary_stream' },
    want: { code: 'OK', replies: [], after: 'same' },
  },
  {
    name: 'a stream without a status is not OK',
    source: STRICT,
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY, END_STREAM));
    },
    call: { cardinality: 'unary_stream' },
    want: { code: ['UNKNOWN', 'INTERNAL'], replies: ['ok'], after: 'same' },
  },
  {
    name: 'an error that comes before the request has ended',
    source: 'RFC 9113 §8.1; PROTOCOL-HTTP2.md, Responses',
    async server(peer: Peer) {
      await peer.greet();
      const id = await peer.request();
      peer.send(headers(id, [...RESPONSE, 'grpc-status', '16'], END_STREAM));
      // The client has no more to say: it lets go of the stream, with whatever code.
      await peer.frame('RST_STREAM', (one) => one.type === 3 && one.streamId === id);
    },
    call: { cardinality: 'stream_unary', isLeftOpen: true },
    want: { code: 'UNAUTHENTICATED', origin: 'server', after: 'same' },
  },
];

export const STATUS_CASES: HostileGroup = {
  name: 'status',
  cases: [...everyCode, ...invalid, ...invalidTrailersOnly, ...wrongPlaces, ...messages, ...streams],
};
