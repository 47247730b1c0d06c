// biome-ignore-all lint/suspicious/noTemplateCurlyInString: files of requests have such variables
// `stubless import`: what becomes of requests of other tools, and what is told of what is not carried over.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { yamlTree } from '../../../lib/cli/request-files/yaml-tree.ts';
import { readRequestFile } from '../../../lib/requests/file/read-request-file.ts';
import { mistakeText, SourceFile } from '../../../lib/requests/file/source-file.ts';
import { startExampleServer } from '../../support/peers/servers.ts';
import { runInProcess } from '../in-process.ts';

interface Row {
  readonly name: string;
  readonly file: string;
  readonly text: string;
  readonly made: unknown;
  readonly lost?: readonly string[];
}

const rows: readonly Row[] = [
  {
    name: 'a grpcurl line',
    file: 'line.txt',
    text: `grpcurl -plaintext -d '{"name":"it'\\''s you"}' localhost:50051 helloworld.Greeter/SayHello\n`,
    made: {
      target: 'localhost:50051',
      requests: [{ name: 'SayHello', method: 'helloworld.Greeter/SayHello', request: { name: "it's you" } }],
    },
  },
  {
    name: 'grpcurl lines of a script, with TLS, files, metadata and streams',
    file: 'calls.sh',
    text: `#!/bin/sh
echo start
grpcurl -H "authorization: Bearer $TOKEN" -rpc-header 'x-id: \${ID}' -proto a.proto -import-path=protos \\
  -max-time 5 -d '{"id": 9007199254740993}
{"id": 2}' api.example.com:443 a.B/C | jq .
grpcurl -insecure -H 'authorization: Bearer eyJhbGciOiJIUzI1NiJ9.x' --d @ example.com:443 a.B.C < x.json
grpcurl -plaintext localhost:1 list
`,
    made: {
      schema: { proto: ['a.proto'], importPath: ['protos'] },
      target: 'api.example.com:443',
      requests: [
        {
          name: 'C',
          method: 'a.B/C',
          metadata: { authorization: 'Bearer ${env:TOKEN}', 'x-id': '${env:ID}' },
          timeout: '5s',
          requests: [{ id: 9007199254740993n }, { id: 2 }],
        },
        {
          name: 'C 2',
          target: 'example.com:443',
          method: 'a.B.C',
          metadata: { authorization: 'Bearer ${env:AUTHORIZATION}' },
        },
      ],
    },
    lost: [
      "6: not carried over: the value of 'authorization', which looks like a secret: set AUTHORIZATION in the environment",
      '6: not carried over: -insecure, which belongs to the target: give it in the config file',
      '6: not carried over: the request, which comes from standard input',
      '7: not carried over: a grpcurl line that calls nothing: localhost:1 list',
    ],
  },
  {
    name: 'several grpcurl lines in one, and in a substitution',
    file: 'several.sh',
    text: `grpcurl -plaintext -H 'x: a;$(b)' localhost:1 a.B/C 2>&1; grpcurl -plaintext localhost:1 a.B/D && echo "a;" | cat
out=$(grpcurl -plaintext localhost:1 a.B/E) || exit 1
`,
    made: {
      target: 'localhost:1',
      requests: [
        { name: 'C', method: 'a.B/C', metadata: { x: 'a;$(b)' } },
        { name: 'D', method: 'a.B/D' },
        { name: 'E', method: 'a.B/E' },
      ],
    },
  },
  {
    name: "grpcurl lines behind one whose quote is never closed, and tells of the shell's substitutions",
    file: 'open.sh',
    text: `grpcurl -plaintext -d '{"a":1} localhost:1 a.B/C
grpcurl -H "x-date: $(date)" -d "{\\"id\\": \\"$ID\\"}" -plaintext \\
  "$HOST:443" a.B/D
${'ls -la\n'.repeat(20_000)}grpcurl -plaintext localhost:1 a.B/E
`,
    made: {
      target: 'http://$HOST:443',
      requests: [
        { name: 'D', method: 'a.B/D', metadata: { 'x-date': '$(date)' }, request: { id: '$ID' } },
        { name: 'E', target: 'localhost:1', method: 'a.B/E' },
      ],
    },
    lost: [
      "1: not carried over: a line that ends in the middle: a ' is never closed",
      '2: not carried over: $(date) of the shell, which stays as it is written',
      '2: not carried over: $ID of the shell, which stays as it is written',
      '2: not carried over: $HOST of the shell, which stays as it is written',
    ],
  },
  {
    name: 'a grpcurl line that Postman made, with its variables',
    file: 'postman.sh',
    text: `grpcurl \\
  -plaintext \\
  -H 'x-api-key: {{apiKey}}' \\
  -d '{
  "name": "{{who}}"
}' \\
  {{host}} \\
  helloworld.Greeter/SayHello
`,
    made: {
      target: 'http://${host}',
      requests: [
        {
          name: 'SayHello',
          method: 'helloworld.Greeter/SayHello',
          metadata: { 'x-api-key': '${apiKey}' },
          request: { name: '${who}' },
        },
      ],
    },
  },
  {
    name: 'GRPC requests of .http files',
    file: 'api.http',
    text: `@host = localhost:50051
@api_token = planted-token-123456

### Greets
// @no-log
GRPC {{host}}/helloworld.Greeter/SayHello
Authorization: Bearer {{token}}

{ "name": "{{who}}", "id": {{id}}, "at": "{{$timestamp}}" }

> {% client.test("x", () => {}); %}

### A stream
# @name chat
GRPC {{host}}/helloworld.Greeter/SayHelloBidiStream

{ "name": "a" }
===
{ "name": "b" }

### Not gRPC
GET http://localhost
`,
    made: {
      target: '${host}',
      variables: { host: 'localhost:50051', api_token: '${env:API_TOKEN}' },
      requests: [
        {
          name: 'Greets',
          method: 'helloworld.Greeter/SayHello',
          metadata: { authorization: 'Bearer ${token}' },
          request: { name: '${who}', id: '${id}', at: '{{$timestamp}}' },
        },
        {
          name: 'chat',
          method: 'helloworld.Greeter/SayHelloBidiStream',
          requests: [{ name: 'a' }, { name: 'b' }],
        },
      ],
    },
    lost: [
      "2: not carried over: the value of 'api_token', which looks like a secret: set API_TOKEN in the environment",
      '5: not carried over: @no-log',
      '11: not carried over: a script',
      '9: not carried over: the variable {{$timestamp}}, which has no counterpart',
      '22: not carried over: a request that is not GRPC: GET http://localhost',
    ],
  },
  {
    name: 'a reply of a .gctf file, and assertions about the same field',
    file: 'both.gctf',
    text: `--- ADDRESS ---
localhost:4770
--- ENDPOINT ---
a.B/C
--- RESPONSE ---
{ "name": "Ada" }
--- ASSERTS ---
.name == "Ada"
.name | length > 2
`,
    made: {
      target: 'localhost:4770',
      requests: [
        {
          name: 'both',
          method: 'a.B/C',
          expect: { reply: { $exactly: { name: { $any: ['Ada'], $length: { $above: 2 } } } } },
        },
      ],
    },
  },
  {
    name: 'a .gctf file',
    file: 'login.gctf',
    text: `--- META ---
name: logs in
summary: and asks
tags: [smoke]
owner: us

--- ADDRESS ---
localhost:4770

--- PROTO ---
files: a.proto, b.proto
import_paths: ./protos

--- OPTIONS ---
timeout: 5
retry: 2

--- ENDPOINT ---
auth.Auth/Login

--- REQUEST ---
{ "user": "a" }

--- RESPONSE partial ---
{ "ok": true }

--- ASSERTS ---
.user.name == "a"
.user.age >= 18
.items | length == 3
.token != null
@header("x-id") == "7"
.a == .b

--- EXTRACT ---
token = .token
id = @header("x-id")

--- ENDPOINT ---
auth.Auth/Get

--- REQUEST_HEADERS ---
authorization: Bearer {{ token }}

--- REQUEST ---
{ "id": "{{ id }}" }

--- ERROR ---
{ "code": 5, "message": "gone" }
`,
    made: {
      target: 'localhost:4770',
      schema: { proto: ['a.proto', 'b.proto'], importPath: ['./protos'] },
      requests: [
        {
          name: 'logs in',
          description: 'and asks',
          tags: ['smoke'],
          method: 'auth.Auth/Login',
          timeout: '5s',
          retry: 2,
          request: { user: 'a' },
          expect: {
            headers: { 'x-id': '7' },
            reply: {
              ok: true,
              user: { name: 'a', age: { $atLeast: 18 } },
              items: { $length: 3 },
              token: { $present: true },
            },
          },
          capture: { token: 'token', id: { header: 'x-id' } },
        },
        {
          name: 'logs in 2',
          tags: ['smoke'],
          method: 'auth.Auth/Get',
          metadata: { authorization: 'Bearer ${token}' },
          request: { id: '${id}' },
          expect: { status: { code: 5, message: 'gone' } },
        },
      ],
    },
    lost: ["5: not carried over: 'owner' of META", '33: not carried over: the assertion .a == .b'],
  },
  {
    name: 'several requests of a .gctf file, with comments and other addresses',
    file: 'chain.gctf',
    text: `// Document 1
--- ADDRESS ---
auth:50051
--- ENDPOINT ---
a.B/Login
--- EXTRACT ---
session = .session

// Document 2: elsewhere
--- ADDRESS ---
localhost:60060
--- REQUEST_HEADERS ---
x-session: {{session}}
--- ENDPOINT ---
a.B/Fetch
--- REQUEST ---
{ "a": 1 }
// Document 3
--- ENDPOINT ---
a.B/More
--- OPTIONS ---
timeout: 3
--- RESPONSE ---
{ "b": 2 }
`,
    made: {
      target: 'http://auth:50051',
      requests: [
        { name: 'chain', method: 'a.B/Login', capture: { session: 'session' } },
        {
          name: 'chain 2',
          target: 'localhost:60060',
          method: 'a.B/Fetch',
          metadata: { 'x-session': '${session}' },
          request: { a: 1 },
        },
        { name: 'chain 3', method: 'a.B/More', timeout: '3s', expect: { reply: { $exactly: { b: 2 } } } },
      ],
    },
  },
  {
    name: 'assertions and options of a .gctf file that patterns say as well',
    file: 'asserts.gctf',
    text: `--- ADDRESS ---
localhost:4770
--- ENDPOINT ---
a.B/C
--- RESPONSE partial tolerance=0.5 unordered_arrays redact=x ---
{ "price": 1.25, "count": 3, "tags": ["a", "b"] }
--- ASSERTS ---
.name startsWith "A.b"
.path | endswith("/c")
.mail | test("@")
.code | contains("x")
@regex(.zip, "^[0-9]+$")
@uuid(.id)
@email(.mail)
@header("content-type") contains "grpc"
@trailer("x-time") != null
!@has_header("x-none")
@elapsed_ms() <= 250
.name startsWith "{{who}}"
`,
    made: {
      target: 'localhost:4770',
      requests: [
        {
          name: 'asserts',
          method: 'a.B/C',
          expect: {
            reply: {
              price: { $near: 1.25, $within: 0.5 },
              count: 3,
              tags: { $unordered: ['a', 'b'] },
              name: { $matches: '^A\\.b' },
              path: { $matches: '/c$' },
              mail: { $matches: '@' },
              code: { $contains: 'x' },
              zip: { $matches: '^[0-9]+$' },
              id: { $matches: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' },
            },
            headers: { 'content-type': { $contains: 'grpc' }, 'x-none': { $present: false } },
            trailers: { 'x-time': { $present: true } },
            within: '250ms',
          },
        },
      ],
    },
    lost: [
      '5: not carried over: the option redact=x of RESPONSE',
      '14: not carried over: the assertion @email(.mail)',
      '19: not carried over: the assertion .name startsWith "{{who}}"',
    ],
  },
  {
    name: "Bruno's YAML",
    file: 'hello.yml',
    text: `info:
  name: say hello
  type: grpc
  seq: 1
grpc:
  url: grpc://{{host}}
  method: /hello.Greeter/SayHello
  methodType: unary
  protoFilePath: ../hello.proto
  metadata:
    - name: x-tenant
      value: "{{tenant}}"
    - name: x-off
      value: a
      disabled: true
  message:
    - title: message 1
      message: '{ "name": "{{process.env.WHO}}" }'
  auth: inherit
runtime:
  scripts:
    - type: tests
      code: test()
docs: Says hello.
`,
    made: {
      target: 'http://${host}',
      schema: { proto: ['../hello.proto'] },
      requests: [
        {
          name: 'say hello',
          description: 'Says hello.',
          method: 'hello.Greeter/SayHello',
          metadata: { 'x-tenant': '${tenant}' },
          request: { name: '${env:WHO}' },
        },
      ],
    },
    lost: [
      "10: not carried over: the metadata 'x-off', which is turned off",
      '20: not carried over: runtime.scripts',
    ],
  },
];

describe('stubless import', function () {
  this.timeout(30_000);

  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-import-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const { name, file, text, made, lost = [] } of rows) {
    it(`takes ${name}`, async () => {
      const path = join(folder, file);
      writeFileSync(path, text);
      const { status, stdout, stderr } = await runInProcess(['import', path]);
      expect(stderr.split('\n').filter(Boolean)).to.deep.equal(lost.map((one) => `stubless: ${path}:${one}`));
      expect(status).to.equal(0);
      const exact = (_key: unknown, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
      const parsed: unknown = parse(stdout, { intAsBigInt: true });
      const plain = (value: unknown): unknown =>
        JSON.parse(JSON.stringify(value, exact).replace(/"(-?\d{1,15})n"/g, '$1'));
      expect(plain(parsed)).to.deep.equal(plain(made));
      const source = new SourceFile('made.requests.yaml', stdout);
      const tree = yamlTree(source);
      if (tree !== undefined) readRequestFile(source, tree);
      expect(source.mistakes.map(mistakeText)).to.deep.equal([]);
    });
  }

  it('takes a line from standard input to a test that passes', async () => {
    const server = await startExampleServer({ reflection: true });
    try {
      const path = join(folder, 'made.requests.yaml');
      const stdin = `  501  grpcurl -plaintext -d '{"name":"you"}' localhost:${server.port} helloworld.Greeter/SayHello\n`;
      const end = await runInProcess(['import', '--to', path], { stdin });
      expect(end).to.deep.equal({ status: 0, stdout: '', stderr: `stubless: 1 request in ${path}\n` });
      expect((await runInProcess(['test', path])).stdout).to.include('1 passed');
      expect(await runInProcess(['import', '--to', path], { stdin })).to.include({
        status: 2,
        stderr: `stubless: ${path} is there already; give another name with --to\n`,
      });
      expect(readFileSync(path, 'utf8')).to.include('# yaml-language-server');
    } finally {
      await server.close();
    }
  });

  it('says so where there is nothing to take', async () => {
    expect(await runInProcess(['import'], { stdin: 'curl example.com\n' })).to.include({
      status: 1,
      stderr: 'stubless: no gRPC requests in standard input; of command lines, those of grpcurl are taken\n',
    });
    const others: readonly (readonly [file: string, text: string, told: string])[] = [
      [
        'collection.json',
        '{ "info": { "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json" } }',
        "; Postman's exports have none: copy each request as grpcurl (its code snippet), and pipe that in",
      ],
      [
        'a.hurl',
        'GET http://localhost\n',
        "; hurl's are HTTP; docs/requests.md says what its words are called here",
      ],
      ['a.txt', 'nothing\n', ''],
    ];
    for (const [file, text, told] of others) {
      const path = join(folder, file);
      writeFileSync(path, text);
      const { stderr } = await runInProcess(['import', path]);
      expect(stderr).to.equal(`stubless: no gRPC requests in ${path}${told}\n`);
    }
    expect((await runInProcess(['import'], { stdin: '' })).status).to.equal(2);
    expect(await runInProcess(['import', "grpcurl -d '{}' localhost:1 a.B/C"])).to.include({
      status: 2,
      stderr: 'stubless: pipe grpcurl lines in, or give a file of them: pbpaste | stubless import\n',
    });
    expect((await runInProcess(['import', join(folder, 'none.http')])).stderr).to.include('cannot read');
  });
});
