import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync, symlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { expect } from 'chai';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { HEAD, names, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { write, at } = protoDirectory();

  describe('imports', () => {
    const main = (path: string): string => `${HEAD}package p; import "${path}"; message M { .D d = 1; }`;
    const dependency = `${HEAD}message D {}`;

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
        const said = execFileSync(process.execPath, ['-e', script], { cwd: at('.'), encoding: 'utf8' });
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
  });
});
