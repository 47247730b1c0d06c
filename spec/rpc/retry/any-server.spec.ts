// Whatever servers do, and in whatever order: a call in attempts has one outcome, holds nothing after it, and makes no
// more attempts than it may.

import { expect } from 'chai';
import fc from 'fast-check';
import { MESSAGE_HEADER_OCTETS } from '../../../lib/rpc/message-reader.ts';
import { ReplayBudget } from '../../../lib/rpc/replay-buffer.ts';
import { type AttemptPlan, HedgingPlan, RetryPlan } from '../../../lib/rpc/retry/attempt-plan.ts';
import type { RetryThrottle } from '../../../lib/rpc/retry/retry-throttle.ts';
import { RetryingExchange } from '../../../lib/rpc/retry/retrying-exchange.ts';
import { StreamExchange } from '../../../lib/rpc/stream-exchange.ts';
import type { StreamEnd } from '../../../lib/rpc/transport.ts';
import { deliver, GRPC_HEAD, Listener, OK, settingsOf } from '../../support/exchange.ts';
import { FakeStream, FakeTransport, HEAD, PEER } from '../../support/fake-transport.ts';
import { frame } from '../../support/messages.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

const MAX_ATTEMPTS = 4;

const PLANS: Readonly<Record<string, (throttle: RetryThrottle | undefined) => AttemptPlan>> = {
  retry: (throttle) =>
    new RetryPlan(
      {
        kind: 'retry',
        maxAttempts: MAX_ATTEMPTS,
        initialBackoffMs: 10,
        maxBackoffMs: 40,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([14]),
        retriesLost: true,
      },
      false,
      throttle,
      () => 0.5,
    ),
  hedging: (throttle) =>
    new HedgingPlan(
      { kind: 'hedging', maxAttempts: MAX_ATTEMPTS, hedgingDelayMs: 10, nonFatalStatusCodes: new Set([14]) },
      throttle,
    ),
};

/** What happens next: to which of the requests that the transport was given, and what. */
const happening = fc.record({
  which: fc.nat(7),
  what: fc.constantFrom(
    'open',
    'unopened',
    'headers',
    'message',
    'ok',
    'busy',
    'fatal',
    'stop',
    'later',
    'lost',
    'unprocessed',
    'unsent',
    'write',
    'end',
    'time',
    'abandon',
  ),
});

const ENDS: Readonly<Record<string, StreamEnd>> = {
  unopened: { kind: 'unopened', reason: 'no connection' },
  lost: { kind: 'lost', code: 0, reason: 'gone', processed: undefined },
  unprocessed: { kind: 'lost', code: 0, reason: 'GOAWAY', processed: false },
  unsent: { kind: 'lost', code: 0, reason: 'closed', processed: false, isUnsent: true },
};
const STATUSES: Readonly<Record<string, readonly string[]>> = {
  ok: OK,
  busy: ['grpc-status', '14'],
  fatal: ['grpc-status', '5'],
  stop: ['grpc-status', '14', 'grpc-retry-pushback-ms', '-1'],
  later: ['grpc-status', '14', 'grpc-retry-pushback-ms', '30'],
};

/** One stream as its server sees it. */
interface Place {
  readonly exchange: StreamExchange;
  readonly stream: FakeStream;
  isOpen: boolean;
  hasHeaders: boolean;
  isOver: boolean;
}

function play(policy: string, happenings: readonly { which: number; what: string }[]): void {
  const listener = new Listener();
  const transport = new FakeTransport();
  const clock = new FakeClock();
  const budget = new ReplayBudget(40, 1000);
  let attempts = 0;
  const exchange = new RetryingExchange(
    listener,
    (one) => {
      attempts++;
      return new StreamExchange(one, transport, HEAD, true, settingsOf(1000), {
        timers: clock,
        random: () => 0.5,
      });
    },
    PLANS[policy](undefined),
    clock,
    budget,
  );
  exchange.isReading = true;
  let isAbandoned = false;
  let isEnded = false;
  exchange.begin();
  const places: Place[] = [];
  const step = (which: number, what: string): void => {
    for (const request of transport.requests.slice(places.length)) {
      places.push({
        exchange: request as StreamExchange,
        stream: new FakeStream(),
        isOpen: false,
        hasHeaders: false,
        isOver: false,
      });
    }
    if (what === 'time') clock.advanceTo(clock.now() + 10);
    else if (what === 'abandon') {
      exchange.abandon();
      isAbandoned = true;
    } else if (what === 'write' && !isEnded) {
      exchange.send(new Uint8Array(MESSAGE_HEADER_OCTETS + 8), 0, MESSAGE_HEADER_OCTETS + 8, false);
    } else if (what === 'end') {
      exchange.endRequest();
      isEnded = true;
    }
    const place = places[which % places.length];
    // What was withdrawn gets no stream.
    if (place.isOver || (!place.isOpen && transport.withdrawn.includes(place.exchange))) return;
    if (what === 'open' && !place.isOpen) {
      place.isOpen = true;
      place.exchange.onOpen(place.stream, PEER);
    } else if (what === 'headers' && place.isOpen && !place.hasHeaders) {
      place.hasHeaders = true;
      place.exchange.onHeaders(GRPC_HEAD, false);
    } else if (what === 'message' && place.hasHeaders) {
      deliver(place.exchange, frame(Uint8Array.of(1)));
      exchange.isReading = true;
    } else if (what in STATUSES && place.isOpen) {
      place.isOver = true;
      if (place.hasHeaders) place.exchange.onTrailers(STATUSES[what]);
      else place.exchange.onHeaders([...GRPC_HEAD, ...STATUSES[what]], true);
      place.exchange.onEnd({ kind: 'complete' });
    } else if (what in ENDS && place.isOpen === (what !== 'unopened')) {
      place.isOver = true;
      place.exchange.onEnd(ENDS[what]);
    }
  };
  for (const { which, what } of happenings) step(which, what);
  // To its end: all that are open or waiting fail, until there are no more.
  for (let turn = 0; turn < 50 && listener.outcome === undefined && !isAbandoned; turn++) {
    step(0, 'time');
    for (let which = 0; which < places.length; which++)
      step(which, places[which].isOpen ? 'fatal' : 'unopened');
  }
  expect(listener.outcome === undefined, 'the one outcome, or none for who gave it up').to.equal(
    isAbandoned && listener.outcome === undefined,
  );
  expect(budget.octets, 'kept').to.equal(0);
  expect(clock.timers.size, 'timers').to.equal(0);
  for (const { exchange: one, stream, isOpen, isOver } of places) {
    if (isOver) continue;
    if (isOpen) expect(stream.commands.at(-1), 'a stream that nobody wants').to.equal('reset 8');
    else expect(transport.withdrawn, 'a request that nobody wants').to.include(one);
  }
  expect(attempts).to.be.at.most(MAX_ATTEMPTS);
  expect(exchange.attempts).to.equal(attempts);
}

describe('Calls in attempts, whatever servers do', () => {
  for (const policy of Object.keys(PLANS)) {
    it(`end once and hold nothing: ${policy}`, () => {
      fc.assert(
        fc.property(fc.array(happening, { maxLength: 40 }), (happenings) => play(policy, happenings)),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 1000) },
      );
    });
  }
});
