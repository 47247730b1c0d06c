// What standard input is, and what is made of requests that are piped in without being asked for.

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { implicitInput, standardInput } from '../../../lib/cli/command/standard-input.ts';
import { TurnedTime } from '../../support/time/turned-time.ts';

describe('Standard input', () => {
  it('is nothing when it is /dev/null or closed', () => {
    const none = openSync('/dev/null', 'r');
    expect(standardInput(none, () => false)).to.equal('nothing');
    closeSync(none);
    expect(standardInput(none, () => false)).to.equal('nothing');
  });

  it('is a terminal when it is a device that is one', () => {
    const device = openSync('/dev/null', 'r');
    expect(standardInput(device, () => true)).to.equal('terminal');
    closeSync(device);
  });

  it('is piped when it is a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'stubless-stdin-'));
    const path = join(folder, 'x.json');
    writeFileSync(path, '{}');
    const file = openSync(path, 'r');
    try {
      expect(standardInput(file, () => true)).to.equal('piped');
    } finally {
      closeSync(file);
      rmSync(folder, { recursive: true });
    }
  });

  it('is piped when it is a pipe, of a shell or of another program', async () => {
    const module = new URL('../../../lib/cli/command/standard-input.js', import.meta.url).href;
    const code = `import { standardInput } from '${module}'; console.log(standardInput(0, () => true))`;
    const words = ['--input-type=module', '-e', code];
    const shell = spawnSync('sh', ['-c', 'true | "$0" "$@"', process.execPath, ...words], {
      encoding: 'utf8',
    });
    expect(shell.stdout).to.equal('piped\n');
    const child = spawn(process.execPath, words, { stdio: ['pipe', 'pipe', 'inherit'] });
    const [said] = await Promise.all([
      new Promise((resolve) => child.stdout.once('data', (data) => resolve(String(data)))),
      new Promise((resolve) => child.once('close', resolve)),
    ]);
    expect(said).to.equal('piped\n');
  });
});

describe('What is piped in without -d', () => {
  const read = async (input: AsyncIterable<string>, silenceMs = 10_000): Promise<[string, number[]]> => {
    const silences: number[] = [];
    let text = '';
    const told = { onSilence: (ms: number) => silences.push(ms), onLate: () => silences.push(Infinity) };
    for await (const chunk of implicitInput(input, told, silenceMs)) text += String(chunk);
    return [text, silences];
  };

  it('is all of it, however long its pauses are once it has begun', async () => {
    const time = new TurnedTime();
    async function* input(): AsyncGenerator<string> {
      yield 'a';
      await time.pass(50);
      yield 'b';
    }
    // The pause is longer than silence at the beginning may be; that the first comes at once is what counts.
    try {
      expect(await read(input(), 20)).to.deep.equal(['ab', []]);
    } finally {
      time.close();
    }
  });

  it('is nothing when it ends at once', async () => {
    async function* input(): AsyncGenerator<string> {}
    expect(await read(input())).to.deep.equal(['', []]);
  });

  it('is told when it stays silent, and counts as nothing', async () => {
    async function* input(): AsyncGenerator<string> {
      yield await new Promise<string>(() => {});
    }
    expect(await read(input(), 5)).to.deep.equal(['', [5]]);
  });

  it('is told, too, when it comes after that', async () => {
    let send: (text: string) => void = () => {};
    async function* input(): AsyncGenerator<string> {
      yield await new Promise<string>((resolve) => {
        send = resolve;
      });
    }
    const [text, told] = await read(input(), 5);
    send('late');
    await new Promise((resolve) => setImmediate(resolve));
    expect(text).to.equal('');
    expect(told).to.deep.equal([5, Infinity]);
  });
});
