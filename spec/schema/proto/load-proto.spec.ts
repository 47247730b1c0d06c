import { symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect } from 'chai';
import type { DescriptorProto } from '../../../lib/schema/descriptors/descriptor-types.ts';
import { type LoadedProto, loadProto, loadProtoSource } from '../../../lib/schema/proto/load-proto.ts';
import { rejection } from '../../support/closing.ts';
import { HEAD, names, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { write, at } = protoDirectory();

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
      expect(names(await loadProtoSource(text, 'x/a.proto', { includeDirs: [at('.')] }))).to.deep.equal([
        'b.proto',
        'x/a.proto',
      ]);
      expect(await refusal(loadProtoSource(text, 'x/a.proto'))).to.match(
        /^x\/a\.proto:1:27: the import "b\.proto" was not found; set includeDirs to the directory that it starts from\. Looked for\n {2}a file of that name among those that come with stubless \(google\/, grpc\/, …\)$/,
      );
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
      const loaded = await loadProto(sources, { includeDirs: [at('.'), at('a')] });
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

  it('names errors in an imported file by that file.', async () => {
    write({ 'm.proto': `${HEAD}import "d.proto";`, 'd.proto': `${HEAD}\nmessage D { X x = 1; }` });
    expect(await refusal(loadProto([at('m.proto')]))).to.equal(`${at('d.proto')}:2:13: 'X' is not defined`);
  });

  it('looks for a name from the innermost scope outwards, whatever it meant elsewhere.', async () => {
    const text = `${HEAD}package p.q;
      message Outside { X x = 1; q.X y = 2; }
      message Inside { message X {} X x = 1; q.X y = 2; message Deeper { X x = 1; Y y = 2; } enum Y { A = 0; } }
      message Hidden { X X = 1; message q { message X {} } q.X y = 2; }
      message Again { X x = 1; q.X y = 2; }
      message X {}`;
    const { files } = await loadProtoSource(text, 'm.proto');
    const types = (message: DescriptorProto): unknown[] => [
      message.name,
      ...(message.field ?? []).map(({ typeName }) => typeName),
      ...(message.nestedType ?? []).filter(({ field }) => field !== undefined).map(types),
    ];
    expect(files[0].messageType?.map(types)).to.deep.equal([
      ['Outside', '.p.q.X', '.p.q.X'],
      ['Inside', '.p.q.Inside.X', '.p.q.X', ['Deeper', '.p.q.Inside.X', '.p.q.Inside.Y']],
      ['Hidden', '.p.q.X', '.p.q.Hidden.q.X'],
      ['Again', '.p.q.X', '.p.q.X'],
      ['X'],
    ]);
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
