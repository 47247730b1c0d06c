// Retries and hedges as a user sees them, over real sockets.

import { expect } from 'chai';
import { type CallOptions, Client, type ClientOptions, type RpcError } from '../../../lib/index.ts';
import { waits } from '../../../lib/values/waits.ts';
import { closing, rejection } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import type { Http2Peer } from '../../support/peers/peer.ts';
import { TurnedTime } from '../../support/time/turned-time.ts';
import { listenScript, PROTO, type Step } from './script.ts';

const BUSY: Step = { status: 14 };
/** With delays that a spec does not notice. */
const FAST = { initialBackoffMs: 1, maxBackoffMs: 1 };

describe('Retries', () => {
  const close = closing();

  async function connect(
    steps: readonly Step[],
    options?: ClientOptions,
  ): Promise<{ peer: Http2Peer; client: Client }> {
    const peer = close(await listenScript(...steps));
    const client = close(new Client(peer.target, { reflection: 'never', ...options }));
    await client.load(PROTO);
    return { peer, client };
  }

  interface Case {
    readonly name: string;
    readonly steps: readonly Step[];
    readonly method?: string;
    readonly client?: ClientOptions;
    readonly options?: CallOptions;
    /** undefined for a reply. */
    readonly fails?: string;
    readonly attempts: number;
    /** How many requests the server sees. */
    readonly requests: number;
  }

  const retried = (policy: object = {}) => ({
    methodConfig: [
      {
        name: [{}],
        retryPolicy: {
          maxAttempts: 3,
          initialBackoff: '0.001s',
          maxBackoff: '0.001s',
          backoffMultiplier: 1,
          retryableStatusCodes: ['UNAVAILABLE'],
          ...policy,
        },
      },
    ],
  });

  const cases: readonly Case[] = [
    {
      name: 'are not made where nobody asks for them',
      steps: [BUSY, 'echo'],
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'are made for a call that asks',
      steps: [BUSY, BUSY, 'echo'],
      options: { retry: FAST },
      attempts: 3,
      requests: 3,
    },
    {
      name: 'are made for a client that asks',
      steps: [BUSY, 'echo'],
      client: { retry: FAST },
      attempts: 2,
      requests: 2,
    },
    {
      name: 'are not made for a call that wants none',
      steps: [BUSY, 'echo'],
      client: { retry: FAST },
      options: { retry: false },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'are made as a service config says',
      steps: [BUSY, BUSY, 'echo'],
      client: { serviceConfig: retried() },
      attempts: 3,
      requests: 3,
    },
    {
      name: 'are not made where a call wants none, whatever a service config says',
      steps: [BUSY, 'echo'],
      client: { serviceConfig: retried() },
      options: { retry: false },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'end with the last failure',
      steps: [BUSY],
      options: { retry: { ...FAST, maxAttempts: 2 } },
      fails: 'UNAVAILABLE',
      attempts: 2,
      requests: 2,
    },
    {
      name: 'follow a refusal after the one that is not counted',
      steps: ['refusal', 'refusal', 'echo'],
      options: { retry: FAST },
      attempts: 2,
      requests: 3,
    },
    {
      name: 'follow each further refusal, as only one of a call is not counted',
      steps: ['refusal', 'refusal', 'refusal', 'echo'],
      options: { retry: FAST },
      attempts: 3,
      requests: 4,
    },
    {
      name: 'do not repeat what may have run',
      steps: ['loss', 'echo'],
      options: { retry: FAST },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'repeat what may have run where the method has no side effects',
      steps: ['loss', 'echo'],
      method: 'Read',
      options: { retry: FAST },
      attempts: 2,
      requests: 2,
    },
    {
      name: 'repeat what may have run where the method is idempotent',
      steps: ['loss', 'echo'],
      method: 'Put',
      options: { retry: FAST },
      attempts: 2,
      requests: 2,
    },
    {
      name: 'repeat what may have run where the call says that it may',
      steps: ['loss', 'echo'],
      options: { retry: { ...FAST, idempotent: true } },
      attempts: 2,
      requests: 2,
    },
    {
      name: 'do not repeat what may have run where the call says that it must not',
      steps: ['loss', 'echo'],
      method: 'Read',
      options: { retry: { ...FAST, idempotent: false } },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'repeat what may have run where a service config says UNAVAILABLE',
      steps: ['loss', 'echo'],
      client: { serviceConfig: retried() },
      attempts: 2,
      requests: 2,
    },
    {
      name: 'are no part of what idempotency_level says by itself',
      steps: [BUSY, 'echo'],
      method: 'Read',
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'are not made past the buffer of a call',
      steps: [BUSY, 'echo'],
      client: { maxRetryBufferBytesPerCall: 10 },
      options: { retry: FAST },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
    {
      name: 'are not made past the buffer of a client',
      steps: [BUSY, 'echo'],
      client: { maxRetryBufferBytes: 10 },
      options: { retry: FAST },
      fails: 'UNAVAILABLE',
      attempts: 1,
      requests: 1,
    },
  ];

  for (const {
    name,
    steps,
    method = 'Plain',
    client: clientOptions,
    options,
    fails,
    attempts,
    requests,
  } of cases) {
    it(name, async () => {
      const { peer, client } = await connect(steps, clientOptions);
      // Seven octets with its header and field, and more than ten.
      const call = client.request(method, { text: 'hello' }, options);
      if (fails === undefined) expect((await call).text).to.equal('hello');
      else expect(await rejection(call)).to.include({ codeName: fails });
      expect(call.attempts).to.equal(attempts);
      expect(peer.requests).to.have.lengthOf(requests);
      expect(peer.requests.map((request) => request.header('grpc-previous-rpc-attempts')).at(-1)).to.equal(
        attempts === 1 ? undefined : String(attempts - 1),
      );
    });
  }

  it('send a whole request stream again, and take its one reply', async () => {
    const { peer, client } = await connect([BUSY, 'echo']);
    const call = client.request('Gather', [{ text: 'a' }], { retry: FAST });
    expect((await call).text).to.equal('a');
    expect(peer.requests[1].messages).to.have.lengthOf(1);
  });

  it('give the replies of a stream', async () => {
    const { client } = await connect([BUSY, 'echo']);
    const replies = await client.request('List', { text: 'a' }, { retry: FAST }).toArray();
    expect(replies.map(({ text }) => text)).to.deep.equal(['a']);
  });

  it('let a stream be written while they wait', async () => {
    const { peer, client } = await connect([
      { status: 14, fields: ['grpc-retry-pushback-ms', '20'] },
      'echo',
    ]);
    const call = client.open('Talk', { retry: FAST });
    await peer.request(1);
    for (const text of ['a', 'b']) await call.write({ text });
    await call.end();
    expect((await call.toArray()).map(({ text }) => text)).to.deep.equal(['a', 'b']);
    expect(call.attempts).to.equal(2);
  });

  for (const policy of ['retry', 'hedging'] as const) {
    it(`go on with a stream that an iterable gives while they wait (${policy})`, async () => {
      const { peer, client } = await connect([
        { status: 14, fields: ['grpc-retry-pushback-ms', '20'] },
        'echo',
      ]);
      await client.waitForReady();
      async function* messages(): AsyncGenerator<object> {
        // The first attempt has failed by then, and the next is not begun.
        const first = await peer.request(1);
        await first.when(() => first.end !== undefined);
        for (const text of ['a', 'b', 'c']) yield { text };
      }
      const options = policy === 'retry' ? { retry: FAST } : { hedging: { delayMs: 60_000 } };
      const call = client.request('Talk', messages(), { ...options, timeoutMs: 5000 });
      expect((await call.toArray()).map(({ text }) => text)).to.deep.equal(['a', 'b', 'c']);
      expect(call.attempts).to.equal(2);
    });
  }

  it('ask for credentials anew', async () => {
    let asked = 0;
    const { peer, client } = await connect([BUSY, 'echo'], { allowCredentialsOverPlaintext: true });
    const credentials = () => {
      asked++;
      return { authorization: `token ${asked}` };
    };
    await client.request('Plain', { text: 'a' }, { retry: FAST, credentials });
    expect(peer.requests.map((request) => request.header('authorization'))).to.deep.equal([
      'token 1',
      'token 2',
    ]);
  });

  it('compress anew what is sent again', async () => {
    const { peer, client } = await connect([BUSY, { status: 5 }]);
    const text = 'a'.repeat(500);
    const call = client.request('Plain', { text }, { retry: FAST, compression: 'gzip' });
    expect(await rejection(call)).to.include({ codeName: 'NOT_FOUND' });
    const [first, second] = peer.requests.map((request) => request.body);
    expect(first.length).to.be.within(20, 100);
    expect(second).to.deep.equal(first);
    expect(peer.requests[1].header('grpc-encoding')).to.equal('gzip');
  });

  it('are one call for interceptors, which see its end', async () => {
    const seen: string[] = [];
    const { peer, client } = await connect([BUSY, 'echo'], {
      retry: FAST,
      interceptors: [
        async (call, next) => {
          const reply = next(call);
          seen.push((await reply.status).codeName);
          return reply;
        },
      ],
    });
    const call = client.request('Plain', { text: 'a' });
    expect((await call).text).to.equal('a');
    expect(seen).to.deep.equal(['OK']);
    expect(call.attempts).to.equal(2);
    expect(peer.requests).to.have.lengthOf(2);
  });

  it('stop when the caller has its call cancelled', async () => {
    const { peer, client } = await connect([{ status: 14, fields: ['grpc-retry-pushback-ms', '60000'] }]);
    const call = client.request('Plain', { text: 'a' }, { retry: true });
    const request = await peer.request(1);
    await request.when(() => request.hasEnded);
    // Between the attempts.
    await until(() => waits?.pending().some(({ kind }) => kind === 'timer') === true);
    call.cancel();
    expect(await rejection(call)).to.include({ codeName: 'CANCELLED' });
    expect(peer.requests).to.have.lengthOf(1);
  });

  it('stop at the deadline, which says what was waited for', async () => {
    const { client } = await connect([{ status: 14, fields: ['grpc-retry-pushback-ms', '60000'] }]);
    const time = close(new TurnedTime());
    const failed = rejection(client.request('Plain', { text: 'a' }, { retry: true, timeoutMs: 8000 }));
    await until(() => waits?.pending().some(({ kind }) => kind === 'timer') === true);
    await time.pass(9000);
    const { code, details } = (await failed) as RpcError;
    expect(code).to.equal(4);
    expect(details).to.match(
      /^the timeout of 8000 ms passed after \d+ ms while waiting before attempt 2 \(before: UNAVAILABLE: as the script has it\)/,
    );
  });

  it('stop where a throttle has had enough of the failures of all calls', async () => {
    const { peer, client } = await connect([BUSY, BUSY, BUSY, 'echo'], {
      serviceConfig: { ...retried(), retryThrottling: { maxTokens: 4, tokenRatio: 1 } },
    });
    const first = client.request('Plain', { text: 'a' });
    expect(await rejection(first)).to.include({ codeName: 'UNAVAILABLE' });
    expect(first.attempts, 'two failures take two tokens of four').to.equal(2);
    const second = client.request('Plain', { text: 'b' });
    expect(await rejection(second)).to.include({ codeName: 'UNAVAILABLE' });
    expect(second.attempts).to.equal(1);
    for (let count = 0; count < 3; count++) await client.request('Plain', { text: 'c' });
    expect(peer.requests, 'successes give tokens back').to.have.lengthOf(6);
  });

  describe('side by side (hedging)', () => {
    it('take the answer that comes first and cancel the other', async () => {
      const { peer, client } = await connect(['silence', 'echo']);
      const call = client.request('Plain', { text: 'a' }, { hedging: { delayMs: 5 } });
      expect((await call).text).to.equal('a');
      expect(call.attempts).to.equal(2);
      expect(await peer.requests[0].brokenOff()).to.include({ kind: 'reset', code: 8 });
    });

    it('are not made for what is answered in time', async () => {
      const { peer, client } = await connect(['echo']);
      const call = client.request('Plain', { text: 'a' }, { hedging: { delayMs: 60_000 } });
      await call;
      expect(call.attempts).to.equal(1);
      expect(peer.requests).to.have.lengthOf(1);
    });

    it('are made as a service config says', async () => {
      const { client } = await connect(['silence', 'echo'], {
        serviceConfig: {
          methodConfig: [
            {
              name: [{ service: 'test.Tests', method: 'Plain' }],
              hedgingPolicy: { maxAttempts: 2, hedgingDelay: '0.005s' },
            },
          ],
        },
      });
      expect((await client.request('Plain', { text: 'a' })).text).to.equal('a');
    });

    it('end with a fatal status', async () => {
      const { client } = await connect(['silence', { status: 5 }]);
      const call = client.request('Plain', { text: 'a' }, { hedging: { delayMs: 0 } });
      expect(await rejection(call)).to.include({ codeName: 'NOT_FOUND' });
    });
  });
});
