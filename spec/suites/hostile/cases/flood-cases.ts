// Floods and bombs: what costs the server little and could cost the client much. Each runs alone, with its
// memory and CPU time watched; the client may put up with it cheaply or end it, but not be put out by it.

import type { CodeName, HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  answer,
  block,
  continuation,
  data,
  END_HEADERS,
  END_STREAM,
  frame,
  goAway,
  HEADERS,
  headers,
  literal,
  message,
  note,
  OK,
  octets,
  PRIORITY,
  ping,
  REPLY,
  RESPONSE,
  reset,
  SETTINGS_ACK,
  type Setting,
  settings,
  windowUpdate,
} from '../wire.ts';

const SOURCE = 'RFC 9113 §10.5; docs/promises.md 6';
const SIZE = 'docs/promises.md 6: memory follows what came, not what was announced';
const TIMES = 200_000;
const LIMITS = { memoryMb: 64, cpuMs: 2500 } as const;
/** A flood is ended, as a fault of the connection. */
const ENDED: readonly CodeName[] = ['UNAVAILABLE', 'RESOURCE_EXHAUSTED', 'INTERNAL'];
const BORNE: readonly CodeName[] = ['OK', ...ENDED];

type Flood = readonly [
  name: string,
  frames: (id: number) => Uint8Array,
  code: readonly CodeName[],
  times?: number,
];

/** During a call, which is answered when the flood is over. */
const FLOODS: readonly Flood[] = [
  ['PING', () => ping(), ENDED],
  ['ACKs of PING', () => ping(1), ENDED],
  ['empty SETTINGS', () => settings(), ENDED],
  ['SETTINGS that change the window', () => octets(settings([4, 0]), settings([4, 65_535])), ENDED],
  ['SETTINGS that change the table', () => octets(settings([1, 0]), settings([1, 4096])), ENDED],
  ['ACKs of SETTINGS', () => SETTINGS_ACK, ENDED],
  [
    'full frames of SETTINGS',
    () => settings(...Array.from({ length: 2700 }, (_, i): Setting => [0x2000 + i, i])),
    ENDED,
    2000,
  ],
  ['empty DATA', (id) => data(id, octets()), ENDED],
  ['DATA of padding only', (id) => frame(0, 8, id, octets(0)), BORNE],
  ['WINDOW_UPDATE of 1 on the connection', () => windowUpdate(0, 1), ENDED],
  ['WINDOW_UPDATE of 1 on the stream', (id) => windowUpdate(id, 1), ENDED],
  ['PRIORITY', () => frame(PRIORITY, 0, 1, Buffer.alloc(5)), BORNE],
  ['unknown types', () => frame(0xbe, 0, 0, octets('what?')), BORNE],
  ['full frames of unknown type', () => frame(0xbe, 0, 0, Buffer.alloc(16_384)), BORNE, 4000],
  ['GOAWAY', () => goAway(2 ** 31 - 1, 0), BORNE],
  ['GOAWAY with debug data', () => goAway(2 ** 31 - 1, 0, 'd'.repeat(16_000)), BORNE, 4000],
  ['informational heads', (id) => headers(id, [':status', '103']), BORNE],
  [
    'informational heads of 10 KB',
    (id) => headers(id, [':status', '103', 'link', 'l'.repeat(10_000)]),
    BORNE,
    5000,
  ],
];

const floods: readonly HostileCase[] = FLOODS.map(([name, frames, code, times = TIMES]) => ({
  name: `a flood of ${name}`,
  source: SOURCE,
  async server(peer: Peer) {
    const id = await peer.greetAndTakeRequest();
    const isData = frames(id)[3] === 0;
    if (isData) peer.send(headers(id, RESPONSE));
    await peer.flood(frames(id), times);
    peer.send(isData ? octets(data(id, REPLY), headers(id, OK, END_STREAM)) : answer(id));
  },
  limits: LIMITS,
  want: { code, after: 'any' },
}));

