import { expect } from 'chai';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { decoded, encoded, registryOf, thrownBy } from '../schemas.ts';

const GREETER = `syntax = "proto3"; package helloworld;
  message HelloRequest { string name = 1; }
  message HelloReply { string message = 1; }
  service Greeter {
    rpc SayHello(HelloRequest) returns (HelloReply);
    rpc SayHelloAgain(HelloRequest) returns (stream HelloReply);
    rpc Collect(stream HelloRequest) returns (HelloReply) { option idempotency_level = NO_SIDE_EFFECTS; }
    rpc Chat(stream HelloRequest) returns (stream HelloReply) { option idempotency_level = IDEMPOTENT; }
    rpc lower(HelloRequest) returns (HelloReply);
    rpc Lower(HelloRequest) returns (HelloReply);
  }`;

const OTHERS = `syntax = "proto3"; package other.v1;
  message Empty {}
  service Greeter { rpc SayHello(Empty) returns (Empty); rpc Wave(Empty) returns (Empty); }
  service Check { rpc Check(Empty) returns (Empty); rpc Watch(Empty) returns (Empty); }`;

const HEALTH = `syntax = "proto3"; package grpc.health.v1;
  message Ask {} message Answer {}
  service Health { rpc Check(Ask) returns (Answer); rpc Watch(Ask) returns (stream Answer); rpc List(Ask) returns (Answer); }`;

const NO_PACKAGE = `syntax = "proto3"; message Nothing {} service Bare { rpc Go(Nothing) returns (Nothing); }`;

