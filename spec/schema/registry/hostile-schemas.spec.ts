import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type {
  DescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { SchemaPrinter } from '../../../lib/schema/print/schema-printer.ts';
import { typesOf } from '../../../lib/schema/print/types.ts';
import { loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { decodeDescriptorSet, encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';

// Schemas are data (docs/promises.md 11): nothing in one runs, reaches outside the given roots, or changes
// what is not its own; what is wrong with one is said by file and symbol, without the contents of files.

const SECRET = 'hunter2-is-my-password';
const CODE = 'x(){};process.exit(9);function y';

async function failure(work: () => unknown): Promise<Error> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error('it was taken');
}

const message = (name: string, field: DescriptorProto['field'] = []): DescriptorProto => ({ name, field });

function file(parts: Partial<FileDescriptorProto>): FileDescriptorProto {
  return { name: 'bad.proto', package: 'bad', syntax: 'proto3', ...parts };
}

const int32 = (name: string, number: number) =>
  ({ name, number, label: 'LABEL_OPTIONAL', type: 'TYPE_INT32' }) as const;

const add = (...files: FileDescriptorProto[]): Registry => {
  const registry = new Registry();
  registry.add(files, 'the spec');
  return registry;
};

interface DescriptorCase {
  readonly name: string;
  readonly files: readonly FileDescriptorProto[];
  /** What the error names. */
  readonly names: readonly string[];
}

const refused: readonly DescriptorCase[] = [
  {
    name: 'a message whose name is code',
    files: [file({ messageType: [message(CODE)] })],
    names: ['bad.proto'],
  },
  {
    name: 'a field whose name is code',
    files: [file({ messageType: [message('M', [int32(CODE, 1)])] })],
    names: ['bad.proto', 'bad.M'],
  },
  {
    name: 'an enum value whose name is code',
    files: [file({ enumType: [{ name: 'E', value: [{ name: CODE, number: 0 }] }] })],
    names: ['bad.proto', 'bad.E'],
  },
  {
    name: 'a method whose name is code',
    files: [
      file({
        messageType: [message('M')],
        service: [{ name: 'S', method: [{ name: CODE, inputType: '.bad.M', outputType: '.bad.M' }] }],
      }),
    ],
    names: ['bad.proto', 'bad.S'],
  },
  {
    name: 'a package that is code',
    files: [file({ package: CODE, messageType: [message('M')] })],
    names: ['bad.proto'],
  },
  ...[0, -1, 2 ** 29, 2 ** 32 + 1, 1.5, Number.NaN, 19_000].map((number) => ({
    name: `field number ${number}`,
    files: [file({ messageType: [message('M', [int32('f', number)])] })],
    names: ['bad.proto', 'bad.M.f'],
  })),
  {
    name: 'two fields of one number',
    files: [file({ messageType: [message('M', [int32('a', 1), int32('b', 1)])] })],
    names: ['bad.proto', 'bad.M.b'],
  },
  {
    name: 'a type that is not there',
    files: [
      file({
        messageType: [
          message('M', [{ name: 'f', number: 1, type: 'TYPE_MESSAGE', typeName: '.bad.Nothing' }]),
        ],
      }),
    ],
    names: ['bad.proto', 'bad.M.f', 'bad.Nothing'],
  },
  {
    name: 'files that import each other',
    files: [
      file({ name: 'a.proto', dependency: ['b.proto'] }),
      file({ name: 'b.proto', dependency: ['a.proto'] }),
    ],
    names: ['a.proto', 'b.proto'],
  },
  {
    name: 'a replaced google.protobuf.Timestamp',
    files: [
      {
        name: 'google/protobuf/timestamp.proto',
        package: 'google.protobuf',
        syntax: 'proto3',
        messageType: [message('Timestamp', [int32('seconds', 1)])],
      },
    ],
    names: ['google/protobuf/timestamp.proto', 'google.protobuf.Timestamp'],
  },
  {
    name: 'a replaced google.protobuf.Any',
    files: [
      {
        name: 'google/protobuf/any.proto',
        package: 'google.protobuf',
        syntax: 'proto3',
        messageType: [message('Any', [int32('value', 1)])],
      },
    ],
    names: ['google/protobuf/any.proto', 'google.protobuf.Any'],
  },
];

describe('Hostile descriptors', () => {
  for (const { name, files, names } of refused) {
    it(`are refused by file and symbol: ${name}`, async () => {
      const error = await failure(() => add(...files));
      expect(error).to.be.instanceOf(SchemaError);
      for (const part of names) expect(error.message).to.include(part);
      expect(error.message).to.have.length.below(1000);
    });
  }

  it('are refused as bytes as they are as objects', async () => {
    const bytes = encodeDescriptorSet([file({ messageType: [message(CODE)] })]);
    const error = await failure(() => add(...decodeDescriptorSet(bytes, 'evil.binpb')));
    expect(error).to.be.instanceOf(SchemaError);
  });

  it('that are random octets are a SchemaError that names where they came from', async () => {
    for (let i = 0; i < 200; i++) {
      const bytes = Uint8Array.from({ length: 1 + (i % 50) }, (_, at) => (i * 31 + at * 17 + i * at) & 255);
      try {
        add(...decodeDescriptorSet(bytes, 'evil.binpb'));
      } catch (error) {
        expect(error).to.be.instanceOf(SchemaError);
      }
    }
  });

  const POLLUTING = [
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'then',
    'toJSON',
    'valueOf',
  ];

  it('with names that objects have already leave Object.prototype as it was', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).sort();
    const fields = POLLUTING.map((name, i) => int32(name, i + 1));
    const nested = POLLUTING.map((name) => message(name, [int32('f', 1)]));
    const registry = new Registry({ keepCase: true });
    registry.add(
      [
        file({
          package: '__proto__.constructor',
          messageType: [{ ...message('M', fields), nestedType: nested }],
        }),
      ],
      'the spec',
    );
    const codec = registry.message('__proto__.constructor.M');
    const values = Object.fromEntries(POLLUTING.map((name, i) => [name, i + 5]));
    Object.defineProperty(values, '__proto__', { value: 5, enumerable: true, configurable: true });
    const { bytes, start, end } = codec.encode(values, 0);
    const reply = codec.decode(bytes, start, end);
    for (const [name, value] of Object.entries(values)) {
      expect(Object.getOwnPropertyDescriptor(reply, name)?.value, name).to.equal(value);
    }
    expect(Object.getOwnPropertyNames(Object.prototype).sort()).to.deep.equal(before);
    expect(({} as Record<string, unknown>)['f']).to.equal(undefined);
  });

  it('with maps under any key leave Object.prototype as it was', async () => {
    const { files } = await loadProtoSource(
      'syntax = "proto3"; package k; message M { map<string, M> m = 1; int32 polluted = 2; }',
      'k.proto',
    );
    const codec = add(...files).message('k.M');
    const entry = (key: string): number[] => [
      0x0a,
      key.length + 6,
      0x0a,
      key.length,
      ...Buffer.from(key),
      0x12,
      2,
      0x10,
      1,
    ];
    for (const key of POLLUTING) {
      const bytes = Uint8Array.from(entry(key));
      const reply = codec.decode(bytes, 0, bytes.length) as { m: Record<string, unknown> };
      expect(Object.keys(reply.m)).to.deep.equal([key]);
    }
    expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
  });

  it('of types that contain themselves load, and decode to their depth and no deeper', async () => {
    const { files } = await loadProtoSource(
      'syntax = "proto3"; package c; message M { M m = 1; }',
      'c.proto',
    );
    const codec = add(...files).message('c.M');
    let bytes: number[] = [];
    for (let i = 0; i < 60; i++) bytes = [0x0a, bytes.length, ...bytes];
    expect(codec.decode(Uint8Array.from(bytes), 0, bytes.length)).to.have.property('m');
  });
});

