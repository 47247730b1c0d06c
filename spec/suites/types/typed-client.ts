// A client with types: names, requests, replies and the kind of call are checked. Compiled, never run.

import { Client, type Stream } from 'stubless';
import { type Equal, holds } from './equal.ts';

interface HelloRequest {
  name?: string;
}
interface HelloReply {
  message: string;
}
interface Services {
  'helloworld.Greeter.SayHello': { request: HelloRequest; reply: HelloReply; cardinality: 'unary_unary' };
  'helloworld.Greeter.Many': { request: HelloRequest; reply: HelloReply; cardinality: 'unary_stream' };
  'helloworld.Greeter.Sum': { request: HelloRequest; reply: HelloReply; cardinality: 'stream_unary' };
  'helloworld.Greeter.Chat': { request: HelloRequest; reply: HelloReply; cardinality: 'stream_stream' };
}
// The same as a type alias, which TypeScript gives an index signature where an interface has none.
type Alias = { [M in keyof Services]: Services[M] };

async function check(client: Client<Services>): Promise<void> {
  const reply = await client.request('helloworld.Greeter.SayHello', { name: 'you' });
  holds<Equal<typeof reply, HelloReply>>(true);

  const stream = await client.request('helloworld.Greeter.Many', { name: 'you' });
  holds<Equal<typeof stream, Stream<HelloRequest, HelloReply>>>(true);
  for await (const one of client.request('helloworld.Greeter.Many', {})) {
    holds<Equal<typeof one, HelloReply>>(true);
  }

  const sum = await client.request('helloworld.Greeter.Sum', [{ name: 'a' }, { name: 'b' }]);
  holds<Equal<typeof sum, HelloReply>>(true);

  const chat = client.open('helloworld.Greeter.Chat');
  await chat.write({ name: 'a' });
  const read = await chat.read();
  holds<Equal<typeof read, HelloReply | undefined>>(true);

  // @ts-expect-error no such method
  client.request('helloworld.Greeter.SayHelo');
  // @ts-expect-error no such field
  client.request('helloworld.Greeter.SayHello', { nam: 'you' });
  // @ts-expect-error a request stream takes an iterable
  client.request('helloworld.Greeter.Sum', { name: 'a' });
  // @ts-expect-error no such field
  await chat.write({ text: 'a' });
  // @ts-expect-error no such field in a reply
  reply.text;
}

async function checkAlias(client: Client<Alias>): Promise<void> {
  const reply = await client.request('helloworld.Greeter.SayHello', { name: 'you' });
  holds<Equal<typeof reply, HelloReply>>(true);
  // @ts-expect-error no such method
  client.request('helloworld.Greeter.SayHelo');
  // @ts-expect-error no such field
  client.request('helloworld.Greeter.SayHello', { nam: 'you' });
}

const client = new Client<Services>('localhost', 50051);
await check(client);
await check(await client.load('helloworld.proto'));
await checkAlias(new Client<Alias>('localhost', 50051));
