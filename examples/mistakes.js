// Mistakes are found before anything is sent.   node examples/mistakes.js [address]
import { Client } from 'stubless';

const client = new Client(process.argv[2] ?? 'localhost:50051');
await client.load(['protos/helloworld.proto', 'protos/route_guide.proto']);

const mistakes = [
  () => client.request('SayHelo', { name: 'you' }),
  () => client.request('SayHello', { nam: 'you' }),
  () => client.request('GetFeature', { latitude: 'north' }),
  () => client.request('RecordRoute', [{ latitude: 1 }, { latitude: 2 ** 40 }]),
];
for (const mistake of mistakes) {
  await mistake().catch((error) => console.log(`${error.name}: ${error.message}`));
}

await client.close();

// Prints:
// SchemaError: method 'SayHelo' is not known; did you mean 'helloworld.Greeter.SayHello'?
// TypeError: nam: helloworld.HelloRequest has no field 'nam'; did you mean 'name'?
// TypeError: latitude: expected a number (int32), got 'north'
// RangeError: latitude: 1099511627776 is out of range: int32 goes from -2147483648 to 2147483647
