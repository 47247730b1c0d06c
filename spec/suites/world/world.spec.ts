// The simulation itself: the same seed is the same world, chance and clock are its own, and what is wrong is found. That
// the library stands up to many worlds is `npm run world`; here a few.

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Chance } from './chance.ts';
import { EventLoop } from './event-loop.ts';
import { judge } from './judge.ts';
import type { WorldPlan } from './plan.ts';
import { makePlan } from './plan-maker.ts';
import { shrink } from './shrink.ts';
import { planOf, planText } from './story.ts';

const SEEDS = Array.from({ length: 12 }, (_, i) => i + 1);

describe('A simulated world', () => {
  it('is the same whenever it is played, to the last octet and millisecond', async () => {
    for (const seed of SEEDS) {
      const first = await judge(makePlan(seed));
      const second = await judge(planOf(planText(makePlan(seed))));
      expect(second.record.hash, `seed ${seed}`).to.equal(first.record.hash);
      expect(second.findings).to.deep.equal(first.findings);
    }
  });

  it('is another one with another seed', async () => {
    const hashes = new Set<number>();
    for (const seed of SEEDS) hashes.add((await judge(makePlan(seed))).record.hash);
    expect(hashes.size).to.equal(SEEDS.length);
  });

  it('is the same in another process', async function () {
    this.timeout(30_000);
    const { record } = await judge(makePlan(3));
    const run = new URL('run.js', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [run, '--seed', '3']).catch(
      (error: { stdout: string }) => error,
    );
    expect(stdout).to.contain(`trace ${record.hash.toString(16)}`);
  });

  it('leaves clocks, timers and dice as they were', async () => {
    const { setTimeout, setImmediate, setInterval } = globalThis;
    const { random } = Math;
    const { now } = Date;
    await judge(makePlan(1));
    expect(globalThis.setTimeout).to.equal(setTimeout);
    expect(globalThis.setImmediate).to.equal(setImmediate);
    expect(globalThis.setInterval).to.equal(setInterval);
    expect(Math.random).to.equal(random);
    expect(Date.now).to.equal(now);
    expect(Object.hasOwn(performance, 'now')).to.equal(false);
  });
});

describe('The library, in the worlds of 50 seeds', () => {
  for (let from = 101; from <= 150; from += 10) {
    it(`keeps its promises from seed ${from} on`, async () => {
      for (let seed = from; seed < from + 10; seed++) {
        const { findings } = await judge(makePlan(seed));
        expect(findings, `npm run world -- --seed ${seed}`).to.deep.equal([]);
      }
    });
  }
});

describe('A world that once found a fault', () => {
  const folder = new URL('../../../../spec/suites/world/found/', import.meta.url);
  for (const file of readdirSync(folder)) {
    it(`finds it no more: ${file.replaceAll('-', ' ').replace('.json', '')}`, async () => {
      const { findings } = await judge(planOf(readFileSync(new URL(file, folder), 'utf8')));
      expect(findings).to.deep.equal([]);
    });
  }
});

describe('The event loop of a world', () => {
  const withLoop = async (use: (loop: EventLoop) => Promise<void>): Promise<void> => {
    const loop = new EventLoop(new Chance(1), false);
    const uninstall = loop.install();
    try {
      await use(loop);
    } finally {
      uninstall();
    }
  };

  it('has timers before input and input before immediates, with ticks and promises behind each', async () => {
    const seen: string[] = [];
    await withLoop(async (loop) => {
      loop.current = loop.client;
      setTimeout(() => {
        seen.push('timer');
        setImmediate(() => seen.push('immediate'));
        process.nextTick(() => seen.push('tick'));
        void Promise.resolve().then(() => seen.push('promise'));
      }, 5);
      setTimeout(() => seen.push('second timer'), 5);
      loop.client.ioAt(5, () => seen.push('input'));
      await loop.run(10);
      expect(loop.nowMs).to.equal(10);
    });
    expect(seen).to.deep.equal(['timer', 'tick', 'promise', 'second timer', 'input', 'immediate']);
  });

  it('lets a process stand still while the other goes on, and its timers come before what arrived', async () => {
    const seen: [string, number][] = [];
    await withLoop(async (loop) => {
      const note = (what: string) => (): void => {
        seen.push([what, loop.nowMs]);
      };
      loop.client.stillUntilMs = 100;
      loop.client.ioAt(10, note('input'));
      loop.client.timerAt(50, note('timer'));
      loop.world.timerAt(20, note('the world'));
      await loop.run(200);
    });
    expect(seen).to.deep.equal([
      ['the world', 20],
      ['timer', 100],
      ['input', 100],
    ]);
  });

  it('keeps cleared timers from going off, and knows which keep the process alive', async () => {
    await withLoop(async (loop) => {
      loop.current = loop.client;
      let count = 0;
      const cleared = setTimeout(() => count++, 1);
      clearTimeout(cleared);
      setTimeout(() => count++, 1).unref();
      const interval = setInterval(() => count++, 10);
      expect(loop.client.refTimers).to.equal(1);
      await loop.run(35);
      clearInterval(interval);
      expect(count).to.equal(4);
      expect(loop.client.openTimers.size).to.equal(0);
    });
  });

  it('says so when nothing but immediates follows', async () => {
    let failure: unknown;
    await withLoop(async (loop) => {
      const again = (): void => {
        setImmediate(again);
      };
      again();
      failure = await loop.run(10).catch((error: unknown) => error);
    });
    expect(String(failure)).to.equal('Error: no progress at 0 ms');
  });
});

describe('Shrinking', () => {
  it('takes away all that a finding does not need, and makes the rest plain', async () => {
    const plan = makePlan(SEEDS.find((seed) => hasWhatItTakes(makePlan(seed))) ?? 0);
    const [wanted] = plan.events;
    const small = await shrink(plan, async ({ calls, events }) => {
      return calls.some(({ id }) => id === 3) && events.includes(wanted);
    });
    expect(small.calls.map(({ id }) => id)).to.deep.equal([3]);
    expect(small.events).to.deep.equal([wanted]);
    expect(small.calls[0]).to.include({ shape: 'unary', requests: 1, waitForReady: false });
    expect(small.client).to.include({ target: 'fixed', policy: 'pick_first', isTls: false });
  });

  const hasWhatItTakes = ({ calls, events }: WorldPlan): boolean => calls.length > 5 && events.length > 2;
});
