// A hook of mocha's around every spec: when one is over, and has closed what it opened, nobody may be left waiting for
// what nobody will bring. Which specs left whom is told at the end of the run, and fails it. Where files run in parallel,
// each is a run of its own, several of them one after the other in a process: nobody may be left who watches, or all that
// come later would be told to them, at several times the work.

import { hasSubscribers } from 'node:diagnostics_channel';
import type { RootHookObject } from 'mocha';
import { lookAtWaits, type Wait, type Waits } from '../../lib/values/waits.ts';

/** How long what was closed may take to end. */
const PATIENCE_MS = 2000;

/** Channels of things that happen often. */
const WATCHED = [
  'stubless:frame',
  'stubless:call.start',
  'stubless:call.message',
  'stubless:call.end',
  'stubless:channel.state',
  'stubless:connection.ready',
];

let register: Waits | undefined;
let left: string[] = [];

async function stillWaiting(): Promise<readonly Wait[]> {
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const pending = register?.pending() ?? [];
    if (pending.length === 0 || performance.now() > until) return pending;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const mochaHooks: RootHookObject = {
  beforeAll() {
    left = [];
    register = lookAtWaits(true);
  },
  async afterEach(this: Mocha.Context) {
    const pending = await stillWaiting();
    if (pending.length === 0) return;
    const what = pending.slice(0, 5).map(({ kind, owner }) => `${kind} of ${owner}`);
    const title = this.currentTest?.fullTitle();
    left.push(
      `${title} [${this.currentTest?.file}]\n    ${what.join(', ')}${pending.length > 5 ? ', …' : ''}`,
    );
    // Each is told of once.
    register = lookAtWaits(true);
  },
  afterAll() {
    lookAtWaits(false);
    const watched = WATCHED.filter((name) => hasSubscribers(name));
    if (watched.length > 0) throw new Error(`specs have left who watches ${watched.join(', ')}`);
    if (left.length > 0) throw new Error(`specs have left who waits:\n  ${left.join('\n  ')}`);
  },
};
