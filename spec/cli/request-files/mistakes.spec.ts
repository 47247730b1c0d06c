// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// What is wrong with files of requests: each mistake is one line with its place, and nothing is sent.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { MAX_REQUEST_FILE_BYTES, MAX_REQUEST_FILE_VALUES } from '../../../lib/cli/request-files/yaml-tree.ts';
import { runInProcess } from '../in-process.ts';

/** Of a file that is complete but for its requests. */
const HEAD = `target: localhost:1
schema: { proto: ${process.cwd()}/protos/helloworld.proto }
requests:
`;

interface Row {
  readonly name: string;
  /** The whole file. */
  readonly text: string;
  /** What is said, each behind `stubless: FILE:`. */
  readonly said: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const request = (text: string): string => `${HEAD}  - { name: a, method: SayHello, ${text} }\n`;

const rows: readonly Row[] = [
  { name: 'an empty file', text: '', said: ['1:1: the file is empty'] },
  {
    name: 'text that is not YAML',
    text: 'requests:\n  - name: [a\n',
    said: ['3:1: not YAML: Flow sequence in block collection must be sufficiently indented and end with a ]'],
  },
  {
    name: 'a variable that YAML takes for a mapping',
    text: request('request: { name: Ms ${who} }'),
    said: ['4:54: not YAML: inside of { } and [ ], a text with ${who} must be in quotes'],
  },
  {
    name: 'a key that is there twice',
    text: `${HEAD}  - { name: a, name: b, method: SayHello }\n`,
    said: ['4:16: not YAML: Map keys must be unique'],
  },
  {
    name: 'a tag that means nothing here',
    text: request('request: { name: !secret x }'),
    said: ['4:51: not YAML: Unresolved tag: !secret'],
  },
  {
    name: 'a list in place of a file',
    text: '- a\n',
    said: ['1:1: a file of requests is a mapping of $schema, description, target …, not a list'],
  },
  {
    name: 'no requests at all',
    text: 'target: localhost:1\n',
    said: ["1:1: a file of requests needs 'requests', a list of them"],
  },
  {
    name: 'unknown keys, with the nearest',
    text: `traget: x\n${HEAD}  - { nmae: a, method: SayHello, expect: { repyl: {} } }\n`,
    said: [
      "1:1: a file of requests has no 'traget'; did you mean 'target'?",
      "5:7: a request has no 'nmae'; did you mean 'name'?",
      "5:44: 'expect' has no 'repyl'; did you mean 'reply'?",
    ],
  },
  {
    name: 'keys of other tools',
    text: request('headers: {}, body: {}, expect: { response: {}, body: {}, code: OK }'),
    said: [
      "4:34: a request has no 'headers'; write 'metadata'",
      "4:47: a request has no 'body'; write 'request'",
      "4:67: 'expect' has no 'response'; write 'reply'",
      "4:81: 'expect' has no 'body'; write 'reply'",
      "4:91: 'expect' has no 'code'; write 'status'",
    ],
  },
  {
    name: 'an empty text',
    text: `${HEAD}  - { name: '', method: SayHello }\n`,
    said: ["4:13: 'name' of a request must be a text, not an empty text"],
  },
  {
    name: 'values of the wrong kind',
    text: request('tags: { a: 1 }, timeout: soon, retry: -1, parallel: 1, protocol: http, metadata: [a]'),
    said: [
      "4:40: 'tags' of a request must be a text, or a list of texts, not a mapping",
      "4:59: 'timeout' of a request must be a time such as 200ms, 2s or 1m30s, not 'soon'",
      "4:72: 'retry' of a request must be a whole number of at least 1, not the number -1",
      "4:86: 'parallel' of a request must be true or false, not the number 1",
      "4:99: protocol is one of grpc, grpc-web, connect, not 'http'",
      "4:115: 'metadata' of a request must be a mapping of names and values, not a list",
    ],
  },
  {
    name: 'a request without a method',
    text: `${HEAD}  - { name: a }\n`,
    said: ["4:5: a request needs 'method', such as helloworld.Greeter/SayHello"],
  },
  {
    name: 'a mistyped key that is needed, and of that alone',
    text: `${HEAD.replace('requests', 'reqests')}  - { name: a, method: SayHello }\n`,
    said: ["3:1: a file of requests has no 'reqests'; did you mean 'requests'?"],
  },
  {
    name: 'mistyped keys that requests need',
    text: `${HEAD}  - { name: a, metod: SayHello }\n  - { name: b, rpc: SayHello }\n  - { name: c, method: SayHello, capture: { x: { trialer: y } }, each: { cvs: z } }\n`,
    said: [
      "4:16: a request has no 'metod'; did you mean 'method'?",
      "5:16: a request has no 'rpc'; write 'method'",
      "6:50: the capture 'x' has no 'trialer'; did you mean 'trailer'?",
      "6:74: 'each' has no 'cvs'; did you mean 'csv'?",
    ],
  },
  {
    name: 'a part of a status that there is not',
    text: request('expect: { status: { code: OK, mesage: a } }'),
    said: ["4:64: a status has no 'mesage'; did you mean 'message'?"],
  },
  {
    name: 'an operator beside a value, and a header that is there twice',
    text: request('expect: { reply: { message: { $contains: a, is: b } }, headers: { X-A: 1, x-a: "2" } }'),
    said: [
      "4:78: message: 'is' beside '$contains': string takes either operators or a value",
      '4:100: x-a: expected text, got 1',
    ],
  },
  {
    name: 'two requests of one name',
    text: `${HEAD}  - { name: a, method: SayHello }\n  - { name: a, method: SayHello }\n`,
    said: ["5:5: the name 'a' was given to the request in line 4; each needs its own"],
  },
  {
    name: 'two requests of one method without names',
    text: `${HEAD}  - { method: SayHello }\n  - { method: SayHello }\n`,
    said: [
      "5:5: this request is called 'SayHello', after its method, and so is the one in line 4; give it a 'name'",
    ],
  },
  {
    name: 'an unknown method',
    text: `${HEAD}  - { method: SayHelo }\n`,
    said: ["4:15: method 'SayHelo' is not known; did you mean 'helloworld.Greeter.SayHello'?"],
  },
  {
    name: 'an unknown field of a request',
    text: request('request: { nmae: you }'),
    said: ["4:45: nmae: helloworld.HelloRequest has no field 'nmae'; did you mean 'name'?"],
  },
  {
    name: 'a value of a wrong type in a request',
    text: request('request: { name: 7 }'),
    said: ['4:51: name: expected a string, got 7'],
  },
  {
    name: 'an unknown field of an expectation',
    text: request('expect: { reply: { mesage: hi } }'),
    said: ["4:53: mesage: helloworld.HelloReply has no field 'mesage'; did you mean 'message'?"],
  },
  {
    name: 'a value of a wrong type in an expectation',
    text: request('expect: { reply: { message: 7 } }'),
    said: ['4:53: message: expected a string, got 7'],
  },
  {
    name: 'an unknown operator',
    text: request('expect: { reply: { message: { $mathces: x } } }'),
    said: ["4:64: message: there is no operator '$mathces'; did you mean '$matches'?"],
  },
  {
    name: 'an operator without its $',
    text: request('expect: { reply: { message: { contains: you } } }'),
    said: ["4:64: message: operators begin with $: write '$contains'"],
  },
  {
    name: 'an unknown status',
    text: request('expect: { status: NOTFOUND }'),
    said: [
      '4:52: expected a status code from 0 to 16 or its name, got "NOTFOUND"; did you mean \'NOT_FOUND\'?',
    ],
  },
  {
    name: 'a reply of a stream, and replies of a unary method',
    text: `${HEAD}  - { name: a, method: SayHelloStreamReply, expect: { reply: {} } }\n  - { name: b, method: SayHello, requests: [{}], expect: { replies: [], gap: 1s } }\n`,
    said: [
      "4:62: helloworld.Greeter.SayHelloStreamReply replies with a stream: write 'replies', a list of patterns, not 'reply'",
      "5:45: helloworld.Greeter.SayHello takes one message: write 'request', not 'requests'",
      "5:69: helloworld.Greeter.SayHello gives one reply: write 'reply', not 'replies'",
      "5:73: 'gap' is for streams; helloworld.Greeter.SayHello gives one reply",
    ],
  },
  {
    name: 'a variable that is not defined',
    text: `variables: { user: x }\n${request('request: { name: "${usr}" }')}`,
    said: ["5:51: ${usr} is not defined; did you mean 'user'?"],
  },
  {
    name: 'a variable like no other',
    text: `variables: { user: x }\n${request('request: { name: "${tenant}" }')}`,
    said: ['5:51: ${tenant} is not defined; there are user; --var and --env give more'],
  },
  {
    name: 'a row whose value does not fit',
    text: request('each: [{ who: a }, { who: 8 }, { who: 9 }], request: { name: "${who}" }'),
    said: ['4:95: name: expected a string, got 8 (in row 2)'],
  },
  {
    name: 'what is no variable',
    text: request('request: { name: "${a b}" }'),
    said: ["4:51: '${a b}' is not a variable: write ${name} or ${env:NAME}, or $${ for the text itself"],
  },
  {
    name: 'variables that are made of each other',
    text: `variables: { a: "\${b}", b: "-\${a}" }\n${request('request: { name: "${a}" }')}`,
    said: ['1:28: the variables a → b → a are made of each other'],
  },
  {
    name: 'a secret that is not set',
    text: request('metadata: { authorization: "Bearer ${env:NO_SUCH_TOKEN}" }'),
    said: ['4:61: ${env:NO_SUCH_TOKEN} is not set in the environment'],
  },
  {
    name: 'a secret that is empty, as CI systems have it',
    text: request('metadata: { authorization: "Bearer ${env:EMPTY_TOKEN}" }'),
    env: { EMPTY_TOKEN: '' },
    said: ['4:61: ${env:EMPTY_TOKEN} is empty'],
  },
  {
    name: 'a capture that comes too late, and one from beside',
    text: `${HEAD}  - { name: a, method: SayHello, request: { name: "\${x}" } }
  - { name: b, method: SayHello, capture: { x: message } }
  - { name: c, method: SayHello, parallel: true, capture: { y: message } }
  - { name: d, method: SayHello, parallel: true, request: { name: "\${y}" } }
`,
    said: [
      "4:51: ${x} is captured by 'b', which comes later",
      "7:67: ${y} is captured by 'c', which runs beside this request; leave out 'parallel' here",
    ],
  },
  {
    name: 'a capture of what no reply has',
    text: `${HEAD}  - { name: a, method: SayHello, capture: { x: mesage, y: message.a, z: "a b", w: "[0].message" } }
  - { name: b, method: SayHelloStreamReply, capture: { v: message } }
`,
    said: [
      "4:45: the capture 'x': helloworld.HelloReply has no field 'mesage'; did you mean 'message'?",
      "4:56: the capture 'y': a value of string has no field 'a'",
      "4:70: the capture 'z': 'a b' is not a path such as user.id or items[0].name",
      "4:80: the capture 'w': helloworld.HelloReply is not a list; write the name of a field",
      "5:56: the capture 'v': replies are a stream, so the path begins with the number of one: [0].message, or [-1].message for the last",
    ],
  },
  {
    name: '__proto__, which is a name like any other',
    text: request('request: { __proto__: { polluted: true } }'),
    said: ["4:45: __proto__: helloworld.HelloRequest has no field '__proto__'; it has name"],
  },
  {
    name: 'an alias inside of what it stands for',
    text: 'requests: &a [ *a ]\n',
    said: ['1:16: *a stands inside of what it stands for'],
  },
  {
    name: 'aliases without end',
    text: `${Array.from({ length: 9 }, (_, i) => `v${i + 1}: &v${i + 1} [${i === 0 ? 'x' : Array(10).fill(`*v${i}`).join(', ')}]`).join('\n')}\n`,
    said: [`1:9: more than ${MAX_REQUEST_FILE_VALUES} values, aliases followed`],
  },
  {
    name: 'lists in lists without end',
    text: `requests: ${'['.repeat(200)}${']'.repeat(200)}\n`,
    said: ['1:110: lists and mappings nest more than 100 levels deep'],
  },
  {
    name: 'lists in lists beyond what the stack holds',
    text: `requests: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`,
    said: ['1:1: lists and mappings nest more than 100 levels deep'],
  },
  {
    name: 'a target that is none',
    text: `${HEAD.replace('localhost:1', 'localhost:x')}  - { method: SayHello }\n`,
    said: ["1:9: the target 'localhost:x': the port must be a whole number from 1 to 65535, not 'x'"],
  },
  {
    name: 'no target',
    text: `requests:\n  - { method: SayHello }\n`,
    said: ['2:5: there is no target; write target: host:port in the file, or give --target'],
  },
  {
    name: 'a schema that is not there',
    text: 'target: localhost:1\nschema: { proto: none.proto }\nrequests:\n  - { method: SayHello }\n',
    said: ['2:9: none.proto cannot be loaded'],
  },
  {
    name: 'a data file that is not there',
    text: request('each: { csv: none.csv }'),
    said: ["4:47: there is no file 'none.csv'"],
  },
];

describe('Mistakes in files of requests', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-mistakes-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [row, { name, text, said, args = [], env }] of rows.entries()) {
    it(`tell of ${name}`, async () => {
      // A file of its own: to write over one that was just written can wait for the disk.
      const path = join(folder, `${row}.requests.yaml`);
      writeFileSync(path, text);
      const end = await runInProcess(['test', path, ...args], env === undefined ? {} : { env });
      const lines = end.stderr.trimEnd().split('\n');
      const expected = said.map((one) => `stubless: ${path}:${one}`);
      expect(
        lines.map((line) => line.replace(/(:\d+:\d+: ).*(none\.proto cannot be loaded);.*$/, '$1$2')),
      ).to.deep.equal(expected);
      expect(end).to.include({ status: 1, stdout: '' });
    });
  }

