// One request, a stream of replies.   node examples/server-streaming.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/route_guide.proto');

const area = {
  lo: { latitude: 410000000, longitude: -745000000 },
  hi: { latitude: 415000000, longitude: -740000000 },
};
for await (const feature of client.request('ListFeatures', area)) {
  console.log(feature.name);
}

await client.close();

// Prints:
// Mid Hudson Psychiatric Center, New Hampton, NY 10958, USA
// Bailey Turn Road, Harriman, NY 10926, USA
// 193-199 Wawayanda Road, Hewitt, NJ 07421, USA
// 162 Merrill Road, Highland Mills, NY 10930, USA
