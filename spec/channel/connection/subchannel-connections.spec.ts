import { expect } from 'chai';
import type { Transport } from '../../../lib/rpc/transport.ts';
import { FakeConnection, fakeSubchannel, servingSubchannel } from '../../support/fake-connections.ts';

describe('Subchannel and its connections', () => {
  it('is dialled once, and tells what becomes of it', () => {
    const { host, one, changes } = fakeSubchannel();
    expect([one.state, one.isDue, one.nextDialMs, one.only, one.take()]).to.deep.equal([
      'idle',
      true,
      0,
      undefined,
      undefined,
    ]);
    one.connect();
    one.connect();
    expect([host.dialled, one.state, changes]).to.deep.equal(['a', 'connecting', []]);
    const connection = host.connection('a').ready();
    one.connect();
    expect([host.dialled, one.state, changes]).to.deep.equal(['a', 'ready', ['ready']]);
    expect([one.only, one.take(), one.nextDialMs, one.redialMs]).to.deep.equal([
      connection,
      connection,
      Infinity,
      Infinity,
    ]);
    connection.ready();
    expect(changes, 'it is known').to.deep.equal(['ready']);
  });

  it('keeps the process alive while it is dialled only where somebody waits', () => {
    for (const isHeld of [true, false]) {
      const { host, one } = fakeSubchannel();
      host.isHeld = isHeld;
      one.hold(true);
      one.connect();
      expect(host.connection('a').commands).to.deep.equal(isHeld ? [] : ['let go']);
    }
  });

  const ends: readonly (readonly [
    name: string,
    facts: Partial<FakeConnection>,
    isReady: boolean,
    isHeld: boolean,
    state: string,
    redialMs: number,
  ])[] = [
    ['before it is ready', {}, false, true, 'transient_failure', 2000],
    ['without a call, when none waits', {}, true, false, 'idle', 2000],
    ['without an answer, while one waits', {}, true, true, 'idle', 0],
    ['without an answer to its calls', { openedStreams: 2, openStreams: 2 }, true, false, 'idle', 0],
    ['after an answer', { openedStreams: 2, openStreams: 2, hasServed: true }, true, false, 'idle', 0],
  ];
  for (const [name, facts, isReady, isHeld, state, redialMs] of ends) {
    it(`is ${state} when its connection ends ${name}`, () => {
      const { host, one } = fakeSubchannel();
      host.isHeld = isHeld;
      one.connect();
      const connection = host.connection('a');
      if (isReady) connection.ready();
      Object.assign(connection, facts).end('cut');
      expect([one.state, one.redialMs, one.failure?.reason]).to.deep.equal([state, redialMs, 'cut']);
      expect([one.nextDialMs, one.isDue]).to.deep.equal(state === 'idle' ? [0, true] : [2000, false]);
      expect(host.told.closed).to.equal(1);
      one.connect();
      host.connection('a').ready();
      expect([one.failure, one.state]).to.deep.equal([undefined, 'ready']);
    });
  }

  it('waits when connections end again and again without an answer, those that drained first, too', () => {
    for (const how of ['end', 'goAway'] as const) {
      const { host, one } = fakeSubchannel();
      for (let i = 0; i < 3; i++) {
        one.connect();
        const connection = Object.assign(host.connection('a').ready(), { openedStreams: 1 });
        connection[how]();
        expect(one.state).to.equal(i < 2 ? 'idle' : 'transient_failure');
        if (how === 'goAway') connection.end();
      }
      expect(one.nextDialMs).to.equal(2000);
    }
  });

  it('judges a connection whose calls go on after GOAWAY when it is closed, once', () => {
    for (const hasServed of [true, false]) {
      const { host, one } = fakeSubchannel();
      for (let i = 0; i < 3; i++) {
        one.connect();
        const connection = Object.assign(host.connection('a').ready(), {
          openedStreams: 1,
          openStreams: 1,
        });
        connection.goAway();
        expect(one.state).to.equal('idle');
        connection.hasServed = hasServed;
        connection.end();
        connection.end();
      }
      expect(one.state).to.equal(hasServed ? 'idle' : 'transient_failure');
    }
  });

  it('makes another connection where all are full, as far as that is allowed', () => {
    const { host, one, connection } = servingSubchannel();
    host.maxConnections = 2;
    one.grow();
    expect(host.dialled, 'it is not full').to.equal('a');
    connection.isFull = true;
    one.grow();
    one.grow();
    expect([host.dialled, host.growth]).to.deep.equal(['a a', [1]]);
    Object.assign(host.connection('a').ready(), { isFull: true });
    one.grow();
    expect(host.dialled, 'there are as many as may be').to.equal('a a');
    host.maxConnections = 3;
    one.grow();
    expect([host.dialled, host.growth]).to.deep.equal(['a a a', [1, 2]]);
    host.connection('a').end('refused');
    one.grow();
    expect([host.dialled, one.state], 'its back-off is not over').to.deep.equal(['a a a', 'ready']);
    host.after(1000);
    one.grow();
    expect(host.dialled).to.equal('a a a a');
  });

  describe('whose connections carry one call each', () => {
    const growing = (maxConnections: number | undefined): ReturnType<typeof servingSubchannel> => {
      const set = servingSubchannel();
      set.host.maxConnections = maxConnections;
      set.host.carriesOneCall = true;
      Object.assign(set.connection, { isFull: true, carriesOneCall: true });
      return set;
    };

    it('makes as many as there are calls that wait, and tells nobody', () => {
      const { host, one } = growing(10);
      one.grow(3);
      expect([host.dialled, host.growth]).to.deep.equal(['a a a a', []]);
      one.grow(3);
      expect(host.dialled, 'they are being made').to.equal('a a a a');
      one.grow(4);
      expect(host.dialled).to.equal('a a a a a');
      one.grow(100);
      expect(host.connections, 'as many as may be').to.have.lengthOf(10);
    });

    it('makes up to 256 where nothing is said', () => {
      const { host, one } = growing(undefined);
      one.grow(1000);
      expect(host.connections).to.have.lengthOf(256);
    });

    it('makes as many again while none has answered', () => {
      const { host, one, connection } = growing(100);
      connection.hasServed = false;
      for (const count of [2, 4, 8]) {
        one.grow(50);
        expect(host.connections).to.have.lengthOf(count);
        for (const made of host.connections) Object.assign(made.ready(), { isFull: true });
      }
      host.connections[5].hasServed = true;
      one.grow(50);
      expect(host.connections).to.have.lengthOf(58);
    });

    it('makes none while one has room', () => {
      const { host, one, connection } = growing(10);
      connection.isFull = false;
      one.grow(3);
      expect(host.dialled).to.equal('a');
    });

    it('gives all of them up that are being made, lets go of them and holds them', () => {
      const { host, one } = growing(10);
      one.grow(2);
      one.hold(false);
      one.hold(true);
      one.abandon();
      for (const made of host.connections.slice(1)) {
        expect(made.commands).to.deep.equal(['let go', 'hold', 'close another address was connected first']);
      }
    });

    it('counts one failure where many fail that were dialled together', () => {
      const { host, one } = growing(100);
      const dialledMs = host.clock.now();
      one.grow(50);
      host.connections[0].end();
      for (const made of host.connections.slice(1)) {
        host.after(1);
        Object.assign(made, { ageMs: host.clock.now() - dialledMs });
        made.end('refused');
      }
      expect(one.state).to.equal('transient_failure');
      host.after(1000);
      expect(one.isDue).to.equal(true);
    });

    it('does not count those that were lost with their call while others have answered', () => {
      for (const hasServed of [true, false]) {
        const { host, one, connection } = growing(100);
        connection.hasServed = hasServed;
        for (let i = 0; i < 5; i++) {
          one.grow(1);
          Object.assign(host.connection('a').ready(), { openedStreams: 1 }).end();
          host.after(1);
        }
        one.grow(1);
        expect(host.connections).to.have.lengthOf(hasServed ? 7 : 4);
      }
    });

    it('does not count those that were lost with their call since others have ended with an answer', () => {
      const { host, one, connection } = growing(100);
      one.grow(5);
      const others = host.connections.slice(1).map((made) => made.ready());
      host.after(10);
      connection.end();
      for (const other of others) {
        Object.assign(other, { openedStreams: 1, ageMs: 10 });
        other.end();
      }
      expect([one.state, one.isDue]).to.deep.equal(['idle', true]);
    });

    it('does not wait before the next dial where calls were given up', () => {
      const { host, one } = fakeSubchannel();
      for (let i = 0; i < 10; i++) {
        one.connect();
        const connection = Object.assign(host.connection('a').ready(), { openedStreams: 1 });
        Object.assign(connection, { wasGivenUp: true, isDraining: true });
        one.onDraining(connection);
        connection.end();
        expect([one.state, one.isDue, one.failure]).to.deep.equal(['idle', true, undefined]);
      }
    });
  });

  it('does not grow out of nothing, nor while one has room', () => {
    const { host, one } = fakeSubchannel();
    one.hold(false);
    one.grow();
    expect(host.dialled).to.equal('');
    host.maxConnections = 3;
    one.connect();
    host.connection('a').ready().isFull = true;
    one.grow();
    host.connection('a').ready();
    one.grow();
    expect(host.dialled).to.equal('a a');
  });

  it('counts a connection once that goes away several times', () => {
    const { host, one } = fakeSubchannel();
    one.connect();
    const connection = Object.assign(host.connection('a').ready(), { openedStreams: 1 });
    for (let i = 0; i < 4; i++) connection.goAway();
    connection.end();
    expect([one.state, one.redialMs]).to.deep.equal(['idle', 0]);
  });

  it('still waits after a failed dial when an older connection turns out to have served', () => {
    const { host, one } = fakeSubchannel();
    one.connect();
    const older = Object.assign(host.connection('a').ready(), {
      openedStreams: 1,
      openStreams: 1,
    });
    older.goAway();
    one.connect();
    host.connection('a').end('refused');
    older.hasServed = true;
    older.end();
    expect([one.state, one.failure?.reason]).to.deep.equal(['transient_failure', 'refused']);
  });

  it('gives the first connection that has room, and counts the streams of all', () => {
    const { host, one, connection } = servingSubchannel();
    host.maxConnections = 2;
    connection.isFull = true;
    one.grow();
    const second = host.connection('a').ready();
    Object.assign(connection, { canOpen: false, openStreams: 100 });
    second.openStreams = 3;
    expect([one.take(), one.openStreams]).to.deep.equal([second, 103]);
    second.canOpen = false;
    expect(one.take()).to.equal(undefined);
  });

  it('lets go of a connection whose stream ids are used up, not of one that is closed', () => {
    const { one, connection, changes } = servingSubchannel();
    Object.assign(connection, { canOpen: false, isDraining: true, isClosed: true });
    expect([one.take(), one.state]).to.deep.equal([undefined, 'ready']);
    connection.isClosed = false;
    expect([one.take(), one.state, changes]).to.deep.equal([undefined, 'idle', ['ready', 'idle']]);
    expect(one.failure).to.equal(undefined);
    connection.goAway();
    expect([changes, one.failure]).to.deep.equal([['ready', 'idle'], undefined]);
  });

  it('tells of room of its connections, not of one that takes no calls', () => {
    const { host, connection } = servingSubchannel();
    connection.hasRoom();
    expect(host.told.capacity).to.equal(1);
    connection.goAway();
    connection.hasRoom();
    expect(host.told.capacity).to.equal(1);
  });

  it('closes what is not used, but for one', () => {
    const { host, one, connection, changes } = servingSubchannel();
    host.maxConnections = 3;
    connection.isFull = true;
    for (let i = 0; i < 2; i++) {
      one.grow();
      Object.assign(host.connection('a').ready(), { isFull: true });
    }
    const [first, second, third] = host.connections;
    second.openStreams = 1;
    one.closeUnused((one) => one === third, false);
    expect(host.connections.map(({ commands }) => commands)).to.deep.equal([['drain'], [], []]);
    second.openStreams = 0;
    changes.length = 0;
    one.closeUnused(() => false, false);
    expect(host.connections.map(({ commands }) => commands)).to.deep.equal([['drain'], [], ['drain']]);
    expect([one.state, one.only, changes]).to.deep.equal(['ready', second, ['ready']]);
    one.closeUnused(() => false, false);
    expect(changes, 'nothing was closed').to.deep.equal(['ready']);
    one.closeUnused(() => false, true);
    expect([second.commands, one.state, first.commands]).to.deep.equal([['drain'], 'idle', ['drain']]);
  });

  for (const reason of ['closed', undefined]) {
    it(`hears and does nothing more when it is retired ${reason === undefined ? 'gracefully' : 'with a reason'}`, () => {
      const { host, one, connection, changes } = servingSubchannel();
      host.maxConnections = 2;
      connection.isFull = true;
      one.grow();
      const pending = host.connection('a');
      changes.length = 0;
      one.retire(reason);
      expect([one.isRetired, one.state]).to.deep.equal([true, 'idle']);
      expect([connection.commands, pending.isClosed]).to.deep.equal([
        [reason === undefined ? 'drain' : 'close closed'],
        true,
      ]);
      connection.end();
      pending.end('too late');
      pending.ready();
      one.connect();
      expect([changes, host.dialled, one.failure, one.nextDialMs, host.told.closed]).to.deep.equal([
        [],
        'a a',
        undefined,
        0,
        2,
      ]);
    });
  }

  it('gives its attempt up', () => {
    const { host, one } = fakeSubchannel();
    one.abandon();
    one.connect();
    one.abandon();
    expect([host.connection('a').commands, one.state]).to.deep.equal([
      ['close another address was connected first'],
      'idle',
    ]);
    host.connection('a').goAway();
    host.connection('a').end('closed');
    expect([one.state, one.failure, host.told.closed]).to.deep.equal(['idle', undefined, 1]);
  });

  describe('whose health is watched (gRFC A17)', () => {
    function watched() {
      const set = fakeSubchannel();
      const watches: { isStopped: boolean; says: (reason: string | undefined) => void }[] = [];
      set.host.healthCheck = {
        watch: (_: Transport, onHealth) => {
          const watch = { isStopped: false, says: onHealth };
          watches.push(watch);
          return { stop: () => Object.assign(watch, { isStopped: true }) };
        },
      };
      set.host.maxConnections = 2;
      set.one.connect();
      const connection = set.host.connection('a').ready();
      return { ...set, watches, connection };
    }

    it('is ready when it serves, and fails while it does not', () => {
      const { host, one, watches, connection, changes } = watched();
      expect([one.state, one.failure, one.only]).to.deep.equal(['connecting', undefined, undefined]);
      connection.hasRoom();
      expect(host.told.capacity, 'nobody may use it').to.equal(0);
      watches[0].says(undefined);
      watches[0].says(undefined);
      expect([one.state, one.only, changes]).to.deep.equal(['ready', connection, ['connecting', 'ready']]);
      connection.hasRoom();
      expect(host.told.capacity).to.equal(1);
      watches[0].says('NOT_SERVING');
      expect([one.state, one.only, one.failure?.reason]).to.deep.equal([
        'transient_failure',
        undefined,
        'a:7 is not healthy: NOT_SERVING',
      ]);
      expect(one.nextDialMs).to.equal(Infinity);
    });

    it('is watched on its first connection, and on the next when that goes', () => {
      const { host, one, watches, connection } = watched();
      watches[0].says(undefined);
      connection.isFull = true;
      one.grow();
      const second = host.connection('a').ready();
      expect(watches).to.have.lengthOf(1);
      connection.goAway();
      expect([watches.length, watches[0].isStopped, one.state]).to.deep.equal([2, true, 'connecting']);
      watches[0].says('too late');
      expect(one.state).to.equal('connecting');
      watches[1].says(undefined);
      expect([one.state, one.only]).to.deep.equal(['ready', second]);
    });

    it('is watched no more when its last connection goes, or it is retired', () => {
      for (const how of ['goAway', 'retire'] as const) {
        const { one, watches, connection } = watched();
        watches[0].says('NOT_SERVING');
        connection.hasServed = true;
        if (how === 'retire') one.retire(undefined);
        else connection.goAway();
        expect([watches.length, watches[0].isStopped, one.state]).to.deep.equal([1, true, 'idle']);
      }
    });
  });

  it('is not moved by a connection that is none of its own', () => {
    const { one, changes } = servingSubchannel();
    const stranger = new FakeConnection('b', one);
    stranger.ready();
    stranger.goAway();
    expect([one.state, one.openStreams, changes]).to.deep.equal(['ready', 0, ['ready']]);
  });
});
