import { expect } from 'chai';
import { Client } from '../../lib/client/client.ts';
import type { ClientOptions } from '../../lib/client/client-options.ts';
import { loadProto } from '../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../lib/values/errors.ts';
import type { RpcError } from '../../lib/values/rpc-error.ts';
import {
  answersFrom,
  listenReflection,
  type ReflectionPeer,
  type ReflectionPeerOptions,
} from '../schema/reflection/reflection-peer.ts';
import { filesOf, type Sources } from '../schema/reflection/schema-files.ts';
import { closing, rejection } from '../support/closing.ts';

const CARRIER: Sources = {
  'carrier.proto': `
    package carry;
    import "google/protobuf/any.proto";
    message Box { google.protobuf.Any one = 1; repeated google.protobuf.Any many = 2;
      map<string, google.protobuf.Any> by = 3; string label = 4; }
    service Carrier { rpc Carry (Box) returns (Box); }`,
};
const CARGO: Sources = {
  'cargo.proto': `
    package cargo;
    import "google/protobuf/any.proto";
    message Apple { string sort = 1; }
    message Crate { repeated Apple apples = 1; }
    message Value { string value = 1; }
    message Bytes { bytes value = 1; }
    message Nested { google.protobuf.Any inner = 1; }
    service Unasked { rpc Carry (Apple) returns (Apple); }`,
};

const any = (type: string, value: Uint8Array): object => ({ '@type': `type.googleapis.com/${type}`, value });

