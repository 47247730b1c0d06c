// The same script as stubless.ts with @grpc/grpc-js and @grpc/proto-loader.

import { writeSync } from 'node:fs';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  writeSync(1, `${(user + system) / 1000}\n`);
});

const [port, schema] = process.argv.slice(2);
const loaded = grpc.loadPackageDefinition(await protoLoader.load(schema));
const { BenchmarkService } = (loaded['grpc'] as grpc.GrpcObject)['testing'] as grpc.GrpcObject;
const client = new (BenchmarkService as grpc.ServiceClientConstructor)(
  `127.0.0.1:${port}`,
  grpc.credentials.createInsecure(),
);
const reply = await new Promise<{ payload: { body: Uint8Array } }>((resolve, reject) => {
  client['UnaryCall'](
    { responseSize: 10 },
    (error: Error | null, value: { payload: { body: Uint8Array } }) =>
      error ? reject(error) : resolve(value),
  );
});
if (reply.payload.body.length !== 10) throw new Error('a wrong reply');
client.close();
