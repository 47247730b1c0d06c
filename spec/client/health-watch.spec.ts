// How the health of a server is watched over the life of a connection: what the end of a watch means, and when the next
// one begins. The watches are the spec's own, and so is time. Source: gRFC A17.

import { setImmediate as turn } from 'node:timers/promises';
import { expect } from 'chai';
import { NoRoom } from '../../lib/channel/connection/background-stream.ts';
import { HealthWatch } from '../../lib/client/health-watch.ts';
import { Metadata, RpcError } from '../../lib/index.ts';
import { FakeClock } from '../support/time/fake-clock.ts';

/** One watch, which does as it is told. */
class Watch implements AsyncIterable<unknown> {
  isCancelled = false;
  readonly #waiting: (() => void)[] = [];
  readonly #events: (() => IteratorResult<unknown>)[] = [];

  cancel(): void {
    this.isCancelled = true;
    this.fail(rpcError(1, 'cancelled by the caller'));
  }
  answer(status: string): void {
    this.#push(() => ({ value: { status }, done: false }));
  }
  end(): void {
    this.#push(() => ({ value: undefined, done: true }));
  }
  fail(error: unknown): void {
    this.#push(() => {
      throw error;
    });
  }
  #push(event: () => IteratorResult<unknown>): void {
    this.#events.push(event);
    this.#waiting.shift()?.();
  }
  async *[Symbol.asyncIterator](): AsyncGenerator<unknown> {
    for (;;) {
      if (this.#events.length === 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      const result = this.#events.shift()?.();
      if (result?.done) return;
      yield result?.value;
    }
  }
}

function rpcError(code: number, details: string, cause?: unknown): RpcError {
  const status = { code, name: '', details, metadata: new Metadata(), origin: 'server' as const };
  return new RpcError({ status, method: '/w', peer: undefined, cause } as never);
}

class World {
  readonly clock = Object.assign(new FakeClock(), { random: () => 0.5 });
  readonly watches: Watch[] = [];
  /** What was told: `ok`, or the reason against it. */
  readonly told: string[] = [];
  readonly watch: HealthWatch;
  /** What each new watch does at once. */
  script: (watch: Watch) => void;

  constructor(script: (watch: Watch) => void = () => {}) {
    this.script = script;
    this.watch = new HealthWatch(
      'a.B',
      () => {
        const watch = new Watch();
        this.watches.push(watch);
        this.script(watch);
        return watch;
      },
      (reason) => this.told.push(reason ?? 'ok'),
      this.clock,
    );
  }
  get last(): Watch {
    return this.watches[this.watches.length - 1];
  }
  async settle(): Promise<void> {
    for (let i = 0; i < 5; i++) await turn();
  }
  /** Lets time pass in steps, with what follows from each. */
  async pass(ms: number, stepMs = 100): Promise<void> {
    const end = this.clock.now() + ms;
    while (this.clock.now() < end) {
      this.clock.advanceTo(Math.min(this.clock.now() + stepMs, end));
      await this.settle();
    }
  }
}