const others: readonly HostileCase[] = [
  {
    name: 'PING before SETTINGS are acknowledged, and the answers are not read',
    source: SOURCE,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.socket.pause();
      await peer.flood(ping(), TIMES);
      peer.socket.destroy();
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'new' },
  },
  {
    name: 'SETTINGS while the answers are not read',
    source: SOURCE,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.socket.pause();
      await peer.flood(settings(), TIMES);
      peer.socket.destroy();
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'new' },
  },
  {
    name: 'SETTINGS at the start, and no end of them',
    source: SOURCE,
    async server(peer) {
      await peer.flood(settings(), TIMES);
    },
    limits: LIMITS,
    want: { code: BORNE, after: 'any' },
  },
  {
    name: 'empty CONTINUATIONs without end',
    source: 'CVE-2024-27316 and its kin; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(frame(HEADERS, 0, id, block(RESPONSE)));
      await peer.flood(continuation(id, octets()), TIMES);
      peer.send(continuation(id, octets(), END_HEADERS));
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'new' },
  },
  {
    name: 'full CONTINUATIONs without end',
    source: 'CVE-2024-27316 and its kin; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(frame(HEADERS, 0, id, block(RESPONSE)));
      await peer.flood(continuation(id, literal('x-a', 'v'.repeat(16_000))), 10_000);
      peer.send(continuation(id, octets(), END_HEADERS));
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'new' },
  },
  {
    name: 'CONTINUATIONs of entries that evict each other',
    source: 'CVE-2024-27316 and its kin; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(frame(HEADERS, 0, id, block(RESPONSE)));
      await peer.flood(continuation(id, literal('x-a', 'v'.repeat(4000), 0x40)), 20_000);
      peer.send(continuation(id, octets(), END_HEADERS));
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'new' },
  },
  {
    name: 'heads of empty fields for one call: 60,000 of them',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      // Each octet is a field: :authority with an empty value, twice a pseudo-header field besides.
      const part = Buffer.alloc(16_000, 0x90);
      peer.send(frame(HEADERS, 0, id, octets(block(RESPONSE), part)));
      peer.send(continuation(id, part), continuation(id, part), continuation(id, part, END_HEADERS));
    },
    limits: LIMITS,
    want: { code: ENDED, after: 'any' },
  },
  {
    name: 'a block of 16 KB, Huffman-coded, that grows by the most it can',
    source: 'RFC 7541 §5.2',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      // '0' has a code of 5 bits, all zeros.
      const value = octets(0x7f | 0x80, Buffer.from([0x81, 0x7c]), Buffer.alloc(16_000));
      peer.send(headers(id, octets(block(RESPONSE), 0x00, 3, 'x-a', value)));
      peer.send(data(id, REPLY), headers(id, OK, END_STREAM));
    },
    limits: LIMITS,
    want: { code: BORNE, after: 'any' },
  },
  {
    name: 'RST_STREAM on the ended stream',
    source: 'CVE-2023-44487 and its kin',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(answer(id));
      await peer.flood(reset(id, 8), TIMES);
    },
    limits: LIMITS,
    want: { code: 'OK', after: 'any' },
  },
  {
    name: 'HEADERS on the ended stream',
    source: 'RFC 9113 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(answer(id));
      await peer.flood(headers(id, RESPONSE), TIMES);
    },
    limits: LIMITS,
    want: { code: 'OK', after: 'any' },
  },
  {
    name: 'HEADERS and RST_STREAM that cross a cancellation, without end',
    source: 'RFC 9113 §5.1; docs/promises.md 6',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      await peer.expectReset(id, 'CANCEL');
      await peer.flood(octets(headers(id, RESPONSE), reset(id, 8)), TIMES / 2);
    },
    call: { cancelAfterMs: 50 },
    limits: LIMITS,
    want: { code: 'CANCELLED', withinMs: 500, after: 'any' },
  },
  {
    name: 'every call is reset at once: 500 of them',
    source: 'RFC 9113 §5.4.2',
    async server(peer) {
      await peer.greet();
      for (let i = 0; i < 500; i++) peer.send(reset(await peer.wholeRequest(), 2));
    },
    call: Array.from({ length: 500 }, () => ({})),
    limits: LIMITS,
    want: { code: 'INTERNAL', after: 'any' },
  },
  {
    name: 'a message of 1 MB, one octet a frame',
    source: 'PROTOCOL-HTTP2.md: messages may be split in any way',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const body = message(note('x'.repeat(100_000)));
      for (const octet of body) await peer.sendWithinWindow(id, data(id, Buffer.of(octet)));
      peer.send(headers(id, OK, END_STREAM));
    },
    limits: { memoryMb: 64, cpuMs: 4000 },
    want: { code: 'OK', replies: 1, after: 'same' },
  },
  {
    name: '300 messages of 4 MiB are announced, and of each comes 1 KB',
    source: SIZE,
    async server(peer) {
      await peer.greet();
      const start = message(Buffer.alloc(1000), 0, 4 * 1024 * 1024);
      for (let i = 0; i < 300; i++) {
        const id = await peer.wholeRequest();
        peer.send(headers(id, RESPONSE), data(id, start));
      }
    },
    call: Array.from({ length: 300 }, () => ({ timeoutMs: 800 })),
    limits: { memoryMb: 32, cpuMs: 1500 },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: '200,000 empty messages to a stream that is read',
    source: 'docs/promises.md 7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const many = data(id, Buffer.alloc(5 * 3000));
      for (let i = 0; i < 66; i++) await peer.sendWithinWindow(id, many);
      peer.send(headers(id, OK, END_STREAM));
    },
    call: { cardinality: 'unary_stream' },
    limits: { memoryMb: 96, cpuMs: 4000 },
    want: { code: 'OK', replies: 198_000, after: 'same' },
  },
  {
    name: 'empty messages to a stream that nobody reads, until its deadline',
    source: 'docs/promises.md 7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const many = data(id, Buffer.alloc(5 * 3000));
      const isOpen = (): boolean => !peer.isClosed && peer.count(3) === 0;
      while (isOpen()) {
        if (peer.window(id) >= many.length) await peer.sendWithinWindow(id, many);
        else await peer.pause(10);
      }
    },
    call: { cardinality: 'unary_stream', isUnread: true, timeoutMs: 500 },
    limits: LIMITS,
    want: { code: 'DEADLINE_EXCEEDED', withinMs: 700, after: 'same' },
  },
  {
    name: 'a stream that nobody reads, filled as far as its window goes',
    source: 'docs/promises.md 7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const body = data(id, message(note('x'.repeat(16_000))));
      const isOpen = (): boolean => !peer.isClosed && peer.count(3) === 0;
      while (isOpen()) {
        if (peer.window(id) >= body.length) await peer.sendWithinWindow(id, body);
        else await peer.pause(10);
      }
    },
    call: { cardinality: 'unary_stream', isUnread: true, timeoutMs: 500 },
    limits: LIMITS,
    want: { code: 'DEADLINE_EXCEEDED', withinMs: 700, after: 'same' },
  },
];

export const FLOOD_CASES: HostileGroup = { name: 'floods', cases: [...floods, ...others] };
