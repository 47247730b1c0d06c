// How many connections there are and for how long: another one where the server allows no more streams, none where no
// calls come, and what calls do meanwhile.

import diagnosticsChannel from 'node:diagnostics_channel';
import { expect } from 'chai';
import { type AddedConnection, Client, type ClientOptions } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { listenFleet, until } from '../../support/peers/fleet.ts';
import { echo, listen, listenHttp2, type PeerStream } from '../../support/peers/peer.ts';

const BYTES = Buffer.from('hello');

describe('Channel: connections', () => {
  const close = closing();
  const connect = (peer: { target: string }, options?: ClientOptions): Client =>
    close(new Client(peer.target, options));
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);

  describe('maxConnections', () => {
    /** A server that lets two calls run at a time on a connection, and answers when it is told to. */
    const listenTight = async () => {
      const held: PeerStream[] = [];
      const peer = close(await listenHttp2((request) => held.push(request), { maxConcurrentStreams: 2 }));
      return { peer, held };
    };

    it('are filled one after the other, as far as there may be more; then calls wait', async () => {
      const { peer, held } = await listenTight();
      const client = connect(peer, { maxConnections: 3 });
      const added: AddedConnection[] = [];
      const onAdded = (message: unknown): void => void added.push(message as AddedConnection);
      diagnosticsChannel.subscribe('stubless:connection.added', onAdded);
      try {
        const calls = Array.from({ length: 2 }, () => unary(client));
        await until(() => held.length === 2);
        expect(peer.accepted).to.equal(1);
        for (let connections = 2; connections <= 3; connections++) {
          calls.push(unary(client), unary(client));
          await until(() => held.length === 2 * connections);
          expect(peer.accepted).to.equal(connections);
        }
        calls.push(unary(client));
        expect([client.channel.openStreams, client.channel.queuedCalls]).to.deep.equal([6, 1]);
        echo(held[0]);
        await until(() => held.length === 7);
        expect(peer.accepted).to.equal(3);
        for (const request of held.slice(1)) echo(request);
        expect(await Promise.all(calls)).to.have.lengthOf(7);
      } finally {
        diagnosticsChannel.unsubscribe('stubless:connection.added', onAdded);
      }
      const { target } = peer;
      expect(added).to.deep.equal([
        { target, address: target, connections: 2, maxConnections: 3 },
        { target, address: target, connections: 3, maxConnections: 3 },
      ]);
    });

    it('are one by default: calls wait', async () => {
      const { peer, held } = await listenTight();
      const client = connect(peer);
      const calls = Array.from({ length: 3 }, () => unary(client));
      await until(() => held.length === 2);
      expect([peer.accepted, client.channel.queuedCalls]).to.deep.equal([1, 1]);
      for (const request of held.splice(0)) echo(request);
      await until(() => held.length === 1);
      echo(held[0]);
      await Promise.all(calls);
    });

    it('serve calls though one of them is lost', async () => {
      const { peer, held } = await listenTight();
      const client = connect(peer, { maxConnections: 2 });
      const calls = Array.from({ length: 4 }, () => unary(client));
      await until(() => held.length === 4);
      const [first] = peer.connections;
      first.socket.destroy();
      const lost = held.filter(({ connection }) => connection === first);
      expect(lost).to.have.lengthOf(2);
      const statuses = Promise.all(calls.map((call) => call.status));
      await until(() => client.channel.connections === 1);
      expect(client.channel.state).to.equal('ready');
      for (const request of held) if (request.connection !== first) echo(request);
      expect((await statuses).map(({ codeName }) => codeName).sort()).to.deep.equal([
        'OK',
        'OK',
        'UNAVAILABLE',
        'UNAVAILABLE',
      ]);
      const next = unary(client);
      await until(() => held.length === 5);
      expect(peer.accepted).to.equal(2);
      echo(held[4]);
      await next;
    });

    it('that are too many are closed when they were not used for long', async () => {
      const { peer, held } = await listenTight();
      const client = connect(peer, { maxConnections: 2, idleConnectionMs: 200 });
      const long = unary(client);
      await until(() => held.length === 1);
      const calls = [unary(client), unary(client)];
      await until(() => held.length === 3);
      expect(peer.accepted).to.equal(2);
      for (const request of held.slice(1)) echo(request);
      await Promise.all(calls);
      await until(() => peer.sockets.size === 1);
      echo(held[0]);
      expect(await long).to.deep.equal(BYTES);
    });

    it('belong to each address', async () => {
      const held: PeerStream[] = [];
      const peers = [
        close(await listenHttp2((request) => held.push(request), { maxConcurrentStreams: 1 })),
        close(await listenHttp2((request) => held.push(request), { maxConcurrentStreams: 1 })),
      ];
      const target = `ipv4:${peers.map((peer) => peer.target).join(',')}`;
      const client = connect({ target }, { loadBalancing: 'round_robin', maxConnections: 2 });
      const calls = Array.from({ length: 5 }, () => unary(client));
      await until(() => held.length === 4);
      expect(peers.map(({ accepted }) => accepted)).to.deep.equal([2, 2]);
      expect(client.channel.queuedCalls).to.equal(1);
      while (held.length < 5) {
        echo(held[0]);
        await until(() => held.length === 5);
      }
      for (const request of held.slice(1)) echo(request);
      await Promise.all(calls);
    });
  });

  describe('idleConnectionMs', () => {
    it('closes a connection without calls, and the next call makes one', async () => {
      const peer = close(await listenHttp2(echo));
      const client = connect(peer, { idleConnectionMs: 40 });
      await unary(client);
      const ended = performance.now();
      await until(() => client.channel.state === 'idle' && peer.sockets.size === 0);
      expect(performance.now() - ended).to.be.above(30);
      expect(peer.connections[0].goAway?.code).to.equal(0);
      expect(await unary(client)).to.deep.equal(BYTES);
      expect(peer.accepted).to.equal(2);
    });

    it('leaves one with a running call', async () => {
      const held: PeerStream[] = [];
      const peer = close(await listenHttp2((request) => held.push(request)));
      const client = connect(peer, { idleConnectionMs: 20 });
      const call = unary(client);
      const started = performance.now();
      await until(() => performance.now() - started > 150);
      expect(client.channel.state).to.equal('ready');
      echo(held[0]);
      expect(await call).to.deep.equal(BYTES);
    });

    it('lets round_robin rest, and stop dialling who does not answer', async () => {
      const fleet = close(await listenFleet(2, echo));
      const gone = close(await listen((socket) => socket.destroy()));
      const client = connect(
        { target: `${fleet.target},${gone.target}` },
        { loadBalancing: 'round_robin', idleConnectionMs: 60 },
      );
      await unary(client);
      await until(() => client.channel.state === 'idle' && client.channel.connections === 0);
      expect(await unary(client)).to.deep.equal(BYTES);
      expect(client.channel.state).to.equal('ready');
    });
  });

  describe('maxQueuedCalls: 0', () => {
    it('lets calls wait for a connection, but none for a stream', async () => {
      const held: PeerStream[] = [];
      const peer = close(await listenHttp2((request) => held.push(request), { maxConcurrentStreams: 2 }));
      const client = connect(peer, { maxQueuedCalls: 0 });
      const calls = Array.from({ length: 3 }, () => unary(client));
      const error = await rejection(calls[2]);
      expect(error).to.include({ codeName: 'RESOURCE_EXHAUSTED', origin: 'client' });
      expect(error.message).to.include('maxQueuedCalls 0');
      expect(await rejection(unary(client))).to.include({ codeName: 'RESOURCE_EXHAUSTED' });
      await until(() => held.length === 2);
      for (const request of held) echo(request);
      expect(await Promise.all(calls.slice(0, 2))).to.deep.equal([BYTES, BYTES]);
      const next = unary(client);
      await until(() => held.length === 3);
      echo(held[2]);
      expect(await next).to.deep.equal(BYTES);
    });
  });

  describe('its state', () => {
    it('is told at each change, with the reason of a failure, as calls and as an iterable', async () => {
      const peer = close(await listenHttp2(echo));
      const client = close(new Client(peer.target));
      const told: string[] = [];
      const stop = client.channel.onStateChange(({ state }) => told.push(state));
      const read: string[] = [];
      const reading = (async () => {
        for await (const { state } of client.channel.states()) read.push(state);
      })();
      await unary(client);
      for (const socket of peer.sockets) socket.destroy();
      await until(() => client.channel.state === 'idle');
      await peer.close();
      await rejection(unary(client));
      stop();
      await client.close();
      await reading;
      const failed = ['connecting', 'ready', 'idle', 'connecting', 'transient_failure'];
      expect(told).to.deep.equal(failed);
      expect(read).to.deep.equal(['idle', ...failed, 'shutdown']);
    });

    it('says why it fails', async () => {
      const gone = await listen(() => {});
      await gone.close();
      const client = connect(gone);
      const reasons: string[] = [];
      client.channel.onStateChange(({ reason }) => reasons.push(reason));
      await rejection(unary(client));
      expect(reasons.at(-1)).to.include(`nothing listens on ${gone.target}`);
    });

    it('can be left, by break and by a signal', async () => {
      const peer = close(await listenHttp2(echo));
      const client = connect(peer);
      for await (const { state } of client.channel.states()) {
        expect(state).to.equal('idle');
        break;
      }
      const states = client.channel.states({ signal: AbortSignal.abort(new Error('enough')) });
      expect(await rejection(states.next())).to.include({ message: 'enough' });
      const late = new AbortController();
      const waiting = client.channel.states({ signal: late.signal });
      await waiting.next();
      const next = waiting.next();
      late.abort(new Error('later'));
      expect(await rejection(next)).to.include({ message: 'later' });
    });
  });

  it('may be to a name in the abstract namespace', async function () {
    if (process.platform !== 'linux') this.skip();
    const name = `stubless-${process.pid}`;
    const peer = close(await listenHttp2(echo, {}, { path: `\0${name}` }));
    const client = connect({ target: `unix-abstract:${name}` });
    const call = unary(client);
    expect(await call).to.deep.equal(BYTES);
    expect(call.peer?.address).to.equal(`unix-abstract:${name}`);
    expect(peer.requests[0].header(':authority')).to.equal('localhost');
  });
});
