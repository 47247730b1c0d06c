// Functions around calls: one adds metadata, one reports how calls ended.   node examples/interceptors.js [address]
import { Client } from 'stubless';

/** @type {import('stubless').Interceptor} */
const addId = (call, next) => {
  call.metadata.set('x-request-id', 'id-7');
  return next(call);
};

/** @type {import('stubless').Interceptor} */
const tell = (call, next) => {
  const reply = next(call);
  reply.status.then(({ codeName }) => console.log(`${call.method.name} ended with ${codeName}`));
  return reply;
};

const client = new Client(process.argv[2] ?? 'localhost:50051', { interceptors: [addId, tell] });
await client.load('protos/helloworld.proto');

const call = client.request('SayHello', { name: 'you' });
const reply = await call;
console.log(reply.message);
console.log((await call.headers).get('x-request-id'));

await client.request('SayHelloStreamReply', { name: 'you' }).toArray();
await client.close();

// Prints:
// SayHello ended with OK
// Hello you
// id-7
// SayHelloStreamReply ended with OK