  it(`tell of a file of more than ${MAX_REQUEST_FILE_BYTES} bytes, and take one of as many`, async () => {
    const path = join(folder, 'large.requests.yaml');
    const head = `${HEAD}  - { method: SayHelo }\n#`;
    writeFileSync(path, head.padEnd(MAX_REQUEST_FILE_BYTES, '-'));
    expect((await runInProcess(['test', path])).stderr).to.include("method 'SayHelo' is not known");
    writeFileSync(path, head.padEnd(MAX_REQUEST_FILE_BYTES + 1, '-'));
    const { status, stderr } = await runInProcess(['test', path]);
    expect(stderr).to.equal(`stubless: ${path}:1:1: 8.0 MiB are more than a file may have (8.0 MiB)\n`);
    expect(status).to.equal(1);
  });

  const texts: readonly (readonly [string, string, string])[] = [
    ['JSON that is broken', '{"requests": [}', "1:15: not JSON: expected a value, found '}'"],
    [
      'JSON with a comment',
      '{"target": "127.0.0.1:1", // c\n"requests": []}',
      "1:27: not JSON: expected a property name in double quotes, found '/'",
    ],
    ['an empty file', '', '1:1: the file is empty'],
  ];
  for (const [name, text, said] of texts) {
    it(`tell in JSON's words of ${name}`, async () => {
      const path = join(folder, 'a.requests.json');
      writeFileSync(path, text);
      expect((await runInProcess(['test', path])).stderr).to.equal(`stubless: ${path}:${said}\n`);
    });
  }

