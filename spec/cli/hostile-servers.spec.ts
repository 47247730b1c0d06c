// A server all of whose text is hostile: names, comments, defaults, JSON names, options, file names, what it lists, what
// it says of errors, metadata, and values. Whatever a command prints, in whatever form, holds no control character but
// line feeds and tabs, none that hides or turns text, and no colours but its own.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FileDescriptorProto } from '../../lib/schema/descriptors/descriptor-types.ts';
import {
  type Answer,
  answersFrom,
  echo,
  listenReflection,
  notFound,
  type Question,
  type ReflectionPeer,
} from '../schema/reflection/reflection-peer.ts';
import type { PeerStream } from '../support/peers/peer.ts';
import { runInProcess } from './in-process.ts';
import { runCli } from './run-cli.ts';

/** Terminal escapes in C0 and C1, marks that turn and hide text, line ends, shell and path syntax, quotes, length. */
const TEXT =
  '\x1b]0;title\x07\x1b[2J\x1b[31mred\u009b31m\x9d0;t\x9c\x00\x08\x7f\u202e\u2066\u200b\u2028\u2029\ufeff\r\nfake: line\n\t' +
  '$(touch ran)`touch ran`;\'"\\ ../../../x */ <b>';
const LONG = `${TEXT}${'A'.repeat(100_000)}`;

