// Each wait of a call is known while it lasts, with whose it is, and no longer: what the hook around every spec relies on.

import { expect } from 'chai';
import { Client } from '../../lib/index.ts';
import { waits } from '../../lib/values/waits.ts';
import { PROTO } from '../rpc/retry/script.ts';
import { closing, rejection } from '../support/closing.ts';
import { listenHttp2 } from '../support/peers/peer.ts';

describe('Waits of calls', () => {
  const close = closing();

  /** `room of /s/m`, without what others wait for. */
  const pending = (): string[] => {
    const all = waits?.pending() ?? [];
    return all
      .filter(({ owner }) => owner.startsWith('/test.') || owner.includes('call'))
      .map(({ kind, owner }) => `${kind} of ${owner}`);
  };

  async function connect(answer?: Parameters<typeof listenHttp2>[0]): Promise<Client> {
    const small = { initialWindowOctets: 10, maxWindowOctets: 10, connectionWindowOctets: 65_535 };
    const peer = close(await listenHttp2(answer, small));
    const client = close(new Client(peer.target, { allowCredentialsOverPlaintext: true }));
    await client.load(PROTO);
    await client.waitForReady();
    return client;
  }

  interface Case {
    readonly name: string;
    readonly begin: (client: Client) => { cancel(): void; readonly status: Promise<unknown> };
    readonly waits: readonly string[];
  }

  const text = 'a'.repeat(100);
  const cases: readonly Case[] = [
    {
      name: 'an outcome',
      begin: (client) => client.request('Plain', {}),
      waits: ['call of /test.Tests/Plain'],
    },
    {
      name: 'headers',
      begin: (client) => {
        const call = client.request('Plain', {});
        void call.headers;
        return call;
      },
      waits: ['latch of /test.Tests/Plain', 'call of /test.Tests/Plain'],
    },
    {
      name: 'a reply',
      begin: (client) => {
        const call = client.request('List', {});
        void call.read().catch(() => {});
        return call;
      },
      waits: ['reply of /test.Tests/List', 'call of /test.Tests/List'],
    },
    {
      name: 'room, of a writer',
      begin: (client) => {
        const call = client.open('Gather');
        void call.write({ text });
        return call;
      },
      waits: ['room of /test.Tests/Gather', 'call of /test.Tests/Gather'],
    },
    {
      name: 'room, of an iterable',
      begin: (client) => client.request('Gather', [{ text }, { text }]),
      waits: ['room of /test.Tests/Gather', 'call of /test.Tests/Gather'],
    },
    {
      name: 'room, of a writer behind an interceptor that does not read',
      begin: (client) => {
        const call = client.open('Gather', { interceptors: [() => new Promise(() => {})] });
        void call.write({ text });
        return call;
      },
      waits: ['room of /test.Tests/Gather', 'call of /test.Tests/Gather'],
    },
    {
      name: 'the next request, of an interceptor',
      begin: (client) =>
        client.open('Gather', {
          interceptors: [
            async ({ messages }) => {
              for await (const _ of messages);
            },
          ],
        }),
      waits: ['request of /test.Tests/Gather', 'call of /test.Tests/Gather'],
    },
    {
      name: 'credentials',
      begin: (client) => client.request('Plain', {}, { credentials: () => new Promise(() => {}) }),
      waits: ['credentials of /test.Tests/Plain', 'call of /test.Tests/Plain'],
    },
  ];
  for (const { name, begin, waits: wanted } of cases) {
    it(`are known while it waits for ${name}, and not after its end`, async () => {
      const client = await connect((request) => {
        request.onData = () => {};
      });
      const call = begin(client);
      await new Promise((resolve) => setImmediate(resolve));
      expect(pending()).to.have.members([...wanted]);
      const { status } = call;
      call.cancel();
      await status;
      expect(pending()).to.deep.equal([]);
    });
  }

  const timers: readonly (readonly [
    name: string,
    answer: Parameters<typeof listenHttp2>[0],
    owner: string,
  ])[] = [
    [
      'a further attempt',
      (request) => {
        const pushback = ['grpc-status', '14', 'grpc-retry-pushback-ms', '60000'];
        request.head([':status', '200', 'content-type', 'application/grpc', ...pushback], true);
      },
      'timer of the next attempt of a call',
    ],
    [
      'going again',
      // GOAWAY with INTERNAL_ERROR, which takes no stream.
      ({ connection }) => connection.socket.write(Buffer.from('0000080700000000000000000000000002', 'hex')),
      'timer of a refused call that goes again',
    ],
  ];
  for (const [name, answer, owner] of timers) {
    it(`are known while it waits for ${name}, and not after its end`, async () => {
      const client = await connect(answer);
      const call = client.request('Plain', {}, { retry: true });
      while (!pending().includes(owner)) await new Promise((resolve) => setImmediate(resolve));
      call.cancel();
      await rejection(call);
      expect(pending()).to.deep.equal([]);
    });
  }
});
