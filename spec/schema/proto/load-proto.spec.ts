import { isUtf8 } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import fc from 'fast-check';
import { type LoadedProto, loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { MAX_PROTO_FILE_BYTES } from '../../../lib/schema/proto/read-proto-file.ts';
import {
  decodeProtoText,
  hasRaw,
  octetsOf,
  withoutRaw,
} from '../../../lib/schema/proto/syntax/proto-text.ts';
import { rejection } from '../../support/closing.ts';

const HEAD = 'syntax = "proto3"; ';

const dependencyOf = (message: string): string => `${HEAD}message ${message} {}`;

let directory: string;

/** Files by their paths below the test's directory, which is returned as they are found. */
function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  }
}

function at(path: string): string {
  return join(directory, path);
}

function names({ files }: LoadedProto): string[] {
  return files.map(({ name }) => name);
}

async function refusal(load: Promise<LoadedProto>): Promise<string> {
  try {
    await load;
  } catch (error) {
    expect(error).to.have.property('name', 'SchemaError');
    return error instanceof Error ? error.message : '';
  }
  throw new Error('nothing was refused');
}

describe('Loading .proto files', () => {
  beforeEach(() => {
    directory = realpathSync(mkdtempSync(join(tmpdir(), 'stubless-proto-')));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  describe('sources', () => {
    it('are paths, absolute or found in an include directory, or file: URLs.', async () => {
      write({ 'a.proto': `${HEAD}message A {}`, 'dir/b.proto': `${HEAD}message B {}`, 'c d.proto': HEAD });
      const url = pathToFileURL(at('c d.proto'));
      const loaded = await loadProto([at('a.proto'), 'b.proto', url, String(url)], {
        includeDirs: [at('dir')],
      });
      expect(names(loaded)).to.deep.equal(['a.proto', 'b.proto', 'c d.proto']);
      expect(loaded.sources).to.deep.equal(['a.proto', 'b.proto', 'c d.proto', 'c d.proto']);
    });

    it('that are misspelt are told the file that is near, of the same kind', async () => {
      write({ 'dir/helloworld.proto': HEAD, 'dir/helloword.txt': HEAD });
      const message = async (path: string) => (await rejection(loadProto([path], {}))).message;
      expect(await message(at('dir/helloword.proto'))).to.match(
        /helloword\.proto cannot be loaded; did you mean 'helloworld\.proto'\? Looked for\n/,
      );
      expect(await message(at('dir/other.proto'))).to.match(/other\.proto cannot be loaded; looked for\n/);
      expect(await message(at('none/helloworld.proto'))).to.match(/cannot be loaded; looked for\n/);
    });

    it('may be among the schemas that ship with the package.', async () => {
      const loaded = await loadProto(['grpc/health/v1/health.proto', 'route_guide.proto']);
      expect(names(loaded)).to.deep.equal(['grpc/health/v1/health.proto', 'route_guide.proto']);
    });

    it('that are missing list every place that was looked at.', async () => {
      const message = await refusal(loadProto(['no/such.proto'], { includeDirs: [at('x'), at('y')] }));
      expect(message).to.match(/^no\/such\.proto cannot be loaded; looked for\n/);
      const places = message.split('\n').slice(1);
      expect(places.slice(0, 3)).to.deep.equal([
        `  ${join(process.cwd(), 'no/such.proto')}`,
        `  ${at('x/no/such.proto')}`,
        `  ${at('y/no/such.proto')}`,
      ]);
      expect(places.slice(3)).to.deep.equal([
        '  a file of that name among those that come with stubless (google/, grpc/, …)',
      ]);
    });

    it('are the very file of that path, not one of its name below an include directory.', async () => {
      write({ 'x.proto': `${HEAD}message Named {}`, 'inc/x.proto': `${HEAD}message Included {}` });
      const way = relative(process.cwd(), at('x.proto'));
      for (const source of [at('x.proto'), way, pathToFileURL(at('x.proto'))]) {
        const { files } = await loadProto([source], { includeDirs: [at('inc')] });
        expect(files[0].messageType?.[0].name, String(source)).to.equal('Named');
      }
    });

    it('in the working directory come before those in include directories.', async () => {
      write({ 'package.json': 'not that', 'inc/package.json': 'not this' });
      // A relative path that both have; what fails tells which of them was read.
      const message = await refusal(loadProto(['package.json'], { includeDirs: [at('inc')] }));
      expect(message).to.match(/^package\.json:1:1: found '\{'/);
    });

    for (const source of ['https://example.com/a.proto', new URL('http://a/b.proto'), 'data://x']) {
      it(`are no other URLs (${String(source)}).`, async () => {
        expect(await refusal(loadProto([source]))).to.match(/only file: URLs can be read$/);
      });
    }

    it('as text have the name they are given, and imports like any other.', async () => {
      write({ 'b.proto': `${HEAD}message B {}` });
      const text = `${HEAD}import "b.proto"; message A { B b = 1; }`;
      expect(names(await loadProtoSource(text, 'x/a.proto', { includeDirs: [directory] }))).to.deep.equal([
        'b.proto',
        'x/a.proto',
      ]);
      expect(await refusal(loadProtoSource(text, 'x/a.proto'))).to.match(
        /^x\/a\.proto:1:27: the import "b\.proto" was not found; set includeDirs to the directory that it starts from\. Looked for\n {2}a file of that name among those that come with stubless \(google\/, grpc\/, …\)$/,
      );
    });
  });

  describe('imports', () => {
    const main = (path: string): string => `${HEAD}package p; import "${path}"; message M { .D d = 1; }`;
    const dependency = `${HEAD}message D {}`;
    const found: { name: string; files: Record<string, string>; source: string; names: string[] }[] = [
      {
        name: 'beside the file that imports',
        files: { 'm.proto': main('d.proto'), 'd.proto': dependency },
        source: 'm.proto',
        names: ['d.proto', 'm.proto'],
      },
      {
        name: 'below it',
        files: { 'm.proto': main('x/d.proto'), 'x/d.proto': dependency },
        source: 'm.proto',
        names: ['x/d.proto', 'm.proto'],
      },
      {
        name: 'by a path that starts with a directory around it',
        files: { 'a/b/m.proto': main('b/d.proto'), 'a/b/d.proto': dependency },
        source: 'a/b/m.proto',
        names: ['b/d.proto', 'm.proto'],
      },
      {
        name: 'by a path that starts two directories above',
        files: { 'a/b/m.proto': main('a/c/d.proto'), 'a/c/d.proto': dependency },
        source: 'a/b/m.proto',
        names: ['a/c/d.proto', 'm.proto'],
      },
      {
        name: 'in the root that the package makes likely',
        files: {
          'root/x/p/m.proto': main('q/d.proto').replace('package p', 'package x.p'),
          'root/q/d.proto': dependency,
        },
        source: 'root/x/p/m.proto',
        names: ['q/d.proto', 'm.proto'],
      },
      {
        name: 'in the root that its importer was found in',
        files: {
          'x/m.proto': `${HEAD}import "x/y/n.proto"; message M { N n = 1; }`,
          'x/y/n.proto': `${HEAD}import "z/d.proto"; message N { D d = 1; }`,
          'z/d.proto': dependency,
        },
        source: 'x/m.proto',
        names: ['z/d.proto', 'x/y/n.proto', 'm.proto'],
      },
    ];
    for (const c of found) {
      it(`are found ${c.name}.`, async () => {
        write(c.files);
        expect(names(await loadProto([at(c.source)]))).to.deep.equal(c.names);
      });
    }

    describe('farther up', () => {
      const above = { 'repo/svc/api/m.proto': main('common/d.proto'), 'repo/common/d.proto': dependency };
      const projects: { name: string; files: Record<string, string> }[] = [
        { name: 'a repository', files: { 'repo/.git/HEAD': '' } },
        { name: 'a repository that is a worktree', files: { 'repo/.git': 'gitdir: elsewhere' } },
        { name: 'an npm package', files: { 'repo/package.json': '{}' } },
        {
          name: 'a workspace of packages',
          files: { 'repo/package.json': '{}', 'repo/svc/package.json': '{}' },
        },
        { name: 'a module of Buf', files: { 'repo/buf.yaml': '' } },
        { name: 'a module of Go', files: { 'repo/go.mod': '' } },
        { name: 'a repository around packages', files: { 'repo/.git/HEAD': '', 'repo/svc/api/go.mod': '' } },
      ];
      for (const c of projects) {
        it(`are found in ${c.name}.`, async () => {
          write({ ...above, ...c.files });
          expect(names(await loadProto([at('repo/svc/api/m.proto')]))).to.deep.equal([
            'common/d.proto',
            'm.proto',
          ]);
        });
      }

      it('are found from the nearest directory, and lead to what that one has.', async () => {
        write({
          'repo/.git/HEAD': '',
          'repo/a/b/m.proto': main('x/d.proto'),
          'repo/a/x/d.proto': `${HEAD}import "x/e.proto"; message D { E e = 1; }`,
          'repo/a/x/e.proto': `${HEAD}message E {}`,
          'repo/x/d.proto': 'not read',
          'repo/x/e.proto': 'not read either',
        });
        const loaded = await loadProto([at('repo/a/b/m.proto')]);
        expect(names(loaded)).to.deep.equal(['x/e.proto', 'x/d.proto', 'm.proto']);
      });

      it('are not found outside the repository.', async () => {
        write({ 'x/d.proto': dependency, 'repo/.git/HEAD': '', 'repo/a/m.proto': main('x/d.proto') });
        const message = await refusal(loadProto([at('repo/a/m.proto')]));
        expect(message)
          .to.contain(`\n  ${at('repo/x/d.proto')}\n`)
          .and.not.contain(`  ${at('x/d.proto')}\n`);
      });

      it('are not found where nothing says that there is a project.', async () => {
        write(above);
        expect(await refusal(loadProto([at('repo/svc/api/m.proto')]))).to.contain('was not found');
      });

      it('are not found in a directory that anyone may write to, nor above it.', async function () {
        if (sep !== '/') this.skip();
        write({
          '.git/HEAD': '',
          'x/d.proto': dependency,
          'open/x/d.proto': dependency,
          'open/a/m.proto': main('x/d.proto'),
        });
        chmodSync(at('open'), 0o1777);
        expect(await refusal(loadProto([at('open/a/m.proto')]))).to.contain('was not found');
      });

      it('are found below the working directory, without a project.', async () => {
        write({ 'd/x.proto': dependency, 'a/b/m.proto': main('d/x.proto') });
        const script = `import(${JSON.stringify(import.meta.resolve('../../../lib/schema/proto/load-proto.js'))})
          .then(({ loadProto }) => loadProto(['a/b/m.proto']))
          .then(({ files }) => console.log(files.map(({ name }) => name).join()))`;
        const said = execFileSync(process.execPath, ['-e', script], { cwd: directory, encoding: 'utf8' });
        expect(said.trim()).to.equal('d/x.proto,m.proto');
      });

      it('are not found above the home directory.', async () => {
        write({ '.git/HEAD': '', 'x/d.proto': dependency, 'home/a/m.proto': main('x/d.proto') });
        const script = `import(${JSON.stringify(import.meta.resolve('../../../lib/schema/proto/load-proto.js'))})
          .then(({ loadProto }) => loadProto(['a/m.proto']))
          .catch((error) => console.log(error.message))`;
        const env = { ...process.env, HOME: at('home'), USERPROFILE: at('home') };
        const said = execFileSync(process.execPath, ['-e', script], {
          cwd: at('home'),
          encoding: 'utf8',
          env,
        });
        expect(said).to.contain('was not found').and.contain(at('home/x/d.proto'));
        expect(said).not.to.contain(` ${at('x/d.proto')}`);
      });

      it('are found beside the file that a link leads to.', async () => {
        write({ 'real/.git/HEAD': '', 'real/p/m.proto': main('x/d.proto'), 'real/x/d.proto': dependency });
        symlinkSync(at('real/p/m.proto'), at('m.proto'));
        expect(names(await loadProto([at('m.proto')]))).to.deep.equal(['x/d.proto', 'm.proto']);
      });

      it('may be links inside the project, and no others.', async () => {
        write({
          'repo/.git/HEAD': '',
          'repo/a/b/m.proto': main('x/d.proto'),
          'repo/vendor/x/d.proto': dependency,
          'outside/d.proto': dependency,
        });
        symlinkSync(at('repo/vendor/x'), at('repo/a/x'));
        expect(names(await loadProto([at('repo/a/b/m.proto')]))).to.deep.equal(['x/d.proto', 'm.proto']);
        rmSync(at('repo/a/x'));
        symlinkSync(at('outside'), at('repo/a/x'));
        const message = await refusal(loadProto([at('repo/a/b/m.proto')]));
        expect(message).to.contain(`${at('repo/a/x/d.proto')} leads out of ${at('repo')}`);
      });

      it('leave what ships with the package as it is.', async () => {
        const any = 'syntax = "proto3"; package google.protobuf; message Any { string mine = 1; }';
        write({
          'repo/.git/HEAD': '',
          'repo/google/protobuf/any.proto': any,
          'repo/a/m.proto': `${HEAD}import "google/protobuf/any.proto";`,
        });
        const [theirs] = (await loadProto([at('repo/a/m.proto')])).files;
        expect(theirs.messageType?.[0].field?.map(({ name }) => name)).to.deep.equal(['type_url', 'value']);
      });
    });

    it('are found in the directory that was loaded, before those around them.', async () => {
      write({
        'protos/svc/api.proto': `${HEAD}import "common/d.proto"; message M { D d = 1; }`,
        'protos/common/d.proto': dependency,
        'protos/svc/common/d.proto': 'not read',
      });
      const root = at('protos');
      const loaded = await loadProto([{ path: at('protos/svc/api.proto'), root }]);
      expect(names(loaded)).to.deep.equal(['common/d.proto', 'svc/api.proto']);
    });

    it('are found between the file and the directory that was loaded, without a project.', async () => {
      write({
        'tree/api/events/v1/m.proto': `${HEAD}import "types/d.proto"; import "google/api/http.proto"; message M { D d = 1; H h = 2; }`,
        'tree/api/types/d.proto': dependency,
        'tree/api/google/api/http.proto': `${HEAD}message H {}`,
        'types/d.proto': 'not read',
      });
      const loaded = await loadProto([{ path: at('tree/api/events/v1/m.proto'), root: at('tree') }]);
      expect(names(loaded)).to.deep.equal([
        'types/d.proto',
        'google/api/http.proto',
        'api/events/v1/m.proto',
      ]);
      expect(await refusal(loadProto([at('tree/api/events/v1/m.proto')]))).to.contain('was not found');
    });

    it('may be links out of the directory if the user named what they lead to.', async () => {
      write({ 'protos/m.proto': main('d.proto'), 'shared/d.proto': dependency });
      symlinkSync(at('shared/d.proto'), at('protos/d.proto'));
      expect(await refusal(loadProto([at('protos/m.proto')]))).to.contain('leads out of');
      const loaded = await loadProto([at('protos/d.proto'), at('protos/m.proto')]);
      expect(names(loaded)).to.deep.equal(['d.proto', 'm.proto']);
    });

    it('that are missing are told with a handful of places, however many there were.', async () => {
      const directories = Array.from({ length: 300 }, (_, i) => `d${i}/a${i}.proto`);
      write(Object.fromEntries(directories.map((path) => [path, HEAD])));
      write({ 'm.proto': main('none.proto') });
      const message = await refusal(loadProto([...directories.map(at), at('m.proto')]));
      const lines = message.split('\n');
      expect(lines).to.have.length(10);
      expect(lines[1]).to.equal(`  ${at('none.proto')}`);
      expect(lines[9]).to.equal('  and 294 more places');
    });

    for (const places of [8, 9]) {
      it(`that are missing in ${places} places are told with each, up to eight.`, async () => {
        write({ 'm.proto': main('none.proto') });
        // Beside these: the file's own directory, and the schemas of the package.
        const includeDirs = Array.from({ length: places - 2 }, (_, i) => at(`i${i}`));
        const lines = (await refusal(loadProto([at('m.proto')], { includeDirs }))).split('\n').slice(1);
        expect(lines).to.have.length(places);
        expect(lines[0]).to.equal(`  ${at('i0/none.proto')}`);
        if (places === 9) expect(lines[8]).to.equal('  and 1 more place');
      });
    }

    it('are looked for in the include directories first, in their order.', async () => {
      write({
        'm.proto': main('d.proto'),
        'd.proto': 'not read',
        'one/d.proto': dependency,
        'two/d.proto': 'not read either',
      });
      const loaded = await loadProto([at('m.proto')], { includeDirs: [at('none'), at('one'), at('two')] });
      expect(names(loaded)).to.deep.equal(['d.proto', 'm.proto']);
    });

    it('may replace a bundled schema, for other bundled ones, too.', async () => {
      const any = 'syntax = "proto3"; package google.protobuf; message Any { string mine = 1; }';
      write({ 'google/protobuf/any.proto': any, 'm.proto': `${HEAD}import "google/rpc/status.proto";` });
      for (let i = 0; i < 2; i++) {
        const [mine] = (await loadProto([at('m.proto')])).files;
        expect(mine.messageType?.[0].field?.map(({ name }) => name)).to.deep.equal(['mine']);
        const [theirs] = (await loadProto(['google/rpc/status.proto'])).files;
        expect(theirs.messageType?.[0].field?.map(({ name }) => name)).to.deep.equal(['type_url', 'value']);
      }
    });

    it('come before what imports them, each once.', async () => {
      write({
        'a.proto': `${HEAD}import "b.proto"; import "c.proto";`,
        'b.proto': `${HEAD}import public "d.proto";`,
        'c.proto': `${HEAD}import "b.proto"; message C { D d = 1; }`,
        'd.proto': dependency,
      });
      const loaded = await loadProto([at('a.proto'), at('c.proto')]);
      expect(names(loaded)).to.deep.equal(['d.proto', 'b.proto', 'c.proto', 'a.proto']);
    });

    it('that are missing list every place that was looked at.', async () => {
      write({ 'a/m.proto': main('a/none.proto') });
      const message = await refusal(loadProto([at('a/m.proto')], { includeDirs: [at('inc')] }));
      const lines = message.split('\n');
      expect(lines[0]).to.equal(
        `${at('a/m.proto')}:1:38: the import "a/none.proto" was not found; set includeDirs to the directory that it starts from. Looked for`,
      );
      expect(lines.slice(1, 4)).to.deep.equal([
        `  ${at('inc/a/none.proto')}`,
        `  ${at('a/a/none.proto')}`,
        `  ${at('a/none.proto')}`,
      ]);
      expect(lines[4]).to.equal(
        '  a file of that name among those that come with stubless (google/, grpc/, …)',
      );
    });

    it('in a circle are an error that names the circle.', async () => {
      write({
        'a.proto': `${HEAD}import "b.proto";`,
        'b.proto': `${HEAD}import "c.proto";`,
        'c.proto': `${HEAD}import "b.proto";`,
      });
      expect(await refusal(loadProto([at('a.proto')]))).to.match(
        /c\.proto:1:27: import cycle: b\.proto -> c\.proto -> b\.proto$/,
      );
    });

    for (const path of [
      '../d.proto',
      'x/../../d.proto',
      './d.proto',
      '/etc/d.proto',
      'C:/d.proto',
      'x\\\\d.proto',
      '',
      'x//d.proto',
    ]) {
      it(`are not ${path === '' ? 'empty' : path}.`, async () => {
        write({ 'in/m.proto': main(path), 'd.proto': dependency });
        expect(await refusal(loadProto([at('in/m.proto')]))).to.match(/m\.proto:1:38: .*import/);
      });
    }

    it('do not follow symbolic links out of their root.', async () => {
      write({ 'root/m.proto': main('d.proto'), 'd.proto': dependency });
      symlinkSync(at('d.proto'), at('root/d.proto'));
      const message = await refusal(loadProto([at('root/m.proto')]));
      expect(message).to.include(`${at('root/d.proto')} leads out of ${at('root')}`);
    });

    it('do not follow symbolic links of directories out of an include directory.', async () => {
      write({ 'm.proto': main('x/d.proto'), 'out/d.proto': dependency, 'root/e.proto': dependency });
      symlinkSync(at('out'), at('root/x'));
      const message = await refusal(loadProto([at('m.proto')], { includeDirs: [at('root')] }));
      expect(message).to.include(`${at('root/x/d.proto')} leads out of ${at('root')}`);
    });

    it('may be found through a root that is a symbolic link itself.', async () => {
      write({ 'm.proto': main('d.proto'), 'real/d.proto': dependency });
      symlinkSync(at('real'), at('link'));
      expect(names(await loadProto([at('m.proto')], { includeDirs: [at('link')] }))).to.have.length(2);
    });
  });

  describe('one file reached by two paths', () => {
    it('is one file, named as it is imported.', async () => {
      write({
        'a/b/m.proto': `${HEAD}import "b/d.proto"; message M { D d = 1; }`,
        'a/b/n.proto': `${HEAD}import "a/b/d.proto"; message N { D d = 1; }`,
        'a/b/d.proto': `${HEAD}message D {}`,
      });
      symlinkSync(at('a'), at('z'));
      const sources = [at('a/b/m.proto'), at('z/b/m.proto'), at('a/b/n.proto'), at('a/b/d.proto')];
      const loaded = await loadProto(sources, { includeDirs: [directory, at('a')] });
      expect(names(loaded)).to.deep.equal(['b/d.proto', 'a/b/m.proto', 'a/b/n.proto']);
      expect(loaded.files.map(({ dependency }) => dependency)).to.deep.equal([
        undefined,
        ['b/d.proto'],
        ['b/d.proto'],
      ]);
      expect(loaded.sources).to.deep.equal(['a/b/m.proto', 'a/b/m.proto', 'a/b/n.proto', 'b/d.proto']);
    });

    it('is told from another file of the same name.', async () => {
      write({ 'a/m.proto': `${HEAD}message A {}`, 'b/m.proto': `${HEAD}message B {}` });
      const loaded = await loadProto([at('a/m.proto'), at('b/m.proto')]);
      expect(names(loaded)).to.deep.equal(['m.proto', 'b/m.proto']);
    });
  });

  describe('definitions that two files have', () => {
    const money = `${HEAD}package acme; message Money { string currency = 1; Kind kind = 2; } enum Kind { ANY = 0; }`;
    const service = (name: string): string =>
      `${HEAD}package ${name}; import "common.proto"; service S { rpc Get(acme.Money) returns (acme.Money); }`;
    const copies: { name: string; other: string }[] = [
      { name: 'to the octet', other: money },
      { name: 'but for comments and spaces', other: money.replaceAll('; ', ';\n// A comment.\n') },
      { name: 'but for the line ends', other: money.replaceAll('; ', ';\r\n') },
      { name: 'but for an option of the file', other: `${money} option go_package = "elsewhere";` },
      {
        name: 'but for the order of fields',
        other: money.replace(/(string \S+ = 1;) (Kind \S+ = 2;)/, '$2 $1'),
      },
      {
        name: 'but for the type name being written in full',
        other: money.replace('Kind kind', '.acme.Kind kind'),
      },
    ];
    for (const c of copies) {
      it(`are one when they are the same ${c.name}.`, async () => {
        write({
          'a/api.proto': service('a'),
          'a/common.proto': money,
          'b/api.proto': service('b'),
          'b/common.proto': c.other,
        });
        for (const sources of [
          [at('a/api.proto'), at('b/api.proto')],
          ['a/api.proto', 'a/common.proto', 'b/api.proto', 'b/common.proto'].map((path) => {
            return { path: at(path), root: directory };
          }),
        ]) {
          const { files } = await loadProto(sources);
          const common = files.filter(({ messageType }) => messageType?.[0].name === 'Money');
          expect(common).to.have.length(1);
          const apis = files.filter(({ service: has }) => has !== undefined);
          expect(apis.map(({ dependency }) => dependency)).to.deep.equal([
            [common[0].name],
            [common[0].name],
          ]);
        }
      });
    }

    it('are one import for a file that imports both.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': money,
        'm.proto': `${HEAD}import "a/common.proto"; import public "b/common.proto"; message M { acme.Money m = 1; }`,
      });
      const { files } = await loadProto([at('m.proto')]);
      expect(files.map(({ name }) => name)).to.deep.equal(['a/common.proto', 'm.proto']);
      expect(files[1]).to.deep.include({ dependency: ['a/common.proto'], publicDependency: [0] });
    });

    it('leave their comments at the import that they are, and those of other imports where they are.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': money,
        'd.proto': HEAD,
        'm.proto': `${HEAD}
          // Of a.
          import "a/common.proto";
          // Of b.
          import "b/common.proto";
          // Of d.
          import "d.proto"; // Behind d.
          message M { acme.Money m = 1; }`,
      });
      const { files } = await loadProto([at('m.proto')]);
      const file = files.find(({ name }) => name === 'm.proto');
      expect(file?.dependency).to.deep.equal(['a/common.proto', 'd.proto']);
      const found = file?.sourceCodeInfo?.location?.filter(({ path }) => path?.[0] === 3);
      expect(
        found?.map(({ path, leadingComments, trailingComments }) => [
          String(path),
          leadingComments,
          trailingComments,
        ]),
      ).to.deep.equal([
        ['3,0', ' Of a.\n', undefined],
        ['3,0', ' Of b.\n', undefined],
        ['3,1', ' Of d.\n', ' Behind d.\n'],
      ]);
    });

    it('are fine where one file has more than the other.', async () => {
      write({
        'a/common.proto': money,
        'b/common.proto': `${money} message More { Money m = 1; }`,
        'a/api.proto': service('a'),
        'b/api.proto': service('b').replace('service', 'message N { acme.More m = 1; } service'),
      });
      const { files } = await loadProto([at('a/api.proto'), at('b/api.proto')]);
      expect(files).to.have.length(4);
    });

    it('are seen by way of imports alone, each from its own.', async () => {
      write({ 'a/common.proto': money, 'b/common.proto': `${money} message More {}` });
      write({
        'a/api.proto': service('a'),
        'b/api.proto': service('b').replace('import "common.proto";', ''),
      });
      const message = await refusal(loadProto([at('a/api.proto'), at('b/common.proto'), at('b/api.proto')]));
      expect(message).to.match(
        /b\/api\.proto:1:\d+: 'acme\.Money' is defined in (?:a\/)?common\.proto, which is not imported$/,
      );
    });

    const others: { name: string; other: string; at: string; as: string }[] = [
      {
        name: 'a type',
        other: money.replace('string currency', 'bytes currency'),
        at: '1:42',
        as: 'message',
      },
      { name: 'a field’s name', other: money.replace('currency', 'name'), at: '1:42', as: 'message' },
      { name: 'a number', other: money.replace('= 2', '= 3'), at: '1:42', as: 'message' },
      { name: 'a field more', other: money.replace('}', 'bool b = 9; }'), at: '1:42', as: 'message' },
      {
        name: 'an enum’s value',
        other: money.replace('ANY = 0;', 'ANY = 0; ONE = 1;'),
        at: '1:93',
        as: 'enum',
      },
    ];
    for (const c of others) {
      it(`are refused where they differ in ${c.name}, and both places are told.`, async () => {
        write({
          'a/api.proto': service('a'),
          'a/common.proto': money,
          'b/api.proto': service('b'),
          'b/common.proto': c.other,
        });
        const message = await refusal(loadProto([at('a/api.proto'), at('b/api.proto')]));
        expect(message).to.match(
          new RegExp(`^${at('b/common.proto')}:1:\\d+: 'acme\\.(?:Money|Kind)' is already`),
        );
        expect(message.slice(message.indexOf(' in '))).to.equal(
          ` in ${at('a/common.proto')}:${c.at}, as a different ${c.as}`,
        );
      });
    }

    const clashes: { name: string; one: string; other: string }[] = [
      { name: 'a message and an enum', one: 'message A {}', other: 'enum A { X = 0; }' },
      { name: 'values of two enums', one: 'enum A { X = 0; }', other: 'enum B { X = 0; }' },
      { name: 'a message and a package', one: 'message A {}', other: 'package A; message B {}' },
      { name: 'an enum and a value', one: 'enum A { X = 0; }', other: 'enum B { A = 0; }' },
    ];
    for (const c of clashes) {
      it(`are refused where they are ${c.name}, with both places.`, async () => {
        write({ 'a/m.proto': HEAD + c.one, 'b/m.proto': HEAD + c.other });
        const message = await refusal(loadProto([at('a/m.proto'), at('b/m.proto')]));
        expect(message)
          .to.contain(`${at('b/m.proto')}:1:`)
          .and.contain(` in ${at('a/m.proto')}:1:`);
      });
    }

    it('of descriptor.proto are those of the first edition.', async () => {
      const edition = (option: string): string =>
        `syntax = "proto2"; package google.protobuf; message FileOptions { optional string go_package = 11;
          optional string ${option} = 9999; extensions 50000 to max; }
        message MessageOptions { extensions 50000 to max; } message MethodOptions { extensions 50000 to max; }`;
      const user = (path: string, option: string): string =>
        `${HEAD}import "${path}"; option ${option} = "x"; extend google.protobuf.MessageOptions { string ${option}_m = 50001; }`;
      write({
        'a/descriptor.proto': edition('ours'),
        'a/m.proto': user('descriptor.proto', 'ours'),
        'b/google/protobuf/descriptor.proto': edition('theirs'),
        'b/m.proto': `${HEAD}import "google/protobuf/descriptor.proto"; import "google/api/annotations.proto";`,
      });
      const { files } = await loadProto([at('a/m.proto'), at('b/m.proto')]);
      const editions = files.filter(
        (file) => file.package === 'google.protobuf' && file.name.includes('descriptor'),
      );
      expect(editions.map(({ messageType }) => messageType?.[0].field?.[1].name)).to.deep.equal(['ours']);
    });
  });

  describe('public imports', () => {
    /** Each file imports the one before it publicly, and has a message of the type that `of` says. */
    function chain(count: number, of: (i: number) => string): void {
      write({ 'f0.proto': `${HEAD}message M0 {}` });
      for (let i = 1; i < count; i++) {
        const text = `${HEAD}import public "f${i - 1}.proto"; message M${i} { ${of(i)} m = 1; }`;
        write({ [`f${i}.proto`]: text });
      }
    }

    it('show what they lead to, however long they are.', async () => {
      chain(500, (i) => `M${i % 2 === 0 ? 0 : i - 1}`);
      expect((await loadProto([at('f499.proto')])).files).to.have.length(500);
    });

    it('that are not public show nothing.', async () => {
      chain(5, (i) => `M${i - 1}`);
      write({
        'm.proto': `${HEAD}import "f4.proto"; message M { M0 m = 1; }`,
        'n.proto': `${HEAD}import "m.proto"; message N { M0 m = 1; }`,
      });
      expect(await refusal(loadProto([at('n.proto')]))).to.contain(
        "'M0' is defined in f0.proto, which is not imported",
      );
    });

    for (const [what, of] of [
      ['near', (i: number) => `M${i - 1}`],
      ['far', () => 'M0'],
    ] as const) {
      it(`in a chain of 2,000 take less than five seconds of a processor, with types that are ${what}.`, async function () {
        this.timeout(30_000);
        chain(2000, of);
        const start = process.cpuUsage();
        await loadProto([at('f1999.proto')]);
        const { user, system } = process.cpuUsage(start);
        expect(user + system).to.be.lessThan(5_000_000);
      });
    }
  });

  describe('octets that are not UTF-8', () => {
    const octets = (...parts: readonly (string | readonly number[])[]): Buffer =>
      Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))));
    const load = async (...parts: readonly (string | readonly number[])[]): Promise<LoadedProto> => {
      writeFileSync(at('m.proto'), octets(...parts));
      return loadProto([at('m.proto')]);
    };
    const PROTO2 = 'syntax = "proto2"; ';
    const EXTENSION = `${PROTO2}import "google/protobuf/descriptor.proto"; extend google.protobuf.MessageOptions {
      optional bytes octets = 50001; optional string text = 50002; } `;

    it('are kept in the default of a bytes field.', async () => {
      const before = `${PROTO2}message M { optional bytes b = 1 [default = "é`;
      const { files } = await load(before, [0xff, 0xfe, 0x41, 0xc3], '\\303" "', [0x80], '€"]; }');
      const field = files[0].messageType?.[0].field?.[0];
      expect(field?.defaultValue).to.equal('\\303\\251\\377\\376A\\303\\303\\200\\342\\202\\254');
    });

    it('are kept in an option that is bytes.', async () => {
      const { files } = await load(EXTENSION, 'message M { option (octets) = "a', [0xff], 'b"; }');
      const options = files.at(-1)?.messageType?.[0].options;
      expect(options?.['[octets]']).to.deep.equal(Uint8Array.of(0x61, 0xff, 0x62));
    });

    it('are shown as U+FFFD in comments, and spans count them as octets.', async () => {
      const { files } = await load(PROTO2, '\n\n// L', [0xf6], 'we 😀\n\n/* ', [0xe4], ' */ message M {}');
      const location = files[0].sourceCodeInfo?.location?.find(({ path }) => String(path) === '4,0');
      expect(location?.leadingComments).to.equal(' \ufffd ');
      expect(location?.leadingDetachedComments).to.deep.equal([' L\ufffdwe 😀\n']);
      expect(location?.span).to.deep.equal([4, 8, 20]);
    });

    it('are no different for the halves of a character that escapes spell.', async () => {
      const { files } = await load(
        `${PROTO2}message M { optional string s = 1 [default = "\\ud83d\\ude00\\303\\251"]; }`,
      );
      expect(files[0].messageType?.[0].field?.[0].defaultValue).to.equal('😀é');
    });

    it('are kept in bytes where an escape spells half a character.', async () => {
      const { files } = await load(
        `${PROTO2}message M { optional bytes b = 1 [default = "\\ud83d" "\\ude00"]; }`,
      );
      expect(files[0].messageType?.[0].field?.[0].defaultValue).to.equal('\\355\\240\\275\\355\\270\\200');
    });

    const refused: { name: string; parts: readonly (string | readonly number[])[]; says: RegExp }[] = [
      {
        name: 'the default of a string field',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "`, [0xff], '"]; }'],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'the default of a string field, by an escape',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "\\377"]; }`],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'the default of a string field, by half a character',
        parts: [`${PROTO2}\nmessage M { optional string s = 1 [default = "\\ud83d"]; }`],
        says: /m\.proto:2:46: found octets that are not UTF-8/,
      },
      {
        name: 'an option that is a string, by an escape',
        parts: [EXTENSION, '\nmessage M { option (text) = "a\\377b"; }'],
        says: /m\.proto:3:29: found octets that are not UTF-8/,
      },
      {
        name: 'an option that is a string',
        parts: [EXTENSION, '\nmessage M { option (text) = "a', [0xc3], '"; }'],
        says: /m\.proto:3:29: found octets that are not UTF-8/,
      },
      {
        name: 'a json_name',
        parts: [`${HEAD}message M { string s = 1 [json_name = "`, [0x80], '"]; }'],
        says: /m\.proto:1:58: found octets that are not UTF-8/,
      },
      {
        name: 'an import',
        parts: [`${HEAD}import "`, [0xe2, 0x82], '.proto";'],
        says: /m\.proto:1:27: found octets that are not UTF-8/,
      },
      {
        name: 'what is no string',
        parts: [`${HEAD}message `, [0xe4], ' {}'],
        says: /m\.proto:1:28: found an octet \(228, not UTF-8\), which is not allowed outside strings/,
      },
    ];
    for (const c of refused) {
      it(`are refused in ${c.name}, with line and column.`, async () => {
        expect(await refusal(load(...c.parts))).to.match(c.says);
      });
    }

    it('come back as they were from any text.', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
          const text = decodeProtoText(bytes);
          expect(Buffer.from(octetsOf(text))).to.deep.equal(Buffer.from(bytes));
          const expected = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
          if (!expected.includes('\ufffd')) expect(text).to.equal(expected);
          expect(hasRaw(text)).to.equal(!isUtf8(bytes));
          expect(withoutRaw(text).replaceAll('\ufffd', '')).to.equal(expected.replaceAll('\ufffd', ''));
        }),
      );
    });
  });

  describe('what is no .proto file', () => {
    it('is refused when it is a directory.', async () => {
      mkdirSync(at('d.proto'));
      expect(await refusal(loadProto([at('d.proto')]))).to.include('d.proto is a directory');
    });

    it('is refused when it is a device.', async () => {
      expect(await refusal(loadProto(['/dev/zero']))).to.include('/dev/zero is not a regular file');
    });

    it('is refused, and not waited for, when it is a FIFO that is imported.', async () => {
      execFileSync('mkfifo', [at('f.proto')]);
      write({ 'm.proto': `${HEAD}import "f.proto";` });
      expect(await refusal(loadProto([at('m.proto')]))).to.include('f.proto is not a regular file');
    });

    it('is read when it is a FIFO that was named.', async () => {
      execFileSync('mkfifo', [at('f.proto')]);
      write({ 'd.proto': dependencyOf('F') });
      const loading = loadProto([at('f.proto')]);
      await writeFile(at('f.proto'), `${HEAD}import "d.proto"; message M { F f = 1; }`);
      expect(names(await loading)).to.deep.equal(['d.proto', 'f.proto']);
    });

    it('is refused when it is binary.', async () => {
      write({ 'b.proto': 'a\0b' });
      expect(await refusal(loadProto([at('b.proto')]))).to.include('b.proto is a binary file');
    });

    it('is not quoted.', async () => {
      expect(await refusal(loadProto(['/etc/passwd']))).to.match(
        /^\/etc\/passwd:1:1: found a word, expected package,/,
      );
    });

    it(`is refused at MAX_PROTO_FILE_BYTES + 1 octets, and read at MAX_PROTO_FILE_BYTES.`, async () => {
      const comment = (octets: number): string => `//${' '.repeat(octets - 2)}`;
      write({ 'max.proto': comment(MAX_PROTO_FILE_BYTES), 'more.proto': '' });
      truncateSync(at('more.proto'), MAX_PROTO_FILE_BYTES + 1);
      expect(names(await loadProto([at('max.proto')]))).to.deep.equal(['max.proto']);
      expect(await refusal(loadProto([at('more.proto')]))).to.include(
        `more.proto has ${MAX_PROTO_FILE_BYTES + 1} bytes, more than MAX_PROTO_FILE_BYTES ${MAX_PROTO_FILE_BYTES}`,
      );
    });
  });

  it('names errors in an imported file by that file.', async () => {
    write({ 'm.proto': `${HEAD}import "d.proto";`, 'd.proto': `${HEAD}\nmessage D { X x = 1; }` });
    expect(await refusal(loadProto([at('m.proto')]))).to.equal(`${at('d.proto')}:2:13: 'X' is not defined`);
  });

  it('refuses a type that another file keeps local.', async () => {
    write({
      'm.proto': `edition = "2024"; import "d.proto"; message M { D d = 1; L l = 2; }`,
      'd.proto': 'edition = "2024"; message D {} local message L {}',
    });
    expect(await refusal(loadProto([at('m.proto')]))).to.match(/m\.proto:1:58: 'L' is local to d\.proto$/);
  });

  it('gives independent loads equal results at the same time.', async () => {
    const load = (): Promise<LoadedProto> => loadProto(['google/api/annotations.proto', 'helloworld.proto']);
    const [first, second] = await Promise.all([load(), load()]);
    expect(names(first)).to.deep.equal(names(second));
    expect(first.files[0]).to.equal(second.files[0]);
  });
});
