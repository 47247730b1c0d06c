// Retries and hedging, against a server that is made to fail.   node examples/retries.js
import { TestServer } from 'stubless/testing';

const server = new TestServer('protos/helloworld.proto', {
  SayHello: ({ name }) => ({ message: `Hello ${name}` }),
});
const client = await server.client();

// The server refuses twice; its own UNAVAILABLE is retried.
server.inject('SayHello', { kind: 'status', code: 'UNAVAILABLE' }, { times: 2 });
const call = client.request('SayHello', { name: 'you' }, { retry: { initialBackoffMs: 10 } });
const reply = await call;
console.log(reply.message, 'after', call.attempts, 'attempts');

// The first attempt gets no answer in time, so a second one runs beside it.
server.inject('SayHello', { kind: 'delay', ms: 5000 });
const hedged = client.request('SayHello', { name: 'you' }, { hedging: { delayMs: 20 } });
const first = await hedged;
console.log(first.message, 'by one of', hedged.attempts);

await client.close();
await server.close();

// Prints:
// Hello you after 3 attempts
// Hello you by one of 2
