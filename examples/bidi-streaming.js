// A stream each way, written and read by hand.   node examples/bidi-streaming.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load('protos/route_guide.proto');

const location = { latitude: 0, longitude: process.pid }; // a place where nobody left a note yet
const chat = client.open('RouteChat');
await chat.write({ location, message: 'the first note here' });
await chat.write({ location, message: 'the second' });
await chat.end();
for await (const note of chat) {
  console.log(note.message);
}

await client.close();

// Prints:
// the first note here
