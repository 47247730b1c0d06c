// One body for every kind of source that carries descriptors: the same schema gives the same services, calls and
// values, whatever it came from.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { loadPackageDefinition } from '@grpc/grpc-js';
import { expect } from 'chai';
import protobuf from 'protobufjs';
import { Client, type LoadSource } from '../../../lib/index.ts';
import { needEval } from '../../support/eval.ts';
import { type RemotePeer, startPeer } from '../../support/peers/peer-process.ts';

const FIXTURES = resolve('spec/schema/sources/fixtures');
const GENERATED = join(FIXTURES, 'generated');
const PROTO = join(FIXTURES, 'shop.proto');
const generated = (path: string): string => join(GENERATED, path);
const imported = (path: string): Promise<object> => import(pathToFileURL(generated(path)).href);
const exportOf = async (path: string, name: string): Promise<object> => {
  const module = (await imported(path)) as Record<string, object>;
  return module[name];
};
const json = (path: string): object => JSON.parse(readFileSync(generated(path), 'utf8'));
/** Imported here, as its import makes code already. */
const byProtoLoader = async () => (await import('@grpc/proto-loader')).loadSync(PROTO);

interface Source {
  readonly name: string;
  readonly make: () => LoadSource | Promise<LoadSource>;
  /** The source does not tell enough for this. */
  readonly lacks?: 'oneof of messages';
  /** Its maker makes code out of text. */
  readonly evals?: boolean;
}

const sources: readonly Source[] = [
  { name: 'a .proto path', make: () => PROTO },
  { name: 'a .proto file: URL', make: () => pathToFileURL(PROTO) },
  { name: 'a directory', make: () => FIXTURES },
  { name: 'a file: URL of a directory, as text', make: () => pathToFileURL(FIXTURES).href },
  { name: 'source text', make: () => readFileSync(PROTO, 'utf8') },
  { name: 'a FileDescriptorSet file', make: () => generated('shop.binpb') },
  { name: 'a FileDescriptorSet as bytes', make: () => readFileSync(generated('shop.binpb')) },
  { name: 'a FileDescriptorSet as ProtoJSON', make: () => generated('shop.json') },
  { name: 'a FileDescriptorSet as an object', make: () => json('shop.json') },
  { name: "protobufjs's JSON file", make: () => generated('pbjs-json/shop.json') },
  { name: "protobufjs's JSON as an object", make: () => json('pbjs-json/shop.json') },
  { name: 'a protobufjs Root', make: () => protobuf.loadSync(PROTO) },
  {
    name: 'a protobufjs Root that keeps names',
    make: () => new protobuf.Root().loadSync(PROTO, { keepCase: true }),
  },
  { name: 'a service of a protobufjs Root', make: () => protobuf.loadSync(PROTO).lookupService('Shop') },
  { name: 'a pbjs json-module', make: () => generated('pbjs-json/shop.cjs') },
  {
    name: 'a pbjs json-module that was required',
    make: () => createRequire(import.meta.url)(generated('pbjs-json/shop.cjs')),
  },
  { name: "proto-loader's PackageDefinition", make: byProtoLoader, evals: true },
  {
    name: "proto-loader's service definition",
    make: async () => (await byProtoLoader())['shop.v1.Shop'],
    evals: true,
  },
  {
    name: "grpc-js's loaded package",
    make: async () => loadPackageDefinition(await byProtoLoader()),
    evals: true,
  },
  { name: 'a protoc-gen-es module', make: () => generated('protoc-gen-es/shop_pb.js') },
  { name: 'a protoc-gen-es module that was imported', make: () => imported('protoc-gen-es/shop_pb.js') },
  { name: "protoc-gen-es's file", make: () => exportOf('protoc-gen-es/shop_pb.js', 'file_shop') },
  { name: "protoc-gen-es's service", make: () => exportOf('protoc-gen-es/shop_pb.js', 'Shop') },
  { name: 'a protobuf-ts module', make: () => generated('protobuf-ts/shop.js') },
  { name: "protobuf-ts's service", make: () => exportOf('protobuf-ts/shop.js', 'Shop') },
  {
    name: 'a ts-proto module with its schema',
    make: () => generated('ts-proto-schema/shop.js'),
    lacks: 'oneof of messages',
  },
];

