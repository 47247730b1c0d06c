// `stubless call` against a server without reflection: what it prints, and how it ends.

import { hasSubscribers } from 'node:diagnostics_channel';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { startExampleServer } from '../support/peers/servers.ts';
import { runInProcess } from './in-process.ts';
import { endOf, runCli, startCli } from './run-cli.ts';

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

  const call = (args: readonly string[], stdin = '', run: typeof runCli = runInProcess) =>
    run(['call', `localhost:${server.port}`, ...args, ...PROTOS], { stdin });

  interface Row {
    readonly name: string;
    readonly args: readonly string[] | (() => readonly string[]);
    readonly stdin?: string;
    readonly stdout?: string;
    readonly stderr?: string | RegExp;
    readonly status?: number;
    /** Runs the command as it was built, too, in a process of its own. */
    readonly asProcess?: true;
  }
  const rows: Row[] = [
    {
      name: 'sends fields as words',
      args: ['SayHello', 'name=you'],
      stdout: '{"message":"Hello you"}\n',
      asProcess: true,
    },
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
      asProcess: true,
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
      asProcess: true,
      args: ['SayHelloBidiStream', '-d', '-'],
      stdin: '{"name":"a"}{"name":\n"b"}\n\n{"name":"c"}',
      stdout: '{"message":"Hello a"}\n{"message":"Hello b"}\n{"message":"Hello c"}\n',
    },
    {
      name: 'takes an empty line inside a message that is piped in for white space',
      args: ['RecordRoute'],
      stdin: '{\n"latitude":1\n\n}\n\n{}',
      stdout: '{"pointCount":2}\n',
    },
    {
      name: 'separates texts of a stream so that they can be read again',
      args: ['SayHelloBidiStream', '--input', 'text', '-o', 'text', '-d', '-'],
      stdin: 'name: "a"\n# ---\nname: "b"\n',
      stdout: 'message: "Hello a"\n# ---\nmessage: "Hello b"\n',
    },
    {
      name: 'puts lengths before binary messages of a stream, both ways',
      asProcess: true,
      args: ['SayHelloBidiStream', '--input', 'binary', '-o', 'binary', '-d', '-'],
      stdin: '\x03\n\x01a\x03\n\x01b',
      stdout: '\x09\n\x07Hello a\x09\n\x07Hello b',
    },
    {
      name: 'takes what is piped in for the request',
      args: ['SayHello'],
      stdin: '{"name":"p"}\n',
      stdout: '{"message":"Hello p"}\n',
    },
    {
      name: 'takes what is piped in for a request stream',
      args: ['SayHelloBidiStream'],
      stdin: '{"name":"a"}{"name":"b"}',
      stdout: '{"message":"Hello a"}\n{"message":"Hello b"}\n',
    },
    {
      name: 'takes text format that is piped in',
      args: ['SayHello', '--input', 'text'],
      stdin: 'name: "t"',
      stdout: '{"message":"Hello t"}\n',
    },
    {
      name: 'takes binary messages that are piped in',
      args: ['SayHello', '--input', 'binary'],
      stdin: '\n\x01b',
      stdout: '{"message":"Hello b"}\n',
    },
    {
      name: 'takes an empty pipe for an empty stream',
      args: ['SayHelloBidiStream'],
      stdin: '',
    },
    {
      name: 'leaves alone what is piped in beside words: a loop of the shell may need it',
      args: ['SayHello', 'name=w'],
      stdin: 'the next line\n',
      stdout: '{"message":"Hello w"}\n',
    },
    {
      name: 'says why it read what is piped in and no request',
      asProcess: true,
      args: ['SayHello'],
      stdin: 'host-1\nhost-2\n',
      status: 1,
      stderr:
        /^stubless: standard input: not JSON: 1:1: .* \(it was read as the request, since neither .*; to skip it, use < \/dev\/null\)\n$/,
    },
    {
      name: 'says that more was piped in than the method takes',
      args: ['SayHello'],
      stdin: '{}{}',
      status: 2,
      stderr: /takes one request, but standard input holds more; call it once for each\n$/,
    },
    ...['-', '@', '@-'].map((data) => ({
      name: `reads standard input with -d ${data}`,
      args: ['SayHello', '-d', data],
      stdin: '{"name":"s"}',
      stdout: '{"message":"Hello s"}\n',
    })),
    {
      name: 'ends well when so many replies have come as are wanted',
      args: ['SayHelloBidiStream', '-d', '{"name":"a"}{"name":"b"}{"name":"c"}', '--max-messages', '2'],
      stdout: '{"message":"Hello a"}\n{"message":"Hello b"}\n',
    },
    {
      name: 'gets all replies where fewer come',
      args: ['SayHelloBidiStream', '-d', '{"name":"a"}', '--max-messages', '2'],
      stdout: '{"message":"Hello a"}\n',
    },
    ...(
      [
        [['latitude=1', 'latitude=1'], 'latitude'],
        [['latitude=1', 'latitude:=2'], 'latitude'],
      ] as const
    ).map(([words, path]) => ({
      name: `refuses ${words.join(' ')}: one would be dropped`,
      args: ['GetFeature', ...words],
      status: 2,
      stderr: `stubless: ${words[1]}: ${path} is set twice, and holds one value\n`,
    })),
    ...(
      [
        [['lo.latitude=1', 'lo.latitude=2'], 'lo.latitude'],
        [['lo={"latitude":1}', 'lo.latitude=2'], 'lo.latitude'],
        [['lo.latitude=2', 'lo={"longitude":1}'], 'lo'],
      ] as const
    ).map(([words, path]) => ({
      name: `refuses ${words.join(' ')}: one would be dropped`,
      args: ['ListFeatures', ...words],
      status: 2,
      stderr: `stubless: ${words[1]}: ${path} is set twice, and holds one value\n`,
    })),
    {
      name: 'passes over unknown fields when asked',
      args: ['SayHello', '--allow-unknown', '-d', '{"name":"x","nope":1}'],
      stdout: '{"message":"Hello x"}\n',
    },

    {
      name: 'ends with 64 + the code of a failed call',
      asProcess: true,
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
      stderr: "stubless: -d: not JSON: 1:10: expected a value, found 'y'\n",
    },
    {
      name: 'says in which line of a file',
      args: () => ['RecordRoute', '-d', `@${join(folder, 'bad.jsonl')}`],
      status: 1,
      stderr: /bad\.jsonl: not JSON: 3:2: the last ',' before '}' is one too many\n$/,
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
    {
      name: 'reads standard input once',
      args: ['SayHelloBidiStream', '-d', '-', '-d', '@'],
      stdin: '{}',
      status: 2,
      stderr: /standard input can be read only once/,
    },
    { name: 'takes words or -d', args: ['SayHello', 'name=a', '-d', '{}'], status: 2, stderr: /not both/ },
    {
      name: 'refuses unknown options, with the nearest',
      args: ['SayHello', '--verbos'],
      status: 2,
      stderr: /unknown option '--verbos'; did you mean --verbose\? See 'stubless call --help'\n$/,
    },
    {
      name: 'refuses forms that there are not',
      args: ['SayHello', '-o', 'yaml'],
      status: 2,
      stderr: /must be one of json, jsonl, text, binary, full, not 'yaml'/,
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
      stderr: /uses \$\{STUBLESS_NOT_SET\}, which is not set/,
    },
    {
      name: 'names a file that is not there',
      args: ['SayHello', '-d', '@/nonexistent/x.json'],
      status: 1,
      stderr: /cannot read \/nonexistent\/x\.json/,
    },
    {
      name: 'tells TLS that the server speaks plaintext',
      asProcess: true,
      args: ['SayHello', '--tls'],
      status: 78,
      stderr: /speaks plaintext.*use --plaintext/,
    },
  ];
  for (const { name, args, stdin, stdout = '', stderr = '', status = 0, asProcess } of rows) {
    it(name, async () => {
      for (const run of asProcess ? [runInProcess, runCli] : [runInProcess]) {
        const end = await call(typeof args === 'function' ? args() : args, stdin, run);
        expect(end.stdout).to.equal(stdout);
        if (typeof stderr === 'string') expect(end.stderr).to.equal(stderr);
        else expect(end.stderr).to.match(stderr);
        expect(end.status).to.equal(status);
      }
    });
  }

  it('ends with OK when so many replies have come as are wanted, and says why', async () => {
    const args = ['call', `localhost:${server.port}`, 'SayHelloBidiStream', ...PROTOS, '-d', '-'];
    const child = startCli([...args, '--max-messages', '2', '-o', 'full', '-v']);
    // The requests do not end, and so the server does not end the call.
    child.stdin.write('{}{}');
    const { status, stdout, stderr } = await endOf(child);
    expect(JSON.parse(stdout)).to.deep.include({
      messages: [{ message: 'Hello ' }, { message: 'Hello ' }],
      status: {
        code: 0,
        codeName: 'OK',
        details: 'ended after 2 replies, because of --max-messages',
        origin: 'client',
      },
    });
    expect(stderr).to.include('< status: 0 OK, ended after 2 replies, because of --max-messages');
    expect(status).to.equal(0);
  });

  it('says how to give files when there is no reflection', async () => {
    const { status, stderr } = await runInProcess(['call', `localhost:${server.port}`, 'SayHello']);
    expect(status).to.equal(1);
    expect(stderr).to.match(
      /^stubless: .*reflection.*; give its schema with --proto FILE .*--protoset FILE\n$/,
    );
  });

  it('sends headers, with variables of the environment, and prints those that come back with -v', async () => {
    const { stdout, stderr, status } = await runInProcess(
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

  it('hides with -v what looks like a secret', async () => {
    const { stderr } = await call(['SayHello', '-v', '-H', 'x-request-id: Bearer hunter2']);
    expect(stderr).to.match(/^< x-request-id: <redacted>$/m);
    expect(stderr).to.not.include('hunter2');
  });

  it('watches frames with -vv, and no longer than it runs', async () => {
    for (const name of ['Ada', 'nobody']) {
      const { stderr } = await call(['SayHello', `name=${name}`, '-vv']);
      expect(stderr).to.match(/^> HEADERS END_HEADERS stream 1, /m);
      expect(stderr.match(/^> SETTINGS/gm)).to.have.length(2);
      expect(hasSubscribers('stubless:frame'), name).to.equal(false);
      expect(hasSubscribers('stubless:connection.ready'), name).to.equal(false);
    }
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

  it('takes an open pipe to which nobody writes for an empty request, and says so', async () => {
    const child = startCli(['call', `localhost:${server.port}`, 'SayHello', ...PROTOS]);
    const end = await endOf(child);
    expect([end.status, end.stdout]).to.deep.equal([0, '{"message":"Hello "}\n']);
    expect(end.stderr).to.equal(
      'stubless: nothing came on standard input within 2 s, so the request is empty; to wait for it, use -d -; to skip it, use < /dev/null\n',
    );
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
