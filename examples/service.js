// What is loaded, and a service as an object with its methods.   node examples/service.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/helloworld.proto');

for (const service of client.services) {
  for (const method of service.methods) console.log(method.fullName, method.cardinality);
}

const greeter = client.service('helloworld.Greeter');
const replies = await Promise.all(['Ada', 'Grace'].map((name) => greeter.SayHello({ name })));
for (const reply of replies) console.log(reply.message);

await client.close();

// Prints:
// helloworld.Greeter.SayHello unary_unary
// helloworld.Greeter.SayHelloAgain unary_unary
// helloworld.Greeter.SayHelloStreamReply unary_stream
// helloworld.Greeter.SayHelloBidiStream stream_stream
// Hello Ada
// Hello Grace
