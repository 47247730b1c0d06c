import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OutputStream, ProcessOutput } from '../../../lib/cli/command/process-output.ts';

/** A stream that notes what it is given. */
function noted(): OutputStream & { readonly text: () => string; readonly events: string[] } {
  const parts: Buffer[] = [];
  const events: string[] = [];
  const stream: OutputStream & { text: () => string; events: string[] } = {
    events,
    text: () => Buffer.concat(parts).toString(),
    write(data, done) {
      parts.push(Buffer.from(data as Uint8Array));
      done?.();
      return false;
    },
    on(event) {
      events.push(`on ${event}`);
      return stream;
    },
    off(event) {
      events.push(`off ${event}`);
      return stream;
    },
  };
  return stream;
}

describe('an output of the process', () => {
  let folder = '';
  let descriptor = -1;
  before(function () {
    // There all goes through the stream.
    if (process.platform === 'win32') this.skip();
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-output-'));
    descriptor = openSync(join(folder, 'out'), 'w');
  });
  afterEach(() => {
    closeSync(descriptor);
    rmSync(folder, { recursive: true, force: true });
  });
  const written = (): string => readFileSync(join(folder, 'out'), 'utf8');

  it('opens no stream for a line or two', () => {
    const output = new ProcessOutput(descriptor, () => expect.fail('opened'));
    expect([output.isTTY, output.columns]).to.deep.equal([false, undefined]);
    expect(output.write('one\n')).to.equal(true);
    expect(output.write(Buffer.from('zwölf\n'))).to.equal(true);
    expect(written()).to.equal('one\nzwölf\n');
  });

  it('says when it has written', async () => {
    const output = new ProcessOutput(descriptor, () => expect.fail('opened'));
    await new Promise<void>((resolve) => output.write('', resolve));
    await new Promise<void>((resolve) => output.write('x', resolve));
    expect(written()).to.equal('x');
  });

  it('opens the stream for more, once, and keeps to it and its listeners', () => {
    const stream = noted();
    let opened = 0;
    const output = new ProcessOutput(descriptor, () => {
      opened++;
      return stream;
    });
    const gone = (): void => {};
    output
      .on('error', () => {})
      .on('drain', gone)
      .off('drain', gone);
    output.write('first ');
    expect(output.write('x'.repeat(4096))).to.equal(false);
    output.on('drain', gone).off('drain', gone);
    output.write('last');
    expect(opened).to.equal(1);
    expect(written()).to.equal('first ');
    expect(stream.text()).to.equal(`${'x'.repeat(4096)}last`);
    expect(stream.events).to.deep.equal(['on error', 'on drain', 'off drain']);
  });

  it('tells what cannot be written, as a stream does: later', async () => {
    const readOnly = openSync(join(folder, 'out'), 'r');
    const output = new ProcessOutput(readOnly, () => expect.fail('opened'));
    const errors: string[] = [];
    output.on('error', (error) => errors.push((error as NodeJS.ErrnoException).code ?? ''));
    const done = new Promise<void>((resolve) => output.write('x', resolve));
    expect(errors).to.deep.equal([]);
    await done;
    closeSync(readOnly);
    expect(errors).to.deep.equal(['EBADF']);
  });

  it('is no terminal where it is closed', () => {
    const closed = openSync(join(folder, 'out'), 'r');
    closeSync(closed);
    expect(new ProcessOutput(closed, () => expect.fail('opened')).isTTY).to.equal(false);
  });
});
