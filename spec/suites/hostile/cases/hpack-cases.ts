// Header blocks that no HPACK decoder may take, tables that must stay in step, and odd blocks that are right.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  block,
  data,
  END_STREAM,
  headers,
  integer,
  literal,
  OK,
  octets,
  REPLY,
  RESPONSE,
  string,
} from '../wire.ts';

const HEAD = block(RESPONSE);
const STATUS_200 = 0x88;
/** The first entry of the dynamic table, as an indexed field. */
const DYNAMIC_62 = 0x80 | 62;
/** content-type's name by its index, without indexing. */
const CONTENT_TYPE_31 = integer(0x00, 4, 31);
/** "application/grpc" in the code of RFC 7541 Appendix B, padded with ones. */
const HUFFMAN_GRPC = octets(0x8b, Buffer.from('1d75d0620d263d4c4d6564', 'hex'));

const FAULTS: readonly (readonly [name: string, source: string, bad: Uint8Array])[] = [
  ['index 0', '§6.1', octets(HEAD, 0x80)],
  ['an index into an empty dynamic table', '§2.3.3', octets(HEAD, DYNAMIC_62)],
  ['an index far behind the dynamic table', '§2.3.3', octets(HEAD, integer(0x80, 7, 100_000))],
  ['a name by an index behind the table', '§6.2.1', octets(HEAD, integer(0x40, 6, 70), string('x'))],
  ['an integer of more than 32 bits', '§5.1', octets(HEAD, 0xff, Buffer.alloc(8, 0xff), 0x7f)],
  ['an integer that does not end', '§5.1', octets(HEAD, 0xff, 0x80)],
  ['an integer of a thousand octets', '§5.1', octets(HEAD, 0xff, Buffer.alloc(1000, 0x80), 0x01)],
  [
    'a string longer than its block',
    '§5.2',
    octets(HEAD, 0x00, integer(0, 7, 3), 'abc', integer(0, 7, 100), 'x'),
  ],
  ['a string of 2^31 octets', '§5.2', octets(HEAD, 0x00, integer(0, 7, 2 ** 31), 'abc')],
  ['a name without a value', '§6.2', octets(HEAD, 0x00, string('abc'))],
  ['a literal that ends behind its first octet', '§6.2', octets(HEAD, 0x40)],
  ['Huffman code with EOS', '§5.2', octets(HEAD, 0x00, string('abc'), 0x84, Buffer.alloc(4, 0xff))],
  ['Huffman padding of more than 7 bits', '§5.2', octets(HEAD, 0x00, string('abc'), 0x82, 0x1f, 0xff)],
  ['Huffman padding of zeros', '§5.2', octets(HEAD, 0x00, string('abc'), 0x81, 0x18)],
  ['a table size above what was granted', '§6.3', octets(integer(0x20, 5, 65_537), HEAD)],
  ['a table size of 2^31', '§6.3', octets(integer(0x20, 5, 2 ** 31), HEAD)],
  ['a change of the table size behind a field', '§4.2', octets(HEAD, 0x20)],
  [
    'an entry that was evicted',
    '§4.4',
    octets(HEAD, literal('x-a', 'b', 0x40), literal('x-large', 'y'.repeat(5000), 0x40), DYNAMIC_62),
  ],
  ['an entry of a table that was emptied', '§4.3', octets(0x20, HEAD, DYNAMIC_62)],
];

const faults: readonly HostileCase[] = FAULTS.map(([name, source, bad]) => ({
  name,
  source: `RFC 7541 ${source}`,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, bad));
    await peer.expectGoAway('COMPRESSION_ERROR');
    await peer.closed();
  },
  want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
}));

const faultsInTrailers: readonly HostileCase[] = [FAULTS[1], FAULTS[11], FAULTS[7]].map(
  ([name, source, bad]) => ({
    name: `${name}, in trailers`,
    source: `RFC 7541 ${source}; docs/promises.md 4`,
    async server(peer: Peer) {
      const id = await peer.greetAndTakeRequest();
      const trailers = octets(block(OK), bad.subarray(HEAD.length));
      peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, trailers, END_STREAM));
      await peer.expectGoAway('COMPRESSION_ERROR');
    },
    want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
  }),
);

/** Right heads of a response in other forms. */
const HARMLESS: readonly (readonly [name: string, source: string, head: Uint8Array])[] = [
  [
    'indexed fields and a literal with an indexed name',
    '§6.1, §6.2.2',
    octets(STATUS_200, CONTENT_TYPE_31, string('application/grpc')),
  ],
  ['a value in Huffman code', '§5.2', octets(STATUS_200, CONTENT_TYPE_31, HUFFMAN_GRPC)],
  [
    'fields that are never indexed',
    '§6.2.3',
    octets(literal(':status', '200', 0x10), literal('content-type', 'application/grpc', 0x10)),
  ],
  [
    'an entry made and used in one block',
    '§6.2.1',
    octets(HEAD, literal('x-a', 'b', 0x40), DYNAMIC_62, DYNAMIC_62),
  ],
  [
    'an entry larger than the table, which empties it',
    '§4.4',
    octets(HEAD, literal('x-a', 'y'.repeat(5000), 0x40)),
  ],
  [
    'the table emptied and opened again',
    '§4.2',
    octets(0x20, integer(0x20, 5, 4096), HEAD, literal('x-a', 'b', 0x40), DYNAMIC_62),
  ],
  ['a value without octets', '§5.2', octets(HEAD, literal('x-empty', ''))],
  ['a value of 16,000 octets', '§5.2', octets(HEAD, literal('x-long', 'v'.repeat(16_000)))],
  [
    '60 entries, one out of the table with each new one',
    '§4.4',
    octets(
      HEAD,
      ...Array.from({ length: 60 }, (_, i) => literal(`x-${i}`, 'w'.repeat(100), 0x40)),
      DYNAMIC_62,
    ),
  ],
];