describe('A health watch', () => {
  const answers: readonly (readonly [status: string, told: string])[] = [
    ['SERVING', 'ok'],
    ['NOT_SERVING', 'it reports the service a.B as NOT_SERVING'],
    ['UNKNOWN', 'it reports the service a.B as UNKNOWN'],
    ['SERVICE_UNKNOWN', 'it reports the service a.B as SERVICE_UNKNOWN'],
  ];
  for (const [status, told] of answers) {
    it(`reports ${status}`, async () => {
      const world = new World((watch) => watch.answer(status));
      await world.settle();
      expect(world.told).to.deep.equal([told]);
    });
  }

  const cuts: readonly (readonly [name: string, cut: (watch: Watch) => void])[] = [
    ['is ended', (watch) => watch.end()],
    ['is reset', (watch) => watch.fail(rpcError(13, 'reset'))],
    ['is refused', (watch) => watch.fail(rpcError(14, 'refused'))],
    ['is cancelled by the server', (watch) => watch.fail(rpcError(1, 'cancelled'))],
    ['fails with what is no status', (watch) => watch.fail(new Error('odd'))],
  ];
  for (const [name, cut] of cuts) {
    it(`that was answered and ${name} begins again at once, and the last answer holds`, async () => {
      const world = new World();
      world.last.answer('SERVING');
      await world.pass(60_000, 10_000);
      cut(world.last);
      await world.settle();
      expect(world.watches).to.have.lengthOf(2);
      expect(world.told).to.deep.equal(['ok']);
      world.last.answer('NOT_SERVING');
      await world.settle();
      cut(world.last);
      await world.settle();
      expect(world.watches).to.have.lengthOf(3);
      expect(world.told).to.deep.equal(['ok', 'it reports the service a.B as NOT_SERVING']);
    });

    it(`that was not answered and ${name} marks the server unhealthy, and begins again after back-off`, async () => {
      const world = new World();
      cut(world.last);
      await world.settle();
      expect(world.told).to.have.lengthOf(1);
      expect(world.told[0]).to.match(/^the (?:health check failed: .|server ended the health check$)/);
      await world.pass(900);
      expect(world.watches).to.have.lengthOf(1);
      await world.pass(100);
      expect(world.watches).to.have.lengthOf(2);
      world.last.answer('SERVING');
      await world.settle();
      expect(world.told[1]).to.equal('ok');
    });
  }

  it('marks a healthy server unhealthy if the next watch is not answered', async () => {
    const world = new World((watch) => watch.answer('SERVING'));
    await world.pass(5000);
    world.script = (watch) => watch.fail(rpcError(14, 'gone'));
    world.last.end();
    await world.settle();
    expect(world.told).to.deep.equal(['ok', 'the health check failed: UNAVAILABLE: gone']);
  });

  it('begins some 14 times in 10 minutes for a server that never answers', async () => {
    const world = new World((watch) => watch.fail(rpcError(14, 'no')));
    await world.pass(600_000, 500);
    // 1 s, growing by 1.6 to 120 s at most.
    expect(world.watches.length).to.be.within(13, 15);
    const count = world.watches.length;
    world.script = (watch) => watch.answer('SERVING');
    await world.pass(121_000, 500);
    expect(world.watches).to.have.lengthOf(count + 1);
    expect(world.told.at(-1)).to.equal('ok');
  });

  it('begins at most once a second for a server that answers and ends at once', async () => {
    const world = new World((watch) => {
      watch.answer('SERVING');
      watch.end();
    });
    await world.pass(60_000);
    expect(world.watches.length).to.be.within(58, 62);
    expect(new Set(world.told)).to.deep.equal(new Set(['ok']));
  });

  it('counts failures from zero again once it is answered', async () => {
    const world = new World((watch) => watch.fail(rpcError(14, 'no')));
    await world.pass(30_000, 500);
    world.script = (watch) => watch.answer('SERVING');
    await world.pass(60_000, 500);
    expect(world.told.at(-1)).to.equal('ok');
    world.script = (watch) => watch.fail(rpcError(14, 'no'));
    const before = world.watches.length;
    world.last.end();
    await world.settle();
    expect(world.watches).to.have.lengthOf(before + 1);
    await world.pass(1000);
    expect(world.watches).to.have.lengthOf(before + 2);
  });

  it('takes a server without the service for healthy, and stops asking', async () => {
    for (const wasAnswered of [false, true]) {
      const world = new World();
      if (wasAnswered) world.last.answer('NOT_SERVING');
      world.last.fail(rpcError(12, 'unknown service'));
      await world.pass(600_000, 60_000);
      expect(world.told.at(-1)).to.equal('ok');
      expect(world.watches).to.have.lengthOf(1);
      expect(world.clock.timers.size).to.equal(0);
    }
  });

  it('does not change its verdict if the connection has no room', async () => {
    const world = new World((watch) => watch.fail(rpcError(14, 'no room', new NoRoom())));
    await world.pass(10_000);
    expect(world.told).to.deep.equal([]);
    expect(world.watches.length).to.be.within(4, 6);
    world.script = (watch) => watch.answer('SERVING');
    await world.pass(20_000);
    expect(world.told).to.deep.equal(['ok']);
  });

  it('fails if it cannot be opened', async () => {
    const world = new World(() => {
      throw new TypeError('no head');
    });
    await world.settle();
    expect(world.told).to.deep.equal(['the health check failed: no head']);
  });

  it('can be stopped while it is open, and reports nothing more', async () => {
    const world = new World((watch) => watch.answer('SERVING'));
    await world.settle();
    world.watch.stop();
    await world.pass(600_000, 60_000);
    expect(world.last.isCancelled).to.equal(true);
    expect(world.told).to.deep.equal(['ok']);
    expect(world.watches).to.have.lengthOf(1);
    expect(world.clock.timers.size).to.equal(0);
  });

  it('can be stopped while it waits to begin again', async () => {
    const world = new World((watch) => watch.fail(rpcError(14, 'no')));
    await world.settle();
    expect(world.clock.timers.size).to.equal(1);
    world.watch.stop();
    expect(world.clock.timers.size).to.equal(0);
    await world.pass(600_000, 60_000);
    expect(world.watches).to.have.lengthOf(1);
  });
});