describe('Hostile .proto files', () => {
  let folder: string;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-hostile-'));
    writeFileSync(join(folder, 'secret.txt'), `${SECRET}\n`);
    writeFileSync(join(folder, 'secret.proto'), `${SECRET} = "${SECRET}";\n`);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const imports: readonly string[] = [
    '/etc/passwd',
    '../secret.txt',
    '../../../../../../etc/passwd',
    'a/../../secret.txt',
    '/dev/zero',
    'file:///etc/passwd',
    'link.proto',
    'pipe.proto',
    'directory.proto',
  ];
  for (const path of imports) {
    it(`import nothing from outside their roots, and no special files: ${path}`, async function () {
      if (process.platform === 'win32') this.skip();
      const root = mkdtempSync(join(folder, 'root-'));
      symlinkSync(join(folder, 'secret.txt'), join(root, 'link.proto'));
      symlinkSync(folder, join(root, 'directory.proto'));
      execFileSync('mkfifo', [join(root, 'pipe.proto')]);
      writeFileSync(join(root, 'main.proto'), `syntax = "proto3";\nimport "${path}";\n`);
      const error = await failure(() => loadProto([join(root, 'main.proto')], { includeDirs: [root] }));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message)
        .to.include('main.proto:2:')
        .and.to.match(/import/);
      expect(error.message).to.not.include(SECRET).and.not.include('root:');
    });
  }

  it('are no devices themselves', async function () {
    if (process.platform === 'win32') this.skip();
    const error = await failure(() => loadProto(['/dev/zero']));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('/dev/zero');
  });

  it('are not quoted in errors', async () => {
    const error = await failure(() => loadProto([join(folder, 'secret.proto')]));
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('secret.proto').and.not.include(SECRET);
  });

  const sources: readonly { name: string; text: string }[] = [
    { name: 'field number 0', text: 'message M { int32 f = 0; }' },
    { name: 'field number 2^29', text: 'message M { int32 f = 536870912; }' },
    { name: 'an unclosed comment', text: '/* message M {}' },
    { name: 'an import of itself', text: 'import "evil.proto";' },
    { name: 'a name that is a string', text: 'message "x" {}' },
    { name: 'code in a name', text: `message ${CODE} {}` },
    { name: 'braces without end', text: 'message M {'.repeat(100_000) },
    { name: 'an option in braces without end', text: `option (x) = ${'{a:'.repeat(100_000)}` },
    { name: 'octets that are no text', text: '\u0000\ufffd\u0001'.repeat(1000) },
  ];
  for (const { name, text } of sources) {
    it(`are refused by name, however deep: ${name}`, async () => {
      const error = await failure(async () => {
        const { files } = await loadProtoSource(`syntax = "proto3"; ${text}`, 'evil.proto');
        add(...files);
      });
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('evil.proto');
      expect(error.message).to.have.length.below(1000);
    });
  }
});

