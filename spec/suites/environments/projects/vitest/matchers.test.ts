// The matchers for Vitest, with its own types.
import { rpcError, TestServer } from 'stubless/testing';
import { matchers, snapshotSerializer } from 'stubless/testing/vitest';
import { expect, test } from 'vitest';

expect.extend(matchers);
expect.addSnapshotSerializer(snapshotSerializer);

const DETAIL = { '@type': 'google.rpc.RequestInfo', requestId: '7' };

test('matchers', async () => {
  const server = new TestServer('clock.proto', {
    Now: ({ zone }) => {
      if (zone === '') throw rpcError('NOT_FOUND', 'no zone', { errorDetails: [DETAIL] });
      return { zone };
    },
  });
  const client = await server.client();
  const call = (fields) => client.request('clock.Clock/Now', fields);
  await expect(call({ zone: 'UTC' })).toReplyWith({ zone: /^U/ });
  await expect(call({ zone: 'UTC' })).resolves.toReplyWith({ zone: { $matches: 'C$' } });
  await expect(call({ zone: 'UTC' })).not.toReplyWith({ zone: 'CET' });
  await expect(call({ zone: 'UTC' })).toReplyWith({ zone: expect.stringContaining('UT') });
  await expect(call({ zone: 'UTC' })).not.toReplyWith({ zone: expect.any(Number) });
  await expect(call()).toFailWith('NOT_FOUND', { message: 'no zone', details: [DETAIL] });
  await expect(call()).rejects.toFailWith(['NOT_FOUND']);
  expect(server).toHaveReceived('Now', { zone: 'UTC' }, { times: 5 });
  expect(server).not.toHaveReceived('Now', { zone: 'CET' });
  const messageOf = (promise) =>
    promise.then(
      () => 'it passed',
      (error) => error.message,
    );
  expect(await messageOf(expect(call({ zone: 'UTC' })).toReplyWith({ zone: 'CET' }))).toBe(
    'the reply differs from the pattern\n  zone: expected "CET", got "UTC"',
  );
  expect(await messageOf(expect(call({ zone: 'UTC' })).toReplyWith({ zon: 'CET' }))).toMatch(
    /did you mean 'zone'/,
  );
  expect({ reply: await call({ zone: 'UTC' }) }).toMatchInlineSnapshot(`
    {
      "reply": clock.NowReply {
        "zone": "UTC"
      },
    }
  `);
  await server.close();
});
