// The server of the network suite: echoes and streams, so that a client can tell whether what came is what was sent.

import { TestServer } from '../../../lib/testing/index.ts';

interface Chunk {
  readonly data: Uint8Array;
}
interface Size {
  readonly chunks: number;
  readonly octets: number;
}

export function networkServer(): TestServer {
  return new TestServer('spec/suites/network/network.proto', {
    Echo: ({ data }: Chunk) => ({ data }),
    async *Down({ chunks, octets }: Size) {
      for (let i = 0; i < chunks; i++) yield { data: new Uint8Array(octets).fill(i) };
    },
    async Up(requests: AsyncIterable<Chunk>) {
      const size = { chunks: 0, octets: 0 };
      for await (const { data } of requests) {
        size.chunks++;
        size.octets += data.length;
      }
      return size;
    },
    async *Both(requests: AsyncIterable<Chunk>) {
      for await (const { data } of requests) yield { data };
    },
  });
}
