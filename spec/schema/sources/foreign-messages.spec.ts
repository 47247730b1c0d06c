// Messages that other libraries made, given as fields of a call.

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { create, fromBinary, type Message } from '@bufbuild/protobuf';
import type { GenMessage } from '@bufbuild/protobuf/codegenv2';
import { expect } from 'chai';
import protobuf from 'protobufjs';
import { Client } from '../../../lib/index.ts';
import { needEval } from '../../support/eval.ts';
import { type RemotePeer, startPeer } from '../../support/peers/peer-process.ts';

const FIXTURES = resolve('spec/schema/sources/fixtures');
const GENERATED = pathToFileURL(`${FIXTURES}/generated/protoc-gen-es/shop_pb.js`).href;
const require = createRequire(import.meta.url);
type Maker = { create(value: object): object };

interface Case {
  readonly name: string;
  readonly make: () => Promise<object> | object;
  /** What it cannot hold. */
  readonly lacks?: readonly string[];
  /** Its maker makes code out of text. */
  readonly evals?: boolean;
}

const cases: readonly Case[] = [
  {
    name: 'protobuf-es',
    make: async () => {
      const { ItemSchema } = (await import(GENERATED)) as {
        ItemSchema: GenMessage<never>;
      };
      const fields = {
        displayName: 'Hat',
        serial: 7n,
        kind: 2,
        sizes: [1, 2],
        origin: { case: 'imported', value: { amount: 2 } },
        base: { amount: 1.5 },
        photo: new Uint8Array([1]),
        madeAt: { seconds: 1n, nanos: 0 },
      };
      return create(ItemSchema, fields as never);
    },
  },
  {
    name: 'protobuf-ts',
    make: () =>
      (require(`${FIXTURES}/generated/protobuf-ts/shop.js`) as { Item: Maker }).Item.create({
        displayName: 'Hat',
        serial: 7n,
        kind: 2,
        sizes: [1, 2],
        origin: { oneofKind: 'imported', imported: { amount: 2, currencyCode: '' } },
        base: { amount: 1.5, currencyCode: '' },
        photo: new Uint8Array([1]),
        madeAt: { seconds: 1n, nanos: 0 },
      }),
  },
  {
    name: 'pbjs static code',
    make: () =>
      (
        require(`${FIXTURES}/generated/pbjs-static/shop.cjs`) as { shop: { v1: { Item: Maker } } }
      ).shop.v1.Item.create(ITEM),
  },
  {
    name: 'protobufjs by reflection',
    make: () => protobuf.loadSync(`${FIXTURES}/shop.proto`).lookupType('shop.v1.Item').create(ITEM),
    evals: true,
  },
  {
    name: 'google-protobuf',
    make: () => {
      const { Item } = require(`${FIXTURES}/grpc-tools/shop_pb.js`) as {
        Item: new (data: unknown[]) => object;
      };
      return new Item(['Hat', undefined, undefined, [1, 2]]);
    },
    lacks: ['serial', 'kind', 'imported', 'base', 'photo', 'madeAt'],
  },
];

const ITEM = {
  displayName: 'Hat',
  serial: 7,
  kind: 2,
  sizes: [1, 2],
  imported: { amount: 2 },
  base: { amount: 1.5 },
  photo: new Uint8Array([1]),
  madeAt: { seconds: 1, nanos: 0 },
};

const EXPECTED: Readonly<Record<string, unknown>> = {
  displayName: 'Hat',
  serial: '7',
  kind: 'KIND_BAG',
  sizes: [1, 2],
  imported: { amount: 2 },
  base: { amount: 1.5 },
  photo: 'AQ==',
  madeAt: '1970-01-01T00:00:01Z',
};

describe('a message of another library', () => {
  let server: RemotePeer;
  let client: Client;
  before(async () => {
    server = await startPeer('shop');
    client = new Client('127.0.0.1', server.port);
    await client.load([
      `${FIXTURES}/shop.proto`,
      'syntax = "proto3"; package other; message Hat { string name = 1; }',
    ]);
  });
  after(async () => {
    await client.close();
    server.close();
  });

  for (const { name, make, lacks = [], evals = false } of cases) {
    it(`of ${name} is taken as fields`, async function () {
      if (evals) needEval(this);
      const reply = await client.request('Echo', await make());
      const expected = Object.entries(EXPECTED).filter(([key]) => !lacks.includes(key));
      expect(JSON.parse(JSON.stringify(reply))).to.deep.equal(Object.fromEntries(expected));
    });

    it(`of ${name} is printed as fields are`, async function () {
      if (evals) needEval(this);
      const message = await make();
      const expected = Object.entries(EXPECTED).filter(([key]) => !lacks.includes(key));
      expect(client.toJson('shop.v1.Item', message)).to.deep.equal(Object.fromEntries(expected));
      const text = client.toJsonString('shop.v1.Item', message);
      expect(JSON.parse(text)).to.deep.equal(Object.fromEntries(expected));
      expect(client.toText('shop.v1.Item', message)).to.match(/^display_name: "Hat"$/m);
    });

    it(`of ${name} is taken in a request stream`, async function () {
      if (evals) needEval(this);
      const message = await make();
      expect((await client.request('Count', [message, message])).total).to.equal(2n);
    });
  }

  it('is refused, by name, where another type is wanted', async function () {
    needEval(this);
    const root = protobuf.parse(
      'syntax = "proto3"; package other; message Hat { string name = 1; int64 n = 2; }',
    ).root;
    const hat = root.lookupType('other.Hat').create({ name: 'x' });
    let failure: unknown;
    await client.request('Echo', hat).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(TypeError);
    expect((failure as Error).message).to.equal(
      'expected shop.v1.Item, got a message of type other.Hat from another library',
    );
  });

  it('is not looked for without end in a value that contains itself', async () => {
    const value: Record<string, unknown> = { displayName: 'x' };
    value['base'] = value;
    value['imported'] = value;
    let failure: unknown;
    await client.request('Echo', value).catch((error: unknown) => {
      failure = error;
    });
    expect(failure).to.be.instanceOf(TypeError);
  });

  it('is taken inside other objects, where it says its type', async () => {
    const { Price } = (
      require(`${FIXTURES}/generated/pbjs-static/shop.cjs`) as {
        shop: { v1: { Item: { Price: Maker } } };
      }
    ).shop.v1.Item;
    const prices = { eu: Price.create({ amount: 3 }) };
    const { Item_PriceSchema } = (await import(GENERATED)) as {
      Item_PriceSchema: GenMessage<never>;
    };
    const reply = await client.request('Echo', {
      prices,
      base: create(Item_PriceSchema, { amount: 4 } as never),
    });
    expect(reply.prices.eu.amount).to.equal(3);
    expect(reply.base.amount).to.equal(4);
  });

  it('brings the unknown fields along that it holds, in messages within too', async () => {
    const { ItemSchema } = (await import(GENERATED)) as {
      ItemSchema: GenMessage<Message>;
    };
    // base { 1000: 5 } 1001: 6 1002: "x"
    const octets = Uint8Array.of(
      ...client.encode('shop.v1.Item', { base: {} }).slice(0, 1),
      3,
      0xc0,
      0x3e,
      5,
      0xc8,
      0x3e,
      6,
      0xd2,
      0x3e,
      1,
      0x78,
    );
    expect(client.encode('shop.v1.Item', fromBinary(ItemSchema, octets))).to.deep.equal(octets);
  });
});