const ITEM = {
  displayName: 'Hat',
  serial: 9007199254740993n,
  kind: 'KIND_BAG',
  sizes: [-1, 52],
  prices: { eu: { amount: 1.5, currencyCode: 'EUR' } },
  maker: 'Ada',
  stock: 0,
  photo: new Uint8Array([0, 255]),
  madeAt: '2026-11-21T02:34:00.5Z',
  kinds: ['KIND_BOX', 'KIND_UNSPECIFIED'],
  bySize: { '52': 'KIND_BAG' },
};

/** Canonical ProtoJSON of the same. */
const ITEM_JSON = {
  displayName: 'Hat',
  serial: '9007199254740993',
  kind: 'KIND_BAG',
  sizes: [-1, 52],
  prices: { eu: { amount: 1.5, currencyCode: 'EUR' } },
  maker: 'Ada',
  stock: 0,
  photo: 'AP8=',
  madeAt: '2026-11-21T02:34:00.500Z',
  kinds: ['KIND_BOX', 'KIND_UNSPECIFIED'],
  bySize: { '52': 'KIND_BAG' },
};

async function failureOf(work: PromiseLike<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

describe('a source that carries descriptors', () => {
  let server: RemotePeer;
  before(async () => {
    server = await startPeer('shop');
  });
  after(() => server.close());

  for (const { name, make, lacks, evals = false } of sources) {
    describe(name, () => {
      let client: Client;
      before(async function () {
        client = new Client('127.0.0.1', server.port);
        if (evals) needEval(this);
        await client.load(await make());
      });
      after(() => client.close());

      it('gives its services', () => {
        const [shop] = client.services.filter(({ fullName }) => fullName === 'shop.v1.Shop');
        const methods = shop?.methods.map((one) => [
          one.name,
          one.cardinality,
          one.requestType,
          one.replyType,
        ]);
        expect(methods).to.deep.equal([
          ['Echo', 'unary_unary', 'shop.v1.Item', 'shop.v1.Item'],
          ['List', 'unary_stream', 'shop.v1.Item', 'shop.v1.Item'],
          ['Count', 'stream_unary', 'shop.v1.Item', 'shop.v1.Tally'],
          ['Trade', 'stream_stream', 'shop.v1.Item', 'shop.v1.Item'],
        ]);
      });

      it('sends and gets the same values', async () => {
        const reply = await client.request('Echo', ITEM);
        expect(JSON.parse(JSON.stringify(reply))).to.deep.equal(ITEM_JSON);
        expect(Object.getPrototypeOf(reply).constructor.name).to.equal('Item');
        expect(reply.serial).to.equal(9007199254740993n);
        expect(await server.state()).to.deep.include({
          display_name: 'Hat',
          serial: '9007199254740993',
          kind: 'KIND_BAG',
        });
      });

      it('tells presence and defaults', async () => {
        const reply = await client.request('Echo', {});
        expect(reply).to.have.property('displayName', '');
        expect(reply.stock).to.equal(undefined);
        expect(reply.maker).to.equal(undefined);
        expect(reply.kinds).to.deep.equal([]);
      });

      it('calls in all cardinalities', async () => {
        expect(await client.request('List', ITEM).toArray()).to.have.length(2);
        expect((await client.request('Count', [ITEM, ITEM, {}])).total).to.equal(3n);
        const traded = await client.request('Trade', [{ displayName: 'a' }, { displayName: 'b' }]).toArray();
        expect(traded.map((item) => item.displayName)).to.deep.equal(['a', 'b']);
      });

      it('refuses what does not fit', async () => {
        expect((await failureOf(client.request('Echo', { displayNam: 'x' }))).message).to.contain(
          "'displayName'",
        );
        expect(await failureOf(client.request('Echo', { kind: 'KIND_BOGUS' }))).to.be.instanceOf(TypeError);
        expect(await failureOf(client.request('Echo', { sizes: [2 ** 31] }))).to.be.instanceOf(RangeError);
      });

      if (lacks === undefined) {
        it('knows which fields exclude each other', async () => {
          const failure = await failureOf(client.request('Echo', { maker: 'Ada', imported: { amount: 1 } }));
          expect(failure.message).to.contain('origin');
        });

        it('means the same as the .proto beside it, and twice the same as once', async () => {
          await client.load(PROTO);
          await client.load(await make());
          expect(client.services.filter(({ fullName }) => fullName === 'shop.v1.Shop')).to.have.length(1);
          expect((await client.request('Echo', ITEM)).displayName).to.equal('Hat');
        });
      }
    });
  }
});
