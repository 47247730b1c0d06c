// One connection and its socket, which the spec plays: what it says of itself when octets come in an awkward order.

import { expect } from 'chai';
import { KeepalivePolicy } from '../../../lib/channel/connection/keepalive.ts';
import type { SocketConnection } from '../../../lib/channel/connection/socket-connection.ts';
import {
  ACK,
  answer,
  data,
  END_STREAM,
  frame,
  goAway,
  headers,
  INITIAL_WINDOW_SIZE,
  MAX_CONCURRENT_STREAMS,
  message,
  OK,
  octets,
  PING,
  RESPONSE,
  reset,
  SETTINGS_ACK,
  settings,
  windowUpdate,
} from '../../suites/hostile/wire.ts';
import { closing } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import { LoopClock } from '../../support/time/loop-clock.ts';
import { TurnedTime } from '../../support/time/turned-time.ts';
import { WireRequest, type WireSocket, wired } from '../../support/wire-socket.ts';

describe('Connection: whether it has served', () => {
  const FIRST = 1;
  const GOING = goAway(0x7fffffff, 0);
  const REFUSED_STREAM = 7;
  const nothing = Buffer.alloc(0);

  const cases: readonly (readonly [
    name: string,
    isBackground: boolean,
    came: Uint8Array,
    hasServed: boolean,
  ])[] = [
    ['nothing came', false, nothing, false],
    ['a response head came, of a call that goes on', false, headers(FIRST, RESPONSE), true],
    [
      'a message came, of a call that goes on',
      false,
      octets(headers(FIRST, RESPONSE), data(FIRST, message(nothing))),
      true,
    ],
    ['a whole answer came', false, answer(FIRST), true],
    [
      'an error came, as trailers alone',
      false,
      headers(FIRST, [...RESPONSE, 'grpc-status', '5'], END_STREAM),
      true,
    ],
    ['a proxy answered', false, headers(FIRST, [':status', '502'], END_STREAM), true],
    ['the stream was reset behind its head', false, octets(headers(FIRST, RESPONSE), reset(FIRST, 2)), true],
    ['the stream was refused', false, reset(FIRST, REFUSED_STREAM), false],
    ['an informational head came', false, headers(FIRST, [':status', '103']), false],
    ['the head was malformed', false, headers(FIRST, OK), false],
    ['a PING and SETTINGS came', false, octets(settings(), SETTINGS_ACK), false],
    ['a stream in the background was answered', true, headers(FIRST, RESPONSE), false],
    ['a stream in the background was answered and ended', true, answer(FIRST), false],
  ];
  for (const [name, isBackground, came, hasServed] of cases) {
    const open = (connection: ReturnType<typeof wired>['connection']): void => {
      if (isBackground) connection.openBackground(new WireRequest());
      else connection.open(new WireRequest());
    };

    it(`is ${hasServed} when ${name}`, () => {
      const { connection, socket } = wired();
      open(connection);
      socket.receive(came);
      expect(connection.hasServed).to.equal(hasServed);
    });

    it(`is ${hasServed} for who hears of GOAWAY and of the end in the same read when ${name}`, () => {
      const seen: boolean[] = [];
      const { connection, socket } = wired({
        onDraining: (one) => seen.push(one.hasServed),
        onClosed: (one) => seen.push(one.hasServed),
      });
      open(connection);
      socket.receive(came, GOING);
      socket.close();
      expect(seen).to.deep.equal([hasServed, hasServed]);
    });
  }

  it('does not take answers in the background for those of calls, however many came and went', () => {
    const { connection, socket } = wired();
    for (let id = FIRST; id < 20; id += 2) {
      connection.openBackground(new WireRequest());
      socket.receive(answer(id));
      connection.onBackgroundEnd();
    }
    connection.openBackground(new WireRequest());
    socket.receive(headers(21, RESPONSE));
    expect(connection.hasServed).to.equal(false);
    connection.open(new WireRequest());
    expect(connection.hasServed).to.equal(false);
    socket.receive(headers(23, RESPONSE));
    expect(connection.hasServed).to.equal(true);
  });
});

