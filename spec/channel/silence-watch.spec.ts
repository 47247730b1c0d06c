import { expect } from 'chai';
import {
  SILENCE_MS,
  SilenceWatch,
  VERIFY_TIMEOUT_MS,
  type WatchTimers,
} from '../../lib/channel/silence-watch.ts';

/** Timers that run when they are told to. */
class FakeTimers implements WatchTimers {
  #nowMs = 0;
  #next = 1;
  readonly #timers = new Map<number, { atMs: number; everyMs: number | undefined; callback: () => void }>();

  setInterval(callback: () => void, ms: number): unknown {
    return this.#add(callback, ms, ms);
  }

  setTimeout(callback: () => void, ms: number): unknown {
    return this.#add(callback, ms, undefined);
  }

  clearInterval(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer as number);
  }

  get size(): number {
    return this.#timers.size;
  }

  pass(ms: number): void {
    const end = this.#nowMs + ms;
    for (;;) {
      const [due] = [...this.#timers]
        .filter(([, t]) => t.atMs <= end)
        .sort(([, a], [, b]) => a.atMs - b.atMs);
      if (due === undefined) break;
      const [id, timer] = due;
      this.#nowMs = timer.atMs;
      if (timer.everyMs === undefined) this.#timers.delete(id);
      else timer.atMs += timer.everyMs;
      timer.callback();
    }
    this.#nowMs = end;
  }

  #add(callback: () => void, ms: number, everyMs: number | undefined): number {
    const id = this.#next++;
    this.#timers.set(id, { atMs: this.#nowMs + ms, everyMs, callback });
    return id;
  }
}

function watched(): { timers: FakeTimers; watch: SilenceWatch; events: string[] } {
  const timers = new FakeTimers();
  const events: string[] = [];
  const watch = new SilenceWatch(
    () => events.push('ping'),
    () => events.push('dead'),
    timers,
  );
  return { timers, watch, events };
}

describe('A connection that is silent', () => {
  it('is verified when a call starts after a minute, and not before', () => {
    const { timers, watch, events } = watched();
    timers.pass(SILENCE_MS - 1);
    watch.onCall();
    expect(events).to.deep.equal([]);
    timers.pass(1);
    expect(events, 'without a call nobody wants to know').to.deep.equal([]);
    watch.onCall();
    expect(events).to.deep.equal(['ping']);
  });

  it('is verified once, however many calls start', () => {
    const { timers, watch, events } = watched();
    timers.pass(SILENCE_MS);
    watch.onCall();
    watch.onCall();
    expect(events).to.deep.equal(['ping']);
  });

  it('is dead when nothing comes in time', () => {
    const { timers, watch, events } = watched();
    timers.pass(SILENCE_MS);
    watch.onCall();
    timers.pass(VERIFY_TIMEOUT_MS - 1);
    expect(events).to.deep.equal(['ping']);
    timers.pass(1);
    expect(events).to.deep.equal(['ping', 'dead']);
  });

  it('lives when anything comes, and is silent again only after another minute', () => {
    const { timers, watch, events } = watched();
    timers.pass(SILENCE_MS);
    watch.onCall();
    watch.onRead();
    watch.onCall();
    timers.pass(VERIFY_TIMEOUT_MS);
    expect(events).to.deep.equal(['ping']);
    timers.pass(SILENCE_MS);
    watch.onCall();
    expect(events).to.deep.equal(['ping', 'ping']);
  });

  it('leaves no timer when it is closed', () => {
    const { timers, watch } = watched();
    timers.pass(SILENCE_MS);
    watch.onCall();
    watch.close();
    expect(timers.size).to.equal(0);
  });
});