  it('tell of a second document', async () => {
    const path = join(folder, 'two.yaml');
    writeFileSync(path, 'requests: []\n---\nrequests: []\n');
    const { stderr } = await runInProcess(['test', path]);
    expect(stderr).to.equal(`stubless: ${path}:2:1: a second document: a file of requests is one\n`);
  });

  it('tell of all files at once', async () => {
    const [a, b] = ['b.requests.yaml', 'c.requests.yaml'].map((name) => join(folder, name));
    writeFileSync(a, `${HEAD}  - { method: SayHelo }\n`);
    writeFileSync(b, 'x: 1\n');
    const { stderr } = await runInProcess(['test', a, b]);
    expect(stderr.split('\n').filter((line) => line.startsWith(`stubless: ${a}`))).to.have.length(1);
    expect(stderr.split('\n').filter((line) => line.startsWith(`stubless: ${b}`))).to.have.length(2);
  });

  it('name a folder without files of requests, and a path with nothing there', async () => {
    const empty = mkdtempSync(join(folder, 'empty-'));
    expect(await runInProcess(['test', empty])).to.include({
      status: 2,
      stderr: `stubless: no file in '${empty}' is called *.requests.yaml, .yml or .json\n`,
    });
    expect(await runInProcess(['test', `${empty}/x.yaml`])).to.include({
      status: 2,
      stderr: `stubless: there is no file or folder '${empty}/x.yaml'\n`,
    });
  });

