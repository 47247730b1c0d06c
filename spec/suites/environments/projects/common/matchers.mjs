// What the matchers say, in Jest as in Vitest: `expect` is the framework's. What it shows of a reply in a snapshot stands in
// the test's own file, which `isShown` is of.

const DETAIL = { '@type': 'google.rpc.RequestInfo', requestId: '7' };

export async function matchersHold(expect, { TestServer, rpcError }, isShown) {
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
  await isShown(await call({ zone: 'UTC' }));
  await server.close();
}
