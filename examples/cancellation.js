// Three ways to cancel a call.   node examples/cancellation.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);

// An AbortSignal, which may be shared by any number of calls.
const signal = AbortSignal.timeout(100);
const first = client.request('SayHello', { name: 'sleepy' }, { signal });
console.log((await first.status).codeName);

// The call itself.
const second = client.request('SayHello', { name: 'sleepy' });
setTimeout(() => second.cancel('no longer wanted'), 100);
console.log((await second.status).codeName);

// Leaving the loop over a stream.
const area = { lo: { latitude: 0, longitude: -900000000 }, hi: { latitude: 900000000, longitude: 0 } };
const third = client.request('ListFeatures', area);
for await (const _feature of third) break;
console.log((await third.status).codeName);

await client.close();

// Prints:
// CANCELLED
// CANCELLED
// CANCELLED
