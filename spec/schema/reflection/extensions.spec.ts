import { expect } from 'chai';
import { Client } from '../../../lib/client/client.ts';
import type { ClientOptions } from '../../../lib/client/client-options.ts';
import { MAX_EXTENDED_TYPES, MAX_EXTENSIONS } from '../../../lib/schema/reflection/extensions.ts';
import { Registry } from '../../../lib/schema/registry/registry.ts';
import { closing, rejection } from '../../support/closing.ts';
import { until } from '../../support/peers/fleet.ts';
import { TurnedTime } from '../../support/time/turned-time.ts';
import {
  type Answer,
  answersFrom,
  listenReflection,
  notFound,
  type Question,
  type ReflectionPeer,
} from './reflection-peer.ts';
import { filesOf, type Sources } from './schema-files.ts';

const BASE: Sources = {
  'base.proto': `syntax = "proto2"; package ext;
    message Doc { optional string title = 1; extensions 100 to 199; extensions 1000 to max;
      message Part { optional string name = 1; extensions 10 to 20; } repeated Part parts = 2; }
    service Docs { rpc Get (Doc) returns (Doc); rpc All (stream Doc) returns (stream Doc); }`,
};
const EXTENSIONS: Sources = {
  'more.proto': `syntax = "proto2"; package more; import "base.proto"; import "kinds.proto";
    extend ext.Doc { optional string note = 100; repeated int64 ids = 1000; optional Kind kind = 101; }
    message Scope { extend ext.Doc.Part { optional Scope inside = 10; } optional string s = 1; }`,
  'kinds.proto': `syntax = "proto2"; package more; enum Kind { PLAIN = 0; RICH = 1; }`,
};

const ALL = { ...BASE, ...EXTENSIONS };
const VALUE = {
  title: 't',
  parts: [{ name: 'p', '[more.Scope.inside]': { s: 'in' } }],
  '[more.note]': 'n',
  '[more.ids]': ['1', '9007199254740993'],
  '[more.kind]': 'RICH',
};

type Handler = (question: Question) => Answer;

const isAboutExtensions = (question: Question): boolean =>
  question.allExtensionNumbersOfType !== undefined || question.fileContainingExtension !== undefined;

