// Whoever writes and was told that there is no room is told when there is: whatever happens to the streams and attempts
// of the call meanwhile, and in whatever order. Or else the call ends, which wakes the writer as well.

import { expect } from 'chai';
import fc from 'fast-check';
import type { CallExchange, ExchangeListener } from '../../lib/rpc/call-exchange.ts';
import { MESSAGE_HEADER_OCTETS } from '../../lib/rpc/message-reader.ts';
import { ReplayBudget } from '../../lib/rpc/replay-buffer.ts';
import { type AttemptPlan, HedgingPlan, RetryPlan } from '../../lib/rpc/retry/attempt-plan.ts';
import { RetryingExchange } from '../../lib/rpc/retry/retrying-exchange.ts';
import { StreamExchange } from '../../lib/rpc/stream-exchange.ts';
import type { StreamEnd, StreamRequest, Transport } from '../../lib/rpc/transport.ts';
import { Calling } from '../support/calling.ts';
import { GRPC_HEAD, Listener, OK, settingsOf } from '../support/exchange.ts';
import { FakeStream, HEAD, PEER } from '../support/fake-transport.ts';
import { FakeClock } from '../support/time/fake-clock.ts';

const PLANS: Readonly<Record<string, (() => AttemptPlan) | undefined>> = {
  'without a policy': undefined,
  'with retries': () =>
    new RetryPlan(
      {
        kind: 'retry',
        maxAttempts: 5,
        initialBackoffMs: 10,
        maxBackoffMs: 20,
        backoffMultiplier: 2,
        retryableStatusCodes: new Set([14]),
        retriesLost: true,
      },
      true,
      undefined,
      () => 0.5,
    ),
  'with hedging': () =>
    new HedgingPlan(
      { kind: 'hedging', maxAttempts: 4, hedgingDelayMs: 10, nonFatalStatusCodes: new Set([14]) },
      undefined,
    ),
};

const happening = fc.record({
  which: fc.nat(5),
  what: fc.constantFrom(
    'write',
    'write',
    'write',
    'last',
    'open',
    'open',
    'open full',
    'fill',
    'drain',
    'drain',
    'headers',
    'busy',
    'busy',
    'ok',
    'refused',
    'unsent',
    'lost',
    'unopened',
    'time',
    'time',
    'ready',
    'not ready',
  ),
});
type Happening = { readonly which: number; readonly what: string };

const ENDS: Readonly<Record<string, StreamEnd>> = {
  refused: { kind: 'reset', code: 7 },
  unsent: { kind: 'lost', code: 0, reason: 'closed', processed: false, isUnsent: true },
  lost: { kind: 'lost', code: 0, reason: 'gone', processed: undefined },
  unopened: { kind: 'unopened', reason: 'no connection' },
};

/** A stream that takes what is written until it is full, and then the one message more. */
class Place extends FakeStream {
  readonly request: StreamRequest;
  isOpen = false;
  isOver = false;
  hasHeaders = false;
  /** A write was told that there is no room. */
  isBlocked = false;

  constructor(request: StreamRequest) {
    super();
    this.request = request;
  }

  override write(bytes: Uint8Array, start: number, end: number, owned: boolean, endStream: boolean): boolean {
    super.write(bytes, start, end, owned, endStream);
    this.isBlocked = !this.hasRoom;
    return this.hasRoom;
  }

  override reset(code: number): void {
    super.reset(code);
    this.isOver = true;
  }

  open(): void {
    this.isOpen = true;
    this.request.onOpen(this, PEER);
  }

  drain(): void {
    this.hasRoom = true;
    if (!this.isBlocked) return;
    this.isBlocked = false;
    this.request.onWritable();
  }
}

/** A channel that gives streams at once while it is ready. */
class Places implements Transport {
  readonly all: Place[] = [];
  isReady = false;

  open(request: StreamRequest): void {
    const place = new Place(request);
    this.all.push(place);
    if (this.isReady) place.open();
  }

  withdraw(request: StreamRequest): void {
    for (const place of this.all) if (place.request === request && !place.isOpen) place.isOver = true;
  }
}

/** One writer that writes when it may, as lib/call/request-writer.ts does. */
class Writing {
  readonly listener: Listener = new Listener();
  readonly places: Places = new Places();
  readonly clock: FakeClock = new FakeClock();
  readonly exchange: CallExchange;
  isWaiting = false;
  #isEnded = false;
  #isSending = false;

