import * as library from 'stubless';
import { Client, RpcError } from 'stubless';
import * as testing from 'stubless/testing';
import { matchers, snapshotSerializer } from 'stubless/testing/jest';

expect.extend(matchers);
expect.addSnapshotSerializer(snapshotSerializer);

interface Api {
  'clock.Clock/Now': { request: { zone?: string }; reply: { zone: string }; cardinality: 'unary_unary' };
}

const { calls, EXPECTED } = require('./calls.cjs');

test('calls', async () => expect(await calls(library, testing)).toBe(EXPECTED));

test('types', async () => {
  const server = new testing.TestServer('clock.proto', { Now: ({ zone }: { zone: string }) => ({ zone }) });
  const client = new Client<Api>(server.channel);
  await client.load('clock.proto');
  const { zone } = await client.request('clock.Clock/Now', { zone: 'UTC' });
  // @ts-expect-error: a string is no number
  const wrong: number = zone;
  expect(wrong).toBe('UTC');
  await expect(client.request('clock.Clock/Now', { zone: 'UTC' })).toReplyWith({ zone: /U/ });
  await expect(client.request('Now' as 'clock.Clock/Now', {})).not.toFailWith('NOT_FOUND');
  expect(server).toHaveReceived('Now', { zone: 'UTC' }, { times: 2 });
  // @ts-expect-error: the name of a method is text
  const never = (): void => expect(server).toHaveReceived(5);
  expect(never).toThrow();
  const error: unknown = await client
    .request('clock.Clock/Now', {}, { timeoutMs: 5000 })
    .catch((reason: unknown) => reason);
  expect(error instanceof RpcError ? error.code : 'a reply').toBe('a reply');
  await client.close();
  await server.close();
});
