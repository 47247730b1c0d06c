// What a client tells of itself when it is asked: its connections, and counts of what it did.

import { expect } from 'chai';
import { Client } from '../../../lib/index.ts';
import { closing, rejection } from '../../support/closing.ts';
import { frame } from '../../support/messages.ts';
import { type Http2Peer, listenHttp2 } from '../../support/peers/peer.ts';
import { type ExampleServer, startExampleServer } from '../../support/peers/servers.ts';
import { runModule } from '../../support/program.ts';
import { certificatePath, grpcServer } from '../socket/tls/secure-servers.ts';

describe('channel.connectionInfo', () => {
  const close = closing();
  let peer: Http2Peer;
  let client: Client;

  beforeEach(async () => {
    peer = close(await listenHttp2(undefined, { maxConcurrentStreams: 7 }));
    client = close(new Client(peer.target));
  });

  const start = () => client.raw('/s/Unary', { cardinality: 'unary_unary' })(new Uint8Array(1000));

  it('is empty before the first call', () => {
    expect(client.channel.connectionInfo()).to.deep.equal([]);
  });

  it('tells of a connection that is being made', () => {
    const call = start();
    const [info] = client.channel.connectionInfo();
    expect(info).to.include({
      state: 'connecting',
      openStreams: 0,
      totalStreams: 0,
      localAddress: undefined,
    });
    call.cancel();
  });

  it('tells of a connection at work, and after', async () => {
    const call = start();
    const request = await peer.request(1);
    const [busy] = client.channel.connectionInfo();
    expect(busy).to.include({ state: 'ready', openStreams: 1, totalStreams: 1, tls: undefined });
    expect(busy.peer.address).to.equal(peer.target);
    expect(busy.localAddress).to.match(/^127\.0\.0\.1:\d+$/);
    expect(busy.localSettings).to.include({ ENABLE_PUSH: 0 });
    expect(busy.peerSettings).to.include({ MAX_CONCURRENT_STREAMS: 7 });
    expect(busy.sendWindow).to.be.at.most(16 * 1024 * 1024);
    request.head().write(frame(50)).status(0);
    await call;
    const [idle] = client.channel.connectionInfo();
    expect(idle).to.include({ id: busy.id, openStreams: 0, totalStreams: 1, bufferedOctets: 0 });
    expect(idle.sentOctets).to.be.above(1000);
    expect(idle.receivedOctets).to.be.above(50);
    expect(idle.ageMs).to.be.at.least(busy.ageMs);
  });

  it('tells of a connection that only finishes its calls', async () => {
    const call = start();
    const request = await peer.request(1);
    request.connection.http2.drain();
    request.head();
    await call.headers;
    expect(client.channel.connectionInfo()[0].state).to.equal('draining');
    request.write(frame(1)).status(0);
    await call;
  });
});

describe('channel.connectionInfo over TLS', () => {
  const close = closing();

  it('tells what was agreed upon, and how long the handshake took', async () => {
    const server = await grpcServer('server');
    try {
      const tls = { ca: { file: certificatePath('root.pem') } };
      const client = close(new Client('localhost', server.port, { tls, timing: true }));
      await client.load('protos/helloworld.proto');
      const call = client.request('SayHello', { name: 'you' });
      await call;
      const [info] = client.channel.connectionInfo();
      expect(info.tls).to.include({ protocol: 'TLSv1.3', alpnProtocol: 'h2', isResumed: false });
      expect(info.tls?.cipher).to.match(/^TLS_/);
      expect(info.peer.certificate?.fingerprint256).to.be.a('string');
      const connect = call.timing?.connect;
      expect(connect?.tlsMs).to.be.above(0);
      expect(connect?.connectMs).to.be.at.least(0);
      expect(connect?.proxyMs).to.equal(undefined);
    } finally {
      server.close();
    }
  });
});

describe('client.stats', () => {
  const close = closing();
  let server: ExampleServer;

  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  it('counts calls by how they ended, and messages', async () => {
    const client = close(new Client('127.0.0.1', server.port));
    await client.load('protos/helloworld.proto');
    expect(client.stats()).to.deep.equal({
      calls: { started: 0, running: 0, succeeded: 0, failed: 0, byStatus: {} },
      messages: { sent: 0, received: 0 },
      octets: { sent: 0, received: 0 },
    });
    await client.request('SayHello', { name: 'you' });
    await rejection(client.request('SayHello', { name: 'nobody' }));
    await client.request('SayHelloBidiStream', [{ name: 'a' }, { name: 'b' }]).toArray();
    const running = client.request('SayHello', { name: 'sleepy' });
    const { calls, messages, octets } = client.stats();
    expect(calls).to.deep.equal({
      started: 4,
      running: 1,
      succeeded: 2,
      failed: 1,
      byStatus: { OK: 2, NOT_FOUND: 1 },
    });
    expect(messages).to.deep.equal({ sent: 5, received: 3 });
    expect(octets.sent).to.be.above(100);
    running.cancel();
    await running.status;
    expect(client.stats().calls.byStatus['CANCELLED']).to.equal(1);
    await client.close();
    expect(client.stats().octets.sent).to.be.at.least(octets.sent);
  });
});

describe('A client that is dropped', function () {
  this.timeout(20_000);
  let server: ExampleServer;
  before(async () => {
    server = await startExampleServer();
  });
  after(() => server.close());

  /** What a program writes that makes a client, calls, does `then` and collects garbage. */
  async function warningOf(options: string, then: string): Promise<string> {
    const program = `
      import v8 from 'node:v8';
      import vm from 'node:vm';
      import { Client } from 'stubless';
      v8.setFlagsFromString('--expose-gc');
      const gc = vm.runInNewContext('gc');
      async function use() {
        const client = new Client(process.argv[1], ${options});
        await client.load('protos/helloworld.proto');
        await client.request('SayHello', { name: 'you' });
        ${then}
      }
      const kept = await use();
      for (let i = 0; i < 20; i++) {
        await new Promise((resolve) => setTimeout(resolve, 5));
        gc();
      }
      if (kept) await kept.close();
    `;
    const { status, stderr } = await runModule(program, [`127.0.0.1:${server.port}`]);
    expect(status).to.equal(0);
    return stderr;
  }

  it('unclosed is warned of', async () => {
    const text = await warningOf('{}', '');
    expect(text).to.include('[STUBLESS_UNCLOSED_CLIENT]');
    expect(text).to.include(
      `a client of 127.0.0.1:${server.port} was dropped with a connection open; call client.close(), or make it with 'await using'`,
    );
  });

  it('says where it was made when stacks are captured', async () => {
    expect(await warningOf('{ captureStacks: true }', '')).to.match(/it was made\n\s+at .*Client/);
  });

  const quiet: readonly (readonly [name: string, then: string])[] = [
    ['closed is not', 'await client.close();'],
    ['into a variable is not', 'return client;'],
    ['whose channel another shares is not', 'return new Client(client.channel);'],
  ];
  for (const [name, then] of quiet) {
    it(name, async () => {
      expect(await warningOf('{}', then)).to.equal('');
    });
  }
});
