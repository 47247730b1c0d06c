// What a server should reply, fail with and receive, as patterns.   node examples/matchers.js
// Vitest and Jest have the same as expect(…).toReplyWith: docs/testing.md.
import { expect, use } from 'chai';
import { rpcError, TestServer } from 'stubless/testing';
import { matchers } from 'stubless/testing/chai';

use(matchers);

const server = new TestServer('protos/helloworld.proto', {
  SayHello: ({ name }) => {
    if (name === '') {
      const violation = { field: 'name', description: 'is empty' };
      throw rpcError('INVALID_ARGUMENT', 'a name is wanted', {
        errorDetails: [{ '@type': 'google.rpc.BadRequest', fieldViolations: [violation] }],
      });
    }
    return { message: `Hello ${name}` };
  },
});
const client = await server.client();

await expect(client.request('SayHello', { name: 'you' })).to.replyWith({ message: /^Hello/ });
await expect(client.request('SayHello')).to.failWith('INVALID_ARGUMENT', {
  details: [{ '@type': 'google.rpc.BadRequest', fieldViolations: { $contains: { field: 'name' } } }],
});
expect(server).to.haveReceived('SayHello', { name: 'you' }, { times: 1 });

// A failure shows the fields that differ, and a typo is found.
for (const pattern of [{ message: 'Hello me' }, { mesage: 'Hello you' }]) {
  await expect(client.request('SayHello', { name: 'you' }))
    .to.replyWith(pattern)
    .catch((error) => console.log(error.message));
}

await server.close();

// Prints:
// the reply differs from the pattern
//   message: expected "Hello me", got "Hello you"
// mesage: helloworld.HelloReply has no field 'mesage'; did you mean 'message'?
