import { expect } from 'chai';
import { ReadyAddresses } from '../../../lib/channel/balancing/ready-addresses.ts';
import { RoundRobin } from '../../../lib/channel/balancing/round-robin.ts';
import { addressText } from '../../../lib/channel/target/address.ts';
import type { StreamRequest } from '../../../lib/rpc/transport.ts';
import { FakeHost, hosts } from '../../support/fake-connections.ts';

const REQUEST = {} as StreamRequest;

function setUp(...names: readonly string[]): { host: FakeHost; balancer: ReadyAddresses } {
  const host = new FakeHost();
  // Begins with the second of two.
  const balancer = new ReadyAddresses(host, new RoundRobin(() => 0));
  balancer.update(hosts(...names));
  return { host, balancer };
}

/** To whom so many calls go. */
function opened({ host, balancer }: { host: FakeHost; balancer: ReadyAddresses }, count: number): string {
  for (const { requests } of host.connections) requests.length = 0;
  const names: string[] = [];
  for (let i = 0; i < count; i++) {
    if (!balancer.open(REQUEST)) names.push('none');
    for (const { host: name, requests } of host.connections)
      if (requests.splice(0).length > 0) names.push(name);
  }
  return names.join(' ');
}

describe('Spread', () => {
  it('dials nobody until somebody waits, then all, and the new ones that come', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.update(hosts('a', 'b', 'c'));
    expect([host.dialled, balancer.state]).to.deep.equal(['', 'idle']);
    balancer.connect();
    balancer.connect();
    expect([host.dialled, balancer.state]).to.deep.equal(['a b c', 'connecting']);
    balancer.update(hosts('b', 'd'));
    expect(host.dialled).to.equal('a b c d');
    expect(host.connections.map(({ isClosed }) => isClosed)).to.deep.equal([true, false, true, false]);
  });

  it('is ready with one, and goes to those that are ready in turn', () => {
    const set = setUp('a', 'b', 'c');
    const { host, balancer } = set;
    expect(opened(set, 1)).to.equal('none');
    balancer.connect();
    host.connection('b').ready();
    expect([balancer.state, balancer.only, opened(set, 2)]).to.deep.equal(['ready', undefined, 'b b']);
    host.connection('a').ready();
    expect(opened(set, 4)).to.equal('b a b a');
    host.connection('c').ready();
    expect(opened(set, 3)).to.equal('b c a');
  });

  it('passes over those that have no room', () => {
    const set = setUp('a', 'b', 'c');
    const { host, balancer } = set;
    balancer.connect();
    for (const connection of host.connections) connection.ready();
    host.connection('b').canOpen = false;
    expect([balancer.hasRoom, opened(set, 4)]).to.deep.equal([true, 'c c a c']);
    for (const connection of host.connections) connection.canOpen = false;
    expect([balancer.hasRoom, opened(set, 1)]).to.deep.equal([false, 'none']);
  });

  it('chooses anew where a connection turns out to be used up', () => {
    const set = setUp('a', 'b');
    const { host, balancer } = set;
    balancer.connect();
    for (const connection of host.connections) connection.ready();
    Object.assign(host.connection('b'), { canOpen: false, isDraining: true, hasServed: true });
    expect(opened(set, 1)).to.equal('a');
    expect(host.dialled, 'it is dialled again at once').to.equal('a b b');
  });

  it('tells its strategy who is ready when that changes, and lets it stand before requests', () => {
    const host = new FakeHost();
    const updates: string[] = [];
    const watched = { queuePlace: 7 } as StreamRequest;
    const seen: unknown[] = [];
    const balancer = new ReadyAddresses(host, {
      update: (ready) => updates.push(ready.map(({ address }) => addressText(address)).join(' ')),
      choose: () => 0,
      watch: (request, { address }) => {
        seen.push(request, addressText(address));
        return watched;
      },
    });
    balancer.update(hosts('a', 'b'));
    balancer.connect();
    host.connection('b').ready();
    host.connection('a').ready();
    balancer.update(hosts('a', 'b'));
    balancer.update(hosts('b', 'a'));
    balancer.update(hosts('b', 'c', 'a'));
    host.connection('c').ready();
    balancer.update(hosts('b', 'a', 'c'));
    balancer.update(hosts('b', 'a'));
    Object.assign(host.connection('a'), { hasServed: true }).goAway();
    Object.assign(host.connection('b'), { hasServed: true });
    expect(updates).to.deep.equal([
      'b:7',
      'a:7 b:7',
      'b:7 a:7',
      'b:7 c:7 a:7',
      'b:7 a:7 c:7',
      'b:7 a:7',
      'b:7',
    ]);
    expect(balancer.open(REQUEST)).to.equal(true);
    expect([host.connection('b').requests, seen]).to.deep.equal([[watched], [REQUEST, 'b:7']]);
    host.connection('b').goAway();
    expect(updates, 'nobody is ready').to.have.lengthOf(7);
  });

  it('dials none again that is there and not healthy', () => {
    const { host, balancer } = setUp('a');
    host.healthCheck = {
      watch: (_, onHealth) => {
        onHealth('NOT_SERVING');
        return { stop: () => {} };
      },
    };
    balancer.connect();
    host.connection('a').ready();
    expect([balancer.state, host.clock.timers.size, balancer.nextDialMs]).to.deep.equal([
      'transient_failure',
      0,
      Infinity,
    ]);
  });

  const states: readonly (readonly [
    name: string,
    happens: (host: FakeHost) => void,
    state: string,
    failure: string | undefined,
  ])[] = [
    ['none has an outcome', () => {}, 'connecting', undefined],
    [
      'one has failed and one is dialled',
      (host) => host.connection('a').end('refused'),
      'connecting',
      'refused',
    ],
    [
      'all have failed',
      (host) => {
        host.connection('a').end('refused');
        host.connection('b').end('lost');
      },
      'transient_failure',
      'a:7: refused; b:7: lost',
    ],
    [
      'one has failed and one is there',
      (host) => {
        host.connection('a').end('refused');
        host.connection('b').ready();
      },
      'ready',
      'refused',
    ],
  ];
  for (const [name, happens, state, failure] of states) {
    it(`is ${state} when ${name}`, () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      happens(host);
      expect([balancer.state, balancer.failure?.reason]).to.deep.equal([state, failure]);
    });
  }

  it('is idle where one has not failed and none is dialled', () => {
    const { host, balancer } = setUp('a');
    balancer.connect();
    host.connection('a').end();
    balancer.closeUnused(() => false, true);
    balancer.update(hosts('a', 'b'));
    expect([balancer.state, host.dialled]).to.deep.equal(['idle', 'a']);
  });

  it('dials each again when its back-off is over, and doubts the addresses', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    host.after(300);
    host.connection('a').end();
    expect([host.told.doubts, balancer.nextDialMs]).to.deep.equal([1, 0]);
    host.connection('b').end();
    expect(balancer.nextDialMs).to.equal(2000);
    balancer.connect();
    host.after(699);
    expect(host.dialled, 'calls do not dial either').to.equal('a b');
    host.after(1);
    expect([host.dialled, balancer.state]).to.deep.equal(['a b a b', 'connecting']);
    host.connection('a').end();
    host.after(700);
    host.connection('b').end();
    expect(balancer.nextDialMs, 'the first that may be dialled').to.equal(3600);
    host.after(900);
    expect(host.dialled).to.equal('a b a b a b');
    expect(host.clock.timers.size).to.equal(0);
  });

  it('dials at once what served and went', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    for (const connection of host.connections) Object.assign(connection.ready(), { hasServed: true });
    host.connection('a').goAway();
    expect([host.dialled, balancer.state, host.told.doubts]).to.deep.equal(['a b a', 'ready', 1]);
  });

  it('dials no address that is gone', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    for (const connection of host.connections) connection.end();
    expect(host.clock.timers.size).to.equal(2);
    balancer.update(hosts('b'));
    expect(host.clock.timers.size).to.equal(1);
    host.after(10_000);
    expect(host.dialled).to.equal('a b b');
  });

  it('rests when calls are over: closes all, gives up what it dials, and dials no more', () => {
    const { host, balancer } = setUp('a', 'b', 'c');
    balancer.connect();
    host.connection('a').ready();
    host.connection('b').end();
    balancer.closeUnused(() => false, true);
    expect(host.connection('a').commands).to.deep.equal(['drain']);
    expect(host.connection('c').isClosed).to.equal(true);
    host.after(10_000);
    expect([host.dialled, host.clock.timers.size, host.told.doubts]).to.deep.equal(['a b c', 0, 1]);
    balancer.connect();
    expect(host.dialled).to.equal('a b c a b c');
  });

  it('keeps one connection of each address while calls come', () => {
    const { host, balancer } = setUp('a', 'b');
    host.maxConnections = 2;
    balancer.connect();
    for (const connection of [...host.connections]) Object.assign(connection.ready(), { isFull: true });
    balancer.grow();
    expect(host.dialled).to.equal('a b a b');
    for (const connection of host.connections.slice(2)) connection.ready();
    balancer.closeUnused(() => false, false);
    expect(host.connections.map(({ commands }) => commands)).to.deep.equal([[], [], ['drain'], ['drain']]);
    expect(host.dialled).to.equal('a b a b');
  });

  it('goes on to dial while calls come, though some connections are closed', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    host.connection('b').end();
    balancer.closeUnused(() => false, false);
    expect([host.connection('a').isClosed, host.clock.timers.size]).to.deep.equal([false, 1]);
    host.after(1000);
    expect(host.dialled).to.equal('a b b');
  });

  it('holds all that it dials as long as somebody waits', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    balancer.hold(false);
    expect(host.connections.map(({ commands }) => commands)).to.deep.equal([['let go'], ['let go']]);
  });

  for (const reason of ['the client was closed', undefined]) {
    it(`closes all that is there ${reason === undefined ? 'gracefully' : 'with a reason'}`, () => {
      const set = setUp('a', 'b', 'c');
      const { host, balancer } = set;
      balancer.connect();
      host.connection('a').ready();
      host.connection('b').end();
      balancer.close(reason);
      expect(host.connection('a').commands).to.deep.equal([
        reason === undefined ? 'drain' : `close ${reason}`,
      ]);
      expect(host.connection('c').isClosed).to.equal(true);
      expect([host.clock.timers.size, balancer.state, opened(set, 1)]).to.deep.equal([0, 'idle', 'none']);
      host.after(10_000);
      expect(host.dialled).to.equal('a b c');
    });
  }
});
