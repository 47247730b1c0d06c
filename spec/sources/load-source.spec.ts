// Telling sources apart, adding them up, and refusing what is none or means harm.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import protobuf from 'protobufjs';
import { Client, type LoadSource, SchemaError } from '../../lib/index.ts';
import { encodeDescriptorSet } from '../../lib/schema/descriptor-set.ts';
import { needEval } from '../support/eval.ts';

const COMMON = (name: string): string =>
  `syntax = "proto3"; package ${name}; message ${name.toUpperCase()} { string ${name} = 1; }`;
const SERVICE = (name: string): string =>
  `syntax = "proto3"; import "common.proto"; service S${name} { rpc Do(${name}.${name.toUpperCase()}) returns (${name}.${name.toUpperCase()}); }`;

async function failureOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it did not fail');
}

describe('load', () => {
  let directory: string;
  let client: Client;
  before(() => {
    directory = mkdtempSync(join(tmpdir(), 'stubless-sources-'));
  });
  after(() => rmSync(directory, { recursive: true }));
  beforeEach(() => {
    client = new Client('127.0.0.1', 1);
  });
  afterEach(() => client.close());

  const write = (path: string, content: string | Uint8Array): string => {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  const failureOfLoad = (source: unknown): Promise<Error> => failureOf(client.load(source as LoadSource));

  const names = (): string[] => client.services.map(({ fullName }) => fullName).sort();

  describe('of several sources', () => {
    it('adds them up, whatever their kinds', async () => {
      const a = write(
        'mixed/a.proto',
        'syntax = "proto3"; service A { rpc Do(M) returns (M); } message M {}',
      );
      const b = 'syntax = "proto3"; package b; service B { rpc Do(M) returns (M); } message M {}';
      await client.load([a, b, { nested: { c: { nested: { M: { fields: {} }, C: { methods: {} } } } } }]);
      await client.load(pathToFileURL(a));
      expect(names()).to.deep.equal(['A', 'b.B', 'c.C']);
    });

    it('takes all of them or none', async () => {
      const good = write('all/good.proto', 'syntax = "proto3"; service Good {}');
      const failure = await failureOfLoad([good, 'syntax = "proto3"; message M { Nothing n = 1; }']);
      expect(failure).to.be.instanceOf(SchemaError);
      expect(names()).to.deep.equal([]);
    });

    it('keeps files apart that have one name in two projects', async () => {
      for (const project of ['x', 'y']) {
        write(`${project}/common.proto`, COMMON(project));
        write(`${project}/service.proto`, SERVICE(project));
      }
      await client.load(join(directory, 'x'));
      await client.load(join(directory, 'y'));
      await client.load(join(directory, 'y'));
      expect(names()).to.deep.equal(['Sx', 'Sy']);
    });

    it('names both places of what contradicts', async () => {
      const one = write('one/m.proto', 'syntax = "proto3"; message M { string a = 1; }');
      const two = write('two/m.proto', 'syntax = "proto3"; message M { int32 a = 1; }');
      await client.load(one);
      const failure = await failureOfLoad(two);
      expect(failure).to.be.instanceOf(SchemaError);
      expect(failure.message).to.contain(one).and.contain(two).and.contain('M');
    });

    it('names both places within one load, too', async () => {
      const one = 'syntax = "proto3"; message N { string a = 1; }';
      const two = write('two/n.proto', 'syntax = "proto3"; message N { int32 a = 1; }');
      expect((await failureOfLoad([two, one])).message)
        .to.contain('source text')
        .and.contain(two);
    });
  });

  describe('of a directory', () => {
    it('finds import roots by packages and imports, and leaves node_modules alone', async () => {
      write(
        'tree/api/acme/v1/acme.proto',
        'syntax = "proto3"; package acme.v1; import "acme/v1/types.proto"; service Acme { rpc Do(T) returns (T); }',
      );
      write('tree/api/acme/v1/types.proto', 'syntax = "proto3"; package acme.v1; message T {}');
      write('tree/node_modules/broken.proto', 'this is no schema');
      await client.load(join(directory, 'tree'));
      expect(names()).to.deep.equal(['acme.v1.Acme']);
    });

    it('says when it has none', async () => {
      mkdirSync(join(directory, 'empty'));
      expect((await failureOfLoad(join(directory, 'empty'))).message).to.contain('has no .proto files');
    });

    it('does not follow links in circles', async () => {
      write('circle/a.proto', 'syntax = "proto3"; service InCircle {}');
      symlinkSync(join(directory, 'circle'), join(directory, 'circle', 'again'));
      await client.load(join(directory, 'circle'));
      expect(names()).to.deep.equal(['InCircle']);
    });
  });

  describe('of a descriptor set', () => {
    it('knows one by its content where the name says nothing', async () => {
      const set = encodeDescriptorSet([{ name: 'a.proto', syntax: 'proto3', service: [{ name: 'Bytes' }] }]);
      await client.load(write('sets/schema', set));
      await client.load(write('sets/text', 'syntax = "proto3";\nservice Text {}'));
      expect(names()).to.deep.equal(['Bytes', 'Text']);
    });

    it('brings the well-known files that it leaves out', async () => {
      const message = {
        name: 'M',
        field: [{ name: 'at', number: 1, typeName: '.google.protobuf.Timestamp' }],
      };
      const method = { name: 'Do', inputType: '.M', outputType: '.M' };
      const dependency = ['google/protobuf/timestamp.proto'];
      await client.load({
        file: [
          {
            name: 'a.proto',
            syntax: 'proto3',
            dependency,
            messageType: [message],
            service: [{ name: 'S', method: [method] }],
          },
        ],
      });
      expect(names()).to.deep.equal(['S']);
    });

    it('is an error when its bytes are none', async () => {
      const failure = await failureOfLoad(write('sets/broken.binpb', 'secret content'));
      expect(failure).to.be.instanceOf(SchemaError);
      expect(failure.message).to.contain('broken.binpb').and.not.contain('secret');
    });
  });

  describe('of proto2 with custom options, by protobufjs', () => {
    const text =
      'syntax = "proto2"; import "google/protobuf/descriptor.proto"; package o;' +
      'extend google.protobuf.FieldOptions { optional string note = 50001; }' +
      'message M { optional int32 a = 1 [(note) = "hi"]; optional group G = 2 { optional int32 x = 1; }' +
      'repeated int32 r = 3 [packed = true]; extensions 100 to 199; required string q = 4;' +
      'optional string d = 5 [default = "z"]; enum E { X = 5; } optional E e = 6; }' +
      'extend M { optional int32 ext = 100; } service S { rpc Do(M) returns (M); }';
    const makers: readonly [string, (path: string) => LoadSource | Promise<LoadSource>][] = [
      [
        'a Root',
        (path) => {
          const root = new protobuf.Root();
          root.resolvePath = (_origin, target) =>
            target.startsWith('google/') ? join('protos', target) : target;
          return root.loadSync(path);
        },
      ],
      [
        'proto-loader',
        async (path) => {
          const { loadSync } = await import('@grpc/proto-loader');
          return loadSync(path, { includeDirs: [join(process.cwd(), 'protos')] });
        },
      ],
    ];
    for (const [name, make] of makers) {
      it(`means the same by ${name} as the .proto beside it`, async function () {
        if (name === 'proto-loader') needEval(this);
        // That a field is required is not in what proto-loader gives.
        const path = write('o.proto', name === 'proto-loader' ? text.replace('required', 'optional') : text);
        await client.load(await make(path));
        expect(client.toJson('o.M', { q: 'a', g: { x: 1 }, '[o.ext]': 3 })).to.deep.equal({
          q: 'a',
          g: { x: 1 },
          '[o.ext]': 3,
        });
        await client.load(path);
        expect(names()).to.deep.equal(['o.S']);
      });
    }
  });

  describe('of what is no source', () => {
    const wrong: readonly [string, unknown, RegExp][] = [
      ['null', null, /^load does not take null\. It takes one of these/],
      ['undefined', undefined, /^load does not take undefined\./],
      ['a number', 7, /^load does not take a number\./],
      ['an empty array', [], /^load was given an empty array\. It takes/],
      ['an array in an array', [['a.proto']], /^load does not take an array in an array\./],
      ['an empty object', {}, /^load does not take an object\. It takes(?:.|\n)*PackageDefinition/],
      ['an object of anything', { host: 'x', port: 1 }, /^load does not take an object with host, port\./],
      ['a function', () => 1, /^load does not take an object\./],
      ['a Map', new Map(), /^load does not take an object\./],
    ];
    for (const [name, source, message] of wrong) {
      it(`refuses ${name} with a TypeError that lists what it takes`, async () => {
        const failure = await failureOfLoad(source);
        expect(failure).to.be.instanceOf(TypeError);
        expect(failure.message).to.match(message);
      });
    }

    const unreadable: readonly [string, () => unknown, RegExp][] = [
      ['a URL of the network', () => 'https://example.com/x.proto', /only file: URLs/],
      ['a URL object of the network', () => new URL('http://example.com/x.binpb'), /only file: URLs/],
      [
        'a module that is not there',
        () => './nothing_pb.js',
        /nothing_pb\.js cannot be loaded: there is no such file/,
      ],
      ['JSON that is none', () => write('bad.json', '{ secret'), /bad\.json: is no JSON$/],
      [
        'JSON of something else',
        () => write('other.json', '{ "name": 1 }'),
        /other\.json: is no JSON of a FileDescriptorSet/,
      ],
      [
        'a module of something else',
        () => write('other.mjs', 'export const a = 1;'),
        /other\.mjs: is no module with services or descriptors/,
      ],
      [
        'messages without their services',
        () => write('x_pb.cjs', 'exports.a = 1;'),
        /its services may be in x_grpc_pb\.cjs/,
      ],
      ['a device', () => '/dev/zero', /\/dev\/zero/],
    ];
    for (const [name, make, message] of unreadable) {
      it(`refuses ${name} with a SchemaError`, async () => {
        const failure = await failureOfLoad(make());
        expect(failure).to.be.instanceOf(SchemaError);
        expect(failure.message).to.match(message).and.not.contain('secret');
      });
    }

    it('does not wait for a FIFO', async function () {
      const fifo = join(directory, 'fifo.binpb');
      if (spawnSync('mkfifo', [fifo]).status !== 0) this.skip();
      expect((await failureOfLoad(fifo)).message).to.contain('no regular file');
    });
  });

  describe('of a hostile schema', () => {
    const file = (rest: object): object => ({ file: [{ name: 'evil.proto', syntax: 'proto3', ...rest }] });
    const field = (rest: object): object => ({
      name: 'f',
      number: 1,
      label: 'LABEL_OPTIONAL',
      type: 'TYPE_INT32',
      ...rest,
    });
    const message = (name: string, ...fields: object[]): object => ({
      messageType: [{ name, field: fields }],
    });
    const pbjs = (nested: unknown): object => ({ nested });
    const code = 'x(){};globalThis.evil=1;//';

    const hostile: readonly [string, unknown, RegExp][] = [
      ['a message name that is code', file(message(code)), /evil\.proto: .*identifier/],
      [
        'a field name that is code',
        file(message('M', field({ name: code }))),
        /evil\.proto: M: field name .*identifier/,
      ],
      ['field number 0', file(message('M', field({ number: 0 }))), /evil\.proto: M\.f: field number "0"/],
      [
        'field number 2^29',
        file(message('M', field({ number: 2 ** 29 }))),
        /evil\.proto: M\.f: field number "536870912"/,
      ],
      [
        'a type that is not there',
        file(message('M', field({ type: 'TYPE_MESSAGE', typeName: '.N' }))),
        /evil\.proto: M\.f: type "N" is not defined/,
      ],
      [
        'a well-known type of another form',
        file({ package: 'google.protobuf', ...message('Timestamp', field({})) }),
        /evil\.proto: google\.protobuf\.Timestamp is not the well-known type/,
      ],
      ['imports in a circle', file({ dependency: ['evil.proto'] }), /evil\.proto: imports itself/],
      ['properties that descriptors have not', file({ toString: 'x' }), /toString/],
      ['a package that is code', file({ package: code }), /evil\.proto: package .*is not a name/],
      ['protobufjs: a name that is code', pbjs({ [code]: { fields: {} } }), /identifier/],
      [
        'protobufjs: a namespace that is code',
        pbjs({ [code]: { nested: { M: { fields: {} } } } }),
        /is not a name/,
      ],
      [
        'protobufjs: field number 0',
        pbjs({ M: { fields: { f: { type: 'int32', id: 0 } } } }),
        /M\.f: field number "0"/,
      ],
      [
        'protobufjs: field number 2^29',
        pbjs({ M: { fields: { f: { type: 'int32', id: 2 ** 29 } } } }),
        /M\.f: field number "536870912"/,
      ],
      [
        'protobufjs: a type that is not there',
        pbjs({ M: { fields: { f: { type: 'N', id: 1 } } } }),
        /M\.f: type "N" is not defined/,
      ],
      [
        'protobufjs: a well-known type of another form',
        pbjs({ google: { nested: { protobuf: { nested: { Any: { fields: {} } } } } } }),
        /google\.protobuf\.Any is not the well-known type/,
      ],
      ['protobufjs: something that is no definition', pbjs({ a: 7 }), /a is no definition/],
      ['protobufjs: an edition that is not known', pbjs({ M: { edition: '2077', fields: {} } }), /edition/],
    ];
    for (const [name, source, expected] of hostile) {
      it(`refuses ${name}, naming file and symbol`, async () => {
        const failure = await failureOfLoad(source);
        expect(failure).to.be.instanceOf(SchemaError);
        expect(failure.message).to.match(expected);
        expect(client.services).to.deep.equal([]);
        expect(globalThis).not.to.have.property('evil');
      });
    }

    it('takes __proto__ and constructor for the names that they are', async () => {
      const text =
        '{"nested":{"p":{"nested":{"__proto__":{"fields":{"__proto__":{"type":"string","id":1},"constructor":{"type":"string","id":2}}},' +
        '"S":{"methods":{"constructor":{"requestType":"__proto__","responseType":"__proto__"}}}}}}}';
      await client.load(write('proto.json', text));
      expect(client.services[0].methods.map((one) => [one.name, one.requestType])).to.deep.equal([
        ['constructor', 'p.__proto__'],
      ]);
      const set = '{"file":[{"name":"q.proto","syntax":"proto3","__proto__":{"polluted":1}}]}';
      await failureOfLoad(write('polluting.json', set));
      expect(Object.prototype).not.to.have.property('polluted');
      expect(Object.keys(Object.prototype)).to.deep.equal([]);
    });

    it('refuses descriptors that contain themselves, or nest without end', async () => {
      const self: Record<string, unknown> = { name: 'M' };
      self['nestedType'] = [self];
      expect((await failureOfLoad(file({ messageType: [self] }))).message).to.match(/contains itself|deep/);
      let deep: Record<string, unknown> = { fields: {} };
      for (let i = 0; i < 5000; i++) deep = { nested: { a: deep } };
      expect(await failureOfLoad(deep)).to.be.instanceOf(SchemaError);
    });
  });
});
