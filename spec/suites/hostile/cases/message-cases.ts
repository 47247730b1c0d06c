// Length-prefixed messages that lie, are cut short, are too many or too few, or are no messages at all.

import type { CallPlan, HostileCase, HostileGroup, Want } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import { data, END_STREAM, headers, message, note, OK, octets, REPLY, RESPONSE } from '../wire.ts';

const FRAMING = 'PROTOCOL-HTTP2.md, Length-Prefixed-Message; docs/promises.md 4';
const SIZE = 'docs/promises.md 6';
const PROTO = 'protobuf encoding; statuscodes.md (INTERNAL)';
const MEBIBYTE = 1024 * 1024;
const LIMIT = 4 * MEBIBYTE;
/** Octets of the tag and length of a text of some megabytes. */
const NOTE_OVERHEAD = 5;
const NOT_OK = ['INTERNAL', 'UNKNOWN'] as const;

/** A response with this body and grpc-status 0. */
function withBody(...body: readonly Uint8Array[]): HostileCase['server'] {
  return async (peer) => {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, RESPONSE), ...body.map((part) => data(id, part)), headers(id, OK, END_STREAM));
  };
}

type Row = readonly [name: string, body: Uint8Array, want: Want, call?: CallPlan];

const STREAM: CallPlan = { cardinality: 'unary_stream' };

const FRAMING_ROWS: readonly Row[] = [
  ['a header cut short', octets(0, 0, 0), { code: NOT_OK }],
  ['a header and nothing more', octets(0, 0, 0, 0, 5), { code: NOT_OK }],
  ['a body cut short', message(note('abc'), 0, 10), { code: NOT_OK }],
  ['a body without its last octet', REPLY.subarray(0, -1), { code: NOT_OK }],
  ['one octet behind the message', octets(REPLY, 0), { code: NOT_OK }],
  ['garbage behind the message', octets(REPLY, 'garbage!'), { code: [...NOT_OK, 'UNIMPLEMENTED'] }],
  ['the flag 2', message(note('a'), 2), { code: NOT_OK, details: /flag/ }],
  ['the flag 128', message(note('a'), 128), { code: NOT_OK }],
  ['the flag 255', message(note('a'), 255), { code: NOT_OK }],
  ['the flag 1 without an encoding', message(note('a'), 1), { code: 'INTERNAL' }],
  ['the flag 1 on an empty message', message(octets(), 1), { code: 'INTERNAL' }],
  ['JSON in place of a frame', octets('{"message":"ok"}'), { code: NOT_OK, details: /{\\"mes/ }],
  ['HTML in place of a frame', octets('<html><body>no</body></html>'), { code: NOT_OK, details: /<html/ }],
  ['text behind a zero', octets(0, 'TEXT and more'), { code: 'RESOURCE_EXHAUSTED', details: /TEXT/ }],
  ['two replies', octets(REPLY, REPLY), { code: ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'] }],
  [
    'two replies to a stream of requests',
    octets(REPLY, REPLY),
    { code: ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'] },
    { cardinality: 'stream_unary' },
  ],
  [
    'no reply to a stream of requests',
    octets(),
    { code: ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'] },
    { cardinality: 'stream_unary' },
  ],
  [
    'a message and half of one, on a stream',
    octets(REPLY, REPLY.subarray(0, 6)),
    { code: NOT_OK, replies: ['ok'] },
    STREAM,
  ],
  [
    'a message and a bad flag, on a stream',
    octets(REPLY, message(note('b'), 9)),
    { code: NOT_OK, replies: ['ok'] },
    STREAM,
  ],
];

const RIGHT_ROWS: readonly Row[] = [
  ['an empty message', message(octets()), { code: 'OK', replies: [''], after: 'same' }],
  [
    'a text of a field that is not known',
    message(octets(note('a'), 0x7a, 1, 'x')),
    { code: 'OK', replies: ['a'] },
  ],
  ['the field twice: the last counts', message(octets(note('a'), note('b'))), { code: 'OK', replies: ['b'] }],
  [
    '1,000 messages in one frame, on a stream',
    octets(...Array.from({ length: 1000 }, () => REPLY)),
    { code: 'OK', replies: 1000 },
    STREAM,
  ],
];

const PROTO_ROWS: readonly Row[] = [
  ['a wrong wire type', message(octets(0x08, 1)), { code: ['OK', 'INTERNAL'] }],
  ['the wire type 6', message(octets(0x0e, 1)), { code: 'INTERNAL' }],
  ['the wire type 7 of an unknown field', message(octets(0x7f, 1)), { code: 'INTERNAL' }],
  ['the field number 0', message(octets(0x02, 0)), { code: 'INTERNAL' }],
  ['a varint that does not end', message(octets(0x0a, 0x80)), { code: 'INTERNAL' }],
  ['a varint of 11 octets', message(octets(0x78, Buffer.alloc(10, 0xff), 1)), { code: 'INTERNAL' }],
  ['a text longer than the message', message(octets(0x0a, 100, 'abc')), { code: 'INTERNAL' }],
  ['a text of 2^31 octets', message(octets(0x0a, 0x80, 0x80, 0x80, 0x80, 8, 'a')), { code: 'INTERNAL' }],
  ['a text that is no UTF-8', message(octets(0x0a, 2, 0xff, 0xfe)), { code: 'INTERNAL' }],
  ['a group that does not end', message(octets(0x7b, 0x08, 1)), { code: 'INTERNAL' }],
  ['the end of a group that did not begin', message(octets(0x7c)), { code: 'INTERNAL' }],
  ['the end of another group', message(octets(0x7b, 0x74)), { code: 'INTERNAL' }],
  [
    'groups 100,000 levels deep',
    message(octets(Buffer.alloc(100_000, 0x7b), Buffer.alloc(100_000, 0x7c))),
    { code: 'INTERNAL' },
  ],
  ['a fixed 64 cut short', message(octets(0x79, 1, 2, 3)), { code: 'INTERNAL' }],
  ['text', message(octets('this is no protobuf at all')), { code: 'INTERNAL' }],
  [
    'a good reply and then a bad one, on a stream',
    octets(REPLY, message(octets(0x0e, 1))),
    { code: 'INTERNAL', replies: ['ok'] },
    STREAM,
  ],
];

function rows(source: string, table: readonly Row[]): HostileCase[] {
  return table.map(([name, body, want, call]) => ({
    name,
    source,
    // Several frames where one would be larger than HTTP/2 allows.
    server: withBody(...slices(body, 16_384)),
    ...(call !== undefined && { call }),
    want: { after: 'same', ...want },
  }));
}

function slices(bytes: Uint8Array, octetsEach: number): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += octetsEach) parts.push(bytes.subarray(at, at + octetsEach));
  return parts.length === 0 ? [bytes] : parts;
}

/** The header promises so much; not an octet of it follows, and no end. */
const DECLARED: readonly (readonly [name: string, length: number])[] = [
  ['4 MiB and 1 octet', LIMIT + 1],
  ['2^31-1 octets', 2 ** 31 - 1],
  ['2^31 octets', 2 ** 31],
  ['2^32-1 octets', 2 ** 32 - 1],
];

const declared: readonly HostileCase[] = DECLARED.flatMap(([name, length]) =>
  (['unary_unary', 'unary_stream'] as const).map((cardinality) => ({
    name: `a message of ${name} is announced, ${cardinality}`,
    source: SIZE,
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, message(octets(), 0, length)));
      await peer.expectReset(id, 'CANCEL');
    },
    call: { cardinality },
    want: {
      code: 'RESOURCE_EXHAUSTED',
      details: new RegExp(String(length)),
      origin: 'client',
      after: 'same',
    },
  })),
);

function encoded(encoding: string, flag: number, want: Want): HostileCase {
  return {
    name: `the encoding ${JSON.stringify(encoding)} and the flag ${flag}`,
    source: 'compression.md',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, [...RESPONSE, 'grpc-encoding', encoding]),
        data(id, message(note('ok'), flag)),
        headers(id, OK, END_STREAM),
      );
    },
    want: { after: 'same', ...want },
  };
}

