// What a request or a question needs and no service leads to: the server is asked for it.

import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import type { ClientOptions } from '../../../lib/client/client-options.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { RpcError } from '../../../lib/values/rpc-error.ts';
import { closing, rejection } from '../../support/closing.ts';
import {
  type Answer,
  answersFrom,
  listenReflection,
  notFound,
  type Question,
  type ReflectionPeer,
} from './reflection-peer.ts';
import { filesOf, type Sources } from './schema-files.ts';

const SERVICE: Sources = {
  'carrier.proto': `
    package carry;
    import "google/protobuf/any.proto";
    message Box { google.protobuf.Any one = 1; repeated google.protobuf.Any many = 2; string label = 3; }
    service Carrier { rpc Carry (Box) returns (Box); rpc All (stream Box) returns (Box); }`,
};
const OTHER: Sources = {
  'other.proto': `
    package carry;
    import "google/protobuf/any.proto";
    message Apple { string sort = 1; google.protobuf.Any more = 2; message Stone { int32 size = 1; } }
    enum Colour { RED = 0; GREEN = 1; }`,
  'far.proto':
    'package far.away; message Pear { string sort = 1; } service Unlisted { rpc Go (Pear) returns (Pear); }',
  'old.proto': `syntax = "proto2"; package carry; message Old { extensions 1 to 9; extend Old { optional int32 age = 1; } }`,
};

const ALL = { ...SERVICE, ...OTHER };
const apple = { '@type': 'type.googleapis.com/carry.Apple', sort: 'Boskoop' };
const pear = { '@type': 'x/far.away.Pear', sort: 'Williams' };

