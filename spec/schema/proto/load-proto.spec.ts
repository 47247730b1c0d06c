import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import { type LoadedProto, loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { MAX_PROTO_FILE_BYTES } from '../../../lib/schema/proto/read-proto-file.ts';

const HEAD = 'syntax = "proto3"; ';

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

    it('may be among the schemas that ship with the package.', async () => {
      const loaded = await loadProto(['grpc/health/v1/health.proto', 'route_guide.proto']);
      expect(names(loaded)).to.deep.equal(['grpc/health/v1/health.proto', 'route_guide.proto']);
    });

    it('that are missing list every place tried.', async () => {
      const message = await refusal(loadProto(['no/such.proto'], { includeDirs: [at('x'), at('y')] }));
      expect(message).to.match(/^no\/such\.proto cannot be loaded; tried\n/);
      const places = message.split('\n').slice(1);
      expect(places.slice(0, 3)).to.deep.equal([
        `  ${at('x/no/such.proto')}`,
        `  ${at('y/no/such.proto')}`,
        `  ${join(process.cwd(), 'no/such.proto')}`,
      ]);
      expect(places[3]).to.match(/\/protos\/no\/such\.proto$/);
    });

    for (const source of ['https://example.com/a.proto', new URL('http://a/b.proto'), 'data://x']) {
      it(`are no other URLs (${String(source)}).`, async () => {
        expect(await refusal(loadProto([source]))).to.match(/of URLs only file: URLs are read$/);
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
        /^x\/a\.proto:1:27: the import "b\.proto" is not to be found; tried\n {2}\S+\/protos\/b\.proto$/,
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

    it('that are missing list every place tried.', async () => {
      write({ 'a/m.proto': main('a/none.proto') });
      const message = await refusal(loadProto([at('a/m.proto')], { includeDirs: [at('inc')] }));
      const lines = message.split('\n');
      expect(lines[0]).to.equal(
        `${at('a/m.proto')}:1:38: the import "a/none.proto" is not to be found; tried`,
      );
      expect(lines.slice(1, 4)).to.deep.equal([
        `  ${at('inc/a/none.proto')}`,
        `  ${at('a/a/none.proto')}`,
        `  ${at('a/none.proto')}`,
      ]);
      expect(lines[4]).to.match(/\/protos\/a\/none\.proto$/);
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

  describe('what is no .proto file', () => {
    it('is refused when it is a directory.', async () => {
      mkdirSync(at('d.proto'));
      expect(await refusal(loadProto([at('d.proto')]))).to.include('d.proto is a directory');
    });

    it('is refused when it is a device.', async () => {
      expect(await refusal(loadProto(['/dev/zero']))).to.include('/dev/zero is no regular file');
    });

    it('is refused, and not waited for, when it is a FIFO.', async () => {
      execFileSync('mkfifo', [at('f.proto')]);
      write({ 'm.proto': `${HEAD}import "f.proto";` });
      expect(await refusal(loadProto([at('f.proto')]))).to.include('f.proto is no regular file');
      expect(await refusal(loadProto([at('m.proto')]))).to.include('f.proto is no regular file');
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
