// What the connections to one address come to, told in an order that no server can be relied on for.

import { expect } from 'chai';
import type { PooledConnection } from '../../../lib/channel/connection/pooled-connection.ts';
import type { SubchannelHost } from '../../../lib/channel/connection/subchannel.ts';
import { Subchannel } from '../../../lib/channel/connection/subchannel.ts';
import { FakeClock } from '../../support/time/fake-clock.ts';

/** A connection that is what a spec says it is. */
type PlayedConnection = PooledConnection & {
  isClosed: boolean;
  wasReady: boolean;
  hasServed: boolean;
  openStreams: number;
  openedStreams: number;
};

describe('Subchannel', () => {
  const begin = () => {
    const clock = Object.assign(new FakeClock(1000), { random: () => 0.5 });
    const connections: PlayedConnection[] = [];
    const host: SubchannelHost = {
      clock,
      maxConnections: 1,
      waitingCalls: 1,
      healthCheck: undefined,
      isHeld: true,
      dial() {
        const connection = {
          canOpen: true,
          isDraining: false,
          isClosed: false,
          isFull: false,
          wasReady: false,
          hasServed: false,
          openStreams: 0,
          openedStreams: 0,
          ageMs: 0,
          letGo() {},
        } as unknown as PlayedConnection;
        connections.push(connection);
        return connection;
      },
      onConnectionClosed() {},
      onCapacity() {},
      onGrowth() {},
    };
    const subchannel = new Subchannel({ kind: 'tcp', host: '127.0.0.1', port: 7 }, host, () => {});
    /** A connection that is ready, with a call running on it. */
    const connect = (): PlayedConnection => {
      subchannel.connect();
      const connection = connections[connections.length - 1];
      Object.assign(connection, { wasReady: true, openStreams: 1, openedStreams: 1 });
      subchannel.onReady(connection);
      return connection;
    };
    const refuse = (): void => {
      subchannel.connect();
      const connection = connections[connections.length - 1];
      connection.isClosed = true;
      subchannel.onClosed(connection, { reason: 'refused', cause: undefined });
    };
    return { clock, subchannel, connect, refuse };
  };

  it('keeps its back-off when an older connection says GOAWAY a second time, after it has served', () => {
    const { subchannel, connect, refuse } = begin();
    const old = connect();
    subchannel.onDraining(old, 'GOAWAY');
    expect(subchannel.state).to.equal('idle');
    refuse();
    const { nextDialMs } = subchannel;
    expect(nextDialMs).to.be.closeTo(2000, 1e-6);
    old.hasServed = true;
    subchannel.onDraining(old, 'GOAWAY again');
    expect(subchannel).to.include({ state: 'transient_failure', nextDialMs });
    expect(subchannel.failure?.reason).to.equal('refused');
  });

  it('counts a drained connection that ends without an answer, though others were dialled since', () => {
    const { clock, subchannel, connect } = begin();
    const drained = Array.from({ length: 3 }, () => {
      const connection = connect();
      subchannel.onDraining(connection, 'GOAWAY');
      return connection;
    });
    expect(subchannel.state).to.equal('idle');
    clock.advanceTo(5000);
    for (const connection of drained) {
      connection.isClosed = true;
      subchannel.onClosed(connection, { reason: 'lost', cause: undefined });
    }
    expect(subchannel.state).to.equal('transient_failure');
    expect(subchannel.nextDialMs).to.be.closeTo(6000, 1e-6);
  });

  it('does not count one that was taken out of use here', () => {
    const { subchannel, connect } = begin();
    for (let i = 0; i < 5; i++) {
      const connection = connect();
      Object.assign(connection, { openStreams: 0, drain() {} });
      subchannel.closeUnused(() => false, true);
      connection.isClosed = true;
      subchannel.onClosed(connection, { reason: 'drained', cause: undefined });
    }
    expect(subchannel.state).to.equal('idle');
  });
});
