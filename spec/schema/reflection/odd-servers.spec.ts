// Servers that tell a right schema in a way of their own: whatever the way, the same schema comes of it.

import { expect } from 'chai';
import * as fc from 'fast-check';
import { Client } from '../../../lib/client/client.ts';
import type { ClientOptions } from '../../../lib/client/client-options.ts';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { MAX_REPEATED_ANSWERS } from '../../../lib/schema/reflection/session.ts';
import { closing, rejection } from '../../support/closing.ts';
import {
  type Answer,
  answersFrom,
  listenReflection,
  naming,
  type Question,
  type ReflectionPeer,
  type ReflectionPeerOptions,
} from './reflection-peer.ts';
import { bytesOf, filesOf, GREETER, type Sources } from './schema-files.ts';

type Handler = (question: Question) => Answer;

const METHOD = 'hello.Greeter/SayHello';

const filesAnswer = (...fileDescriptorProto: Uint8Array[]): Answer => ({
  fileDescriptorResponse: { fileDescriptorProto },
});

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

describe('Reflection, from servers with ways of their own', () => {
  const open = closing();

  async function serve(
    answer: ReflectionPeerOptions['answer'],
    options?: ClientOptions,
  ): Promise<{ client: Client; peer: ReflectionPeer }> {
    const peer = open(await listenReflection({ answer }));
    return { peer, client: open(new Client('127.0.0.1', peer.port, options)) };
  }

  describe('names of files', () => {
    const [FIRST, SECOND] = ['first', 'second'].map(
      (name) => `package ${name}; message ${name === 'first' ? 'One' : 'Two'} { string text = 1; }
        service Api { rpc Go (${name === 'first' ? 'One' : 'Two'}) returns (${name === 'first' ? 'One' : 'Two'}); }`,
    );

    /** A server with two files of one name, one of which another file imports. */
    async function twins(): Promise<Handler> {
      const [first] = await filesOf({ 'api.proto': FIRST });
      const using: Sources = {
        'api.proto': SECOND,
        'user.proto': `package user; import "api.proto"; message M { second.Two two = 1; }
          service Uses { rpc Go (M) returns (M); }`,
      };
      const [second, user] = await filesOf(using);
      const answerFirst = answersFrom([first]);
      const answerSecond = answersFrom([second, user]);
      const services = ['first.Api', 'second.Api', 'user.Uses'].map((name) => ({ name }));
      return (question) => {
        if (question.listServices !== undefined) return { listServicesResponse: { service: services } };
        const isFirst =
          question.fileContainingSymbol?.startsWith('first.') ?? question.fileByFilename !== undefined;
        return isFirst ? answerFirst(question) : answerSecond(question);
      };
    }

    const calls = async (client: Client, order: readonly string[]): Promise<void> => {
      const fields: Readonly<Record<string, object>> = {
        'first.Api': { text: 'a' },
        'second.Api': { text: 'b' },
        'user.Uses': { two: { text: 'c' } },
      };
      for (const service of order)
        expect(plain(await client.request(`${service}/Go`, fields[service]))).to.deep.equal(fields[service]);
    };

    it('may be those of several files: all are there, in whichever order they come', async () => {
      const services = ['first.Api', 'second.Api', 'user.Uses'];
      for (const order of [services, [...services].reverse(), ['second.Api', 'user.Uses', 'first.Api']]) {
        const { client } = await serve(await twins());
        await calls(client, order);
        await calls(client, services);
        expect(client.services.map(({ fullName }) => fullName).sort()).to.deep.equal(services);
      }
    });

    it('may be those of several files when everything is asked for, twice', async () => {
      const { client } = await serve(await twins());
      for (let i = 0; i < 2; i++) {
        await client.reflect();
        expect(client.services.filter(({ unavailable }) => unavailable !== undefined)).to.deep.equal([]);
        await calls(client, ['first.Api', 'second.Api', 'user.Uses']);
        expect(client.describe('second.Two').file).to.not.equal(client.describe('first.One').file);
      }
    });

    const rows: readonly (readonly [string, (files: readonly FileDescriptorProto[]) => Handler])[] = [
      [
        'may be two of one file',
        ([reply, greeter]) => {
          const twice = { ...reply, name: 'also/reply.proto' };
          const importing = { ...greeter, dependency: [reply.name, twice.name] };
          return answersFrom([reply, twice, importing]);
        },
      ],
      [
        'may be two of one file in two versions',
        ([reply, greeter]) => {
          const [message] = reply.messageType ?? [];
          const older = { ...reply, name: 'old/reply.proto', messageType: [{ ...message, field: [] }] };
          return answersFrom([reply, older, { ...greeter, dependency: [reply.name, older.name] }]);
        },
      ],
      [
        'may be others than files are imported by, with imports sent first',
        ([reply, greeter]) => {
          const inner = {
            name: 'z/inner.proto',
            package: 'z',
            syntax: 'proto3',
            messageType: [{ name: 'Inner' }],
          };
          const renamed = { ...reply, name: 'x/reply.proto', dependency: [inner.name] };
          const wrong = { ...greeter, dependency: ['elsewhere/answer.proto'] };
          const files = [inner, renamed, wrong];
          const answer = answersFrom(files, { withImports: false });
          return (question) =>
            question.fileByFilename === 'elsewhere/answer.proto'
              ? filesAnswer(bytesOf(inner, files), bytesOf(renamed, files))
              : answer(question);
        },
      ],
      [
        'may be others than files are imported by, publicly too',
        ([reply, greeter]) => {
          const through = {
            name: 'through.proto',
            package: 'hello',
            syntax: 'proto3',
            dependency: ['elsewhere/reply.proto'],
            publicDependency: [0],
          };
          const files = [reply, through, { ...greeter, dependency: [through.name] }];
          const answer = answersFrom(files, { withImports: false });
          return (question) =>
            question.fileByFilename === 'elsewhere/reply.proto'
              ? filesAnswer(bytesOf(reply, files))
              : answer(question);
        },
      ],
      [
        'that nobody knows may be answered with all that there is',
        ([reply, greeter]) => {
          const files = [reply, { ...greeter, dependency: [reply.name, 'lost/nothing.proto'] }];
          const all = files.map((file) => bytesOf(file, files));
          const answer = answersFrom(files);
          return (question) =>
            question.fileByFilename === undefined ? answer(question) : filesAnswer(...all);
        },
      ],
    ];
    for (const [name, handler] of rows) {
      it(name, async () => {
        const { client } = await serve(handler(await filesOf(GREETER)));
        expect((await client.request(METHOD, { name: 'you' })).message).to.equal('you');
        await client.reflect();
        expect(client.services.map(({ unavailable }) => unavailable)).to.deep.equal([undefined]);
        expect((await client.request('SayHello', { name: 'me' })).message).to.equal('me');
      });
    }
  });

  describe('services', () => {
    it('may be listed with a dot before their names, several times, and among what is none', async () => {
      const answer = answersFrom(await filesOf(GREETER));
      const names = [
        '.hello.Greeter',
        'hello.Greeter',
        'hello.Greeter',
        '',
        '.',
        'a..b',
        '../x',
        'x y',
        'hello.\u202eX',
      ];
      const { client } = await serve((question) =>
        question.listServices === undefined
          ? answer(question)
          : { listServicesResponse: { service: names.map((name) => ({ name })) } },
      );
      await client.reflect();
      expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['hello.Greeter']);
      expect((await client.request('SayHello', { name: 'me' })).message).to.equal('me');
    });
  });

  describe('descriptors of editions', () => {
    for (const edition of ['2023', '2024']) {
      it(`of ${edition} are understood`, async () => {
        const source = `edition = "${edition}"; package hello;
          message Request { string name = 1 [features.field_presence = IMPLICIT]; Inner inner = 2 [features.message_encoding = DELIMITED];
            enum Kind { option features.enum_type = CLOSED; ONE = 1; } Kind kind = 3; }
          message Inner { int32 x = 1; }
          service Greeter { rpc SayHello (Request) returns (Request); }`;
        const { client } = await serve(answersFrom(await filesOf({ 'greeter.proto': source })));
        const fields = { name: 'x', inner: { x: 0 }, kind: 'ONE' };
        expect(plain(await client.request(METHOD, fields))).to.deep.equal(fields);
      });
    }
  });

  describe('answers', () => {
    it('may come in another order, where they say which question they are for', async () => {
      const answer = answersFrom(await filesOf({ ...GREETER, ...MANY }), { withImports: false });
      const { client } = await serve(reversed(answer, 4));
      await client.reflect();
      expect(
        client.services.map(({ fullName, unavailable }) => [fullName, unavailable]),
      ).to.deep.include.members([
        ['many.S0', undefined],
        ['many.S3', undefined],
      ]);
    });

    it('may say of all the same question, or another', async () => {
      const answer = answersFrom(await filesOf({ ...GREETER, ...MANY }), { withImports: false });
      for (const said of [{}, { listServices: '*' }, { fileByFilename: 'no.proto' }, { listServices: '' }]) {
        const { client } = await serve((question) => naming(said, answer(question)));
        await client.reflect();
        expect(client.services.filter(({ unavailable }) => unavailable !== undefined)).to.deep.equal([]);
      }
    });

    it('may be given twice', async () => {
      const answer = answersFrom(await filesOf({ ...GREETER, ...MANY }), { withImports: false });
      const { client } = await serve((question) => {
        const said = naming(question, answer(question));
        return [said, said];
      });
      await client.reflect();
      expect(client.services.filter(({ unavailable }) => unavailable !== undefined)).to.deep.equal([]);
    });

    it(`may be repeated ${MAX_REPEATED_ANSWERS} times, and no more`, async () => {
      const answer = answersFrom(await filesOf(GREETER), { withImports: false });
      for (const [times, message] of [
        [MAX_REPEATED_ANSWERS, ''],
        [MAX_REPEATED_ANSWERS + 1, 'repeats answers that it gave before'],
      ] as const) {
        const { client } = await serve((question) => {
          const said = naming(question, answer(question));
          return question.listServices === undefined ? said : [said, ...new Array<Answer>(times).fill(said)];
        });
        const done = client.reflect();
        if (message === '') await done;
        else expect((await rejection(done)).message).to.include(message);
      }
    });
  });

  it('tell the same schema, whatever their ways', async function () {
    this.timeout(60_000);
    const files = await filesOf({ ...GREETER, ...MANY });
    const expected = await schemaFrom(answersFrom(files));
    const ways = fc.record({
      withImports: fc.boolean(),
      isNamed: fc.boolean(),
      isTwice: fc.boolean(),
      isReversed: fc.boolean(),
      hasDots: fc.boolean(),
      answersAStream: fc.integer({ min: 1, max: 40 }),
      version: fc.constantFrom('v1', 'v1alpha'),
    });
    await fc.assert(
      fc.asyncProperty(ways, async (way) => {
        const faultless = answersFrom(files, { withImports: way.withImports });
        const dotted: Handler = (question) => {
          const said = faultless(question);
          if (!way.hasDots || !('listServicesResponse' in Object(said))) return said;
          const names = files.flatMap((file) =>
            (file.service ?? []).map(({ name }) => `.${file.package}.${name}`),
          );
          return { listServicesResponse: { service: [...names, ...names].map((name) => ({ name })) } };
        };
        const said = way.isReversed ? reversed(dotted, 3) : dotted;
        const counts = new WeakMap<object, number>();
        const answer: ReflectionPeerOptions['answer'] = (question, request) => {
          const count = counts.get(request) ?? 0;
          if (count === way.answersAStream && !way.isReversed) return { status: 0 };
          counts.set(request, count + 1);
          const one = said(question);
          if (way.isReversed || !(way.isNamed || way.isTwice)) return one;
          const named = naming(question, one);
          return way.isTwice ? [named, named] : named;
        };
        expect(await schemaFrom(answer, [way.version as 'v1' | 'v1alpha'])).to.deep.equal(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('that answer with anything at all are an error, or of no consequence', async function () {
    this.timeout(60_000);
    const files = await filesOf(GREETER);
    const faultless = answersFrom(files);
    const octets = fc.uint8Array({ maxLength: 60 });
    const wrong: fc.Arbitrary<Answer> = fc.oneof(
      octets.map((bytes): Answer => ({ bytes })),
      fc.array(octets, { maxLength: 4 }).map((all): Answer => filesAnswer(...all)),
      fc.integer({ min: 0, max: 16 }).map((status): Answer => ({ status, message: 'no' })),
      fc
        .array(fc.string(), { maxLength: 5 })
        .map((names): Answer => ({ listServicesResponse: { service: names.map((name) => ({ name })) } })),
      fc.string().map((errorMessage): Answer => ({ errorResponse: { errorCode: 5, errorMessage } })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(wrong), { minLength: 1, maxLength: 6 }), async (said) => {
        let at = 0;
        const peer = await listenReflection({
          answer: (question) => said[at++ % said.length] ?? faultless(question),
        });
        const client = new Client('127.0.0.1', peer.port, { reflection: { timeoutMs: 2000 } });
        try {
          for (const work of [
            () => client.reflect(),
            () => client.request(METHOD, { name: 'x' }),
            () => client.symbol('hello.Reply'),
          ]) {
            const error = await Promise.resolve(work()).then(
              () => undefined,
              (failure: unknown) => failure,
            );
            if (error !== undefined) expect(String(error)).to.match(/^(?:SchemaError|RpcError)/);
          }
        } finally {
          await client.close();
          await peer.close();
        }
      }),
      { numRuns: 60 },
    );
  });

  /** What a client knows of a server's schema in the end. */
  async function schemaFrom(
    answer: ReflectionPeerOptions['answer'],
    versions: readonly ('v1' | 'v1alpha')[] = ['v1', 'v1alpha'],
  ): Promise<unknown> {
    const peer = await listenReflection({ answer, versions });
    const client = new Client('127.0.0.1', peer.port);
    try {
      await client.reflect();
      const services = [...client.services].sort((a, b) => a.fullName.localeCompare(b.fullName));
      return { services, symbols: [...client.symbols].sort() };
    } finally {
      await client.close();
      await peer.close();
    }
  }
});

const MANY: Sources = Object.fromEntries(
  Array.from({ length: 4 }, (_, i) => [
    `many${i}.proto`,
    `package many; import "hello/reply.proto"; message M${i} { string a = 1; hello.Reply reply = 2; }
      service S${i} { rpc Go (M${i}) returns (M${i}); }`,
  ]),
);

/** Answers a few at a time, the last of them first; alone where no more come. */
function reversed(answer: Handler, count: number): Handler {
  let held: Question[] = [];
  return (question) => {
    held.push(question);
    const isLast = question.listServices !== undefined || held.length >= count || isAlone(question);
    if (!isLast) return 'silence';
    const answers = held.reverse().map((one) => naming(one, answer(one)));
    held = [];
    return answers;
  };
}

/** The last service that is asked for, and imports, which are fewer than may be held. */
function isAlone({ fileContainingSymbol, fileByFilename }: Question): boolean {
  return fileContainingSymbol === 'many.S3' || fileByFilename !== undefined;
}
