// Calls in several attempts on a faked waist and a faked clock: what is sent when, what the call sees, what is let go.

import { expect } from 'chai';
import { HedgingPlan, RetryPlan } from '../../lib/rpc/attempt-plan.ts';
import type { CallExchange } from '../../lib/rpc/call-exchange.ts';
import { Exchange } from '../../lib/rpc/exchange.ts';
import { MESSAGE_HEADER_OCTETS } from '../../lib/rpc/message-reader.ts';
import { ReplayBudget } from '../../lib/rpc/replay-buffer.ts';
import type { HedgingPolicy, RetryPolicy } from '../../lib/rpc/retry-policy.ts';
import { RetryThrottle } from '../../lib/rpc/retry-throttle.ts';
import { RetryingExchange } from '../../lib/rpc/retrying-exchange.ts';
import type { FieldList, StreamEnd, StreamRequest } from '../../lib/rpc/transport.ts';
import { deliver, GRPC_HEAD, Listener, OK } from '../support/exchange.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeStream, FakeTransport, HEAD, PEER } from '../support/fake-transport.ts';
import { frame } from '../support/messages.ts';

const RETRY: RetryPolicy = {
  kind: 'retry',
  maxAttempts: 3,
  initialBackoffMs: 100,
  maxBackoffMs: 1000,
  backoffMultiplier: 2,
  retryableStatusCodes: new Set([14]),
  retriesLost: false,
};
const HEDGING: HedgingPolicy = {
  kind: 'hedging',
  maxAttempts: 3,
  hedgingDelayMs: 50,
  nonFatalStatusCodes: new Set([14]),
};

const COMPLETE: StreamEnd = { kind: 'complete' };
const LOST: StreamEnd = { kind: 'lost', code: 0, reason: 'gone', processed: undefined };
const UNPROCESSED: StreamEnd = { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false };

interface Setup {
  readonly retry?: Partial<RetryPolicy>;
  readonly hedging?: Partial<HedgingPolicy>;
  readonly replies?: 'one' | 'many';
  readonly budget?: ReplayBudget;
  readonly throttle?: RetryThrottle;
  /** No request gets a stream. */
  readonly isRefused?: boolean;
}

/** A call with a policy, and its attempts as a server sees them. */
class Calling {
  readonly listener: Listener = new Listener();
  readonly transport: FakeTransport = new FakeTransport();
  readonly clock: FakeClock = new FakeClock();
  readonly exchange: CallExchange;
  readonly streams: FakeStream[] = [];
  readonly budget: ReplayBudget;

  constructor({ retry, hedging, replies = 'one', budget, throttle, isRefused = false }: Setup) {
    if (isRefused) this.transport.refusal = { kind: 'unopened', reason: 'no connection' };
    this.budget = budget ?? new ReplayBudget(1000, 10_000);
    const plan =
      hedging === undefined
        ? new RetryPlan({ ...RETRY, ...retry }, false, throttle, () => 0.5)
        : new HedgingPlan({ ...HEDGING, ...hedging }, throttle);
    this.exchange = new RetryingExchange(
      this.listener,
      (listener, isFirst) => {
        const one = new Exchange(listener, this.transport, HEAD, replies === 'many', 1000, false);
        one.mayResend = isFirst;
        return one;
      },
      plan,
      this.clock,
      this.budget,
    );
    this.exchange.begin();
  }

  /** How many streams were asked for. */
  get asked(): number {
    return this.transport.requests.length;
  }

  request(attempt: number): StreamRequest {
    const request = this.transport.requests[attempt];
    if (request === undefined) throw new Error(`there is no attempt ${attempt}, only ${this.asked}`);
    return request;
  }

  /** Opens the stream of an attempt, counted from 0. */
  open(attempt: number): FakeStream {
    const stream = new FakeStream();
    this.streams[attempt] = stream;
    this.request(attempt).onOpen(stream, PEER);
    return stream;
  }

  send(octet: number, endStream = false): boolean {
    const octets = Uint8Array.of(...new Array(MESSAGE_HEADER_OCTETS).fill(0xff), octet);
    return this.exchange.send(octets, 0, octets.length, endStream);
  }

  /** Ends an attempt with trailers only. */
  answer(attempt: number, code: number, ...more: readonly string[]): void {
    const request = this.request(attempt);
    request.onHeaders([...GRPC_HEAD, 'grpc-status', String(code), ...more], true);
    request.onEnd(COMPLETE);
  }

  /** Answers an attempt with one reply and OK. */
  reply(attempt: number, octet: number): void {
    const request = this.request(attempt);
    request.onHeaders(GRPC_HEAD, false);
    deliver(request as Exchange, frame(Uint8Array.of(octet)));
    request.onTrailers(OK);
    request.onEnd(COMPLETE);
  }

  after(ms: number): void {
    this.clock.advanceTo(this.clock.now() + ms);
  }

  /** What was written on the stream of an attempt, by the last octet of each message. */
  written(attempt: number): readonly number[] {
    return this.streams[attempt].written.map((octets) => octets[octets.length - 1]);
  }
}

/** A unary call that has been sent. */
function unary(setup: Setup = {}): Calling {
  const calling = new Calling(setup);
  calling.send(7, true);
  calling.open(0);
  return calling;
}

const previous = (fields: FieldList | undefined): string | undefined => {
  const index = fields?.indexOf('grpc-previous-rpc-attempts') ?? -1;
  return index === -1 ? undefined : fields?.[index + 1];
};

/** What the call was told, without what is about room. */
const events = ({ listener }: Calling): readonly string[] =>
  listener.events.filter((one) => one !== 'writable');

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
    expect(previous(calling.request(2).callFields())).to.equal('2');
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
      calling.request(0).onHeaders([':status', status, 'content-type', 'text/html'], false);
      calling.after(100);
      return calling.asked;
    });
    expect(proxy).to.deep.equal([2, 2]);
  });

  const unknown: readonly (readonly [name: string, fail: (calling: Calling) => void])[] = [
    ['a lost connection', (calling) => calling.request(0).onEnd(LOST)],
    [
      'the answer of a proxy',
      (calling) => calling.request(0).onHeaders([':status', '503', 'content-type', 'text/html'], false),
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

  it('repeats what certainly was not processed at once and uncounted, then by its policy', () => {
    const calling = unary();
    calling.request(0).onEnd(UNPROCESSED);
    expect(calling.asked, 'by the exchange of the first attempt').to.equal(2);
    expect(calling.exchange.attempts).to.equal(1);
    calling.open(1);
    calling.request(1).onEnd(UNPROCESSED);
    expect(calling.asked).to.equal(2);
    calling.after(100);
    expect(calling.asked).to.equal(3);
    expect(previous(calling.request(2).callFields())).to.equal('1');
    calling.open(2);
    calling.request(2).onEnd(UNPROCESSED);
    calling.after(200);
    expect(calling.asked, 'once for the call, not for each attempt').to.equal(4);
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
    const calling = new Calling({ isRefused: true });
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
    const request = calling.request(1) as Exchange;
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
    expect(calling.transport.requests.map((request) => previous(request.callFields()))).to.deep.equal([
      undefined,
      '1',
      '2',
    ]);
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
      const calling = new Calling({ hedging: { hedgingDelayMs }, isRefused: true });
      calling.after(1000);
      expect(calling.asked).to.equal(3);
      expect(events(calling)).to.deep.equal(['UNAVAILABLE']);
      expect(calling.clock.timers.size).to.equal(0);
    }
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
