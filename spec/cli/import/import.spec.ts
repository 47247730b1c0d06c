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
import { BRUNO_ROWS } from './bruno-rows.ts';
import { GCTF_ROWS } from './gctf-rows.ts';
import type { ImportRow } from './import-row.ts';

const rows: readonly ImportRow[] = [
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
      target: 'api.example.com:443',
      requests: [
        {
          name: 'C',
          schema: { proto: ['a.proto'], importPath: ['protos'] },
          method: 'a.B/C',
          metadata: { authorization: 'Bearer ${env:TOKEN}', 'x-id': '${env:ID}' },
          timeout: '5s',
          requests: [{ id: 9007199254740993n }, { id: 2 }],
        },
        {
          name: 'C 2',
          target: 'example.com:443',
          schema: { reflect: true },
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
    name: 'grpcurl lines with schemas of their own',
    file: 'schemas.sh',
    text: `grpcurl -plaintext -proto a.proto localhost:1 a.B/C
grpcurl -plaintext localhost:1 a.B/D
grpcurl -plaintext -protoset b.bin localhost:1 a.B/E
`,
    made: {
      target: 'localhost:1',
      requests: [
        { name: 'C', schema: { proto: ['a.proto'] }, method: 'a.B/C' },
        { name: 'D', schema: { reflect: true }, method: 'a.B/D' },
        { name: 'E', schema: { protoset: ['b.bin'] }, method: 'a.B/E' },
      ],
    },
  },
  ...GCTF_ROWS,
  ...BRUNO_ROWS,
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
