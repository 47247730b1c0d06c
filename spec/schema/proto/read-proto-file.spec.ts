import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { loadProto } from '../../../lib/schema/proto/load-proto.ts';
import { MAX_PROTO_FILE_BYTES } from '../../../lib/schema/proto/read-proto-file.ts';
import { dependencyOf, HEAD, names, protoDirectory, refusal } from './proto-directory.ts';

describe('Loading .proto files', () => {
  const { write, at } = protoDirectory();

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

    it('is read once when it is a FIFO that was named twice.', async () => {
      execFileSync('mkfifo', [at('f.proto')]);
      symlinkSync(at('f.proto'), at('g.proto'));
      const loading = loadProto([at('f.proto'), at('g.proto')]);
      await writeFile(at('f.proto'), `${HEAD}message F {}`);
      const { files, sources } = await loading;
      expect(files.map(({ name }) => name)).to.deep.equal(['f.proto']);
      expect(sources).to.deep.equal(['f.proto', 'f.proto']);
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
});
