// What users install: packs the package, has publint and attw look at it, installs it in an empty folder and
// uses it there from ESM, from CommonJS and from TypeScript. `npm run package`; needs the npm registry.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';

const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

const MAX_UNPACKED_BYTES = 5_750_000;
/** Parsing it is most of the time that importing takes: about 20 ms per megabyte. */
const MAX_IMPORTED_BYTES = 1_068_000;

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
  let unpackedBytes = 0;
  const own = (): string => join(folder, 'node_modules', 'stubless');

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-package-'));
    const packed: unknown = JSON.parse(
      run(npm, ['pack', '--json', '--pack-destination', folder], repository),
    );
    const [{ filename, files, unpackedSize }] = Object.values(packed as object) as [
      { filename: string; files: { path: string }[]; unpackedSize: number },
    ];
    unpackedBytes = unpackedSize;
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
      'dist/index.cjs',
      'dist/index.d.cts',
      'dist/commonjs/index.cjs',
      'dist/testing.js',
      'dist/testing.d.ts',
      'dist/testing.cjs',
      'dist/testing.d.cts',
      'dist/commonjs/testing.cjs',
      'testing/package.json',
      'dist/testing-chai.js',
      'dist/testing-jest.d.ts',
      'dist/testing-vitest.d.cts',
      'dist/commonjs/testing-jest.cjs',
      'testing/vitest/package.json',
      'dist/cli.cjs',
      'dist/cli-licences.txt',
      'protos/google/protobuf/descriptor.proto',
      'schema/requests.json',
      'LICENSE',
      'README.md',
      'CHANGELOG.md',
    ]) {
      expect(contents).to.include(path);
    }
    const others = contents.filter(
      (path) =>
        !/^(?:dist\/.+\.(?:js|cjs)|dist\/(?:index|testing(?:-(?:chai|jest|vitest))?)\.d\.c?ts|dist\/cli-licences\.txt|protos\/.+|schema\/requests\.json|testing\/(?:\w+\/)?package\.json|LICENSE|README\.md|CHANGELOG\.md|package\.json)$/.test(
          path,
        ),
    );
    expect(others).to.deep.equal([]);
  });

  it(`takes less than ${MAX_UNPACKED_BYTES / 1e6} MB of disk`, () => {
    expect(unpackedBytes).to.be.below(MAX_UNPACKED_BYTES);
  });

  it('has one copy of the code for import, and one for loaders that can only require', () => {
    const classes = ['Channel', 'Client', 'Metadata', 'Registry', 'RpcError', 'TestServer'];
    for (const isFallback of [false, true]) {
      const code = contents
        .filter((path) => /^dist\/.*js$/.test(path) && path.startsWith('dist/commonjs/') === isFallback)
        .map((path) => readFileSync(join(own(), path), 'utf8'))
        .join('\n');
      const times = classes.map((name) => code.split(`\nclass ${name} `).length - 1);
      expect(times).to.deep.equal(classes.map(() => 1));
    }
  });

  it('is imported by reading little: no modules of Node that only some programs need, and no parser', () => {
    const files = new Set<string>();
    const others = new Set<string>();
    const left = ['dist/index.js'];
    for (let path = left.pop(); path !== undefined; path = left.pop()) {
      if (files.has(path)) continue;
      files.add(path);
      const code = readFileSync(join(own(), path), 'utf8');
      for (const [, from] of code.matchAll(/^(?:import|export) .*from '([^']+)';$/gm)) {
        if (from.startsWith('.')) left.push(join(dirname(path), from));
        else others.add(from);
      }
    }
    const bytes = [...files].reduce((sum, path) => sum + statSync(join(own(), path)).size, 0);
    expect([...files].sort()).to.deep.equal(['dist/chunks/client.js', 'dist/index.js']);
    expect(bytes).to.be.below(MAX_IMPORTED_BYTES);
    expect([...others].sort()).to.deep.equal([
      'node:async_hooks',
      'node:diagnostics_channel',
      'node:path',
      'node:url',
      'node:util/types',
    ]);
  });

  it('is ASCII throughout, which V8 reads in half the memory', () => {
    for (const path of contents.filter((file) => /^dist\/.*js$/.test(file))) {
      expect(/[^\0-\x7f]/.exec(readFileSync(join(own(), path), 'utf8'))?.[0], path).to.equal(undefined);
    }
  });

  it('answers what people ask of a schema when none was ever loaded as when another client has loaded one', () => {
    writeFileSync(
      join(folder, 'unloaded.mjs'),
      "import { Client } from 'stubless';\n" +
        "const none = new Client('127.0.0.1:1');\n" +
        'const said = (act) => { try { return act(); } catch (e) { return e.name + ": " + e.message; } };\n' +
        'const asked = () => [() => none.types(), () => none.describe("a.B"), () => none.describe(""), () => none.describe(7),' +
        ' () => none.fromText("a.B", ""), () => none.fromText("a.B", 7), () => none.toText("a.B", {})].map(said);\n' +
        'const before = asked();\n' +
        "await new Client('127.0.0.1:1').load('syntax = \"proto3\"; package a; message B {}');\n" +
        'console.log(JSON.stringify({ before, after: asked() }));\n',
    );
    const { before, after } = JSON.parse(run(process.execPath, ['unloaded.mjs'], folder)) as {
      before: readonly string[];
      after: readonly string[];
    };
    expect(before).to.deep.equal(after);
    expect(before[0]).to.match(/^export interface Services \{\}$/m);
    expect(before.slice(1)).to.deep.equal([
      "SchemaError: there is no symbol 'a.B': nothing is loaded",
      'TypeError: a symbol is a name such as \'helloworld.Greeter\', not ""',
      "TypeError: a symbol is a name such as 'helloworld.Greeter', not 7",
      "SchemaError: message type 'a.B' is not loaded",
      'TypeError: fromText takes text, not number',
      "SchemaError: message type 'a.B' is not loaded",
    ]);
  });

  describe('of descriptions, types and text format', () => {
    const part = (): string => join(own(), 'dist/chunks/introspection.js');

    /** What a program prints that loads a schema and then asks. */
    function asked(flags: readonly string[], ask: string): string {
      writeFileSync(
        join(folder, 'asking.mjs'),
        "import { Client } from 'stubless';\n" +
          "const client = new Client('127.0.0.1:1');\n" +
          'await client.load(\'syntax = "proto3"; package a; message B { int32 c = 1; }\');\n' +
          `${ask}\n`,
      );
      return run(process.execPath, [...flags, 'asking.mjs'], folder);
    }

    const ANSWERS =
      "console.log(client.describe('a.B').kind, client.types().includes('c?:'), client.fromText('a.B', 'c: 3').c);";

    for (const [name, flags] of [
      ['where Node may require ES modules', []],
      ['where it may not', ['--no-experimental-require-module']],
      ['with something that may hook modules', ['--import', 'data:text/javascript,']],
    ] as const) {
      it(`gives the same ${name}`, () => {
        expect(asked(flags, ANSWERS)).to.equal('message true 3\n');
      });
    }

    it('reads nothing before somebody asks, and says what is missing then', () => {
      const kept = readFileSync(part());
      rmSync(part());
      try {
        const ask =
          "try { client.describe('a.B'); } catch (e) { console.log(e.code, e.message.split('\\n')[0]); }";
        expect(asked([], ask)).to.equal("MODULE_NOT_FOUND Cannot find module './introspection.js'\n");
        expect(() => asked(['--no-experimental-require-module'], ask)).to.throw(/ERR_MODULE_NOT_FOUND/);
      } finally {
        writeFileSync(part(), kept);
      }
    });

    it('may be asked for while what imports it is being imported', () => {
      const ask =
        "const written = client.writeProtos('written'); let turns = 0;\n" +
        'written.finally(() => { turns = Infinity; });\n' +
        'while (turns++ < 1000) { client.types(); await new Promise(setImmediate); }\n' +
        'console.log((await written).length);';
      expect(asked([], ask)).to.equal('1\n');
    });
  });

  it('says where it comes from, and its README links to what is there', () => {
    const { homepage, bugs, repository } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      homepage: string;
      bugs: { url: string };
      repository: { type: string; url: string };
    };
    const page = /^git\+(https:.+)\.git$/.exec(repository.url)?.[1] ?? '';
    // The npm page takes a relative link for a file of the repository.
    expect([repository.type, homepage, bugs.url]).to.deep.equal(['git', `${page}#readme`, `${page}/issues`]);
    const links = readFileSync('README.md', 'utf8').matchAll(/\]\((?!https?:|#)([^)#]+)/g);
    const paths = Array.from(links, ([, path]) => path);
    expect(paths).to.not.deep.equal([]);
    expect(paths.filter((path) => path.startsWith('..') || !existsSync(path))).to.deep.equal([]);
  });

  it('pleases publint', () => {
    run(bin('publint'), ['run', tarball, '--strict'], repository);
  });

  it('gives the right types under every way to resolve modules (attw)', () => {
    run(bin('attw'), [tarball, '--profile', 'strict', '--no-emoji', '--no-color'], repository);
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
      "import { Client, Metadata, RpcError, toObject } from 'stubless';\n" +
        "import { rpcError, TestServer } from 'stubless/testing';\n" +
        'const schema = \'syntax = "proto3"; package a; service A { rpc B(M) returns (M); } message M {}\';\n' +
        "const server = new TestServer(schema, { B: () => { throw rpcError('ABORTED', 'x'); } });\n" +
        'const client = new Client(server.channel);\n' +
        'const error = await client.request("a.A/B").catch((e) => e);\n' +
        'console.log(error instanceof RpcError, rpcError(5) instanceof RpcError, error.code, (await server.client()) instanceof Client,' +
        ' server.calls[0].metadata instanceof Metadata,' +
        // A message that the one has decoded is a message to the other.
        ' toObject(server.calls[0].requests[0]).constructor === Object);\n' +
        'await client.close();\nawait server.close();\n',
    );
    expect(run(process.execPath, ['testing.mjs'], folder)).to.equal('true true 10 true true true\n');
  });

  it('gives import and require the same classes, at both doors', () => {
    writeFileSync(
      join(folder, 'same.mjs'),
      "import { createRequire } from 'node:module';\n" +
        "import * as imported from 'stubless';\n" +
        "import * as testing from 'stubless/testing';\n" +
        'const require = createRequire(import.meta.url);\n' +
        "const pairs = [[imported, require('stubless')], [testing, require('stubless/testing')]];\n" +
        'for (const [one, other] of pairs) for (const name of Object.keys(one)) console.log(name, one[name] === other[name]);\n',
    );
    const lines = run(process.execPath, ['same.mjs'], folder).trim().split('\n');
    expect(lines).to.include.members(['Client true', 'RpcError true', 'TestServer true']);
    expect(lines.filter((line) => !line.endsWith(' true'))).to.deep.equal([]);
  });

  it('works where ES modules cannot be required, at both doors', () => {
    writeFileSync(
      join(folder, 'old.cjs'),
      "const { Client, Metadata, RpcError, toObject } = require('stubless');\n" +
        "const { rpcError, TestServer } = require('stubless/testing');\n" +
        'const schema = \'syntax = "proto3"; package a; import "google/protobuf/empty.proto"; service A { rpc B(google.protobuf.Empty) returns (google.protobuf.Empty); }\';\n' +
        "const server = new TestServer(schema, { B: () => { throw rpcError('ABORTED', 'x'); } });\n" +
        'const client = new Client(server.channel);\n' +
        'const print = (e) => console.log(e instanceof RpcError, rpcError(5) instanceof RpcError, e.code);\n' +
        'const other = async () => console.log((await server.client()) instanceof Client,' +
        ' server.calls[0].metadata instanceof Metadata,' +
        ' toObject(server.calls[0].requests[0]).constructor === Object);\n' +
        'client.request("a.A/B").catch(print).then(other).then(() => client.close()).then(() => server.close());\n',
    );
    // Flags of Node: the first has been there since require takes ES modules.
    const args = ['--no-experimental-require-module', 'old.cjs'];
    expect(run(process.execPath, args, folder)).to.equal('true true 10\ntrue true true\n');
  });

  it('calls its classes by the names that they are exported under', () => {
    writeFileSync(
      join(folder, 'names.cjs'),
      "for (const door of ['index.js', 'commonjs/index.cjs', 'testing.js', 'commonjs/testing.cjs']) {\n" +
        '  const names = Object.entries(require("./node_modules/stubless/dist/" + door)).filter(([name]) => /^[A-Z]/.test(name));\n' +
        "  for (const [name, value] of names) if (typeof value === 'function' && value.name !== name) console.log(door, value.name);\n" +
        '}\n',
    );
    expect(run(process.execPath, ['names.cjs'], folder)).to.equal('');
    for (const path of contents.filter((file) => /^dist\/.*js$/.test(file) && !file.includes('/cli/'))) {
      expect(readFileSync(join(folder, 'node_modules/stubless', path), 'utf8')).to.not.match(/class _[A-Z]/);
    }
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
    expect(/VERSION = '(.+)'/.exec(readFileSync('lib/values/version.ts', 'utf8'))?.[1]).to.equal(version);
  });
});
