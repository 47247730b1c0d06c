import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { parseProto } from '../../../lib/schema/proto/syntax/parse-proto.ts';
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
  type ReflectionPeerOptions,
} from './reflection-peer.ts';
import { bytesOf, filesOf, GREETER, type Sources } from './schema-files.ts';

type Handler = ReflectionPeerOptions['answer'];

const METHOD = 'hello.Greeter/SayHello';
const UNIMPLEMENTED = 12;

const filesAnswer = (...fileDescriptorProto: Uint8Array[]): Answer => ({
  fileDescriptorResponse: { fileDescriptorProto },
});

/** The Greeter with one more field in its request, of a type from a file that it imports. */
const importing = (file: string, type: string): Sources => ({
  ...GREETER,
  'greeter.proto': `
    package hello;
    import "hello/reply.proto";
    import "${file}";
    service Greeter { rpc SayHello (Request) returns (Reply); }
    message Request { string name = 1; ${type} more = 2; }`,
});

/** The same descriptor with other imports. */
const withDependency = (file: FileDescriptorProto, ...dependency: string[]): FileDescriptorProto => ({
  ...file,
  dependency,
});

const only = (files: readonly FileDescriptorProto[], ...names: string[]): FileDescriptorProto[] =>
  files.filter((file) => names.includes(file.name));

