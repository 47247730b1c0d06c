// grpc.health.v1: asked once, watched, and used to leave out servers that are not fit to be called (gRFC A17). The
// servers answer octets that are written down here.

import { AsyncLocalStorage } from 'node:async_hooks';
import { expect } from 'chai';
import { Client, type ClientOptions, RpcError } from '../../lib/index.ts';
import { closing, rejection } from '../support/closing.ts';
import { listenFleet, until } from '../support/peers/fleet.ts';
import { echo, listenHttp2, type PeerStream } from '../support/peers/peer.ts';

const BYTES = Buffer.from('hello');
const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';

/** A HealthCheckResponse with its message header. */
const response = (status: number): Buffer =>
  status === 0 ? Buffer.alloc(5) : Buffer.from([0, 0, 0, 0, 2, 0x08, status]);
const NAMES = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'] as const;
const [, SERVING, NOT_SERVING] = [0, 1, 2];

describe('Health', () => {
  const close = closing();
  const connect = (target: string, options?: ClientOptions): Client => close(new Client(target, options));
  const unary = (client: Client, options?: object) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, options);
  const isWatch = (request: PeerStream): boolean => request.header(':path') === WATCH;

  describe('client.check', () => {
    for (const [number, name] of NAMES.entries()) {
      it(`gives ${name}`, async () => {
        const peer = close(await listenHttp2((request) => request.head().write(response(number)).status(0)));
        expect(await connect(peer.target).check('helloworld.Greeter')).to.equal(name);
        const [request] = peer.requests;
        await request.when(() => request.hasEnded);
        expect(request.header(':path')).to.equal(CHECK);
        expect(request.messages[0].toString('hex')).to.equal(
          `0a12${Buffer.from('helloworld.Greeter').toString('hex')}`,
        );
      });
    }

    it('asks about the server as a whole if no service is named', async () => {
      const peer = close(await listenHttp2((request) => request.head().write(response(SERVING)).status(0)));
      expect(await connect(peer.target).check()).to.equal('SERVING');
      const [request] = peer.requests;
      await request.when(() => request.hasEnded);
      expect(request.messages[0]).to.have.lengthOf(0);
    });

    it('reports a state of later versions as UNKNOWN', async () => {
      const peer = close(await listenHttp2((request) => request.head().write(response(77)).status(0)));
      expect(await connect(peer.target).check()).to.equal('UNKNOWN');
    });

    it('fails with what the server says, and for anything but a name', async () => {
      const peer = close(await listenHttp2((request) => request.head().status(5, 'grpc-message', 'no such')));
      const client = connect(peer.target);
      expect(await rejection(client.check('a.B'))).to.include({ codeName: 'NOT_FOUND', details: 'no such' });
      expect(await rejection(client.check(7 as unknown as string))).to.be.instanceOf(TypeError);
      expect(await rejection(client.check('a.B', { timeoutMs: -1 }))).to.be.instanceOf(RangeError);
    });

    for (const captureStacks of [false, true]) {
      it(`says what to ask instead where there is no such service, and keeps the rest of the error${captureStacks ? ', with captureStacks' : ''}`, async () => {
        const peer = close(
          await listenHttp2((request) =>
            request.head().status(12, 'grpc-message', 'unknown service', 'a', 'b'),
          ),
        );
        const client = connect(peer.target, { captureStacks });
        async function theProbe(): Promise<void> {
          await client.check();
        }
        const error = await rejection(theProbe());
        expect(RpcError.is(error)).to.equal(true);
        expect(error).to.include({ codeName: 'UNIMPLEMENTED', details: 'unknown service', origin: 'server' });
        expect(error.message).to.equal(
          'UNIMPLEMENTED: unknown service (the server has no health service; client.waitForReady() tells whether it can be reached)',
        );
        expect((error as RpcError).metadata.get('a')).to.equal('b');
        expect(error.stack).to.include(`RpcError: ${error.message}\n`).and.include('theProbe');
      });
    }

    it('says nothing of that where what answered is no gRPC server', async () => {
      const peer = close(await listenHttp2((request) => request.stream.headers([':status', '404'], true)));
      const error = await rejection(connect(peer.target).check());
      expect(error).to.include({ codeName: 'UNIMPLEMENTED', origin: 'client' });
      expect(error.message).to.not.include('no health service');
    });
  });

  describe('client.watch', () => {
    it('yields each state, and cancels when its loop is left', async () => {
      const peer = close(await listenHttp2((request) => request.head().write(response(SERVING))));
      const seen: string[] = [];
      for await (const status of connect(peer.target).watch('a.B')) {
        seen.push(status);
        if (seen.length === 1) {
          peer.requests[0].write(response(NOT_SERVING));
          peer.requests[0].connection.flush();
        } else break;
      }
      expect(seen).to.deep.equal(['SERVING', 'NOT_SERVING']);
      expect(await peer.requests[0].brokenOff()).to.deep.equal({ kind: 'reset', code: 8 });
    });

    it('fails with UNIMPLEMENTED if there is no health service', async () => {
      const peer = close(
        await listenHttp2((request) =>
          request.stream.headers(
            [':status', '200', 'content-type', 'application/grpc', 'grpc-status', '12'],
            true,
          ),
        ),
      );
      const states = connect(peer.target).watch();
      const error = await rejection(states.next());
      expect(error).to.include({ codeName: 'UNIMPLEMENTED' });
      expect(error.message).to.match(
        /^UNIMPLEMENTED \(the server has no health service, or one without Watch; /,
      );
    });
  });

  describe('healthCheck', () => {
    const options: ClientOptions = {
      loadBalancing: 'round_robin',
      healthCheck: { serviceName: 'a.B' },
    };

    it('skips a server that is not serving, until it is', async () => {
      const watches: PeerStream[] = [];
      const fleet = close(
        await listenFleet(2, (request, index) => {
          if (!isWatch(request)) echo(request);
          else {
            watches[index] = request;
            request.head().write(response(index === 0 ? NOT_SERVING : SERVING));
          }
        }),
      );
      const client = connect(fleet.target, options);
      const calls = (): number[] =>
        fleet.peers.map(({ requests }) => requests.filter((request) => !isWatch(request)).length);
      for (let i = 0; i < 20; i++) await unary(client);
      expect(calls()).to.deep.equal([0, 20]);
      await watches[0].when(() => watches[0].hasEnded);
      expect(watches[0].messages[0].toString('latin1')).to.include('a.B');
      watches[0].write(response(SERVING));
      watches[0].connection.flush();
      while (calls()[0] === 0) await unary(client);
      watches[1].write(response(NOT_SERVING));
      watches[1].connection.flush();
      const before = performance.now();
      for (let [, last] = calls(); performance.now() - before < 3000; [, last] = calls()) {
        for (let i = 0; i < 10; i++) await unary(client);
        if (calls()[1] === last) break;
      }
      const [, last] = calls();
      await unary(client);
      await unary(client);
      expect(calls()[1]).to.equal(last);
      // The watches are no calls.
      expect(client.channel.openStreams).to.equal(0);
    });

    it('fails calls with what the servers say if none is serving', async () => {
      const fleet = close(await listenFleet(2, (request) => request.head().write(response(NOT_SERVING))));
      const client = connect(fleet.target, options);
      const error = await rejection(unary(client));
      expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      for (const address of fleet.addresses) {
        expect(error.message).to.include(
          `${address} is not healthy: it reports the service a.B as NOT_SERVING`,
        );
      }
      expect(client.channel.state).to.equal('transient_failure');
      expect(client.channel.connections).to.equal(2);
    });

    it('takes a server without health service for healthy', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().status(12);
          else echo(request);
        }),
      );
      const client = connect(peer.target, { ...options, healthCheck: true });
      expect(await unary(client)).to.deep.equal(BYTES);
      expect(peer.requests.filter(isWatch)).to.have.lengthOf(1);
    });

    it('can come from the service config', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      const serviceConfig = {
        loadBalancingConfig: [{ round_robin: {} }],
        healthCheckConfig: { serviceName: 'c.D' },
      };
      await unary(connect(peer.target, { serviceConfig }));
      const watch = peer.requests.find(isWatch);
      expect(watch?.messages[0].toString('latin1')).to.include('c.D');
      await unary(connect(peer.target, { serviceConfig, healthCheck: false }));
      expect(peer.requests.filter(isWatch)).to.have.lengthOf(1);
    });

    it('keeps no idle connection open', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      const client = connect(peer.target, { ...options, idleConnectionMs: 40 });
      expect(await unary(client)).to.deep.equal(BYTES);
      expect(peer.requests.filter(isWatch)).to.have.lengthOf(1);
      await until(() => client.channel.state === 'idle' && peer.sockets.size === 0);
      expect(peer.accepted).to.equal(1);
    });

    it('loses no call when the watch of a serving server is cut', async () => {
      const watches: PeerStream[] = [];
      const peer = close(
        await listenHttp2((request) => {
          if (!isWatch(request)) return echo(request);
          watches.push(request);
          request.head().write(response(SERVING));
        }),
      );
      const client = connect(peer.target, options);
      await unary(client);
      watches[0].stream.reset(2);
      watches[0].connection.flush();
      while (watches.length === 1) expect(await unary(client)).to.deep.equal(BYTES);
      for (let i = 0; i < 10; i++) expect(await unary(client)).to.deep.equal(BYTES);
      expect(client.channel.state).to.equal('ready');
    });

    it('sends the client’s metadata and credentials with each watch, obtained anew each time', async () => {
      const watches: PeerStream[] = [];
      const peer = close(
        await listenHttp2((request) => {
          const token = request.header('authorization');
          if (isWatch(request)) watches.push(request);
          if (token === undefined) request.head().status(16, 'grpc-message', 'no token');
          else if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      let asked = 0;
      const paths: string[] = [];
      const client = connect(peer.target, {
        ...options,
        allowCredentialsOverPlaintext: true,
        metadata: { 'x-tenant': 't' },
        credentials: ({ service, method }) => {
          paths.push(`${service}/${method}`);
          return { authorization: `Bearer ${++asked}` };
        },
      });
      expect(await unary(client)).to.deep.equal(BYTES);
      watches[0].stream.reset(2);
      watches[0].connection.flush();
      while (watches.length === 1) await unary(client);
      expect(watches.map((watch) => watch.header('x-tenant'))).to.deep.equal(['t', 't']);
      expect(new Set(watches.map((watch) => watch.header('authorization')))).to.have.property('size', 2);
      expect(paths.filter((path) => path === 'grpc.health.v1.Health/Watch')).to.have.lengthOf(2);
      // Those of one call are that call's.
      await unary(client, { metadata: { 'x-tenant': 'other' }, credentials: { 'x-more': '1' } });
      expect(watches.every((watch) => watch.header('x-more') === undefined)).to.equal(true);
    });

    it('says so if there are no credentials, and goes on once there are', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      let isOut = true;
      const client = connect(peer.target, {
        ...options,
        allowCredentialsOverPlaintext: true,
        credentials: async ({ method }) => {
          if (isOut && method === 'Watch') throw new Error('the vault is sealed');
          return { authorization: 'Bearer t' };
        },
      });
      const error = await rejection(unary(client));
      expect(error).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      expect(error.message).to.include('the vault is sealed');
      isOut = false;
      expect(await unary(client, { waitForReady: true })).to.deep.equal(BYTES);
      expect(peer.requests.filter(isWatch)).to.have.lengthOf(1);
    });

    it('obtains credentials in the async context in which the client was made', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      const storage = new AsyncLocalStorage<string>();
      const seen = new Map<string, string | undefined>();
      const client = storage.run('maker', () =>
        connect(peer.target, {
          ...options,
          allowCredentialsOverPlaintext: true,
          credentials: ({ method }) => {
            seen.set(method, storage.getStore());
            return { authorization: 'Bearer t' };
          },
        }),
      );
      await storage.run('caller', () => unary(client));
      expect(seen.get('Watch')).to.equal('maker');
    });

    it('ends with its client', async () => {
      const peer = close(
        await listenHttp2((request) => {
          if (isWatch(request)) request.head().write(response(SERVING));
          else echo(request);
        }),
      );
      const client = connect(peer.target, options);
      await unary(client);
      await client.close();
      await until(() => peer.sockets.size === 0);
      expect(peer.requests.filter(isWatch)).to.have.lengthOf(1);
    });

    it('is refused with pick_first, which does not choose among servers', () => {
      expect(() => new Client('localhost:7', { healthCheck: true })).to.throw(
        TypeError,
        'pick_first does not',
      );
    });
  });
});