describe('What the server has besides', () => {
  const open = closing();
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  async function serve(
    options?: ClientOptions,
    change: (answer: (question: Question) => Answer) => (question: Question) => Answer = (answer) => answer,
  ): Promise<{ client: Client; peer: ReflectionPeer }> {
    const answer = answersFrom(await filesOf(ALL), { services: ['carry.Carrier'] });
    const peer = open(await listenReflection({ answer: change(answer) }));
    return { peer, client: open(new Client('127.0.0.1', peer.port, options)) };
  }

  describe('in requests', () => {
    const requests: readonly (readonly [string, object])[] = [
      ['an Any', { one: apple }],
      ['an Any in an Any', { one: { ...apple, more: pear } }],
      ['several', { many: [apple, pear, apple] }],
      [
        'a well-known type that is not loaded',
        { one: { '@type': 'x/google.protobuf.Duration', value: '1.500s' } },
      ],
      ['a text of a well-known type', { one: { '@type': 'x/google.protobuf.StringValue', value: 'abcd' } }],
      ['an extension in an Any', { one: { '@type': 'x/carry.Old', '[carry.Old.age]': 7 } }],
    ];
    for (const [name, fields] of requests) {
      it(`is fetched for ${name}`, async () => {
        const { client } = await serve();
        expect(plain(await client.request('carry.Carrier/Carry', fields))).to.deep.equal(fields);
        const again = await serve();
        expect(plain(await again.client.request('carry.Carrier/All', [fields]))).to.deep.equal(fields);
      });
    }

    it('is fetched once, for calls at the same time too', async () => {
      const { client, peer } = await serve();
      await client.request('carry.Carrier/Carry', {});
      const before = peer.questions.length;
      const calls = Array.from({ length: 5 }, () => client.request('carry.Carrier/Carry', { one: apple }));
      for (const reply of await Promise.all(calls)) expect(reply.one.sort).to.equal('Boskoop');
      expect((await client.request('carry.Carrier/Carry', { one: apple })).one.sort).to.equal('Boskoop');
      expect(peer.questions.slice(before)).to.deep.equal(['symbol carry.Apple']);
    });

    const strange = { one: { '@type': 'x/no.Body', a: 1 } };
    it('is an error of its own where the server does not know it, and asked for once', async () => {
      const { client, peer } = await serve();
      for (let i = 0; i < 3; i++) {
        const error = await rejection(client.request('carry.Carrier/Carry', strange));
        expect(error).to.be.instanceOf(TypeError);
        expect(error.message).to.include("'x/no.Body' is not loaded");
      }
      expect(peer.questions.filter((one) => one === 'symbol no.Body')).to.have.length(1);
      expect(peer.calls).to.deep.equal([]);
    });

    it('is an error where it is there and no message', async () => {
      const { client } = await serve();
      const fields = { one: { '@type': 'x/carry.Colour', a: 1 } };
      for (let i = 0; i < 2; i++) {
        const error = await rejection(client.request('carry.Carrier/Carry', fields));
        expect(error.message).to.include("'x/carry.Colour' is not loaded");
      }
    });

    it('is not asked for where the client does not ask', async () => {
      const { client, peer } = await serve({ reflection: 'never' });
      await client.reflect();
      const before = peer.questions.length;
      expect((await rejection(client.request('carry.Carrier/Carry', { one: apple }))).message).to.include(
        'is not loaded',
      );
      expect(peer.questions).to.have.length(before);
    });

    it('takes no longer than the call may take, and can be cancelled', async () => {
      const { client } = await serve(
        {},
        (answer) => (question) =>
          question.fileContainingSymbol === 'carry.Apple' ? 'silence' : answer(question),
      );
      await client.request('carry.Carrier/Carry', {});
      const late = await rejection(client.request('carry.Carrier/Carry', { one: apple }, { timeoutMs: 30 }));
      expect(late.message).to.match(/^DEADLINE_EXCEEDED: .*while loading the schema/);
      const call = client.request('carry.Carrier/Carry', { one: apple });
      call.cancel();
      expect((await rejection(call)).message).to.match(/^CANCELLED/);
    });

    it('is UNAVAILABLE where the server cannot be asked any more', async () => {
      const { client, peer } = await serve();
      await client.request('carry.Carrier/Carry', {});
      await peer.close();
      const error = await rejection(client.request('carry.Carrier/Carry', { one: apple }));
      expect(RpcError.is(error) && error.codeName).to.equal('UNAVAILABLE');
    });

    for (const [name, options] of [
      ['a plain', {}],
      ['an intercepted', { interceptors: [(call, next) => next(call)] }],
    ] satisfies [string, ClientOptions][]) {
      it(`has the status of the reflection that was not possible, for ${name} request stream`, async () => {
        const answer = answersFrom(await filesOf(ALL), { services: ['carry.Carrier'] });
        const peer = open(await listenReflection({ answer, connection: { maxConcurrentStreams: 1 } }));
        const client = open(new Client('127.0.0.1', peer.port, { ...options, maxQueuedCalls: 1 }));
        await client.method('carry.Carrier/All');
        // It has the only stream, and the call the only place in the queue.
        const first = client.open('carry.Carrier/All');
        await first.write({ label: 'first' });
        await peer.when(() => peer.calls.length === 1);
        const call = client.request('carry.Carrier/All', [{ one: apple }]);
        const error = await rejection(call);
        expect(error.message).to.match(/^RESOURCE_EXHAUSTED: cannot load the schema: .*maxQueuedCalls/);
        expect(RpcError.is(error.cause) && error.cause.codeName).to.equal('RESOURCE_EXHAUSTED');
        expect((await call.status).codeName).to.equal('RESOURCE_EXHAUSTED');
        first.cancel();
      });
    }

    it('is encoded by what the server tells anew, where that replaces what it told before', async () => {
      const changed: Sources = {
        'carrier.proto': SERVICE['carrier.proto'].replace('message Box', 'message Crate {} message Box'),
        'other.proto': OTHER['other.proto'].replace(
          'package carry;',
          'package carry; import "carrier.proto";',
        ),
      };
      const first: Sources = {
        'carrier.proto': SERVICE['carrier.proto'].replace('message Box', 'message Basket {} message Box'),
      };
      let answer = answersFrom(await filesOf(first));
      const peer = open(await listenReflection({ answer: (question) => answer(question) }));
      const client = open(new Client('127.0.0.1', peer.port));
      await client.method('carry.Carrier/All');
      answer = answersFrom(await filesOf(changed));
      const reply = await client.request('carry.Carrier/All', [{ many: [apple, apple] }]);
      expect(client.symbols).to.include('carry.Crate').and.not.include('carry.Basket');
      expect(client.encode('carry.Box', reply)).to.deep.equal(
        client.encode('carry.Box', { many: [apple, apple] }),
      );
    });

    it('goes through interceptors', async () => {
      const { client } = await serve({ interceptors: [(call, next) => next(call)] });
      expect((await client.request('carry.Carrier/Carry', { one: apple })).one.sort).to.equal('Boskoop');
    });
  });

  describe('client.resolving', () => {
    it('fetches what encoding and reading need', async () => {
      const { client } = await serve();
      await client.method('carry.Carrier/Carry');
      const octets = await client.resolving(() =>
        client.encode('carry.Box', { one: { ...apple, more: pear } }),
      );
      expect(plain(client.decode('carry.Box', octets))).to.deep.equal({ one: { ...apple, more: pear } });
      const other = (await serve()).client;
      await other.method('carry.Carrier/Carry');
      const text = 'one { [x/carry.Old] { [carry.Old.age]: 7 } }';
      const read = await other.resolving(() => other.fromText('carry.Box', text));
      expect(plain(read)).to.deep.equal({ one: { '@type': 'x/carry.Old', '[carry.Old.age]': 7 } });
    });

    it('asks for 100 of them at most', async () => {
      const types = (count: number): string[] => Array.from({ length: count }, (_, i) => `many.M${i}`);
      const source = `package many; ${types(101)
        .map((name) => `message ${name.slice('many.'.length)} { int32 x = 1; }`)
        .join(' ')}`;
      const files = [...(await filesOf(SERVICE)), ...(await filesOf({ 'many.proto': source }))];
      const [many] = files.slice(-1);
      // One type an answer, so that each has to be asked for.
      const each = (many.messageType ?? []).map((message) => ({
        ...many,
        name: `${message.name}.proto`,
        messageType: [message],
      }));
      for (const [count, isThere] of [
        [100, true],
        [101, false],
      ] as const) {
        const peer = open(await listenReflection({ answer: answersFrom([...files.slice(0, -1), ...each]) }));
        const client = open(new Client('127.0.0.1', peer.port));
        await client.method('carry.Carrier/Carry');
        const box = { many: types(count).map((name) => ({ '@type': `x/${name}`, x: 1 })) };
        const done = client.resolving(() => client.encode('carry.Box', box));
        if (isThere) expect(await done).to.be.instanceOf(Uint8Array);
        else expect((await rejection(done)).message).to.include("'x/many.M100' is not loaded");
        expect(peer.questions.filter((one) => one.startsWith('symbol many.'))).to.have.length(100);
      }
    });

    it('gives what the function gives, and fails as it does', async () => {
      const { client } = await serve();
      await client.method('carry.Carrier/Carry');
      expect(await client.resolving(() => 5)).to.equal(5);
      const mistake = new Error('mine');
      const thrown = await rejection(
        client.resolving(() => {
          throw mistake;
        }),
      );
      expect(thrown).to.equal(mistake);
      const unknown = client.resolving(() =>
        client.encode('carry.Box', { one: { '@type': 'x/no.Body', a: 1 } }),
      );
      expect((await rejection(unknown)).message).to.include('is not loaded');
    });
  });

  describe('client.symbol', () => {
    const symbols: readonly (readonly [string, string, string])[] = [
      ['carry.Apple', 'message', 'carry.Apple'],
      ['.carry.Apple', 'message', 'carry.Apple'],
      ['carry.Apple.Stone', 'message', 'carry.Apple.Stone'],
      ['carry.Apple.Stone.size', 'field', 'carry.Apple.Stone.size'],
      ['carry.Colour', 'enum', 'carry.Colour'],
      ['carry.Colour.GREEN', 'value', 'carry.GREEN'],
      ['carry.Old.age', 'extension', 'carry.Old.age'],
      ['far.away.Pear', 'message', 'far.away.Pear'],
      ['far.away.Unlisted', 'service', 'far.away.Unlisted'],
      ['far.away.Unlisted/Go', 'method', 'far.away.Unlisted.Go'],
      ['/far.away.Unlisted/Go', 'method', 'far.away.Unlisted.Go'],
      ['google.protobuf.Duration', 'message', 'google.protobuf.Duration'],
      ['carry.Box', 'message', 'carry.Box'],
    ];
    for (const [name, kind, fullName] of symbols) {
      it(`finds ${name}`, async () => {
        const { client } = await serve();
        expect(await client.symbol(name)).to.deep.include({ kind, fullName });
        const after = (await serve()).client;
        await after.reflect();
        expect(await after.symbol(name)).to.deep.include({ kind, fullName });
      });
    }

    it('finds by short names what is in the packages of services', async () => {
      const { client } = await serve();
      await client.reflect();
      expect((await client.symbol('Apple')).fullName).to.equal('carry.Apple');
      expect((await client.symbol('Apple.sort')).fullName).to.equal('carry.Apple.sort');
    });

    it('says what the server said of one that it does not know', async () => {
      const { client, peer } = await serve();
      await client.reflect();
      const error = await rejection(client.symbol('carry.Bax'));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message)
        .to.include("no symbol 'carry.Bax'; did you mean 'carry.Box'")
        .and.include(`127.0.0.1:${peer.port} was asked by reflection: nothing is called carry.Bax`);
    });

    it('asks nobody for what is known', async () => {
      const { client, peer } = await serve();
      await client.reflect();
      const before = peer.questions.length;
      await client.symbol('carry.Box.label');
      expect(peer.questions).to.have.length(before);
    });

    it('rejects where there is no reflection, and for what is no name', async () => {
      const peer = open(await listenReflection({ answer: () => notFound(), versions: [] }));
      const client = open(new Client('127.0.0.1', peer.port));
      expect((await rejection(client.symbol('a.B'))).message).to.include('has no reflection service');
      expect(await rejection(client.symbol(''))).to.be.instanceOf(TypeError);
      expect(await rejection(client.symbol(5 as never))).to.be.instanceOf(TypeError);
    });
  });
});
