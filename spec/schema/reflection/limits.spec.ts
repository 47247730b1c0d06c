import { expect } from 'chai';
import { checkReflectionOptions, type ReflectionOptions } from '../../../lib/catalog/reflection-options.ts';
import { Client } from '../../../lib/client/client.ts';
import type {
  DescriptorProto,
  FieldDescriptorProto,
  FileDescriptorProto,
} from '../../../lib/schema/descriptors/descriptor-types.ts';
import { Budget } from '../../../lib/schema/reflection/limits.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import { closing, rejection } from '../../support/closing.ts';
import { answersFrom, listenReflection, notFound, type ReflectionPeerOptions } from './reflection-peer.ts';
import { bytesOf } from './schema-files.ts';

/** `a0.proto` with a service, which imports `a1.proto`, which imports … */
function chain(length: number): FileDescriptorProto[] {
  return Array.from({ length }, (_, i): FileDescriptorProto => {
    const file = {
      name: `a${i}.proto`,
      syntax: 'proto3',
      dependency: i + 1 < length ? [`a${i + 1}.proto`] : [],
    };
    if (i > 0) return file;
    const method = [{ name: 'Go', inputType: '.M', outputType: '.M' }];
    return { ...file, messageType: [{ name: 'M' }], service: [{ name: 'S', method }] };
  });
}

