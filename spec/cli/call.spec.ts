// `stubless call` against a server without reflection, as a process: what it prints, and how it ends.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/servers.ts';
import { type CliEnd, endOf, runCli, startCli } from './run-cli.ts';

const PROTOS = ['--proto', 'protos/helloworld.proto', '--proto', 'protos/route_guide.proto'];

describe('stubless call', function () {
  this.timeout(30_000);

  let server: Awaited<ReturnType<typeof startExampleServer>>;
  let folder = '';
  before(async () => {
    server = await startExampleServer();
    folder = mkdtempSync(join(tmpdir(), 'stubless-cli-'));
    writeFileSync(join(folder, 'points.jsonl'), '{"latitude":1}\n{"latitude":2,"longitude":3}\n');
    writeFileSync(join(folder, 'bad.jsonl'), '{"latitude":1}\n{"latitude":1\n,}\n');
  });
  after(async () => {
    rmSync(folder, { recursive: true, force: true });
    await server.close();
  });

  const call = (args: readonly string[], stdin?: string): Promise<CliEnd> =>
    runCli(['call', `localhost:${server.port}`, ...args, ...PROTOS], stdin === undefined ? {} : { stdin });

  interface Row {
    readonly name: string;
    readonly args: readonly string[] | (() => readonly string[]);
    readonly stdin?: string;
    readonly stdout?: string;
    readonly stderr?: string | RegExp;
    readonly status?: number;
  }
  const rows: Row[] = [
    { name: 'sends fields as words', args: ['SayHello', 'name=you'], stdout: '{"message":"Hello you"}\n' },
    { name: 'sends JSON', args: ['SayHello', '-d', '{"name":"Ada"}'], stdout: '{"message":"Hello Ada"}\n' },
    {
      name: 'sends an empty message when nothing is given',
      args: ['SayHello'],
      stdout: '{"message":"Hello "}\n',
    },
    {
      name: 'prints indented JSON when asked',
      args: ['SayHello', 'name=a', '-o', 'json'],
      stdout: '{\n  "message": "Hello a"\n}\n',
    },
    {
      name: 'prints text format',
      args: ['SayHello', 'name=a', '-o', 'text'],
      stdout: 'message: "Hello a"\n',
    },
    { name: 'prints binary', args: ['SayHello', 'name=a', '-o', 'binary'], stdout: '\n\x07Hello a' },
    {
      name: 'reads text format',
      args: ['SayHello', '--input', 'text', '-d', 'name: "t"'],
      stdout: '{"message":"Hello t"}\n',
    },
    {
      name: 'reads binary',
      args: ['SayHello', '--input', 'binary', '-d', '-'],
      stdin: '\n\x01b',
      stdout: '{"message":"Hello b"}\n',
    },
    {
      name: 'sets fields of messages inside',
      args: [
        'ListFeatures',
        'lo.latitude=413628156',
        'lo.longitude=-749015468',
        'hi={"latitude":413628156,"longitude":-749015468}',
      ],
      stdout:
        '{"name":"U.S. 6, Shohola, PA 18458, USA","location":{"latitude":413628156,"longitude":-749015468}}\n',
    },
    {
      name: 'shows defaults when asked',
      args: ['GetFeature', 'latitude=1', '--emit-defaults'],
      stdout: '{"name":"","location":{"latitude":1,"longitude":0}}\n',
    },
    {
      name: 'shows names of the .proto when asked',
      args: ['RecordRoute', '--proto-names', '-d', '[{"latitude":1},{"latitude":1}]'],
      stdout: '{"point_count":2}\n',
    },
    {
      name: 'streams requests from a file',
      args: () => ['RecordRoute', '-d', `@${join(folder, 'points.jsonl')}`],
      stdout: '{"pointCount":2}\n',
    },
    {
      name: 'streams requests from standard input, in any layout',
      args: ['SayHelloBidiStream', '-d', '-'],
      stdin: '{"name":"a"}{"name":\n"b"}\n\n{"name":"c"}',
      stdout: '{"message":"Hello a"}\n{"message":"Hello b"}\n{"message":"Hello c"}\n',
    },
    {
      name: 'separates texts of a stream so that they can be read again',
      args: ['SayHelloBidiStream', '--input', 'text', '-o', 'text', '-d', '-'],
      stdin: 'name: "a"\n# ---\nname: "b"\n',
      stdout: 'message: "Hello a"\n# ---\nmessage: "Hello b"\n',
    },
    {
      name: 'puts lengths before binary messages of a stream, both ways',
      args: ['SayHelloBidiStream', '--input', 'binary', '-o', 'binary', '-d', '-'],
      stdin: '\x03\n\x01a\x03\n\x01b',
      stdout: '\x09\n\x07Hello a\x09\n\x07Hello b',
    },
    {
      name: 'passes over unknown fields when asked',
      args: ['SayHello', '--allow-unknown', '-d', '{"name":"x","nope":1}'],
      stdout: '{"message":"Hello x"}\n',
    },

    {
      name: 'ends with 64 + the code of a failed call',
      args: ['SayHello', 'name=nobody'],
      status: 69,
      stderr: 'stubless: NOT_FOUND: no greeting for nobody\n',
    },
    {
      name: 'ends with the code of a deadline',
      args: ['SayHello', 'name=sleepy', '--timeout', '300ms'],
      status: 68,
      stderr: /^stubless: DEADLINE_EXCEEDED: .*\n$/,
    },
    {
      name: 'names the nearest method',
      args: ['SayHelo'],
      status: 1,
      stderr: /^stubless: .*'SayHelo'.* did you mean 'helloworld\.Greeter\.SayHello'.*\n$/,
    },
    {
      name: 'names the nearest field',
      args: ['SayHello', 'nam=you'],
      status: 1,
      stderr: /^stubless: nam: .*did you mean 'name'\?\n$/,
    },
    {
      name: 'says where JSON is wrong',
      args: ['SayHello', '-d', '{"name": you}'],
      status: 1,
      stderr: 'stubless: -d: not JSON: 1:10: expected a value, found "you"\n',
    },
    {
      name: 'says in which line of a file',
      args: () => ['RecordRoute', '-d', `@${join(folder, 'bad.jsonl')}`],
      status: 1,
      stderr: /bad\.jsonl: not JSON: 3:2: expected a property name in double quotes, found "}"\n$/,
    },
    {
      name: 'says what a value should be',
      args: ['GetFeature', 'latitude=north'],
      status: 1,
      stderr: /^stubless: latitude: expected .*int32.*'north'\n$/,
    },
    {
      name: 'asks for -d before JSON',
      args: ['SayHello', '{"name":"x"}'],
      status: 2,
      stderr: /a JSON message needs -d in front/,
    },
    {
      name: 'takes one message where the method takes one',
      args: ['SayHello', '-d', '{}{}'],
      status: 2,
      stderr: /takes one request/,
    },
    { name: 'takes words or -d', args: ['SayHello', 'name=a', '-d', '{}'], status: 2, stderr: /not both/ },
    {
      name: 'refuses unknown options, with the nearest',
      args: ['SayHello', '--verbos'],
      status: 2,
      stderr: /unknown option '--verbos'; did you mean --verbose\?/,
    },
    {
      name: 'refuses forms that there are not',
      args: ['SayHello', '-o', 'yaml'],
      status: 2,
      stderr: /is one of json, jsonl, text, binary, full, not 'yaml'/,
    },
    {
      name: 'says what a time looks like',
      args: ['SayHello', '--timeout', 'soon'],
      status: 2,
      stderr: /'soon' is not a time; write 500ms/,
    },
    {
      name: 'says which variable is not set',
      args: ['SayHello', '-H', `x: \${STUBLESS_NOT_SET}`],
      status: 2,
      stderr: /asks for \$\{STUBLESS_NOT_SET\}, which is not set/,
    },
    {
      name: 'names a file that is not there',
      args: ['SayHello', '-d', '@/nonexistent/x.json'],
      status: 1,
      stderr: /cannot read \/nonexistent\/x\.json/,
    },
    {
      name: 'tells TLS that the server speaks plaintext',
      args: ['SayHello', '--tls'],
      status: 78,
      stderr: /speaks plaintext.*use --plaintext/,
    },
  ];
  for (const { name, args, stdin, stdout = '', stderr = '', status = 0 } of rows) {
    it(name, async () => {
      const end = await call(typeof args === 'function' ? args() : args, stdin);
      expect(end.stdout).to.equal(stdout);
      if (typeof stderr === 'string') expect(end.stderr).to.equal(stderr);
      else expect(end.stderr).to.match(stderr);
      expect(end.status).to.equal(status);
    });
  }

  it('says how to give files when there is no reflection', async () => {
    const { status, stderr } = await runCli(['call', `localhost:${server.port}`, 'SayHello']);
    expect(status).to.equal(1);
    expect(stderr).to.match(
      /^stubless: .*reflection.*; give its schema with --proto FILE .*--protoset FILE\n$/,
    );
  });

  it('sends headers, with variables of the environment, and prints those that come back with -v', async () => {
    const { stdout, stderr, status } = await runCli(
      [
        'call',
        `localhost:${server.port}`,
        'SayHello',
        'name=a',
        '-v',
        '-H',
        `x-request-id: \${ID}`,
        ...PROTOS,
      ],
      { env: { ID: '77' } },
    );
    expect([status, stdout]).to.deep.equal([0, '{"message":"Hello a"}\n']);
    expect(stderr).to.match(/^< x-request-id: 77$/m);
    expect(stderr).to.match(/^< status: 0 OK/m);
    expect(stderr).to.match(/^< x-served-by: grpc-js$/m);
    expect(stderr).to.match(/^\* sent 1 message \(3 bytes\), received 1 message \(9 bytes\)$/m);
    expect(stderr).to.match(/^\* time: /m);
  });

  it('prints the whole call as one JSON object', async () => {
    const { stdout, status } = await call(['SayHello', 'name=nobody', '-o', 'full']);
    expect(status).to.equal(69);
    const document: Record<string, unknown> = JSON.parse(stdout);
    expect(document).to.deep.include({
      method: '/helloworld.Greeter/SayHello',
      cardinality: 'unary_unary',
      request: { messages: [{ name: 'nobody' }], count: 1, bytes: 8 },
      messages: [],
      trailers: { 'x-served-by': 'grpc-js' },
      status: { code: 5, codeName: 'NOT_FOUND', details: 'no greeting for nobody', origin: 'server' },
    });
    expect(document['timingMs']).to.have.all.keys('schema', 'headers', 'end');
  });

  it('answers each request of a stream as it arrives', async () => {
    const child = startCli(['call', `localhost:${server.port}`, 'SayHelloBidiStream', '-d', '-', ...PROTOS]);
    const ended = endOf(child);
    child.stdin.write('{"name":"first"}\n');
    const first = await new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data))));
    expect(first).to.equal('{"message":"Hello first"}\n');
    child.stdin.end('{"name":"second"}');
    expect(await ended).to.deep.include({ status: 0, stderr: '' });
  });

  it('cancels at Ctrl-C, and ends with 130', async () => {
    const child = startCli(['call', `localhost:${server.port}`, 'SayHelloBidiStream', '-d', '-', ...PROTOS]);
    const ended = endOf(child);
    child.stdin.write('{"name":"first"}\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect(await ended).to.deep.include({ status: 130, stderr: '' });
  });

  it('ends without a word when nobody reads its output', async () => {
    const child = startCli(['call', `localhost:${server.port}`, 'SayHelloBidiStream', '-d', '-', ...PROTOS]);
    const ended = endOf(child);
    child.stdin.on('error', () => {});
    child.stdin.write('{"name":"first"}\n');
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.stdout.destroy();
    child.stdin.write('{"name":"second"}\n');
    expect(await ended).to.deep.include({ status: 0, stderr: '' });
  });
});
