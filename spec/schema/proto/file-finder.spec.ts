import { symlinkSync } from 'node:fs';
import { expect } from 'chai';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { HEAD, names, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { write, at } = protoDirectory();

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
});