describe('Client.resolve', () => {
  const open = closing();
  let all: Registry;
  let peer: ReflectionPeer;

  before(async () => {
    all = new Registry();
    all.add(await filesOf({ ...CARRIER, ...CARGO }), 'the specs');
  });

  const bytesOf = (type: string, fields: object): Uint8Array => {
    const { bytes, start, end } = all.message(type).encode(fields, 0);
    return bytes.slice(start, end);
  };
  const apple = (): object => any('cargo.Apple', bytesOf('cargo.Apple', { sort: 'Boskoop' }));

  async function connect(options?: ClientOptions, server?: Partial<ReflectionPeerOptions>): Promise<Client> {
    const answer = answersFrom(await filesOf({ ...CARRIER, ...CARGO }));
    peer = open(await listenReflection({ answer, ...server }));
    return open(new Client('127.0.0.1', peer.port, options));
  }

  it('gives the reply as it is when its Any values are decoded, or it has none', async () => {
    const client = await connect();
    const reply = await client.request('carry.Carrier/Carry', { label: 'x' });
    expect(await client.resolve(reply)).to.equal(reply);
    expect(await client.resolve('text')).to.equal('text');
    expect(await client.resolve(null)).to.equal(null);
  });

  it('fetches the types of Any values, each once, and decodes them', async () => {
    const client = await connect();
    const reply = await client.request('carry.Carrier/Carry', {
      one: apple(),
      many: [apple(), any('cargo.Value', bytesOf('cargo.Value', { value: 'v' }))],
      by: { k: apple() },
      label: 'x',
    });
    expect(reply.one.value).to.be.instanceOf(Uint8Array);
    const before = peer.questions.length;
    const resolved = await client.resolve(reply);
    expect(JSON.parse(JSON.stringify(resolved))).to.deep.equal({
      one: { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' },
      many: [
        { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' },
        { '@type': 'type.googleapis.com/cargo.Value', value: 'v' },
      ],
      by: { k: { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' } },
      label: 'x',
    });
    expect(resolved.constructor.name).to.equal('Box');
    expect(peer.questions.slice(before)).to.deep.equal(['symbol cargo.Apple', 'symbol cargo.Value']);
    // Now they are known.
    expect((await client.request('carry.Carrier/Carry', { one: apple() })).one.sort).to.equal('Boskoop');
    expect(peer.questions).to.have.length(before + 2);
  });

  it('resolves replies that came before their types were known', async () => {
    for (const type of ['cargo.Value', 'cargo.Bytes']) {
      const client = await connect();
      const value = type === 'cargo.Value' ? 'v' : Buffer.from('v');
      const carried = { one: any(type, bytesOf(type, { value })) };
      const replies = [
        await client.request('carry.Carrier/Carry', carried),
        await client.request('carry.Carrier/Carry', carried),
      ];
      for (const reply of replies) expect((await client.resolve(reply)).one.value).to.deep.equal(value);
    }
  });

  it('follows Any values into each other', async () => {
    const client = await connect();
    const nested = any('cargo.Nested', bytesOf('cargo.Nested', { inner: apple() }));
    const reply = await client.request('carry.Carrier/Carry', { one: nested });
    expect((await client.resolve(reply)).one.inner.sort).to.equal('Boskoop');
  });

  it('leaves what the server does not know as it is', async () => {
    const client = await connect();
    const strange = any('nobody.Knows', Buffer.from('x'));
    const reply = await client.request('carry.Carrier/Carry', { one: strange, many: [apple()] });
    const resolved = await client.resolve(reply);
    expect({ ...resolved.one }).to.deep.equal(strange);
    expect(resolved.many[0].sort).to.equal('Boskoop');
  });

  it('asks for no more than a hundred types', async () => {
    const client = await connect();
    const many = Array.from({ length: 150 }, (_, i) => any(`nobody.Knows${i}`, Buffer.from('x')));
    const reply = await client.request('carry.Carrier/Carry', { many });
    const before = peer.questions.length;
    expect((await client.resolve(reply)).many).to.have.length(150);
    expect(peer.questions.length - before).to.equal(100);
  });

  it('makes no methods known: short names mean what they meant', async () => {
    const client = await connect();
    await client.request('carry.Carrier/Carry', {});
    await client.resolve(await client.request('carry.Carrier/Carry', { one: apple() }));
    expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['carry.Carrier']);
  });

  it('works beside a schema that was loaded', async () => {
    const client = await connect({ reflection: 'never' });
    await client.load('route_guide.proto', { includeDirs: ['protos'] });
    await client.reflect({ services: ['carry.Carrier'] });
    const reply = await client.request('Carry', { one: apple() });
    expect((await client.resolve(reply)).one.sort).to.equal('Boskoop');
  });

  for (const [name, values] of [
    ['names as they are in the .proto', { keepCase: true }],
    ['bytes as base64', { bytes: String }],
    ['no defaults', { defaults: false }],
  ] as const) {
    it(`works with ${name}`, async () => {
      const client = await connect({ values });
      const reply = await client.request('carry.Carrier/Carry', { one: apple() });
      expect((await client.resolve(reply)).one.sort).to.equal('Boskoop');
    });
  }

  it('decodes the details of an error, in the error itself', async () => {
    const status = new Registry();
    status.add((await loadProto(['google/rpc/status.proto'])).files, 'bundled');
    const details = [apple(), any('nobody.Knows', Buffer.from('x')), apple()];
    const { bytes, start, end } = status.message('google.rpc.Status').encode({ code: 5, details }, 0);
    const client = await connect({}, { callStatus: () => 5, callDetails: bytes.slice(start, end) });
    const error = (await rejection(client.request('carry.Carrier/Carry', {}))) as RpcError;
    expect(error.errorDetails[0]['sort']).to.equal(undefined);
    const before = peer.questions.length;
    expect(await client.resolve(error)).to.equal(error);
    expect(JSON.parse(JSON.stringify(error.errorDetails))).to.deep.equal([
      { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' },
      { '@type': 'type.googleapis.com/nobody.Knows', value: 'eA==' },
      { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' },
    ]);
    expect(peer.questions.slice(before)).to.deep.equal(['symbol cargo.Apple', 'symbol nobody.Knows']);
  });

  it('leaves a detail of an error as bytes that would take more memory than a detail may', async () => {
    const status = new Registry();
    status.add((await loadProto(['google/rpc/status.proto'])).files, 'bundled');
    const crate = bytesOf('cargo.Crate', { apples: new Array(15_000).fill({}) });
    const details = [any('cargo.Crate', crate), apple()];
    const { bytes, start, end } = status.message('google.rpc.Status').encode({ code: 5, details }, 0);
    const client = await connect({}, { callStatus: () => 5, callDetails: bytes.slice(start, end) });
    const error = (await rejection(client.request('carry.Carrier/Carry', {}))) as RpcError;
    expect(error.errorDetailsProblem).to.equal(undefined);
    await client.resolve(error);
    expect(error.errorDetails[0]['value']).to.have.length(crate.length);
    expect(error.errorDetails[1]['sort']).to.equal('Boskoop');
    expect(error.errorDetailsProblem).to.match(
      /^resolve: 1 detail is left as bytes, past MAX_ERROR_DETAIL_BYTES 524288 /,
    );
  });

  it('decodes what came as JSON, of types that were not loaded', async () => {
    const carrier = new Registry();
    carrier.add(await filesOf(CARRIER), 'the specs');
    const codec = carrier.jsonMessage('carry.Box');
    const type = (name: string): string => `type.googleapis.com/cargo.${name}`;
    const box = {
      one: { '@type': type('Apple'), sort: 'Boskoop' },
      many: [{ '@type': type('Nested'), inner: { '@type': type('Value'), value: '-0' } }],
      label: 'x',
    };
    const text = Buffer.from(JSON.stringify(box));
    const reply = codec.decode(text, 0, text.length);
    const client = await connect({ codec: 'json' });
    await client.reflect({ services: ['carry.Carrier'] });
    const resolved = await client.resolve(reply);
    expect(JSON.parse(JSON.stringify(resolved))).to.deep.equal(box);
    expect(client.toJsonString('carry.Box', resolved)).to.equal(JSON.stringify(box));
  });

  it('lets a request of JSON ask the server for the type of an Any', async () => {
    const client = await connect({ codec: 'json' });
    const one = { '@type': 'type.googleapis.com/cargo.Apple', sort: 'Boskoop' };
    const reply = await client.request('carry.Carrier/Carry', { one });
    expect(reply.one).to.deep.include(one);
    // And one after it, whose method is another object by now.
    const again = await client.request('carry.Carrier/Carry', { by: { x: one } });
    expect(again.by.x).to.deep.include(one);
  });

  it('rejects when the server has no reflection', async () => {
    const client = await connect({}, { versions: [] });
    const bytes = bytesOf('carry.Box', { one: any('x.Y', Buffer.from('x')) });
    const reply = all.message('carry.Box').decode(bytes, 0, bytes.length);
    const error = await rejection(client.resolve(reply));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('has no reflection service');
  });

  it('is given up at its signal', async () => {
    let isSilent = false;
    const answer = answersFrom(await filesOf({ ...CARRIER, ...CARGO }));
    const client = await connect({}, { answer: (question) => (isSilent ? 'silence' : answer(question)) });
    const reply = await client.request('carry.Carrier/Carry', { one: apple() });
    isSilent = true;
    expect((await rejection(client.resolve(reply, { timeoutMs: 20 }))).name).to.equal('TimeoutError');
    expect((await rejection(client.resolve(reply, { timeout: 1 } as never))).message).to.include(
      "'timeoutMs'",
    );
  });
});
