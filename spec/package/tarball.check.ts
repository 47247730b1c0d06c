// What users install: packs the package, has publint and attw look at it, installs it in an empty folder and
// uses it there from ESM, from CommonJS and from TypeScript. `npm run package`; needs the npm registry.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

/** Runs a command and gives its standard output; its errors carry all that it printed. */
function run(file: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(file, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`${file} ${args.join(' ')} failed:\n${stdout ?? ''}${stderr ?? ''}`, { cause: error });
  }
}

describe('the package', function () {
  this.timeout(180_000);

  const repository = process.cwd();
  const bin = (name: string): string => join(repository, 'node_modules', '.bin', name);
  let folder = '';
  let tarball = '';
  let contents: string[] = [];

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-package-'));
    const packed: unknown = JSON.parse(
      run(npm, ['pack', '--json', '--pack-destination', folder], repository),
    );
    const [{ filename, files }] = Object.values(packed as object) as [
      { filename: string; files: { path: string }[] },
    ];
    tarball = resolve(folder, filename);
    contents = files.map((file) => file.path);
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }\n');
    run(npm, ['install', '--no-audit', '--no-fund', tarball], folder);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  it('holds the code, its types, the bundled schemas, and the notices, and nothing else', () => {
    for (const path of [
      'dist/index.js',
      'dist/index.d.ts',
      'dist/testing.js',
      'dist/testing/index.d.ts',
      'dist/cli.js',
      'dist/cli-licences.txt',
      'protos/google/protobuf/descriptor.proto',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
    ]) {
      expect(contents).to.include(path);
    }
    const others = contents.filter(
      (path) =>
        !/^(?:dist\/.+\.(?:js|d\.ts)|dist\/cli-licences\.txt|protos\/.+|LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(
          path,
        ),
    );
    expect(others).to.deep.equal([]);
  });

  it('pleases publint', () => {
    run(bin('publint'), ['run', tarball, '--strict'], repository);
  });

  it('gives the right types under every way to resolve modules (attw)', () => {
    run(bin('attw'), [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'], repository);
  });

  it('can be imported from ESM and required from CommonJS', () => {
    writeFileSync(join(folder, 'a.mjs'), "import { Client } from 'stubless';\nconsole.log(typeof Client);\n");
    writeFileSync(
      join(folder, 'b.cjs'),
      "const { Client } = require('stubless');\nconsole.log(typeof Client);\n",
    );
    expect(run(process.execPath, ['a.mjs'], folder)).to.equal('function\n');
    expect(run(process.execPath, ['b.cjs'], folder)).to.match(/^function$/m);
  });

  it('has a test server at its second door, whose errors and channels are those of the first', () => {
    writeFileSync(
      join(folder, 'testing.mjs'),
      "import { Client, Metadata, RpcError } from 'stubless';\n" +
        "import { rpcError, TestServer } from 'stubless/testing';\n" +
        'const schema = \'syntax = "proto3"; package a; service A { rpc B(M) returns (M); } message M {}\';\n' +
        "const server = new TestServer(schema, { B: () => { throw rpcError('ABORTED', 'x'); } });\n" +
        'const client = new Client(server.channel);\n' +
        'const error = await client.request("a.A/B").catch((e) => e);\n' +
        'console.log(error instanceof RpcError, rpcError(5) instanceof RpcError, error.code, (await server.client()) instanceof Client,' +
        ' server.calls[0].metadata instanceof Metadata);\n' +
        'await client.close();\nawait server.close();\n',
    );
    expect(run(process.execPath, ['testing.mjs'], folder)).to.equal('true true 10 true true\n');
  });

  it('finds its bundled schemas where it was installed', () => {
    writeFileSync(
      join(folder, 'own.proto'),
      [
        'syntax = "proto3";',
        'package own;',
        'import "google/protobuf/timestamp.proto";',
        'service Clock { rpc Now(google.protobuf.Timestamp) returns (google.protobuf.Timestamp); }',
      ].join('\n'),
    );
    writeFileSync(
      join(folder, 'load.mjs'),
      "import { Client } from 'stubless';\n" +
        "const client = await new Client('localhost:1').load('own.proto');\n" +
        'console.log(client.services.map((service) => service.fullName ?? service.name).join());\n',
    );
    expect(run(process.execPath, ['load.mjs'], folder)).to.equal('own.Clock\n');
  });

  it('type-checks in a strict project that checks declaration files too', () => {
    writeFileSync(
      join(folder, 'use.ts'),
      "import { Client, RpcError } from 'stubless';\n" +
        "const client = new Client('localhost', 50051);\n" +
        "export const reply: Promise<unknown> = client.request('SayHello').then((r) => r);\n" +
        "import { TestServer } from 'stubless/testing';\n" +
        "export const server = new TestServer('a.proto', { B: (request, call) => ({ name: call.method }) });\n" +
        'export const codeOf = (e: unknown): number | undefined => (RpcError.is(e) ? e.code : undefined);\n',
    );
    const types = join(repository, 'node_modules', '@types');
    const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
    const libraries = ['--lib', 'es2023,esnext.disposable', '--types', 'node', '--typeRoots', types];
    run(bin('tsc'), [...options, ...libraries, 'use.ts'], folder);
  });

  it('has one version: in its manifest, in the user-agent that it sends, and in the change log', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    const log = readFileSync('CHANGELOG.md', 'utf8');
    expect(log.includes(`## ${version}`) || log.includes('## Unreleased')).to.equal(true);
    expect(/VERSION = '(.+)'/.exec(readFileSync('lib/options/client-options.ts', 'utf8'))?.[1]).to.equal(
      version,
    );
  });
});