describe('registry: method names (README.md, Names)', () => {
  let registry: Registry;
  before(async () => {
    registry = await registryOf([GREETER, OTHERS, HEALTH, NO_PACKAGE]);
  });

  const spellings: readonly { name: string; scope?: string; is: string }[] = [
    { name: 'SayHelloAgain', is: '/helloworld.Greeter/SayHelloAgain' },
    { name: 'sayHelloAgain', is: '/helloworld.Greeter/SayHelloAgain' },
    { name: 'helloworld.Greeter.SayHello', is: '/helloworld.Greeter/SayHello' },
    { name: 'helloworld.Greeter/SayHello', is: '/helloworld.Greeter/SayHello' },
    { name: '/helloworld.Greeter/SayHello', is: '/helloworld.Greeter/SayHello' },
    { name: 'helloworld.Greeter/sayHello', is: '/helloworld.Greeter/SayHello' },
    { name: 'Greeter/SayHelloAgain', is: '/helloworld.Greeter/SayHelloAgain' },
    { name: 'Greeter.SayHelloAgain', is: '/helloworld.Greeter/SayHelloAgain' },
    { name: 'Greeter/Wave', is: '/other.v1.Greeter/Wave' },
    { name: 'v1.Greeter/SayHello', is: '/other.v1.Greeter/SayHello' },
    { name: 'Go', is: '/Bare/Go' },
    { name: 'Bare/Go', is: '/Bare/Go' },
    { name: '/Bare/Go', is: '/Bare/Go' },
    { name: 'lower', is: '/helloworld.Greeter/lower' },
    { name: 'Lower', is: '/helloworld.Greeter/Lower' },
    { name: 'Check', is: '/other.v1.Check/Check' },
    { name: 'List', is: '/grpc.health.v1.Health/List' },
    { name: 'Health/Check', is: '/grpc.health.v1.Health/Check' },
    { name: 'SayHello', scope: 'helloworld', is: '/helloworld.Greeter/SayHello' },
    { name: 'SayHello', scope: 'other.v1', is: '/other.v1.Greeter/SayHello' },
    { name: 'SayHello', scope: 'other', is: '/other.v1.Greeter/SayHello' },
    { name: 'Greeter/SayHello', scope: 'helloworld', is: '/helloworld.Greeter/SayHello' },
    { name: 'SayHello', scope: 'helloworld.Greeter', is: '/helloworld.Greeter/SayHello' },
    { name: 'Wave', scope: 'helloworld', is: '/other.v1.Greeter/Wave' },
    { name: 'Check', scope: 'grpc.health.v1', is: '/grpc.health.v1.Health/Check' },
  ];
  for (const { name, scope, is } of spellings) {
    it(`takes '${name}'${scope === undefined ? '' : ` in ${scope}`} for ${is}`, () => {
      const method = registry.method(name, scope);
      expect(method.path).to.equal(is);
      expect(registry.method(name, scope)).to.equal(method);
    });
  }

  const refusals: readonly { name: string; scope?: string; message: string }[] = [
    {
      name: 'SayHello',
      message: `method 'SayHello' is ambiguous: it could be helloworld.Greeter.SayHello, other.v1.Greeter.SayHello`,
    },
    {
      name: 'Greeter/SayHello',
      message: `method 'Greeter/SayHello' is ambiguous: it could be helloworld.Greeter.SayHello, other.v1.Greeter.SayHello`,
    },
    {
      name: 'SayHallo',
      message: `method 'SayHallo' is not known; did you mean 'helloworld.Greeter.SayHello'?`,
    },
    {
      name: 'helloworld.Greeter/SayHallo',
      message: `service helloworld.Greeter has no method 'SayHallo'; did you mean 'SayHello'?`,
    },
    {
      name: 'helloworld.Greeter/Zzz',
      message: `service helloworld.Greeter has no method 'Zzz'; it has SayHello, SayHelloAgain, Collect, Chat, lower, Lower`,
    },
    {
      name: 'helloword.Greeter/Collect',
      message: `method 'helloword.Greeter/Collect' is not known; did you mean 'helloworld.Greeter.Collect'?`,
    },
    { name: 'Quux', message: `method 'Quux' is not known` },
    { name: '', message: `method '' is not known` },
    { name: '__proto__', message: `method '__proto__' is not known` },
    { name: 'constructor', message: `method 'constructor' is not known` },
    { name: 'Quux', scope: 'helloworld', message: `method 'Quux' is not known (scope 'helloworld')` },
  ];
  for (const { name, scope, message } of refusals) {
    it(`refuses '${name}'${scope === undefined ? '' : ` in ${scope}`}`, () => {
      const error = thrownBy(() => registry.method(name, scope));
      expect(error.message).to.equal(message);
      expect(error).to.be.instanceOf(SchemaError);
    });
  }

  it('says that nothing is loaded when that is so', () => {
    const empty = new Registry();
    expect(empty.hasMethods).to.equal(false);
    expect(thrownBy(() => empty.method('X')).message).to.equal(
      `method 'X' is not known: no service is loaded`,
    );
  });

  it('lists all methods when there are few and none is near', async () => {
    const few = await registryOf([NO_PACKAGE]);
    expect(thrownBy(() => few.method('Quux')).message).to.equal(
      `method 'Quux' is not known; the methods are Bare.Go`,
    );
  });

  it('knows what was added after a name was first looked for', async () => {
    const growing = await registryOf([GREETER]);
    expect(growing.method('SayHello').service).to.equal('helloworld.Greeter');
    const { files } = await loadProtoSource(OTHERS, 'others.proto');
    growing.add(files, 'others');
    expect(() => growing.method('SayHello')).to.throw(SchemaError, 'ambiguous');
  });

  it('gives a method its facts and its codecs', () => {
    const facts = (name: string): unknown[] => {
      const m = registry.method(name);
      return [m.name, m.service, m.fullName, m.cardinality, m.requestStream, m.responseStream, m.idempotency];
    };
    expect(facts('Collect')).to.deep.equal([
      'Collect',
      'helloworld.Greeter',
      'helloworld.Greeter.Collect',
      'stream_unary',
      true,
      false,
      'no_side_effects',
    ]);
    expect(facts('Chat')).to.deep.equal([
      'Chat',
      'helloworld.Greeter',
      'helloworld.Greeter.Chat',
      'stream_stream',
      true,
      true,
      'idempotent',
    ]);
    expect(facts('SayHelloAgain').slice(3)).to.deep.equal(['unary_stream', false, true, 'unknown']);
    expect(registry.method('Chat').request.typeName).to.equal('helloworld.HelloRequest');
    expect(registry.method('Chat').reply).to.equal(registry.message('helloworld.HelloReply'));
  });

  it('lists its services', () => {
    expect(registry.hasMethods).to.equal(true);
    expect(registry.services.map((service) => service.fullName)).to.deep.equal([
      'helloworld.Greeter',
      'other.v1.Greeter',
      'other.v1.Check',
      'grpc.health.v1.Health',
      'Bare',
    ]);
    expect(registry.services[1].methods).to.deep.equal([
      {
        name: 'SayHello',
        fullName: 'other.v1.Greeter.SayHello',
        path: '/other.v1.Greeter/SayHello',
        cardinality: 'unary_unary',
        requestType: 'other.v1.Empty',
        replyType: 'other.v1.Empty',
      },
      {
        name: 'Wave',
        fullName: 'other.v1.Greeter.Wave',
        path: '/other.v1.Greeter/Wave',
        cardinality: 'unary_unary',
        requestType: 'other.v1.Empty',
        replyType: 'other.v1.Empty',
      },
    ]);
  });
});

