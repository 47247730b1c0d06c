// Compressed requests, and an algorithm of your own.   node examples/compression.js [address]
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Client } from 'stubless';

/** @type {import('stubless').Compression} */
const rawDeflate = {
  name: 'raw-deflate',
  compress: (bytes) => deflateRawSync(bytes),
  // More than maxBytes must be a RangeError, which node:zlib throws by itself.
  decompress: (bytes, maxBytes) => inflateRawSync(bytes, { maxOutputLength: maxBytes }),
};

const client = new Client(process.argv[2] ?? 'localhost:50051', {
  compression: 'gzip',
  compressions: [rawDeflate],
});
await client.load('protos/helloworld.proto');

const name = 'you '.repeat(10_000);
console.log((await client.request('SayHello', { name })).message.length);

// This call is not compressed, whatever the client's option says.
console.log((await client.request('SayHello', { name: 'you' }, { compression: 'identity' })).message);

// A server that does not know an algorithm says so.
const { codeName } = await client.request('SayHello', { name }, { compression: 'raw-deflate' }).status;
console.log(codeName);

await client.close();

// Prints:
// 40006
// Hello you
// UNIMPLEMENTED
