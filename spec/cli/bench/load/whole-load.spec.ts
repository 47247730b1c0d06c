// A load in parts, held together: parts that do what they are told here, and real threads that die.

import { expect } from 'chai';
import { LoadGenerator } from '../../../../lib/cli/bench/load/generator.ts';
import { nameFailure } from '../../../../lib/cli/bench/load/load-calls.ts';
import {
  now,
  type PartNews,
  type PartOrder,
  type PartState,
  runPart,
  type StartPart,
} from '../../../../lib/cli/bench/load/load-part.ts';
import type { ThreadSetup } from '../../../../lib/cli/bench/load/part-setup.ts';
import { checkThreads, threadPart } from '../../../../lib/cli/bench/load/thread-part.ts';
import { WholeLoad } from '../../../../lib/cli/bench/load/whole-load.ts';
import { call, measured } from '../result/made-up-results.ts';

/** A part that is told what happens to it. */
class MadeUpPart {
  readonly orders: PartOrder[] = [];
  isKilled = false;
  onNews: (news: PartNews) => void = () => {};
  onLost: (reason: string) => void = () => {};

  readonly start: StartPart = (onNews, onLost) => {
    this.onNews = onNews;
    this.onLost = onLost;
    return {
      tell: (order) => this.orders.push(order),
      kill: () => {
        this.isKilled = true;
      },
    };
  };

  measured(calls: number, isWarmingUp = false): void {
    this.onNews({ kind: 'measured', isWarmingUp, state: stateOf(calls) });
  }

  ended(calls: number, isInterrupted = false): void {
    this.onNews({ kind: 'ended', isInterrupted, state: stateOf(calls) });
  }
}

const stateOf = (calls: number): PartState => ({
  measured: measured(Array.from({ length: calls }, () => call())).takeDocument(),
  elapsedMs: 100 * calls,
  connections: 2,
  server: null,
});

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await turn();
}

function madeUp(count: number, options: Partial<ConstructorParameters<typeof WholeLoad>[1]> = {}) {
  const parts = Array.from({ length: count }, () => new MadeUpPart());
  const load = new WholeLoad(
    parts.map(({ start }) => start),
    { warmUpMs: 0, ...options },
  );
  return { parts, load, run: load.run() };
}

