// A call in several attempts on a faked waist and a faked clock, and its attempts as a server sees them.

import type { CallExchange } from '../../lib/rpc/call-exchange.ts';
import { MESSAGE_HEADER_OCTETS } from '../../lib/rpc/message-reader.ts';
import { ReplayBudget } from '../../lib/rpc/replay-buffer.ts';
import { HedgingPlan, RetryPlan } from '../../lib/rpc/retry/attempt-plan.ts';
import type { RetryThrottle } from '../../lib/rpc/retry/retry-throttle.ts';
import { RetryingExchange } from '../../lib/rpc/retry/retrying-exchange.ts';
import type { HedgingPolicy, RetryPolicy } from '../../lib/rpc/service-config/retry-policy.ts';
import { StreamExchange } from '../../lib/rpc/stream-exchange.ts';
import type { FieldList, StreamEnd, StreamRequest } from '../../lib/rpc/transport.ts';
import { deliver, GRPC_HEAD, Listener, OK, settingsOf } from './exchange.ts';
import { FakeStream, FakeTransport, HEAD, PEER } from './fake-transport.ts';
import { frame } from './messages.ts';
import { FakeClock } from './time/fake-clock.ts';

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

export const COMPLETE: StreamEnd = { kind: 'complete' };

interface Setup {
  readonly retry?: Partial<RetryPolicy>;
  readonly hedging?: Partial<HedgingPolicy>;
  readonly replies?: 'one' | 'many';
  readonly budget?: ReplayBudget;
  readonly throttle?: RetryThrottle;
  /** How many requests are refused a stream at once. */
  readonly refusals?: number;
}

/** A call with a policy, and its attempts as a server sees them. */
export class Calling {
  readonly listener: Listener = new Listener();
  readonly transport: FakeTransport = new FakeTransport();
  readonly clock: FakeClock = new FakeClock();
  readonly exchange: CallExchange;
  readonly streams: FakeStream[] = [];
  readonly budget: ReplayBudget;

  constructor({ retry, hedging, replies = 'one', budget, throttle, refusals = 0 }: Setup) {
    this.transport.refusals = refusals;
    this.budget = budget ?? new ReplayBudget(1000, 10_000);
    const plan =
      hedging === undefined
        ? new RetryPlan({ ...RETRY, ...retry }, false, throttle, () => 0.5)
        : new HedgingPlan({ ...HEDGING, ...hedging }, throttle);
    this.exchange = new RetryingExchange(
      this.listener,
      (listener, isFirst) => {
        const clock = { timers: this.clock, random: () => 0.5 };
        const exchange = new StreamExchange(
          listener,
          this.transport,
          HEAD,
          replies === 'many',
          settingsOf(1000),
          clock,
        );
        exchange.mayResend = isFirst;
        return exchange;
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
    deliver(request as StreamExchange, frame(Uint8Array.of(octet)));
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
export function unary(setup: Setup = {}): Calling {
  const calling = new Calling(setup);
  calling.send(7, true);
  calling.open(0);
  return calling;
}

export const previousAttempts = (fields: FieldList | undefined): string | undefined => {
  const index = fields?.indexOf('grpc-previous-rpc-attempts') ?? -1;
  return index === -1 ? undefined : fields?.[index + 1];
};

/** What the call was told, without what is about room. */
export const events = ({ listener }: Calling): readonly string[] =>
  listener.events.filter((one) => one !== 'writable');