/** Colours as lib/cli/command/colour.ts has them; the server's red is one of them, so that it must be written out to be told. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const OWN_COLOURS = /\x1b\[(?:1|2|4|22|24|31|32|33|34|35|36|39|90)m/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
const HIDDEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

function isSafe(printed: string, what: string): void {
  // Comma-separated values end their lines so (RFC 4180).
  const text = what.startsWith('csv') ? printed.replaceAll('\r\n', '\n') : printed;
  const rest = text.replace(OWN_COLOURS, '');
  const at = rest.search(HIDDEN);
  expect(at, `${what}: …${JSON.stringify(rest.slice(Math.max(0, at - 60), at + 20))}`).to.equal(-1);
  expect(text, what).not.to.include('\x1b[31mred');
  // Results of JavaScript have as many lines as their texts.
  if (!what.startsWith('repl')) expect(text, what).not.to.match(/^fake: line/m);
}

/** Hostile wherever text is free, so that it can be called. */
const FREE: FileDescriptorProto = {
  name: "a 'free' $(touch ran).proto",
  package: 'h',
  syntax: 'proto3',
  dependency: ['google/protobuf/any.proto'],
  messageType: [
    {
      name: 'M',
      field: [
        { name: 'a', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', jsonName: TEXT },
        { name: 'kind', number: 2, label: 'LABEL_OPTIONAL', type: 'TYPE_ENUM', typeName: '.h.E' },
        {
          name: 'any',
          number: 3,
          label: 'LABEL_OPTIONAL',
          type: 'TYPE_MESSAGE',
          typeName: '.google.protobuf.Any',
        },
        { name: 'by', number: 4, label: 'LABEL_REPEATED', type: 'TYPE_MESSAGE', typeName: '.h.M.ByEntry' },
        { name: 'data', number: 5, label: 'LABEL_OPTIONAL', type: 'TYPE_BYTES' },
      ],
      nestedType: [
        {
          name: 'ByEntry',
          field: [
            { name: 'key', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' },
            { name: 'value', number: 2, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' },
          ],
          options: { mapEntry: true },
        },
      ],
      reservedName: [TEXT],
    },
  ],
  enumType: [{ name: 'E', value: [{ name: 'ZERO', number: 0 }], reservedName: [TEXT] }],
  service: [
    {
      name: 'S',
      method: [
        { name: 'Echo', inputType: '.h.M', outputType: '.h.M' },
        { name: 'Fail', inputType: '.h.M', outputType: '.h.M' },
        { name: 'Chat', inputType: '.h.M', outputType: '.h.M', clientStreaming: true, serverStreaming: true },
      ],
    },
  ],
  options: { javaPackage: TEXT, goPackage: TEXT },
  sourceCodeInfo: {
    location: [[4, 0], [4, 0, 2, 0], [5, 0], [6, 0], [6, 0, 2, 0], [12], [2]].map((path) => ({
      path,
      leadingComments: TEXT,
      trailingComments: TEXT,
      leadingDetachedComments: [TEXT],
    })),
  },
};
const OLD: FileDescriptorProto = {
  name: 'old.proto',
  package: 'old',
  messageType: [
    {
      name: 'D',
      field: [
        { name: 'a', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', defaultValue: TEXT },
        { name: 'b', number: 2, label: 'LABEL_OPTIONAL', type: 'TYPE_BYTES', defaultValue: '\\033[2J' },
      ],
    },
  ],
  service: [{ name: 'S', method: [{ name: 'Do', inputType: '.old.D', outputType: '.old.D' }] }],
};

/** Ends with a status, metadata and details that are hostile, in so far as HTTP/2 can carry them. */
function fail(request: PeerStream): void {
  const text = encodeURIComponent(TEXT);
  request.head([
    ':status',
    '200',
    'content-type',
    'application/grpc',
    'x-one',
    '\x7f\x80\xff'.replace('\x7f', '~'),
    'x-two-bin',
    Buffer.from(TEXT).toString('base64'),
  ]);
  request.status(
    5,
    'grpc-message',
    text,
    'x-three',
    '$(touch ran)',
    'grpc-status-details-bin',
    'CAUSAntdG1tb',
  );
}

const request = JSON.stringify({
  [TEXT]: TEXT,
  by: { [TEXT]: TEXT },
  data: Buffer.from(TEXT).toString('base64'),
});

describe('a hostile server', function () {
  this.timeout(60_000);

  let folder = '';
  let server: ReflectionPeer;
  let target = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-hostile-'));
    const answer = answersFrom([FREE, OLD], { services: ['h.S', 'old.S', TEXT, LONG] });
    server = await listenReflection({
      answer: (question) =>
        question.fileContainingSymbol?.startsWith('\x1b') ? notFound(TEXT) : answer(question),
      onCall: (call) =>
        call.header(':path') === '/h.S/Echo' || call.header(':path') === '/h.S/Chat'
          ? void echo(call, 0)
          : fail(call),
    });
    target = `127.0.0.1:${server.port}`;
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const commands: [string[], string?][] = [
    [['list', 'T']],
    [['list', 'T', '-l']],
    [['list', 'T', '--json']],
    [['list', 'T', 'h.S', '-l']],
    [['list', 'T', TEXT]],
    [['list', 'T', 'Nope']],
    [['describe', 'T']],
    [['describe', 'T', '--json']],
    ...[
      'h.S',
      'h.M',
      'h.M.a',
      'h.E',
      'h.E.ZERO',
      'h.S.Echo',
      'h',
      'old.D',
      'old.D.a',
      'h.M.nope',
      'h.Nope',
      TEXT,
    ].flatMap((symbol): [string[]][] => [
      [['describe', 'T', symbol]],
      [['describe', 'T', symbol, '--json']],
      [['describe', 'T', symbol, '--template']],
    ]),
    ...['json', 'jsonl', 'text', 'full'].flatMap((form): [string[]][] => [
      [['call', 'T', 'h.S/Echo', '-d', request, '-o', form, '-vv']],
      [['call', 'T', 'h.S/Echo', '-d', request, '-o', form, '--proto-names', '--emit-defaults']],
      [['call', 'T', 'h.S/Fail', '-d', '{}', '-o', form, '-vv']],
    ]),
    [['call', 'T', 'h.S/Nope']],
    [['call', 'T', 'h.S/Echo', 'nope=1']],
    [['call', 'T', 'h.S/Echo', 'kind=NOPE']],
    [['call', 'T', 'h.S/Chat', '-d', request]],
    [['call', 'T', TEXT]],
    [['bench', 'T', 'h.S/Fail', '-n', '2', '-c', '1']],
    [['bench', 'T', 'h.S/Fail', '-n', '2', '-c', '1', '--json']],
    [['bench', 'T', 'h.S/Fail', '-n', '2', '-c', '1', '--csv']],
    [['export', 'T', '--proto-out', 'F/out']],
    [['export', 'T', '--protoset-out', 'F/set.binpb']],
    [['types', 'T']],
    [['types', 'T', '--out', 'F/types.d.ts']],
    [['diff', 'T', 'protos/helloworld.proto']],
    [['diff', 'T', 'protos/helloworld.proto', '--json']],
    [['diff', 'protos/helloworld.proto', 'T']],
    [['health', 'T']],
    [['health', 'T', TEXT]],
    [['ping', 'T', '-n', '1']],
    [['ping', 'T', '-n', '1', '--json']],
    [
      ['repl', 'T'],
      `list\nlist h.S -l\nshow methods\ndescribe h.M\ndescribe h.S --json\nset verbose on\ncall h.S/Echo ${request}\nreply\ncall h.S/Fail {}\ncall h.S/Chat ${request}\nawait client.request('h.S/Fail', {})\nawait client.request('h.S/Fail', {}).catch((error) => error)\nclient.describe('h.M')\nconsole.log(reply)`,
    ],
  ];
  for (const [args, stdin] of commands) {
    const name = args.map((one) => (one === TEXT ? 'HOSTILE' : one === request ? 'REQUEST' : one)).join(' ');
    it(`is told safely of by ${name}`, async () => {
      const words = args.map((one) => (one === 'T' ? target : one.replace('F/', `${folder}/`)));
      for (const env of [{}, { FORCE_COLOR: '1' }]) {
        const { stdout, stderr } = await runInProcess(words, { env, ...(stdin !== undefined && { stdin }) });
        const form = args.includes('--csv') ? 'csv' : args[0];
        isSafe(stdout, `${form}, standard output`);
        isSafe(stderr, `${form}, standard error`);
      }
    });
  }

  it('is called all the same', async () => {
    const { status, stdout } = await runInProcess(['call', target, 'h.S/Echo', '-d', request]);
    expect([status, JSON.parse(stdout)]).to.deep.equal([0, JSON.parse(request)]);
  });

  it('gives no file but what was asked for, and that safe', async () => {
    const before = readdirSync(folder);
    await runInProcess(['types', target, '--out', `${folder}/t.d.ts`]);
    await runInProcess(['export', target, '--proto-out', `${folder}/protos`]);
    const made = readdirSync(folder).filter((one) => !before.includes(one));
    expect(made).to.deep.equal(['t.d.ts']);
    expect(readFileSync(`${folder}/t.d.ts`, 'utf8')).to.include("'h.S.Echo'");
    isSafe(readFileSync(`${folder}/t.d.ts`, 'utf8'), 't.d.ts');
  });

  for (const words of [
    ['call', 'T', ''],
    ['call', 'T', 'h.S/Echo', ''],
    ['list', 'T', ''],
    ['describe', 'T', ''],
  ]) {
    it(`has only plain words offered behind ${words.join(' ')}`, async () => {
      const { stdout } = await runInProcess([
        'completion',
        '--words',
        '--',
        ...words.map((w) => (w === 'T' ? target : w)),
      ]);
      expect(stdout).to.match(/^(?:[\w./=]+\n)+$/);
    });
  }

  it('is told safely of by debug output', async () => {
    const { stderr } = await runCli(['call', target, 'h.S/Fail'], {
      env: { NODE_DEBUG: 'stubless,stubless-frames' },
    });
    expect(stderr).to.match(/STUBLESS.*call \d+ ended with NOT_FOUND/);
    isSafe(stderr, 'standard error');
  });

  // Names that must be identifiers, and are not.
  type Broken = (text: string) => Partial<FileDescriptorProto>;
  const positions: Readonly<Record<string, Broken>> = {
    'a package': (text) => ({ package: text }),
    'a file': (text) => ({ name: text }),
    'an import': (text) => ({ dependency: [text] }),
    'a syntax': (text) => ({ syntax: text }),
    'a message': (text) => ({ messageType: [{ name: text }] }),
    'a field': (text) => message({ name: text }),
    'a type': (text) => message({ type: 'TYPE_MESSAGE', typeName: text }),
    'an extendee': (text) => ({
      extension: [{ name: 'e', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', extendee: text }],
    }),
    'an extension': (text) => ({
      extension: [{ name: text, number: 100, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING', extendee: '.M' }],
    }),
    'a default of a number': (text) => ({
      ...message({ type: 'TYPE_INT32', defaultValue: text }),
      syntax: 'proto2',
    }),
    'a default of an enum': (text) => ({
      ...message({ type: 'TYPE_ENUM', typeName: '.E', defaultValue: text }),
      enumType: [{ name: 'E', value: [{ name: 'A', number: 0 }] }],
      syntax: 'proto2',
    }),
    'a oneof': (text) => ({
      messageType: [{ name: 'M', oneofDecl: [{ name: text }], field: [{ ...FIELD, oneofIndex: 0 }] }],
    }),
    'an enum': (text) => ({ enumType: [{ name: text, value: [{ name: 'A', number: 0 }] }] }),
    'an enum value': (text) => ({ enumType: [{ name: 'E', value: [{ name: text, number: 0 }] }] }),
    'a service': (text) => ({ service: [{ name: text, method: [] }] }),
    'a method': (text) => ({
      service: [{ name: 'S', method: [{ name: text, inputType: '.M', outputType: '.M' }] }],
    }),
    'a method’s type': (text) => ({
      service: [{ name: 'S', method: [{ name: 'Do', inputType: text, outputType: '.M' }] }],
    }),
  };
  const FIELD = { name: 'a', number: 1, label: 'LABEL_OPTIONAL', type: 'TYPE_STRING' } as const;
  function message(field: object): Partial<FileDescriptorProto> {
    return { messageType: [{ name: 'M', field: [{ ...FIELD, ...field }] }] };
  }
  for (const [position, broken] of Object.entries(positions)) {
    it(`is told safely of when the name of ${position} is hostile`, async () => {
      for (const text of [TEXT, LONG, 'x\u202e', 'x; touch ran', '../x', 'a.b\n']) {
        const file: FileDescriptorProto = {
          name: 'b.proto',
          syntax: 'proto3',
          messageType: [{ name: 'M', field: [FIELD], extensionRange: [] }],
          service: [{ name: 'S', method: [{ name: 'Do', inputType: '.M', outputType: '.M' }] }],
          ...broken(text),
        };
        const files = answersFrom([file], { services: ['S', 'T'] });
        const peer = await listenReflection({
          answer: (question: Question): Answer => answered(files, question, file),
        });
        try {
          const at = `127.0.0.1:${peer.port}`;
          for (const args of [
            ['list', at],
            ['describe', at],
            ['call', at, 'S/Do', 'a=1'],
            ['export', at, '--proto-out', join(folder, 'o')],
            ['types', at],
            ['diff', at, 'protos/helloworld.proto'],
          ]) {
            const { stdout, stderr } = await runInProcess(args);
            isSafe(stdout, args[0]);
            isSafe(stderr, args[0]);
            expect((stdout + stderr).length, `${args[0]} prints ${(stdout + stderr).length}`).to.be.lessThan(
              300_000,
            );
          }
        } finally {
          await peer.close();
        }
      }
    });
  }
  /** Whatever is asked for, the one file. */
  function answered(
    files: (question: Question) => Answer,
    question: Question,
    file: FileDescriptorProto,
  ): Answer {
    return question.listServices === undefined ? files({ fileByFilename: file.name }) : files(question);
  }
});
