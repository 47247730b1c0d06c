// The command line against a server that tells its schema, or a part of it: what it fetches when a command needs it.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { loadProto } from '../../lib/schema/proto/load-proto.ts';
import { Registry } from '../../lib/schema/registry/registry.ts';
import {
  answersFrom,
  listenReflection,
  type ReflectionPeerOptions,
} from '../schema/reflection/reflection-peer.ts';
import { filesOf, type Sources } from '../schema/reflection/schema-files.ts';
import { closing } from '../support/closing.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, runCli } from './run-cli.ts';

const ECHO: Sources = {
  'echo.proto':
    'package echo; message Text { string text = 1; } service Echo { rpc Say (Text) returns (Text); }',
  'apple.proto': 'package cargo; message Apple { string sort = 1; int64 grams = 2; }',
};

describe('stubless and a server with reflection', function () {
  this.timeout(30_000);
  const open = closing();

  /** Runs a command against a server with these files; the target is its second word. */
  async function run(
    [command, ...words]: readonly string[],
    sources: Sources,
    server: Partial<ReflectionPeerOptions> = {},
    started: typeof runCli = runInProcess,
  ): Promise<CliEnd> {
    const peer = open(await listenReflection({ answer: answersFrom(await filesOf(sources)), ...server }));
    return started([command, `127.0.0.1:${peer.port}`, ...words]);
  }

  const CARRIER: Sources = {
    'carrier.proto': `syntax = "proto2"; package carry;
      import "google/protobuf/any.proto";
      message Box { optional google.protobuf.Any any = 1; optional string label = 2; extensions 100 to max; }
      service Carrier { rpc Carry (Box) returns (Box); rpc Both (stream Box) returns (stream Box); }`,
    'other.proto': `syntax = "proto2"; package other; import "carrier.proto";
      message Apple { optional string sort = 1; } enum Colour { RED = 0; }
      extend carry.Box { optional Apple fruit = 100; }`,
  };
  const json = '{"any":{"@type":"x/other.Apple","sort":"Boskoop"},"[other.fruit]":{"sort":"Elstar"}}';
  const text = 'any { [x/other.Apple] { sort: "Boskoop" } } [other.fruit] { sort: "Elstar" }';

  describe('describe', () => {
    const rows: readonly (readonly [string, RegExp])[] = [
      ['other.Apple', /^\/\/ message other\.Apple, other\.proto\nmessage Apple/],
      ['other.Apple.sort', /^\/\/ field other\.Apple\.sort/],
      ['other.Colour', /^\/\/ enum other\.Colour/],
      ['other.Colour.RED', /^\/\/ value other\.RED/],
      ['other.fruit', /^\/\/ extension other\.fruit/],
    ];
    for (const [symbol, text] of rows) {
      it(`finds ${symbol}, to which no service leads`, async () => {
        const built = symbol === 'other.fruit' ? runCli : runInProcess;
        const { stdout, stderr, status } = await run(['describe', symbol], CARRIER, {}, built);
        expect(stderr).to.equal('');
        expect(stdout).to.match(text);
        expect(status).to.equal(0);
      });
    }
  });

  describe('a service whose schema cannot be had', () => {
    const BROKEN: Sources = {
      ...CARRIER,
      'kinds.proto': 'syntax = "proto2"; package broken; enum Kind { ONE = 1; }',
      'broken.proto': `syntax = "proto2"; package broken; import "kinds.proto";
        message M { optional Kind kind = 1; } service S { rpc Get (M) returns (M); }`,
    };
    /** The server gives everything but one file. */
    const without = async (name: string): Promise<Partial<ReflectionPeerOptions>> => {
      const files = (await filesOf(BROKEN)).filter((file) => file.name !== name);
      return { answer: answersFrom(files) };
    };
    const why =
      'broken.S: its schema cannot be had: broken.proto: broken.M.kind: type "broken.Kind" is not defined';
    const cause = 'its import "kinds.proto" cannot be had: nothing is called kinds.proto';
    const rows: readonly (readonly [string, readonly string[], number])[] = [
      ['list', ['list'], 0],
      ['list of it', ['list', 'broken.S'], 1],
      ['describe', ['describe'], 0],
      ['describe of it', ['describe', 'broken.S'], 1],
      ['describe of its method', ['describe', 'broken.S/Get'], 1],
      ['describe of its message', ['describe', 'broken.M'], 1],
      ['describe --template', ['describe', 'broken.S.Get', '--template'], 1],
      ['types', ['types'], 1],
      ['export', ['export', '--protoset-out', '/dev/null'], 1],
    ];
    for (const [name, words, status] of rows) {
      it(`is told of, with the cause, by ${name}`, async () => {
        const end = await run(words, {}, await without('kinds.proto'));
        expect(end.stderr).to.include('its schema cannot be had: broken.proto').and.include(cause);
        if (!name.startsWith('describe of its m')) expect(end.stderr).to.include(why);
        expect(end.status).to.equal(status);
      });
    }

    it('is told of by call, with the cause', async () => {
      const end = await run(['call', 'broken.S/Get'], {}, await without('kinds.proto'));
      expect(end.stderr)
        .to.include('has the service broken.S, but its schema cannot be had')
        .and.include(cause);
      expect(end.status).to.equal(1);
    });

    it('keeps nothing else from being written', async () => {
      const end = await run(['types'], {}, await without('kinds.proto'));
      expect(end.stdout).to.include('carry.Carrier');
    });
  });

  describe('call', () => {
    it('takes Any values and extensions that only the server knows, in each form', async () => {
      for (const words of [
        ['-d', json],
        ['--input', 'text', '-d', text],
        ['any:={"@type":"x/other.Apple","sort":"Boskoop"}', '-o', 'jsonl'],
        ['any:={"@type":"x/other.Apple","sort":"Boskoop"}', '[other.fruit].sort=Elstar', '-o', 'jsonl'],
      ]) {
        const { stdout, stderr, status } = await run(['call', 'carry.Carrier/Carry', ...words], CARRIER);
        expect(stderr).to.equal('');
        expect(status).to.equal(0);
        expect(json.startsWith(stdout.trim().slice(0, -1))).to.equal(true);
      }
      const both = await run(['call', 'carry.Carrier/Both', '-d', json, '-o', 'text'], CARRIER, {}, runCli);
      expect(both.stdout.replace(/\s+/g, ' ').trim()).to.equal(text);
    });

    it('reads words by the schema of an extension that only the server knows', async () => {
      const { 'other.proto': other, ...rest } = CARRIER;
      const sources = { ...rest, 'other.proto': `${other} extend carry.Box { optional string code = 101; }` };
      const words = ['call', 'carry.Carrier/Carry', '[other.code]=007'];
      expect(await run(words, sources)).to.deep.equal({
        status: 0,
        stdout: '{"[other.code]":"007"}\n',
        stderr: '',
      });
    });

    describe('with --no-reflect', () => {
      let folder = '';
      before(async () => {
        folder = await mkdtemp(join(tmpdir(), 'stubless-unasked-'));
        await writeFile(join(folder, 'carrier.proto'), CARRIER['carrier.proto']);
      });
      after(() => rm(folder, { recursive: true, force: true }));
      /** `any { [x/other.Apple] { sort: "B" } }` */
      const box = '\n\x14\n\x0dx/other.Apple\x12\x03\n\x01B';

      const unasked: readonly {
        readonly name: string;
        readonly words: readonly string[];
        readonly stdin?: string;
        readonly stdout?: string;
        readonly stderr?: RegExp;
        readonly status: number;
      }[] = [
        {
          name: 'an Any of a request',
          words: ['call', 'Carry', '-d', json],
          stderr: /^stubless: -d, line 1: any: 'x\/other\.Apple' is not loaded/,
          status: 1,
        },
        {
          name: 'an extension set by a word',
          words: ['call', 'Carry', '[other.fruit].sort=Elstar'],
          stderr: /carry\.Box has no extension 'other\.fruit'; none are known\n$/,
          status: 1,
        },
        {
          name: 'an Any of a reply',
          words: ['call', 'Carry', '--input', 'binary'],
          stdin: box,
          stdout: '{"any":{"@type":"x/other.Apple","value":"CgFC"}}\n',
          status: 0,
        },
        {
          name: 'a symbol and an extension in the REPL',
          words: ['repl'],
          stdin: 'describe other.Apple\ncall Carry [other.fruit].sort=Elstar\n',
          stderr: /^error: .*other\.Apple.*\nerror: .*no extension 'other\.fruit'.*\n$/,
          status: 1,
        },
      ];
      for (const { name, words, stdin = '', stdout = '', stderr = /^$/, status } of unasked) {
        it(`never asks the server for ${name}`, async () => {
          const peer = open(await listenReflection({ answer: answersFrom(await filesOf(CARRIER)) }));
          const [command, ...rest] = words;
          const schema = ['--no-reflect', '--proto', join(folder, 'carrier.proto')];
          // The REPL takes a process for itself.
          const started = command === 'repl' ? runCli : runInProcess;
          const end = await started([command, `127.0.0.1:${peer.port}`, ...rest, ...schema], { stdin });
          expect(end.stderr).to.match(stderr);
          expect(end).to.include({ stdout, status });
          expect(peer.questions).to.deep.equal([]);
        });
      }
    });

    it('says that an extension is known to nobody', async () => {
      const { stderr, status } = await run(['call', 'carry.Carrier/Carry', '[other.nope].x=1'], CARRIER);
      expect(stderr).to.match(
        /^stubless: \[other\.nope\]\.x=1: carry\.Box has no extension 'other\.nope'; .*\n$/,
      );
      expect(status).to.equal(1);
    });

    it('says what is wrong with a type that nobody knows, and where', async () => {
      const words = ['call', 'carry.Carrier/Carry', '-d', '{"any":{"@type":"x/no.Body","a":1}}'];
      const { stderr, status } = await run(words, CARRIER);
      expect(stderr).to.include("-d, line 1: any: 'x/no.Body' is not loaded");
      expect(status).to.equal(1);
    });

    it('prints error details as ProtoJSON, with types that only the server knows', async () => {
      const registry = new Registry();
      registry.add((await loadProto(['google/rpc/status.proto'])).files, 'bundled');
      registry.add(await filesOf(ECHO), 'the spec');
      const encoded = (type: string, fields: object): Uint8Array => {
        const { bytes, start, end } = registry.message(type).encode(fields, 0);
        return bytes.slice(start, end);
      };
      const details = [
        { '@type': 'x/cargo.Apple', sort: 'Boskoop', grams: 9007199254740993n },
        { '@type': 'x/nobody.Knows', value: Buffer.from('hi') },
      ];
      const server = { callStatus: () => 3, callDetails: encoded('google.rpc.Status', { code: 3, details }) };
      const plain = await run(['call', 'echo.Echo/Say'], ECHO, server, runCli);
      expect(plain.status).to.equal(64 + 3);
      expect(plain.stderr.split('\n').slice(1, 3)).to.deep.equal([
        '  cargo.Apple {"sort":"Boskoop","grams":"9007199254740993"}',
        '  nobody.Knows {"value":"aGk="}',
      ]);
      const full = await run(['call', 'echo.Echo/Say', '-o', 'full'], ECHO, server);
      expect(JSON.parse(full.stdout).status.errorDetails).to.deep.equal([
        { '@type': 'x/cargo.Apple', sort: 'Boskoop', grams: '9007199254740993' },
        { '@type': 'x/nobody.Knows', value: 'aGk=' },
      ]);
    });
  });
});
