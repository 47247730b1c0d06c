// What the call sees of its attempts: one exchange, whichever of them it is. On a faked waist and a faked clock.

import { expect } from 'chai';
import { ReplayBudget } from '../../../lib/rpc/replay-buffer.ts';
import { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';
import type { StreamEnd } from '../../../lib/rpc/transport.ts';
import { Calling, COMPLETE, events, unary } from '../../support/calling.ts';
import { deliver, GRPC_HEAD, OK } from '../../support/exchange.ts';
import { FakeStream } from '../../support/fake-transport.ts';
import { concat, frame } from '../../support/messages.ts';

const REFUSED: StreamEnd = { kind: 'reset', code: 7 };
const LEFT_OUT: StreamEnd = { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false };
const OCTETS = 6;

/** Opens the stream of an attempt to an address. */
function openAt(calling: Calling, attempt: number, address: string, hasRoom = true): FakeStream {
  const stream = new FakeStream();
  stream.hasRoom = hasRoom;
  calling.streams[attempt] = stream;
  calling.request(attempt).onOpen(stream, { address });
  return stream;
}

/** A response head and messages of one octet each. */
function replies(calling: Calling, attempt: number, ...octets: readonly number[]): void {
  const request = calling.request(attempt);
  request.onHeaders(GRPC_HEAD, false);
  deliver(request as never, concat(...octets.map((octet) => frame(Uint8Array.of(octet)))));
}

describe('A call of several attempts', () => {
  it('has nothing of a response before there is one', () => {
    const calling = unary();
    const { exchange } = calling;
    exchange.dropMessages();
    expect([exchange.headers, exchange.trailers, exchange.hasMessage, exchange.pull()]).to.deep.equal([
      undefined,
      undefined,
      false,
      false,
    ]);
    calling.reply(0, 1);
    expect(exchange.headers).to.equal(GRPC_HEAD);
    expect(exchange.trailers).to.equal(OK);
  });

  it('has the other end of the attempt that was begun last, then of the one that counts', () => {
    const calling = new Calling({ hedging: {} });
    expect(calling.exchange.peer).to.equal(undefined);
    openAt(calling, 0, '10.0.0.1:1');
    expect(calling.exchange.peer?.address).to.equal('10.0.0.1:1');
    calling.after(50);
    openAt(calling, 1, '10.0.0.2:1');
    expect(calling.exchange.peer?.address).to.equal('10.0.0.2:1');
    calling.request(0).onHeaders(GRPC_HEAD, false);
    expect(calling.exchange.peer?.address).to.equal('10.0.0.1:1');
  });

  it('is at what its attempt is at', () => {
    const calling = new Calling({ replies: 'many' });
    expect(calling.exchange.phase).to.equal('queued');
    calling.open(0);
    expect(calling.exchange.phase).to.equal('waiting');
    replies(calling, 0, 1);
    expect(calling.exchange.phase).to.equal('reading');
  });

  it('tells the last failure, of an attempt or inside of one', () => {
    const calling = unary();
    expect(calling.exchange.lastFailure).to.equal('');
    calling.request(0).onEnd(REFUSED);
    expect(calling.exchange.lastFailure).to.match(/^UNAVAILABLE: ./);
    calling.open(1);
    calling.answer(1, 14, 'grpc-message', 'busy');
    expect(calling.exchange.lastFailure).to.equal('UNAVAILABLE: busy');
    calling.exchange.abandon();
  });

  describe('reads', () => {
    it('one by one, unless it wants all', () => {
      const calling = new Calling({ replies: 'many' });
      calling.open(0);
      replies(calling, 0, 1, 2);
      expect([calling.exchange.isReading, calling.exchange.hasMessage]).to.deep.equal([false, true]);
      expect(events(calling)).to.deep.equal(['headers']);
      expect([calling.exchange.pull(), calling.exchange.pull(), calling.exchange.pull()]).to.deep.equal([
        true,
        true,
        false,
      ]);
      expect(events(calling)).to.deep.equal(['headers', 'message 01', 'message 02']);
    });

    for (const [name, when] of [
      ['before an attempt begins', 0],
      ['while it runs', 1],
      ['when it is the call', 2],
    ] as const) {
      it(`the next message when it wants one ${name}`, () => {
        const calling = new Calling({ replies: 'many' });
        calling.open(0);
        calling.answer(0, 14);
        if (when === 0) calling.exchange.isReading = true;
        calling.after(100);
        calling.open(1);
        if (when === 1) calling.exchange.isReading = true;
        expect(calling.exchange.isReading).to.equal(when < 2);
        calling.request(1).onHeaders(GRPC_HEAD, false);
        if (when === 2) calling.exchange.isReading = true;
        expect(calling.exchange.isReading).to.equal(true);
        deliver(calling.request(1) as never, frame(Uint8Array.of(1)));
        expect(events(calling)).to.deep.equal(['headers', 'message 01']);
        expect(calling.exchange.isReading, 'that was the next one').to.equal(false);
      });
    }

    it('no message that it let go of', () => {
      const calling = new Calling({ replies: 'many' });
      calling.open(0);
      replies(calling, 0, 1, 2);
      calling.exchange.dropMessages();
      expect([calling.exchange.hasMessage, calling.exchange.pull()]).to.deep.equal([false, false]);
    });

    it('nothing of a message that cannot be decompressed', () => {
      const calling = new Calling({ replies: 'many' });
      calling.exchange.isReading = true;
      calling.open(0);
      const told: string[] = [];
      calling.listener.onBadMessage = ({ details }) => told.push(details);
      calling.request(0).onHeaders([...GRPC_HEAD, 'grpc-encoding', 'gzip'], false);
      deliver(calling.request(0) as never, frame(Uint8Array.of(1), 1));
      expect(told).to.have.lengthOf(1);
      expect(told[0]).to.match(/gzip/);
    });
  });

  describe('half-closes once', () => {
    const ends = (calling: Calling, attempt: number): string[] =>
      calling.streams[attempt].commands.filter((command) => command.endsWith('end'));

    it('with its last message', () => {
      const calling = unary();
      calling.exchange.endRequest();
      expect(ends(calling, 0)).to.deep.equal(['write 6 end']);
      calling.answer(0, 14);
      calling.exchange.endRequest();
      calling.after(100);
      calling.open(1);
      expect(ends(calling, 1)).to.deep.equal(['write 6 end']);
    });

    it('without a message, in each attempt', () => {
      const calling = new Calling({ hedging: {} });
      calling.after(50);
      for (const attempt of [0, 1]) calling.open(attempt);
      calling.exchange.endRequest();
      calling.exchange.endRequest();
      calling.after(50);
      calling.open(2);
      expect([0, 1, 2].map((attempt) => ends(calling, attempt))).to.deep.equal([['end'], ['end'], ['end']]);
    });

    it('when it is one attempt', () => {
      const calling = new Calling({ replies: 'many' });
      calling.open(0);
      calling.request(0).onHeaders(GRPC_HEAD, false);
      calling.send(1);
      calling.exchange.endRequest();
      calling.exchange.endRequest();
      expect(calling.streams[0].commands).to.deep.equal(['write 6', 'end']);
    });

    it('never when it is over', () => {
      const calling = new Calling({});
      const stream = calling.open(0);
      calling.answer(0, 5);
      const before = stream.commands.length;
      calling.exchange.endRequest();
      expect(stream.commands).to.have.lengthOf(before);
    });
  });

  describe('tells its attempts', () => {
    it('the number of those before where the call itself has no fields', () => {
      const calling = unary();
      calling.answer(0, 14);
      calling.after(100);
      expect(calling.request(1).callFields()).to.deep.equal(['grpc-previous-rpc-attempts', '1']);
    });

    it('whether its time is over', () => {
      const calling = unary();
      calling.listener.isLate = true;
      calling.request(0).onEnd({ kind: 'reset', code: 8 });
      expect(events(calling)).to.deep.equal(['DEADLINE_EXCEEDED']);
    });

    for (const hasDeadline of [true, false]) {
      it(`that it ${hasDeadline ? 'has' : 'has no'} deadline`, () => {
        const calling = unary();
        calling.listener.hasDeadline = hasDeadline;
        for (let i = 0; i < 30 && events(calling).length === 0; i++) {
          calling.request(calling.asked - 1).onEnd(LEFT_OUT);
          calling.after(2000);
        }
        expect(calling.exchange.attempts === 1).to.equal(hasDeadline);
      });
    }
  });

  describe('ends', () => {
    it('with OK whatever the policy says of it', () => {
      const calling = unary({ retry: { retryableStatusCodes: new Set([0, 14]) } });
      calling.reply(0, 1);
      expect(events(calling)).to.deep.equal(['headers', 'message 01', 'OK']);
      const empty = new Calling({ replies: 'many', retry: { retryableStatusCodes: new Set([0, 14]) } });
      empty.open(0);
      empty.answer(0, 0);
      expect(events(empty)).to.deep.equal(['OK']);
    });

    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
      [1, 2, 0],
      [2, 1, 0],
    ]) {
      it(`when the last of those that run side by side has failed, in the order ${order.join(', ')}`, () => {
        const calling = unary({ hedging: {} });
        calling.after(100);
        for (const attempt of [1, 2]) calling.open(attempt);
        for (const attempt of order) {
          expect(events(calling)).to.deep.equal([]);
          calling.answer(attempt, 14, 'grpc-message', `${attempt}`);
        }
        expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
        expect(calling.listener.details).to.equal(String(order[2]));
        expect([calling.clock.timers.size, calling.budget.octets]).to.deep.equal([0, 0]);
      });
    }

    it('at once, without a timer, when its first attempt fails so while it begins', () => {
      const calling = new Calling({ hedging: { nonFatalStatusCodes: new Set() }, refusals: Infinity });
      expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
      expect([calling.asked, calling.clock.timers.size]).to.deep.equal([1, 0]);
      expect(calling.send(1, true)).to.equal(true);
      expect(calling.budget.octets).to.equal(0);
    });

    it('not while one runs, though another has failed and the throttle lets no more begin', () => {
      const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 1 });
      const calling = unary({ hedging: {}, throttle });
      calling.after(50);
      calling.open(1);
      calling.answer(0, 14, 'grpc-retry-pushback-ms', '200');
      for (let i = 0; i < 9; i++) throttle.onFailure();
      calling.after(200);
      expect([calling.asked, events(calling)]).to.deep.equal([2, []]);
      calling.reply(1, 1);
      expect(events(calling).at(-1)).to.equal('OK');
    });

    it('with what failed last when the throttle lets no more begin and none runs', () => {
      const throttle = new RetryThrottle({ maxTokens: 10, tokenRatio: 1 });
      const calling = unary({ hedging: {}, throttle });
      calling.answer(0, 14, 'grpc-retry-pushback-ms', '200', 'grpc-message', 'busy');
      for (let i = 0; i < 9; i++) throttle.onFailure();
      expect(events(calling)).to.deep.equal([]);
      calling.after(200);
      expect([calling.asked, events(calling), calling.listener.details]).to.deep.equal([
        1,
        ['UNAVAILABLE'],
        'busy',
      ]);
    });
  });

  const words: readonly (readonly [name: string, end: (calling: Calling) => void, isRepeated: boolean])[] = [
    ['its status in trailers', (calling) => calling.answer(0, 2), true],
    ['a RST_STREAM', (calling) => calling.request(0).onEnd({ kind: 'reset', code: 5 }), false],
    ['a status that is none', (calling) => calling.answer(0, 99), false],
    [
      'no status',
      (calling) => {
        calling.request(0).onHeaders(GRPC_HEAD, true);
        calling.request(0).onEnd(COMPLETE);
      },
      false,
    ],
  ];
  for (const [name, end, isRepeated] of words) {
    it(`that may not run twice is ${isRepeated ? '' : 'not '}repeated after UNKNOWN by ${name}`, () => {
      const calling = unary({ retry: { retriesLost: false, retryableStatusCodes: new Set([2]) } });
      end(calling);
      calling.after(100);
      expect(calling.asked).to.equal(isRepeated ? 2 : 1);
      expect(events(calling)).to.deep.equal(isRepeated ? [] : ['UNKNOWN']);
    });
  }

  describe('that has become too large to be sent again', () => {
    it('keeps nothing more once its last attempt has begun', () => {
      const calling = new Calling({ budget: new ReplayBudget(OCTETS, 1000) });
      calling.open(0);
      calling.send(1);
      calling.answer(0, 14);
      calling.send(2);
      expect(calling.budget.octets).to.equal(OCTETS);
      calling.after(100);
      expect(calling.budget.octets).to.equal(0);
      calling.open(1);
      expect(calling.written(1)).to.deep.equal([1, 2]);
    });

    it('is the attempt that has room, or else one that has a stream', () => {
      for (const hasRoom of [true, false]) {
        const calling = new Calling({ hedging: {}, budget: new ReplayBudget(OCTETS, 1000) });
        calling.after(100);
        openAt(calling, 2, '10.0.0.3:1', hasRoom);
        calling.send(1);
        calling.send(2);
        expect(calling.written(2)).to.deep.equal([1, 2]);
        expect(calling.transport.withdrawn).to.deep.equal([calling.request(0), calling.request(1)]);
        expect(calling.exchange.peer?.address).to.equal('10.0.0.3:1');
      }
    });
  });

  it('tells of room once for each time that there was none', () => {
    const calling = new Calling({});
    const told = (): number => calling.listener.events.filter((event) => event === 'writable').length;
    calling.open(0);
    calling.answer(0, 14);
    expect(calling.send(1)).to.equal(false);
    calling.after(100);
    calling.open(1);
    expect(told()).to.equal(1);
    calling.answer(1, 14);
    calling.after(200);
    calling.open(2);
    expect(told()).to.equal(1);
    calling.request(2).onHeaders(GRPC_HEAD, false);
    expect(told()).to.equal(1);
  });
});
