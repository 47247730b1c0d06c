import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import { LayeredRegistry } from '../../../lib/schema/reflection/layered-registry.ts';
import { decodeDescriptorSet, encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { closing } from '../../support/closing.ts';
import { answersFrom, listenReflection } from './reflection-peer.ts';
import { filesOf, type Sources } from './schema-files.ts';

const SOURCE = 'the reflection of the server';
const file = (text: string): Sources => ({ 'a.proto': `package a; ${text}` });

/** What was loaded, and what the server tells. */
async function layers(
  loaded: Sources,
  reflected: Sources,
  services: string[] = [],
): Promise<LayeredRegistry> {
  const schema = new LayeredRegistry();
  const files = await filesOf(loaded);
  schema.load([{ files, origin: './a.proto' }]);
  schema.reflect(await filesOf(reflected), services, SOURCE, false);
  return schema;
}

const SERVICE = 'message M { string s = 1; } service S { rpc Go (M) returns (M); }';

describe('The schema in layers', () => {
  describe('load against reflection', () => {
    const rows: { name: string; loaded: string; reflected: string; differences: [string, string][] }[] = [
      { name: 'the same', loaded: SERVICE, reflected: SERVICE, differences: [] },
      {
        name: 'a field that is only the server’s',
        loaded: SERVICE,
        reflected: 'message M { string s = 1; int64 more = 2; } service S { rpc Go (M) returns (M); }',
        differences: [['a.M', "field 2 'int64 more' is only the server's"]],
      },
      {
        name: 'a field that was only loaded',
        loaded: 'message M { string s = 1; repeated int64 more = 2; }',
        reflected: 'message M { string s = 1; }',
        differences: [['a.M', "field 2 'repeated int64 more' is only in what was loaded"]],
      },
      {
        name: 'a field of another type',
        loaded: 'message M { string s = 1; }',
        reflected: 'message M { bytes s = 1; }',
        differences: [['a.M', "field 1 is 'string s' here and 'bytes s' there"]],
      },
      {
        name: 'a nested message that is only the server’s',
        loaded: 'message M { string s = 1; }',
        reflected: 'message M { string s = 1; message N { } }',
        differences: [['a.M.N', "only the server's schema has it"]],
      },
      {
        name: 'enums',
        loaded: 'enum E { ZERO = 0; ONE = 1; }',
        reflected: 'enum E { ZERO = 0; UN = 1; }',
        differences: [['a.E', "value ONE '1' is only in what was loaded; value UN '1' is only the server's"]],
      },
      {
        name: 'methods',
        loaded: SERVICE,
        reflected:
          'message M { string s = 1; } service S { rpc Go (M) returns (stream M); rpc Off (M) returns (M); }',
        differences: [
          [
            'a.S',
            "method Go is '(a.M) returns (a.M)' here and '(a.M) returns (stream a.M)' there; method Off '(a.M) returns (a.M)' is only the server's",
          ],
        ],
      },
      {
        name: 'kinds',
        loaded: 'message M { }',
        reflected: 'enum M { ZERO = 0; }',
        differences: [['a.M', 'it is a message here and an enum there']],
      },
      {
        name: 'options',
        loaded: 'message M { repeated int32 n = 1; }',
        reflected: 'message M { repeated int32 n = 1 [packed = false]; }',
        differences: [['a.M', 'options or syntax differ']],
      },
    ];
    for (const { name, loaded, reflected, differences } of rows) {
      for (const order of ['loaded first', 'reflected first']) {
        it(`tells of ${name}, ${order}`, async () => {
          const [ours, theirs] = [await filesOf(file(loaded)), await filesOf(file(reflected))];
          const schema = new LayeredRegistry();
          const load = (): void => schema.load([{ files: ours, origin: './a.proto' }]);
          if (order === 'loaded first') load();
          schema.reflect(theirs, ['a.S'], SOURCE, false);
          if (order !== 'loaded first') load();
          expect(schema.differences.map(({ symbol, difference }) => [symbol, difference])).to.deep.equal(
            differences,
          );
          for (const one of schema.differences) {
            expect(one.loaded).to.equal('a.proto (from ./a.proto)');
            expect(one.reflected).to.equal('a.proto');
          }
          // What was loaded is in force.
          const definition = schema.current.find(differences[0]?.[0] ?? 'a.M');
          if (differences[0]?.[0] !== 'a.M.N') expect(definition?.file.origin).to.equal('./a.proto');
        });
      }
    }

    it('keeps what only the server has, from a file of the same name', async () => {
      const schema = await layers(
        file('message Reply { string text = 1; }'),
        file(
          'message Reply { string s = 1; } message Ask { Reply r = 1; } service S { rpc Go (Ask) returns (Reply); }',
        ),
        ['a.S'],
      );
      expect(schema.differences.map(({ symbol }) => symbol)).to.deep.equal(['a.Reply']);
      const value = schema.current.fromJson('a.Ask', { r: { text: 'x' } });
      expect(schema.current.toJson(value)).to.deep.equal({ r: { text: 'x' } });
      expect(schema.current.method('a.S.Go').reply.typeName).to.equal('a.Reply');
      expect(schema.isReflected(schema.current.find('a.S'))).to.equal(true);
      expect(schema.isReflected(schema.current.find('a.Reply'))).to.equal(false);
    });

    it('keeps what another file of the server’s needs of a file that was loaded otherwise', async () => {
      const schema = await layers(
        { 'common.proto': 'package a; message Id { string id = 1; }' },
        {
          'common.proto': 'package a; message Id { int32 id = 1; } message New { Id id = 1; }',
          'b.proto': 'package b; import "common.proto"; service S { rpc Go (a.New) returns (a.Id); }',
        },
        ['b.S'],
      );
      expect(schema.services.map(({ fullName, unavailable }) => [fullName, unavailable])).to.deep.equal([
        ['b.S', undefined],
      ]);
      // The files are such that other tools can load them.
      const again = new LayeredRegistry();
      const bytes = encodeDescriptorSet(schema.current.files);
      again.load([{ files: decodeDescriptorSet(bytes, 'x'), origin: 'x' }]);
      expect(again.current.files.find(({ name }) => name === 'b.proto')?.dependency).to.deep.equal([
        'common.proto',
        'reflected/common.proto',
      ]);
      expect(again.services).to.have.length(1);
    });

    it('says which services cannot be called because what was loaded lacks what they need', async () => {
      const schema = await layers(
        file('message M { }'),
        {
          'a.proto': 'package a; message M { message N { } }',
          'b.proto': 'package b; import "a.proto"; service S { rpc Go (a.M.N) returns (a.M); }',
        },
        ['b.S'],
      );
      expect(schema.differences.map(({ symbol }) => symbol)).to.deep.equal(['a.M.N']);
      expect(schema.whyMissing('b.S')?.reason).to.include('a.M.N').and.include('not defined');
    });

    it('leaves everything as it was when the load fails', async () => {
      const schema = await layers({}, file(SERVICE), ['a.S']);
      const { current } = schema;
      const faulty = [
        { name: 'faulty.proto', messageType: [{ name: 'M', field: [{ name: 'm', number: 0 }] }] },
      ];
      expect(() => schema.load([{ files: faulty, origin: 'x' }])).to.throw(SchemaError, 'faulty.proto');
      expect(schema.current).to.equal(current);
      const files = await filesOf(file('message M { bytes s = 1; }'));
      schema.load([{ files, origin: 'x' }]);
      expect(schema.differences).to.have.length(1);
    });

    it('holds through a load after a load', async () => {
      const schema = await layers(file('message M { string s = 1; }'), file('message M { bytes s = 1; }'));
      const more = await filesOf({ 'more.proto': 'package more; message More { }' });
      schema.load([{ files: more, origin: 'more.proto' }]);
      expect(schema.differences.map(({ symbol }) => symbol)).to.deep.equal(['a.M']);
      expect(schema.current.find('more.More')).not.to.equal(undefined);
    });
  });

  describe('reflection against reflection', () => {
    const rows: [string, Sources, Sources, string[], string[]][] = [
      [
        'a field',
        file('message M { string s = 1; }'),
        file('message M { string s = 1; string t = 2; }'),
        ['a.M'],
        [],
      ],
      ['a message more', file('message M { }'), file('message M { } message N { }'), ['a.M', 'a.N'], []],
      ['a message less', file('message M { } message N { }'), file('message M { }'), ['a.M'], ['a.N']],
      [
        'a file of another name',
        file('message M { string s = 1; }'),
        { 'b.proto': 'package a; message M { string t = 1; }' },
        ['a.M'],
        [],
      ],
    ];
    for (const [name, before, after, there, gone] of rows) {
      it(`lets the newer win: ${name}`, async () => {
        const schema = await layers({}, before);
        schema.reflect(await filesOf(after), [], SOURCE, false);
        const newer = await filesOf(after);
        for (const symbol of there) {
          const definition = schema.current.find(symbol);
          expect(definition?.file.proto.name).to.equal(newer[0].name);
          const expected = newer[0].messageType?.find((one) => symbol.endsWith(`.${one.name}`));
          expect(definition?.proto).to.deep.equal(expected);
        }
        for (const symbol of gone) expect(schema.current.find(symbol)).to.equal(undefined);
        expect(schema.differences).to.deep.equal([]);
      });
    }

    it('keeps the registry when nothing has changed', async () => {
      const schema = await layers({}, file(SERVICE), ['a.S']);
      const { current } = schema;
      schema.reflect(await filesOf(file(SERVICE)), ['a.S'], SOURCE, false);
      schema.reflect(await filesOf(file(SERVICE)), ['a.S'], SOURCE, true);
      expect(schema.current).to.equal(current);
    });

    it('adds to the registry what is only new', async () => {
      const schema = await layers({}, file(SERVICE), ['a.S']);
      const { current } = schema;
      schema.reflect(await filesOf({ 'b.proto': `package b; ${SERVICE}` }), ['b.S'], SOURCE, false);
      expect(schema.current).to.equal(current);
      expect(schema.services.map(({ fullName }) => fullName)).to.deep.equal(['a.S', 'b.S']);
    });

    it('of everything takes away what is not there any more', async () => {
      const schema = await layers({}, { ...file(SERVICE), 'b.proto': `package b; ${SERVICE}` }, [
        'a.S',
        'b.S',
      ]);
      schema.reflect(await filesOf(file(SERVICE)), ['a.S'], SOURCE, true);
      expect(schema.services.map(({ fullName }) => fullName)).to.deep.equal(['a.S']);
      expect(schema.current.find('b.M')).to.equal(undefined);
    });
  });

  describe('of a client', () => {
    const open = closing();

    it('let the load win and tell the differences', async () => {
      const server = await filesOf({
        'helloworld.proto': `
          package helloworld;
          message HelloRequest { string name = 1; string language = 2; }
          message HelloReply { string greeting = 1; }
          service Greeter { rpc SayHello (HelloRequest) returns (HelloReply); }
          service Newer { rpc SayMore (HelloRequest) returns (HelloReply); }`,
      });
      const peer = open(await listenReflection({ answer: answersFrom(server) }));
      const client = open(new Client('127.0.0.1', peer.port));
      await client.load('helloworld.proto', { includeDirs: ['protos'] });
      expect(client.schemaDifferences).to.deep.equal([]);
      await client.reflect();
      expect((await client.request('SayHello', { name: 'you' })).message).to.equal('you');
      expect((await client.request('SayMore', { name: 'me' })).message).to.equal('me');
      expect(client.schemaDifferences.map(({ symbol }) => symbol)).to.deep.equal([
        'helloworld.HelloRequest',
        'helloworld.HelloReply',
        'helloworld.Greeter',
      ]);
      const [request] = client.schemaDifferences;
      expect(request.difference).to.equal("field 2 'string language' is only the server's");
      expect(request.loaded).to.equal('helloworld.proto (from helloworld.proto)');
    });
  });
});
