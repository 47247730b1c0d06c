// Flow control both ways: windows that overflow, never open, shrink below zero; and servers that ignore ours.

import type { HostileCase, HostileGroup } from '../hostile-case.ts';
import type { Peer } from '../peer.ts';
import {
  answer,
  DATA,
  data,
  END_STREAM,
  frame,
  headers,
  INITIAL_WINDOW_SIZE,
  message,
  note,
  OK,
  octets,
  PADDED,
  RESPONSE,
  settings,
  windowUpdate,
} from '../wire.ts';

const MOST = 2 ** 31 - 1;
const START = 65_535;
const SOURCE = 'RFC 9113 §6.9';
/** Octets around the text of a large request: tag, length, gRPC's header. */
const AROUND = 5 + 4;

/** Waits until a request's octets have come, and then a while for those that must not. */
async function exactly(peer: Peer, id: number, octetCount: number): Promise<void> {
  await peer.until(`${octetCount} octets of the request`, () => peer.requestOctets(id) >= octetCount);
  await peer.pause(30);
  const came = peer.requestOctets(id);
  if (came !== octetCount) throw new Error(`${came} octets came, the window was ${octetCount}`);
}

const cases: readonly HostileCase[] = [
  {
    name: 'WINDOW_UPDATE of 0 on a stream',
    source: SOURCE,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(windowUpdate(id, 0));
      await peer.expectReset(id, 'PROTOCOL_ERROR');
    },
    want: { code: 'INTERNAL', after: 'same' },
  },
  {
    name: 'WINDOW_UPDATE of 0 on the connection',
    source: SOURCE,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.send(windowUpdate(0, 0));
      await peer.expectGoAway('PROTOCOL_ERROR');
    },
    want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: "a stream's window above 2^31-1",
    source: `${SOURCE}.1`,
    async server(peer) {
      await peer.greet();
      const id = await peer.request();
      peer.send(windowUpdate(id, MOST));
      await peer.expectReset(id, 'FLOW_CONTROL_ERROR');
    },
    call: { cardinality: 'stream_unary', isLeftOpen: true },
    want: { code: 'INTERNAL', after: 'same' },
  },
  {
    name: "the connection's window above 2^31-1",
    source: `${SOURCE}.1`,
    async server(peer) {
      await peer.greetAndTakeRequest();
      peer.send(windowUpdate(0, MOST));
      await peer.expectGoAway('FLOW_CONTROL_ERROR');
    },
    want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: 'a window above 2^31-1 by way of SETTINGS',
    source: `${SOURCE}.2`,
    async server(peer) {
      await peer.greet();
      const id = await peer.request();
      peer.send(windowUpdate(id, MOST - START), settings([INITIAL_WINDOW_SIZE, MOST]));
      await peer.expectGoAway('FLOW_CONTROL_ERROR');
    },
    call: { cardinality: 'stream_unary', isLeftOpen: true },
    want: { code: ['UNAVAILABLE', 'INTERNAL'], after: 'new' },
  },
  {
    name: 'the connection window at its most is no fault',
    source: `${SOURCE}.1`,
    async server(peer) {
      await peer.greet();
      peer.send(windowUpdate(0, MOST - START));
    },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: "a stream's window never opens, with a deadline",
    source: 'docs/promises.md 1',
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 0]);
      const id = await peer.request();
      await peer.expectReset(id, 'CANCEL');
      if (peer.requestOctets(id) !== 0) throw new Error('octets came, though the window was 0');
      peer.send(settings([INITIAL_WINDOW_SIZE, START]));
    },
    call: { timeoutMs: 300 },
    want: { code: 'DEADLINE_EXCEEDED', origin: 'client', after: 'same' },
  },
  {
    name: "a stream's window never opens, and the call is cancelled",
    source: 'docs/promises.md 1',
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 0]);
      const id = await peer.request();
      await peer.expectReset(id, 'CANCEL');
      peer.send(settings([INITIAL_WINDOW_SIZE, START]));
    },
    call: { cancelAfterMs: 150 },
    want: { code: 'CANCELLED', after: 'same' },
  },
  {
    name: "the connection's window never opens, with a deadline",
    source: `${SOURCE}; docs/promises.md 1`,
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, MOST]);
      const id = await peer.request();
      await exactly(peer, id, START);
      await peer.expectReset(id, 'CANCEL');
      peer.send(windowUpdate(0, START));
    },
    call: { timeoutMs: 400, requestOctets: 100_000 },
    want: { code: 'DEADLINE_EXCEEDED', after: 'same' },
  },
  {
    name: 'a window that opens octet by octet',
    source: SOURCE,
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 0]);
      const id = await peer.request();
      for (let i = 0; i < 10; i++) {
        peer.send(windowUpdate(id, 1));
        await peer.until('one more octet', () => peer.requestOctets(id) === i + 1);
      }
      await peer.requestEnd(id);
      peer.send(settings([INITIAL_WINDOW_SIZE, START]));
      peer.answer(id);
    },
    want: { code: 'OK', withinMs: 1000, after: 'same' },
  },
  {
    name: 'SETTINGS that take a window below zero',
    source: `${SOURCE}.2`,
    async server(peer) {
      await peer.greet();
      peer.send(windowUpdate(0, 1_000_000));
      const id = await peer.request();
      await exactly(peer, id, START);
      peer.send(settings([INITIAL_WINDOW_SIZE, 0]), windowUpdate(id, START));
      await exactly(peer, id, START);
      peer.send(windowUpdate(id, 10));
      await exactly(peer, id, START + 10);
      peer.send(settings([INITIAL_WINDOW_SIZE, 100_000]));
      await peer.requestEnd(id);
      peer.answer(id);
    },
    call: { requestOctets: 100_000 },
    want: { code: 'OK', withinMs: 1500, after: 'same' },
  },
  {
    name: 'SETTINGS that open a window that was shut',
    source: `${SOURCE}.2`,
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 0]);
      const id = await peer.request();
      await peer.pause(30);
      peer.send(settings([INITIAL_WINDOW_SIZE, START]));
      await peer.requestEnd(id);
      peer.answer(id);
    },
    want: { code: 'OK', withinMs: 1000, after: 'same' },
  },
  {
    name: 'an empty message needs no window for its END_STREAM, but for its header',
    source: `${SOURCE}.1`,
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 5]);
      const id = await peer.wholeRequest();
      peer.send(settings([INITIAL_WINDOW_SIZE, START]));
      peer.answer(id);
    },
    call: { requestOctets: 0 },
    want: { code: 'OK', after: 'same' },
  },
  {
    name: 'a call that has no window does not stop others',
    source: `${SOURCE}; docs/promises.md 7`,
    async server(peer) {
      await peer.greet([INITIAL_WINDOW_SIZE, 1000]);
      peer.send(windowUpdate(0, 1_000_000));
      const large = await peer.request();
      for (let i = 0; i < 3; i++) peer.answer(await peer.wholeRequest());
      peer.send(windowUpdate(large, 100_000 + AROUND));
      await peer.requestEnd(large);
      peer.answer(large);
    },
    call: [{ requestOctets: 100_000 }, {}, {}, {}],
    want: { code: 'OK', withinMs: 1000, after: 'same' },
  },
  {
    name: 'replies beyond the window of a stream that nobody reads',
    source: `${SOURCE}.1`,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      const body = message(note('x'.repeat(1000)));
      const window = peer.window(id);
      for (let sent = 0; sent <= window + 16_384; sent += body.length) peer.send(data(id, body));
      await peer.expectReset(id, 'FLOW_CONTROL_ERROR');
    },
    call: { cardinality: 'unary_stream', isUnread: true, timeoutMs: 2500 },
    want: { code: ['INTERNAL', 'UNAVAILABLE'], withinMs: 500, after: 'any' },
  },
  {
    name: 'a stream that nobody reads does not stop others',
    source: 'docs/promises.md 7',
    async server(peer) {
      await peer.greet();
      const unread = await peer.wholeRequest();
      peer.send(headers(unread, RESPONSE));
      const body = message(note('x'.repeat(1000)));
      while (peer.window(unread) >= body.length) await peer.sendWithinWindow(unread, data(unread, body));
      for (let i = 0; i < 3; i++) peer.answer(await peer.wholeRequest());
    },
    call: [{ cardinality: 'unary_stream', isUnread: true, timeoutMs: 500 }, {}, {}, {}],
    want: { code: 'DEADLINE_EXCEEDED', otherCodes: 'OK', after: 'same' },
  },
  {
    name: 'padding is credited: a message one octet a frame, with 255 octets of padding each',
    source: `${SOURCE}.1; §6.1`,
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE));
      for (const octet of message(note('x'.repeat(20_000)))) {
        await peer.sendWithinWindow(id, frame(DATA, PADDED, id, octets(255, octet, Buffer.alloc(255))));
      }
      peer.send(headers(id, OK, END_STREAM));
    },
    limits: { memoryMb: 48, cpuMs: 2500 },
    want: { code: 'OK', replies: 1, after: 'same' },
  },
  {
    name: 'DATA that crosses a RST_STREAM is credited: 22 MB of it',
    source: 'docs/promises.md 7',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(headers(id, RESPONSE), data(id, message(octets(), 7)));
      await peer.expectReset(id, 'CANCEL');
      const body = data(id, Buffer.alloc(15_000));
      for (let i = 0; i < 1500; i++) await peer.sendWithinWindow(id, body, true);
    },
    limits: { memoryMb: 48, cpuMs: 2500 },
    want: { code: ['INTERNAL', 'UNKNOWN'], after: 'same' },
  },
  {
    name: 'WINDOW_UPDATE on the stream behind its end',
    source: 'RFC 9113 §5.1',
    async server(peer) {
      const id = await peer.greetAndTakeRequest();
      peer.send(answer(id), windowUpdate(id, 1), windowUpdate(id, MOST), windowUpdate(id, MOST));
    },
    want: { code: 'OK', after: 'same' },
  },
];

export const FLOW_CASES: HostileGroup = { name: 'flow', cases };
