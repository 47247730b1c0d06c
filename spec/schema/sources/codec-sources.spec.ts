// One body for the generated modules that carry codecs but no descriptors: calls work with the module's own functions
// and values, and what is loaded beside makes them whole.

import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { Client, SchemaError } from '../../../lib/index.ts';
import { LayeredRegistry } from '../../../lib/schema/reflection/layered-registry.ts';
import { loadSources } from '../../../lib/schema/sources/load-source.ts';
import { type RemotePeer, startPeer } from '../../support/peers/peer-process.ts';

const FIXTURES = resolve('spec/schema/sources/fixtures');
const PROTO = `${FIXTURES}/shop.proto`;
const require = createRequire(import.meta.url);
const { Item } = require(`${FIXTURES}/grpc-tools/shop_pb.js`) as {
  Item: new (data: unknown[]) => { getDisplayName(): string; toObject(): object };
};

interface Source {
  readonly name: string;
  readonly path: string;
  /** The module's own value of an item with that name and two sizes. */
  readonly item: (name: string) => object;
  readonly nameOf: (reply: unknown) => unknown;
}

const plain = {
  item: (name: string): object => ({ displayName: name, sizes: [1, 2] }),
  nameOf: (reply: unknown): unknown => (reply as { displayName: unknown }).displayName,
};
/** ts-proto's encoders want all fields. */
const full = {
  ...plain,
  item: (name: string): object => ({
    displayName: name,
    serial: 0,
    kind: 0,
    sizes: [1, 2],
    prices: {},
    photo: new Uint8Array(),
    kinds: [],
    bySize: {},
  }),
};

const sources: readonly Source[] = [
  { name: 'a pbjs static module (CommonJS)', path: 'generated/pbjs-static/shop.cjs', ...plain },
  { name: 'a pbjs static module (ESM)', path: 'generated/pbjs-static/shop.mjs', ...plain },
  { name: 'a ts-proto module', path: 'generated/ts-proto/shop.js', ...plain },
  { name: 'a ts-proto module with useAsyncIterable', path: 'generated/ts-proto-iterable/shop.js', ...plain },
  {
    name: 'a ts-proto module with generic definitions',
    path: 'generated/ts-proto-generic/shop.js',
    ...plain,
  },
  { name: 'a ts-proto module with grpc-js services', path: 'generated/ts-proto-grpc-js/shop.js', ...full },
  {
    name: "grpc-tools' _grpc_pb.js",
    path: 'grpc-tools/shop_grpc_pb.js',
    item: (name) => new Item([name, undefined, undefined, [1, 2]]),
    nameOf: (reply) => (reply as InstanceType<typeof Item>).getDisplayName(),
  },
];

async function failureOf(work: PromiseLike<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

describe('a source that carries only codecs', () => {
  let server: RemotePeer;
  before(async () => {
    server = await startPeer('shop');
  });
  after(() => server.close());

  for (const { name, path, item, nameOf } of sources) {
    describe(name, () => {
      let client: Client;
      before(async () => {
        client = new Client('127.0.0.1', server.port);
        await client.load(`${FIXTURES}/${path}`);
      });
      after(() => client.close());

      it('gives its services', () => {
        const methods = client.services.flatMap((one) =>
          one.methods.map((m) => [m.path, m.cardinality, m.requestType]),
        );
        expect(methods).to.deep.equal([
          ['/shop.v1.Shop/Echo', 'unary_unary', 'shop.v1.Item'],
          ['/shop.v1.Shop/List', 'unary_stream', 'shop.v1.Item'],
          ['/shop.v1.Shop/Count', 'stream_unary', 'shop.v1.Item'],
          ['/shop.v1.Shop/Trade', 'stream_stream', 'shop.v1.Item'],
        ]);
      });

      it('calls in all cardinalities, with its own values', async () => {
        expect(nameOf(await client.request('Echo', item('Hat')))).to.equal('Hat');
        expect(await server.state()).to.deep.include({ display_name: 'Hat', sizes: [1, 2] });
        const listed = await client.request('List', item('Hat')).toArray();
        expect(listed.map(nameOf)).to.deep.equal(['Hat', 'Hat']);
        await client.request('Count', [item('a'), item('b')]);
        const traded = await client.request('Trade', [item('a'), item('b')]).toArray();
        expect(traded.map(nameOf)).to.deep.equal(['a', 'b']);
      });

      it('takes the imported module too', async () => {
        const module =
          path.endsWith('.cjs') || path.includes('grpc')
            ? require(`${FIXTURES}/${path}`)
            : await import(pathToFileURL(`${FIXTURES}/${path}`).href);
        const other = new Client(client.channel);
        await other.load(module);
        expect(other.services[0].fullName).to.equal('shop.v1.Shop');
        await other.close();
      });

      it('is upgraded by a .proto beside it', async () => {
        const both = new Client(client.channel);
        await both.load([`${FIXTURES}/${path}`, PROTO]);
        await both.load(`${FIXTURES}/${path}`);
        const reply = await both.request('Echo', { displayName: 'Hat', kind: 'KIND_BAG' });
        expect(reply.kind).to.equal('KIND_BAG');
        expect(both.services).to.have.length(1);
        const later = new Client(client.channel);
        await later.load(`${FIXTURES}/${path}`);
        await later.load(PROTO);
        expect((await later.request('Echo', { kind: 'KIND_BAG' })).kind).to.equal('KIND_BAG');
        await Promise.all([both.close(), later.close()]);
      });
    });
  }

  it('says how plain objects can be had where the module does not take them', async () => {
    const client = new Client('127.0.0.1', server.port);
    await client.load(`${FIXTURES}/grpc-tools/shop_grpc_pb.js`);
    const failure = await failureOf(client.request('Echo', { displayName: 'Hat' }));
    expect(failure).to.be.instanceOf(TypeError);
    expect(failure.message).to.match(
      /Expected argument of type shop\.v1\.Item; .*load shop\.proto alongside .*shop_grpc_pb\.js/,
    );
    await client.close();
  });

  it('says which file to load where a definition is needed', async () => {
    const client = new Client('127.0.0.1', server.port);
    await client.load(`${FIXTURES}/generated/ts-proto/shop.js`);
    let failure: unknown;
    try {
      client.toJson('shop.v1.Item', {});
    } catch (error) {
      failure = error;
    }
    expect(failure).to.be.instanceOf(SchemaError);
    expect((failure as Error).message).to.match(
      /shop\.v1\.Item.*load shop\.proto alongside .*ts-proto\/shop\.js/,
    );
    for (const symbol of ['shop.v1.Shop', 'shop.v1.Shop.Echo', 'shop.v1.Item']) {
      expect((await failureOf(Promise.resolve().then(() => client.describe(symbol)))).message).to.contain(
        'load shop.proto alongside',
      );
    }
    await client.close();
  });

  it('is upgraded by what reflection tells', async () => {
    const [source] = await loadSources(`${FIXTURES}/grpc-tools/shop_grpc_pb.js`, { includeDirs: [] });
    const [proto] = await loadSources(PROTO, { includeDirs: [] });
    const schema = new LayeredRegistry();
    schema.load([source]);
    schema.reflect(proto.files, ['shop.v1.Shop'], 'the server', true);
    const { request } = schema.current.method('Echo');
    expect(() => request.encode({ kind: 'KIND_BAG' }, 5)).not.to.throw();
  });
});
