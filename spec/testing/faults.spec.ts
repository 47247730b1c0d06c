// What a test server does wrong when it is told to, and what its clients make of it.

import { expect } from 'chai';
import type { Client } from '../../lib/index.ts';
import { type Fault, TestServer } from '../../lib/testing/index.ts';
import { closing } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { LoopClock } from '../support/time/loop-clock.ts';
import { TurnedTime } from '../support/time/turned-time.ts';
import { failure, HANDLERS, SHOP } from './shop.ts';

describe('Faults of a test server', () => {
  const open = closing();
  let server: TestServer;
  let client: Client;
  beforeEach(async () => {
    server = new TestServer(SHOP, HANDLERS as never);
    client = await server.client();
  });
  afterEach(() => server.close());

  for (const [fault, code, details] of [
    [{ kind: 'status', code: 'ABORTED', details: 'again' }, 'ABORTED', 'again'],
    [{ kind: 'status', code: 14 }, 'UNAVAILABLE', ''],
    [{ kind: 'reset' }, 'INTERNAL', 'INTERNAL_ERROR'],
    [{ kind: 'reset', code: 8 }, 'CANCELLED', 'CANCEL'],
    [{ kind: 'reset', code: 11 }, 'RESOURCE_EXHAUSTED', 'ENHANCE_YOUR_CALM'],
    [{ kind: 'disconnect' }, 'UNAVAILABLE', 'the connection'],
    [{ kind: 'truncate' }, 'INTERNAL', 'inside a message'],
    [{ kind: 'silence' }, 'DEADLINE_EXCEEDED', ''],
  ] as readonly (readonly [Fault, string, string])[]) {
    it(`${JSON.stringify(fault)} ends one call with ${code}`, async () => {
      const time = open(new TurnedTime());
      const injected = server.inject('Get', fault);
      const failed = failure(client.request('Get', { name: 'a name' }, { timeoutMs: 10_000 }));
      await until(() => injected.hits === 1);
      if (fault.kind === 'silence') await time.pass(11_000);
      const error = await failed;
      expect(error.codeName, error.message).to.equal(code);
      expect(error.details).to.include(details);
      expect(injected.hits).to.equal(1);
      expect((await client.request('Get', { name: 'a' })).price).to.equal(1);
    });
  }

  for (const fault of [
    { kind: 'reset', after: 2 },
    { kind: 'disconnect', after: 2 },
    { kind: 'truncate', after: 2 },
  ] as const) {
    it(`${JSON.stringify(fault)} comes behind two replies`, async () => {
      server.inject('List', fault);
      const prices: number[] = [];
      const error = await failure(
        (async () => {
          for await (const { price } of client.request('List', { name: 'long enough' })) prices.push(price);
        })(),
      );
      // A connection that is dropped may take replies with it.
      expect(prices).to.deep.equal(fault.kind === 'disconnect' ? prices : [1, 2]);
      expect(error.code).to.be.above(0);
    });
  }

  it('a refused call is sent again, and nobody notices', async () => {
    const injected = server.inject('Get', { kind: 'refuse' });
    expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
    expect(injected.hits).to.equal(1);
    expect(server.callsOf('Get')).to.have.length(2);
  });

  it('a GOAWAY loses no call: the next goes over a new connection', async () => {
    await client.request('Get');
    server.inject('*', { kind: 'goAway' });
    const calls = Array.from({ length: 20 }, () => client.request('Get', { name: 'abc' }));
    for (const reply of await Promise.all(calls)) expect(reply.price).to.equal(3);
    expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
    const chat = client.open('Chat');
    await chat.write({ name: 'before' });
    expect((await chat.read()).name).to.equal('before');
    server.goAway();
    await chat.write({ name: 'after' });
    expect((await chat.read()).name).to.equal('after');
    expect((await client.request('Get', { name: 'ab' })).price).to.equal(2);
    await chat.end();
    expect(await chat.read()).to.equal(undefined);
  });

  it('a delay makes a call late by that much', async () => {
    server.inject('Get', { kind: 'delay', ms: 40 });
    const started = performance.now();
    await client.request('Get');
    expect(performance.now() - started).to.be.above(38);
  });

  it('hit as many calls as is said, can be taken back, and spare the other methods', async () => {
    const twice = server.inject('Get', { kind: 'status', code: 'ABORTED' }, { times: 2 });
    await client.request('List', { name: 'x' }).toArray();
    for (let i = 0; i < 2; i++) expect((await failure(client.request('Get'))).codeName).to.equal('ABORTED');
    await client.request('Get');
    expect(twice.hits).to.equal(2);
    const always = server.inject('*', { kind: 'status', code: 'ABORTED' }, { times: Infinity });
    for (let i = 0; i < 3; i++) await failure(client.request('Get'));
    always.remove();
    await client.request('Get');
    server.inject('Get', { kind: 'silence' });
    server.clearFaults();
    await client.request('Get');
  });

  it('that drop every connection fail what runs, and the next call connects again', async () => {
    const chat = client.open('Chat');
    await chat.write({ name: 'x' });
    await chat.read();
    expect(server.connections).to.equal(1);
    server.disconnect();
    expect((await failure(chat.read())).codeName).to.equal('UNAVAILABLE');
    expect((await client.request('Get', { name: 'x' })).price).to.equal(1);
    expect(server.connections).to.equal(1);
  });

  for (const [fault, said] of [
    [{ kind: 'explode' }, 'a fault is { kind: … }, where kind is one of delay, status'],
    [undefined, 'a fault is { kind: … }'],
    [{ kind: 'delay', ms: -1 }, 'the ms of a delay'],
    [{ kind: 'status', code: 'NOPE' }, 'the code of a status fault'],
    [{ kind: 'reset', after: 0.5 }, 'after must be a whole number of replies'],
  ] as const) {
    it(`are refused when they are none: ${JSON.stringify(fault)}`, () => {
      expect(() => server.inject('Get', fault as never)).to.throw(Error, said);
      expect(() => server.inject('Gte' as never, { kind: 'silence' })).to.throw(Error, 'did you mean');
      expect(() => server.inject('Get', { kind: 'silence' }, { times: 0 })).to.throw(RangeError, 'times');
    });
  }
});

