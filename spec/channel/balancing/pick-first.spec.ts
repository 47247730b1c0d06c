import { expect } from 'chai';
import { PickFirst } from '../../../lib/channel/balancing/pick-first.ts';
import type { StreamRequest } from '../../../lib/rpc/transport.ts';
import { FakeHost, hosts } from '../../support/fake-connections.ts';

const REQUEST = {} as StreamRequest;

function setUp(...names: readonly string[]): { host: FakeHost; balancer: PickFirst } {
  const host = new FakeHost();
  const balancer = new PickFirst(host, { name: 'pick_first', shuffleAddressList: false });
  balancer.update(hosts(...names));
  return { host, balancer };
}

describe('PickFirst (gRFC A61)', () => {
  it('dials nobody until somebody waits, then one after the other, a moment apart', () => {
    const { host, balancer } = setUp('a', 'b', 'c');
    host.after(1000);
    expect([host.dialled, balancer.state, balancer.failure]).to.deep.equal(['', 'idle', undefined]);
    balancer.grow();
    balancer.connect();
    expect([host.dialled, balancer.state]).to.deep.equal(['a', 'connecting']);
    host.after(200);
    balancer.connect();
    host.after(49);
    expect(host.dialled).to.equal('a');
    host.after(1);
    expect(host.dialled).to.equal('a b');
    host.connection('a').end();
    expect([host.dialled, host.clock.timers.size]).to.deep.equal(['a b c', 0]);
    host.after(1000);
    expect([host.dialled, host.clock.timers.size]).to.deep.equal(['a b c', 0]);
  });

  it('takes the first that is ready and gives the others up', () => {
    const { host, balancer } = setUp('a', 'b', 'c');
    balancer.connect();
    host.after(250);
    host.connection('b').ready();
    expect(host.connection('a').commands).to.deep.equal(['close another address was connected first']);
    host.after(1000);
    expect([host.dialled, balancer.state, host.clock.timers.size]).to.deep.equal(['a b', 'ready', 0]);
    expect(balancer.only).to.equal(host.connection('b'));
    expect([balancer.hasRoom, balancer.open(REQUEST)]).to.deep.equal([true, true]);
    expect(host.connection('b').requests).to.deep.equal([REQUEST]);
    balancer.connect();
    expect(host.dialled, 'there is one').to.equal('a b');
  });

  it('fails when all have, and tries those that are due again when somebody waits', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    host.connection('a').end('refused');
    expect([balancer.state, host.dialled]).to.deep.equal(['connecting', 'a b']);
    host.after(400);
    host.connection('b').end('lost');
    expect(balancer.state).to.equal('transient_failure');
    expect(balancer.failure?.reason).to.equal('a:7: refused; b:7: lost');
    expect(balancer.nextDialMs).to.equal(2000);
    expect([balancer.hasRoom, balancer.open(REQUEST), balancer.only]).to.deep.equal([
      false,
      false,
      undefined,
    ]);
    balancer.connect();
    expect(host.dialled, 'none is due').to.equal('a b');
    host.after(600);
    balancer.connect();
    expect([host.dialled, balancer.state]).to.deep.equal(['a b a', 'connecting']);
  });

  it('is idle where one of its addresses has not failed', () => {
    const { host, balancer } = setUp('a');
    balancer.connect();
    host.connection('a').end();
    balancer.update(hosts('a', 'b'));
    expect([balancer.state, host.dialled, balancer.failure?.reason]).to.deep.equal(['idle', 'a', 'gone']);
  });

  it('goes on with one that is connected and not known to be healthy', () => {
    const { host, balancer } = setUp('a', 'b');
    const says: ((reason: string | undefined) => void)[] = [];
    host.healthCheck = {
      watch: (_, onHealth) => {
        says.push(onHealth);
        return { stop: () => {} };
      },
    };
    balancer.connect();
    host.connection('a').ready();
    expect([balancer.state, host.dialled]).to.deep.equal(['connecting', 'a']);
    says[0]('NOT_SERVING');
    expect([balancer.state, host.dialled]).to.deep.equal(['connecting', 'a b']);
    host.connection('b').ready();
    says[1](undefined);
    expect([balancer.state, balancer.only]).to.deep.equal(['ready', host.connection('b')]);
  });

  describe('with other addresses while it tries some', () => {
    it('goes on with one that stays, and then with the new ones', () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      host.after(200);
      balancer.update(hosts('a', 'c', 'd'));
      expect([host.dialled, balancer.state]).to.deep.equal(['a', 'connecting']);
      expect(host.connection('a').commands).to.deep.equal([]);
      host.after(50);
      expect(host.dialled).to.equal('a c');
      host.after(250);
      expect(host.dialled).to.equal('a c d');
    });

    it('gives up one that is gone, and tries the first of the new ones at once', () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      balancer.update(hosts('c', 'd'));
      expect(host.connection('a').isClosed).to.equal(true);
      expect([host.dialled, balancer.state]).to.deep.equal(['a c', 'connecting']);
      host.after(250);
      expect(host.dialled).to.equal('a c d');
    });

    it('goes on with the one that stays where another is gone', () => {
      const { host, balancer } = setUp('a', 'b', 'c');
      balancer.connect();
      host.after(250);
      balancer.update(hosts('b', 'd'));
      expect([host.connection('a').isClosed, host.connection('b').isClosed, host.dialled]).to.deep.equal([
        true,
        false,
        'a b',
      ]);
      host.after(250);
      expect(host.dialled).to.equal('a b d');
      host.connection('b').end();
      host.connection('d').end();
      expect(balancer.state).to.equal('transient_failure');
    });

    it('does not dial again one that has just failed', () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      host.connection('a').end();
      balancer.update(hosts('a', 'b', 'c'));
      host.connection('b').end();
      expect(host.dialled).to.equal('a b c');
    });
  });

  it('keeps its connection while its address stays, and lets it drain when it goes', () => {
    const { host, balancer } = setUp('a', 'b');
    balancer.connect();
    const connection = host.connection('a').ready();
    balancer.update(hosts('c', 'a'));
    expect([balancer.state, balancer.only]).to.deep.equal(['ready', connection]);
    balancer.update(hosts('c'));
    expect([balancer.state, balancer.only, host.dialled]).to.deep.equal(['idle', undefined, 'a']);
    expect(connection.commands).to.deep.equal(['drain']);
    balancer.connect();
    expect(host.dialled).to.equal('a c');
  });

  it('is connecting when its connection goes while another to the same address is made', () => {
    const { host, balancer } = setUp('a');
    host.maxConnections = 2;
    balancer.connect();
    const first = host.connection('a').ready();
    Object.assign(first, { isFull: true, canOpen: false, hasServed: true });
    balancer.grow();
    expect([host.dialled, host.growth]).to.deep.equal(['a a', [1]]);
    first.goAway();
    expect(balancer.state).to.equal('connecting');
    balancer.connect();
    expect(host.dialled).to.equal('a a');
    host.connection('a').ready();
    expect([balancer.state, balancer.only]).to.deep.equal(['ready', host.connection('a')]);
  });

  it('stays with an address of which another connection ends', () => {
    const { host, balancer } = setUp('a', 'b');
    host.maxConnections = 2;
    balancer.connect();
    const first = Object.assign(host.connection('a').ready(), { isFull: true });
    balancer.grow();
    const second = host.connection('a').ready();
    expect([balancer.state, balancer.only]).to.deep.equal(['ready', first]);
    second.end();
    expect([balancer.state, balancer.only]).to.deep.equal(['ready', first]);
  });

  it('is idle when its connection goes that has served', () => {
    const { host, balancer } = setUp('a');
    balancer.connect();
    Object.assign(host.connection('a').ready(), { hasServed: true }).goAway();
    expect([balancer.state, host.dialled]).to.deep.equal(['idle', 'a']);
  });

  it('holds what it dials as long as somebody waits', () => {
    const { host, balancer } = setUp('a');
    balancer.connect();
    balancer.hold(false);
    balancer.hold(true);
    expect(host.connection('a').commands).to.deep.equal(['let go', 'hold']);
  });

  it('closes its connection when it is not used, and nothing where there is none', () => {
    const { host, balancer } = setUp('a');
    balancer.closeUnused(() => false, true);
    balancer.connect();
    const connection = host.connection('a').ready();
    balancer.closeUnused(() => true, true);
    balancer.closeUnused(() => false, false);
    expect(connection.commands).to.deep.equal([]);
    balancer.closeUnused(() => false, true);
    expect([connection.commands, balancer.state]).to.deep.equal([['drain'], 'idle']);
  });

  it('tries its addresses in an order of chance where that is wanted', () => {
    const host = new FakeHost();
    const dice = [0, 0.5, 0.9];
    host.clock.random = () => dice.shift() ?? 0;
    const balancer = new PickFirst(host, { name: 'pick_first', shuffleAddressList: true });
    balancer.update(hosts('a', 'b', 'c', 'd'));
    balancer.connect();
    for (let i = 0; i < 3; i++) host.after(250);
    expect(host.dialled).to.equal('d c b a');
  });

  for (const reason of ['the client was closed', undefined]) {
    it(`closes all that is there ${reason === undefined ? 'gracefully' : 'with a reason'}`, () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      host.after(250);
      const connection = host.connection('a').ready();
      balancer.close(reason);
      expect(connection.commands).to.deep.equal([reason === undefined ? 'drain' : `close ${reason}`]);
      expect([balancer.state, balancer.only, host.clock.timers.size]).to.deep.equal(['idle', undefined, 0]);
      balancer.connect();
      expect(host.dialled).to.equal('a b');
    });

    it(`gives up what it tries when it is closed ${reason === undefined ? 'gracefully' : 'with a reason'}`, () => {
      const { host, balancer } = setUp('a', 'b');
      balancer.connect();
      balancer.close(reason);
      expect([host.connection('a').isClosed, host.clock.timers.size]).to.deep.equal([true, 0]);
      host.after(1000);
      expect([host.dialled, balancer.state]).to.deep.equal(['a', 'idle']);
    });
  }
});
