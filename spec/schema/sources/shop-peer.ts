// A server of shop.proto on grpc-js and proto-loader, in memory of what it was sent. Specs have it in a process of its own.

import {
  Server,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { listen, type Peer } from '../../support/peers/grpc-peer.ts';

interface Item {
  readonly sizes?: readonly number[];
}

/** Its state is the last request, as proto-loader shows it. */
export async function serveShop(): Promise<Peer> {
  const definition = loadSync('spec/schema/sources/fixtures/shop.proto', {
    keepCase: true,
    longs: String,
    enums: String,
  });
  const server = new Server();
  let last: unknown;
  server.addService(definition['shop.v1.Shop'] as ServiceDefinition, {
    Echo(call: ServerUnaryCall<Item, Item>, callback: sendUnaryData<Item>) {
      last = call.request;
      callback(null, call.request);
    },
    List(call: ServerWritableStream<Item, Item>) {
      last = call.request;
      for (const _ of call.request.sizes ?? []) call.write(call.request);
      call.end();
    },
    Count(call: ServerReadableStream<Item, object>, callback: sendUnaryData<object>) {
      let total = 0;
      call.on('data', () => total++);
      call.on('end', () => callback(null, { total }));
    },
    Trade(call: ServerDuplexStream<Item, Item>) {
      call.on('data', (item: Item) => call.write(item));
      call.on('end', () => call.end());
    },
  });
  return { ...(await listen(server)), state: () => last };
}
