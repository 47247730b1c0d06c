// The other commands, as they were built, against a server with reflection and health, in plaintext, TLS and over a Unix
// socket; and what a newcomer's mistakes are answered with.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { TestServer } from '../../lib/testing/index.ts';
import { certificatePath, grpcServer, type SecureServer } from '../channel/socket/tls/secure-servers.ts';
import { closing } from '../support/closing.ts';
import { listenHttp2 } from '../support/peers/peer.ts';
import { runInProcess } from './in-process.ts';
import { type CliEnd, endOf, runCli, startCli } from './run-cli.ts';

const ESCAPES = '\x1b[2J\x07\u009b31m\u202e';

describe('stubless, its commands', function () {
  this.timeout(60_000);

  let server: TestServer;
  const open = closing();
  let folder = '';
  let target = '';
  let socket = '';
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-cli-'));
    server = new TestServer(
      'protos/helloworld.proto',
      {
        SayHello: ({ name }: { name: string }, call: { metadata: { get(name: string): unknown } }) => ({
          message: name === 'terminal' ? ESCAPES : `Hello ${name}${call.metadata.get('authorization') ?? ''}`,
        }),
      },
      { reflection: true, health: true },
    );
    target = (await server.listen()).target;
    socket = join(folder, 's.sock');
    await server.listen({ path: socket });
    writeFileSync(
      join(folder, 'changed.proto'),
      'syntax = "proto3"; package helloworld;\nservice Greeter { rpc SayHello (HelloRequest) returns (HelloReply); }\n' +
        'message HelloRequest { int32 name = 1; }\nmessage HelloReply { string message = 1; }\n',
    );
    writeFileSync(
      join(folder, 'stubless.config.json'),
      JSON.stringify({
        timeout: '5s',
        targets: { here: { address: target, headers: { Authorization: `\${CLI_SPEC_TOKEN}` } } },
      }),
    );
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a command prints that ends well. As it was built, in a process of its own, or in this one, which is quicker. */
  const ok = async (args: readonly string[], run: typeof runCli = runInProcess): Promise<string> => {
    const end = await run(args);
    expect(end.stderr).to.equal('');
    expect(end.status).to.equal(0);
    return end.stdout;
  };

  it('list names services, and the methods of one', async () => {
    expect(await ok(['list', target], runCli)).to.match(/^(?:grpc\..+\n)*helloworld\.Greeter\n/m);
    expect(await ok(['list', target, 'Greeter'])).to.include('helloworld.Greeter.SayHello\n');
    expect(await ok(['list', target, 'helloworld.Greeter', '-l'])).to.include(
      'helloworld.Greeter.SayHello(helloworld.HelloRequest) returns (helloworld.HelloReply)\n',
    );
    const [greeter] = JSON.parse(await ok(['list', 'protos/helloworld.proto', '--json']));
    expect(greeter).to.include({ fullName: 'helloworld.Greeter' });
  });

  it('describe gives .proto source with comments, JSON, and a request to fill in', async () => {
    expect(await ok(['describe', 'protos/helloworld.proto', 'HelloRequest'], runCli)).to.match(
      /^\/\/ message helloworld\.HelloRequest, helloworld\.proto\n[\s\S]*message HelloRequest \{\n[\s\S]*string name = 1;\n[\s\S]*\}\n$/,
    );
    expect(await ok(['describe', target, 'SayHello', '--template'])).to.equal('{\n  "name": ""\n}\n');
    expect(JSON.parse(await ok(['describe', target, 'SayHello', '--json']))).to.include({ kind: 'method' });
  });

  it('export writes what can be loaded again', async () => {
    const set = join(folder, 'all.binpb');
    await ok(['export', target, '--protoset-out', set, '--service', 'helloworld.Greeter'], runCli);
    expect(await ok(['list', set])).to.equal('helloworld.Greeter\n');
    // Standard output is a socket here, which has no path.
    const piped = join(folder, 'piped.binpb');
    const words = ['dist/cli.cjs', 'export', 'protos/helloworld.proto', '--protoset-out', '-'];
    writeFileSync(piped, spawnSync(process.execPath, words).stdout);
    expect(await ok(['list', piped])).to.equal('helloworld.Greeter\n');
    const { status, stderr } = await runInProcess([
      'export',
      'protos/helloworld.proto',
      '--proto-out',
      join(folder, 'out'),
    ]);
    expect([status, stderr]).to.deep.equal([0, 'helloworld.proto\n']);
    expect(readdirSync(join(folder, 'out'))).to.deep.equal(['helloworld.proto']);
  });

  it('describe and export give JSON Schema and OpenAPI', async () => {
    const schema = JSON.parse(await ok(['describe', target, 'SayHello', '--json-schema'])) as object;
    expect(schema).to.include({ $ref: '#/$defs/helloworld.HelloRequest' });
    const reply = await ok(['describe', target, 'SayHello', '--json-schema', '--direction', 'output']);
    expect(JSON.parse(reply)).to.include({ $ref: '#/$defs/helloworld.HelloReply' });
    const schemas = join(folder, 'schemas');
    const exported = await runCli(['export', 'protos/helloworld.proto', '--json-schema', schemas]);
    expect([exported.status, exported.stderr]).to.deep.equal([
      0,
      'helloworld.HelloReply.json\nhelloworld.HelloRequest.json\n',
    ]);
    expect(readdirSync(schemas)).to.deep.equal([
      'helloworld.HelloReply.json',
      'helloworld.HelloRequest.json',
    ]);
    const api = join(folder, 'api.json');
    await ok(['export', target, '--openapi', api, '--service', 'helloworld.Greeter']);
    const paths = Object.keys((JSON.parse(readFileSync(api, 'utf8')) as { readonly paths: object }).paths);
    expect(paths).to.include('/helloworld.Greeter/SayHello');
    const yaml = join(folder, 'api.yaml');
    await ok(['export', target, '--openapi', yaml, '--service', 'helloworld.Greeter']);
    const written = readFileSync(yaml, 'utf8');
    expect(written).to.match(/^openapi: 3\.1\.0\n/);
    expect(parse(written)).to.deep.equal(JSON.parse(readFileSync(api, 'utf8')));
    expect(await ok(['export', target, '--openapi', '-', '--openapi-paths', 'http'])).to.include('Left out');
    const wrong: readonly (readonly string[])[] = [
      ['describe', target, 'SayHello', '--json-schema', '--template'],
      ['describe', target, 'SayHello', '--direction', 'output'],
      ['describe', target, '--json-schema'],
      ['export', target, '--openapi', '-', '--direction', 'input'],
      ['export', target, '--proto-out', folder, '--openapi-paths', 'http'],
      ['export', target, '--openapi', '-', '--protoset-out', '-'],
    ];
    for (const words of wrong) expect((await runInProcess(words)).status, words.join(' ')).to.equal(2);
  });

  it('types writes declarations', async () => {
    const out = join(folder, 'services.d.ts');
    await ok(['types', target, '--out', out], runCli);
    expect(readFileSync(out, 'utf8'))
      .to.equal(await ok(['types', target]))
      .and.include('interface Services');
  });

  it('diff finds nothing between a server and what it serves, and names what breaks', async () => {
    const same = await runInProcess([
      'diff',
      target,
      'protos/helloworld.proto',
      '--level',
      'wire',
      '--breaking',
      '--json',
    ]);
    expect(same.stdout.split('\n').filter((line) => line.includes('helloworld'))).to.deep.equal([]);
    const changed = await runCli([
      'diff',
      'protos/helloworld.proto',
      '--proto',
      join(folder, 'changed.proto'),
      '--level',
      'wire',
      '--breaking',
    ]);
    expect(changed.status).to.equal(1);
    expect(changed.stdout).to.include(
      'wire   helloworld.HelloRequest.name: string is now int32 (FIELD_TYPE_CHANGED)\n',
    );
    expect(changed.stdout).to.include('(METHOD_REMOVED)');
  });

  it('health says whether it serves, by its exit status too', async () => {
    expect(await ok(['health', target], runCli)).to.equal('SERVING\n');
    expect(await ok(['health', target, '--quiet'])).to.equal('');
    expect(await runCli(['health', target, 'no.Such'])).to.deep.include({ status: 69, stdout: '' });
    expect(await runInProcess(['health', 'localhost:1'])).to.deep.include({ status: 78, stdout: '' });
  });

  it('health names the service that a server knows nothing of, where the server says only NOT_FOUND', async () => {
    const silent = createHttp2Server();
    silent.on('stream', (stream) => {
      stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '5' }, { endStream: true });
    });
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const sessions: ServerHttp2Session[] = [];
    silent.on('session', (session) => sessions.push(session));
    const { status, stderr } = await runInProcess(['health', `127.0.0.1:${port}`, 'no.Such']);
    // A command's connections end with its process, which is not this one's.
    for (const session of sessions) session.destroy();
    silent.close();
    expect(stderr).to.equal("stubless: NOT_FOUND: the server's health service does not know 'no.Such'\n");
    expect(status).to.equal(69);
  });

  it('health says what to ask a server without a health service', async () => {
    const peer = open(
      await listenHttp2((request) => request.head().status(12, 'grpc-message', 'unknown service')),
    );
    for (const watch of [[], ['--watch']]) {
      const { status, stderr } = await runInProcess(['health', peer.target, ...watch]);
      expect(stderr).to.match(
        /^stubless: UNIMPLEMENTED: unknown service \(the server has no health service.*; 'stubless ping' tells whether it answers, 'stubless list' what it has\)\n$/,
      );
      expect(status).to.equal(76);
    }
  });

  it('health --watch tells changes until it is interrupted', async () => {
    const child = startCli(['health', target, '--watch']);
    const ended = endOf(child);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    child.kill('SIGINT');
    expect(await ended).to.deep.equal({ status: 130, stdout: 'SERVING\n', stderr: '' });
  });

  it('ping connects, and says what answered', async () => {
    expect(await ok(['ping', target, '-n', '2', '-i', '1ms'], runCli)).to.match(
      /^connected to 127\.0\.0\.1:\d+ \(plaintext, HTTP\/2\); first answer after [\s\S]*server's settings: [\s\S]*gRPC: answers\nround trip 1: .* ms\nround trip 2: .* ms\n2 round trips: min /,
    );
    expect(await ok(['ping', target, '-n', '2', '-i', 'none'])).to.match(/\n2 round trips: min /);
    expect(await ok(['ping', target, '-n', '1'])).to.match(/\n1 round trip: min /);
    const report = JSON.parse(await ok(['ping', target, '--json', '-n', '1']));
    expect(report.roundTripsMs).to.have.length(1);
    expect(report.settings).to.be.an('object');
  });

  it('reaches servers by Unix socket', async () => {
    expect(await ok(['call', `unix:${socket}`, 'SayHello', 'name=x'])).to.equal('{"message":"Hello x"}\n');
  });

  it('writes control characters of a server out, wherever they are', async () => {
    const json = await ok(['call', target, 'SayHello', 'name=terminal', '-o', 'json']);
    expect(json).to.equal('{\n  "message": "\\u001b[2J\\u0007\\u009b31m\\u202e"\n}\n');
    const text = await ok(['call', target, 'SayHello', 'name=terminal', '-o', 'text']);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(text).not.to.match(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  it('takes targets and headers from a config file, and says which file and where to', async () => {
    const detour = (): string =>
      `stubless: here is ${target} (${join(realpathSync(folder), 'stubless.config.json')})\n`;
    const run = (args: readonly string[], env: Record<string, string>): Promise<CliEnd> =>
      runCli(args, { cwd: folder, env });
    expect(await run(['call', 'here', 'SayHello', 'name=x'], { CLI_SPEC_TOKEN: 'secret' })).to.deep.equal({
      status: 0,
      stdout: '{"message":"Hello xsecret"}\n',
      stderr: detour(),
    });
    const { status, stderr } = await run(['call', 'here', 'SayHello'], {});
    expect([status, stderr]).to.deep.equal([
      2,
      `${detour()}stubless: the header 'authorization' uses \${CLI_SPEC_TOKEN}, which is not set in the environment; for the literal text, write $\${CLI_SPEC_TOKEN}\n`,
    ]);
  });

  it('refuses a config file with what it does not know', async () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, 'timeuot: 5s\n');
    const { status, stderr } = await runInProcess(['health', target, '--config', path]);
    expect(status).to.equal(1);
    expect(stderr).to.match(/bad\.yaml: timeuot is not known; did you mean 'timeout'\?\n$/);
  });

  it('has help for every command, and an overview', async () => {
    expect(await ok([], runCli)).to.match(/^stubless \d+\.\d+\.\d+: [\s\S]*\n {2}call +call a method\n/);
    expect(await ok(['--version'])).to.match(/^\d+\.\d+\.\d+\n$/);
    expect(await ok(['diff', '--help']))
      .to.equal(await ok(['help', 'diff']))
      .and.include('Examples:');
  });

  describe('told of mistakes', () => {
    let secure: SecureServer;
    let mutual: SecureServer;
    let http: ReturnType<typeof createServer>;
    let httpPort = 0;
    before(async () => {
      secure = await grpcServer('server');
      mutual = await grpcServer('server', 'root');
      http = createServer((_request, response) => response.end('<html>'));
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      httpPort = (http.address() as AddressInfo).port;
    });
    after(() => {
      secure.close();
      mutual.close();
      http.closeAllConnections();
      http.close();
    });

    const PROTO = ['--proto', 'protos/helloworld.proto'];
    const CA = ['--ca', certificatePath('root.pem')];
    const OWN = ['--cert', certificatePath('client.pem'), '--key', certificatePath('client.key')];

    it('speaks TLS with a CA, and with a certificate of its own', async () => {
      const hello = '{"message":"Hello x"}\n';
      expect(
        await ok(['call', `localhost:${secure.port}`, 'SayHello', 'name=x', ...PROTO, ...CA], runCli),
      ).to.equal(hello);
      expect(
        await ok(['call', `https://localhost:${mutual.port}`, 'SayHello', 'name=x', ...PROTO, ...CA, ...OWN]),
      ).to.equal(hello);
      expect(await ok(['call', `localhost:${secure.port}`, 'SayHello', 'name=x', ...PROTO, '-k'])).to.equal(
        hello,
      );
      const pong = await ok(['ping', `localhost:${secure.port}`, ...CA, '-n', '1']);
      expect(pong).to.match(/\(TLS, HTTP\/2\)[\s\S]*certificate: .*, by .*, until .*\nnames: .*localhost/);
    });

    const rows: [string, () => string[], number, RegExp][] = [
      ['a wrong port', () => ['localhost:1'], 78, /nothing listens on .*:1 /],
      ['a server that is none of gRPC', () => [`localhost:${httpPort}`], 78, /HTTP\/1\.1/],
      ['plaintext to a TLS server', () => [`localhost:${secure.port}`], 78, /use --tls/],
      ['an unknown CA', () => [`https://localhost:${secure.port}`], 78, /with --ca/],
      [
        'another name',
        () => [`https://127.0.0.1:${secure.port}`, ...CA, '--server-name', 'example.com'],
        78,
        /with --server-name/,
      ],
      [
        'a missing client certificate',
        () => [`https://localhost:${mutual.port}`, ...CA],
        78,
        /give --cert and --key/,
      ],
      [
        'a CA file that is not there',
        () => [`https://localhost:${secure.port}`, '--ca', '/nonexistent.pem'],
        1,
        /--ca.*\/nonexistent\.pem/,
      ],
      [
        '--plaintext with --ca',
        () => [`localhost:${secure.port}`, '--plaintext', ...CA],
        2,
        /--ca is for TLS/,
      ],
      [
        '--plaintext with https://',
        () => [`https://localhost:${secure.port}`, '--plaintext'],
        2,
        /https:\/\/ means TLS/,
      ],
      ['an unknown scheme', () => ['ftp://localhost:1'], 1, /unknown scheme/],
      ['a token in plaintext', () => ['http://192.0.2.1:1', '--token', 'x'], 2, /in plaintext; write https:/],
      [
        'a token through a proxy elsewhere',
        () => ['127.0.0.1:1', '--token', 'x', '--proxy', 'http://192.0.2.1:3128'],
        2,
        /--token would be sent through the proxy in plaintext/,
      ],
      [
        'a token through a proxy here',
        () => ['127.0.0.1:1', '--token', 'x', '--proxy', 'http://127.0.0.1:1'],
        78,
        /proxy/,
      ],
    ];
    for (const [name, args, status, message] of rows) {
      it(`of ${name}`, async () => {
        const [where, ...options] = args();
        const end = await runInProcess(['call', where, 'SayHello', ...PROTO, ...options]);
        expect(end.stderr).to.match(message);
        expect(end.stderr.trimEnd().split('\n')).to.have.length(1);
        expect(end).to.include({ status, stdout: '' });
      });
    }

    const here: [string, string[], RegExp][] = [
      [
        'a file that is nowhere',
        ['list', 'nosuch.proto'],
        /nosuch\.proto cannot be loaded; looked for \/[^\\]*\n$/,
      ],
      ['a target without a port', ['list', 'localhost'], /has no port; give 'localhost:50051'\n$/],
      [
        'an enum in place of a service',
        ['list', 'protos/google/rpc/code.proto', 'Code'],
        /^stubless: google\.rpc\.Code is an enum, not a service; to see it: stubless describe … google\.rpc\.Code\n$/,
      ],
      [
        'a template of an enum',
        ['describe', 'protos/google/rpc/code.proto', 'Code', '--template'],
        /^stubless: google\.rpc\.Code is an enum; only/,
      ],
      [
        'declarations that cannot be written',
        ['types', 'protos/helloworld.proto', '--out', 'nosuch/x.d.ts'],
        /^stubless: cannot write nosuch\/x\.d\.ts: ENOENT/,
      ],
      [
        'a protoset that cannot be written',
        ['export', 'protos/helloworld.proto', '--protoset-out', 'nosuch/x.binpb'],
        /^stubless: cannot write nosuch\/x\.binpb: ENOENT/,
      ],
      [
        'files that cannot be written',
        ['export', 'protos/helloworld.proto', '--proto-out', 'package.json'],
        /^stubless: cannot write package\.json: EEXIST/,
      ],
    ];
    for (const [name, args, message] of here) {
      it(`of ${name}`, async () => {
        const { status, stderr } = await runInProcess(args);
        expect(stderr).to.match(message);
        expect(stderr.trimEnd().split('\n')).to.have.length(1);
        expect(status).to.equal(1);
      });
    }

    it('of an import that is nowhere', async () => {
      const path = join(folder, 'importing.proto');
      writeFileSync(path, 'syntax = "proto3"; import "no/where.proto";');
      const { status, stderr } = await runInProcess(['list', path]);
      expect(stderr).to.match(
        /the import "no\/where\.proto" was not found; set --import-path to the directory that it starts from\. Looked for \/.*, a file of that name among those that come with stubless \(google\/, grpc\/, …\)\n$/,
      );
      expect(status).to.equal(1);
    });

    const words: [string, string[], RegExp][] = [
      [
        'an unknown command',
        ['lst', 'localhost:1'],
        /unknown command 'lst'; did you mean 'list'\? See 'stubless --help'\n$/,
      ],
      ['a target in place of a command', ['localhost:1'], /stubless call localhost:1 METHOD/],
      ['no target', ['list'], /give a target/],
      [
        'a port that is none',
        ['list', 'localhost:abc'],
        /'localhost:abc': the port must be .*, not 'abc'\n$/,
      ],
      [
        'a schema file in place of a server',
        ['call', 'protos/helloworld.proto', 'SayHello'],
        /is a schema file, but this needs a server; .*--proto/,
      ],
      ['more attempts than there may be', ['ping', 'localhost:1', '--retry', '6'], /'6' is more than 5/],
      [
        'a password in a target, which is not quoted',
        ['list', 'user:s3cr3t@127.0.0.1:1'],
        /^stubless: the target '…@127\.0\.0\.1:1' contains a user name; send credentials as metadata, with -H\n$/,
      ],
      [
        'a token in place of a header',
        ['list', 'localhost:1', '-H', 's3cr3t x'],
        /: a text of 8 characters is not/,
      ],
      ['a word too many', ['list', 'protos/helloworld.proto', 'a', 'b'], /'b' is one argument too many/],
    ];
    for (const [name, args, message] of words) {
      it(`of ${name}`, async () => {
        const { status, stderr } = await runInProcess(args);
        expect(stderr).to.match(message);
        expect(status).to.equal(2);
      });
    }
  });
});
