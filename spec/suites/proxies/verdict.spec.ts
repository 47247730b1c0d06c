import { expect } from 'chai';
import type { Outcome } from './clients/orders.ts';
import { judge, type Outcomes } from './verdict.ts';

const ORDERS = {
  calls: 1000,
  inFlight: 20,
  streams: { count: 10, atOnce: 5, messages: 1, intervalMs: 0 },
};
const TIMES = 3;

function outcome(lostCalls: number, lostStreams = 0, calls = ORDERS.calls): Outcome {
  const tally = (count: number, lost: number) => ({
    answered: count - lost,
    lost: lost === 0 ? {} : { 'UNAVAILABLE: why': lost },
  });
  return {
    calls: tally(calls, lostCalls),
    streams: tally(ORDERS.streams.count, lostStreams),
    ...{ connections: 1, wallMs: 1, probes: [] },
  };
}

const CASES: readonly {
  readonly name: string;
  readonly graceful: 'calls and streams' | 'calls' | 'nothing';
  readonly outcomes: Outcomes;
  readonly wrong: readonly string[];
}[] = [
  {
    name: 'nothing lost',
    graceful: 'calls and streams',
    outcomes: { stubless: outcome(0), 'grpc-go': outcome(3) },
    wrong: [],
  },
  {
    name: 'a call lost to a peer that is graceful, though others lose more',
    graceful: 'calls and streams',
    outcomes: { stubless: outcome(1), 'grpc-go': outcome(3) },
    wrong: ['1 calls lost to a peer that is graceful'],
  },
  {
    name: 'streams lost where they outlast the grace, as many as others',
    graceful: 'calls',
    outcomes: { stubless: outcome(0, 10), 'grpc-go': outcome(0, 10), 'grpc-js': outcome(400, 10) },
    wrong: [],
  },
  {
    name: 'more streams lost than by another',
    graceful: 'calls',
    outcomes: { stubless: outcome(0, 3), 'grpc-go': outcome(0, 2) },
    wrong: ['3 streams lost, grpc-go 2'],
  },
  {
    name: 'as many as ran at each kill',
    graceful: 'nothing',
    outcomes: { stubless: outcome(60, 10), 'grpc-go': outcome(10, 10) },
    wrong: [],
  },
  {
    name: 'one more, and more than another',
    graceful: 'nothing',
    outcomes: { stubless: outcome(61), 'grpc-go': outcome(10) },
    wrong: ['61 calls lost, grpc-go 10'],
  },
  {
    name: 'calls that did not settle',
    graceful: 'nothing',
    outcomes: { stubless: outcome(0, 0, 999) },
    wrong: ['999 of 1000 calls settled'],
  },
  {
    name: 'a client that came to no end',
    graceful: 'nothing',
    outcomes: { stubless: 'why' },
    wrong: ['why'],
  },
  { name: 'no client', graceful: 'nothing', outcomes: {}, wrong: ['it did not run'] },
];

describe('the verdict on clients under load', () => {
  for (const { name, graceful, outcomes, wrong } of CASES)
    it(`says of ${name}: ${wrong[0] ?? 'nothing wrong'}`, () => {
      expect(judge({ graceful }, ORDERS, outcomes, TIMES)).to.deep.equal(wrong);
    });
});
