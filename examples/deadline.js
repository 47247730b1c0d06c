// A call that may take 200 ms.   node examples/deadline.js [address]
import { Client, RpcError } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/helloworld.proto');

try {
  await client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 200 });
} catch (error) {
  if (!RpcError.is(error)) throw error;
  console.log(error.codeName);
}

await client.close();

// Prints:
// DEADLINE_EXCEEDED
