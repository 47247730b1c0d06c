// A server of shop.proto on grpc-js and proto-loader, in memory of what it was sent.

import {
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceDefinition,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

interface Item {
  readonly sizes?: readonly number[];
}

export interface ShopServer {
  readonly port: number;
  /** The last request, as proto-loader shows it. */
  readonly last: () => unknown;
  close(): void;
}

export function startShopServer(): Promise<ShopServer> {
  const definition = loadSync('spec/sources/fixtures/shop.proto', {
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
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error !== null) reject(error);
      else resolve({ port, last: () => last, close: () => server.forceShutdown() });
    });
  });
}
