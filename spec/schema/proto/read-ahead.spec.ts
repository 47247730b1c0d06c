import { expect } from 'chai';
import { ReadAhead } from '../../../lib/schema/proto/read-ahead.ts';
import type { FileRead } from '../../../lib/schema/proto/read-proto-file.ts';

const AHEAD = 32;
const PATHS: readonly string[] = Array.from({ length: 3 * AHEAD }, (_, i) => `/${i}.proto`);

const read = (realPath: string): Promise<FileRead> =>
  Promise.resolve({ kind: 'text', realPath, text: realPath });

describe('Reading ahead', () => {
  it('begins a bounded number of reads, and another for each that is taken.', async () => {
    const begun: string[] = [];
    const ahead = new ReadAhead(PATHS, (path) => {
      begun.push(path);
      return read(path);
    });
    for (const [i, path] of PATHS.entries()) {
      expect(begun).to.deep.equal(PATHS.slice(0, i + AHEAD));
      expect(await ahead.take(path)).to.deep.equal(await read(path));
    }
    expect(begun).to.deep.equal(PATHS);
  });

  it('gives each file once, and none that it was not asked to read.', () => {
    const ahead = new ReadAhead(['/a.proto', '/a.proto'], read);
    expect(ahead.take('/a.proto')).to.be.instanceOf(Promise);
    expect(ahead.take('/a.proto')).to.equal(undefined);
    expect(ahead.take('/b.proto')).to.equal(undefined);
  });

  it('tells a fault to whoever takes the file, and to nobody else.', async () => {
    const fault = new Error('disk');
    const ahead = new ReadAhead(['/a.proto', '/b.proto'], () => Promise.reject(fault));
    // An unhandled rejection of the other one would end the process.
    await new Promise((resolve) => setImmediate(resolve));
    expect(await ahead.take('/b.proto')?.catch((error: unknown) => error)).to.equal(fault);
  });
});