describe('a load in parts', () => {
  it('begins when all are ready, at one time, and ends when all have ended', async () => {
    const { parts, run } = madeUp(3);
    parts[0].onNews({ kind: 'waits', phase: 'measured' });
    parts[1].onNews({ kind: 'waits', phase: 'measured' });
    await turn();
    expect(parts[0].orders).to.deep.equal([]);
    const beforeMs = now();
    parts[2].onNews({ kind: 'waits', phase: 'measured' });
    await until(() => parts[2].orders.length > 0);
    const [order] = parts[0].orders;
    expect(parts.map(({ orders }) => orders)).to.deep.equal([[order], [order], [order]]);
    expect(order.kind === 'begin' && order.atMs >= beforeMs).to.equal(true);
    parts[0].measured(2);
    for (const [index, part] of parts.entries()) part.ended(index + 1);
    const result = await run;
    expect(result.measurements.latency.count).to.equal(2 + 1 + 2 + 3);
    expect(result).to.include({ elapsedMs: 300, isInterrupted: false, unfinished: 0 });
    expect(result.threads).to.deep.equal({ count: 3, lost: [] });
    expect(parts.every(({ isKilled }) => isKilled)).to.equal(true);
  });

  it('counts the warm-up apart, also where the last of it comes late', async () => {
    const taken: number[] = [];
    const { parts, load, run } = madeUp(2, {
      warmUpMs: 1,
      onMeasured: (document) => taken.push(document.latency.count),
    });
    for (const part of parts) part.onNews({ kind: 'waits', phase: 'warm-up' });
    await until(() => parts[1].orders.length === 1);
    parts[0].measured(5, true);
    expect(load.isWarmingUp).to.equal(true);
    expect(load.measurements.latency.count).to.equal(5);
    for (const part of parts) part.onNews({ kind: 'waits', phase: 'measured' });
    await until(() => parts[1].orders.length === 2);
    parts[1].measured(7, true);
    for (const part of parts) part.ended(1);
    expect((await run).measurements.latency.count).to.equal(2);
    expect(taken).to.deep.equal([1, 1]);
  });

  it('goes on without a part that dies, and says why', async () => {
    const { parts, load, run } = madeUp(2);
    for (const part of parts) part.onNews({ kind: 'waits', phase: 'measured' });
    await until(() => parts[1].orders.length === 1);
    parts[0].measured(4);
    parts[0].onLost('it ran out of memory');
    parts[0].onLost('it ended with status 1');
    parts[1].ended(3);
    const result = await run;
    expect(result.measurements.latency.count).to.equal(7);
    expect(load.threads).to.deep.equal({ count: 2, lost: [{ thread: 1, reason: 'it ran out of memory' }] });
  });

  it('begins without a part that dies before', async () => {
    const { parts, run } = madeUp(2);
    parts[0].onNews({ kind: 'waits', phase: 'measured' });
    parts[1].onNews({ kind: 'failed', reason: 'no such file' });
    await until(() => parts[0].orders.length === 1);
    parts[0].ended(1);
    expect((await run).threads?.lost).to.deep.equal([{ thread: 2, reason: 'no such file' }]);
  });

  it('rejects when none could begin', async () => {
    const { parts, run } = madeUp(2);
    for (const part of parts) part.onNews({ kind: 'failed', reason: 'no such file' });
    const error = await run.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).to.be.an('error').with.property('message', 'no such file');
  });

  it('stops all parts, and says which of them do not', async () => {
    const { parts, load, run } = madeUp(2, { stopMs: 1 });
    for (const part of parts) part.onNews({ kind: 'waits', phase: 'measured' });
    await until(() => parts[1].orders.length === 1);
    load.interrupt();
    expect(parts.map(({ orders }) => orders[1])).to.deep.equal([{ kind: 'stop' }, { kind: 'stop' }]);
    parts[0].ended(6, true);
    const result = await run;
    expect(result).to.include({ isInterrupted: true });
    expect(result.measurements.latency.count).to.equal(6);
    expect(result.threads?.lost).to.deep.equal([{ thread: 2, reason: 'it did not stop within 0.001 s' }]);
    expect(parts[1].isKilled).to.equal(true);
  });

  it('begins at a time of the clock on the wall, and says when that had passed', async () => {
    const late: number[] = [];
    const startAtMs = Date.now() - 5000;
    const { parts, load, run } = madeUp(1, { startAtMs, onLate: (ms) => late.push(ms) });
    parts[0].onNews({ kind: 'waits', phase: 'measured' });
    await until(() => parts[0].orders.length === 1);
    expect(late).to.have.length(1);
    expect(late[0]).to.be.at.least(5000);
    expect(load.clock.startedAtMs).to.be.at.least(startAtMs + 5000);
    parts[0].ended(1);
    await run;
  });

  it('waits for that time, and can be stopped meanwhile', async () => {
    const { parts, load, run } = madeUp(1, { startAtMs: Date.now() + 3_600_000 });
    parts[0].onNews({ kind: 'waits', phase: 'measured' });
    await turn();
    expect(parts[0].orders).to.deep.equal([]);
    expect(load.beginsInMs).to.be.above(3_500_000);
    load.interrupt();
    expect(parts[0].orders).to.deep.equal([{ kind: 'stop' }]);
    parts[0].ended(0, true);
    const result = await run;
    expect(result).to.include({ isInterrupted: true, elapsedMs: 0 });
    expect(load.clock.startedAtMs).to.equal(null);
  });

  it('of one part in this thread begins its warm-up and what is measured at once', async () => {
    const plan = { kind: 'closed', concurrency: 2, calls: 10, durationMs: Infinity, warmUpMs: 5 } as const;
    const generator = new LoadGenerator(plan, turn, nameFailure);
    const part = { load: generator, connections: () => 1, server: () => [3, 5] as const };
    const load = new WholeLoad([(onNews) => ({ tell: runPart(part, onNews), kill: () => {} })], plan);
    expect((await load.run()).measurements.begun).to.equal(10);
    expect(load.clock.server).to.deep.equal([3, 5]);
  });

  it('makes each call of the plan once', async () => {
    const made: number[] = [];
    const plan = { kind: 'closed', concurrency: 5, calls: 100, durationMs: Infinity, warmUpMs: 0 } as const;
    const starts = [0, 1, 2].map((index): StartPart => {
      const makeCall = async (number: number): Promise<void> => {
        made.push(number);
        await turn();
      };
      const load = new LoadGenerator(plan, makeCall, nameFailure, { index, of: 3 });
      return (onNews) => ({
        tell: runPart({ load, connections: () => 1, server: () => null }, onNews),
        kill: () => {},
      });
    });
    const load = new WholeLoad(starts, { warmUpMs: 0 });
    const result = await load.run();
    expect(result.measurements.latency.count).to.equal(100);
    expect(made.sort((one, other) => one - other)).to.deep.equal(
      Array.from({ length: 100 }, (_, number) => number),
    );
    expect(load.connections).to.equal(3);
  });
});

describe('a part in a thread', () => {
  /** None of it is used: these threads run other programs. */
  const setup = {} as ThreadSetup;
  const program = (text: string): URL => new URL(`data:text/javascript,${encodeURIComponent(text)}`);

  const deaths: readonly [string, string, RegExp][] = [
    ['throws', "throw new RangeError('out of it');", /^RangeError: out of it$/],
    ['exits', 'process.exit(7);', /^it ended with status 7$/],
    ['ends', '', /^it ended with status 0$/],
    [
      'needs too much memory',
      'const all = []; for (;;) all.push(new Array(10_000).fill(all.length));',
      /^it ran out of memory$/,
    ],
  ];
  for (const [name, text, reason] of deaths) {
    it(`that ${name} is told of`, async () => {
      const load = new WholeLoad([threadPart(setup, program(text), { maxOldGenerationSizeMb: 16 })], {
        warmUpMs: 0,
      });
      const error = await load.run().then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.an('error').with.property('message').that.matches(reason);
    });
  }

  it('cannot be had where its file is missing', () => {
    checkThreads();
    checkThreads(program(''));
    expect(() => checkThreads(new URL('file:///nowhere/bench-thread.js'))).to.throw(
      '--threads is not to be had here: /nowhere/bench-thread.js is missing; start several processes with --shard instead',
    );
  });
});