const field = (
  name: string,
  number: number,
  more: Partial<FieldDescriptorProto> = {},
): FieldDescriptorProto => ({
  name,
  number,
  label: 'LABEL_OPTIONAL',
  type: 'TYPE_STRING',
  ...more,
});

const file = (more: Partial<FileDescriptorProto>): FileDescriptorProto => ({
  name: 'x.proto',
  package: 'x',
  syntax: 'proto3',
  ...more,
});

const message = (proto: Partial<DescriptorProto>): FileDescriptorProto =>
  file({ messageType: [{ name: 'M', ...proto }] });

const PROTO2_HOST: DescriptorProto = {
  name: 'Host',
  field: [field('a', 1)],
  extensionRange: [{ start: 100, end: 200 }],
};

interface Fault {
  readonly name: string;
  readonly files: readonly FileDescriptorProto[];
  readonly message: string;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a file without a name',
    files: [file({ name: '' })],
    message: 'a file descriptor has no name (from here)',
  },
  {
    name: 'a package that is no name',
    files: [file({ package: 'a..b' })],
    message: 'x.proto: package "a..b" is not a valid name (from here)',
  },
  {
    name: 'an unknown syntax',
    files: [file({ syntax: 'proto4' })],
    message: 'x.proto: syntax "proto4" is not known (from here)',
  },
  {
    name: 'an unknown edition',
    files: [file({ syntax: 'editions', edition: 'EDITION_2077' })],
    message: 'x.proto: edition "EDITION_2077" is not known (from here)',
  },
  {
    name: 'a message name that is code',
    files: [file({ messageType: [{ name: 'M(){}' }] })],
    message: 'x.proto: message name "M(){}" is not an identifier (from here)',
  },
  {
    name: 'a field name that is code',
    files: [message({ field: [field('a;process.exit()', 1)] })],
    message: 'x.proto: x.M: field name "a;process.exit()" is not an identifier (from here)',
  },
  {
    name: 'a very long name',
    files: [message({ field: [field(`${'a'.repeat(100)}-`, 1)] })],
    message: `x.proto: x.M: field name "${'a'.repeat(60)}…" is not an identifier (from here)`,
  },
  {
    name: 'field number 0',
    files: [message({ field: [field('a', 0)] })],
    message: 'x.proto: x.M.a: field number "0" is not an integer from 1 to 536870911 (from here)',
  },
  {
    name: 'field number 2^29',
    files: [message({ field: [field('a', 2 ** 29)] })],
    message: 'x.proto: x.M.a: field number "536870912" is not an integer from 1 to 536870911 (from here)',
  },
  {
    name: 'field number 19000',
    files: [message({ field: [field('a', 19_000)] })],
    message: `x.proto: x.M.a: field number 19000 is one of 19000 to 19999, which protobuf reserves for itself (from here)`,
  },
  {
    name: 'field number 1.5',
    files: [message({ field: [field('a', 1.5)] })],
    message: 'x.proto: x.M.a: field number "1.5" is not an integer from 1 to 536870911 (from here)',
  },
  {
    name: 'a field number used twice',
    files: [message({ field: [field('a', 1), field('b', 1)] })],
    message: 'x.proto: x.M.b: field number 1 is already taken by a (from here)',
  },
  {
    name: 'a field number used twice, out of order',
    files: [message({ field: [field('a', 2), field('b', 1), field('c', 2)] })],
    message: 'x.proto: x.M.c: field number 2 is already taken by a (from here)',
  },
  {
    name: 'a field name used twice',
    files: [message({ field: [field('a', 1), field('a', 2)] })],
    message: 'x.proto: x.M.a: is defined twice (from here)',
  },
  {
    name: 'a reserved number',
    files: [message({ field: [field('a', 5)], reservedRange: [{ start: 2, end: 6 }] })],
    message: 'x.proto: x.M.a: field number 5 is reserved (from here)',
  },
  {
    name: 'a reserved name',
    files: [message({ field: [field('a', 5)], reservedName: ['a'] })],
    message: 'x.proto: x.M.a: the name is reserved (from here)',
  },
  {
    name: 'a field in an extension range',
    files: [message({ field: [field('a', 5)], extensionRange: [{ start: 2, end: 6 }] })],
    message: 'x.proto: x.M.a: field number 5 is in an extension range (from here)',
  },
  {
    name: 'a type that is not defined',
    files: [message({ field: [field('a', 1, { type: 'TYPE_MESSAGE', typeName: '.x.Mm' })] })],
    message: `x.proto: x.M.a: type "x.Mm" is not defined; did you mean 'x.M'? (from here)`,
  },
  {
    name: 'an enum where a message belongs',
    files: [
      file({
        messageType: [{ name: 'M', field: [field('a', 1, { type: 'TYPE_MESSAGE', typeName: '.x.E' })] }],
        enumType: [{ name: 'E', value: [{ name: 'A', number: 0 }] }],
      }),
    ],
    message: 'x.proto: x.M.a: x.E is an enum (from here)',
  },
  {
    name: 'a field without a type',
    files: [message({ field: [{ name: 'a', number: 1 }] })],
    message: 'x.proto: x.M.a: has no type (from here)',
  },
  {
    name: 'a oneof that is not there',
    files: [message({ field: [field('a', 1, { oneofIndex: 0 })] })],
    message: 'x.proto: x.M.a: this message has no oneof with index "0" (from here)',
  },
  {
    name: 'a repeated member of a oneof',
    files: [
      message({
        field: [field('a', 1, { oneofIndex: 0, label: 'LABEL_REPEATED' })],
        oneofDecl: [{ name: 'o' }],
      }),
    ],
    message: 'x.proto: x.M.a: a member of a oneof cannot be repeated or required (from here)',
  },
  {
    name: 'a map entry outside a message',
    files: [message({ options: { mapEntry: true }, field: [field('key', 1), field('value', 2)] })],
    message: 'x.proto: x.M: is not a well-formed map entry (from here)',
  },
  {
    name: 'a map with double keys',
    files: [
      message({
        nestedType: [
          {
            name: 'E',
            options: { mapEntry: true },
            field: [field('key', 1, { type: 'TYPE_DOUBLE' }), field('value', 2)],
          },
        ],
      }),
    ],
    message: 'x.proto: x.M.E: "TYPE_DOUBLE" cannot be the key of a map (from here)',
  },
  {
    name: 'an enum without values',
    files: [file({ enumType: [{ name: 'E' }] })],
    message: 'x.proto: x.E: an enum needs at least one value (from here)',
  },
  {
    name: 'an open enum that does not begin with 0',
    files: [file({ enumType: [{ name: 'E', value: [{ name: 'A', number: 1 }] }] })],
    message: 'x.proto: x.E: the first value of an open enum must be 0 (from here)',
  },
  {
    name: 'an alias that is not allowed',
    files: [
      file({
        enumType: [
          {
            name: 'E',
            value: [
              { name: 'A', number: 0 },
              { name: 'B', number: 0 },
            ],
          },
        ],
      }),
    ],
    message: 'x.proto: x.E.B: number 0 is already taken by A (allow_alias is not set) (from here)',
  },
  {
    name: 'an enum name used twice',
    files: [
      file({
        enumType: [
          {
            name: 'E',
            value: [
              { name: 'A', number: 0 },
              { name: 'A', number: 1 },
            ],
          },
        ],
      }),
    ],
    message: 'x.proto: x.E: A is defined twice (from here)',
  },
  {
    name: 'an enum number above 32 bits',
    files: [
      file({
        enumType: [
          {
            name: 'E',
            value: [
              { name: 'A', number: 0 },
              { name: 'B', number: 2 ** 31 },
            ],
          },
        ],
      }),
    ],
    message: 'x.proto: x.E.B: "2147483648" is not a 32-bit integer (from here)',
  },
  {
    name: 'a reserved enum number',
    files: [
      file({
        enumType: [{ name: 'E', value: [{ name: 'A', number: 0 }], reservedRange: [{ start: 0, end: 0 }] }],
      }),
    ],
    message: 'x.proto: x.E: A: the number 0 is reserved (from here)',
  },
  {
    name: 'a method without its types',
    files: [file({ service: [{ name: 'S', method: [{ name: 'A', inputType: '', outputType: '' }] }] })],
    message: 'x.proto: x.S.A: has no request or reply type (from here)',
  },
  {
    name: 'a method of types that are not defined',
    files: [
      file({ service: [{ name: 'S', method: [{ name: 'A', inputType: '.x.No', outputType: '.x.No' }] }] }),
    ],
    message: 'x.proto: x.S.A: type "x.No" is not defined (from here)',
  },
  {
    name: 'a method defined twice',
    files: [
      file({
        messageType: [{ name: 'M' }],
        service: [
          {
            name: 'S',
            method: [
              { name: 'A', inputType: '.x.M', outputType: '.x.M' },
              { name: 'A', inputType: '.x.M', outputType: '.x.M' },
            ],
          },
        ],
      }),
    ],
    message: 'x.proto: x.S.A: is defined twice (from here)',
  },
  {
    name: 'a method whose request is an enum',
    files: [
      file({
        enumType: [{ name: 'E', value: [{ name: 'A', number: 0 }] }],
        service: [{ name: 'S', method: [{ name: 'A', inputType: '.x.E', outputType: '.x.E' }] }],
      }),
    ],
    message: 'x.proto: x.S.A: x.E is not a message (from here)',
  },
  {
    name: 'a type defined twice in a file',
    files: [file({ messageType: [{ name: 'M' }, { name: 'M' }] })],
    message: 'x.proto: x.M is defined twice (from here)',
  },
  {
    name: 'an extension of nothing',
    files: [file({ extension: [field('e', 100, { extendee: '.x.Nope' })] })],
    message: 'x.proto: x.e: extends ".x.Nope", which is not a defined message (from here)',
  },
  {
    name: 'an extension outside the ranges',
    files: [
      file({
        syntax: 'proto2',
        messageType: [PROTO2_HOST],
        extension: [field('e', 200, { extendee: '.x.Host' })],
      }),
    ],
    message: 'x.proto: x.e: x.Host does not allow an extension with number 200 (from here)',
  },
  {
    name: 'two extensions with one number',
    files: [
      file({
        syntax: 'proto2',
        messageType: [PROTO2_HOST],
        extension: [field('e', 100, { extendee: '.x.Host' }), field('f', 100, { extendee: '.x.Host' })],
      }),
    ],
    message:
      'x.proto: x.f: x.Host is already extended with number 100 by x.e in x.proto (from here) (from here)',
  },
  {
    name: 'a file that imports itself',
    files: [file({ dependency: ['x.proto'] })],
    message: 'x.proto: imports itself: x.proto imports x.proto',
  },
  {
    name: 'files that import each other',
    files: [
      file({ name: 'a.proto', dependency: ['b.proto'] }),
      file({ name: 'b.proto', dependency: ['c.proto'] }),
      file({ name: 'c.proto', dependency: ['b.proto'] }),
    ],
    message: 'b.proto: imports itself: b.proto imports c.proto imports b.proto',
  },
  {
    name: 'a false well-known type',
    files: [
      file({
        package: 'google.protobuf',
        messageType: [{ name: 'Timestamp', field: [field('seconds', 1)] }],
      }),
    ],
    message: 'x.proto: google.protobuf.Timestamp is not the well-known type of that name (from here)',
  },
];

