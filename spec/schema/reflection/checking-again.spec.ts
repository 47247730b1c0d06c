import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import type { FileDescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import type { Invoke, StreamStep } from '../../../lib/schema/reflection/invoke.ts';
import { LayeredRegistry } from '../../../lib/schema/reflection/layered-registry.ts';
import { MAX_SYMBOL_AGE_MS, Reflector } from '../../../lib/schema/reflection/reflector.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { SchemaError } from '../../../lib/values/errors.ts';
import type { RpcError } from '../../../lib/values/rpc-error.ts';
import { closing, rejection } from '../../support/closing.ts';
import { type Answer, answersFrom, listenReflection, notFound, type Question } from './reflection-peer.ts';
import { filesOf, GREETER, type Sources } from './schema-files.ts';

const RENAMED: Sources = {
  ...GREETER,
  'hello/reply.proto': 'package hello; message Reply { string text = 1; }',
};
const MOVED: Sources = Object.fromEntries(
  Object.entries(GREETER).map(([name, text]) => [
    `v2/${name}`,
    text.replaceAll('hello/', 'v2/hello/').replace('package hello;', 'package hello.v2;'),
  ]),
);
const LIMITS = { maxBytes: 1e6, maxElements: 1000, maxFiles: 100, maxDepth: 10, maxServices: 10 };
const SERVICE = 'hello.Greeter';

describe('Reflected symbols, when a server changes', () => {
  const open = closing();

  describe('after UNIMPLEMENTED', () => {
    let files: readonly FileDescriptorProto[];
    let status: number;

    async function connect(): Promise<{ client: Client; questions: () => readonly string[] }> {
      files = await filesOf(GREETER);
      status = 0;
      const peer = open(
        await listenReflection({
          answer: (question) => answersFrom(files)(question),
          callStatus: () => status,
        }),
      );
      let seen = 0;
      const questions = (): readonly string[] => {
        const since = peer.questions.slice(seen);
        seen = peer.questions.length;
        return since;
      };
      return { client: open(new Client('127.0.0.1', peer.port)), questions };
    }

    async function unimplemented(client: Client, name: string): Promise<void> {
      status = 12;
      const error = (await rejection(client.request(name, { name: 'you' }))) as RpcError;
      expect(error.codeName).to.equal('UNIMPLEMENTED');
      status = 0;
    }

    it('are asked for again before the next call, and the newer hold', async () => {
      const { client, questions } = await connect();
      expect((await client.request('hello.Greeter/SayHello', { name: 'you' })).message).to.equal('you');
      await unimplemented(client, 'hello.Greeter/SayHello');
      expect(questions()).to.deep.equal(['symbol hello.Greeter']);
      files = await filesOf(RENAMED);
      const replies = await Promise.all(
        ['a', 'b', 'c'].map((name) => client.request('hello.Greeter/SayHello', { name })),
      );
      expect(replies.map(({ text }) => text)).to.deep.equal(['a', 'b', 'c']);
      expect(questions()).to.deep.equal(['symbol hello.Greeter']);
    });

    it('are not asked for over and over when nothing has changed', async () => {
      const { client, questions } = await connect();
      for (let i = 0; i < 5; i++) await unimplemented(client, 'hello.Greeter/SayHello');
      expect(questions()).to.deep.equal(['symbol hello.Greeter', 'symbol hello.Greeter']);
    });

    it('are given up when the server has them no more', async () => {
      const { client } = await connect();
      await client.request('hello.Greeter/SayHello', { name: 'you' });
      files = await filesOf(MOVED);
      await unimplemented(client, 'hello.Greeter/SayHello');
      const error = await rejection(client.request('hello.Greeter/SayHello', {}));
      expect(error).to.be.instanceOf(SchemaError);
      expect(error.message).to.include('hello.v2.Greeter');
      expect(client.services.map(({ fullName }) => fullName)).not.to.include('hello.Greeter');
    });

    it('are found elsewhere by their short name', async () => {
      const { client, questions } = await connect();
      await client.request('SayHello', { name: 'you' });
      files = await filesOf(MOVED);
      await unimplemented(client, 'SayHello');
      questions();
      expect((await client.request('SayHello', { name: 'you' })).message).to.equal('you');
      expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['hello.v2.Greeter']);
      expect(questions()).to.include('list');
    });

    it('are kept when the server tells nothing any more', async () => {
      const { client } = await connect();
      await client.request('hello.Greeter/SayHello', { name: 'you' });
      await unimplemented(client, 'hello.Greeter/SayHello');
      files = [];
      const before = client.services;
      const error = await rejection(client.request('hello.Greeter/SayHello', { name: 'you' }));
      expect(error).to.be.instanceOf(SchemaError);
      expect(before).to.have.length(1);
    });
  });

  describe('on a new connection', () => {
    let nowMs: number;
    let connection: number;
    let answer: (question: Question) => Answer;
    let questions: number;
    let schema: LayeredRegistry;
    let published: Registry;
    const options = { waitForReady: false, timeoutMs: 1000, signal: new AbortController().signal };

    before(async () => {
      published = new Registry({ defaults: false });
      published.add((await loadProto(['grpc/reflection/v1/reflection.proto'])).files, 'the specs');
    });

    /** A server in memory. */
    const invoke: Invoke = () => {
      const steps: StreamStep[] = [];
      return {
        send(bytes) {
          questions++;
          const request = published.message('grpc.reflection.v1.ServerReflectionRequest');
          const said = answer(request.decode(bytes, 0, bytes.length) as Question);
          if (said === 'silence' || 'status' in said) {
            const failure = {
              code: 14,
              codeName: 'UNAVAILABLE',
              details: 'gone',
              isFromServer: false,
            } as const;
            steps.push({
              kind: 'end',
              failure: { ...failure, kind: 'unconnected', error: new Error('gone') },
            });
            return;
          }
          const response = published.message('grpc.reflection.v1.ServerReflectionResponse').encode(said, 0);
          steps.push({ kind: 'message', bytes: response.bytes.slice(response.start, response.end) });
        },
        receive: () => Promise.resolve(steps.shift() ?? expect.fail('nothing was asked')),
        close() {},
      };
    };

    async function reflected(): Promise<Reflector> {
      nowMs = 0;
      connection = 1;
      questions = 0;
      answer = answersFrom(await filesOf(GREETER));
      schema = new LayeredRegistry();
      const reflector = new Reflector({
        invoke,
        schema,
        limits: LIMITS,
        server: 'the server',
        now: () => nowMs,
        connection: () => connection,
      });
      await reflector.fetchService(SERVICE, true, options);
      return reflector;
    }

    const rows: { name: string; ageMs: number; connections: number; isDue: boolean }[] = [
      { name: 'are not, while it is the same', ageMs: 10 * MAX_SYMBOL_AGE_MS, connections: 0, isDue: false },
      { name: 'are not, when five minutes old', ageMs: MAX_SYMBOL_AGE_MS, connections: 1, isDue: false },
      {
        name: 'are, when older than five minutes',
        ageMs: MAX_SYMBOL_AGE_MS + 1,
        connections: 1,
        isDue: true,
      },
      { name: 'are, after many connections', ageMs: MAX_SYMBOL_AGE_MS + 1, connections: 7, isDue: true },
    ];
    for (const { name, ageMs, connections, isDue } of rows) {
      it(`${name}, asked for again`, async () => {
        const reflector = await reflected();
        expect(MAX_SYMBOL_AGE_MS).to.equal(300_000);
        nowMs += ageMs;
        connection += connections;
        expect(reflector.isDue(SERVICE)).to.equal(isDue);
        expect(reflector.isDue(SERVICE), 'for a call at the same time').to.equal(isDue);
        if (!isDue) {
          // Younger at its beginning: this connection has seen no other server.
          nowMs += MAX_SYMBOL_AGE_MS;
          expect(reflector.isDue(SERVICE)).to.equal(false);
        }
      });
    }

    it('are known for five minutes more when they were the same', async () => {
      const reflector = await reflected();
      const { current } = schema;
      nowMs += MAX_SYMBOL_AGE_MS + 1;
      connection++;
      expect(reflector.isDue(SERVICE)).to.equal(true);
      await reflector.checkAgain(SERVICE, options);
      expect(questions).to.equal(2);
      expect(schema.current).to.equal(current);
      expect(reflector.isDue(SERVICE)).to.equal(false);
      nowMs += MAX_SYMBOL_AGE_MS;
      connection++;
      expect(reflector.isDue(SERVICE)).to.equal(false);
    });

    it('give way to newer ones', async () => {
      const reflector = await reflected();
      answer = answersFrom(await filesOf(RENAMED));
      await reflector.checkAgain(SERVICE, options);
      expect(schema.current.toJson(schema.current.fromJson('hello.Reply', { text: 'x' }))).to.deep.equal({
        text: 'x',
      });
      expect(schema.differences).to.deep.equal([]);
    });

    it('stay as they are when the server cannot be asked', async () => {
      const reflector = await reflected();
      const { current } = schema;
      nowMs += MAX_SYMBOL_AGE_MS + 1;
      connection++;
      answer = () => 'silence';
      await reflector.checkAgain(SERVICE, options);
      expect(schema.current).to.equal(current);
      expect(reflector.isDue(SERVICE)).to.equal(false);
    });

    it('stay as they are when the server lists the service and cannot describe it', async () => {
      const reflector = await reflected();
      const answerBefore = answer;
      answer = (question) => (question.listServices === undefined ? notFound() : answerBefore(question));
      await reflector.checkAgain(SERVICE, options);
      expect(schema.current.services).to.have.length(1);
    });

    it('that are doubted again on another connection are asked for again', async () => {
      const reflector = await reflected();
      reflector.doubt(SERVICE);
      expect(reflector.isDue(SERVICE)).to.equal(true);
      await reflector.checkAgain(SERVICE, options);
      reflector.doubt(SERVICE);
      expect(reflector.isDue(SERVICE)).to.equal(false);
      connection++;
      expect(reflector.isDue(SERVICE)).to.equal(false);
      reflector.doubt(SERVICE);
      expect(reflector.isDue(SERVICE)).to.equal(true);
    });
  });
});
