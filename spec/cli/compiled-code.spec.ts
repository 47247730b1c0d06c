// The code that V8 made in an earlier run: that it is used, that nothing of another file or another V8 is, and that a pack which
// is not whole costs nothing but time.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { expect } from 'chai';
import { CompiledCode } from '../../lib/cli/compiled-code.ts';

describe('code that is kept for the next run', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'stubless-code-'));
    mkdirSync(join(folder, 'kept'));
    write('main.cjs', "exports.answer = require('./part.cjs').double(21); exports.where = __filename;");
    write('part.cjs', 'exports.double = (n) => n * 2;');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const pack = (): string => join(folder, 'kept', 'main');
  const packed = (): Buffer => readFileSync(pack());
  const run = (): unknown => {
    const code = new CompiledCode(pack());
    const exported = code.require(join(folder, 'main.cjs'));
    code.keep();
    return exported;
  };
  const ANSWER = (): unknown => ({ answer: 42, where: join(folder, 'main.cjs') });

  it('is written once, and gives the same', () => {
    expect(run()).to.deep.equal(ANSWER());
    const first = packed();
    utimesSync(pack(), 1, 1);
    expect(run()).to.deep.equal(ANSWER());
    expect(packed().equals(first)).to.equal(true);
    expect(readdirSync(join(folder, 'kept'))).to.deep.equal(['main']);
  });

  it('is written again for a file that has changed, be it as long as before', () => {
    run();
    const first = packed();
    write('part.cjs', 'exports.double = (n) => n * 3;');
    expect(run()).to.deep.include({ answer: 63 });
    expect(packed().equals(first)).to.equal(false);
    expect(run()).to.deep.include({ answer: 63 });
  });

  it('is written again for what ran in addition', () => {
    run();
    const { length } = packed();
    write('more.cjs', 'exports.more = 1;');
    write('main.cjs', "exports.answer = require('./part.cjs').double(21); require('./more.cjs');");
    run();
    expect(packed().length).to.be.above(length);
    expect(packed().toString('latin1')).to.include('more.cjs');
  });

  it('has the files of all runs, whichever was last', () => {
    write('one.cjs', 'exports.one = 1;');
    write('main.cjs', 'exports.load = (name) => require(name);');
    const load = (name: string): void => {
      const code = new CompiledCode(pack());
      (code.require(join(folder, 'main.cjs')) as { load(name: string): unknown }).load(name);
      code.keep();
    };
    load('./one.cjs');
    load('./part.cjs');
    const both = packed();
    load('./one.cjs');
    load('./part.cjs');
    expect(packed().equals(both)).to.equal(true);
    rmSync(join(folder, 'one.cjs'));
    write('main.cjs', 'exports.load = (name) => require(name); // changed');
    load('./part.cjs');
    expect(packed().toString('latin1')).to.include('part.cjs').and.not.include('one.cjs');
  });

  const broken: [string, (whole: Buffer) => Buffer | string][] = [
    ['is empty', () => ''],
    ['is something else', () => 'x'.repeat(5000)],
    ['was cut off', (whole) => whole.subarray(0, whole.length >> 1)],
    ['is of another V8', ofAnotherV8],
    // As after a power cut. V8 would not look at it, and crash.
    ['lost what is inside', (whole) => Buffer.from(whole).fill(0, whole.length - 400, whole.length - 200)],
  ];
  /** V8 begins its code with a magic number, and what it is made of and for. */
  function ofAnotherV8(whole: Buffer): Buffer {
    const length = whole.readUInt32LE(0);
    const code = Buffer.from(whole.subarray((4 + length + 7) & ~7));
    const files = JSON.parse(whole.toString('latin1', 4, 4 + length)) as { from: number; to: number }[];
    const others = files.map(({ from, to, ...file }) => {
      code[from + 4] ^= 0xff;
      return { ...file, from, to, sum: crc32(code.subarray(from, to)) };
    });
    const head = Buffer.from(JSON.stringify(others));
    const before = Buffer.alloc((4 + head.length + 7) & ~7);
    before.writeUInt32LE(head.length, 0);
    head.copy(before, 4);
    return Buffer.concat([before, code]);
  }
  for (const [name, breakIt] of broken) {
    it(`is made anew where it ${name}`, () => {
      run();
      const whole = packed();
      writeFileSync(pack(), breakIt(whole));
      expect(run()).to.deep.equal(ANSWER());
      expect(Math.abs(packed().length - whole.length)).to.be.below(64);
    });
  }

  it('is not needed, and not missed where it cannot be written', () => {
    expect(new CompiledCode(undefined).require(join(folder, 'main.cjs'))).to.deep.equal(ANSWER());
    rmSync(join(folder, 'kept'), { recursive: true });
    writeFileSync(join(folder, 'kept'), '');
    expect(run()).to.deep.equal(ANSWER());
  });

  it('is written beside what a killed process of the same number left', () => {
    writeFileSync(`${pack()}.${process.pid}`, '');
    run();
    expect(readdirSync(join(folder, 'kept'))).to.include('main');
  });

  it('leaves nothing behind where it cannot be put in place', () => {
    mkdirSync(join(pack(), 'in the way'), { recursive: true });
    expect(run()).to.deep.equal(ANSWER());
    expect(readdirSync(join(folder, 'kept'))).to.deep.equal(['main']);
  });

  it('of nobody stays for ever', () => {
    const old = join(folder, 'kept', 'old');
    writeFileSync(old, '');
    utimesSync(old, 1, 1);
    run();
    expect(readdirSync(join(folder, 'kept'))).to.deep.equal(['main']);
  });

  it('gives one module however often it is required, and what throws, throws', () => {
    write('main.cjs', "exports.same = require('./part.cjs') === require('./part.cjs');");
    expect(run()).to.deep.equal({ same: true });
    write('main.cjs', "throw new RangeError('no');");
    expect(run).to.throw(RangeError, 'no');
  });

  it('keeps the lines of its file', () => {
    write('main.cjs', "\n\nexports.line = /main\\.cjs:(\\d+)/.exec(new Error('x').stack)[1];");
    expect(run()).to.deep.equal({ line: '3' });
  });

  it('may be in a folder of any name, and has an import()', async () => {
    const own = join(folder, 'Zoë 文');
    mkdirSync(own);
    writeFileSync(join(own, 'main.cjs'), "exports.loaded = require.import(__dirname + '/part.mjs');");
    writeFileSync(join(own, 'part.mjs'), 'export const answer = 42;');
    for (const _ of [1, 2]) {
      const code = new CompiledCode(pack());
      const { loaded } = code.require(join(own, 'main.cjs')) as { loaded: Promise<{ answer: number }> };
      expect((await loaded).answer).to.equal(42);
      code.keep();
    }
  });
});
