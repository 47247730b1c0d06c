import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect } from 'chai';
import { gateAddresses, gateListeners } from '../../../../lib/cli/bench/start/gate-listeners.ts';
import { GateVisit } from '../../../../lib/cli/bench/start/gate-visit.ts';
import { gateText, parseGateAddress } from '../../../../lib/cli/bench/start/gate-words.ts';
import { StartGate } from '../../../../lib/cli/bench/start/start-gate.ts';
import { toldWait } from '../../../../lib/cli/bench/start/told-wait.ts';
import type { Io } from '../../../../lib/cli/command/io.ts';
import { TurnedTime } from '../../../support/time/turned-time.ts';

const HOST = '127.0.0.1';
const LONG_MS = 60_000;

describe('the start gate of shards', () => {
  const open: { close(): void }[] = [];

  afterEach(() => {
    for (const one of open.splice(0)) one.close();
  });

  async function gateOf(
    of: number,
    timeoutMs = LONG_MS,
    signal = new AbortController().signal,
  ): Promise<StartGate> {
    const gate = await StartGate.listen({ host: HOST, port: 0 }, of, timeoutMs, signal);
    open.push(gate);
    return gate;
  }

  function visit(
    { port }: { readonly port: number },
    index: number,
    of: number,
    timeoutMs = LONG_MS,
    signal = new AbortController().signal,
  ): GateVisit {
    const one = new GateVisit({ host: HOST, port }, { index, of }, timeoutMs, signal);
    open.push(one);
    return one;
  }

  const reasonOf = (promise: Promise<unknown>): Promise<string> =>
    promise.then(
      () => 'nothing was wrong',
      (error: Error) => error.message,
    );

  it('opens for all at one time, when the last is ready', async () => {
    const gate = await gateOf(3);
    const [second, third] = [visit(gate, 2, 3), visit(gate, 3, 3)];
    const beforeMs = Date.now();
    const starts = await Promise.all([third.ready(), gate.ready(), second.ready()]);
    expect(new Set(starts.map(({ atMs }) => atMs))).to.have.lengthOf(1);
    expect(starts[0].atMs).to.be.greaterThan(beforeMs);
    for (const { clockOffsetMs, missing } of starts) {
      // One machine, one clock: what is left is how long a word takes.
      expect(Math.abs(clockOffsetMs)).to.be.lessThan(1000);
      expect(missing).to.deep.equal([]);
    }
  });

  it('stays closed while one is missing, or is there and not ready', async () => {
    const gate = await gateOf(3);
    let isOpen = false;
    const opened = gate.ready().then(() => {
      isOpen = true;
    });
    const second = visit(gate, 2, 3).ready();
    const third = visit(gate, 3, 3);
    await arrivals(gate, 2);
    expect(isOpen).to.equal(false);
    await Promise.all([third.ready(), second, opened]);
    expect(isOpen).to.equal(true);
  });

  it('does not wait for who went away, and says who is missing', async () => {
    const gate = await gateOf(3);
    const opened = gate.ready();
    const second = visit(gate, 2, 3);
    const third = visit(gate, 3, 3).ready();
    const lost = reasonOf(second.ready());
    await arrivals(gate, 2);
    second.close();
    expect((await opened).missing).to.deep.equal([2]);
    expect(await lost).to.equal(
      `shard 2/3 was not let through the start gate at ${HOST}:${gate.port}: it went away before the start`,
    );
    await third;
  });

  it('opens without who does not come in time, and sends latecomers away', async () => {
    const time = new TurnedTime();
    try {
      const gate = await gateOf(3, LONG_MS);
      const opened = gate.ready();
      const unprepared = visit(gate, 2, 3);
      await arrivals(gate, 1);
      await time.pass(LONG_MS + 1);
      const { atMs, missing } = await opened;
      expect(missing).to.deep.equal([2, 3]);
      const began = `the others began at ${new Date(atMs).toISOString()}, without it`;
      expect(await reasonOf(unprepared.ready())).to.include(began);
      expect(await reasonOf(visit(gate, 3, 3).ready())).to.include(began);
    } finally {
      time[Symbol.dispose]();
    }
  });

  it('tells who cannot be let in why', async () => {
    const gate = await gateOf(3);
    visit(gate, 2, 3);
    await arrivals(gate, 1);
    const reasons: readonly (readonly [number, number, string])[] = [
      [2, 4, 'the gate is for 3 shards'],
      [1, 3, 'the gate is shard 1/3'],
      [2, 3, 'there is a shard 2/3 already'],
    ];
    for (const [index, of, reason] of reasons) {
      expect(await reasonOf(visit(gate, index, of).ready())).to.include(reason);
    }
    expect(await answerOf(gate.port, 'stubless-gate 9 shard 2/3\n')).to.equal(
      'no the gate is of another version (1)\n',
    );
  });

  it('ends connections that say too much, and hears no words of strangers', async () => {
    const gate = await gateOf(2);
    const socket = connect(gate.port, HOST);
    socket.on('error', () => {});
    socket.write(`GET / HTTP/1.1\nready\nstart 1\n${'x'.repeat(1000)}`);
    await once(socket, 'close');
    const opened = gate.ready();
    await visit(gate, 2, 2).ready();
    expect((await opened).missing).to.deep.equal([]);
  });

  it('is looked for until it is there, or the time is over', async () => {
    const gate = await gateOf(2);
    const { port } = gate;
    gate.close();
    const early = visit({ port }, 2, 2);
    const start = early.ready();
    const later = await StartGate.listen({ host: HOST, port }, 2, LONG_MS, new AbortController().signal);
    open.push(later);
    expect((await later.ready()).atMs).to.equal((await start).atMs);
    later.close();
    const never = visit({ port }, 2, 2, 1);
    expect(await reasonOf(never.ready())).to.equal(
      `shard 2/2 cannot reach the start gate at ${HOST}:${port} after 1ms: connect ECONNREFUSED ${HOST}:${port}; does shard 1/2 run there?`,
    );
  });

  it('waits for as long as it takes where there is no limit, or one that no timer has', async () => {
    for (const timeoutMs of [Infinity, 3_600_000_000]) {
      const gate = await gateOf(2, timeoutMs);
      const opened = gate.ready();
      // A timer that is given too much goes off after a millisecond.
      await new Promise((resolve) => setTimeout(resolve, 5));
      const second = visit(gate, 2, 2, timeoutMs);
      await second.ready();
      expect((await opened).missing, String(timeoutMs)).to.deep.equal([]);
    }
  });

  const others: readonly (readonly [string, (line: string) => string, string])[] = [
    ['tells no time', (line) => `${line} noon\n`, 'is no start gate, as its times are none'],
    ['tells a time that no date can say', (line) => `${line} 1e300\n`, 'is no start gate'],
    ['says nothing of the time', (line) => `${line}\n`, 'is no start gate'],
    ['begins at no time', (line) => (line === 'ready' ? 'start soon\n' : timeFor(line)), 'is no start gate'],
    ['is silent', () => '', 'does not answer within 1m'],
    [
      'never begins',
      (line) => (line === 'ready' ? '' : timeFor(line)),
      'does not say when to begin within 2m',
    ],
  ];
  const timeFor = (line: string): string => `${line} ${Date.now()}\n`;
  for (const [name, answer, reason] of others) {
    it(`is told from what ${name}`, async () => {
      using time = new TurnedTime();
      const port = await somethingElse(answer);
      const second = visit({ port }, 2, 2);
      let found: string | undefined;
      void reasonOf(second.ready()).then((text) => {
        found = text;
      });
      while (found === undefined) await time.pass(LONG_MS / 4);
      expect(found).to.include(`was not let through the start gate at ${HOST}:${port}: what listens there`);
      expect(found).to.include(reason);
    });
  }

  it('does not keep answers for who does not read them', async () => {
    const gate = await gateOf(2);
    const socket = connect(gate.port, HOST);
    socket.on('error', () => {});
    socket.pause();
    const many = `time ${'x'.repeat(250)}\n`.repeat(1000);
    const more = (): void => {
      while (!socket.destroyed && socket.write(many));
    };
    socket.on('drain', more);
    const closed = new Promise((resolve) => socket.on('close', resolve));
    more();
    await closed;
    const opened = gate.ready();
    await visit(gate, 2, 2).ready();
    expect((await opened).missing).to.deep.equal([]);
  });

  it('ends for all when it is interrupted, or goes away', async () => {
    const interrupted = new AbortController();
    const gate = await gateOf(3, LONG_MS, interrupted.signal);
    const waiting = reasonOf(gate.ready());
    const second = reasonOf(visit(gate, 2, 3).ready());
    const third = reasonOf(visit(gate, 3, 3, LONG_MS, interrupted.signal).ready());
    await arrivals(gate, 2);
    interrupted.abort(new Error('interrupted'));
    expect(await waiting).to.equal('interrupted at the start gate');
    expect(await third).to.include('shard 3/3');
    expect(await reasonOf(visit(gate, 3, 3, LONG_MS, interrupted.signal).ready())).to.equal(
      'interrupted at the start gate',
    );
    const late = await StartGate.listen({ host: HOST, port: 0 }, 2, LONG_MS, interrupted.signal);
    open.push(late);
    expect(await reasonOf(late.ready())).to.equal('interrupted at the start gate');
    gate.close();
    expect(await second).to.include('it went away before the start');
  });

  it('says why it cannot be opened', async () => {
    const gate = await gateOf(2);
    const again = StartGate.listen({ host: HOST, port: gate.port }, 2, LONG_MS, new AbortController().signal);
    expect(await reasonOf(again)).to.match(
      /^the start gate cannot be opened at 127\.0\.0\.1:\d+: .*EADDRINUSE/,
    );
    // TEST-NET-1 (RFC 5737): nobody has it.
    const elsewhere = gateListeners({ host: '192.0.2.1', port: 0 });
    expect(await reasonOf(elsewhere)).to.equal(
      'the start gate cannot be opened at 192.0.2.1:0, which is no address of this machine: give shard 1 one that is, or 0.0.0.0 for all',
    );
    const unknown = gateListeners({ host: 'load-1.example', port: 0 }, () =>
      Promise.reject(new Error('getaddrinfo ENOTFOUND load-1.example')),
    );
    expect(await reasonOf(unknown)).to.equal(
      'the start gate cannot be opened at load-1.example:0: getaddrinfo ENOTFOUND load-1.example',
    );
  });

  it('listens on the addresses of the name that was given, and on no others', async () => {
    const names: readonly (readonly [string, readonly string[]])[] = [
      [HOST, [HOST]],
      ['load-1.example', [HOST]],
      ['load-1.example', ['192.0.2.1', HOST, '127.0.0.2']],
    ];
    for (const [host, addresses] of names) {
      const servers = await gateListeners({ host, port: 0 }, async () => addresses);
      open.push(...servers);
      const places = servers.map((server) => server.address() as AddressInfo);
      expect(places.map(({ address }) => address)).to.deep.equal(
        addresses.filter((address) => address.startsWith('127.')),
      );
      expect(new Set(places.map(({ port }) => port)).size).to.equal(1);
    }
  });

  it('listens on the loopback interface alone for localhost', async () => {
    const servers = await gateListeners({ host: 'localhost', port: 0 });
    open.push(...servers);
    for (const server of servers) {
      expect((server.address() as AddressInfo).address).to.match(/^(?:127\.|::1$)/);
    }
  });

  it("listens everywhere for this machine's own name, whatever it has for its address", async () => {
    const resolve = async (): Promise<readonly string[]> => ['127.0.1.1'];
    for (const own of ['load-1', 'LOAD-1', 'load-1.example']) {
      expect(await gateAddresses('load-1', resolve, own)).to.deep.equal([undefined]);
      expect(await gateAddresses('load-1.service', resolve, own)).to.deep.equal([undefined]);
      expect(await gateAddresses('load-2', resolve, own)).to.deep.equal(['127.0.1.1']);
    }
    expect(await gateAddresses('localhost', resolve, 'localhost')).to.deep.equal(['127.0.1.1']);
  });

  describe('while it is waited for', () => {
    it('says for whom, and for how long', async () => {
      using time = new TurnedTime();
      time.stand();
      const gate = await gateOf(4, 90_000);
      expect(gate.waitsFor).to.equal(
        `shards 2, 3, 4 to come to the start gate at ${HOST}:0, for 1m30s at most`,
      );
      const second = visit(gate, 2, 4, 90_000);
      await arrivals(gate, 1);
      expect(gate.waitsFor).to.equal(
        `shards 3, 4 to come to the start gate at ${HOST}:0, and for shard 2 to be ready, for 1m30s at most`,
      );
      const told: string[] = [];
      const lines = toldLines(told);
      const [ended, other] = [toldWait(gate, lines), toldWait(second, lines)];
      for (let turn = 0; turn < 100 && told.length < 2; turn++) await time.pass(100);
      expect(told[0]).to.equal(
        `stubless: waits for shards 3, 4 to come to the start gate at ${HOST}:0, for 1m29s at most`,
      );
      expect(told[1]).to.match(
        new RegExp(
          `^stubless: waits for the start gate at ${HOST}:${gate.port} to open, for 2m\\d+s at most: not all of the 4 shards are ready$`,
        ),
      );
      await time.pass(90_000);
      expect((await ended).missing).to.deep.equal([3, 4]);
      await other;
      expect(told.slice(-2)).to.satisfy((last: string[]) =>
        last.every((line) =>
          /^stubless: the shards have met after [\d.]+ s, and begin at \d{4}-.*Z$/.test(line),
        ),
      );
      // Not line after line.
      expect(told.length).to.be.below(12);
    });

    it('does not name who went away, whom it does not wait for', async () => {
      const gate = await gateOf(4);
      void gate.ready();
      const second = visit(gate, 2, 4);
      await arrivals(gate, 1);
      second.close();
      while (gate.arrived > 0) await new Promise((resolve) => setImmediate(resolve));
      expect(gate.waitsFor).to.match(/^shards 3, 4 to come to the start gate at /);
    });

    it('says why it cannot be reached', async () => {
      const gate = await gateOf(2);
      const { port } = gate;
      gate.close();
      const told: string[] = [];
      using time = new TurnedTime();
      const away = visit({ port }, 2, 2, 5000);
      const failed = reasonOf(toldWait(away, toldLines(told)));
      while (!told.join().includes('ECONNREFUSED')) await time.pass(500);
      expect(told.at(-1)).to.match(
        new RegExp(
          `^stubless: waits for the start gate at ${HOST}:${port} to answer, where shard 1/2 must run, for \\ds at most: connect ECONNREFUSED`,
        ),
      );
      for (let second = 0; second < 6; second++) await time.pass(1000);
      expect(await failed).to.include('cannot reach the start gate');
    });

    it('says nothing where all are there at once', async () => {
      const gate = await gateOf(2);
      const told: string[] = [];
      await Promise.all([toldWait(gate, toldLines(told)), toldWait(visit(gate, 2, 2), toldLines(told))]);
      expect(told).to.deep.equal([]);
    });
  });

  function toldLines(told: string[]): Io {
    const line = async (text: string): Promise<void> => {
      told.push(text);
    };
    return { err: { isTerminal: false, line } } as unknown as Io;
  }

  async function arrivals(gate: StartGate, wanted: number): Promise<void> {
    while (gate.arrived < wanted) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Listens, and answers each line but the first in a way of its own. */
  async function somethingElse(answer: (line: string) => string): Promise<number> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.setEncoding('latin1');
      socket.on('data', (text: string) => {
        for (const line of text.split('\n')) {
          if (/^(?:time|ready)/.test(line)) socket.write(answer(line));
        }
      });
    }).listen(0, HOST);
    open.push({
      close() {
        server.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  }

  async function answerOf(port: number, text: string): Promise<string> {
    const socket = connect(port, HOST);
    open.push({ close: () => socket.destroy() });
    socket.write(text);
    const [answer] = await once(socket, 'data');
    return String(answer);
  }
});

describe('the address of a start gate', () => {
  it('is a host, with a port or without', () => {
    for (const [text, address] of [
      ['load-1', 'load-1:7411'],
      ['load-1.example:80', 'load-1.example:80'],
      ['[::1]:7', '[::1]:7'],
      ['10.0.0.1', '10.0.0.1:7411'],
    ] as const) {
      expect(gateText(parseGateAddress(text))).to.equal(address);
    }
  });

  it('is refused where it is something else', () => {
    for (const text of ['', 'a b', 'http://load-1', 'load-1:0', 'load-1:70000', '::1', 'load-1:x']) {
      expect(() => parseGateAddress(text)).to.throw(
        `'${text}' is not the address of a start gate; write HOST or HOST:PORT of shard 1`,
      );
    }
  });
});