describe('Limits on what a server may send by reflection', () => {
  const open = closing();

  async function call(
    answer: ReflectionPeerOptions['answer'],
    reflection: ReflectionOptions,
  ): Promise<unknown> {
    const peer = open(await listenReflection({ answer }));
    const client = open(new Client('127.0.0.1', peer.port, { reflection }));
    return client.request('/S/Go', {});
  }

  async function refusal(
    answer: ReflectionPeerOptions['answer'],
    reflection: ReflectionOptions,
  ): Promise<string> {
    const error = await rejection(call(answer, reflection));
    expect(error).to.be.instanceOf(SchemaError);
    return error.message;
  }

  it('maxFiles is of files in all', async () => {
    const answer = answersFrom(chain(5));
    await call(answer, { maxFiles: 5 });
    expect(await refusal(answer, { maxFiles: 4 })).to.include('exceed reflection.maxFiles 4');
  });

  it('maxFiles is of imports that are asked for, be they there or not', async () => {
    const [file] = chain(1);
    const dependency = ['b.proto', 'c.proto', 'd.proto'];
    const answer = answersFrom([{ ...file, dependency }]);
    await call(answer, { maxFiles: 3 });
    expect(await refusal(answer, { maxFiles: 2 })).to.include(
      'at least 3 imports exceed reflection.maxFiles 2',
    );
  });

  it('maxDepth is of imports that come one by one', async () => {
    const answer = answersFrom(chain(5), { withImports: false });
    await call(answer, { maxDepth: 4 });
    expect(await refusal(answer, { maxDepth: 3 })).to.include('exceed reflection.maxDepth 3');
  });

  it('maxDepth ends a server that makes up an import for each file', async () => {
    let made = 0;
    const answer: ReflectionPeerOptions['answer'] = ({ fileByFilename }) => {
      const [first] = chain(1);
      const file = { ...first, ...(fileByFilename === undefined ? {} : { service: [], messageType: [] }) };
      const name = fileByFilename ?? 'a.proto';
      const more = { ...file, name, dependency: [`${++made}.proto`] };
      return { fileDescriptorResponse: { fileDescriptorProto: [bytesOf(more, [])] } };
    };
    expect(await refusal(answer, {})).to.include('reflection.maxDepth 100');
    expect(made).to.equal(101);
  });

  it('maxBytes is of files together, each counted once', async () => {
    const files = chain(4);
    let bytes = 0;
    for (const file of files) bytes += bytesOf(file, files).length;
    const answer = answersFrom(files, { withImports: false });
    await call(answer, { maxBytes: bytes });
    expect(await refusal(answer, { maxBytes: bytes - 1 })).to.include(
      `at least ${bytes} bytes exceed reflection.maxBytes ${bytes - 1}`,
    );
  });

  it('maxBytes is of one answer too, before it is read', async () => {
    const answer = answersFrom([{ ...chain(1)[0], package: 'x'.repeat(100) }]);
    const message = await refusal(answer, { maxBytes: 50 });
    expect(message).to.match(/message of \d+ bytes exceeds reflection\.maxBytes 50/);
  });

  it('maxBytes is of sixteen times as much when it is said again and again', async () => {
    const files = Array.from({ length: 40 }, (_, i): FileDescriptorProto => {
      const method = [{ name: 'Go', inputType: `.M${i}`, outputType: `.M${i}` }];
      const service = [{ name: `S${i}`, method }];
      return { name: `${i}.proto`, syntax: 'proto3', messageType: [{ name: `M${i}` }], service };
    });
    const all = files.map((file) => bytesOf(file, files));
    const total = all.reduce((sum, bytes) => sum + bytes.length, 0);
    const lists = answersFrom(files);
    const peer = open(
      await listenReflection({
        answer: (question) =>
          question.listServices === undefined
            ? { fileDescriptorResponse: { fileDescriptorProto: all } }
            : lists(question),
      }),
    );
    const connect = (maxBytes: number): Client =>
      open(new Client('127.0.0.1', peer.port, { reflection: { maxBytes } }));
    // Forty services, each answered by all files: forty times as much as they are.
    await connect(3 * total).reflect();
    expect((await rejection(connect(2 * total).reflect())).message).to.include(
      `bytes of answers exceed 16 times reflection.maxBytes ${2 * total}`,
    );
  });

  const elements: [string, FileDescriptorProto, number][] = [
    [
      'messages',
      { ...chain(1)[0], messageType: [{ name: 'M' }, { name: 'N', nestedType: [{ name: 'O' }] }] },
      6,
    ],
    [
      'fields',
      {
        ...chain(1)[0],
        messageType: [
          {
            name: 'M',
            field: [1, 2, 3].map((number) => ({ name: `f${number}`, number, type: 'TYPE_BOOL' as const })),
          },
        ],
      },
      7,
    ],
    ['enum values', { ...chain(1)[0], enumType: [{ name: 'E', value: [{ name: 'Z', number: 0 }] }] }, 6],
    [
      'options, sixteen octets as one',
      { ...chain(1)[0], options: { javaPackage: 'a.java.package.of.44.characters.with.the.tag' } },
      7,
    ],
    ['reserved names', { ...chain(1)[0], messageType: [{ name: 'M', reservedName: ['a', 'b'] }] }, 6],
    [
      'comments',
      {
        ...chain(1)[0],
        sourceCodeInfo: { location: [{ path: [4, 0], leadingDetachedComments: ['a', 'b'] }] },
      },
      8,
    ],
  ];
  for (const [what, file, count] of elements) {
    it(`maxElements counts ${what}`, async () => {
      // The answer, and the file as an item of it, count too.
      const answer = answersFrom([file]);
      await call(answer, { maxElements: count + 1 });
      expect(await refusal(answer, { maxElements: count })).to.include(
        `${count + 1} elements exceed reflection.maxElements ${count}`,
      );
    });
  }

  it('maxElements counts services that are listed, before they are decoded', async () => {
    const answer = answersFrom([], { services: ['A', 'B', 'C'] });
    const peer = open(await listenReflection({ answer }));
    const connect = (maxElements: number): Client =>
      open(new Client('127.0.0.1', peer.port, { reflection: { maxElements } }));
    await connect(4).reflect();
    expect((await rejection(connect(3).reflect())).message).to.include('exceed reflection.maxElements 3');
  });

  const MANY = 300_000;
  const hostile: [string, () => Uint8Array, string][] = [
    ['empty messages without number', () => Buffer.alloc(2 * MANY, Buffer.from([0x22, 0x00])), 'maxElements'],
    [
      'empty fields without number',
      () => wrapped(0x22, Buffer.alloc(2 * MANY, Buffer.from([0x12, 0x00]))),
      'maxElements',
    ],
    [
      'unknown options without number',
      () => wrapped(0x42, Buffer.alloc(3 * MANY, Buffer.from([0xf8, 0x3e, 0x01]))),
      '',
    ],
    ['unknown fields', () => Buffer.alloc(12 * MANY, Buffer.from([0xa0, 0x06, 0x01])), 'maxElements'],
    [
      'unknown fields in a message',
      () => wrapped(0x22, Buffer.alloc(12 * MANY, Buffer.from([0xa0, 0x06, 0x01]))),
      'maxElements',
    ],
    ['one option of megabytes', () => wrapped(0x42, wrapped(0x0a, Buffer.alloc(12 * MANY))), 'maxElements'],
    ['a packed list', () => wrapped(0x52, Buffer.alloc(12 * MANY)), 'maxElements'],
    [
      'empty messages behind an unknown group',
      () =>
        Buffer.concat([
          Buffer.from([0xa3, 0x06, 0xa4, 0x06]),
          Buffer.alloc(2 * MANY, Buffer.from([0x22, 0x00])),
        ]),
      'maxElements',
    ],
    [
      'empty messages behind a length of more than 32 bits',
      () =>
        Buffer.concat([
          Buffer.from([0xa2, 0x06, 0x80, 0x80, 0x80, 0x80, 0x10]),
          Buffer.alloc(2 * MANY, Buffer.from([0x22, 0x00])),
        ]),
      'maxElements',
    ],
    [
      'a package that goes on and on',
      () => wrapped(0x12, Buffer.from('a.'.repeat(MANY))),
      'longer than 512 characters',
    ],
    [
      'a package of many parts',
      () => wrapped(0x12, Buffer.from(Array(41).fill('a').join('.'))),
      'more than 40 parts',
    ],
    [
      'messages in each other',
      () => {
        let message = wrapped(0x0a, Buffer.from('M'));
        for (let i = 0; i < 40; i++)
          message = Buffer.concat([wrapped(0x0a, Buffer.from('M')), wrapped(0x1a, message)]);
        return wrapped(0x22, message);
      },
      'more than 40 parts',
    ],
    [
      'a message with a long name',
      () => wrapped(0x22, wrapped(0x0a, Buffer.from('a'.repeat(600)))),
      'longer than 512 characters',
    ],
    [
      'a field with a long name in JSON',
      () => {
        const field = Buffer.concat([
          wrapped(0x0a, Buffer.from('a')),
          Buffer.from([0x18, 1, 0x20, 1, 0x28, 5]),
          wrapped(0x52, Buffer.from('a'.repeat(600))),
        ]);
        return wrapped(0x22, Buffer.concat([wrapped(0x0a, Buffer.from('M')), wrapped(0x12, field)]));
      },
      'longer than 512 characters',
    ],
    [
      'an enum value with a long name',
      () => {
        const value = Buffer.concat([wrapped(0x0a, Buffer.from('A'.repeat(600))), Buffer.from([0x10, 0])]);
        return wrapped(0x2a, Buffer.concat([wrapped(0x0a, Buffer.from('E')), wrapped(0x12, value)]));
      },
      'longer than 512 characters',
    ],
    [
      'a value with a long name, of an enum in a message',
      () => {
        const value = Buffer.concat([wrapped(0x0a, Buffer.from('A'.repeat(600))), Buffer.from([0x10, 0])]);
        const inner = wrapped(0x22, Buffer.concat([wrapped(0x0a, Buffer.from('E')), wrapped(0x12, value)]));
        return wrapped(0x22, Buffer.concat([wrapped(0x0a, Buffer.from('M')), inner]));
      },
      'longer than 512 characters',
    ],
  ];
  /** A message with so many in it, each in the next. */
  function nest(levels: number): DescriptorProto {
    return levels === 0 ? { name: 'N' } : { name: 'N', nestedType: [nest(levels - 1)] };
  }
  function wrapped(tag: number, content: Uint8Array): Buffer {
    const length: number[] = [];
    for (let rest = content.length; ; rest >>>= 7) {
      length.push(rest < 0x80 ? rest : (rest & 0x7f) | 0x80);
      if (rest < 0x80) break;
    }
    return Buffer.concat([Buffer.from([tag, ...length]), content]);
  }
  for (const [name, content, limit] of hostile) {
    it(`hold against ${name}`, async () => {
      const file = Buffer.concat([wrapped(0x0a, Buffer.from('h.proto')), content()]);
      const answer: ReflectionPeerOptions['answer'] = ({ listServices }) =>
        listServices === undefined
          ? { fileDescriptorResponse: { fileDescriptorProto: [file] } }
          : { listServicesResponse: { service: [{ name: 'S' }] } };
      const started = process.cpuUsage();
      expect(await refusal(answer, { maxElements: 200_000 })).to.include(limit);
      expect(process.cpuUsage(started).user).to.be.below(3_000_000);
    });
  }

  it('maxElements counts four look-ups of relative names as one', () => {
    const budget = new Budget({ ...checkReflectionOptions(undefined).limits, maxElements: 10 });
    budget.countLookups(43);
    expect(() => budget.countLookups(1)).to.throw(
      SchemaError,
      '11 elements exceed reflection.maxElements 10',
    );
  });

  it('maxElements counts relative names in each scope around them, absolute ones not', async () => {
    const [first] = chain(1);
    const file = (name: string): FileDescriptorProto => {
      const field = Array.from({ length: 400 }, (_, i) => ({
        name: `f${i}`,
        number: i + 1,
        typeName: `${name}N${i}`,
      }));
      const others = Array.from({ length: 400 }, (_, i) => ({ name: `N${i}` }));
      return { ...first, messageType: [...(first.messageType ?? []), { name: 'O', field }, ...others] };
    };
    const maxElements = 850;
    await call(answersFrom([file('.')]), { maxElements });
    expect(await refusal(answersFrom([file('')]), { maxElements })).to.include('reflection.maxElements 850');
  });

  it('hold at forty parts of a name', async () => {
    const [first] = chain(1);
    const messageType = [...(first.messageType ?? []), nest(38)];
    expect(await call(answersFrom([{ ...first, messageType }]), {})).to.deep.equal({});
  });

  it('maxFiles is of types that have to be asked for, however many they are', async () => {
    const field = (i: number): FieldDescriptorProto => ({
      name: `f${i}`,
      number: 20_000 + i,
      type: 'TYPE_MESSAGE',
      typeName: `.x.T${i}`,
    });
    const messageType = [{ name: 'M', field: Array.from({ length: 200_000 }, (_, i) => field(i)) }];
    const answer = answersFrom([{ ...chain(1)[0], messageType }]);
    expect(await refusal(answer, { maxElements: 500_000 })).to.include(
      'at least 10001 imports exceed reflection.maxFiles 10000',
    );
  });

  it('maxServices is of services that are listed', async () => {
    const services = ['S', 'T', 'U'];
    const peer = open(await listenReflection({ answer: answersFrom(chain(1), { services }) }));
    const connect = (maxServices: number): Client =>
      open(new Client('127.0.0.1', peer.port, { reflection: { maxServices } }));
    const client = await connect(3).reflect();
    expect(client.services.map(({ name }) => name)).to.deep.equal(services);
    const error = await rejection(connect(2).reflect());
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('at least 3 services exceed reflection.maxServices 2');
  });

  it('are for one question each: what was kept does not count', async () => {
    const service = (name: string): FileDescriptorProto => ({
      name: `${name}.proto`,
      syntax: 'proto3',
      messageType: [{ name: `M${name}` }],
      service: [{ name, method: [{ name: 'Go', inputType: `.M${name}`, outputType: `.M${name}` }] }],
    });
    const files = ['A', 'B', 'C'].map(service);
    const peer = open(await listenReflection({ answer: answersFrom(files) }));
    const client = open(new Client('127.0.0.1', peer.port, { reflection: { maxFiles: 1 } }));
    for (const name of ['A', 'B', 'C']) expect(await client.request(`/${name}/Go`, {})).to.deep.equal({});
    expect(client.services.map(({ name }) => name)).to.deep.equal(['A', 'B', 'C']);
  });

  it('leave what was known before', async () => {
    const known = chain(1);
    const answer = answersFrom(known);
    let isHostile = false;
    const many = chain(20);
    const peer = open(
      await listenReflection({
        answer: (question) => (isHostile ? answersFrom(many)(question) : answer(question)),
      }),
    );
    const client = open(new Client('127.0.0.1', peer.port, { reflection: { maxFiles: 10 } }));
    await client.request('/S/Go', {});
    isHostile = true;
    expect((await rejection(client.reflect())).message).to.include('maxFiles');
    await client.request('/S/Go', {});
  });

  it('a server that lists nothing and knows nothing is within them', async () => {
    const message = await refusal(
      ({ listServices }) =>
        listServices === undefined ? notFound() : { listServicesResponse: { service: [] } },
      { maxFiles: 0, maxBytes: 1000, maxElements: 1, maxDepth: 0, maxServices: 0 },
    );
    expect(message).to.include('lists no services');
  });
});
