// The schema and the handlers that the specs of the test server share.

import { RpcError } from '../../lib/index.ts';

export const SHOP = `
syntax = "proto3";
package shop;
service Shop {
  rpc Get(Key) returns (Item);
  rpc List(Key) returns (stream Item);
  rpc Add(stream Item) returns (Total);
  rpc Chat(stream Key) returns (stream Item);
  rpc Later(Key) returns (Item);
}
message Key { string name = 1; }
message Item { string name = 1; int32 price = 2; bytes data = 3; }
message Total { int32 price = 1; uint32 items = 2; }
`;

interface Item {
  readonly name: string;
  readonly price: number;
}
interface Key {
  readonly name: string;
}

export const HANDLERS = {
  Get: ({ name }: Key) => ({ name, price: name.length }),
  async *List({ name }: Key) {
    for (let price = 1; price <= 3; price++) yield { name, price };
  },
  async Add(items: AsyncIterable<Item>) {
    const total = { price: 0, items: 0 };
    for await (const { price } of items) {
      total.price += price;
      total.items++;
    }
    return total;
  },
  async *Chat(keys: AsyncIterable<Key>) {
    for await (const { name } of keys) yield { name };
  },
};

/** The RpcError with which a call fails. */
export async function failure(call: PromiseLike<unknown>): Promise<RpcError> {
  let reply: unknown;
  try {
    reply = await call;
  } catch (error) {
    if (RpcError.is(error)) return error;
    throw error;
  }
  throw new Error(`the call gave ${JSON.stringify(reply)} where it was expected to fail`);
}
