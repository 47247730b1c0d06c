// One request, one reply.   node examples/unary.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/helloworld.proto');

const reply = await client.request('SayHello', { name: 'you' });
console.log(reply);
console.log(reply.message);

await client.close();

// Prints:
// HelloReply { message: 'Hello you' }
// Hello you
