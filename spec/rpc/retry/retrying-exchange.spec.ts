// Retries on a faked waist and a faked clock: what is sent when, what the call sees, what is let go.

import { expect } from 'chai';
import { ReplayBudget } from '../../../lib/rpc/replay-buffer.ts';
import { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';
import type { StreamExchange } from '../../../lib/rpc/stream-exchange.ts';
import type { StreamEnd } from '../../../lib/rpc/transport.ts';
import { Calling, COMPLETE, events, previousAttempts, unary } from '../../support/calling.ts';
import { deliver, GRPC_HEAD, OK } from '../../support/exchange.ts';
import { frame } from '../../support/messages.ts';

const LOST: StreamEnd = { kind: 'lost', code: 0, reason: 'gone', processed: undefined };
const REFUSED: StreamEnd = { kind: 'reset', code: 7 };
const UNPROCESSED: StreamEnd = { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false };

describe('Retrying exchange (gRFC A6)', () => {
  it('sends the request again after its delay, and gives what comes of it', () => {
    const calling = unary();
    calling.answer(0, 14);
    expect(calling.exchange.phase).to.equal('backoff');
    calling.after(99);
    expect(calling.asked).to.equal(1);
    calling.after(1);
    calling.open(1);
    expect(calling.written(1)).to.deep.equal([7]);
    expect(calling.streams[1].commands).to.deep.equal(['write 6 end']);
    calling.reply(1, 0xa);
    expect(events(calling)).to.deep.equal(['headers', 'message 0a', 'OK']);
    expect(calling.exchange.attempts).to.equal(2);
    expect(calling.exchange.trailers).to.deep.equal(OK);
  });

  it('begins nothing behind its deadline, nor ends with what failed before: that has its own end', () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    for (const setup of [{}, { throttle }]) {
      const calling = unary(setup);
      calling.answer(0, 14);
      while ('throttle' in setup && throttle.tokens > 0) throttle.onFailure();
      calling.listener.isLate = true;
      calling.after(100);
      expect([calling.asked, events(calling)]).to.deep.equal([1, []]);
    }
  });

  it('tells the server how many attempts came before, beside what the call says', () => {
    const calling = unary();
    calling.listener.fields = ['grpc-timeout', '1m'];
    expect(calling.request(0).callFields()).to.deep.equal(['grpc-timeout', '1m']);
    calling.answer(0, 14);
    calling.after(100);
    expect(calling.request(1).callFields()).to.deep.equal([
      'grpc-timeout',
      '1m',
      'grpc-previous-rpc-attempts',
      '1',
    ]);
    calling.listener.fields = undefined;
    calling.answer(1, 14);
    calling.after(200);
    expect(previousAttempts(calling.request(2).callFields())).to.equal('2');
  });

  it('ends with the last failure when there are no more attempts', () => {
    const calling = unary();
    calling.answer(0, 14, 'grpc-message', 'one');
    calling.after(100);
    calling.open(1);
    calling.answer(1, 14, 'grpc-message', 'two');
    calling.after(200);
    calling.open(2);
    calling.answer(2, 14, 'grpc-message', 'three', 'x', 'y');
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
    expect(calling.listener.details).to.equal('three');
    expect(calling.exchange.trailers).to.include('x');
    expect(calling.exchange.attempts).to.equal(3);
    expect(calling.asked).to.equal(3);
  });

  it('ends with a status that is not to be retried', () => {
    const calling = unary();
    calling.answer(0, 5);
    expect(events(calling)).to.deep.equal(['NOT_FOUND']);
    expect(calling.clock.timers.size).to.equal(0);
  });

  it('is committed by response headers', () => {
    const calling = unary();
    calling.request(0).onHeaders(GRPC_HEAD, false);
    calling.request(0).onTrailers(['grpc-status', '14']);
    calling.request(0).onEnd(COMPLETE);
    expect(events(calling)).to.deep.equal(['headers', 'UNAVAILABLE']);
    expect(calling.budget.octets, 'nothing is kept any more').to.equal(0);
  });

  it('is not committed by the answer of a proxy, which is no word of the server', () => {
    const proxy = ['503', '429'].map((status) => {
      const calling = unary({ retry: { retriesLost: true } });
      calling
        .request(0)
        .onHeaders([':status', status, 'content-type', 'text/html', 'content-length', '0'], false);
      calling.after(100);
      return calling.asked;
    });
    expect(proxy).to.deep.equal([2, 2]);
  });

  const unknown: readonly (readonly [name: string, fail: (calling: Calling) => void])[] = [
    ['a lost connection', (calling) => calling.request(0).onEnd(LOST)],
    [
      'the answer of a proxy',
      (calling) =>
        calling
          .request(0)
          .onHeaders([':status', '503', 'content-type', 'text/html', 'content-length', '0'], false),
    ],
  ];
  for (const [name, fail] of unknown) {
    it(`repeats a call after ${name} only where it may run twice`, () => {
      const once = unary({ retry: { retriesLost: false } });
      fail(once);
      expect(events(once)).to.deep.equal(['UNAVAILABLE']);
      const twice = unary({ retry: { retriesLost: true } });
      fail(twice);
      twice.after(100);
      expect(twice.asked).to.equal(2);
    });
  }

  it('repeats what certainly was not processed uncounted, in each attempt', () => {
    const calling = unary();
    calling.request(0).onEnd(UNPROCESSED);
    expect(calling.asked, 'by the exchange of the first attempt').to.equal(2);
    expect(calling.exchange.attempts).to.equal(1);
    calling.open(1);
    calling.request(1).onEnd(UNPROCESSED);
    expect(calling.asked).to.equal(3);
    calling.open(2);
    calling.answer(2, 14);
    calling.after(100);
    expect(calling.asked).to.equal(4);
    expect(previousAttempts(calling.request(3).callFields())).to.equal('1');
    calling.open(3);
    calling.request(3).onEnd(UNPROCESSED);
    expect(calling.asked).to.equal(5);
    expect(calling.exchange.attempts).to.equal(2);
    calling.exchange.abandon();
  });

  it('repeats what is refused once uncounted, in the first attempt alone, and then by its policy', () => {
    const calling = unary();
    calling.request(0).onEnd(REFUSED);
    expect([calling.asked, calling.exchange.attempts]).to.deep.equal([2, 1]);
    calling.open(1);
    calling.request(1).onEnd(REFUSED);
    expect(calling.asked).to.equal(2);
    calling.after(100);
    expect([calling.asked, calling.exchange.attempts]).to.deep.equal([3, 2]);
    calling.open(2);
    calling.request(2).onEnd(REFUSED);
    calling.after(200);
    expect([calling.asked, calling.exchange.attempts]).to.deep.equal([4, 3]);
    calling.exchange.abandon();
  });

  it('repeats a call that got no stream', () => {
    const calling = new Calling({});
    calling.send(7, true);
    calling.request(0).onEnd({ kind: 'unopened', reason: 'refused' });
    calling.after(100);
    expect(calling.asked).to.equal(2);
    expect(calling.exchange.lastFailure).to.equal('UNAVAILABLE: refused');
  });

  it('goes by its delays where no attempt gets a stream', () => {
    const calling = new Calling({ refusals: Infinity });
    calling.send(7, true);
    expect(calling.asked).to.equal(1);
    calling.after(100);
    expect(calling.asked).to.equal(2);
    calling.after(200);
    expect(calling.asked).to.equal(3);
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
    expect(calling.budget.octets).to.equal(0);
  });

  it('waits as long as the server says', () => {
    const calling = unary();
    calling.answer(0, 14, 'grpc-retry-pushback-ms', '7');
    calling.after(7);
    expect(calling.asked).to.equal(2);
  });

  it('ends where the server says not to try again', () => {
    const calling = unary();
    calling.answer(0, 14, 'grpc-retry-pushback-ms', '-1');
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
  });

  it('ends where the throttle is closed, without waiting', () => {
    const throttle = new RetryThrottle({ maxTokens: 2, tokenRatio: 1 });
    const calling = unary({ throttle });
    calling.answer(0, 14);
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
    expect(throttle.tokens).to.equal(1);
  });

  it('takes a token for a retryable status after headers, too', () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    const calling = unary({ throttle });
    calling.request(0).onHeaders(GRPC_HEAD, false);
    calling.request(0).onTrailers(['grpc-status', '14']);
    calling.request(0).onEnd(COMPLETE);
    expect(throttle.tokens).to.equal(3);
  });

  it('sends a request stream again as far as it had come, and goes on', () => {
    const calling = new Calling({});
    calling.open(0);
    expect(calling.send(1)).to.equal(true);
    calling.send(2);
    calling.answer(0, 14);
    expect(calling.send(3), 'while there is no attempt').to.equal(false);
    calling.after(100);
    calling.open(1);
    expect(calling.listener.events.at(-1)).to.equal('writable');
    calling.send(4);
    calling.exchange.endRequest();
    calling.exchange.endRequest();
    expect(calling.written(1)).to.deep.equal([1, 2, 3, 4]);
    expect(calling.streams[1].commands.at(-1)).to.equal('end');
    calling.reply(1, 0xb);
    expect(events(calling)).to.deep.equal(['headers', 'message 0b', 'OK']);
  });

  it('half-closes again where the request was ended between attempts', () => {
    const calling = new Calling({});
    calling.open(0);
    calling.answer(0, 14);
    calling.exchange.endRequest();
    calling.after(100);
    expect(calling.open(1).commands).to.deep.equal(['end']);
  });

  it('gives the replies of a stream, read one by one', () => {
    const calling = new Calling({ replies: 'many' });
    calling.exchange.isReading = true;
    calling.send(7, true);
    calling.open(0);
    calling.answer(0, 14);
    calling.after(100);
    calling.open(1);
    const request = calling.request(1) as StreamExchange;
    request.onHeaders(GRPC_HEAD, false);
    deliver(request, frame(Uint8Array.of(1)));
    deliver(request, frame(Uint8Array.of(2)));
    expect(events(calling)).to.deep.equal(['headers', 'message 01']);
    expect(calling.exchange.hasMessage).to.equal(true);
    expect(calling.exchange.pull()).to.equal(true);
    expect(calling.exchange.pull()).to.equal(false);
    expect(events(calling).at(-1)).to.equal('message 02');
  });

  it('ends with OK and no reply, of a stream', () => {
    const calling = new Calling({ replies: 'many' });
    calling.send(7, true);
    calling.open(0);
    calling.answer(0, 0);
    expect(events(calling)).to.deep.equal(['OK']);
  });

  describe('what is kept', () => {
    const octets = 6;
    for (const [limit, isKept] of [
      [2 * octets, true],
      [2 * octets - 1, false],
    ] as const) {
      it(`${isKept ? 'may be' : 'must not be more than'} ${limit} octets a call`, () => {
        const calling = new Calling({ budget: new ReplayBudget(limit, 1000) });
        calling.open(0);
        calling.send(1);
        calling.send(2);
        calling.answer(0, 14);
        calling.after(100);
        expect(events(calling)).to.deep.equal(isKept ? [] : ['UNAVAILABLE']);
        expect(calling.asked).to.equal(isKept ? 2 : 1);
      });

      it(`${isKept ? 'may be' : 'must not be more than'} ${limit} octets of all calls`, () => {
        const budget = new ReplayBudget(1000, limit);
        const [first, second] = [unary({ budget }), unary({ budget })];
        expect(budget.octets).to.equal(isKept ? 2 * octets : octets);
        second.answer(0, 14);
        expect(events(second)).to.deep.equal(isKept ? [] : ['UNAVAILABLE']);
        first.answer(0, 14);
        expect(events(first)).to.deep.equal([]);
        first.exchange.abandon();
        second.exchange.abandon();
        expect(budget.octets).to.equal(0);
      });
    }

    it('makes the next attempt the last where it becomes too much between attempts', () => {
      const calling = new Calling({ budget: new ReplayBudget(octets, 1000) });
      calling.open(0);
      calling.send(1);
      calling.answer(0, 14);
      calling.send(2);
      calling.after(100);
      calling.open(1);
      expect(calling.written(1)).to.deep.equal([1, 2]);
      calling.send(3);
      expect(calling.written(1)).to.deep.equal([1, 2, 3]);
      calling.answer(1, 14);
      expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
      expect(calling.budget.octets).to.equal(0);
    });

    const ends: readonly (readonly [name: string, end: (calling: Calling) => void])[] = [
      ['the response begins', (calling) => calling.request(0).onHeaders(GRPC_HEAD, false)],
      ['the call has failed', (calling) => calling.answer(0, 5)],
      ['the call was given up', (calling) => calling.exchange.abandon()],
    ];
    for (const [name, end] of ends) {
      it(`is let go when ${name}`, () => {
        const calling = unary();
        expect(calling.budget.octets).to.equal(octets);
        end(calling);
        expect(calling.budget.octets).to.equal(0);
      });
    }
  });

  it('given up while it waits, makes no other attempt and says nothing', () => {
    const calling = unary();
    calling.answer(0, 14);
    calling.exchange.abandon();
    calling.after(1000);
    expect(calling.clock.timers.size).to.equal(0);
    expect(calling.asked).to.equal(1);
    expect(events(calling)).to.deep.equal([]);
    expect(calling.send(8)).to.equal(true);
  });

  it('given up while it runs, resets its stream', () => {
    const calling = unary();
    calling.exchange.abandon();
    expect(calling.streams[0].commands.at(-1)).to.equal('reset 8');
    expect(events(calling)).to.deep.equal([]);
  });

  it('fails with what its call saw in a reply', () => {
    const calling = new Calling({ replies: 'many' });
    calling.exchange.isReading = true;
    calling.send(7, true);
    calling.open(0);
    calling.request(0).onHeaders(GRPC_HEAD, false);
    calling.exchange.fail({ code: 13, details: 'bad', origin: 'client' });
    expect(events(calling)).to.deep.equal(['headers', 'INTERNAL']);
    expect(calling.streams[0].commands.at(-1)).to.equal('reset 8');
  });
});
