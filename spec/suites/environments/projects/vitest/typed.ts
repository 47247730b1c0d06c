// The types of the matchers: compiled, not run.
import { TestServer } from 'stubless/testing';
import { matchers, snapshotSerializer } from 'stubless/testing/vitest';
import { expect } from 'vitest';

expect.extend(matchers);
expect.addSnapshotSerializer(snapshotSerializer);
const server = new TestServer('clock.proto');
const client = await server.client();
await expect(client.request('Now')).toReplyWith({ zone: /U/ }, { exactly: true });
await expect(client.request('Now')).resolves.toReplyWith({ zone: /U/ });
await expect(client.request('Now')).not.toFailWith('NOT_FOUND', { details: [] });
expect(server).toHaveReceived('Now', {}, { times: 1 });
// @ts-expect-error: the name of a method is text
expect(server).toHaveReceived(5);