const harmless: readonly HostileCase[] = HARMLESS.map(([name, source, head]) => ({
  name,
  source: `RFC 7541 ${source}`,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    peer.send(headers(id, head), data(id, REPLY), headers(id, OK, END_STREAM));
  },
  want: { code: 'OK', replies: ['ok'], after: 'same' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'an integer with zeros behind its value',
    source: 'RFC 7541 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      // 127 + 0, and two octets that add nothing.
      const padded = octets(0x00, string('x-a'), 0x7f, 0x80, 0x80, 0x00, 'v'.repeat(127));
      peer.send(headers(id, octets(HEAD, padded)), data(id, REPLY), headers(id, OK, END_STREAM));
    },
    want: { code: ['OK', 'UNAVAILABLE', 'INTERNAL'] },
  },
  {
    name: 'an empty block',
    source: 'RFC 9113 §8.3.2',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, []));
      await peer.expectReset(id, 'PROTOCOL_ERROR');
    },
    want: { code: ['INTERNAL', 'UNKNOWN'], after: 'same' },
  },
  {
    name: 'the table grows from call to call',
    source: 'RFC 7541 §2.3.2',
    async server(peer) {
      await peer.greet();
      const first = await peer.wholeRequest();
      peer.send(
        headers(
          first,
          octets(literal(':status', '200', 0x40), literal('content-type', 'application/grpc', 0x40)),
        ),
        data(first, REPLY),
        headers(first, literal('grpc-status', '0', 0x40), END_STREAM),
      );
      const second = await peer.wholeRequest();
      peer.send(
        headers(second, octets(0x80 | 64, 0x80 | 63)),
        data(second, REPLY),
        headers(second, octets(DYNAMIC_62), END_STREAM),
      );
    },
    call: [{}, {}],
    want: { code: 'OK', replies: ['ok'], after: 'same' },
  },
  {
    name: 'the block of a cancelled call still changes the table',
    source: 'RFC 9113 §4.3',
    async server(peer) {
      await peer.greet();
      const cancelled = await peer.wholeRequest();
      await peer.expectReset(cancelled, 'CANCEL');
      peer.send(headers(cancelled, octets(HEAD, literal('grpc-status', '0', 0x40))));
      const id = await peer.wholeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, octets(DYNAMIC_62), END_STREAM));
    },
    call: { cancelAfterMs: 100 },
    want: { code: 'CANCELLED', after: 'any' },
  },
  {
    name: 'the block of a malformed head still changes the table',
    source: 'RFC 9113 §4.3, §8.1.1',
    async server(peer) {
      await peer.greet();
      const bad = await peer.wholeRequest();
      peer.send(headers(bad, octets(literal('Upper', 'x'), HEAD, literal('grpc-status', '0', 0x40))));
      const id = await peer.wholeRequest();
      peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, octets(DYNAMIC_62), END_STREAM));
    },
    want: { code: ['INTERNAL', 'UNKNOWN'], after: 'any' },
  },
  {
    name: 'a header list larger than the limit: one entry, a thousand times',
    source: 'RFC 9113 §10.5.1; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const bomb = octets(HEAD, literal('x-bomb', 'b'.repeat(3500), 0x40), Buffer.alloc(12_000, DYNAMIC_62));
      peer.send(headers(id, bomb), data(id, REPLY), headers(id, OK, END_STREAM));
    },
    limits: { memoryMb: 32, cpuMs: 500 },
    want: { code: ['RESOURCE_EXHAUSTED', 'INTERNAL', 'UNAVAILABLE'], after: 'any' },
  },
  {
    name: 'the same bomb in trailers',
    source: 'RFC 9113 §10.5.1; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      const bomb = octets(
        block(OK),
        literal('x-bomb', 'b'.repeat(3500), 0x40),
        Buffer.alloc(12_000, DYNAMIC_62),
      );
      peer.send(headers(id, RESPONSE), data(id, REPLY), headers(id, bomb, END_STREAM));
    },
    limits: { memoryMb: 32, cpuMs: 500 },
    want: { code: ['RESOURCE_EXHAUSTED', 'INTERNAL', 'UNAVAILABLE'], after: 'any' },
  },
  {
    name: 'bombs on 200 calls',
    source: 'RFC 9113 §10.5.1; docs/promises.md 6',
    async server(peer) {
      await peer.greet();
      const bomb = octets(HEAD, literal('x-bomb', 'b'.repeat(3500), 0x40), Buffer.alloc(8_000, DYNAMIC_62));
      for (let i = 0; i < 200 && !peer.isClosed; i++) peer.send(headers(await peer.wholeRequest(), bomb));
    },
    call: Array.from({ length: 200 }, () => ({})),
    limits: { memoryMb: 48, cpuMs: 1500 },
    want: { code: ['RESOURCE_EXHAUSTED', 'INTERNAL', 'UNAVAILABLE'], after: 'any' },
  },
];

export const HPACK_CASES: HostileGroup = {
  name: 'hpack',
  cases: [...faults, ...faultsInTrailers, ...harmless, ...others],
};
