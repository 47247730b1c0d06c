// A client whose server cannot be reached for a while finds it again, whatever the trouble was, under every policy, with
// and without retries: after the failure calls fail at once, the state moves on by itself, and the next call connects.

import net from 'node:net';
import { expect } from 'chai';
import { LOAD_BALANCING_NAMES } from '../../lib/channel/balancing/load-balancing.ts';
import { Channel } from '../../lib/channel/channel.ts';
import { parseTarget } from '../../lib/channel/target/target.ts';
import { type ChannelState, Client, type ClientOptions, type ResolverListener } from '../../lib/index.ts';
import { rejection } from '../support/closing.ts';
import { until } from '../support/peers/fleet.ts';
import { listenBefore } from '../support/peers/front.ts';
import { echo, listen, listenHttp2 } from '../support/peers/peer.ts';
import { pair, pem, seeingServer } from './socket/tls/secure-servers.ts';

const BYTES = Buffer.from('hello');
const RETRY = { maxAttempts: 3, initialBackoffMs: 1, maxBackoffMs: 1 };

/** Something that keeps a client from its server until it is mended. */
interface Trouble {
  readonly client: Client;
  mend(): unknown;
  close(): Promise<void>;
}

type Make = (options: ClientOptions) => Promise<Trouble>;

/** A listener that does something wrong with each socket, until it passes them on to a port. */
async function brokenFront(port: number, goWrong: (socket: net.Socket) => void) {
  const front = await listenBefore(port, goWrong);
  front.astray = Infinity;
  const mend = (): void => {
    front.astray = 0;
  };
  return { front, mend };
}

const behindFront =
  (goWrong: (socket: net.Socket) => void, more: ClientOptions = {}): Make =>
  async (options) => {
    const peer = await listenHttp2(echo);
    const { front, mend } = await brokenFront(peer.port, goWrong);
    const client = new Client(front.target, { ...options, ...more });
    const close = async (): Promise<void> => {
      await client.close({ graceMs: 0 });
      await front.close();
      await peer.close();
    };
    return { client, mend, close };
  };

const byResolver =
  (fail: (listener: ResolverListener) => void): Make =>
  async (options) => {
    const peer = await listenHttp2(echo);
    let isRight = false;
    const client = new Client('lake:///greeter', {
      ...options,
      resolver: (_, listener) => {
        const refresh = (): void => {
          if (isRight) listener.onAddresses([peer.target]);
          else fail(listener);
        };
        refresh();
        return { refresh, close() {} };
      },
    });
    const close = async (): Promise<void> => {
      await client.close({ graceMs: 0 });
      await peer.close();
    };
    return {
      client,
      close,
      mend() {
        isRight = true;
      },
    };
  };

/** Where a port stays free that was given back: nobody else is given ports of this address, if the system has it. */
const APART = process.platform === 'linux' ? '127.0.0.77' : '127.0.0.1';

