// Calls that a server refuses: when they go again, on a faked waist and a faked clock.

import { expect } from 'chai';
import { MAX_RESENDS_WITHOUT_DEADLINE } from '../../lib/rpc/resends.ts';
import type { StreamEnd } from '../../lib/rpc/transport.ts';
import { type Bench, GRPC_HEAD, makeExchange, OK } from '../support/exchange.ts';
import { FakeStream, PEER } from '../support/fake-transport.ts';

const REFUSED: StreamEnd = { kind: 'reset', code: 7 };
const GOAWAY: StreamEnd = { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false };
const LEFT_OUT: StreamEnd = { ...GOAWAY, tookOthers: true };
/** haproxy's and nginx's, of header fields that are too large for them. */
const ERROR: StreamEnd = { kind: 'lost', code: 2, reason: 'GOAWAY', processed: false };
const UNSENT: StreamEnd = { ...GOAWAY, isUnsent: true };

/** A call that has been sent. */
function sent(): Bench {
  const bench = makeExchange({ isOpen: false });
  const octets = new Uint8Array(6);
  bench.exchange.send(octets, 0, octets.length, true);
  return bench;
}

/** Opens a stream and ends it so. */
function refuse({ exchange }: Bench, end: StreamEnd): void {
  exchange.onOpen(new FakeStream(), PEER);
  exchange.onEnd(end);
}

/** After how long it asked for a stream again. */
function waited({ clock, transport }: Bench): number {
  const asked = transport.requests.length;
  const from = clock.now();
  const [timer] = clock.timers;
  if (timer === undefined) return 0;
  clock.advanceTo(timer.atMs - 1);
  expect(transport.requests, 'not before its time').to.have.lengthOf(asked);
  clock.advanceTo(timer.atMs);
  expect(transport.requests).to.have.lengthOf(asked + 1);
  return clock.now() - from;
}

