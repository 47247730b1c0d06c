// Calls while a test has replaced the timers: what has nothing to do with time goes on, and what has follows the test.

import { mock } from 'node:test';
import timers from 'node:timers';
import { expect } from 'chai';
import { Client } from '../../lib/index.ts';
import { TestServer } from '../../lib/testing/index.ts';
import { closing } from '../support/closing.ts';
import { startPeer } from '../support/peers/peer-process.ts';
import { runShortLived } from '../support/program.ts';
import { failure, HANDLERS, SHOP } from './shop.ts';

const setRealImmediate = globalThis.setImmediate;
const realTurn = (): Promise<void> => new Promise((resolve) => setRealImmediate(resolve));

const NAMES = [
  ...['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate'],
  'queueMicrotask',
] as const;
type Holder = Record<string, unknown>;

/** All that Jest's fake timers replace, and sinon's with `toFake: everything`: nothing goes off, and the clocks stand. */
function holdEverything(): () => void {
  const before: (() => void)[] = [];
  const replace = (holder: object, name: string, value: unknown): void => {
    const own = Object.getOwnPropertyDescriptor(holder, name);
    Object.defineProperty(holder, name, { value, configurable: true, writable: true });
    before.push(() => {
      if (own === undefined) delete (holder as Holder)[name];
      else Object.defineProperty(holder, name, own);
    });
  };
  const held = (): unknown => ({ ref() {}, unref: () => held(), hasRef: () => false });
  for (const name of NAMES) {
    replace(globalThis, name, held);
    if (name in timers) replace(timers, name, held);
  }
  replace(process, 'nextTick', held);
  replace(performance, 'now', () => 0);
  replace(Date, 'now', () => 0);
  return () => {
    for (const undo of before.reverse()) undo();
  };
}

const fakes: readonly (readonly [name: string, install: () => () => void])[] = [
  [
    "all of node:test's timers",
    () => {
      mock.timers.enable();
      return () => mock.timers.reset();
    },
  ],
  [
    'setTimeout and Date of node:test',
    () => {
      mock.timers.enable({ apis: ['setTimeout', 'Date'] });
      return () => mock.timers.reset();
    },
  ],
  ['everything, process.nextTick too', holdEverything],
];

interface Held {
  readonly atMs: number;
  readonly run: () => void;
  ref(): this;
  unref(): this;
}

/** As sinon's, Jest's and Vitest's: timers, immediates and clocks stand until `advance`, which runs what is due at once. */
function turnedClock(): { advance(ms: number): void; undo(): void } {
  const { setTimeout, clearTimeout, setImmediate } = globalThis;
  const { now } = performance;
  let nowMs = now.call(performance);
  let waiting: Held[] = [];
  const hold = (run: () => void, delayMs = 0): Held => {
    const held: Held = { atMs: nowMs + delayMs, run, ref: () => held, unref: () => held };
    waiting.push(held);
    return held;
  };
  const drop = (held: unknown): void => {
    waiting = waiting.filter((one) => one !== held);
  };
  Object.assign(globalThis, {
    setTimeout: hold,
    setImmediate: (run: () => void) => hold(run),
    clearTimeout: drop,
  });
  performance.now = () => nowMs;
  return {
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        const due = waiting.filter(({ atMs }) => atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
        if (due === undefined) break;
        drop(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.run();
      }
      nowMs = endMs;
    },
    undo() {
      Object.assign(globalThis, { setTimeout, clearTimeout, setImmediate });
      performance.now = now;
    },
  };
}