describe('Messages of many fields', () => {
  const schema = (count: number): string => {
    const lines = Array.from(
      { length: count },
      (_, i) => `  optional string field_${i} = ${i + 1 + (i >= 18_999 ? 1000 : 0)};`,
    );
    return `syntax = "proto3"; package many; message M {\n${lines.join('\n')}\n}`;
  };
  const loadMs = async (count: number): Promise<number> => {
    const text = schema(count);
    const start = performance.now();
    const { files } = await loadProtoSource(text, 'many.proto');
    add(...files)
      .message('many.M')
      .encode({ field_7: 'x' }, 0);
    return performance.now() - start;
  };

  it('load in a time that grows with their number, not its square', async () => {
    await loadMs(1000);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) best = Math.min(best, (await loadMs(10_000)) / (await loadMs(1000)));
    // 10 if linear, 100 if quadratic.
    expect(best).to.be.below(40);
  });

  it('are written as .proto and declared in a time that grows with the number of their maps', async function () {
    this.timeout(60_000);
    const writeMs = async (count: number): Promise<number> => {
      const lines = Array.from({ length: count }, (_, i) => `map<int32, int32> map_${i} = ${i + 1};`);
      const { files } = await loadProtoSource(
        `syntax = "proto3"; package many;\nmessage M {\n${lines.join('\n')}\n}`,
        'many.proto',
      );
      const registry = add(...files);
      const { user } = process.cpuUsage();
      new SchemaPrinter(() => files).file(files[0]);
      typesOf(registry);
      return (process.cpuUsage().user - user) / 1000;
    };
    await writeMs(1000);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 3; i++) best = Math.min(best, (await writeMs(4000)) / (await writeMs(400)));
    expect(best).to.be.below(40);
  });
});
