// A failed call rejects with an RpcError.   node examples/error.js [address]
import { Client, RpcError, StatusCode } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/helloworld.proto');

try {
  await client.request('SayHello', { name: 'nobody' });
} catch (error) {
  if (!RpcError.is(error)) throw error;
  console.log(error.code === StatusCode.NOT_FOUND);
  console.log(error.codeName, '-', error.details);
}

await client.close();

// Prints:
// true
// NOT_FOUND - no greeting for nobody