describe('Connection: whether the other end lives', () => {
  const close = closing();
  const FIRST = 1;
  const PING_HEAD = Buffer.of(0, 0, 8, PING, 0, 0, 0, 0, 0);
  const ANSWER = frame(PING, ACK, 0, Buffer.from('0000000000000001', 'hex'));
  const keepalive = new KeepalivePolicy(20, 40, false);
  const pings = (written: readonly Uint8Array[]): number =>
    written.filter((octets) => PING_HEAD.equals(octets.subarray(-17, -8))).length;

  /** A call on a connection, with what becomes of that. */
  function calling(...first: Uint8Array[]) {
    const closed: string[] = [];
    const { connection, socket } = wired({ onClosed: (_, { reason }) => closed.push(reason) }, { keepalive });
    if (first.length > 0) socket.receive(...first);
    const request = new WireRequest();
    connection.open(request);
    return { connection, socket, request, closed };
  }

  it('is not doubted while PINGs are answered, though windows are full', async () => {
    const { connection, socket, request, closed } = calling(settings([INITIAL_WINDOW_SIZE, 10]));
    expect(request.stream?.write(Buffer.alloc(100), 0, 100, true, false)).to.equal(false);
    for (let answered = 0; answered < 5; answered++) {
      await until(() => pings(socket.written) > answered);
      socket.receive(ANSWER);
    }
    expect(closed).to.deep.equal([]);
    connection.close('the spec is over');
  });

  it('is given up when windows are full and PINGs are not answered', async () => {
    const { socket, request, closed } = calling(settings([INITIAL_WINDOW_SIZE, 10]));
    request.stream?.write(Buffer.alloc(100), 0, 100, true, false);
    await until(() => closed.length > 0);
    expect(closed[0]).to.include('nothing came within keepalive.timeoutMs 40 of a PING');
    expect(request.end).to.include({ kind: 'lost' });
    expect(socket.isDestroyed).to.equal(true);
  });

  for (const [name, size] of [
    ['so that no call can be opened', 1 << 20],
    ['though there would be room for calls', 1000],
  ] as const) {
    it(`is given up when no calls are open, but the output is stuck, ${name}`, async () => {
      const { connection, socket, request, closed } = calling(
        settings([INITIAL_WINDOW_SIZE, 1 << 20]),
        windowUpdate(0, 1 << 20),
      );
      await until(() => socket.written.length > 0);
      socket.isStuck = true;
      request.stream?.write(Buffer.alloc(size), 0, size, true, false);
      await until(() => socket.writableLength > 0);
      request.stream?.reset(8);
      expect(connection.canOpen).to.equal(size < 256 * 1024);
      await until(() => closed.length > 0);
      expect(socket.isDestroyed).to.equal(true);
    });
  }

  it('is given up when no calls are open because the server allows none', async () => {
    const closed: string[] = [];
    const { socket } = wired({ onClosed: (_, { reason }) => closed.push(reason) }, { keepalive });
    socket.receive(settings([MAX_CONCURRENT_STREAMS, 0]));
    await until(() => closed.length > 0);
    expect(pings(socket.written)).to.be.at.least(1);
  });

  for (const [name, drain] of [
    ['the server sent GOAWAY', (_: SocketConnection, socket: WireSocket) => socket.receive(goAway(FIRST, 0))],
    ['it was drained from this side', (connection: SocketConnection) => connection.drain()],
  ] as const) {
    it(`is asked still when ${name}, with more patience`, async () => {
      const time = close(new TurnedTime());
      const { connection, socket, closed, request } = calling();
      drain(connection, socket);
      // Twice the interval, and then longer than twice the timeout by far.
      await time.pass(41);
      expect(pings(socket.written)).to.be.above(0);
      await time.pass(150);
      expect([closed, request.end]).to.deep.equal([[], undefined]);
      socket.receive(answer(FIRST));
      expect(request.end).to.deep.equal({ kind: 'complete' });
      expect(closed).to.deep.equal(['the connection was drained']);
    });
  }
});

describe('Connection: its end', () => {
  it('destroys a socket that does not get rid of its output, a moment after it was closed', async () => {
    const { connection, socket } = wired();
    socket.isStuck = true;
    const beganMs = performance.now();
    using clock = new LoopClock();
    connection.close('the spec is over');
    expect([socket.isEnding, socket.isDestroyed]).to.deep.equal([true, false]);
    await until(() => socket.isDestroyed);
    expect(performance.now() - beganMs).to.be.at.least(450);
    expect(clock.now()).to.be.below(900);
  });

  it('lets a socket write the last of it', () => {
    const { connection, socket } = wired();
    connection.close('the spec is over');
    expect(socket.isEnding).to.equal(true);
    const last = socket.written.at(-1) ?? Buffer.alloc(0);
    expect(Buffer.from(last).includes('the spec is over')).to.equal(true);
  });
});

describe('Connection: what it writes of what came', () => {
  const HEADERS = 1;
  const RST_STREAM = 3;

  function frameTypes(written: Uint8Array): number[] {
    const types: number[] = [];
    const view = Buffer.from(written);
    for (let at = 0; at < view.length; at += 9 + view.readUIntBE(at, 3)) types.push(view[at + 3]);
    return types;
  }

  it('goes in one write with the call that a reply wakes, the answer first', async () => {
    const { connection, socket } = wired();
    connection.open(new WireRequest());
    await new Promise(setImmediate);
    socket.written = [];
    const woken = Promise.resolve().then(() =>
      Promise.resolve().then(() => connection.open(new WireRequest())),
    );
    socket.receive(frame(PING, 0, 0, Buffer.alloc(8)), answer(1));
    expect(socket.written).to.deep.equal([]);
    await woken;
    await new Promise(setImmediate);
    expect(socket.written.length).to.equal(1);
    // The stream that was answered before its request had ended is reset.
    expect(frameTypes(socket.written[0])).to.deep.equal([PING, RST_STREAM, HEADERS]);
    connection.close('the spec is over');
  });
});
