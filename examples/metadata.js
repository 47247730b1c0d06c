// Metadata sent with a request, and received with the reply.   node examples/metadata.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051', { metadata: { 'x-tenant': 'a' } });
await client.load('protos/helloworld.proto');

const call = client.request('SayHello', { name: 'you' }, { metadata: { 'x-request-id': '7' } });
const reply = await call;
console.log(reply.message);
console.log((await call.headers).getAll('x-request-id'));
console.log((await call.trailers).get('x-served-by'));

await client.close();

// Prints:
// Hello you
// [ '7' ]
// grpc-js
