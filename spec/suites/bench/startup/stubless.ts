// A script's whole life with this project's client as it is published (dist/): import, load, one call. run.ts takes its wall time; it
// prints its own CPU time, in ms, at the very end. Arguments: port, path of bench.proto.

import { writeSync } from 'node:fs';
import { Client } from 'stubless';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(1, `${(user + system) / 1000}\n`);
});

const [port, schema] = process.argv.slice(2);
const client = new Client('127.0.0.1', Number(port));
await client.load(schema);
const reply = await client.request('UnaryCall', { responseSize: 10 });
if (reply.payload.body.length !== 10) throw new Error('a wrong reply');
await client.close();
