// The soak's server, a process of its own so that its memory is not the client's. Prints its port; ends when its
// standard input does.

import * as grpc from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Chunk {
  data: Uint8Array;
}
interface FloodRequest {
  chunks: number;
  octets: number;
}

const definition = loadSync('spec/suites/soak/soak.proto');
const server = new grpc.Server();
server.addService(definition['soak.Soak'] as grpc.ServiceDefinition, {
  Echo(call: grpc.ServerUnaryCall<Chunk, Chunk>, reply: grpc.sendUnaryData<Chunk>) {
    reply(null, call.request);
  },
  Flood(call: grpc.ServerWritableStream<FloodRequest, Chunk>) {
    const chunk = { data: new Uint8Array(call.request.octets) };
    let left = call.request.chunks;
    const pump = (): void => {
      while (left > 0 && !call.cancelled) {
        left -= 1;
        if (!call.write(chunk)) {
          call.once('drain', pump);
          return;
        }
      }
      call.end();
    };
    pump();
  },
});
server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`${port}\n`);
});
process.stdin.resume().once('end', () => process.exit());
