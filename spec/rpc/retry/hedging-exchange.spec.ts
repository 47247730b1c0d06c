// Hedges on a faked waist and a faked clock: which attempts are made when, and which of them is the call.

import { expect } from 'chai';
import { ReplayBudget } from '../../../lib/rpc/replay-buffer.ts';
import { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';
import { Calling, COMPLETE, events, previousAttempts, unary } from '../../support/calling.ts';
import { GRPC_HEAD } from '../../support/exchange.ts';

describe('Hedging exchange (gRFC A6)', () => {
  it('makes an attempt every hedgingDelay while none has an answer, up to maxAttempts', () => {
    const calling = unary({ hedging: {} });
    calling.after(49);
    expect(calling.asked).to.equal(1);
    calling.after(1);
    expect(calling.asked).to.equal(2);
    calling.after(50);
    expect(calling.asked).to.equal(3);
    calling.after(1000);
    expect(calling.asked).to.equal(3);
    expect(calling.exchange.attempts).to.equal(3);
    expect(calling.transport.requests.map((request) => previousAttempts(request.callFields()))).to.deep.equal(
      [undefined, '1', '2'],
    );
  });

  it('makes all at once where the delay is 0', () => {
    const calling = new Calling({ hedging: { hedgingDelayMs: 0 } });
    calling.send(7, true);
    expect(calling.asked).to.equal(3);
    for (const attempt of [0, 1, 2]) {
      calling.open(attempt);
      expect(calling.written(attempt)).to.deep.equal([7]);
    }
  });

  it('takes the first response and cancels the others', () => {
    const calling = unary({ hedging: {} });
    calling.after(100);
    calling.open(1);
    calling.reply(1, 0xa);
    expect(events(calling)).to.deep.equal(['headers', 'message 0a', 'OK']);
    expect(calling.streams[0].commands.at(-1)).to.equal('reset 8');
    expect(calling.transport.withdrawn, 'the third still waited for a stream').to.deep.equal([
      calling.request(2),
    ]);
    expect(calling.budget.octets).to.equal(0);
  });

  it('takes the headers of one for its answer', () => {
    const calling = unary({ hedging: {} });
    calling.after(50);
    calling.open(1);
    calling.request(0).onHeaders(GRPC_HEAD, false);
    expect(calling.streams[1].commands.at(-1)).to.equal('reset 8');
    calling.after(50);
    expect(calling.asked).to.equal(2);
    calling.request(0).onTrailers(['grpc-status', '14']);
    calling.request(0).onEnd(COMPLETE);
    expect(events(calling)).to.deep.equal(['headers', 'UNAVAILABLE']);
  });

  it('makes the next attempt at once after a non-fatal status, and the one after it in its time', () => {
    const calling = unary({ hedging: {} });
    calling.after(20);
    calling.answer(0, 14);
    expect(calling.asked).to.equal(2);
    calling.after(49);
    expect(calling.asked).to.equal(2);
    calling.after(1);
    expect(calling.asked).to.equal(3);
  });

  it('makes the next attempt when the server says', () => {
    const calling = unary({ hedging: {} });
    calling.answer(0, 14, 'grpc-retry-pushback-ms', '200');
    calling.after(199);
    expect(calling.asked).to.equal(1);
    calling.after(1);
    expect(calling.asked).to.equal(2);
    calling.after(50);
    expect(calling.asked).to.equal(3);
  });

  it('ends all at a fatal status', () => {
    const calling = unary({ hedging: {} });
    calling.after(50);
    calling.open(1);
    calling.answer(0, 5, 'grpc-message', 'no such thing');
    expect(events(calling)).to.deep.equal(['NOT_FOUND']);
    expect(calling.listener.details).to.equal('no such thing');
    expect(calling.streams[1].commands.at(-1)).to.equal('reset 8');
    expect(calling.clock.timers.size).to.equal(0);
  });

  it('makes no more attempts where the server says so, and waits for those that run', () => {
    const calling = unary({ hedging: {} });
    calling.after(50);
    calling.open(1);
    calling.answer(0, 14, 'grpc-retry-pushback-ms', '-1');
    calling.after(1000);
    expect(calling.asked).to.equal(2);
    expect(events(calling)).to.deep.equal([]);
    calling.reply(1, 0xa);
    expect(events(calling)).to.deep.equal(['headers', 'message 0a', 'OK']);
  });

  it('ends with the last failure when all have failed', () => {
    const calling = unary({ hedging: {} });
    for (const attempt of [0, 1, 2]) calling.answer(attempt, 14, 'grpc-message', `${attempt}`);
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
    expect(calling.listener.details).to.equal('2');
    expect(calling.asked).to.equal(3);
  });

  it('makes no more attempts while the throttle is closed', () => {
    const throttle = new RetryThrottle({ maxTokens: 2, tokenRatio: 1 });
    throttle.onFailure();
    const calling = unary({ hedging: {}, throttle });
    calling.after(50);
    expect(calling.asked, 'the first is always sent').to.equal(1);
    calling.reply(0, 0xa);
    expect(events(calling).at(-1)).to.equal('OK');
  });

  it('ends with what failed where the throttle closes before the next', () => {
    const throttle = new RetryThrottle({ maxTokens: 4, tokenRatio: 1 });
    const calling = unary({ hedging: {}, throttle });
    calling.answer(0, 14, 'grpc-retry-pushback-ms', '200', 'grpc-message', 'busy');
    throttle.onFailure();
    calling.after(200);
    expect(calling.asked).to.equal(1);
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
    expect(calling.listener.details).to.equal('busy');
  });

  it('sends each message of a request stream to all', () => {
    const calling = new Calling({ hedging: {} });
    calling.open(0);
    calling.send(1);
    calling.after(50);
    calling.open(1);
    calling.send(2);
    calling.exchange.endRequest();
    expect(calling.written(0)).to.deep.equal([1, 2]);
    expect(calling.written(1)).to.deep.equal([1, 2]);
    calling.after(50);
    calling.open(2);
    expect(calling.streams[2].commands).to.deep.equal(['write 6', 'write 6', 'end']);
  });

  it('goes on with one where the request becomes too large to be kept', () => {
    const calling = new Calling({ hedging: {}, budget: new ReplayBudget(6, 100) });
    calling.send(1);
    calling.after(50);
    calling.open(1);
    calling.send(2);
    expect(calling.transport.withdrawn, 'the one that has no stream yet').to.deep.equal([calling.request(0)]);
    calling.after(1000);
    expect(calling.asked).to.equal(2);
    expect(calling.written(1)).to.deep.equal([1, 2]);
  });

  it('given up, cancels all', () => {
    const calling = unary({ hedging: {} });
    calling.after(50);
    calling.open(1);
    calling.exchange.abandon();
    expect(calling.streams.map((stream) => stream.commands.at(-1))).to.deep.equal(['reset 8', 'reset 8']);
    calling.after(1000);
    expect(calling.asked).to.equal(2);
    expect(events(calling)).to.deep.equal([]);
  });

  it('makes all its attempts at once, and no more, where none gets a stream', () => {
    for (const hedgingDelayMs of [0, 50]) {
      const calling = new Calling({ hedging: { hedgingDelayMs }, refusals: Infinity });
      calling.after(1000);
      expect(calling.asked).to.equal(3);
      expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
      expect(calling.clock.timers.size).to.equal(0);
    }
  });

  it('makes no attempt too many for one that failed while it began', () => {
    // The channel refuses the first from inside begin, and can dial for the second.
    const calling = new Calling({ hedging: { maxAttempts: 2 }, refusals: 1 });
    expect(calling.asked).to.equal(2);
    calling.after(1000);
    expect(calling.asked).to.equal(2);
  });

  it('begins the next at once where the first could not even begin', () => {
    const calling = new Calling({ hedging: {} });
    calling.send(7, true);
    for (const attempt of [0, 1, 2]) {
      expect(calling.asked).to.equal(attempt + 1);
      calling.request(attempt).onEnd({ kind: 'unopened', reason: 'refused' });
    }
    expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
  });
});
