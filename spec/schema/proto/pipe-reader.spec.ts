// Pipes that a user names: read to their end, bounded, and never in the way of the process's end.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isPipe, readPipe } from '../../../lib/schema/proto/pipe-reader.ts';
import { turns } from '../../support/time/turned-time.ts';

describe('Reading a pipe', () => {
  let directory: string;
  let fifo: string;
  beforeEach(function () {
    directory = mkdtempSync(join(tmpdir(), 'stubless-pipe-'));
    fifo = join(directory, 'fifo');
    if (spawnSync('mkfifo', [fifo]).status !== 0) this.skip();
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const read = (maxBytes = 1e9, writerTimeoutMs?: number): Promise<Uint8Array | undefined> =>
    readPipe(fifo, statSync(fifo), maxBytes, writerTimeoutMs);

  it('knows a pipe from files and devices', () => {
    expect(isPipe(fifo, statSync(fifo))).to.equal(true);
    expect(isPipe(directory, statSync(directory))).to.equal(false);
    expect(isPipe('/dev/null', statSync('/dev/null'))).to.equal(false);
  });

  it('takes what comes in pieces and late', async () => {
    const reading = read();
    const writer = await open(fifo, 'w');
    for (const piece of ['a', 'b', Buffer.alloc(300_000)]) {
      await turns(50);
      await writer.writeFile(piece);
    }
    await writer.close();
    const bytes = await reading;
    expect(bytes).to.have.length(300_002);
    expect(
      Buffer.from(bytes ?? [])
        .subarray(0, 3)
        .toString(),
    ).to.equal('ab\0');
  });

  for (const [limit, length] of [
    [100_000, 100_000],
    [99_999, undefined],
  ]) {
    it(`takes ${length === undefined ? 'no more than' : 'as much as'} the limit`, async () => {
      const written = once(spawn('sh', ['-c', 'head -c 100000 /dev/zero > "$0"', fifo]), 'exit');
      expect((await read(limit))?.length).to.equal(length);
      await written;
    });
  }

  it('gives up when nobody writes', async () => {
    let message = '';
    await read(1, 50).catch((error: Error) => {
      message = error.message;
    });
    expect(message).to.equal(`${fifo} cannot be loaded: nothing has written to this pipe for 0.05 s`);
  });

  it('does not keep a process from ending', () => {
    const module = JSON.stringify(import.meta.resolve('../../../lib/schema/proto/pipe-reader.js'));
    const script = `import(${module}).then(({ readPipe }) => {
      readPipe(process.argv[1], require('fs').statSync(process.argv[1]), 1);
      setTimeout(() => process.exit(3), 100);
    })`;
    const { status } = spawnSync(process.execPath, ['-e', script, fifo], { timeout: 8000 });
    expect(status).to.equal(3);
  });

  it('ends with what nobody has written to an anonymous pipe', () => {
    const module = JSON.stringify(import.meta.resolve('../../../lib/schema/proto/pipe-reader.js'));
    const script = `import(${module})
      .then(({ readPipe }) => readPipe('/dev/fd/0', require('fs').statSync('/dev/fd/0'), 1))
      .then(({ length }) => console.log(length))`;
    const words = ['-c', ': | "$0" -e "$1"', process.execPath, script];
    expect(execFileSync('sh', words, { encoding: 'utf8', timeout: 8000 }).trim()).to.equal('0');
  });
});