describe('Resends: what the server certainly did nothing of', () => {
  const delays: readonly (readonly [name: string, ends: readonly StreamEnd[], waits: readonly number[]])[] = [
    ['refused once', [REFUSED], [0]],
    [
      'excluded by one GOAWAY after the other',
      new Array(17).fill(GOAWAY),
      [0, 0, 0, 0, 0, 0, 0, 0, 10, 20, 40, 80, 160, 320, 640, 1000, 1000],
    ],
    ['left out of connections that took others', new Array(40).fill(LEFT_OUT), new Array(40).fill(0)],
    ['refused once among GOAWAYs', [GOAWAY, REFUSED, GOAWAY, LEFT_OUT], [0, 0, 0, 0]],
    ['on connections that ended with an error', [ERROR, ERROR, ERROR], [0, 10, 20]],
    ['never on the wire', new Array(30).fill(UNSENT), new Array(30).fill(0)],
    ['not on the wire in between', [UNSENT, REFUSED, UNSENT, GOAWAY, UNSENT], [0, 0, 0, 0, 0]],
  ];
  for (const [name, ends, waits] of delays) {
    it(`goes again after ${waits.slice(0, 12).join(', ')} ms where it was ${name}`, () => {
      const bench = sent();
      const found = ends.map((end) => {
        refuse(bench, end);
        return waited(bench);
      });
      expect(found).to.deep.equal(waits);
      expect(bench.listener.outcome).to.equal(undefined);
      // A server that has come to its senses.
      const stream = new FakeStream();
      bench.exchange.onOpen(stream, PEER);
      expect(stream.commands).to.deep.equal(['write 6 end']);
      expect(bench.clock.timers.size).to.equal(0);
    });
  }

  it('goes before calls that are new once it was refused, and not when it never left', () => {
    for (const [end, isAgain] of [
      [UNSENT, false],
      [REFUSED, true],
      [GOAWAY, true],
      [LEFT_OUT, true],
    ] as const) {
      const bench = sent();
      expect(bench.exchange.isAgain).to.equal(false);
      refuse(bench, end);
      expect(bench.exchange.isAgain).to.equal(isAgain);
      bench.exchange.abandon();
    }
  });

  it('waits half as long or half as long again, by chance', () => {
    for (const [random, ms] of [
      [0, 5],
      [0.999, 15],
    ] as const) {
      const bench = makeExchange({ isOpen: false, random: () => random });
      bench.exchange.send(new Uint8Array(6), 0, 6, true);
      refuse(bench, ERROR);
      refuse(bench, ERROR);
      expect(waited(bench)).to.equal(ms);
    }
  });

  for (const [hasDeadline, times] of [
    [false, MAX_RESENDS_WITHOUT_DEADLINE],
    [true, 10 * MAX_RESENDS_WITHOUT_DEADLINE],
  ] as const) {
    it(`goes again ${hasDeadline ? 'as long as its deadline lasts' : `${times} times without a deadline, and no more`}`, () => {
      const bench = sent();
      bench.listener.hasDeadline = hasDeadline;
      for (let count = 0; count < times; count++) {
        refuse(bench, GOAWAY);
        waited(bench);
      }
      expect(bench.listener.outcome).to.equal(undefined);
      expect(bench.transport.requests).to.have.lengthOf(times + 1);
      refuse(bench, GOAWAY);
      if (hasDeadline) bench.exchange.abandon();
      else {
        expect(bench.listener.outcome).to.include({ code: 14, isUnprocessed: true });
        expect(bench.exchange.peer?.address).to.be.a('string');
        expect(bench.listener.details).to.equal(`GOAWAY; it was refused ${times + 1} times`);
      }
      expect(bench.clock.timers.size).to.equal(0);
    });
  }

  it('counts GOAWAYs alone where a stream was refused among them', () => {
    const bench = sent();
    bench.listener.hasDeadline = false;
    for (let i = 0; i <= MAX_RESENDS_WITHOUT_DEADLINE; i++) {
      refuse(bench, i === 3 ? REFUSED : GOAWAY);
      waited(bench);
      expect(bench.listener.outcome).to.equal(undefined);
    }
    refuse(bench, GOAWAY);
    expect(bench.listener.outcome).to.include({ code: 14, isUnprocessed: true });
  });

  it('goes once after REFUSED_STREAM, and no more', () => {
    const bench = sent();
    refuse(bench, REFUSED);
    expect(bench.transport.requests).to.have.lengthOf(2);
    refuse(bench, REFUSED);
    expect(bench.listener.outcome).to.include({ code: 14, isUnprocessed: true });
    expect(bench.listener.details).to.equal('the server reset the stream with REFUSED_STREAM (7)');
    expect(bench.transport.requests).to.have.lengthOf(2);
  });

  it('goes three times after connections that ended with an error, and no more: it may be what they ended for', () => {
    const bench = sent();
    for (let count = 0; count < 3; count++) {
      refuse(bench, ERROR);
      waited(bench);
    }
    expect(bench.listener.outcome).to.equal(undefined);
    refuse(bench, ERROR);
    expect(bench.listener.outcome).to.include({ code: 14, isUnprocessed: true });
  });

  it('does not go again with a large head after an error, and says how large it is', () => {
    const bench = sent();
    refuse(bench, { ...ERROR, largeHeadOctets: 9000 });
    expect(bench.listener.outcome).to.include({ code: 14, isUnprocessed: true });
    expect(bench.listener.details).to.equal(
      "GOAWAY; the call's header fields took 9000 octets, which may be more than the server accepts",
    );
    const polite = sent();
    refuse(polite, { ...GOAWAY, largeHeadOctets: 9000 });
    expect(polite.listener.outcome, 'NO_ERROR is about no call').to.equal(undefined);
  });

  it('says that it was refused, while it waits and afterwards', () => {
    const bench = sent();
    refuse(bench, ERROR);
    expect(bench.exchange.phase).to.equal('queued');
    refuse(bench, ERROR);
    expect(bench.exchange.phase).to.equal('refused');
    waited(bench);
    bench.exchange.onOpen(new FakeStream(), PEER);
    expect(bench.exchange.phase).to.equal('waiting');
    expect(bench.exchange.lastFailure).to.equal('UNAVAILABLE: GOAWAY');
  });

  it('goes no more once it was given up while it waited', () => {
    const bench = sent();
    refuse(bench, ERROR);
    refuse(bench, ERROR);
    bench.exchange.abandon();
    expect(bench.clock.timers.size).to.equal(0);
    expect(bench.transport.requests).to.have.lengthOf(2);
  });

  it('goes no more after response headers, however often it went before', () => {
    const bench = sent();
    refuse(bench, ERROR);
    refuse(bench, ERROR);
    waited(bench);
    bench.exchange.onOpen(new FakeStream(), PEER);
    bench.exchange.onHeaders(GRPC_HEAD, false);
    bench.exchange.onEnd(REFUSED);
    expect(bench.listener.outcome).to.include({ code: 14 });
    expect(bench.listener.details).to.equal('the server reset the stream with REFUSED_STREAM (7)');
  });

  it('takes more of a request stream while it waits, and sends all of it', () => {
    const bench = makeExchange({ isOpen: false });
    const { exchange, listener } = bench;
    exchange.send(new Uint8Array(6), 0, 6, false);
    refuse(bench, ERROR);
    refuse(bench, ERROR);
    expect(exchange.send(new Uint8Array(7), 0, 7, false)).to.equal(false);
    exchange.endRequest();
    waited(bench);
    const stream = new FakeStream();
    exchange.onOpen(stream, PEER);
    expect(stream.commands).to.deep.equal(['write 6', 'write 7', 'end']);
    exchange.onHeaders([...GRPC_HEAD, ...OK], true);
    expect(listener.events).to.include('writable');
  });
});
