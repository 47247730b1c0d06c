// Code that calls a server, tested against one in memory.   node examples/testing.js
import { RpcError } from 'stubless';
import { rpcError, TestServer } from 'stubless/testing';

/**
 * The code under test: it takes a client, and asks again when the server says that it may.
 * @param {import('stubless').Client} client
 * @param {string} name
 */
async function greet(client, name) {
  for (;;) {
    try {
      return (await client.request('SayHello', { name })).message;
    } catch (error) {
      if (!RpcError.is(error) || error.codeName !== 'UNAVAILABLE') throw error;
    }
  }
}

const server = new TestServer('protos/helloworld.proto', {
  SayHello: ({ name }) => {
    if (name === '') throw rpcError('INVALID_ARGUMENT', 'a name is wanted');
    return { message: `Hello ${name}` };
  },
});
const client = await server.client();

console.log(await greet(client, 'you'));

// Two calls get UNAVAILABLE before the third is served.
server.inject('SayHello', { kind: 'status', code: 'UNAVAILABLE' }, { times: 2 });
console.log(await greet(client, 'me'));
console.log(server.callsOf('SayHello').map((call) => call.status?.codeName));

await greet(client, '').catch((error) => console.log(error.message));

await server.close();

// Prints:
// Hello you
// Hello me
// [ 'OK', 'UNAVAILABLE', 'UNAVAILABLE', 'OK' ]
// INVALID_ARGUMENT: a name is wanted
