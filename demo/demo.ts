// `npm start`: calls an embedded server in every way there is. Each step is a function; what is shown is the
// text of the very function that runs, and below it what it prints.

import { Client, RpcError } from '../lib/index.ts';
import { startExampleServer } from '../spec/support/servers.ts';

type Step = (client: Client) => Promise<void>;

const steps: Readonly<Record<string, Step>> = {
  'One request, one reply': async (client) => {
    const reply = await client.request('SayHello', { name: 'you' });
    console.log(reply);
    console.log(reply.message);
  },

  'One request, a stream of replies': async (client) => {
    const area = {
      lo: { latitude: 400000000, longitude: -750000000 },
      hi: { latitude: 420000000, longitude: -730000000 },
    };
    for await (const feature of client.request('ListFeatures', area)) {
      console.log(feature.name, feature.location);
    }
  },

  'A stream of requests, one reply: any iterable, also an async one': async (client) => {
    async function* walk() {
      yield { latitude: 407838351, longitude: -746143763 };
      yield { latitude: 408122808, longitude: -743999179 };
      yield { latitude: 413628156, longitude: -749015468 };
    }
    const summary = await client.request('RecordRoute', walk());
    console.log(`${summary.pointCount} points, ${summary.featureCount} features, ${summary.distance} m`);
  },

  'A stream each way, by hand': async (client) => {
    const location = { latitude: 0, longitude: 1 };
    const chat = client.open('RouteChat');
    await chat.write({ location, message: 'the first note here' });
    await chat.write({ location, message: 'the second' });
    await chat.end();
    for await (const note of chat) console.log(note.message);
  },

  'Metadata both ways': async (client) => {
    const call = client.request('SayHello', { name: 'you' }, { metadata: { 'x-request-id': '7' } });
    const { message } = await call;
    const headers = await call.headers;
    console.log(message, [...headers]);
  },

  'A failed call rejects with an RpcError': async (client) => {
    try {
      await client.request('SayHello', { name: 'nobody' });
    } catch (error) {
      if (!RpcError.is(error)) throw error;
      console.log(error.code, error.codeName, error.details);
    }
  },

  'A deadline': async (client) => {
    const call = client.request('SayHello', { name: 'sleepy' }, { timeoutMs: 200 });
    const { codeName, details } = await call.status;
    console.log(codeName, details);
  },

  'Cancelled by an AbortSignal': async (client) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error('changed my mind')), 100);
    try {
      await client.request('SayHello', { name: 'sleepy' }, { signal: abort.signal });
    } catch (error) {
      if (!RpcError.is(error)) throw error;
      console.log(error.codeName, error.cause);
    }
  },

  'Leaving a loop early cancels its call': async (client) => {
    const area = {
      lo: { latitude: 400000000, longitude: -750000000 },
      hi: { latitude: 420000000, longitude: -730000000 },
    };
    const call = client.request('ListFeatures', area);
    for await (const feature of call) {
      console.log(feature.name);
      break;
    }
    console.log((await call.status).codeName);
  },

  'Mistakes are found before anything is sent': async (client) => {
    const mistakes = [
      () => client.request('SayHi', { name: 'you' }),
      () => client.request('SayHello', { nam: 'you' }),
      () => client.request('GetFeature', { latitude: 'north' }),
    ];
    for (const mistake of mistakes) {
      await mistake().catch((error) => console.log(`${error.name}: ${error.message}`));
    }
  },
};

const colours = process.stdout.isTTY === true && process.env['NO_COLOR'] === undefined;
const bold = (text: string): string => (colours ? `\x1b[1m${text}\x1b[0m` : text);
const dim = (text: string): string => (colours ? `\x1b[2m${text}\x1b[0m` : text);

/** The lines between a function's braces, without what they are indented by. */
function body(step: (...args: never[]) => unknown): string[] {
  const lines = step.toString().split('\n').slice(1, -1);
  const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => line.slice(indent));
}

async function show<T>(title: string, step: (...args: never[]) => T, run: () => T): Promise<Awaited<T>> {
  console.log(`\n${bold(title)}\n`);
  for (const line of body(step)) console.log(dim(`  │ ${line}`));
  console.log();
  console.group();
  try {
    return await run();
  } finally {
    console.groupEnd();
  }
}

const connect = async (port: number): Promise<Client> => {
  const client = new Client('localhost', port);
  await client.load('protos/helloworld.proto');
  await client.load('protos/route_guide.proto');
  for (const service of client.services) {
    console.log(
      service.fullName,
      service.methods.map((method) => method.name),
    );
  }
  return client;
};

const server = await startExampleServer();
try {
  const client = await show('Name a server, load its schema: nothing is generated', connect, () =>
    connect(server.port),
  );
  for (const [title, step] of Object.entries(steps)) await show(title, step, () => step(client));
  await client.close();
} finally {
  await server.close();
}
console.log('\nThe same as files to copy: examples/. What else there is: README.md.');