describe('While timers are faked', () => {
  const close = closing();
  let undo: (() => void) | undefined;
  afterEach(() => {
    undo?.();
    undo = undefined;
  });

  for (const [name, install] of fakes) {
    describe(name, () => {
      for (const protocol of ['grpc', 'grpc-web', 'connect'] as const) {
        it(`calls a test server by ${protocol}, the first time and again`, async () => {
          const server = close(new TestServer(SHOP, HANDLERS as never));
          const client = await server.client({ protocol });
          undo = install();
          for (let i = 0; i < 3; i++) expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
          undo();
          undo = undefined;
          expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
        });
      }

      it('makes a test server and closes it', async () => {
        undo = install();
        const server = new TestServer(SHOP, HANDLERS as never);
        const client = await server.client();
        expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
        await client.close();
        await server.close();
        expect(client.channel.state).to.equal('shutdown');
      });

      it('streams both ways', async () => {
        const server = close(new TestServer(SHOP, HANDLERS as never));
        const client = await server.client();
        undo = install();
        expect(await client.request('List', { name: 'a' }).toArray()).to.have.lengthOf(3);
        for await (const item of client.request('List', { name: 'a' })) {
          expect(item.price).to.equal(1);
          break;
        }
        const call = client.open('Add');
        const data = Buffer.alloc(4096);
        for (let i = 0; i < 100; i++) await call.write({ name: `item ${i}`, price: 1, data });
        await call.end();
        expect((await call).items).to.equal(100);
        const chat = client.open('Chat');
        for (const name of ['a', 'b']) {
          await chat.write({ name });
          expect((await chat.read())?.name).to.equal(name);
        }
        await chat.end();
        expect(await chat.read()).to.equal(undefined);
      });

      it('tells what fails', async () => {
        const server = close(new TestServer(SHOP, HANDLERS as never));
        const client = await server.client();
        undo = install();
        server.inject('Get', { kind: 'status', code: 'ABORTED' });
        expect((await failure(client.request('Get', {}))).codeName).to.equal('ABORTED');
        server.inject('Get', { kind: 'disconnect' });
        expect((await failure(client.request('Get', {}))).codeName).to.equal('UNAVAILABLE');
        expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
      });

      // Node's own streams would stand still with the tick of the process; in Jest it is a copy that is replaced.
      (name.startsWith('everything') ? it.skip : it)(
        'calls over a socket, the first time and again',
        async () => {
          const { port } = close(await startPeer('greeter', {}));
          const client = close(new Client('127.0.0.1', port));
          await client.load('protos/helloworld.proto');
          undo = install();
          for (let i = 0; i < 3; i++) {
            expect((await client.request('SayHello', { name: 'you' })).message).to.equal('Hello you');
          }
        },
      );
    });
  }

  it('ends a call at its deadline when the test turns the time', async () => {
    const server = close(new TestServer(SHOP, { ...HANDLERS, Later: () => new Promise(() => {}) } as never));
    const client = await server.client();
    mock.timers.enable();
    undo = () => mock.timers.reset();
    // Two limits that are apart: time is turned over the first, and then over the second.
    let ended = '';
    const first = failure(client.request('Later', {}, { timeoutMs: 30_000 })).then((error) => {
      ended += `first ${error.codeName} `;
    });
    const second = failure(client.request('Later', {}, { deadline: new Date(Date.now() + 60_000) })).then(
      (error) => {
        ended += `second ${error.codeName}`;
      },
    );
    const settle = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) await realTurn();
    };
    await settle();
    mock.timers.tick(20_000);
    await settle();
    expect(ended).to.equal('');
    mock.timers.tick(11_000);
    await first;
    mock.timers.tick(19_000);
    await settle();
    expect(ended).to.equal('first DEADLINE_EXCEEDED ');
    mock.timers.tick(11_000);
    await second;
    expect(ended).to.equal('first DEADLINE_EXCEEDED second DEADLINE_EXCEEDED');
  });

  it('keeps a connection whose server answers, however far the test turns the time at once', async () => {
    const server = close(new TestServer(SHOP, HANDLERS as never));
    const { target } = await server.listen();
    const clock = turnedClock();
    undo = clock.undo;
    const client = close(new Client(target));
    await client.load(SHOP);
    const chat = client.open('Chat');
    for (const name of ['a', 'b', 'c']) {
      await chat.write({ name });
      expect((await chat.read())?.name).to.equal(name);
      clock.advance(600_000);
      for (let i = 0; i < 20; i++) await realTurn();
      clock.advance(600_000);
    }
    await chat.end();
    expect(await chat.read()).to.equal(undefined);
  });

  it('retries when the test turns the time', async () => {
    const server = close(new TestServer(SHOP, HANDLERS as never));
    const retry = {
      maxAttempts: 2,
      initialBackoffMs: 60_000,
      maxBackoffMs: 60_000,
    };
    const client = await server.client({ retry });
    const injected = server.inject('Get', { kind: 'status', code: 'UNAVAILABLE' });
    mock.timers.enable();
    undo = () => mock.timers.reset();
    const call = client.request('Get', { name: 'a' }, { timeoutMs: Infinity });
    const reply = call.then(({ price }) => price);
    while (injected.hits === 0) await client.request('List', { name: 'a' }).toArray();
    for (let i = 0; i < 5; i++) await client.request('List', { name: 'a' }).toArray();
    mock.timers.tick(72_000);
    expect(await reply).to.equal(1);
    expect(call.attempts).to.equal(2);
  });

  it('delays by a network in memory and by a fault when the test turns the time', async () => {
    const server = close(new TestServer(SHOP, HANDLERS as never));
    const client = await server.client();
    await client.request('Get', { name: 'a' });
    mock.timers.enable();
    undo = () => mock.timers.reset();
    server.network.latencyMs = 60_000;
    let isDone = false;
    const reply = client.request('Get', { name: 'a' }, { timeoutMs: Infinity }).then(() => {
      isDone = true;
    });
    for (let i = 0; i < 20 && !isDone; i++) {
      for (let turn = 0; turn < 5; turn++) await realTurn();
      if (i < 2) expect(isDone).to.equal(false);
      mock.timers.tick(30_000);
    }
    await reply;
    server.network.latencyMs = 0;
    server.inject('Get', { kind: 'delay', ms: 60_000 });
    const delayed = client.request('Get', { name: 'a' }, { timeoutMs: Infinity });
    for (let turn = 0; turn < 20; turn++) await realTurn();
    mock.timers.tick(60_000);
    expect((await delayed).price).to.equal(1);
  });

  it('leaves nothing behind that keeps the process alive', async () => {
    const end = await runShortLived(
      [
        "import { mock } from 'node:test';",
        "import { TestServer } from 'stubless/testing';",
        'const server = new TestServer(\'syntax = "proto3"; message M {} service S { rpc U(M) returns (M); }\', { U: (m) => m });',
        'const client = await server.client();',
        "await client.request('U', {});",
        'mock.timers.enable();',
        "await client.request('U', {});",
        'await server.close();',
        'mock.timers.reset();',
        "console.log('done');",
      ].join('\n'),
      8000,
    );
    expect(end).to.include({ status: 0, stdout: 'done\n' });
  }).timeout(60_000);
});