describe('registry: what it takes', () => {
  for (const { name, files, message: expected } of FAULTS) {
    it(`refuses ${name}, and all that came with it`, () => {
      const registry = new Registry();
      const innocent = file({ name: 'innocent.proto', package: 'innocent', messageType: [{ name: 'I' }] });
      const error = thrownBy(() => registry.add([innocent, ...files], 'here'));
      expect(error.message).to.equal(expected);
      expect(error).to.be.instanceOf(SchemaError);
      expect(registry.files).to.deep.equal([]);
      expect(() => registry.message('innocent.I')).to.throw(SchemaError);
      registry.add([innocent], 'here');
      expect(registry.message('innocent.I').typeName).to.equal('innocent.I');
    });
  }

  it('takes the same file again, and its types under another file name', async () => {
    const registry = await registryOf([GREETER]);
    for (const name of ['source-0.proto', 'elsewhere/greeter.proto']) {
      const { files } = await loadProtoSource(GREETER, name);
      registry.add(files, 'again');
      // A source may leave out what follows from the rest.
      registry.add(files.map(withoutDefaults), 'again');
    }
    expect(registry.services).to.have.length(1);
  });

  const contradictions: readonly { name: string; source: string; message: string }[] = [
    {
      name: 'a field of another type',
      source: GREETER.replace('string message', 'int32 message'),
      message:
        'source-0.proto: helloworld.HelloReply (from there) contradicts its definition in source-0.proto (from source 0)',
    },
    {
      name: 'a field of another number',
      source: GREETER.replace('name = 1', 'name = 2'),
      message:
        'source-0.proto: helloworld.HelloRequest (from there) contradicts its definition in source-0.proto (from source 0)',
    },
    {
      name: 'a method that streams',
      source: GREETER.replace('SayHello(HelloRequest) returns (', 'SayHello(HelloRequest) returns (stream '),
      message:
        'source-0.proto: helloworld.Greeter (from there) contradicts its definition in source-0.proto (from source 0)',
    },
    {
      name: 'one message more',
      source: `${GREETER} message More {}`,
      message:
        'source-0.proto: helloworld.More (from there) contradicts its definition in source-0.proto (from source 0)',
    },
    {
      name: 'another syntax',
      source: GREETER.replace('proto3', 'proto2').replaceAll(
        /(?:string|int32) (?=name|message)/g,
        'optional string ',
      ),
      message:
        'source-0.proto: helloworld.HelloRequest (from there) contradicts its definition in source-0.proto (from source 0)',
    },
  ];
  for (const { name, source, message: expected } of contradictions) {
    it(`refuses a file that contradicts one that is loaded: ${name}`, async () => {
      const registry = await registryOf([GREETER]);
      const { files } = await loadProtoSource(source, 'source-0.proto');
      expect(thrownBy(() => registry.add(files, 'there')).message).to.equal(expected);
      expect(registry.services[0].methods).to.have.length(6);
    });
  }

  it('resolves type names that are relative, and fields that name no kind', () => {
    const registry = new Registry();
    registry.add(
      [
        file({
          messageType: [
            {
              name: 'M',
              field: [
                { name: 'e', number: 1, typeName: 'E' },
                { name: 'n', number: 2, typeName: 'M.N' },
              ],
              nestedType: [{ name: 'N', field: [{ name: 'm', number: 1, typeName: 'M' }] }],
            },
          ],
          enumType: [
            {
              name: 'E',
              value: [
                { name: 'A', number: 0 },
                { name: 'B', number: 1 },
              ],
            },
          ],
          service: [{ name: 'S', method: [{ name: 'Do', inputType: 'M', outputType: 'x.M.N' }] }],
        }),
      ],
      'here',
    );
    const codec = registry.method('Do').request;
    expect(codec.typeName).to.equal('x.M');
    expect(registry.toObject(decoded(codec, encoded(codec, { e: 'B', n: { m: {} } })))).to.deep.equal({
      e: 'B',
      n: { m: { e: 'A' } },
    });
    expect(registry.services[0].methods[0].replyType).to.equal('x.M.N');
  });

  it('names the nearest message type when asked for one that is not loaded', async () => {
    const registry = await registryOf([GREETER]);
    expect(thrownBy(() => registry.message('helloworld.HelloReplay')).message).to.equal(
      `message type 'helloworld.HelloReplay' is not loaded; did you mean 'helloworld.HelloReply'?`,
    );
  });

  it('sees an extension that was loaded after its message was first used', async () => {
    const registry = await registryOf([
      'syntax = "proto2"; package h; message Host { extensions 100 to 200; }',
    ]);
    const codec = registry.message('h.Host');
    const bytes = Uint8Array.from([0xa0, 0x06, 0x07]);
    expect(registry.toObject(decoded(codec, bytes))).to.deep.equal({});
    registry.add(
      [
        file({
          syntax: 'proto2',
          extension: [field('level', 100, { type: 'TYPE_INT32', extendee: '.h.Host' })],
        }),
      ],
      'later',
    );
    expect(registry.toObject(decoded(codec, bytes))).to.deep.equal({ '[x.level]': 7 });
    expect(Uint8Array.from(encoded(codec, { '[x.level]': 7 }))).to.deep.equal(bytes);
  });

  it('loads a message of 10,000 fields in less than 500 ms of a processor, and uses it', () => {
    const many = Array.from({ length: 10_000 }, (_, i) => field(`field_${i}`, i < 18_999 ? i + 1 : i + 2000));
    const registry = new Registry();
    const start = process.cpuUsage();
    registry.add([message({ field: many })], 'here');
    const codec = registry.message('x.M');
    const bytes = encoded(codec, { field9999: 'last', field0: 'first' });
    const reply = decoded(codec, bytes);
    const { user, system } = process.cpuUsage(start);
    expect((user + system) / 1000).to.be.lessThan(500);
    expect([reply['field0'], reply['field9999'], reply['field5']]).to.deep.equal(['first', 'last', '']);
  });

  it('links no type before it is asked for', () => {
    const registry = new Registry();
    const files = Array.from({ length: 1000 }, (_, i) =>
      file({
        name: `f${i}.proto`,
        package: `p${i}`,
        dependency: i === 0 ? [] : [`f${i - 1}.proto`],
        messageType: [
          {
            name: 'M',
            field: [
              field('a', 1),
              field('next', 2, i === 0 ? {} : { type: 'TYPE_MESSAGE', typeName: `.p${i - 1}.M` }),
            ],
          },
        ],
        service: [{ name: 'S', method: [{ name: `Do${i}`, inputType: `.p${i}.M`, outputType: `.p${i}.M` }] }],
      }),
    );
    const start = process.cpuUsage();
    registry.add(files, 'here');
    const codec = registry.method('Do500').request;
    expect(encoded(codec, { a: 'x' })).to.have.length(3);
    expect(process.cpuUsage(start).user).to.be.lessThan(500_000);
  });
});

/** The same descriptor without what a parser may or may not write down. */
function withoutDefaults(proto: FileDescriptorProto): FileDescriptorProto {
  return JSON.parse(
    JSON.stringify(proto, (key, value: unknown) =>
      key === 'jsonName' || key === 'sourceCodeInfo' || value === 'LABEL_OPTIONAL' ? undefined : value,
    ),
  );
}
