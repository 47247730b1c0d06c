// Where a call's time goes, and a client's counters.   node examples/timing.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051', { timing: true });
await client.load('protos/helloworld.proto');

const call = client.request('SayHello', { name: 'you' });
await call;
const { streamMs = 0, headersMs = 0, firstMessageMs = 0, endMs = 0 } = call.timing ?? {};
console.log(
  'a stream, headers, a message, the end:',
  streamMs <= headersMs && headersMs <= firstMessageMs && firstMessageMs <= endMs,
);

await client.request('SayHelloStreamReply', { name: 'you' }).toArray();
const { calls, messages } = client.stats();
console.log(calls.byStatus, messages);

await client.close();

// Prints:
// a stream, headers, a message, the end: true
// { OK: 2 } { sent: 2, received: 4 }