describe('Extensions by reflection (grpc/reflection/v1/reflection.proto)', () => {
  const open = closing();
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

  async function serve(
    change: (answer: Handler) => Handler = (answer) => answer,
    options?: ClientOptions,
    sources: Sources = ALL,
  ): Promise<{ client: Client; peer: ReflectionPeer }> {
    const peer = open(await listenReflection({ answer: change(answersFrom(await filesOf(sources))) }));
    return { peer, client: open(new Client('127.0.0.1', peer.port, options)) };
  }

  it('are in requests and replies from the first call on, and asked for once', async () => {
    const { client, peer } = await serve();
    expect(plain(await client.request('ext.Docs/Get', VALUE))).to.deep.equal(VALUE);
    const asked = peer.questions.length;
    expect(peer.questions).to.include('extensions ext.Doc').and.include('extensions ext.Doc.Part');
    expect(plain(await client.request('ext.Docs/Get', VALUE))).to.deep.equal(VALUE);
    expect(plain(await client.request('ext.Docs/All', [VALUE]).toArray())).to.deep.equal([VALUE]);
    expect(peer.questions).to.have.length(asked);
  });

  it('are there after reflect, to be described, written and declared', async () => {
    const { client } = await serve();
    await client.reflect();
    expect(client.describe('more.note').kind).to.equal('extension');
    expect(client.describe('more.Scope.inside').kind).to.equal('extension');
    expect(client.toText('ext.Doc', { '[more.note]': 'n' })).to.equal('[more.note]: "n"\n');
    expect(client.symbols).to.include('more.note').and.include('more.Kind');
    // No methods come of it.
    expect(client.services.map(({ fullName }) => fullName)).to.deep.equal(['ext.Docs']);
  });

  const silent: readonly (readonly [string, (question: Question) => Answer | undefined])[] = [
    ['does not know the questions', () => ({ status: 12 })],
    ['ends the stream at them', () => ({ status: 2, message: 'not supported' })],
    ['says that it does not know', () => notFound()],
    ['answers with services', () => ({ listServicesResponse: { service: [] } })],
    ['answers with something else', () => ({ bytes: Buffer.from([0x98, 0x06, 1]) })],
    ['answers with what is no message', () => ({ bytes: Buffer.from([0xff, 0xff]) })],
    ['sends a descriptor that is none', () => filesAnswer(Buffer.from('hello'))],
    [
      'lists numbers that it does not have',
      ({ allExtensionNumbersOfType: baseTypeName }) =>
        baseTypeName === undefined
          ? notFound()
          : { allExtensionNumbersResponse: { baseTypeName, extensionNumber: [5, -1, 150, 150] } },
    ],
    [
      'lists numbers without end',
      ({ allExtensionNumbersOfType: baseTypeName }) =>
        baseTypeName === undefined
          ? notFound()
          : {
              allExtensionNumbersResponse: {
                baseTypeName,
                extensionNumber: Array.from({ length: 200_000 }, (_, i) => i + 1000),
              },
            },
    ],
  ];
  for (const [name, said] of silent) {
    it(`are done without where the server ${name}`, async () => {
      const { client } = await serve(
        (answer) => (question) =>
          isAboutExtensions(question) ? (said(question) ?? notFound()) : answer(question),
      );
      expect((await client.request('ext.Docs/Get', { title: 'x' })).title).to.equal('x');
      await client.reflect();
      expect((await client.request('ext.Docs/Get', { title: 'x' })).title).to.equal('x');
      const error = await rejection(client.request('ext.Docs/Get', { '[more.nothing]': 1 }));
      expect(error.message).to.include("no field '[more.nothing]'");
    });
  }

  it('do not keep a call waiting for a server that never answers', async () => {
    let isAsked = false;
    const { client } = await serve(
      (answer) => (question) => {
        if (!isAboutExtensions(question)) return answer(question);
        isAsked = true;
        return 'silence';
      },
      { reflection: { timeoutMs: 5000 } },
    );
    using time = new TurnedTime();
    const call = client.request('ext.Docs/Get', { title: 'x' }, { timeoutMs: Infinity });
    void call.catch(() => {}); // looked at below
    await until(() => isAsked);
    await time.pass(6000);
    expect((await call).title).to.equal('x');
  });

  it('are asked for by name when a request has one and the server lists none', async () => {
    const { client, peer } = await serve(
      (answer) => (question) => (isAboutExtensions(question) ? notFound() : answer(question)),
    );
    const fields = { '[more.note]': 'n' };
    expect(plain(await client.request('ext.Docs/Get', fields))).to.deep.equal(fields);
    expect(peer.questions).to.include('symbol more.note');
  });

  it('are asked for by number when a reply has one, by resolve', async () => {
    const registry = new Registry();
    registry.add(await filesOf(ALL), 'the spec');
    const { bytes, start, end } = registry.message('ext.Doc').encode(VALUE, 0);
    const sent = bytes.slice(start, end);
    const { client, peer } = await serve(
      (answer) => (question) =>
        question.allExtensionNumbersOfType === undefined ? answer(question) : notFound(),
    );
    await client.method('ext.Docs/Get');
    const reply = client.decode('ext.Doc', sent);
    expect(plain(reply)).to.deep.equal({ title: 't', parts: [{ name: 'p' }] });
    expect(plain(await client.resolve(reply))).to.deep.equal(VALUE);
    const asked = peer.questions.filter((one) => one.startsWith('extension '));
    expect(asked.sort()).to.deep.equal([
      'extension ext.Doc 100',
      'extension ext.Doc 1000',
      'extension ext.Doc 101',
      'extension ext.Doc.Part 10',
    ]);
    // From then on they are known.
    expect(plain(client.decode('ext.Doc', sent))).to.deep.equal(VALUE);
  });

  it('that nobody knows stay with the message, and are sent again', async () => {
    const { client } = await serve(undefined, undefined, BASE);
    await client.method('ext.Docs/Get');
    const sent = Buffer.from('0a0174a206016e', 'hex');
    const reply = await client.resolve(client.decode('ext.Doc', sent));
    expect(Buffer.from(client.encode('ext.Doc', reply)).toString('hex')).to.equal(sent.toString('hex'));
  });

  it('that the server does not know are asked for once, not for each reply', async () => {
    const { client, peer } = await serve(undefined, undefined, BASE);
    await client.method('ext.Docs/Get');
    const sent = Buffer.from('a206016e', 'hex');
    for (let i = 0; i < 3; i++) await client.resolve(client.decode('ext.Doc', sent));
    expect(peer.questions.filter((one) => one.startsWith('extension '))).to.have.length(1);
  });

  it('are fetched with few questions where one file has many', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => `optional int32 e${i} = ${1000 + i};`);
    const { client, peer } = await serve(undefined, undefined, {
      ...BASE,
      'more.proto': `syntax = "proto2"; package more; import "base.proto"; extend ext.Doc { ${many.join(' ')} }`,
    });
    expect(plain(await client.request('ext.Docs/Get', { '[more.e999]': 1 }))).to.deep.equal({
      '[more.e999]': 1,
    });
    expect(peer.questions.filter((one) => one.startsWith('extension ')).length).to.be.at.most(16);
  });

  it(`are fetched up to ${MAX_EXTENSIONS}, of up to ${MAX_EXTENDED_TYPES} types`, async () => {
    const types = Array.from(
      { length: MAX_EXTENDED_TYPES + 10 },
      (_, i) => `message M${i} { extensions 1; }`,
    );
    const sources = { 'base.proto': `${BASE['base.proto']} ${types.join(' ')}` };
    const { client, peer } = await serve(
      (answer) => (question) => {
        const { allExtensionNumbersOfType: baseTypeName } = question;
        if (baseTypeName === undefined) return answer(question);
        const extensionNumber = Array.from({ length: MAX_EXTENSIONS + 100 }, (_, i) => 1000 + i);
        return {
          allExtensionNumbersResponse: {
            baseTypeName,
            extensionNumber: baseTypeName === 'ext.Doc' ? extensionNumber : [],
          },
        };
      },
      undefined,
      sources,
    );
    await client.reflect();
    const asked = (kind: string): number => peer.questions.filter((one) => one.startsWith(`${kind} `)).length;
    expect(asked('extension')).to.equal(MAX_EXTENSIONS);
    expect(asked('extensions')).to.equal(MAX_EXTENDED_TYPES);
  });
});

function filesAnswer(...fileDescriptorProto: Uint8Array[]): Answer {
  return { fileDescriptorResponse: { fileDescriptorProto } };
}
