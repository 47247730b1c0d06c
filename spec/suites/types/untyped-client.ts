// A client without types of its own: everything that the docs show compiles in a strict project. Compiled, never run.

import {
  type CallOptions,
  Client,
  type ClientOptions,
  type DynamicMessage,
  Metadata,
  RpcError,
  type Status,
  StatusCode,
} from 'stubless';
import { type Equal, holds } from './equal.ts';

const client = new Client('localhost', 50051);
const loaded = await client.load('helloworld.proto');
holds<Equal<typeof loaded, typeof client>>(true);

const reply = await client.request('SayHello', { name: 'you' });
const text: string = reply.message;
reply.anything.at.all[0]?.goes();

for await (const feature of client.request('ListFeatures', {})) text.concat(feature.name);
for await (const feature of await client.request('ListFeatures', {})) text.concat(feature.name);

const chat = client.open('RouteChat');
await chat.write({ message: 'x' });
await chat.end();
((await chat.read()) satisfies DynamicMessage).message;
const notes = await chat.toArray({ limit: 10 });
notes.map((one) => one.message);
chat.cancel('enough');

const status = await client.request('SayHello').status;
holds<Equal<typeof status, Status>>(true);
status.code satisfies number;
status.codeName satisfies string;

client.request('SayHello').catch((error: unknown) => {
  if (RpcError.is(error)) error.details.trim();
});
try {
  await client.unaryUnary('SayHello', {});
} catch (error) {
  if (RpcError.is(error) && error.code === StatusCode.NOT_FOUND) error.metadata.get('x');
}

// Options that a caller passes on without knowing whether they are set.
const signal: AbortSignal | undefined = undefined;
const options: CallOptions = { signal, timeoutMs: undefined, metadata: { 'x-a': 'b', 'x-c': ['d', 'e'] } };
client.request('SayHello', {}, options);
client.request('SayHello', {}, { metadata: new Metadata({ 'a-bin': new Uint8Array(1) }) });
client.request('SayHello', {}, { metadata: new Map([['a', 'b']]) });
const clientOptions: ClientOptions = { timeoutMs: Infinity };
new Client('localhost:50051', clientOptions);
new Client(client.channel);

const greeter = client.service('helloworld.Greeter');
holds<Equal<typeof greeter, DynamicMessage>>(true);
(await greeter.SayHello({ name: 'a' })).message;
declare const someName: string;
client.service(someName).anything();

await using other = new Client('unix:/tmp/socket');
await other.waitForReady({ timeoutMs: 1000 });
await client.close({ graceMs: 0 });

// @ts-expect-error a port is a number
new Client('localhost', '50051');
// @ts-expect-error there is no such option
client.request('SayHello', {}, { timeout: 1 });
// @ts-expect-error milliseconds are a number
client.request('SayHello', {}, { timeoutMs: '1s' });
// @ts-expect-error bytes are not text
new Metadata({ a: 1 });
// @ts-expect-error a method has a name
client.request();
