import { expect } from 'chai';
import type {
  DescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { DescriptorIndex } from '../../../lib/schema/registry/descriptor-index.ts';
import { decodeDescriptorSet, encodeDescriptorSet } from '../../../lib/schema/registry/descriptor-set.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { loadSources } from '../../../lib/schema/sources/load-source.ts';
import { SchemaError } from '../../../lib/values/errors.ts';

const ORIGIN = 'the set';

const message = (
  name: string,
  ...fields: readonly (readonly [string, number, string])[]
): DescriptorProto => ({
  name,
  field: fields.map(([field, number, type]) => ({
    name: field,
    number,
    label: 'LABEL_OPTIONAL' as const,
    ...(type.startsWith('.')
      ? { type: 'TYPE_MESSAGE' as const, typeName: type }
      : { type: 'TYPE_STRING' as const }),
  })),
});

const service = (name: string, ...methods: readonly (readonly [string, string])[]) => ({
  name,
  method: methods.map(([method, type]) => ({ name: method, inputType: type, outputType: type })),
});

/** Two services that share a file, one that does not, and what only messages lead to. */
const FILES: readonly FileDescriptorProto[] = [
  {
    name: 'google/protobuf/any.proto',
    package: 'google.protobuf',
    syntax: 'proto3',
    messageType: [
      {
        name: 'Any',
        field: [
          { name: 'type_url', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' },
          { name: 'value', number: 2, label: 'LABEL_OPTIONAL', type: 'TYPE_BYTES' },
        ],
      },
    ],
  },
  {
    name: 'common.proto',
    package: 'shop',
    syntax: 'proto3',
    messageType: [message('Common', ['text', 1, ''])],
  },
  {
    name: 'a.proto',
    package: 'shop.a',
    syntax: 'proto2',
    dependency: ['common.proto', 'google/protobuf/any.proto'],
    messageType: [
      {
        ...message('A', ['common', 1, '.shop.Common'], ['any', 2, '.google.protobuf.Any']),
        nestedType: [message('Inner', ['x', 1, ''])],
        extensionRange: [{ start: 100, end: 200 }],
      },
    ],
    service: [service('First', ['GetA', '.shop.a.A'], ['Both', '.shop.a.A'])],
  },
  {
    name: 'b.proto',
    package: 'shop.b',
    dependency: ['common.proto'],
    syntax: 'proto3',
    messageType: [message('B', ['common', 1, '.shop.Common'])],
    service: [service('Second', ['GetB', '.shop.b.B'], ['Both', '.shop.b.B'])],
  },
  {
    name: 'extension.proto',
    package: 'shop',
    syntax: 'proto2',
    dependency: ['a.proto'],
    messageType: [
      {
        name: 'Holder',
        extension: [
          { name: 'note', number: 100, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', extendee: '.shop.a.A' },
        ],
      },
    ],
  },
];

const BYTES = encodeDescriptorSet(FILES);

function indexed(bytes: Uint8Array): Registry {
  const index = DescriptorIndex.of(bytes, ORIGIN);
  if (index === undefined) throw new Error('the set has no index');
  const registry = new Registry();
  registry.addSources([{ files: [], origin: ORIGIN, index }]);
  return registry;
}

function whole(bytes: Uint8Array): Registry {
  const registry = new Registry();
  registry.add(decodeDescriptorSet(bytes, ORIGIN), ORIGIN);
  return registry;
}

const read = (registry: Registry): string[] => registry.readFiles.map(({ name }) => name);

function failure(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    return error.message;
  }
  return undefined;
}

/** The set, with one of its files changed. */
const withFile = (name: string, change: Partial<FileDescriptorProto>): Uint8Array =>
  encodeDescriptorSet(FILES.map((file) => (file.name === name ? { ...file, ...change } : file)));

/** As the bytes of a set that is large enough to be indexed. */
function padded(files: readonly FileDescriptorProto[]): Uint8Array {
  const messageType = Array.from({ length: 25_000 }, (_, i) =>
    message(`M${i}`, [`a_long_name_of_a_field_${i}`, 1, '']),
  );
  const bytes = encodeDescriptorSet([...files, { name: 'padding.proto', package: 'padding', messageType }]);
  expect(bytes.length).to.be.above(1024 * 1024);
  return bytes;
}

async function loaded(bytes: Uint8Array, isLazy: boolean): Promise<Registry> {
  const registry = new Registry();
  registry.addSources(await loadSources(bytes, { includeDirs: [], isLazy }));
  return registry;
}

type Look = (registry: Registry) => unknown;

const LOOKS: readonly Look[] = [
  ...['shop.a.First/GetA', 'Both', 'GetB', 'getA', 'Nothing'].map(
    (name): Look =>
      (registry) => {
        const { fullName, path, cardinality, request, reply } = registry.method(name);
        const types = [request.typeName, reply.typeName];
        return {
          fullName,
          path,
          cardinality,
          types,
          protos: types.map((type) => registry.find(type)?.proto),
        };
      },
  ),
  ...['shop.Common', 'shop.a.A', 'shop.a.A.Inner', 'shop.b.B', 'shop.b.Second', 'shop.Holder', 'shop.No'].map(
    (name): Look =>
      (registry) =>
        registry.find(name)?.proto,
  ),
  (registry) => registry.model.extension('shop.a.A', 100)?.name,
  (registry) => registry.services,
];

/** What a look gives, or the text of the SchemaError. */
function outcomeOf(registry: Registry, look: Look): { readonly found?: unknown; readonly failed?: unknown } {
  let found: unknown;
  const failed = failure(() => {
    found = look(registry);
  });
  return failed === undefined ? { found } : { failed };
}

describe('the unread files of a large descriptor set', () => {
  it('stay unread until something needs them', () => {
    const registry = indexed(BYTES);
    expect(registry.hasMethods).to.equal(true);
    expect(read(registry)).to.deep.equal([]);
    expect(registry.method('shop.b.Second/GetB').request.typeName).to.equal('shop.b.B');
    expect(read(registry)).to.deep.equal(['common.proto', 'b.proto']);
    expect(registry.find('shop.a.A.Inner')?.kind).to.equal('message');
    expect(read(registry)).to.include('a.proto').and.not.to.include('extension.proto');
    expect(registry.find('shop.Nothing')).to.equal(undefined);
    expect(registry.find('nowhere.Nothing')).to.equal(undefined);
    expect(registry.files.map(({ name }) => name)).to.have.members(FILES.map(({ name }) => name));
  });

  it('are listed with their services without being read', () => {
    const registry = indexed(BYTES);
    expect(registry.services).to.deep.equal(whole(BYTES).services);
    expect(read(registry)).to.deep.equal([]);
  });

  for (const name of ['GetB', 'getB', 'Second/GetB', '/shop.b.Second/GetB', 'shop.b.Second.GetB']) {
    it(`are found by the method ${name} alone`, () => {
      const registry = indexed(BYTES);
      expect(registry.method(name).fullName).to.equal('shop.b.Second.GetB');
      expect(read(registry)).to.deep.equal(['common.proto', 'b.proto']);
    });
  }

  for (const name of ['Both', 'Nothing', 'GetX', 'First/GetX', 'shop.b.Second']) {
    it(`leave the error for the method ${name} as it is`, () => {
      const expected = failure(() => whole(BYTES).method(name));
      expect(expected).to.be.a('string');
      expect(failure(() => indexed(BYTES).method(name))).to.equal(expected);
    });
  }

  it('are read while a message is decoded that holds one of their types', () => {
    const { bytes, start, end } = whole(BYTES)
      .message('shop.a.A')
      .encode(
        {
          common: { text: 'before' },
          any: { '@type': 'type.googleapis.com/shop.b.B', common: { text: 'inside' } },
          '[shop.Holder.note]': 'extended',
        },
        0,
      );
    const registry = indexed(BYTES);
    const codec = registry.method('GetA').reply;
    expect(read(registry)).not.to.include('b.proto').and.not.to.include('extension.proto');
    expect(JSON.parse(JSON.stringify(codec.decode(bytes, start, end)))).to.deep.equal({
      common: { text: 'before' },
      any: { '@type': 'type.googleapis.com/shop.b.B', common: { text: 'inside' } },
      '[shop.Holder.note]': 'extended',
    });
    expect(read(registry)).to.include('b.proto').and.to.include('extension.proto');
  });

  it('are looked for in no time under names of thousands of parts', () => {
    const registry = indexed(BYTES);
    const start = performance.now();
    for (let i = 0; i < 100; i++) expect(registry.find(`a${i}.${'b.'.repeat(8000)}C`)).to.equal(undefined);
    expect(performance.now() - start).to.be.below(1000);
    for (const name of ['shop.a.A.Inner.x', 'shop.a.A.Inner', 'shop.a.A']) {
      expect(indexed(BYTES).find(name)?.kind, name).to.equal(whole(BYTES).find(name)?.kind);
    }
  });

  it('are compared with what is loaded later', () => {
    const registry = indexed(BYTES);
    const other: FileDescriptorProto = {
      name: 'other.proto',
      package: 'shop.b',
      messageType: [message('B')],
    };
    expect(failure(() => registry.add([other], 'elsewhere'))).to.match(/shop\.b\.B .* contradicts/);
    expect(registry.method('GetB').fullName).to.equal('shop.b.Second.GetB');
  });

  it('are counted in when names are checked against what was loaded before', () => {
    const registry = new Registry();
    registry.add([{ name: 'other.proto', package: 'shop.b', messageType: [message('B')] }], 'elsewhere');
    const index = DescriptorIndex.of(BYTES, ORIGIN);
    expect(failure(() => registry.addSources([{ files: [], origin: ORIGIN, index }]))).to.match(
      /contradicts/,
    );
  });
});

describe('a faulty file in a large descriptor set', () => {
  const FAULTS: readonly (readonly [string, Partial<FileDescriptorProto>])[] = [
    ['a field number of 0', { messageType: [message('B', ['x', 0, ''])] }],
    ['a type that is not there', { messageType: [message('B', ['x', 1, '.shop.Missing'])] }],
    ['a name that is no identifier', { enumType: [{ name: 'a b', value: [{ name: 'X', number: 0 }] }] }],
    ['an enum without values', { enumType: [{ name: 'E' }] }],
    ['an import of itself', { dependency: ['common.proto', 'b.proto'] }],
    ['a type of another file', { package: 'shop.a', messageType: [message('A')] }],
    ['a name twice', { messageType: [message('B'), message('B', ['x', 1, ''])] }],
  ];
  for (const [what, change] of FAULTS) {
    const bytes = withFile('b.proto', change);
    it(`is refused as ever when it is needed: ${what}`, () => {
      const expected = failure(() => whole(bytes));
      expect(expected).to.be.a('string');
      const registry = indexed(bytes);
      expect(failure(() => registry.method('GetB'))).to.equal(expected);
      expect(failure(() => registry.files)).to.equal(expected);
      expect(failure(() => registry.services)).to.equal(expected);
      expect(failure(() => registry.add([], 'elsewhere'))).to.equal(expected);
      expect(registry.find('shop.b.B')).to.equal(undefined);
    });
  }

  it('is refused in the same words whatever was read before', () => {
    const bytes = withFile('b.proto', { service: [service('Second', ['GetB', '.shop.a.B'])] });
    const expected = failure(() => whole(bytes));
    expect(expected).to.match(/did you mean 'shop\.a\.A' or 'shop\.b\.B'\?/);
    const registry = indexed(bytes);
    registry.method('GetA');
    expect(failure(() => registry.files)).to.equal(expected);
    expect(failure(() => registry.method('GetB'))).to.equal(expected);
  });

  it('leaves alone what was checked before', () => {
    const registry = indexed(withFile('b.proto', { messageType: [message('B', ['x', 0, ''])] }));
    expect(registry.method('GetA').fullName).to.equal('shop.a.First.GetA');
    expect(failure(() => registry.files)).to.match(/field number "0"/);
    expect(registry.method('GetA').fullName).to.equal('shop.a.First.GetA');
    expect(failure(() => registry.method('GetB'))).to.match(/field number "0"/);
  });
});

describe('the index of a descriptor set', () => {
  const field = (number: number, ...octets: readonly number[]): number[] => [
    (number << 3) | 2,
    octets.length,
    ...octets,
  ];
  const name = field(1, 120);
  const UNUSUAL: readonly (readonly [string, readonly number[]])[] = [
    ['a field of the set itself that is none', [...field(1, ...name), ...field(2)]],
    ['a file that ends too early', [0x0a, 20, ...name]],
    ['a file without a name', field(1, ...field(2, 120))],
    ['a file with an empty name', field(1, ...field(1))],
    ['a name twice', field(1, ...name, ...field(1, 121))],
    ['a package twice', field(1, ...name, ...field(2, 120), ...field(2, 121))],
    ['a package that is no name', field(1, ...name, ...field(2, 0x2e))],
    ['a name that is not ASCII', field(1, ...field(1, 0xc3, 0xa4))],
    ['a syntax that is not known', field(1, ...name, ...field(12, 120))],
    ['an edition that is no varint', field(1, ...name, 0x75, 0xe8, 0x07, 0, 0)],
    ['an edition beyond 2^28', field(1, ...name, 0x70, 0xe8, 0x87, 0x80, 0x80, 0x01)],
    ['a group', field(1, ...name, 0x0b, 0x0c)],
    ['a field number of 0', field(1, ...name, 0x02, 0x00)],
    ['an over-long tag', field(1, 0x8a, 0x80, 0x80, 0x80, 0x00, 1, 120)],
    ['two files of one name', [...field(1, ...name), ...field(1, ...name)]],
  ];
  for (const [what, octets] of UNUSUAL) {
    it(`is not made of ${what}`, () => {
      expect(DescriptorIndex.of(Uint8Array.from(octets), ORIGIN)).to.equal(undefined);
    });
  }

  it('takes no streaming from a field of another wire type', () => {
    const method = { name: 'Chat', inputType: '.shop.b.B', outputType: '.shop.b.B' };
    const service = [
      { name: 'Second', method: [{ ...method, clientStreaming: true, serverStreaming: true }] },
    ];
    const bytes = Buffer.from(withFile('b.proto', { service }));
    const at = bytes.indexOf(Buffer.from([0x28, 1, 0x30, 1]));
    bytes.set([0x28, 1, 0x32, 0], at);
    const { services } = whole(bytes);
    expect(services.map(({ methods }) => methods[0].cardinality)).to.include('stream_unary');
    expect(indexed(bytes).services).to.deep.equal(services);
  });

  it('never leads to anything that decoding all of the set would not', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (seed * 48271) % 2147483647;
      return seed % below;
    };
    let [sound, faulty] = [0, 0];
    for (let round = 0; round < 200; round++) {
      const bytes = Uint8Array.from(BYTES);
      for (let changes = 1 + random(3); changes > 0; changes--) bytes[random(bytes.length)] = random(256);
      const index = DescriptorIndex.of(bytes, ORIGIN);
      if (index === undefined) continue;
      const fault = failure(() => whole(bytes));
      for (const look of LOOKS) {
        const registry = indexed(bytes);
        const found = outcomeOf(registry, look);
        if (fault === undefined) {
          expect(found).to.deep.equal(outcomeOf(whole(bytes), look));
          sound++;
          continue;
        }
        // A fault elsewhere in the set need not show; one that shows is the set's.
        expect(failure(() => registry.files)).to.equal(fault);
        if (found.failed !== fault && registry.readFiles.length > 0) {
          const sane = new Registry();
          sane.add(registry.readFiles, ORIGIN);
          expect(found).to.deep.equal(outcomeOf(sane, look));
        }
        faulty++;
      }
    }
    expect(sound).to.be.above(100);
    expect(faulty).to.be.above(200);
  });

  it('is made of a set of more than 1 MiB where that is asked for, and keeps what its user then does with the bytes apart', async () => {
    const small = await loadSources(BYTES, { includeDirs: [], isLazy: true });
    expect(small.map(({ files, index }) => [files.length, index])).to.deep.equal([[FILES.length, undefined]]);
    const bytes = padded(FILES);
    const [eager] = await loadSources(bytes, { includeDirs: [] });
    expect([eager.files.length, eager.index]).to.deep.equal([FILES.length + 1, undefined]);
    const sources = await loadSources(bytes, { includeDirs: [], isLazy: true });
    bytes.fill(0);
    const registry = new Registry();
    registry.addSources(sources);
    expect(registry.method('GetB').fullName).to.equal('shop.b.Second.GetB');
    expect(read(registry)).to.deep.equal(['common.proto', 'b.proto']);
  });

  it('brings the well-known files that the set lacks', async () => {
    const index = DescriptorIndex.of(encodeDescriptorSet(FILES.slice(1)), ORIGIN);
    expect(index?.missingImports).to.deep.equal(['google/protobuf/any.proto']);
  });

  it('lists the services of bundled files that the set lacks', async () => {
    const importing = { name: 'c.proto', package: 'shop', dependency: ['grpc/health/v1/health.proto'] };
    const bytes = padded([...FILES, importing]);
    const registry = await loaded(bytes, true);
    expect(registry.services).to.deep.equal((await loaded(bytes, false)).services);
    expect(registry.services.map(({ fullName }) => fullName)).to.deep.equal([
      'grpc.health.v1.Health',
      'shop.a.First',
      'shop.b.Second',
    ]);
    expect(read(registry)).not.to.include('c.proto');
  });

  it('is not kept for a set that has itself what the bundled files import that it lacks', async () => {
    const own: FileDescriptorProto = {
      name: 'google/api/http.proto',
      package: 'google.api',
      messageType: [message('HttpRule', ['selector', 1, ''])],
    };
    const importing = { name: 'c.proto', package: 'shop', dependency: ['google/api/annotations.proto'] };
    const bytes = padded([...FILES, own, importing]);
    const [registry, eager] = [await loaded(bytes, true), await loaded(bytes, false)];
    expect(registry.files.map(({ name }) => name)).to.deep.equal(eager.files.map(({ name }) => name));
    expect(registry.find('google.api.HttpRule')?.proto).to.deep.equal(
      eager.find('google.api.HttpRule')?.proto,
    );
  });
});