  it('say what to write in place of FILE#NAME and of a target', async () => {
    const path = join(folder, 'named.requests.yaml');
    writeFileSync(path, `${HEAD}  - { name: a, method: SayHello }\n`);
    expect(await runInProcess(['test', `${path}#a`])).to.include({
      status: 2,
      stderr: `stubless: there is no file or folder '${path}#a'; for one request of a file: stubless test ${path} --grep 'a'\n`,
    });
    expect((await runInProcess(['test', `${path}l`])).stderr).to.equal(
      `stubless: there is no file or folder '${path}l'\n`,
    );
    expect((await runInProcess(['test', 'localhost:1'])).stderr).to.equal(
      "stubless: there is no file or folder 'localhost:1'; files say where they are sent, or --target does\n",
    );
    expect((await runInProcess(['call', path])).stderr).to.include(
      `; for a request of a file: stubless call ${path}#NAME`,
    );
    expect((await runInProcess(['call', `${folder}/none.yaml#a`])).stderr).to.equal(
      `stubless: ${folder}/none.yaml:1:1: there is no file '${folder}/none.yaml'\n`,
    );
  });

  it('stand beside the lines of the file on GitHub', async () => {
    const path = join(folder, 'a.requests.yaml');
    writeFileSync(path, `${HEAD}  - { method: SayHelo }\n`);
    const { stdout } = await runInProcess(['test', path], { env: { GITHUB_ACTIONS: 'true' } });
    expect(stdout).to.equal(
      `::error file=${path},line=4,col=15,title=mistake::method 'SayHelo' is not known; did you mean 'helloworld.Greeter.SayHello'?\n`,
    );
  });
});
