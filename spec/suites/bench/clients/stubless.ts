// This project's client, used as its README shows it.

import { readFileSync } from 'node:fs';
import { Client, type Interceptor } from '../../../../lib/index.ts';
import {
  type BenchClient,
  type BenchTarget,
  BIG_BODY,
  BIG_BODY_OCTETS,
  METADATA_NAME,
  METADATA_VALUE,
  type Reply,
  SMALL_BODY,
  SMALL_BODY_OCTETS,
  TIMEOUT_MS,
} from './client.ts';

const SMALL = { responseSize: SMALL_BODY_OCTETS, payload: { body: SMALL_BODY } };
const BIG = { responseSize: BIG_BODY_OCTETS, payload: { body: BIG_BODY } };

// A new object a call, as callers write it.
const withAll = () => ({ timeoutMs: TIMEOUT_MS, metadata: { [METADATA_NAME]: METADATA_VALUE } });

const passThrough: Interceptor = (call, next) => next(call);

function* repeat<T>(value: T, times: number): Generator<T> {
  for (let i = 0; i < times; i++) yield value;
}

export async function open(target: BenchTarget): Promise<BenchClient> {
  const client =
    target.ca === undefined
      ? new Client('127.0.0.1', target.port)
      : new Client(`https://localhost:${target.port}`, { tls: { ca: readFileSync(target.ca) } });
  await client.load(target.schema);
  let intercepted: Client | undefined;
  return {
    unary: () => client.request('UnaryCall', SMALL, withAll()),
    plainUnary: () => client.request('UnaryCall', SMALL, { timeoutMs: Number.POSITIVE_INFINITY }),
    interceptedUnary() {
      // Made only for its own row. Its first calls wait for the load.
      if (intercepted === undefined) {
        intercepted = new Client(client.channel, { interceptors: [passThrough] });
        void intercepted.load(target.schema);
      }
      return intercepted.request('UnaryCall', SMALL, withAll());
    },
    big: () => client.request('UnaryCall', BIG, withAll()),
    huge: (body, replyOctets) =>
      client.request(
        'UnaryCall',
        { responseSize: replyOctets, payload: { body } },
        { ...withAll(), maxReceiveMessageBytes: Number.POSITIVE_INFINITY },
      ),
    async serverStream(messages, onReply): Promise<number> {
      let count = 0;
      const call = client.request('StreamingFromServer', { ...SMALL, responseSize: messages }, withAll());
      for await (const reply of call) {
        count++;
        const pause = onReply?.(reply);
        if (pause !== undefined) await pause;
      }
      return count;
    },
    async clientStream(messages, body = SMALL_BODY): Promise<Reply> {
      const request = { ...SMALL, payload: { body } };
      return await client.request('StreamingFromClient', repeat(request, messages), withAll());
    },
    async bidi(messages: number, onReply: () => void): Promise<void> {
      const call = client.open('StreamingCall', withAll());
      for (let i = 0; i < messages; i++) {
        await call.write(SMALL);
        if ((await call.read()) === undefined) throw new Error('the stream ended early');
        onReply();
      }
      await call.end();
      if ((await call.read()) !== undefined) throw new Error('a reply too many');
    },
    async openIdle(): Promise<unknown> {
      const call = client.open('StreamingCall', { metadata: { [METADATA_NAME]: METADATA_VALUE } });
      await call.write(SMALL);
      await call.read();
      return [call]; // in an array, or the async function would await the call itself
    },
    close() {
      void intercepted?.close({ graceMs: 0 });
      void client.close({ graceMs: 0 });
    },
  };
}

/** The methods of a schema, called one after the other; see spec/suites/bench/methods.ts for what it holds. */
export async function openRotation(
  port: number,
  schema: string,
  methods: readonly string[],
): Promise<Pick<BenchClient, 'unary' | 'close'>> {
  const client = new Client('127.0.0.1', port);
  await client.load(schema);
  let next = 0;
  return {
    unary() {
      const method = methods[next];
      next = next + 1 === methods.length ? 0 : next + 1;
      return client.request(method, SMALL, withAll());
    },
    close: () => void client.close({ graceMs: 0 }),
  };
}