const TROUBLES: Readonly<Record<string, Make>> = {
  async 'nothing listens'(options) {
    const gone = await listen(() => {}, { host: APART, port: 0 });
    await gone.close();
    const client = new Client(`${APART}:${gone.port}`, options);
    let peer: { close(): Promise<unknown> } | undefined;
    return {
      client,
      async mend() {
        peer = await listenHttp2(echo, {}, { host: APART, port: gone.port });
      },
      async close() {
        await client.close({ graceMs: 0 });
        await peer?.close();
      },
    };
  },
  'it hangs up at once': behindFront((socket) => socket.destroy()),
  'it never says a word': behindFront(() => {}, { connectTimeoutMs: 250 }),
  'it speaks something else': behindFront((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  async 'it does not speak TLS'(options) {
    const server = await seeingServer(pair('server'));
    const greeting = '220 mail.example.com ESMTP\r\n';
    const { front, mend } = await brokenFront(server.port, (socket) => socket.end(greeting));
    const client = new Client(`https://localhost:${front.port}`, { ...options, tls: { ca: pem('root') } });
    const close = async (): Promise<void> => {
      await client.close({ graceMs: 0 });
      await front.close();
      server.close();
    };
    return { client, mend, close };
  },
  async 'its proxy refuses'(options) {
    const peer = await listenHttp2(echo);
    let isRight = false;
    const proxy = await listen((socket) => {
      socket.once('data', () => {
        if (!isRight) {
          socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
          return;
        }
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        const server = net.connect(peer.port, '127.0.0.1');
        server.on('error', () => {});
        socket.on('close', () => server.destroy());
        socket.pipe(server).pipe(socket);
      });
    });
    const client = new Client('greeter.test:7', { ...options, proxy: `http://127.0.0.1:${proxy.port}` });
    return {
      client,
      mend() {
        isRight = true;
      },
      async close() {
        await client.close({ graceMs: 0 });
        await proxy.close();
        await peer.close();
      },
    };
  },
  async 'its name is not known'({ loadBalancing, ...options }) {
    const peer = await listenHttp2(echo);
    let isRight = false;
    const lookup = async () => {
      if (isRight) return [{ address: '127.0.0.1', family: 4 }];
      throw Object.assign(new Error('no'), { code: 'ENOTFOUND', hostname: 'greeter.test' });
    };
    const channel = new Channel(parseTarget(`greeter.test:${peer.port}`), {
      connectTimeoutMs: 5000,
      maxHeaderListBytes: 65_536,
      maxBufferedBytes: 1 << 20,
      maxQueuedCalls: 1000,
      policy: {
        loadBalancing:
          loadBalancing === 'pick_first'
            ? { name: loadBalancing, shuffleAddressList: false }
            : { name: 'round_robin' },
        healthCheck: undefined,
      },
      naming: {
        dnsMinIntervalMs: 30_000,
        serviceConfigFromDns: false,
        dns: { lookup, resolve: lookup, resolveTxt: async () => [] },
      },
    });
    const client = new Client(channel, options);
    return {
      client,
      mend() {
        isRight = true;
      },
      async close() {
        await client.close({ graceMs: 0 });
        await peer.close();
      },
    };
  },
  'its resolver tells an error': byResolver((listener) => listener.onError(new Error('no lake'))),
  'its resolver tells an error later': byResolver((listener) => {
    setImmediate(() => listener.onError(new Error('no lake')));
  }),
  'its resolver throws': byResolver(() => {
    throw new Error('dry');
  }),
  'its resolver has no addresses': byResolver((listener) => listener.onAddresses([])),
};

describe('A server that cannot be reached for a while', () => {
  // All rows of all troubles run at once, so a busy machine has much to do until one of them is over.
  const call = (client: Client) =>
    client.raw('/s/m', { cardinality: 'unary_unary' })(BYTES, { timeoutMs: 25_000 });

  const isFoundAgain = async (make: Make, options: ClientOptions): Promise<void> => {
    const trouble = await make(options);
    const { client } = trouble;
    // Told as it happens: on a slow machine the back-off may be over before anybody looks.
    const states: ChannelState[] = [];
    client.channel.onStateChange(({ state }) => states.push(state));
    try {
      expect(await rejection(call(client))).to.include({ codeName: 'UNAVAILABLE', origin: 'client' });
      expect(states).to.include('transient_failure');
      // While the back-off runs calls do not wait for it.
      expect(await rejection(call(client))).to.include({ codeName: 'UNAVAILABLE' });
      await trouble.mend();
      await until(() => client.channel.state !== 'transient_failure');
      await call(client);
      expect(client.channel.state).to.equal('ready');
    } finally {
      await trouble.close();
    }
  };

  const rows = LOAD_BALANCING_NAMES.flatMap((loadBalancing) => [
    { title: loadBalancing, options: { loadBalancing } },
    { title: `${loadBalancing} with retries`, options: { loadBalancing, retry: RETRY } },
  ]);
  const failures = new Map<string, readonly string[]>();
  // All rows of all troubles run at the same time: each waits for a back-off of a second.
  before(async function () {
    this.timeout(30_000);
    const troubles = Object.entries(TROUBLES).map(async ([name, make]) => {
      const ends = await Promise.allSettled(rows.map(({ options }) => isFoundAgain(make, options)));
      const failed = ends.flatMap((end, i) =>
        end.status === 'rejected' ? [`${rows[i].title}: ${end.reason}`] : [],
      );
      failures.set(name, failed);
    });
    await Promise.all(troubles);
  });
  for (const name of Object.keys(TROUBLES)) {
    it(`is found again when ${name}, under every policy, with and without retries`, () => {
      expect(failures.get(name)).to.deep.equal([]);
    });
  }

  it('leaves pick_first idle when the back-off is over, and dials nothing that no call waits for', async () => {
    const peer = await listen((socket) => socket.destroy());
    const client = new Client(peer.target);
    try {
      await rejection(call(client));
      const states: string[] = [];
      client.channel.onStateChange(({ state }) => states.push(state));
      await until(() => client.channel.state !== 'transient_failure');
      expect(states).to.deep.equal(['idle']);
      expect(peer.accepted).to.equal(1);
    } finally {
      await client.close({ graceMs: 0 });
      await peer.close();
    }
  });

  it('is told when the back-off ends in the middle of a look at it', async () => {
    const realNow = performance.now;
    const realRandom = Math.random;
    let nowMs = 5000;
    let stepMs = 0;
    performance.now = () => {
      nowMs += stepMs;
      return nowMs;
    };
    Math.random = () => 0.5;
    const client = new Client('lake:///greeter', {
      resolver: (_, listener) => {
        listener.onError(new Error('no lake'));
        return { refresh() {}, close() {} };
      },
    });
    try {
      await rejection(call(client));
      expect(client.channel.state).to.equal('transient_failure');
      // Its back-off of a second ends between two readings of the clock: the first two after the timer has gone off.
      nowMs = 5999.9997;
      stepMs = 0.0002;
      await new Promise<void>((resolve) => {
        client.channel.onStateChange(({ state }) => {
          if (state === 'idle') resolve();
        });
      });
    } finally {
      performance.now = realNow;
      Math.random = realRandom;
      await client.close({ graceMs: 0 });
    }
  });

  it('fails the call that finds it gone, though the attempt took longer than the back-off', async () => {
    const silent = await listen(() => {});
    const client = new Client(silent.target, { connectTimeoutMs: 1300 });
    try {
      const states: string[] = [];
      client.channel.onStateChange(({ state }) => states.push(state));
      expect(await rejection(call(client))).to.include({ codeName: 'UNAVAILABLE' });
      expect(states).to.deep.equal(['connecting', 'transient_failure', 'idle']);
      expect(silent.accepted).to.equal(1);
    } finally {
      await client.close({ graceMs: 0 });
      await silent.close();
    }
  });
});