  constructor(plan: (() => AttemptPlan) | undefined, maxKept: number) {
    this.listener.onWritable = () => {
      expect(this.#isSending, 'told of room inside send, before anybody waits for it').to.equal(false);
      this.isWaiting = false;
    };
    const one = (listener: ExchangeListener): StreamExchange =>
      new StreamExchange(listener, this.places, HEAD, true, settingsOf(1000), {
        timers: this.clock,
        random: () => 0.5,
      });
    this.exchange =
      plan === undefined
        ? one(this.listener)
        : new RetryingExchange(this.listener, one, plan(), this.clock, new ReplayBudget(maxKept, 1000));
    this.exchange.begin();
  }

  get isOver(): boolean {
    return this.listener.outcome !== undefined;
  }

  write(endStream: boolean): void {
    if (this.isWaiting || this.isOver || this.#isEnded) return;
    this.#isEnded = endStream;
    const octets = new Uint8Array(MESSAGE_HEADER_OCTETS + 1);
    this.#isSending = true;
    this.isWaiting = !this.exchange.send(octets, 0, octets.length, endStream);
    this.#isSending = false;
  }

  step({ which, what }: Happening): void {
    if (what === 'write' || what === 'last') this.write(what === 'last');
    else if (what === 'time') this.clock.advanceTo(this.clock.now() + 10);
    else if (what === 'ready') this.places.isReady = true;
    else if (what === 'not ready') this.places.isReady = false;
    else this.#happen(this.places.all[which % this.places.all.length], what);
  }

  #happen(place: Place, what: string): void {
    const { request } = place;
    if (place.isOver) return;
    if (what.startsWith('open') && !place.isOpen) {
      place.hasRoom = what === 'open';
      place.open();
    } else if (what === 'fill') place.hasRoom = false;
    else if (what === 'drain' && place.isOpen) place.drain();
    else if (what === 'headers' && place.isOpen && !place.hasHeaders) {
      place.hasHeaders = true;
      request.onHeaders(GRPC_HEAD, false);
    } else if ((what === 'busy' || what === 'ok') && place.isOpen) {
      place.isOver = true;
      const fields = what === 'ok' ? OK : ['grpc-status', '14'];
      if (place.hasHeaders) request.onTrailers(fields);
      else request.onHeaders([...GRPC_HEAD, ...fields], true);
      request.onEnd({ kind: 'complete' });
    } else if (what in ENDS && place.isOpen === (what !== 'unopened')) {
      place.isOver = true;
      request.onEnd(ENDS[what]);
    }
  }

  /** Fails where the writer waits though there is room, or though the call is over. */
  check(): void {
    if (!this.isWaiting || this.isOver) return;
    const roomy = this.places.all.filter((place) => place.isOpen && !place.isOver && !place.isBlocked);
    expect(roomy.length, 'streams with room, while the writer waits').to.equal(0);
  }
}

function play(
  plan: (() => AttemptPlan) | undefined,
  maxKept: number,
  happenings: readonly Happening[],
): void {
  const writing = new Writing(plan, maxKept);
  for (const one of happenings) {
    writing.step(one);
    writing.check();
  }
  // Once servers do what is right, it gets through.
  for (let turn = 0; turn < 20 && writing.isWaiting && !writing.isOver; turn++) {
    writing.step({ which: 0, what: 'time' });
    for (let which = 0; which < writing.places.all.length; which++) {
      writing.step({ which, what: 'open' });
      writing.step({ which, what: 'drain' });
    }
  }
  expect(writing.isWaiting && !writing.isOver, 'still waiting at the end').to.equal(false);
  writing.exchange.abandon();
}

describe('Room for the next message', () => {
  for (const [name, plan] of Object.entries(PLANS)) {
    it(`is told to who waits for it, in any order of events: ${name}`, () => {
      fc.assert(
        fc.property(
          fc.array(happening, { maxLength: 40 }),
          fc.constantFrom(12, 30, 1000),
          (happenings, maxKept) => play(plan, maxKept, happenings),
        ),
        { numRuns: Number(process.env['FUZZ_RUNS'] ?? 2000) },
      );
    });
  }

  const ways: readonly (readonly [name: string, policy: 'retry' | 'hedging', steps: string])[] = [
    ['a retry whose stream opens at once', 'retry', 'ready open:0 busy:0 write time time'],
    ['a retry whose stream opens later', 'retry', 'open:0 busy:0 write time open:1'],
    [
      'an attempt that was stuck and failed, beside one with room',
      'hedging',
      'open:0 fill:0 write time open:1 busy:0',
    ],
    [
      'an attempt that was stuck, when the other is chosen',
      'hedging',
      'open:0 fill:0 write time open:1 headers:1',
    ],
    ['a stuck attempt, when the other has room', 'hedging', 'open:0 fill:0 write time open:1'],
    ['an attempt without a stream, beside one with room', 'hedging', 'open:0 time write'],
    ['a stuck stream that is refused and sent again', 'retry', 'open:0 fill:0 write refused:0 time open:1'],
  ];
  for (const [name, policy, steps] of ways) {
    it(`is told after ${name}`, () => {
      const writing = new Writing(PLANS[policy === 'retry' ? 'with retries' : 'with hedging'], 1000);
      for (const step of steps.split(' ')) {
        const [what, which = '0'] = step.split(':');
        writing.step({ what, which: Number(which) });
      }
      expect(writing.isWaiting).to.equal(false);
      writing.exchange.abandon();
    });
  }

  it('is told once to who has room in one attempt, and not again for the others', () => {
    const calling = new Calling({ hedging: {} });
    calling.open(0).hasRoom = false;
    expect(calling.send(1)).to.equal(false);
    calling.after(50);
    calling.open(1);
    expect(calling.listener.events).to.deep.equal(['writable']);
    expect(calling.send(2)).to.equal(true);
    calling.request(0).onWritable();
    expect(calling.listener.events).to.deep.equal(['writable']);
    calling.exchange.abandon();
  });

  it('makes the attempt with room the one, where the request becomes too large to be kept', () => {
    const calling = new Calling({ hedging: {}, budget: new ReplayBudget(6, 100) });
    calling.open(0).hasRoom = false;
    calling.send(1);
    calling.after(50);
    calling.open(1);
    calling.send(2);
    expect(calling.streams[0].commands.at(-1)).to.equal('reset 8');
    expect(calling.written(1)).to.deep.equal([1, 2]);
  });
});
