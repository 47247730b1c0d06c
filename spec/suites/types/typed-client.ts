// A client with types: names, requests, replies and the kind of call are checked. Compiled, never run.

import {
  type Call,
  type CallOptions,
  Client,
  type DynamicMessage,
  type ServiceOf,
  type Stream,
} from 'stubless';
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

// A service as an object: its methods take and give what `request` does.
async function checkService(client: Client<Services>): Promise<void> {
  const greeter = client.service('helloworld.Greeter');
  holds<Equal<keyof typeof greeter, 'SayHello' | 'Many' | 'Sum' | 'Chat'>>(true);
  holds<
    Equal<
      typeof greeter.SayHello,
      (fields?: HelloRequest, options?: CallOptions) => Call<HelloRequest, HelloReply, HelloReply>
    >
  >(true);
  const reply = await greeter.SayHello({ name: 'you' }, { timeoutMs: 100 });
  holds<Equal<typeof reply, HelloReply>>(true);
  for await (const one of greeter.Many({ name: 'you' })) holds<Equal<typeof one, HelloReply>>(true);
  const sum = await greeter.Sum([{ name: 'a' }]);
  holds<Equal<typeof sum, HelloReply>>(true);
  const chat = await greeter.Chat([{ name: 'a' }]);
  holds<Equal<typeof chat, Stream<HelloRequest, HelloReply>>>(true);
  const passed: ServiceOf<Services, 'helloworld.Greeter'> = greeter;
  passed.SayHello();

  // @ts-expect-error no such service
  client.service('helloworld.Greter');
  // @ts-expect-error a method, not a service
  client.service('helloworld.Greeter.SayHello');
  // @ts-expect-error a package, not a service
  client.service('helloworld');
  // @ts-expect-error no such method
  greeter.SayHelo();
  // @ts-expect-error no such field
  greeter.SayHello({ nam: 'you' });
  // @ts-expect-error no such option
  greeter.SayHello({}, { timeout: 1 });
  // @ts-expect-error a request stream takes an iterable
  greeter.Sum({ name: 'a' });
  // @ts-expect-error no such field in a reply
  reply.text;
}

type Unary<Reply> = { request: HelloRequest; reply: Reply; cardinality: 'unary_unary' };
/** One method in every spelling that `client.types()` writes, and others in one spelling each. */
interface Spellings {
  'shop.v1.Shop.Find': Unary<'found'>;
  '/shop.v1.Shop/Find': Spellings['shop.v1.Shop.Find'];
  'shop.v1.Shop/Find': Spellings['shop.v1.Shop.Find'];
  'Shop/Find': Spellings['shop.v1.Shop.Find'];
  Find: Spellings['shop.v1.Shop.Find'];
  '/shop.v1.Shop/Path': Unary<'path'>;
  'shop.v1.Shop/Slash': Unary<'slash'>;
  'shop.v1.Shop.Sub.Inner': Unary<'inner'>;
  'Bare.Dotted': Unary<'dotted'>;
  Short: Unary<'short'>;
}

async function checkSpellings(client: Client<Spellings>): Promise<void> {
  const shop = client.service('shop.v1.Shop');
  holds<Equal<keyof typeof shop, 'Find' | 'Path' | 'Slash'>>(true);
  const found = await shop.Find();
  holds<Equal<typeof found, 'found'>>(true);
  const path = await shop.Path();
  holds<Equal<typeof path, 'path'>>(true);
  const slash = await shop.Slash();
  holds<Equal<typeof slash, 'slash'>>(true);
  const short = client.service('Shop');
  holds<Equal<keyof typeof short, 'Find'>>(true);
  const shortFound = await short.Find();
  holds<Equal<typeof shortFound, 'found'>>(true);
  const inner = await client.service('shop.v1.Shop.Sub').Inner();
  holds<Equal<typeof inner, 'inner'>>(true);
  const dotted = await client.service('Bare').Dotted();
  holds<Equal<typeof dotted, 'dotted'>>(true);
  // @ts-expect-error the service of a method without one is not known
  client.service('');
}

async function checkAlias(client: Client<Alias>): Promise<void> {
  const reply = await client.request('helloworld.Greeter.SayHello', { name: 'you' });
  holds<Equal<typeof reply, HelloReply>>(true);
  // @ts-expect-error no such method
  client.request('helloworld.Greeter.SayHelo');
  // @ts-expect-error no such field
  client.request('helloworld.Greeter.SayHello', { nam: 'you' });
  const greeted = await client.service('helloworld.Greeter').SayHello({ name: 'you' });
  holds<Equal<typeof greeted, HelloReply>>(true);
  // @ts-expect-error no such method
  client.service('helloworld.Greeter').SayHelo();
}

/** Whoever takes any client takes a typed one. */
function takesAny(client: Client): DynamicMessage {
  return client.service('helloworld.Greeter').SayHello;
}

const client = new Client<Services>('localhost', 50051);
await check(client);
await check(await client.load('helloworld.proto'));
await checkService(client);
await checkSpellings(new Client<Spellings>('localhost', 50051));
takesAny(client);
await checkAlias(new Client<Alias>('localhost', 50051));
