// A stream of requests, one reply: any iterable will do.   node examples/client-streaming.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/route_guide.proto');

async function* walk() {
  yield { latitude: 407838351, longitude: -746143763 };
  yield { latitude: 408122808, longitude: -743999179 };
  yield { latitude: 413628156, longitude: -749015468 };
}
const summary = await client.request('RecordRoute', walk());
console.log(`${summary.pointCount} points, ${summary.featureCount} features`);

await client.close();

// Prints:
// 3 points, 3 features
