// One request, a stream of replies.   node examples/server-streaming.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/route_guide.proto');

const area = {
  lo: { latitude: 400000000, longitude: -750000000 },
  hi: { latitude: 420000000, longitude: -730000000 },
};
for await (const feature of client.request('ListFeatures', area)) {
  console.log(feature.name);
}

await client.close();

// Prints:
//