describe('Reflection, from servers that do not do as they should', () => {
  const open = closing();

  async function serve(
    answer: Handler,
    options: Partial<ReflectionPeerOptions> = {},
  ): Promise<{ client: Client; peer: ReflectionPeer }> {
    const peer = open(await listenReflection({ answer, ...options }));
    return { peer, client: open(new Client('127.0.0.1', peer.port)) };
  }

  describe('version', () => {
    for (const status of [UNIMPLEMENTED, 2, 13, 7, 16, 5]) {
      it(`v1alpha is spoken where v1 ends with status ${status} before its first answer`, async () => {
        const answer = answersFrom(await filesOf(GREETER));
        const { peer, client } = await serve(answer, { versions: ['v1alpha'], absent: { status } });
        expect((await client.request(METHOD, { name: 'you' })).message).to.equal('you');
        expect(peer.streams).to.deep.equal(['v1', 'v1alpha']);
        // It is remembered.
        await rejection(client.request('hello.Nobody/Go'));
        expect(peer.streams).to.deep.equal(['v1', 'v1alpha', 'v1alpha']);
      });
    }

    for (const version of ['v1', 'v1alpha'] as const) {
      const other = version === 'v1' ? 'v1alpha' : 'v1';

      it(`${version} alone is spoken where the options say so`, async () => {
        const answer = answersFrom(await filesOf(GREETER));
        const peer = open(await listenReflection({ answer }));
        const client = open(new Client('127.0.0.1', peer.port, { reflection: { version } }));
        expect((await client.request(METHOD, { name: 'you' })).message).to.equal('you');
        expect(peer.streams).to.deep.equal([version]);
      });

      it(`${other} is not tried where the options say ${version}, which the error names`, async () => {
        const answer = answersFrom(await filesOf(GREETER));
        const peer = open(await listenReflection({ answer, versions: [other] }));
        const client = open(new Client('127.0.0.1', peer.port, { reflection: { version } }));
        expect((await rejection(client.reflect())).message).to.include(
          `no reflection service of version ${version}`,
        );
        expect(peer.streams).to.deep.equal([version]);
      });
    }

    const rude: [string, (request: Parameters<Handler>[1]) => void][] = [
      ['is reset', (request) => request.stream.reset(2)],
      ['gets HTTP status 404', (request) => request.head([':status', '404'], true)],
      ['gets a page', (request) => request.head([':status', '200', 'content-type', 'text/html'], true)],
    ];
    for (const [name, refuse] of rude) {
      it(`v1alpha is spoken where v1 ${name}`, async () => {
        const answer = answersFrom(await filesOf(GREETER));
        const { client } = await serve((question, request) => {
          if (request.header(':path')?.includes('.v1alpha.')) return answer(question);
          refuse(request);
          return 'silence';
        });
        expect((await client.request(METHOD, { name: 'you' })).message).to.equal('you');
      });
    }

    it('is none, and one line says what to do', async () => {
      const { peer, client } = await serve(() => 'silence', { versions: [] });
      const error = await rejection(client.request('SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.equal(
        `there is no method 'SayHello': nothing is loaded, and 127.0.0.1:${peer.port} has no reflection service; ` +
          `load its schema with client.load('….proto')`,
      );
    });

    for (const [name, head, said] of [
      [
        'another protocol answers',
        [':status', '200', 'content-type', 'application/grpc-web+proto'],
        'UNKNOWN: cannot load the schema: the response has content-type "application/grpc-web+proto"; a gRPC server sends application/grpc; this is an answer of gRPC-Web: use protocol: \'grpc-web\'',
      ],
      [
        'a web server answers with 404',
        [':status', '404', 'content-type', 'text/html'],
        'UNIMPLEMENTED: cannot load the schema: the server answered with HTTP status 404 and content-type "text/html", not with gRPC; this is a web server, or the service is behind a path prefix (https://host/prefix)',
      ],
    ] as const) {
      it(`is not what is missing where ${name}: no file would help`, async () => {
        const { client } = await serve((_, request) => {
          request.head([...head], true);
          return 'silence';
        });
        const call = await rejection(client.request(METHOD, {}));
        expect(RpcError.is(call)).to.equal(true);
        expect(call.message).to.equal(said);
        const direct = await rejection(client.reflect());
        expect(direct.message).to.equal(said.replace('cannot load the schema: ', ''));
      });
    }

    it('is none where an HTTP server does not know the path, and one line says what to do', async () => {
      const { client } = await serve((_, request) => {
        request.head([':status', '404'], true);
        return 'silence';
      });
      const error = await rejection(client.request(METHOD, {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.match(
        /has no reflection service \(.*404.*the server has no such method.*\); load its schema with client\.load\('….proto'\)$/,
      );
    });

    it('is none where both sides cannot stream at once: HTTP/2, or a file', async () => {
      const { client } = await serve((_, request) => {
        request.head([':status', '505'], true);
        return 'silence';
      });
      const error = await rejection(client.request(METHOD, {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.match(/HTTP status 505.*; or load its schema with client\.load\('….proto'\)$/);
    });

    it('is none where both end with UNKNOWN', async () => {
      const absent = { status: 2, message: 'Exception calling application' };
      const { client } = await serve(() => 'silence', { versions: [], absent });
      for (const name of ['SayHello', METHOD]) {
        const error = await rejection(client.request(name, {}));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message).to.include('Exception calling application');
        expect(error.message).to.include("client.load('….proto')");
      }
    });

    it('is none that we may use, and the error names the option for it', async () => {
      const absent = { status: 16, message: 'who are you?' };
      const { client } = await serve(() => 'silence', { versions: [], absent });
      const error = await rejection(client.request(METHOD, {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('UNAUTHENTICATED: who are you?').and.include('reflection.metadata');
    });
  });

  describe('files', () => {
    const rows: {
      name: string;
      sources: Sources;
      answer: (files: readonly FileDescriptorProto[]) => Handler;
      questions?: string[];
      /** More than the name. */
      fields?: object;
    }[] = [
      {
        name: 'are asked for by name where they come one by one',
        sources: GREETER,
        answer: (files) => answersFrom(files, { withImports: false }),
        questions: ['symbol hello.Greeter', 'file hello/reply.proto'],
      },
      {
        name: 'of google/protobuf come from the package where the server has none',
        sources: importing('google/protobuf/timestamp.proto', 'google.protobuf.Timestamp'),
        answer: (files) => answersFrom(only(files, 'greeter.proto', 'hello/reply.proto')),
        questions: ['symbol hello.Greeter', 'file google/protobuf/timestamp.proto'],
        fields: { more: new Date(0) },
      },
      {
        name: 'of google/api come from the package where the server has none',
        sources: importing('google/api/http.proto', 'google.api.HttpRule'),
        answer: (files) => answersFrom(only(files, 'greeter.proto', 'hello/reply.proto')),
        fields: { more: { selector: 'x' } },
      },
      {
        name: 'are found by their types where they are imported by a name that nobody knows',
        sources: GREETER,
        answer: (files) => {
          const [reply, greeter] = files;
          return answersFrom([reply, withDependency(greeter, 'somewhere/else/reply.proto')]);
        },
        questions: ['symbol hello.Greeter', 'file somewhere/else/reply.proto', 'symbol hello.Reply'],
      },
      {
        name: 'are found by their types where no import leads to them',
        sources: GREETER,
        answer: (files) => {
          const [reply, greeter] = files;
          return answersFrom([reply, withDependency(greeter)]);
        },
        questions: ['symbol hello.Greeter', 'symbol hello.Reply'],
      },
      {
        name: 'of google/protobuf are found by their types where they are imported by another name',
        sources: importing('google/protobuf/timestamp.proto', 'google.protobuf.Timestamp'),
        answer: (files) => {
          const greeter = files.find(({ name }) => name === 'greeter.proto') ?? files[0];
          const wrong = withDependency(greeter, 'hello/reply.proto', 'protobuf/timestamp.proto');
          return answersFrom([wrong, ...only(files, 'hello/reply.proto')]);
        },
        fields: { more: new Date(0) },
      },
      {
        name: 'may have another name than they were asked for by',
        sources: GREETER,
        answer: (files) => {
          const [reply, greeter] = files;
          const wrong = withDependency(greeter, 'reply.proto');
          return ({ fileByFilename, ...question }: Question) => {
            if (fileByFilename === 'reply.proto') return filesAnswer(bytesOf(reply, files));
            return answersFrom([wrong])(question);
          };
        },
        questions: ['symbol hello.Greeter', 'file reply.proto'],
      },
      {
        name: 'that serve options only may be missing',
        sources: GREETER,
        answer: (files) => {
          const [reply, greeter] = files;
          return answersFrom([
            reply,
            withDependency(
              greeter,
              'hello/reply.proto',
              'acme/options.proto',
              '../../etc/passwd',
              '/dev/zero',
            ),
          ]);
        },
      },
      {
        name: 'may refuse questions by ending the stream',
        sources: importing('google/protobuf/duration.proto', 'google.protobuf.Duration'),
        answer: (files) => {
          const answer = answersFrom(only(files, 'greeter.proto', 'hello/reply.proto'), {
            withImports: false,
          });
          return (question) => {
            const said = answer(question);
            return typeof said === 'object' && 'errorResponse' in said
              ? { status: 5, message: 'gone' }
              : said;
          };
        },
        fields: { more: '1.5s' },
      },
      {
        name: 'may come one a stream',
        sources: GREETER,
        answer: (files) => {
          const answer = answersFrom(files, { withImports: false });
          const used = new WeakSet<object>();
          return (question, request) => {
            if (used.has(request)) return { status: 0 };
            used.add(request);
            return answer(question);
          };
        },
      },
      {
        name: 'may be sent again and again',
        sources: GREETER,
        answer: (files) => {
          const all = files.map((file) => bytesOf(file, files));
          const answer = answersFrom(files);
          return (question) =>
            question.listServices === undefined ? filesAnswer(...all, ...all, ...all) : answer(question);
        },
      },
      {
        name: 'may be as they were parsed, without types and with relative names',
        sources: GREETER,
        answer: () => {
          const files = Object.entries(GREETER).map(([name, text]) =>
            parseProto(`syntax = "proto3";\n${text}`, name),
          );
          expect(files[0].messageType?.[0].field?.[0].type).to.equal('TYPE_STRING');
          return answersFrom(files);
        },
      },
    ];
    for (const row of rows) {
      it(row.name, async () => {
        const { peer, client } = await serve(row.answer(await filesOf(row.sources)));
        const reply = await client.request(METHOD, { name: 'you', ...row.fields });
        expect(reply.message).to.equal('you');
        if (row.questions !== undefined) expect(peer.questions).to.deep.equal(row.questions);
        // And so when everything is asked for.
        await client.reflect();
        expect(client.services).to.have.length(1);
        expect(client.services[0].unavailable).to.equal(undefined);
        expect((await client.request('SayHello', { name: 'me' })).message).to.equal('me');
      });
    }

    it('without types tell messages from enums by what their names mean', async () => {
      const source = `
        syntax = "proto3";
        package hello;
        enum Mood { CALM = 0; GLAD = 1; }
        message Inner { Mood mood = 1; }
        message Request { string name = 1; Inner inner = 2; repeated Mood moods = 3; map<string, Inner> by = 4; }
        service Greeter { rpc SayHello (Request) returns (Request); }`;
      const { client } = await serve(answersFrom([parseProto(source, 'greeter.proto')]));
      const fields = {
        name: 'x',
        inner: { mood: 'GLAD' },
        moods: ['GLAD', 'CALM'],
        by: { a: { mood: 'GLAD' } },
      };
      const reply = await client.request(METHOD, fields);
      expect(JSON.parse(JSON.stringify(reply))).to.deep.equal({
        ...fields,
        by: { a: { mood: 'GLAD' } },
      });
    });
  });

  describe('services whose schema cannot be had', () => {
    const BROKEN: Sources = {
      ...GREETER,
      'broken.proto': `
        package hello;
        import "hello/reply.proto";
        service Broken { rpc Fail (Reply) returns (Reply); }`,
    };
    type Change = (files: readonly FileDescriptorProto[]) => Handler;

    /** Answers as a faultless server would but for one symbol. */
    const butFor =
      (symbol: string, said: (files: readonly FileDescriptorProto[]) => Answer): Change =>
      (files) => {
        const answer = answersFrom(files);
        return (question) => (question.fileContainingSymbol === symbol ? said(files) : answer(question));
      };
    const broken = (files: readonly FileDescriptorProto[]): FileDescriptorProto =>
      files.find(({ name }) => name === 'broken.proto') ?? files[0];
    const method = { name: 'Fail', inputType: '.hello.Lost', outputType: '.hello.Reply' };
    const field = { name: 'a', number: 1, type: 'TYPE_STRING', label: 'LABEL_OPTIONAL' } as const;

    const kindField = { ...field, type: 'TYPE_ENUM', typeName: '.hello.Kind' } as const;
    const WRONG: FileDescriptorProto = {
      name: 'wrong.proto',
      package: 'hello',
      syntax: 'proto3',
      enumType: [{ name: 'Kind', value: [{ name: 'ONE', number: 1 }] }],
    };
    const needing = (file: FileDescriptorProto, name: string): FileDescriptorProto => ({
      ...withDependency(file, 'hello/reply.proto', name),
      messageType: [{ name: 'M', field: [kindField] }],
    });

    const rows: [string, Change, string][] = [
      [
        'is not found',
        butFor('hello.Broken', () => notFound('no descriptor for it')),
        'no descriptor for it',
      ],
      [
        'ends the stream',
        butFor('hello.Broken', () => ({ status: 2, message: 'Exception iterating responses' })),
        'Exception iterating responses',
      ],
      ['is no file at all', butFor('hello.Broken', () => filesAnswer()), 'without a file'],
      [
        'is a list of services',
        butFor('hello.Broken', () => ({ listServicesResponse: { service: [] } })),
        'services instead of files',
      ],
      [
        'is another file',
        butFor('hello.Broken', (files) => filesAnswer(bytesOf(files[0], files))),
        'do not define it',
      ],
      [
        'is no descriptor',
        butFor('hello.Broken', () => filesAnswer(Buffer.from('hello'))),
        'FileDescriptorProto',
      ],
      ['has no name', butFor('hello.Broken', () => filesAnswer(new Uint8Array(0))), 'without a valid name'],
      [
        'is an answer of a kind of its own',
        butFor('hello.Broken', () => ({ bytes: Buffer.from([0x98, 0x06, 1]) })),
        'an unknown kind',
      ],
      [
        'lacks a type',
        (files) => {
          const service = [{ name: 'Broken', method: [method] }];
          return answersFrom([...files.slice(0, -1), { ...broken(files), service }]);
        },
        'hello.Broken.Fail: type "hello.Lost" is not defined',
      ],
      [
        'lacks a type of a file that it has not',
        (files) => {
          const service = [{ name: 'Broken', method: [method] }];
          const file = { ...withDependency(broken(files), 'hello/reply.proto', 'hello/lost.proto'), service };
          return answersFrom([...files.slice(0, -1), file]);
        },
        'its import "hello/lost.proto" cannot be had: nothing is called hello/lost.proto',
      ],
      [
        'lacks a type of a file of which the server has the name alone',
        (files) => {
          const service = [{ name: 'Broken', method: [method] }];
          const file = { ...withDependency(broken(files), 'hello/reply.proto', 'hello/lost.proto'), service };
          return answersFrom([
            ...files.slice(0, -1),
            { name: 'hello/lost.proto', syntax: '<unknown:0>' } as FileDescriptorProto,
            file,
          ]);
        },
        'its import "hello/lost.proto" cannot be had: the server has no more of it than its name',
      ],
      [
        'needs a file that is wrong',
        (files) => answersFrom([...files.slice(0, -1), WRONG, needing(broken(files), WRONG.name)]),
        'wrong.proto: hello.Kind',
      ],
      [
        'needs a file that needs one that is wrong',
        (files) => {
          const between = {
            ...needing(broken(files), WRONG.name),
            name: 'between.proto',
            service: [],
            messageType: [{ name: 'Between', field: [kindField] }],
          };
          const far = { ...kindField, type: 'TYPE_MESSAGE', typeName: '.hello.Between' } as const;
          return answersFrom([
            ...files.slice(0, -1),
            WRONG,
            between,
            { ...needing(broken(files), between.name), messageType: [{ name: 'M', field: [far] }] },
          ]);
        },
        'wrong.proto: hello.Kind',
      ],
      [
        'comes behind a file that is no descriptor',
        (files) => {
          const answer = answersFrom([...files.slice(0, -1), needing(broken(files), WRONG.name)]);
          return (question) => {
            const isWrong = question.fileByFilename === WRONG.name;
            return isWrong ? filesAnswer(Buffer.from('hello')) : answer(question);
          };
        },
        'its import "wrong.proto" cannot be had: the reflection',
      ],
      [
        'contradicts itself',
        (files) => {
          const messageType = [{ name: 'Twice', field: [field, { ...field, name: 'b' }] }];
          return answersFrom([...files.slice(0, -1), { ...broken(files), messageType }]);
        },
        'field number 1 is already taken by a',
      ],
      [
        'replaces a well-known type',
        (files) => {
          const fake = {
            name: 'google/protobuf/timestamp.proto',
            package: 'google.protobuf',
            syntax: 'proto3',
          };
          const timestamp = { ...fake, messageType: [{ name: 'Timestamp', field: [field] }] };
          const imports = ['hello/reply.proto', timestamp.name];
          const messageType = [
            {
              name: 'M',
              field: [{ ...field, type: 'TYPE_MESSAGE', typeName: '.google.protobuf.Timestamp' } as const],
            },
          ];
          return answersFrom([
            ...files.slice(0, -1),
            timestamp,
            { ...withDependency(broken(files), ...imports), messageType },
          ]);
        },
        'google.protobuf.Timestamp',
      ],
    ];
    for (const [name, change, reason] of rows) {
      it(`are listed with the reason when what the server gives ${name}; the rest works`, async () => {
        const { client, peer } = await serve(change(await filesOf(BROKEN)));
        await client.reflect();
        const { unavailable, methods } = client.services.find((one) => one.name === 'Broken') ?? {};
        expect(unavailable).to.include(reason);
        expect(methods).to.deep.equal([]);
        expect((await client.request('SayHello', { name: 'you' })).message).to.equal('you');
        const error = await rejection(client.request('hello.Broken/Fail', {}));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message)
          .to.include(`127.0.0.1:${peer.port} has the service hello.Broken`)
          .and.include(reason);
      });

      it(`do not keep short names from working when what the server gives ${name}`, async () => {
        const { client } = await serve(change(await filesOf(BROKEN)));
        expect((await client.request('SayHello', { name: 'you' })).message).to.equal('you');
        const error = await rejection(client.request('Fail', {}));
        expect(error).to.be.instanceOf(SchemaError);
        expect(error.message).to.include('the schema of hello.Broken cannot be had');
      });
    }

    it('are told of wherever somebody asks for what is in them', async () => {
      const change = rows.find(([name]) => name === 'needs a file that is wrong')?.[1];
      const { client } = await serve((change as Change)(await filesOf(BROKEN)));
      await client.reflect();
      const why = /cannot be had: wrong\.proto: hello\.Kind: /;
      for (const symbol of [
        'hello.Broken',
        'Broken',
        'hello.Broken/Fail',
        '/hello.Broken/Fail',
        'Broken.Fail',
      ])
        expect(() => client.describe(symbol), symbol).to.throw(SchemaError, why);
      for (const symbol of ['hello.M', 'hello.Kind', 'M', 'hello.M.a'])
        expect(() => client.describe(symbol), symbol).to.throw(SchemaError, why);
      for (const use of [
        () => client.encode('hello.M', {}),
        () => client.decode('hello.M', new Uint8Array(0)),
        () => client.toJson('hello.M', {}),
        () => client.fromJson('hello.M', {}),
        () => client.toText('hello.M', {}),
        () => client.fromText('hello.M', ''),
      ]) {
        expect(use).to.throw(SchemaError, why);
      }
      expect((await rejection(client.method('Broken/Fail'))).message).to.match(why);
      expect((await rejection(client.service('hello.Broken')['Fail']({}))).message).to.match(why);
      // What has nothing to do with it is told as before.
      expect(() => client.describe('hello.Nobody')).to.throw(SchemaError, "no symbol 'hello.Nobody'");
      expect(() => client.describe('hello.Greeter.Nothing')).to.throw(SchemaError, 'has no method');
    });

    it('are told of by a client that does not ask by itself', async () => {
      const change = rows.find(([name]) => name === 'needs a file that is wrong')?.[1];
      const peer = open(await listenReflection({ answer: (change as Change)(await filesOf(BROKEN)) }));
      const client = open(new Client('127.0.0.1', peer.port, { reflection: 'never' }));
      await client.reflect();
      expect((await rejection(client.request('hello.Broken/Fail', {}))).message).to.include(
        'hello.Broken: its schema cannot be had: wrong.proto: hello.Kind: ',
      );
    });

    it('are called once they can be had', async () => {
      const files = await filesOf(BROKEN);
      let isBroken = true;
      const answer = answersFrom(files);
      const { client } = await serve((question) =>
        isBroken && question.fileContainingSymbol === 'hello.Broken' ? notFound() : answer(question),
      );
      await client.reflect();
      expect(client.services.find(({ name }) => name === 'Broken')?.unavailable).to.equal('it is not here');
      isBroken = false;
      expect(await client.request('hello.Broken/Fail', { message: 'x' })).to.deep.include({ message: 'x' });
      expect(client.services.find(({ name }) => name === 'Broken')?.unavailable).to.equal(undefined);
    });
  });

  it('is an error when an answer is no message', async () => {
    const { client } = await serve(() => ({ bytes: Buffer.from([0xff, 0xff, 0xff]) }));
    const error = await rejection(client.reflect());
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('a malformed answer');
  });

  it('is an error when services cannot be listed', async () => {
    const { client } = await serve(() => notFound('not telling'));
    const error = await rejection(client.reflect());
    expect(error).to.be.instanceOf(SchemaError);
    expect(error.message).to.include('does not list its services: not telling');
  });

  it('is an error when no answer comes in time', async () => {
    const peer = open(await listenReflection({ answer: () => 'silence' }));
    const client = open(new Client('127.0.0.1', peer.port, { reflection: { timeoutMs: 20 } }));
    for (const asked of [client.reflect(), client.request('SayHello', {})]) {
      const error = await rejection(asked);
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('reflection.timeoutMs 20');
    }
  });

  it('goes on when the connection is lost between answers', async () => {
    const answer = answersFrom(await filesOf(GREETER), { withImports: false });
    let losses = 0;
    const { client } = await serve((question, request) => {
      if (question.fileByFilename !== undefined && losses++ === 0) {
        request.connection.socket.destroy();
        return 'silence';
      }
      return answer(question);
    });
    expect((await client.request(METHOD, { name: 'you' })).message).to.equal('you');
    expect(losses).to.equal(2);
  });
});