describe('The network of a test server', () => {
  let server: TestServer;
  let client: Client;
  beforeEach(async () => {
    server = new TestServer(SHOP, HANDLERS as never);
    client = await server.client();
    await client.request('Get');
  });
  afterEach(() => server.close());

  it('takes time both ways when it is far', async () => {
    server.network.latencyMs = 25;
    const started = performance.now();
    using clock = new LoopClock();
    await client.request('Get');
    expect(performance.now() - started).to.be.at.least(49);
    expect(clock.now()).to.be.below(2000);
  });

  it('lets only so much through when it is narrow', async () => {
    server.network.bytesPerSecond = 400_000;
    const started = performance.now();
    using clock = new LoopClock();
    await client.request('Chat', [{ name: 'n'.repeat(40_000) }]).toArray();
    expect(performance.now() - started).to.be.at.least(100);
    expect(clock.now()).to.be.below(5000);
  });

  it('lets nothing through while it is stalled, and everything afterwards', async () => {
    server.network.isStalled = true;
    const late = client.request('Get', { name: 'late' }, { timeoutMs: Infinity });
    expect((await failure(client.request('Get', {}, { timeoutMs: 30 }))).codeName).to.equal(
      'DEADLINE_EXCEEDED',
    );
    server.network.isStalled = false;
    expect((await late).price).to.equal(4);
  });

  for (const [name, value] of [
    ['latencyMs', -1],
    ['latencyMs', 'x'],
    ['bytesPerSecond', 0],
    ['isStalled', 1],
  ] as const) {
    it(`has no ${name} of ${JSON.stringify(value)}`, () => {
      expect(() => Object.assign(server.network, { [name]: value })).to.throw(Error, name);
    });
  }
});
