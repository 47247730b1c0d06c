// Telling sources apart, adding them up, and refusing what is none or means harm.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import protobuf from 'protobufjs';
import { Client, type LoadOptions, type LoadSource, SchemaError } from '../../../lib/index.ts';
import { decodeDescriptorSet, encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { needEval } from '../../support/eval.ts';

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

/** For processes of their own, which are up in a third of the time with what was built. */
const BUILT = pathToFileURL('dist/index.js').href;

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
  const failureOfLoad = (source: unknown, options?: LoadOptions): Promise<Error> =>
    failureOf(client.load(source as LoadSource, options));

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

    it('takes a file once that comes in several copies, however they come, and writes it once', async () => {
      const money =
        'syntax = "proto3"; package money; message Money { int64 units = 1; } message Rate { Money m = 1; }';
      const service = (name: string): string =>
        `syntax = "proto3"; package ${name}; import "money.proto"; service S { rpc Do(money.Money) returns (money.Rate); }`;
      const api = ['a', 'b'].map((name) => {
        write(`copies/${name}/money.proto`, money);
        return write(`copies/${name}/api.proto`, service(name));
      });
      const own = new Client('127.0.0.1', 1);
      await own.load(api[1], { includeDirs: [directory] });
      const set = join(directory, 'copies.binpb');
      await own.writeProtoset(set);
      await own.close();
      const split = [
        'message Money { int64 units = 1; }',
        'import "one.proto"; message Rate { Money m = 1; }',
      ];
      write('split/one.proto', `syntax = "proto3"; package money; ${split[0]}`);
      write('split/two.proto', `syntax = "proto3"; package money; ${split[1]}`);
      const ways: readonly (readonly LoadSource[])[] = [
        [api],
        [join(directory, 'copies')],
        api,
        [api[0], set],
        [[api[0], set]],
        [set, api[0]],
        [set, join(directory, 'copies')],
        [join(directory, 'split'), api[0], set],
      ];
      for (const [i, loads] of ways.entries()) {
        const one = new Client('127.0.0.1', 1);
        for (const load of loads) await one.load(load);
        const out = join(directory, 'out.binpb');
        await one.writeProtoset(out);
        const files = decodeDescriptorSet(readFileSync(out), 'out');
        const defined = files.flatMap((file) => file.messageType ?? []).map(({ name }) => name);
        expect(defined.sort(), `way ${i}`).to.deep.equal(['Money', 'Rate']);
        const names = new Set(files.map(({ name }) => name));
        for (const file of files) for (const used of file.dependency ?? []) expect(names).to.include(used);
        await one.load(out);
        await one.close();
      }
    });

    it('tells the paths of files that contradict each other in two loads', async () => {
      const money = (type: string): string => `syntax = "proto3"; package told; message M { ${type} a = 1; }`;
      write('told/x/m.proto', money('string'));
      write('told/y/m.proto', money('bytes'));
      await client.load(join(directory, 'told/x'));
      const { message } = await failureOfLoad(join(directory, 'told/y'));
      expect(message).to.match(
        /^m\.proto: told\.M \(from .*y\/m\.proto\) contradicts its definition in m\.proto \(from .*x\/m\.proto\)$/,
      );
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

    it('takes it for the root that its files import each other from', async () => {
      write('root/common/base.proto', 'syntax = "proto3"; package acme.v1; message Base {}');
      write(
        'root/svc/api.proto',
        'syntax = "proto3"; package acme.v1; import "common/base.proto"; service Rooted { rpc Do(Base) returns (Base); }',
      );
      await client.load(join(directory, 'root'));
      await client.load(pathToFileURL(join(directory, 'root')));
      expect(names()).to.deep.equal(['acme.v1.Rooted']);
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

  describe('of one descriptor set in its several forms', () => {
    const text = `syntax = "proto2"; package f; import "google/protobuf/descriptor.proto";
      extend google.protobuf.MessageOptions { optional Note note = 50001; }
      message Note { optional string text = 1; repeated int32 at = 2; }
      message M { option (note) = { text: "kept" at: [1, 2] }; optional bytes b = 1 [default = "\\377"]; }
      service Forms { rpc Do(M) returns (M); }`;
    let set: Uint8Array;
    let json: string;
    let textSet: string;
    before(async () => {
      const own = new Client('127.0.0.1', 1);
      await own.load(text);
      await own.writeProtoset(join(directory, 'forms.binpb'));
      await own.load('google/protobuf/descriptor.proto');
      set = readFileSync(join(directory, 'forms.binpb'));
      const message = own.decode('google.protobuf.FileDescriptorSet', set);
      json = JSON.stringify(own.toJson('google.protobuf.FileDescriptorSet', message));
      textSet = own.toText('google.protobuf.FileDescriptorSet', message);
      await own.close();
    });
    const isWhole = (): void => {
      expect(names()).to.deep.equal(['f.Forms']);
      expect(client.describe('f.M').proto).to.contain('option (f.note) = {').and.contain('"\\377"');
    };

    const forms: readonly [string, () => string | Uint8Array][] = [
      ['x.binpb', () => set],
      ['x.json', () => json],
      ['x.txtpb', () => textSet],
      ['x.textproto', () => `# proto-file: descriptor.proto\n${textSet}`],
      ['x.binpb.gz', () => gzipSync(set)],
      ['x.json.gz', () => gzipSync(json)],
      ['x.txtpb.gz', () => gzipSync(textSet)],
      ['x.proto.gz', () => gzipSync(text)],
      ['compressed.binpb', () => gzipSync(set)],
      ['set', () => set],
      ['json', () => ` ${json}`],
      ['text', () => `# A comment.\n${textSet}`],
      ['proto', () => text],
      ['set.gz', () => gzipSync(set)],
      ['json.gz', () => gzipSync(json)],
      ['proto.gz', () => gzipSync(text)],
      // As Buf writes an image: with a field of its own in each file, and in the set.
      [
        'buf.json',
        () =>
          json.replaceAll('{"name":"', '{"bufExtension":{"isImport":false,"unusedDependency":[]},"name":"'),
      ],
      [
        'buf.txtpb',
        () =>
          textSet.replaceAll(
            /^ {2}package/gm,
            '  buf_extension { is_import: false unused: [1] }\n  [buf.ext] < a: 1 >\n  package',
          ),
      ],
      [
        'other.json',
        () => json.replace('"[f.note]":', '"[not.loaded]":{"any":["thing"]},"toString":1,"[f.note]":'),
      ],
    ];
    for (const [name, content] of forms) {
      it(`is the same as ${name}`, async () => {
        await client.load(write(`forms/${name}`, content()));
        isWhole();
      });
    }

    it('is the same as an object with members that descriptors do not have', async () => {
      const object = JSON.parse(json) as { file: object[] };
      await client.load({
        ...object,
        file: object.file.map((file) => ({ ...file, toString: 'x', a: { b: 1 } })),
      });
      isWhole();
    });

    for (const [name, content] of forms) {
      if (name.startsWith('buf') || name.startsWith('other')) continue;
      it(`is the same from a pipe that has what ${name} has`, async () => {
        const file = write(`forms/${name}`, content());
        execFileSync('mkfifo', [join(directory, `fifo-${name}`)]);
        const written = once(
          spawn('sh', ['-c', 'cat "$0" > "$1"', file, join(directory, `fifo-${name}`)]),
          'exit',
        );
        await client.load(join(directory, `fifo-${name}`));
        await written;
        isWhole();
      });
    }

    for (const name of ['/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']) {
      for (const [kind, redirect] of [
        ['a pipe', 'cat "$1" | "$0" -e "$2" "$3"'],
        ['a file', '"$0" -e "$2" "$3" < "$1"'],
      ] as const) {
        it(`is read from ${name}, which is ${kind}`, () => {
          const script = `import(${JSON.stringify(BUILT)})
            .then(({ Client }) => new Client('127.0.0.1', 1).load(process.argv[1]))
            .then((client) => console.log(client.services[0].fullName))`;
          const file = join(directory, 'forms.binpb');
          const words = ['-c', redirect, process.execPath, file, script, name];
          expect(execFileSync('sh', words, { encoding: 'utf8' }).trim()).to.equal('f.Forms');
        });
      }
    }

    it('is read from standard input that is a socket', async () => {
      const script = `import(${JSON.stringify(BUILT)})
        .then(({ Client }) => new Client('127.0.0.1', 1).load('/dev/stdin'))
        .then((client) => console.log(client.services[0].fullName))`;
      const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      child.stdin.end(set);
      expect(String((await once(child.stdout, 'data'))[0])).to.equal('f.Forms\n');
      await ended;
    });

    it('is decompressed up to maxUnpackedBytes', async () => {
      const path = write('forms/limited.binpb.gz', gzipSync(set));
      await client.load(path, { maxUnpackedBytes: set.length });
      isWhole();
      const failure = await failureOfLoad(path, { maxUnpackedBytes: set.length - 1 });
      expect(failure).to.be.instanceOf(SchemaError);
      expect(failure.message).to.match(
        new RegExp(
          `limited\\.binpb\\.gz cannot be loaded: decompressed, .* maxUnpackedBytes ${set.length - 1}$`,
        ),
      );
      await client.load(write('forms/plain.binpb', set), { maxUnpackedBytes: 1 });
    });

    it('is decompressed up to 64 MiB where nothing is said', async () => {
      // One member of gzip after the other (RFC 1952 §2.2), or to compress them would take longer than all else.
      const mebibyte = gzipSync(Buffer.alloc(1024 * 1024));
      const most = Array.from({ length: 63 }, () => mebibyte);
      const last = Buffer.alloc(1024 * 1024 - set.length);
      for (const [rest, message] of [
        [last, /large\.binpb\.gz: /],
        [
          Buffer.concat([last, Buffer.alloc(1)]),
          /large\.binpb\.gz cannot be loaded: decompressed, .* maxUnpackedBytes 67108864$/,
        ],
      ] as const) {
        const members = [gzipSync(set), ...most, gzipSync(rest)];
        const failure = await failureOfLoad(write('forms/large.binpb.gz', Buffer.concat(members)));
        expect(failure.message).to.match(message);
      }
    });

    const broken: readonly [string, () => string | Uint8Array, RegExp][] = [
      ['cut.gz', () => gzipSync(set).subarray(0, 50), /cut\.gz cannot be loaded: it cannot be decompressed/],
      ['bad.txtpb', () => 'file { name: 7 }', /bad\.txtpb: .*1:\d+/],
      ['octets.json', () => Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), /octets\.json: .*not UTF-8/],
      [
        'wrong.json',
        () => json.replaceAll('"type":"TYPE_BYTES"', '"type":"TYPE_BITES"'),
        /wrong\.json: .*TYPE_BITES/,
      ],
    ];
    for (const [name, content, message] of broken) {
      it(`is refused as ${name}`, async () => {
        const failure = await failureOfLoad(write(`forms/${name}`, content()));
        expect(failure).to.be.instanceOf(SchemaError);
        expect(failure.message).to.match(message);
      });
    }
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
      ['an array inside an array', [['a.proto']], /^load does not take an array inside an array\./],
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
        /nothing_pb\.js cannot be loaded: no such file/,
      ],
      ['JSON that is none', () => write('bad.json', '{ secret'), /bad\.json: is not valid JSON$/],
      [
        'JSON of something else',
        () => write('other.json', '{ "name": 1 }'),
        /other\.json: is JSON, but not a FileDescriptorSet/,
      ],
      [
        'a module of something else',
        () => write('other.mjs', 'export const a = 1;'),
        /other\.mjs: not a module with services or descriptors/,
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
      ['a package that is code', file({ package: code }), /evil\.proto: package .*is not a valid name/],
      ['protobufjs: a name that is code', pbjs({ [code]: { fields: {} } }), /identifier/],
      [
        'protobufjs: a namespace that is code',
        pbjs({ [code]: { nested: { M: { fields: {} } } } }),
        /is not a valid name/,
      ],
      [
        'protobufjs: found field number 0',
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
      ['protobufjs: something that is no definition', pbjs({ a: 7 }), /a is not a definition/],
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
      await client.load(write('polluting.json', set));
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
