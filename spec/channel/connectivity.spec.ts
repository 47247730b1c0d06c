// The state of a channel as others see it. Source: grpc doc/connectivity-semantics-and-api.md.

import { getEventListeners } from 'node:events';
import { expect } from 'chai';
import { type ChannelState, Connectivity, type StateChange } from '../../lib/channel/connectivity.ts';
import { listening } from '../support/subscriptions.ts';

const STATES: readonly ChannelState[] = ['idle', 'connecting', 'ready', 'transient_failure', 'shutdown'];

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

/** What came of a promise that has settled by now. */
async function settled(promise: Promise<unknown>): Promise<unknown> {
  const late = new Promise((resolve) => setImmediate(resolve, 'pending'));
  return Promise.race([promise.then(() => 'resolved'), late]).catch((error) => error);
}

describe('Connectivity', () => {
  const listen = listening();

  it('is idle at first, and then what it was last changed to', () => {
    const connectivity = new Connectivity('t');
    expect(connectivity.state).to.equal('idle');
    for (const state of STATES.slice(1)) {
      connectivity.change(state, '');
      expect(connectivity.state).to.equal(state);
    }
  });

  it('tells its listeners and subscribers of each change, not of what is the same', () => {
    const connectivity = new Connectivity('dns:///a:7');
    const told: StateChange[] = [];
    const published: object[] = [];
    listen<object>('stubless:channel.state', (message) => published.push({ ...message }));
    const stop = connectivity.listen((change) => told.push(change));
    connectivity.change('idle', '');
    connectivity.change('transient_failure', 'down');
    connectivity.change('transient_failure', 'down');
    connectivity.change('transient_failure', 'gone');
    connectivity.change('idle', '');
    stop();
    connectivity.change('connecting', '');
    expect(told).to.deep.equal([
      { state: 'transient_failure', reason: 'down' },
      { state: 'transient_failure', reason: 'gone' },
      { state: 'idle', reason: '' },
    ]);
    expect(published).to.deep.equal(
      [...told, { state: 'connecting', reason: '' }].map((change) => ({ target: 'dns:///a:7', ...change })),
    );
  });

  it('tells all that listened when it changed, also where one stops listening or throws', () => {
    const connectivity = new Connectivity('t');
    const told: string[] = [];
    const later: (() => void)[] = [];
    const { queueMicrotask } = globalThis;
    globalThis.queueMicrotask = (callback) => later.push(callback);
    try {
      const stop = connectivity.listen(() => {
        told.push('first');
        stop();
      });
      connectivity.listen(() => {
        throw new Error('a mistake of the program');
      });
      connectivity.listen(() => told.push('last'));
      connectivity.change('connecting', '');
    } finally {
      globalThis.queueMicrotask = queueMicrotask;
    }
    expect(told).to.deep.equal(['first', 'last']);
    expect(later).to.have.lengthOf(1);
    expect(later[0]).to.throw('a mistake of the program');
  });

  describe('whenReady', () => {
    for (const [state, expected] of [
      ['idle', 'pending'],
      ['connecting', 'pending'],
      ['transient_failure', 'pending'],
      ['ready', 'resolved'],
      ['shutdown', 'the client is closed'],
    ] as const) {
      it(`of a channel that is ${state}: ${expected}`, async () => {
        const connectivity = new Connectivity('t');
        connectivity.change(state, '');
        const { signal } = new AbortController();
        let changes = 0;
        const outcome = await settled(connectivity.whenReady(signal, () => changes++));
        expect(outcome instanceof Error ? outcome.message : outcome).to.equal(expected);
        const waiting = expected === 'pending' ? 1 : 0;
        expect([connectivity.waiters, changes, listenersOf(signal)]).to.deep.equal([
          waiting,
          waiting,
          waiting,
        ]);
      });
    }

    for (const [state, expected] of [
      ['connecting', 'pending'],
      ['transient_failure', 'pending'],
      ['ready', 'resolved'],
      ['shutdown', 'the client is closed'],
    ] as const) {
      it(`of a channel that becomes ${state}, for all and before listeners are told: ${expected}`, async () => {
        const connectivity = new Connectivity('t');
        const { signal } = new AbortController();
        const waiting = [signal, undefined].map((one) => settled(connectivity.whenReady(one, () => {})));
        const atListener: number[] = [];
        connectivity.listen(() => atListener.push(connectivity.waiters));
        expect(connectivity.waiters).to.equal(2);
        connectivity.change(state, '');
        for (const outcome of await Promise.all(waiting)) {
          expect(outcome instanceof Error ? outcome.message : outcome).to.equal(expected);
        }
        const left = expected === 'pending' ? 2 : 0;
        expect(atListener).to.deep.equal([left]);
        expect(listenersOf(signal)).to.equal(left / 2);
      });
    }

    for (const reason of [new Error('enough'), 'enough', undefined]) {
      it(`ends with the reason ${String(reason)} of an abort, before and while it waits`, async () => {
        const connectivity = new Connectivity('t');
        const changes: number[] = [];
        const aborting = new AbortController();
        const wait = () =>
          settled(connectivity.whenReady(aborting.signal, () => changes.push(connectivity.waiters)));
        const waiting = wait();
        const other = settled(connectivity.whenReady(undefined, () => {}));
        aborting.abort(reason);
        for (const error of [await waiting, await wait()]) {
          expect(error).to.be.an.instanceof(Error);
          if (reason === 'enough') expect(error).to.include({ message: 'aborted', cause: reason });
          else expect(error).to.equal(aborting.signal.reason);
        }
        expect(await other).to.equal('pending');
        expect([connectivity.waiters, ...changes]).to.deep.equal([1, 1, 1]);
      });
    }
  });

  describe('states', () => {
    it('are the state now and each that follows, those in between too, up to shutdown', async () => {
      const connectivity = new Connectivity('t');
      connectivity.change('connecting', '');
      const { signal } = new AbortController();
      const states = connectivity.states(signal);
      expect((await states.next()).value).to.deep.equal({ state: 'connecting', reason: '' });
      const next = states.next();
      expect(await settled(next)).to.equal('pending');
      for (const state of ['ready', 'idle', 'shutdown'] as const) connectivity.change(state, '');
      const seen = [(await next).value];
      for await (const change of states) seen.push(change);
      expect(seen.map((change) => change?.state)).to.deep.equal(['ready', 'idle', 'shutdown']);
      expect(listenersOf(signal)).to.equal(0);
    });

    it('are the last hundred for a reader that sleeps', async () => {
      const connectivity = new Connectivity('t');
      const states = connectivity.states(undefined);
      await states.next();
      for (let i = 1; i <= 101; i++) connectivity.change('transient_failure', `${i}`);
      connectivity.change('shutdown', '');
      const reasons: string[] = [];
      for await (const { reason } of states) reasons.push(reason);
      expect(reasons).to.have.lengthOf(100);
      expect([reasons[0], reasons[98], reasons[99]]).to.deep.equal(['3', '101', '']);
    });

    it('end with the reason of an abort, while it waits and before', async () => {
      const connectivity = new Connectivity('t');
      const aborting = new AbortController();
      const states = connectivity.states(aborting.signal);
      await states.next();
      const next = settled(states.next());
      const other = connectivity.states(aborting.signal);
      const reason = new Error('enough');
      aborting.abort(reason);
      expect(await next).to.equal(reason);
      expect(await settled(other.next())).to.equal(reason);
      expect(listenersOf(aborting.signal)).to.equal(0);
    });

    it('count those that wait for the next', async () => {
      const connectivity = new Connectivity('t');
      const states = connectivity.states(undefined);
      await states.next();
      expect(connectivity.readers).to.equal(0);
      const next = states.next();
      await settled(next);
      expect(connectivity.readers).to.equal(1);
      connectivity.change('connecting', '');
      await next;
      expect(connectivity.readers).to.equal(0);
      await states.return();
    });

    it('are no longer listened to by a reader that has left', async () => {
      const connectivity = new Connectivity('t');
      const { signal } = new AbortController();
      for await (const _ of connectivity.states(signal)) break;
      expect(listenersOf(signal)).to.equal(0);
    });
  });
});