const others: readonly HostileCase[] = [
  encoded('identity', 0, { code: 'OK' }),
  encoded('identity', 1, { code: 'INTERNAL' }),
  encoded('nonsense', 0, { code: 'OK' }),
  encoded('nonsense', 1, { code: ['INTERNAL', 'UNIMPLEMENTED'], details: /nonsense/ }),
  encoded('', 1, { code: ['INTERNAL', 'UNIMPLEMENTED'] }),
  {
    name: 'a message of exactly 4 MiB',
    source: SIZE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const body = message(note('x'.repeat(LIMIT - NOTE_OVERHEAD)));
      for (const part of slices(body, 16_384)) await peer.sendWithinWindow(id, data(id, part));
      peer.send(headers(id, OK, END_STREAM));
    },
    limits: { memoryMb: 64, cpuMs: 1500 },
    want: { code: 'OK', replies: 1, after: 'same' },
  },
  {
    name: 'a message above maxReceiveMessageBytes, all of which comes',
    source: SIZE,
    server: withBody(message(note('x'.repeat(2000)))),
    client: { maxReceiveMessageBytes: 1000 },
    want: { code: 'RESOURCE_EXHAUSTED', details: /2003.*1000/, after: 'same' },
  },
  {
    name: 'a message one octet a frame',
    source: FRAMING,
    server: withBody(...[...REPLY].map((octet) => octets(octet))),
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'messages cut at every place',
    source: FRAMING,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const two = octets(REPLY, REPLY);
      peer.send(headers(id, RESPONSE));
      for (let at = 0; at <= two.length; at++)
        peer.send(data(id, two.subarray(0, at)), data(id, two.subarray(at)));
      peer.send(headers(id, OK, END_STREAM));
    },
    call: STREAM,
    want: { code: 'OK', replies: 2 * (2 * REPLY.length + 1), after: 'same' },
  },
  {
    name: 'a bad flag, and then no end',
    source: FRAMING,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, message(note('a'), 77)));
      await peer.expectReset(id, 'CANCEL');
    },
    want: { code: NOT_OK, after: 'same' },
  },
  {
    name: 'a second reply to a unary call, and then no end',
    source: 'statuscodes.md; docs/promises.md 4',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, octets(REPLY, REPLY)));
    },
    want: { code: ['UNIMPLEMENTED', 'INTERNAL', 'UNKNOWN'], after: 'same' },
  },
  {
    name: 'a truncated message with an error keeps the error',
    source: 'docs/promises.md 5',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(
        headers(id, RESPONSE),
        data(id, REPLY.subarray(0, 4)),
        headers(id, ['grpc-status', '8', 'grpc-message', 'too much'], END_STREAM),
      );
    },
    want: { code: 'RESOURCE_EXHAUSTED', details: /too much/, after: 'same' },
  },
];

export const MESSAGE_CASES: HostileGroup = {
  name: 'messages',
  cases: [
    ...rows(FRAMING, FRAMING_ROWS),
    ...rows(FRAMING, RIGHT_ROWS),
    ...rows(PROTO, PROTO_ROWS),
    ...declared,
    ...others,
  ],
};
